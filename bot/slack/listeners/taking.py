"""Taking an arrival in, and what becomes of one that cannot be scrubbed."""

from __future__ import annotations

from typing import Final

from slack_bolt import BoltRequest

from bot.arrivals import Arrival
from bot.intake import Intake
from bot.log import Event, failure
from nlp.errors import ScrubbingFailed, TextTooLong

LAST_RETRY: Final = 3
"""Slack sends an event at most three times again."""


def take(intake: Intake, arrival: Arrival, retry: int) -> None:
    """Take an arrival in.

    If it cannot be scrubbed, nothing is acknowledged until Slack's last try; then the writer is
    told.
    """
    try:
        intake.receive(arrival)
    except ScrubbingFailed as error:
        failure(Event.SCRUBBING_FAILED, error, team=arrival.team, event_id=arrival.event)
        if retry < LAST_RETRY and not isinstance(error, TextTooLong):
            raise
        intake.refuse(arrival)


def retries(req: BoltRequest) -> int:
    """Return how often Slack sent this before."""
    number = (req.headers.get("x-slack-retry-num") or ["0"])[0]
    return int(number) if number.isdigit() else 0
