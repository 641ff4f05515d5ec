"""The demo on a terminal: you write as the merchant, and as a Care agent with /care."""

from __future__ import annotations

import time

import click

from bot.sandbox.script import BIRCH, ORDER
from bot.sandbox.stage import Stage

INTRODUCTION = f"""
You are Mara Quill of Birch & Brook, in #birch-and-brook with Jetpack Care's bot.
Lines that start with /care are typed by Ines Falk, an agent of Care.

  try   can you fulfil prime orders?
        where is {ORDER}
        the buyer is Odalys Fennimore, 4417 Larkspur Hollow Road, call 415-555-0142
        /care tickets        /care ticket JC-1        /care resolve JC-1
        stored               what the database holds of your messages
        quit                 the end
"""
QUIET_SECONDS = 0.8
"""The bot has said all when it was quiet for this long."""
PATIENCE_SECONDS = 8.0


def converse(stage: Stage) -> None:
    """Talk until the person quits."""
    merchant, agent = stage.slack.person("Mara Quill"), stage.slack.person("Ines Falk")
    agent.commands("/care", f"link {BIRCH}", BIRCH)
    _listen(stage)
    click.echo(INTRODUCTION)
    while True:
        try:
            line = click.prompt("you", prompt_suffix="> ").strip()
        except (click.Abort, EOFError):
            break
        if line in ("quit", "exit"):
            break
        if line == "stored":
            click.echo("\n".join(stage.stored()) or "nothing yet")
        elif line.startswith("/care"):
            agent.commands("/care", line.removeprefix("/care").strip(), BIRCH)
            _listen(stage)
        else:
            merchant.writes(line, BIRCH)
            _listen(stage)


def _listen(stage: Stage) -> None:
    """Print what is said until the bot falls silent."""
    end = time.monotonic() + PATIENCE_SECONDS
    last = time.monotonic()
    heard = 0
    while time.monotonic() < end and (heard < 2 or time.monotonic() - last < QUIET_SECONDS):
        for line in stage.said():
            click.echo("  " + line)
            heard += 1
            last = time.monotonic()
        time.sleep(0.05)
