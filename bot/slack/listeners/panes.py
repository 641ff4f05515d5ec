"""The bot's own pane: Slack's agent messaging, and the older assistant.

Bolt's Assistant class is left alone: it swallows edits and deletions in an assistant's threads.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

from slack_bolt import Ack, App

from bot.errors import SlackBusy, SlackRefused
from bot.lifting import mapping, string
from bot.log import Event, failure
from bot.payload_ids import installed_team
from bot.slack.doors import Doors
from storage.ids import ChannelId, SlackTs, TeamId

PROMPTS: Final = (
    ("Which of my orders are late?", "Which of my orders are late?"),
    ("Orders not shipped yet", "Which orders are not shipped yet?"),
    ("How do returns work?", "How do returns and refunds work once PII is redacted?"),
    ("Talk to a person", "I would like to talk to a person"),
)
"""What is suggested, by title and message. Slack takes four."""


def register(app: App, doors: Doors) -> None:
    """Listen to the pane being opened; of what people look at meanwhile nothing is read."""
    app.event("assistant_thread_started")(ack=_acknowledge, lazy=[partial(_started, doors)])
    app.event("assistant_thread_context_changed")(_acknowledge)
    app.event("app_context_changed")(_acknowledge)


def suggest(
    doors: Doors, team: TeamId, channel: ChannelId, thread_ts: SlackTs | None = None
) -> None:
    """Suggest what to ask. Where Slack does not take it, nobody misses an answer by it."""
    try:
        doors.slack.suggest(team=team, channel=channel, thread_ts=thread_ts, prompts=PROMPTS)
    except (SlackBusy, SlackRefused) as error:
        failure(Event.PROMPTS_REFUSED, error)


def _started(doors: Doors, event: Mapping[str, object], body: Mapping[str, object]) -> None:
    """Suggest in a thread of the older assistant, which has one for each chat."""
    thread = mapping(event, "assistant_thread")
    channel, ts = string(thread, "channel_id"), string(thread, "thread_ts")
    if channel and ts:
        suggest(doors, installed_team(body), ChannelId(channel), SlackTs(ts))


def _acknowledge(ack: Ack) -> None:
    ack()
