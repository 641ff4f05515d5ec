"""Showing in a thread that the bot is at it."""

from __future__ import annotations

from typing import Final

from bot.errors import SlackBusy, SlackRefused
from bot.log import Event, failure
from bot.slack.client import Slack
from storage.ids import ChannelId, SlackTs, TeamId

LOOKING: Final = "is looking that up…"


def working(slack: Slack, team: TeamId, channel: ChannelId, thread_ts: SlackTs) -> None:
    """Show that the bot is at it, until it answers. A failure to show it stops no answer."""
    try:
        slack.set_status(team=team, channel=channel, thread_ts=thread_ts, status=LOOKING)
    except (SlackBusy, SlackRefused) as error:
        failure(Event.STATUS_REFUSED, error)
