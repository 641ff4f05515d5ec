"""The commands about orders and returns: import, show, redact."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import UTC, datetime

import click
from tqdm import tqdm

from bot import app, showing, syncing
from bot.cli.command import Command, Group, records, settings
from bot.cli.importing import take_file


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
    take_file(file, "orders", lambda imports, lines: imports.orders(lines))


@orders.command("sync")
@click.option(
    "--merchant", "merchants", multiple=True, help="This merchant alone; may be repeated."
)
def sync_orders(merchants: tuple[str, ...]) -> None:
    """Read orders and returns from Amazon until all that there is has been read.

    Of every seller whose SP_API_REFRESH_TOKEN_... is set. It goes on where it was stopped, and
    keeps to Amazon's limits: where these allow no call it waits. What is odd is named in a line;
    the exit code is 1 where a seller could not be read. A worker does all of this by itself.

    \b
    Examples:
      jetpack-care orders sync
      jetpack-care orders sync --merchant birch-and-brook
    """
    told = settings()
    told.require("SELLERS")
    with app.records(told) as opened, tqdm(desc="Amazon", unit=" rows", disable=None) as shown:
        failed = syncing.run(opened, merchants, shown)
    sys.exit(1 if failed else 0)


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
    take_file(file, "returns", lambda imports, lines: imports.returns(lines))


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
