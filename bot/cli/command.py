"""What every command of the command line shares: its errors, its settings, its records."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from bot import app, log
from bot.errors import CareError
from bot.records import Records
from bot.settings import Settings, from_environment
from nlp.errors import LanguageError
from storage.errors import StorageError


class Command(click.Command):
    """A command whose known errors are one line on standard error and exit code 1."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except (CareError, StorageError, LanguageError) as error:
            click.echo(f"jetpack-care: {error}", err=True)
            ctx.exit(1)
        except BrokenPipeError:
            click.echo("jetpack-care: Nobody reads the output any more.", err=True)
            raise  # click ends with 1 and without a traceback


class Group(click.Group):
    """A group of such commands."""

    command_class = Command


Group.group_class = Group


def settings() -> Settings:
    """Read the settings and set logging up."""
    found = from_environment()
    log.configure(found.log_level)
    return found


@contextmanager
def records() -> Iterator[Records]:
    """Open the records that the settings name."""
    with app.records(settings()) as opened:
        yield opened
