"""`jetpack-care demo`: the play, scripted or as a conversation."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from bot.sandbox.conversation import converse
from bot.sandbox.script import Script, amazon_sellers
from bot.sandbox.stage import stage


def play(*, keep: Path | None, interactive: bool) -> int:
    """Play. Returns the exit code: 0 if everything ended as it should.

    Args:
        keep: Folder for the data; a temporary one, deleted at the end, when left out.
        interactive: Whether somebody sits at a terminal.
    """
    with _home(keep) as home:
        click.echo("Starting the bot against the sandbox Slack and Amazon ...", err=True)
        with stage(home, sellers=amazon_sellers) as ready:
            if interactive:
                converse(ready)
                return 0
            script = Script(stage=ready, tell=click.echo)
            held = script.play()
    if held:
        click.echo("\nThe play ended as it should.")
        return 0
    click.echo(f"\n{len(script.failed)} checks failed: {'; '.join(script.failed)}")
    return 1


@contextmanager
def _home(keep: Path | None) -> Iterator[Path]:
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="jetpack-care-") as folder:
            yield Path(folder)
    else:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep
