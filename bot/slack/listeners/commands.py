"""The slash command `/care`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

from slack_bolt import Ack, App

from bot.arrivals import read_command
from bot.errors import PayloadRefused
from bot.log import Event, failure
from bot.replies import NOT_STORED
from bot.slack.doors import Doors
from nlp.errors import ScrubbingFailed

COMMAND: Final = "/care"


def register(app: App, doors: Doors) -> None:
    """Listen to `/care`."""
    app.command(COMMAND)(partial(_command, doors))


def _command(doors: Doors, body: Mapping[str, object], ack: Ack) -> None:
    """Run it; the answer is the acknowledgement, seen by its author alone."""
    try:
        reply = doors.agents.run(read_command(body))
    except (ScrubbingFailed, PayloadRefused) as error:
        failure(Event.SCRUBBING_FAILED, error)
        ack(text=NOT_STORED, response_type="ephemeral")
    else:
        blocks = [dict(block) for block in reply.blocks]
        ack(text=reply.text, blocks=blocks or None, response_type="ephemeral")
