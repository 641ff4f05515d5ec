"""Messages, mentions, edits and deletions."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from slack_bolt import Ack, App, BoltRequest

from bot.arrivals import read_event
from bot.errors import PayloadRefused, PayloadTooLarge
from bot.log import Event, failure, log
from bot.slack.doors import Doors
from bot.slack.listeners.taking import retries, take
from nlp.text import RawText


def register(app: App, doors: Doors) -> None:
    """Listen to `message` and `app_mention`."""
    for event in ("message", "app_mention"):
        app.event(event)(partial(_message, doors))


def _message(doors: Doors, body: Mapping[str, object], req: BoltRequest, ack: Ack) -> None:
    """Take in an event."""
    try:
        mention = doors.mentions.read(body)
        if mention is not None:
            doors.mentions.run(mention)
            ack()
            return
        arrival = read_event(body)
    except PayloadTooLarge as error:
        failure(Event.PAYLOAD_REFUSED, error)
        refused = read_event(body, lift=_nothing)
        if refused is not None:
            doors.intake.refuse(refused)
        ack()
        return
    except PayloadRefused as error:
        failure(Event.PAYLOAD_REFUSED, error)
        ack()
        return
    if arrival is None:
        log(Event.EVENT_IGNORED)
    else:
        take(doors.intake, arrival, retries(req))
    ack()


def _nothing(_message: Mapping[str, object]) -> RawText:
    return RawText("")
