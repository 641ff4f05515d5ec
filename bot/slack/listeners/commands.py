"""The slash command `/care`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

from slack_bolt import Ack, App

from bot.errors import PayloadRefused, SlackBusy, SlackRefused
from bot.interactions import Command, read_command
from bot.log import Event, failure
from bot.replies import NOT_STORED
from bot.slack.doors import Doors
from nlp.errors import ScrubbingFailed
from storage.errors import UnknownTicket
from storage.ids import TicketId

COMMAND: Final = "/care"


def register(app: App, doors: Doors) -> None:
    """Listen to `/care`."""
    app.command(COMMAND)(partial(_command, doors))


def _open(doors: Doors, command: Command, ticket: int) -> None:
    """Open a ticket's modal. Where Slack does not, the command's answer says how without it."""
    try:
        doors.slack.open_view(
            team=command.team,
            trigger_id=command.event,
            view=doors.modal.view(TicketId(ticket)),
        )
    except (SlackBusy, SlackRefused, UnknownTicket) as error:
        failure(Event.REPLY_FAILED, error)


def _command(doors: Doors, body: Mapping[str, object], ack: Ack) -> None:
    """Run it; the answer is the acknowledgement, seen by its author alone."""
    try:
        command = read_command(body)
        reply = doors.agents.run(command)
    except (ScrubbingFailed, PayloadRefused) as error:
        failure(Event.SCRUBBING_FAILED, error)
        ack(text=NOT_STORED, response_type="ephemeral")
    else:
        if reply.form is not None:
            # Without a reason the values are asked for in a modal, which has the list of reasons.
            _open(doors, command, reply.form)
        blocks = [dict(block) for block in reply.blocks]
        ack(text=reply.text, blocks=blocks or None, response_type="ephemeral")
