"""Putting what we say into the outbox, in as many messages as it takes."""

from __future__ import annotations

from datetime import datetime

from bot.blocks import Reply
from bot.cards.parts import parts
from storage.ids import ChannelId, ReplyId, SlackTs, TeamId, TicketId, UserId
from storage.outbox_records import ReplyPurpose
from storage.store import Transaction
from storage.tickets import Message


def put(
    records: Transaction,
    reply: Reply,
    *,
    key: str,
    ticket: TicketId | None,
    team: TeamId,
    channel: ChannelId,
    thread_ts: SlackTs | None,
    ephemeral_to: UserId | None = None,
    at: datetime,
    purpose: ReplyPurpose = ReplyPurpose.REPLY,
) -> list[ReplyId]:
    """Put a reply into the outbox; return the ids of its messages, in order.

    The key makes each of them once only: the second is `key.1`, the third `key.2`.
    """
    return [
        records.outbox.put(
            key=f"{key}.{number}" if number else key,
            ticket=ticket,
            team=team,
            channel=channel,
            thread_ts=thread_ts,
            ephemeral_to=ephemeral_to,
            body=part.encoded(),
            at=at,
            purpose=purpose,
        )
        for number, part in enumerate(parts(reply))
    ]


def put_for_writer(
    records: Transaction, reply: Reply, message: Message, *, key: str, at: datetime
) -> list[int]:
    """Put what a message's writer alone sees, where they wrote; nobody, where that is not known."""
    if message.user is None:
        return []
    ticket = records.tickets.get(message.ticket_id)
    told = put(
        records,
        reply,
        key=key,
        ticket=ticket.ticket_id,
        team=ticket.team,
        channel=message.channel,
        thread_ts=ticket.thread_ts or None,
        ephemeral_to=message.user,
        at=at,
    )
    return [int(each) for each in told]
