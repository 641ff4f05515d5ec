"""The commands about the keyring: show, rotate."""

from __future__ import annotations

import time

import click

from bot import showing
from bot.cli.command import Group, records


@click.group(cls=Group)
def keys() -> None:
    """Rotate the keyring's epoch keys, show how they stand."""


@keys.command("show")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def show_keys(as_json: bool) -> None:
    """Show the current epoch, its age and how many data keys there are. Never a key.

    Of the data keys, those that are waiting are wrapped by an older epoch; those that are lost
    by one that was destroyed, as in a backup that was restored.
    """
    with records() as opened:
        found = showing.keys(opened)
    click.echo(showing.as_json(found) if as_json else showing.field_lines(found))


@keys.command("rotate")
@click.option(
    "--grace",
    type=click.FloatRange(0, 3_600),
    default=10,
    show_default=True,
    help="Seconds to wait before the old keys are destroyed, for transactions that still read.",
)
@click.option("--json", "as_json", is_flag=True, help="As keys show, afterwards.")
def rotate_keys(grace: float, as_json: bool) -> None:
    """Begin another epoch now, wrap all data keys by it, destroy the old ones' keys.

    The worker does this once a day. What was deleted before is then beyond the reach of any
    backup of the database, and so is a copy of the keyring that was made before.

    \b
    Example:
      jetpack-care keys rotate
    """
    with records() as opened:
        epoch = opened.upkeep.rotate(opened.upkeep.clock(), at_once=True, by=showing.BY)
        click.echo(f"Waiting {grace:g} s before the old keys are destroyed.", err=True)
        time.sleep(grace)
        opened.upkeep.retire(epoch, by=showing.BY)
        found = showing.keys(opened)
    click.echo(showing.as_json(found) if as_json else showing.field_lines(found))
