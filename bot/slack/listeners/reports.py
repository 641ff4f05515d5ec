"""The message shortcut "Report to Jetpack Care" and its form."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

from slack_bolt import Ack, App, BoltRequest

from bot.errors import SlackBusy, SlackRefused
from bot.interactions import read_report, report_place, report_team
from bot.lifting import lift_message, mapping, string
from bot.log import Event, failure
from bot.slack.doors import Doors
from bot.slack.listeners.taking import retries, take
from bot.slack.views import REPORT_VIEW, report_view

REPORT: Final = "care_report"


def register(app: App, doors: Doors) -> None:
    """Listen to the shortcut and to its form."""
    app.shortcut(REPORT)(partial(_shortcut, doors))
    app.view(REPORT_VIEW)(partial(_report, doors))


def _shortcut(doors: Doors, body: Mapping[str, object], ack: Ack) -> None:
    """Open the form, filled with the scrubbed message."""
    scrubbed = doors.intake.scrub(lift_message(mapping(body, "message")), None)
    ack()
    view = report_view(report_place(body), scrubbed.text)
    try:
        doors.slack.open_view(
            team=report_team(body), trigger_id=string(body, "trigger_id"), view=view
        )
    except (SlackBusy, SlackRefused) as error:
        # The trigger is good for three seconds and once, so there is nothing to try again.
        failure(Event.REPLY_FAILED, error)


def _report(doors: Doors, body: Mapping[str, object], req: BoltRequest, ack: Ack) -> None:
    """Take in the form."""
    place = string(mapping(body, "view"), "private_metadata")
    take(doors.intake, read_report(body, place), retries(req))
    ack()
