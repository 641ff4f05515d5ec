"""What the commands that import a file share: the file is taken, its bad rows are named."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import click

from bot import app
from bot.cli.command import settings
from bot.imports import Imports, Taken
from bot.progress import lines_of
from bot.records import utc_now

Take = Callable[[Imports, Iterator[str]], Iterator[Taken]]


def take_file(file: str, what: str, take: Take) -> None:
    """Import a file, name each bad row by line and reason, and exit 1 where there is one.

    Args:
        file: Its path, `-` for standard input.
        what: What its rows are, such as `orders`.
        take: Which of the imports takes its lines.

    Raises:
        ImportRefused: It cannot be imported at all.
    """
    told = settings()
    with app.records(told) as opened:
        imports = Imports(
            store=opened.store,
            clock=utc_now,
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
