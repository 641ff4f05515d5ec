"""What every version of the Orders API gives: pages of news, and one order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Protocol

from bot.amazon.problems import Problem, Problems
from bot.amazon.reading import Node, Note
from storage.errors import MalformedId
from storage.ids import OrderId, order_id
from storage.orders import Item, OrderNews

PAGE: Final = 100
"""Orders of a page, the most that Amazon gives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of what changed.

    Attributes:
        next_token: What asks for the next one, None after the last.
        until: Before when all is on these pages, by Amazon's clock; None where it does not say.
        lacking: Orders that the page does not tell whole, to be asked for one by one.
    """

    news: tuple[OrderNews, ...]
    next_token: str | None
    until: datetime | None
    lacking: frozenset[OrderId] = frozenset()


class OrdersApi(Protocol):
    """A version of the Orders API, for one seller.

    Both raise NotYet and AmazonError. What is odd is noted and left out, the rest is given.
    """

    def page(self, since: datetime, token: str | None, problems: Problems) -> Page:
        """Return a page of the orders that changed since a time, by that of their change."""

    def order(self, order_id: OrderId, problems: Problems) -> OrderNews:
        """Return one order, whole."""


STATUSES: Final[Mapping[str, str]] = {
    "PENDING_AVAILABILITY": "PendingAvailability",
    "PENDING": "Pending",
    "UNSHIPPED": "Unshipped",
    "PARTIALLY_SHIPPED": "PartiallyShipped",
    "SHIPPED": "Shipped",
    "CANCELLED": "Canceled",
    "UNFULFILLABLE": "Unfulfillable",
}
"""The statuses of 2026-01-01 in the words of v0, so that an order reads the same from both."""
STATUSES_V0: Final = frozenset({*STATUSES.values(), "InvoiceUnconfirmed"})
CANCELED: Final = "Canceled"


def iso(moment: datetime) -> str:
    """Write a time as Amazon wants it."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def identity(node: Node, number: str, changed: str, note: Note) -> tuple[OrderId, datetime] | None:
    """Read an order's id and the time of its last change, by the keys of the version's model.

    None where one of them is not there: without them nothing can be kept of an order.
    """
    changed_at = node.moment(changed)
    try:
        found = order_id(node.text(number) or "")
    except MalformedId:
        found = None
    if found is None or changed_at is None:
        note(Problem.NO_ORDER)
        return None
    return found, changed_at


def by_sku(items: list[Item]) -> tuple[Item, ...]:
    """Return items, those of one SKU as one with the sum of their quantities."""
    found: dict[str, Item] = {}
    for item in items:
        before = found.get(item.sku)
        if before is None or before.quantity is None:
            found[item.sku] = item
        else:
            found[item.sku] = replace(item, quantity=before.quantity + (item.quantity or 0))
    return tuple(found.values())
