"""A ticket's modal: opened from a message's menu, pressed in, and sent for the values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Final

from slack_bolt import Ack, App, Respond

from bot.cards.ticket import ACTIONS, REASON, VIEW
from bot.care.agents import NO_TICKET, REFUSED
from bot.errors import SlackBusy, SlackRefused
from bot.interactions import read_home_press, read_person, read_place
from bot.lifting import mapping, string
from bot.log import Event, failure
from bot.slack.doors import Doors
from bot.slack.views import TRY_AGAIN, failed_view
from storage.ids import TicketId, ticket_id

SHORTCUT: Final = "care_ticket"


def register(app: App, doors: Doors) -> None:
    """Listen to the shortcut and to the modal."""
    app.shortcut(SHORTCUT)(partial(_shortcut, doors))
    app.action(re.compile(rf"^({'|'.join(ACTIONS)})$"))(partial(_pressed, doors))
    app.view(VIEW)(partial(_sent, doors))


def _shortcut(doors: Doors, body: Mapping[str, object], ack: Ack, respond: Respond) -> None:
    """Open the modal of the ticket that a message belongs to."""
    place = read_place(body)
    ack()
    if not doors.modal.admits(place.user_team, place.user, "ticket"):
        respond(text=REFUSED, response_type="ephemeral", replace_original=False)
        return
    ticket = doors.modal.ticket_at(place.team, place.channel, place.ts, place.thread_ts)
    if ticket is None:
        respond(text=NO_TICKET, response_type="ephemeral", replace_original=False)
        return
    try:
        doors.slack.open_view(
            team=place.team,
            trigger_id=string(body, "trigger_id"),
            view=doors.modal.view(ticket),
        )
    except (SlackBusy, SlackRefused) as error:
        failure(Event.REPLY_FAILED, error, ticket=ticket)
        respond(text=TRY_AGAIN, response_type="ephemeral", replace_original=False)


def _pressed(doors: Doors, body: Mapping[str, object], ack: Ack) -> None:
    """Do what was pressed, and show the ticket as it is then."""
    press, ticket = read_home_press(body), _ticket(body)
    if not doors.modal.admits(press.user_team, press.user, "press"):
        ack()
        return
    doors.modal.act(ticket, press.action, by=press.user)
    ack()
    view_id = string(mapping(body, "view"), "id")
    doors.slack.update_view(team=press.team, view_id=view_id, view=doors.modal.view(ticket))


def _sent(doors: Doors, body: Mapping[str, object], ack: Ack) -> None:
    """Show the values to the agent who said why, in the modal itself, which Slack does not keep."""
    person, ticket = read_person(body), _ticket(body)
    if not doors.modal.admits(*person, "values"):
        ack(response_action="update", view=dict(failed_view(REFUSED)))
        return
    values = mapping(mapping(mapping(body, "view"), "state"), "values")
    chosen = mapping(mapping(mapping(values, REASON), "reason"), "selected_option")
    view = doors.modal.reveal(ticket, string(chosen, "value"), by=person[1])
    ack(response_action="update", view=dict(view))


def _ticket(body: Mapping[str, object]) -> TicketId:
    return ticket_id(string(mapping(body, "view"), "private_metadata"))
