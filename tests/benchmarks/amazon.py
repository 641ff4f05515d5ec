"""How much of reading Amazon is our own: `python -m tests.benchmarks.amazon`.

The sandbox Amazon, in a process of its own and with limits that do not bind, gives all that it has;
the real command reads it into PostgreSQL, buyers and all. Printed are what an order costs our
process and the database, against the time that Amazon's documented limits allow it, and how much
memory the process takes in each quarter of the run.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, NullPool, create_engine, text

from bot import app
from bot.amazon.operations import Operation, plan
from bot.amazon.orders_api import PAGE
from bot.sandbox.amazon import SandboxAmazon
from bot.settings import from_environment
from tests.conftest import LOCAL_SERVER, postgresql_database_of
from tests.house_rules import ROOT

SELLER = "birch-and-brook"
DAYS = 28
"""Over how many days the orders are spread: hardly one is old enough to come redacted."""
TARGET_MS = 1.0
TARGET_MB = 150.0
_TICKS = os.sysconf("SC_CLK_TCK")
_EVERY = 0.2


@dataclass(kw_only=True)
class Watched:
    """What was seen of the reading process while it ran.

    Attributes:
        cpu: Processor seconds of the process.
        database_cpu: Processor seconds of its connections in the server.
        memory: Megabytes, each time that it was looked at.
    """

    wall: float = 0.0
    cpu: float = 0.0
    database_cpu: float = 0.0
    memory: list[float] = field(default_factory=list)


def serve(orders: int, returns: int) -> None:
    """Be the sandbox Amazon until the standard input closes."""
    with SandboxAmazon() as amazon:
        amazon.add_seller(SELLER, orders=orders, returns=returns, seed=1, days=DAYS)
        for operation in ("searchOrders", "getReport", "createReport", "getReportDocument"):
            amazon.limits.set(operation, rate=900, burst=900)
        amazon.reports.queue_seconds = amazon.reports.run_seconds = 0
        sys.stdout.write(json.dumps(dict(amazon.environment())) + "\n")
        sys.stdout.flush()
        sys.stdin.read()


@contextmanager
def sandbox(orders: int, returns: int) -> Iterator[dict[str, str]]:
    """Run the sandbox in a process of its own. Yields the settings that point at it."""
    command = [sys.executable, "-m", "tests.benchmarks.amazon", "--serve"]
    sizes = ["--orders", str(orders), "--returns", str(returns)]
    with subprocess.Popen(
        [*command, *sizes], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        if process.stdout is None or process.stdin is None:
            raise AssertionError("the sandbox has no streams")
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.stdin.close()


def read(settings: dict[str, str], server: Engine) -> Watched:
    """Run `orders sync` and watch it. Raises CalledProcessError where it fails."""
    name = settings["DATABASE_URL"].rpartition("/")[2]
    seen, found = dict[int, float](), Watched()
    began = time.monotonic()
    command = [sys.executable, "-m", "bot", "orders", "sync"]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **settings})
    with server.connect() as connection:
        query = text("SELECT pid FROM pg_stat_activity WHERE datname = :name")
        while process.poll() is None:
            for pid in connection.execute(query, {"name": name}).scalars():
                seen[pid] = _cpu(pid) or seen.get(pid, 0.0)
            found.cpu = _cpu(process.pid) or found.cpu
            found.memory += _memory(process.pid)
            time.sleep(_EVERY)
    found.wall, found.database_cpu = time.monotonic() - began, sum(seen.values())
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return found


def main() -> int:
    """Measure and print. Returns 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--returns", type=int, default=10_000)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.serve:
        serve(told.orders, told.returns)
        return 0
    server = create_engine(LOCAL_SERVER, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with (
        TemporaryDirectory() as home,
        postgresql_database_of(server) as url,
        sandbox(told.orders, told.returns) as pointed,
    ):
        settings = {**pointed, "CARE_HOME": home, "DATABASE_URL": url, "SP_API_PII": "true"}
        app.migrate(from_environment(settings))
        whole = read(settings, server)
        counts = _counts(url)
        # The same command with nothing left to read, for what starting costs.
        start = read(settings, server)
    allowed = plan(Operation.SEARCH_ORDERS)
    if allowed is None:
        raise AssertionError("searchOrders has a limit")
    own = (whole.cpu - start.cpu) / counts["orders"] * 1000
    database = (whole.database_cpu - start.database_cpu) / counts["orders"] * 1000
    limit = 1000 / allowed.rate / PAGE
    quarter = max(1, len(whole.memory) // 4)
    peaks = [max(whole.memory[at : at + quarter]) for at in range(0, quarter * 4, quarter)]
    lines = (
        f"{counts['orders']:,} orders, {counts['packages']:,} packages, {counts['items']:,} items, "
        f"{counts['returns']:,} returns in {whole.wall:.0f} s, the sandbox included",
        f"our process           {own:8.3f} ms an order   (target {TARGET_MS} ms)",
        f"the database          {database:8.3f} ms an order",
        f"Amazon's limit        {limit:8.0f} ms an order   "
        f"{limit / (own + database):,.0f} times both",
        f"memory by quarters    {', '.join(f'{peak:.0f}' for peak in peaks)} MB   "
        f"(target {TARGET_MB:.0f} MB; {start.memory[-1]:.0f} MB with nothing to read)",
    )
    sys.stdout.write("\n".join(lines) + "\n")
    return int(own > TARGET_MS or max(whole.memory) > TARGET_MB)


def _counts(url: str) -> dict[str, int]:
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        return {
            table: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
            for table in ("orders", "packages", "items", "returns")
        }


def _cpu(pid: int) -> float:
    """Return the processor seconds of a process, 0 where it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _memory(pid: int) -> list[float]:
    """Return the resident megabytes of a process, nothing where it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return []
    return [int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:")]


if __name__ == "__main__":
    sys.exit(main())
