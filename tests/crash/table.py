"""The table at the end: how often a deletion was lost, done twice, or could be undone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from tests.crash.run import Kind, Outcome

HEAD: tuple[str, ...] = (
    "database",
    "kind",
    "runs",
    "kills",
    "lost",
    "double",
    "recoverable",
    "other harm",
    "bound",
)


def lines(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Yield the lines of the table.

    The bound is the rule of three: where none of N runs failed, at most 3/N of all such runs do,
    at 95 % confidence.
    """
    groups: list[tuple[str, str]] = sorted({(o.run.database, o.run.kind) for o in outcomes})
    rows = [HEAD]
    for database, kind in groups:
        of = [o for o in outcomes if (o.run.database, o.run.kind) == (database, kind)]
        rows.append(_row(database, kind, of))
    rows.append(_row("both" if len({d for d, _ in groups}) > 1 else "all", "all", outcomes))
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEAD))]
    for row in rows:
        first = " ".join(each.ljust(width) for each, width in zip(row[:2], widths[:2], strict=True))
        rest = zip(row[2:], widths[2:], strict=True)
        yield "  ".join([first, *(each.rjust(width) for each, width in rest)])
    restarted = sum(outcome.restarted for outcome in outcomes)
    if restarted:
        yield f"{restarted} times trouble without a kill left work to a fresh process."


def failures(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """Yield what went wrong, and how to do it again."""
    for outcome in outcomes:
        if not outcome.wrong:
            continue
        run = outcome.run
        short = " --short" if run.asked == 1 else ""
        yield (
            f"{run.database} {run.kind} {run.number}"
            f"{'' if outcome.at is None else f' ({outcome.at})'}: "
            f"python -m tests.crash --database {run.database} --seed {run.seed} "
            f"--only {run.kind}:{run.number}{short}  # left in {outcome.folder}"
        )
        yield from (f"    {wrong.kind}: {wrong.what}" for wrong in outcome.wrong)


def points(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """Yield what the kills at boundaries hit, and how often."""
    hit = Counter(o.at for o in outcomes if o.run.kind is Kind.BOUNDARY and o.at is not None)
    for at, times in sorted(hit.items()):
        yield f"{times:5} {at}"


def _row(database: str, kind: str, outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    def failed(kind: str) -> str:
        return str(sum(any(w.kind == kind for w in outcome.wrong) for outcome in outcomes))

    clean = bool(outcomes) and not any(outcome.wrong for outcome in outcomes)
    return (
        database,
        kind,
        str(len(outcomes)),
        str(sum(outcome.kills for outcome in outcomes)),
        *(failed(kind) for kind in ("lost", "double", "recoverable", "harm")),
        f"{min(300 / len(outcomes), 100):.2f} %" if clean else "-",
    )
