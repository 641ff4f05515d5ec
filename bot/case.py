"""One thing that the desk answers, and what it says to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.blocks import Reply
from bot.outgoing import put
from bot.rewriting.rewriter import Rewritten
from storage.ids import ChannelId, ReplyId, SlackTs, UserId
from storage.store import Transaction
from storage.tickets import Message, Ticket


@dataclass(slots=True, kw_only=True)
class Case:
    """One thing being answered: the records, the ticket, and the replies written so far.

    Attributes:
        key: What is answered. With a running number it makes the keys of the replies, so that
            answering twice writes once.
        user: Who sees what is private.
        rewritten: An article's words as they were said anew for this message, if they were.
    """

    records: Transaction
    ticket: Ticket
    key: str
    user: UserId | None
    now: datetime
    rewritten: Rewritten | None = None
    written: list[ReplyId] = field(default_factory=list)

    def say(self, reply: Reply, *, to: tuple[ChannelId, SlackTs | None] | None = None) -> None:
        """Put a reply into the outbox: into the conversation, or `to` a channel and thread."""
        channel, thread = to or (self.ticket.channel, self.ticket.thread_ts or None)
        if reply.private and self.user is None:
            return
        self.written += put(
            self.records,
            reply,
            key=f"{self.key}:{len(self.written)}",
            ticket=self.ticket.ticket_id,
            team=self.ticket.team,
            channel=channel,
            thread_ts=thread,
            ephemeral_to=self.user if reply.private else None,
            at=self.now,
        )

    def ids(self) -> list[int]:
        """Return the ids of the replies written."""
        return [int(each) for each in self.written]


def key_of(message: Message) -> str:
    """Return what the keys of the replies to a message begin with."""
    return f"message:{message.message_id}"
