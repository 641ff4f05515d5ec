"""Invented tickets and orders to test with."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from nlp.detection.same.same_value import keys
from nlp.text import RawText, ScrubbedText, SensitiveValue
from storage.ids import (
    ChannelId,
    MerchantId,
    MessageId,
    OrderId,
    SlackTs,
    TeamId,
    TicketId,
    UserId,
)
from storage.orders import OrderNews
from storage.store import Transaction
from storage.tickets import Author

TEAM: Final = TeamId("T0001")
CHANNEL: Final = ChannelId("C0001")
USER: Final = UserId("U0001")
AGENT: Final = "U0009"
THREAD: Final = SlackTs("1772366400.000100")
ACME: Final = MerchantId("acme")
BOLT: Final = MerchantId("bolt")
ORDER: Final = OrderId("111-2223334-5556667")
DAYS: Final = 30

PERSON: Final = "Wilhelmina Quackenbush"
STREET: Final = "4821 Gooseberry Hollow Rd"


def scrubbed(text: str) -> ScrubbedText:
    """Text that stands for the scrubber's."""
    return ScrubbedText(text)


def value(text: str, kind: str = "PERSON", number: int = 1) -> SensitiveValue:
    """A value that the scrubber took out."""
    return SensitiveValue(
        entity_type=kind,
        number=number,
        value=RawText(text),
        keys=tuple(map(RawText, keys(kind, text))),
    )


def open_ticket(tx: Transaction, now: datetime, thread: SlackTs = THREAD) -> TicketId:
    """Open a ticket of Acme's."""
    tx.merchants.ensure(ACME)
    ticket = tx.tickets.open(
        team=TEAM, channel=CHANNEL, thread_ts=thread, merchant=ACME, user=USER, at=now
    )
    return ticket.ticket_id


def say(
    tx: Transaction,
    ticket: TicketId,
    now: datetime,
    *values: SensitiveValue,
    ts: str | None = "1772366400.000200",
) -> MessageId | None:
    """Keep a message with its values, in the order in which the program does."""
    numbers = tx.tickets.number_values(ticket, values)
    words = " ".join(f"<{kind}_{number}>" for (kind, _), number in numbers.items())
    message = tx.tickets.add_message(
        ticket,
        channel=CHANNEL,
        ts=None if ts is None else SlackTs(ts),
        user=USER,
        author=Author.MERCHANT,
        source="message",
        text=scrubbed(f"about {words}"),
        at=now,
    )
    if message is not None:
        tx.tickets.seal_values(ticket, message, values, numbers)
    return message


def order_news(delivered_at: datetime | None = None, **more: object) -> OrderNews:
    """News of an order of Acme's with every PII field that tests look at."""
    fields: dict[str, object] = {
        "order_id": ORDER,
        "merchant_id": ACME,
        "status": "Shipped",
        "delivered_at": delivered_at,
        "city": "Springfield",
        "state": "OR",
        "zip": "97477",
        "country": "US",
        "first_name": RawText("Wilhelmina"),
        "last_name": RawText("Quackenbush"),
        "street_1": RawText(STREET),
        "phone": RawText("555-0142"),
        "email": RawText("wq@example.com"),
    }
    return OrderNews(**{**fields, **more})  # type: ignore[arg-type]
