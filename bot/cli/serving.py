"""The commands that serve: demo, run, web, worker; and those before: migrate, check."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from bot import app, log, serve
from bot.checking import check as look
from bot.cli.command import Command, settings


@click.command(cls=Command)
@click.option("--keep", type=click.Path(path_type=Path), help="Folder for the demo's data.")
def demo(keep: Path | None) -> None:
    """Play the main job against a sandbox Slack: no account, no network.

    On a terminal it is a conversation: you write as the merchant, and as a Care agent with /care.
    Without a terminal it plays a script and exits 0 only if every step ended as it should.

    \b
    Examples:
      jetpack-care demo
      jetpack-care demo </dev/null
    """
    # Imported here: the sandbox is no part of the bot that serves.
    from bot.sandbox import play

    sys.exit(play.play(keep=keep, interactive=sys.stdin.isatty() and sys.stdout.isatty()))


@click.command(cls=Command)
def run() -> None:
    """Be the bot: Socket Mode, worker, schedules and hooks in one process.

    Needs SLACK_BOT_TOKEN and SLACK_APP_TOKEN. SQLite under CARE_HOME unless DATABASE_URL is set.
    """
    with _bot("SLACK_APP_TOKEN") as bot:
        serve.run(bot)


@click.command(cls=Command)
def web() -> None:
    """Serve HTTP: Slack's events, hooks, health and metrics. Workers do the work."""
    with _bot("SLACK_SIGNING_SECRET") as bot:
        serve.serve_web(bot)


@click.command(cls=Command)
def worker() -> None:
    """Work on what the web processes enqueued. Give each worker a CARE_WORKER name of its own."""
    with _bot() as bot:
        serve.serve_worker(bot)


@click.command(cls=Command)
def migrate() -> None:
    """Create the database or bring it to the newest schema."""
    app.migrate(settings())
    log.log(log.Event.MIGRATED)


@click.command(cls=Command)
def check() -> None:
    """Tell what is configured, what is missing and whether everything is reachable."""
    failed = False
    for finding in look(settings(), datetime.now(UTC).date()):
        mark = "ok" if finding.ok else "FAILED" if finding.needed else "missing"
        click.echo(f"{mark:8}{finding.name}: {finding.note}")
        failed = failed or (finding.needed and not finding.ok)
    sys.exit(1 if failed else 0)


@contextmanager
def _bot(*needed: str) -> Iterator[app.Bot]:
    told = settings()
    told.require("SLACK_BOT_TOKEN", *needed)
    with app.build(told) as bot:
        yield bot
