"""The buttons of a ticket's card in Care's channel, and the form for a reply."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial

from slack_bolt import Ack, App, BoltRequest, Respond

from bot.cards.triage import ACTIONS, ANSWER
from bot.errors import SlackBusy, SlackRefused
from bot.interactions import read_answer, read_press
from bot.lifting import mapping, string
from bot.log import Event, failure
from bot.slack.doors import Doors
from bot.slack.listeners.taking import retries, take
from bot.slack.views import ANSWER_VIEW, TRY_AGAIN, answer_view


def register(app: App, doors: Doors) -> None:
    """Listen to the card's buttons and to its form."""
    others = "|".join(action for action in ACTIONS if action != ANSWER)
    app.action(re.compile(rf"^({others})$"))(partial(_press, doors))
    app.action(ANSWER)(partial(_answer, doors))
    app.view(ANSWER_VIEW)(partial(_answered, doors))


def _press(doors: Doors, body: Mapping[str, object], ack: Ack) -> None:
    doors.cards.take(read_press(body))
    ack()


def _answer(doors: Doors, body: Mapping[str, object], ack: Ack, respond: Respond) -> None:
    """Open the form for a reply to the merchant."""
    press = read_press(body)
    with doors.cards.store.begin() as records:
        ticket = doors.cards.admitted(records, press)
    ack()
    if ticket is None:
        return
    view = answer_view(ticket, f"{press.channel}|{press.ts}")
    try:
        doors.slack.open_view(team=press.team, trigger_id=string(body, "trigger_id"), view=view)
    except (SlackBusy, SlackRefused) as error:
        # The trigger is good for three seconds and once.
        failure(Event.REPLY_FAILED, error, ticket=ticket)
        respond(text=TRY_AGAIN, response_type="ephemeral", replace_original=False)


def _answered(doors: Doors, body: Mapping[str, object], req: BoltRequest, ack: Ack) -> None:
    """Take in the form."""
    place = string(mapping(body, "view"), "private_metadata")
    take(doors.intake, read_answer(body, place), retries(req))
    ack()
