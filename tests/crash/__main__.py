"""`python -m tests.crash --kills 1000`: kill -9 while deletions run; exit 1 where one was lost.

PostgreSQL is the server of the tests (`TEST_DATABASE_URL`), left out where there is none.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from itertools import chain, count, islice, takewhile
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url
from tqdm import tqdm

from tests.conftest import LOCAL_SERVER
from tests.crash import children, table
from tests.crash.place import Template
from tests.crash.plan import Plan
from tests.crash.run import Kind, Outcome, Run, perform, rehearse
from tests.crash.verdict import stored
from tests.crash.world import World, build

SAMPLE = 10
"""Boundaries of PostgreSQL in the short version."""


def main() -> int:
    """Do the runs, print the table. Returns the exit code."""
    given = _given()
    server = _server()
    kinds = [given.database] if given.database else ["sqlite", "postgresql"]
    if server is None and "postgresql" in kinds:
        sys.stderr.write("No PostgreSQL server is reachable (TEST_DATABASE_URL): left out.\n")
        kinds.remove("postgresql")
    root = Path(tempfile.mkdtemp(prefix="care-crash-", dir=_memory()))
    outcomes: list[Outcome] = []
    until = time.monotonic() + given.seconds
    with ExitStack() as templates:
        plans: list[tuple[Template, Plan]] = []
        for kind in kinds:
            template = templates.enter_context(
                _template(root / kind, server if kind == "postgresql" else None)
            )
            asked = 1 if given.short else 2
            span, points = rehearse(template, root / f"{kind}-rehearsal", asked)
            plans.append(
                (
                    template,
                    Plan(database=kind, seed=given.seed, span=span, points=points, asked=asked),
                )
            )
        share = given.kills // max(len(kinds), 1)
        # The smaller part first, so that it is never what a limit of time cuts off.
        for template, drawn in reversed(plans):
            runs, enough = _runs(given, drawn, share)
            timely = takewhile(lambda _: time.monotonic() < until, runs)
            outcomes += _performed(timely, template, root, enough=enough, jobs=given.jobs)
            if enough is None and time.monotonic() >= until:
                # The one that came too late is counted as well.
                sys.stdout.write(f"{drawn.database}: {1 + sum(1 for _ in runs)} runs left out\n")
    _print(outcomes, points=given.points)
    with suppress(OSError):
        root.rmdir()  # Stays where a run went wrong.
    return int(any(outcome.wrong for outcome in outcomes) or not outcomes)


def _given() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="kills in all (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="where the chances come from")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], help="both without")
    parser.add_argument(
        "--jobs",
        type=int,
        default=2 * (os.cpu_count() or 1),
        help="runs side by side (%(default)s); most of a run is waiting",
    )
    parser.add_argument(
        "--only", help="boundary, random or trouble; or one run to do again, boundary:37"
    )
    parser.add_argument(
        "--short",
        action="store_true",
        help="every boundary once on SQLite, a sample of them on PostgreSQL",
    )
    parser.add_argument(
        "--seconds", type=float, default=float("inf"), help="begin no run after so many"
    )
    parser.add_argument("--points", action="store_true", help="print the points that were hit")
    return parser.parse_args()


def _runs(given: argparse.Namespace, drawn: Plan, share: int) -> tuple[Iterator[Run], int | None]:
    """Return the runs, and the number of kills after which it is enough."""
    if given.only:
        kind, _, number = given.only.partition(":")
        if number:
            return iter([drawn.run(Kind(kind), int(number))]), None
        of_kind = (run for run in drawn.without_end() if run.kind is Kind(kind))
        # Where nothing is killed, the runs are counted.
        return (islice(of_kind, share), None) if kind == Kind.TROUBLE else (of_kind, share)
    if given.short and drawn.database == "sqlite":
        return drawn.every_boundary(), None
    return (drawn.sample(SAMPLE), None) if given.short else (drawn.without_end(), share)


def _performed(
    runs: Iterator[Run], template: Template, root: Path, *, enough: int | None, jobs: int
) -> list[Outcome]:
    """Do runs side by side until there are none, or enough kills."""
    outcomes: list[Outcome] = []
    numbers = count(1)
    # The processes are forked before the progress bar and the pool start threads, and stay clean
    # of threads and connections themselves: they fork a child for all that.
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("fork")) as pool:
        waiting: set[Future[Outcome]] = set()

        def submit() -> None:
            for run in islice(runs, 1):
                folder = root / f"{run.database}-{next(numbers)}"
                waiting.add(pool.submit(perform, run, template, folder))

        for _ in range(jobs):
            submit()
        name = template.original.url.partition(":")[0].partition("+")[0]
        with tqdm(total=enough, desc=name, unit="kill", disable=None) as shown:
            while waiting:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    outcomes.append(future.result())
                    shown.update(outcomes[-1].kills)
                    if enough is None or sum(each.kills for each in outcomes) < enough:
                        submit()
    return outcomes


@contextmanager
def _template(folder: Path, server: str | None) -> Iterator[Template]:
    """Make the world in a database to copy. It is dropped at the end."""
    folder.mkdir()
    name = f"care_crash_{secrets.token_hex(4)}" if server else str(folder / "care.db")
    template = Template(server=server, name=name, folder=folder)
    template.make()

    def fill() -> None:
        place = template.original
        world = build(place, datetime.now(UTC))
        world.save(folder / "world.json")

    def search() -> None:
        # The positive control: what is searched for afterwards is found while it is there.
        world = World.load(folder / "world.json")
        assert server is not None or stored(template.original, world) == {*world.wrapped}

    try:
        for work in (fill, search):
            if not children.done(work, folder / "log"):
                raise RuntimeError((folder / "log").read_text())
        yield template
    finally:
        template.drop()
        for path in sorted(folder.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        folder.rmdir()
        with suppress(OSError):
            folder.with_name(f"{folder.name}-rehearsal").rmdir()


def _server() -> str | None:
    """Return the address of the tests' PostgreSQL server, None where none is reachable."""
    url = make_url(os.environ.get("TEST_DATABASE_URL", LOCAL_SERVER))
    if url.get_backend_name() != "postgresql":
        return None
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        psycopg.connect(plain, connect_timeout=3).close()
    except psycopg.OperationalError:
        return None
    return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def _memory() -> str | None:
    """Return a folder in memory, where there is one; what is killed are processes alone.

    What a killed process has written stays, on a disk or not: only waiting for the disk is saved.
    """
    shared = Path("/dev/shm")
    return str(shared) if shared.is_dir() and os.access(shared, os.W_OK) else None


def _print(outcomes: list[Outcome], *, points: bool) -> None:
    shown = chain(
        table.points(outcomes) if points else (),
        table.lines(outcomes),
        table.failures(outcomes),
    )
    for line in shown:
        sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
