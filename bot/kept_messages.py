"""An arrival kept as a message, once: what both sides of a ticket share at the door."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.arrivals import Arrival, Kind
from nlp.scrubber import Scrubbed
from nlp.text import ScrubbedText
from storage.errors import RecordRefused, UnknownTicket
from storage.ids import EventId, MessageId, SlackTs, TicketId
from storage.store import Transaction
from storage.tickets import Author, Message

REMEMBERED: Final = 20
"""Messages of a ticket in which an order may have been named whose buyer is spoken of now, or a
question asked that is answered now."""
_FORMS: Final = (Kind.REPORT, Kind.ANSWER)
"""What comes by a form and is no message of Slack's."""


class Outcome(StrEnum):
    """What became of an arrival."""

    STORED = "stored"
    CHANGED = "changed"
    DUPLICATE = "duplicate"
    IGNORED = "ignored"


class KeptBefore(RecordRefused):
    """The delivery is forgotten, but the row of its message, kept or deleted, is there."""


def is_new(records: Transaction, arrival: Arrival, at: datetime) -> bool:
    """Tell whether neither the delivery nor its message was taken before, and remember both."""
    return first_time(records, arrival, at) and first_sight(records, arrival, at)


def first_time(records: Transaction, arrival: Arrival, at: datetime) -> bool:
    """Tell whether a delivery was not taken before, and remember it."""
    return records.inbox.first_time(f"slack:{arrival.team}", arrival.event, at)


def first_sight(records: Transaction, arrival: Arrival, at: datetime) -> bool:
    """Tell whether a message was not taken before, and remember it.

    Slack tells of a mention twice, as a message and as a mention, under two event ids.
    """
    if arrival.kind in _FORMS:
        return True
    source = f"message:{arrival.team}:{arrival.channel}"
    return records.inbox.first_time(source, EventId(arrival.ts), at)


def write(
    records: Transaction,
    ticket: TicketId,
    arrival: Arrival,
    scrubbed: Scrubbed,
    *,
    author: Author,
    source: str,
    at: datetime,
) -> MessageId:
    """Keep an arrival as a message of a ticket, its sensitive values sealed.

    Raises KeptBefore where its row, kept or deleted, is there.
    """
    numbers = records.tickets.number_values(ticket, scrubbed.values)
    message = records.tickets.add_message(
        ticket,
        channel=arrival.channel,
        # A form is about a message and is none itself.
        ts=None if arrival.kind in _FORMS else arrival.ts,
        user=arrival.user,
        author=author,
        source=source,
        text=scrubbed.numbered(numbers),
        at=at,
    )
    if message is None:
        raise KeptBefore
    records.tickets.seal_values(ticket, message, scrubbed.values, numbers)
    return message


def written(records: Transaction, message: MessageId) -> Message:
    """Return a message that was written in this transaction."""
    found = records.tickets.message(message)
    if found is None:
        raise UnknownTicket
    return found


def said_before(
    records: Transaction, arrival: Arrival, card_of: TicketId | None
) -> list[ScrubbedText]:
    """Return what was said lately in the conversation, oldest first, up to the arrival."""
    if card_of is not None:
        return [each.text for each in records.tickets.messages(card_of)[-REMEMBERED:]]
    where = (arrival.team, arrival.channel, arrival.ts)
    edited = records.tickets.message_at(*where) if arrival.kind is Kind.EDIT else None
    if edited is None:
        ticket = records.tickets.latest(arrival.team, arrival.channel, conversation(arrival))
        said = () if ticket is None else records.tickets.messages(ticket.ticket_id)
    else:
        said = records.tickets.messages(edited.ticket_id)
        said = said[: said.index(edited)]
    return [each.text for each in said[-REMEMBERED:]]


def conversation(arrival: Arrival) -> SlackTs:
    """Return the root of the thread that a message belongs to; empty for a direct message."""
    if arrival.thread_ts is not None:
        return arrival.thread_ts
    return SlackTs("") if arrival.direct else arrival.ts
