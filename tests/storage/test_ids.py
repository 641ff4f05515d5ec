"""Identifiers as people write them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from storage.errors import MalformedId
from storage.ids import (
    OrderId,
    TicketId,
    merchant_id,
    order_id,
    order_owner,
    ticket_id,
    ticket_owner,
    ticket_ref,
)


@pytest.mark.parametrize(
    ("parse", "text", "expected"),
    [
        (order_id, " 111-2223334-5556667 ", "111-2223334-5556667"),
        (merchant_id, "Acme-2", "acme-2"),
        (ticket_id, "JC-12", 12),
        (ticket_id, "jc-12", 12),
        (ticket_id, "12", 12),
    ],
)
def test_an_id_is_read(parse: Callable[[str], object], text: str, expected: object) -> None:
    """What people write for an id is read as the id."""
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (order_id, "111-222-333"),
        (order_id, "111-2223334-5556667-1"),
        (merchant_id, ""),
        (merchant_id, "-acme"),
        (merchant_id, "a" * 41),
        (merchant_id, "acme inc"),
        (ticket_id, "0"),
        (ticket_id, "JC-x"),
        (ticket_id, "9" * 30),
    ],
)
def test_what_is_no_id_is_refused(parse: Callable[[str], object], text: str) -> None:
    """Anything else is refused in words that do not repeat it."""
    with pytest.raises(MalformedId) as caught:
        parse(text)
    assert not text or text not in str(caught.value)


def test_owners_are_told_apart() -> None:
    """A ticket and an order with the same digits own different keys."""
    assert ticket_owner(TicketId(12)) == "ticket:12"
    assert order_owner(OrderId("111-2223334-5556667")) == "order:111-2223334-5556667"
    assert ticket_ref(TicketId(12)) == "JC-12"
