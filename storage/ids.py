"""The identifiers that may travel anywhere: jobs, logs, metrics, receipts.

Each is a type of its own, so that a plain `str` (which might be text of a person) is not taken
for one of them.
"""

from __future__ import annotations

import re
from typing import Final, NewType

from storage.errors import MalformedId

TeamId = NewType("TeamId", str)
"""A Slack workspace, `T…`."""
ChannelId = NewType("ChannelId", str)
"""A Slack conversation, `C…`, `G…` or `D…`."""
UserId = NewType("UserId", str)
"""A Slack user, `U…` or `W…`. People are told apart by (team, user)."""
SlackTs = NewType("SlackTs", str)
"""A Slack message's timestamp, its id within a channel, such as `1700000000.000100`."""
EventId = NewType("EventId", str)
"""What makes a delivery unique at its source: a Slack event id, a webhook's message id."""
FileId = NewType("FileId", str)
"""A file in Slack, `F…`."""
MerchantId = NewType("MerchantId", str)
"""A merchant's short name, lower-case letters, digits and dashes."""
OrderId = NewType("OrderId", str)
"""An Amazon order id, 3-7-7 digits."""
ReturnId = NewType("ReturnId", str)
"""A return's RMA id."""
TicketId = NewType("TicketId", int)
"""A ticket's number. People see it as `JC-12`."""
MessageId = NewType("MessageId", int)
"""A stored message's number."""
ReplyId = NewType("ReplyId", int)
"""A reply in the outbox."""
Reference = NewType("Reference", str)
"""What somebody can name to Care when something failed for them: eight hexadecimal digits."""
Owner = NewType("Owner", str)
"""Whose values a data key seals: `ticket:12`, `order:111-2223334-5556667`, `traces:24628` or
`workspace:T0001`."""

TRACES: Final = "traces:"
ORDER_ID: Final = re.compile(r"[0-9]{3}-[0-9]{7}-[0-9]{7}")
_MERCHANT_ID: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_TICKET: Final = re.compile(r"(?:JC-)?([1-9]\d{0,17})", re.IGNORECASE)


def order_id(text: str) -> OrderId:
    """Parse an Amazon order id. Raises MalformedId."""
    if not ORDER_ID.fullmatch(text.strip()):
        raise MalformedId("An order id is 3-7-7 digits, such as 111-2223334-5556667.")
    return OrderId(text.strip())


def merchant_id(text: str) -> MerchantId:
    """Parse a merchant's short name. Raises MalformedId."""
    name = text.strip().lower()
    if not _MERCHANT_ID.fullmatch(name):
        raise MalformedId("A merchant is up to 40 lower-case letters, digits and dashes.")
    return MerchantId(name)


def ticket_id(text: str) -> TicketId:
    """Parse `JC-12` or `12`. Raises MalformedId."""
    match = _TICKET.fullmatch(text.strip())
    if match is None:
        raise MalformedId("A ticket is JC- and a number, such as JC-12.")
    return TicketId(int(match[1]))


def ticket_ref(ticket: TicketId) -> str:
    """Return the form that people see, `JC-12`."""
    return f"JC-{ticket}"


def ticket_owner(ticket: TicketId) -> Owner:
    """Return the owner of a ticket's sealed values, also the ticket's name in the audit."""
    return Owner(f"ticket:{ticket}")


def order_owner(order: OrderId) -> Owner:
    """Return the owner of an order's sealed values, also the order's name in the audit."""
    return Owner(f"order:{order}")


def traces_owner(number: int) -> Owner:
    """Return the owner of the key under which the traces of a month's orders are made."""
    return Owner(f"{TRACES}{number}")


def workspace_owner(team: TeamId) -> Owner:
    """Return the owner of a workspace's tokens, also the workspace's name in the audit."""
    return Owner(f"workspace:{team}")
