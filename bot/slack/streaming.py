"""Sending a reply as a stream, which Slack shows growing: start, append, stop.

An answer is known whole before it is sent, so it comes in a few pieces, a paragraph each. The
stream's timestamp is kept as soon as Slack has given it: a process that dies on the way leaves a
message that the next one makes whole, and not a second one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.cards.markdown import markdown, paragraphs
from bot.errors import SlackRefused
from bot.log import Event, failure
from bot.slack.client import Slack
from storage.ids import SlackTs
from storage.outbox_records import Reply

PIECE: Final = 12_000
"""Characters of Markdown in one call, Slack's limit."""
_SAID: Final = ("section", "context")
"""Blocks of an answer whose words, its source among them, the stream has said already."""
_RATED: Final = "context_actions"
"""The block that answers from articles have, and nothing else that we say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Streaming:
    """Streams replies where the surface allows.

    Attributes:
        is_on: Whether to stream at all.
    """

    slack: Slack
    is_on: bool

    def takes(self, reply: Reply) -> bool:
        """Tell whether a reply is one to stream: an answer, in a thread of a direct message.

        Cards and tables are no words that grow, and times in them are the reader's own, which
        Markdown does not have. What has begun as a stream is finished as one, even if streams
        were turned off since.
        """
        if reply.slack_ts is not None:
            return True
        return (
            self.is_on
            and reply.thread_ts is not None
            and reply.channel.startswith("D")
            and reply.ephemeral_to is None
            and any(block.get("type") == _RATED for block in json.loads(reply.body)["blocks"])
        )

    def send(
        self,
        reply: Reply,
        *,
        text: str,
        blocks: Sequence[Mapping[str, object]],
        started: Callable[[SlackTs], None],
    ) -> SlackTs | None:
        """Stream a reply. Returns its timestamp, None where Slack takes no streams here.

        Args:
            reply: What is sent; its thread is there.
            text: Its words, in mrkdwn.
            blocks: Its blocks; of those the stream ends with what its words do not say.
            started: Told the timestamp before anything is said.

        Raises:
            SlackBusy: Tried again later; what has begun is made whole then.
        """
        assert reply.thread_ts is not None  # noqa: S101 - see `takes`
        try:
            ts = self.slack.start_stream(
                team=reply.team, channel=reply.channel, thread_ts=reply.thread_ts
            )
        except SlackRefused as error:
            # Not every workspace and surface has streams; a plain message does as well.
            failure(Event.STREAM_REFUSED, error, reply=reply.reply_id)
            return None
        started(ts)
        try:
            for piece in paragraphs(markdown(text), PIECE):
                self.slack.append_stream(
                    team=reply.team, channel=reply.channel, ts=ts, markdown=piece
                )
            rest = [block for block in blocks if block.get("type") not in _SAID]
            self.slack.stop_stream(team=reply.team, channel=reply.channel, ts=ts, blocks=rest)
        except SlackRefused:
            self.finish(reply, ts, text=text, blocks=blocks)
        return ts

    def finish(
        self,
        reply: Reply,
        ts: SlackTs,
        *,
        text: str,
        blocks: Sequence[Mapping[str, object]],
    ) -> None:
        """Make a message whole whose stream was cut. Raises SlackBusy, SlackRefused."""
        try:
            self.slack.stop_stream(team=reply.team, channel=reply.channel, ts=ts, blocks=[])
        except SlackRefused as error:
            # It may have been stopped already.
            failure(Event.STREAM_REFUSED, error, reply=reply.reply_id)
        self.slack.update(team=reply.team, channel=reply.channel, ts=ts, text=text, blocks=blocks)
