"""The commands about shipments: import."""

from __future__ import annotations

import click

from bot.cli.command import Group
from bot.cli.importing import take_file


@click.group(cls=Group)
def shipments() -> None:
    """Bring in what is known of packages."""


@shipments.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
def import_shipments(file: str) -> None:
    """Take shipments from CSV or JSON lines; README.md documents the columns.

    Good rows are taken; each bad one is named by line and reason, and the exit code is 1. A row
    whose order is not known yet waits for it for 60 days.

    \b
    Example:
      jetpack-care shipments import bot/sandbox/samples/shipments.csv
    """
    take_file(file, "shipments", lambda imports, lines: imports.shipments(lines))
