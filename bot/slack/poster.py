"""Sending what lies in the outbox, each reply once."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.errors import SlackBusy, SlackRefused
from bot.log import Event, failure, log, warn
from bot.slack.client import BUSY_SECONDS, Slack
from bot.slack.pace import Pace
from bot.slack.streaming import Streaming
from bot.telling import Telling
from bot.triage import LANE
from storage.errors import UnknownReply
from storage.ids import ReplyId, SlackTs, ticket_ref
from storage.outbox_records import Reply, ReplyState
from storage.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Poster:
    """Sends replies.

    Attributes:
        pace: Keeps a channel from getting more than Slack lets it have.
        telling: How Care hears of a conversation that cannot be reached.
    """

    store: Store
    slack: Slack
    pace: Pace
    telling: Telling
    streaming: Streaming
    clock: Callable[[], datetime]

    def send(self, reply_id: int) -> None:
        """Send a reply unless it was sent before. Raises SlackBusy; a refusal is recorded.

        A process may die between the sending and the note of it. Therefore a reply that is found
        half sent is looked for in its conversation first, by the number in its metadata. (A
        private one leaves no trace; it may be seen twice, once in a crash.)
        """
        reply = ReplyId(reply_id)
        with self.store.begin() as records:
            try:
                found = records.outbox.claim_sending(reply)
            except UnknownReply:
                # Its workspace removed the app, and nothing of it is kept.
                return
            if found.state in (ReplyState.SENT, ReplyState.FAILED):
                return
            self._keep_pace(found)
        again = found.state is ReplyState.SENDING
        try:
            if found.replaces is not None:
                ts = self._write_over(found, found.replaces)
            elif self.streaming.takes(found):
                ts = self._stream(found, again=again)
            else:
                ts = self._post(found, again=again)
        except SlackRefused as error:
            failure(Event.REPLY_FAILED, error, reply=reply)
            with self.store.begin() as records:
                records.outbox.failed(reply, error.code)
            self._tell(found, error.code)
            return
        with self.store.begin() as records:
            records.outbox.sent(reply, ts)
        log(Event.REPLY_SENT, reply=reply)

    def give_up(self, reply_id: int) -> None:
        """Record that Slack never took a reply."""
        warn(Event.REPLY_FAILED, reply=reply_id)
        with self.store.begin() as records:
            records.outbox.failed(ReplyId(reply_id), "busy")

    def _tell(self, reply: Reply, code: str) -> None:
        """Tell Care that a ticket's conversation is out of reach, once for each way it is."""
        if reply.ticket is None or reply.ephemeral_to is not None:
            return
        if reply.channel == self.telling.channel:
            # Care's own channel is what is out of reach.
            return
        number = ticket_ref(reply.ticket)
        text = (
            f"Slack did not take a reply of {number} ({code}). If the bot was removed from the "
            "channel, invite it again; if the channel is gone, answer another way."
        )
        self.telling.tell(f"unreachable:{number}:{code}", text, self.clock(), lane=LANE)

    def _keep_pace(self, reply: Reply) -> None:
        """Raise SlackBusy where the channel has had too much; what adds no message may always."""
        if reply.replaces is not None or reply.ephemeral_to is not None:
            return
        seconds = self.pace.wait(reply.team, reply.channel, reply.reply_id)
        if seconds:
            raise SlackBusy(seconds)

    def _post(self, reply: Reply, *, again: bool) -> SlackTs:
        text, blocks = _content(reply)
        if reply.ephemeral_to is not None:
            return self.slack.whisper(
                team=reply.team,
                channel=reply.channel,
                thread_ts=reply.thread_ts,
                user=reply.ephemeral_to,
                text=text,
                blocks=blocks,
            )
        ts = None
        if again:
            ts = self.slack.find_reply(
                team=reply.team,
                channel=reply.channel,
                thread_ts=reply.thread_ts,
                reply=reply.reply_id,
            )
        return ts or self.slack.post(
            team=reply.team,
            channel=reply.channel,
            thread_ts=reply.thread_ts,
            text=text,
            blocks=blocks,
            reply=reply.reply_id,
        )

    def _stream(self, reply: Reply, *, again: bool) -> SlackTs:
        """Stream a reply, or finish what was begun of it; post it where there are no streams."""
        text, blocks = _content(reply)
        if reply.slack_ts is not None:
            self.streaming.finish(reply, reply.slack_ts, text=text, blocks=blocks)
            return reply.slack_ts

        def started(ts: SlackTs) -> None:
            with self.store.begin() as records:
                records.outbox.began(reply.reply_id, ts)

        ts = self.streaming.send(reply, text=text, blocks=blocks, started=started)
        return ts or self._post(reply, again=again)

    def _write_over(self, reply: Reply, replaced: ReplyId) -> SlackTs | None:
        """Write a reply over the message of another one, where no newer one is to be there."""
        with self.store.read() as records:
            message = records.outbox.get(replaced)
            is_newest = records.outbox.replaced(replaced)[-1] == reply.reply_id
        if message.state is ReplyState.FAILED or not is_newest:
            return None
        if message.slack_ts is None:
            # It is on its way, in another lane or another worker.
            raise SlackBusy(BUSY_SECONDS)
        team, channel, ts = message.team, message.channel, message.slack_ts
        text, blocks = _content(reply)
        if text:
            self.slack.update(team=team, channel=channel, ts=ts, text=text, blocks=blocks)
        else:
            self.slack.delete(team=team, channel=channel, ts=ts)
        return ts


def _content(reply: Reply) -> tuple[str, Sequence[Mapping[str, object]]]:
    content = json.loads(reply.body)
    return content["text"], content["blocks"]
