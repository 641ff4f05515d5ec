"""Sending what lies in the outbox, each reply once."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.errors import SlackRefused
from bot.log import Event, failure, log, warn
from bot.slack.client import Slack
from storage.ids import ReplyId
from storage.outbox_records import ReplyState
from storage.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Poster:
    """Sends replies."""

    store: Store
    slack: Slack
    clock: Callable[[], datetime]

    def send(self, reply_id: int) -> None:
        """Send a reply unless it was sent before. Raises SlackBusy; a refusal is recorded.

        A process may die between the sending and the note of it. Therefore a reply that is found
        half sent is looked for in its conversation first, by the number in its metadata. (A
        private one leaves no trace; it may be seen twice, once in a crash.)
        """
        reply = ReplyId(reply_id)
        with self.store.begin() as records:
            found = records.outbox.get(reply)
            before = records.outbox.claim_sending(reply)
        if before in (ReplyState.SENT, ReplyState.FAILED):
            return
        content = json.loads(found.body)
        try:
            ts = None
            if before is ReplyState.SENDING and found.ephemeral_to is None:
                ts = self.slack.find_reply(
                    team=found.team, channel=found.channel, thread_ts=found.thread_ts, reply=reply
                )
            if ts is None and found.ephemeral_to is not None:
                ts = self.slack.whisper(
                    team=found.team,
                    channel=found.channel,
                    thread_ts=found.thread_ts,
                    user=found.ephemeral_to,
                    text=content["text"],
                    blocks=content["blocks"],
                )
            elif ts is None:
                ts = self.slack.post(
                    team=found.team,
                    channel=found.channel,
                    thread_ts=found.thread_ts,
                    text=content["text"],
                    blocks=content["blocks"],
                    reply=reply,
                )
        except SlackRefused as error:
            failure(Event.REPLY_FAILED, error, reply=reply)
            with self.store.begin() as records:
                records.outbox.failed(reply, error.code)
            return
        with self.store.begin() as records:
            records.outbox.sent(reply, ts)
        log(Event.REPLY_SENT, reply=reply)

    def give_up(self, reply_id: int) -> None:
        """Record that Slack never took a reply."""
        warn(Event.REPLY_FAILED, reply=reply_id)
        with self.store.begin() as records:
            records.outbox.failed(ReplyId(reply_id), "busy")
