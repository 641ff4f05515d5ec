"""The commands about orders and returns: import, show, redact."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime

import click
from tqdm import tqdm

from bot import app, showing
from bot.cli.command import Command, Group, records, settings
from bot.imports import Imports, Taken
from bot.progress import lines_of


@click.group(cls=Group)
def orders() -> None:
    """Bring orders in, show one."""


@orders.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
def import_orders(file: str) -> None:
    """Take orders from CSV or JSON lines; README.md documents the columns.

    Good rows are taken; each bad one is named by line and reason, and the exit code is 1.

    \b
    Example:
      jetpack-care orders import bot/sandbox/samples/orders.csv
    """
    _import(file, "orders", lambda imports, lines: imports.orders(lines))


@orders.command("show")
@click.argument("order_id")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, fields as in the import.")
def show_order(order_id: str, as_json: bool) -> None:
    """Show one order. Its PII shows until its time is up; that it was shown is audited.

    \b
    Example:
      jetpack-care orders show 113-5550142-5550142 --json
    """
    with records() as opened:
        found = showing.order(opened, order_id)
    click.echo(showing.as_json(found) if as_json else showing.field_lines(found))


@click.group(cls=Group)
def returns() -> None:
    """Bring returns in."""


@returns.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
def import_returns(file: str) -> None:
    """Take returns from CSV or JSON lines; README.md documents the columns.

    \b
    Example:
      jetpack-care returns import bot/sandbox/samples/returns.csv
    """
    _import(file, "returns", lambda imports, lines: imports.returns(lines))


@click.command(cls=Command)
@click.option("--now", metavar="TIME", help="As if it were this time (ISO 8601 with offset).")
@click.option("--dry-run", is_flag=True, help="Count, redact nothing.")
@click.option("--json", "as_json", is_flag=True, help='{"due", "redacted", "already"}')
def redact(now: str | None, dry_run: bool, as_json: bool) -> None:
    """Redact the PII of orders whose time is up or falls due before the next sweep.

    \b
    Examples:
      jetpack-care redact --dry-run
      jetpack-care redact --now 2026-12-24T00:00:00Z --json
    """
    at = _moment(now) if now else datetime.now(UTC)
    # A bar appears where standard error is a terminal and there is something to do.
    with records() as opened, tqdm(desc="orders", unit="order", disable=None, delay=1) as shown:

        def told(redacted: int, due: int) -> None:
            shown.total = due
            shown.update(redacted)

        found = asdict(opened.upkeep.redact(at, dry_run=dry_run, told=told))
    click.echo(showing.as_json(found) if as_json else showing.inline(found))


def _import(
    file: str, what: str, take: Callable[[Imports, Iterator[str]], Iterator[Taken]]
) -> None:
    told = settings()
    with app.records(told) as opened:
        imports = Imports(
            store=opened.store,
            clock=app.utc_now,
            retention_days=told.retention_days,
            redact_postal_code=told.redact_postal_code,
        )
        with lines_of(file, what) as lines:
            good = bad = 0
            for taken in take(imports, lines):
                if taken.problem:
                    bad += 1
                    click.echo(f"line {taken.line}: {taken.problem}", err=True)
                else:
                    good += 1
    click.echo(f"{good} rows of {what} taken, {bad} refused", err=True)
    sys.exit(1 if bad else 0)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.utcoffset() is None:
        raise click.BadParameter(
            "an ISO 8601 time with its offset, such as 2026-12-24T00:00:00Z", param_hint="--now"
        )
    return moment
