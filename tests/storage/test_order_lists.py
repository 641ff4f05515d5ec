"""Lists of orders and returns: what is on which, in which order, and how many there are in all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from storage.ids import MerchantId, OrderId, ReturnId
from storage.orders import OrderNews, Package
from storage.returns import Return
from storage.store import Store

NOW = datetime(2026, 3, 12, 12, 0, tzinfo=UTC)
BIRCH, CEDAR = MerchantId("birch-and-brook"), MerchantId("cedar-kettle")
PAST, AHEAD = NOW - timedelta(days=2), NOW + timedelta(days=2)


def number(place: int) -> OrderId:
    """Return an order's id."""
    return OrderId(f"113-{place:07}-5550142")


def news(place: int, **parts: object) -> OrderNews:
    """Return news of an order of Birch & Brook's, with parts."""
    fields: dict[str, object] = {
        "order_id": number(place), "merchant_id": BIRCH, "status": "Unshipped",
        "channel": "MFN", "purchased_at": NOW - timedelta(days=5), "promised_at": AHEAD,
    }  # fmt: skip
    return OrderNews(**{**fields, **parts})  # type: ignore[arg-type]


def package(place: int, **parts: datetime) -> tuple[Package, ...]:
    """Return a package."""
    return (Package(tracking_id=f"1Z{place}", carrier="UPS", **parts),)  # type: ignore[arg-type]


ORDERS = (
    news(1, promised_at=PAST),  # late, and not shipped
    news(2, promised_at=PAST - timedelta(hours=1), status="Shipped",
         packages=package(2, shipped_at=PAST)),  # late, on its way
    news(3, promised_at=PAST, status="Shipped",
         packages=package(3, shipped_at=PAST, delivered_at=NOW - timedelta(hours=3))),
    news(4),  # not shipped, in time
    news(5, status="Cancelled", cancelled_at=NOW - timedelta(hours=5), promised_at=PAST),
    news(6, channel="AFN", promised_at=PAST),  # not ours
    news(7, merchant_id=CEDAR, promised_at=PAST),  # somebody else's
    news(8, status="Delivered", promised_at=PAST, shipped_at=PAST - timedelta(days=9),
         delivered_at=NOW - timedelta(days=8)),
)  # fmt: skip


@pytest.fixture
def shop(store: Store) -> Store:
    """A store with the orders."""
    with store.begin() as records:
        for each in ORDERS:
            records.orders.upsert(each, now=NOW, retention_days=30)
    return store


def test_late_orders_are_those_past_their_promise(shop: Store) -> None:
    """Not delivered, not cancelled, ours and theirs; the longest overdue first."""
    with shop.read() as records:
        found, total = records.orders.lists.late(BIRCH, NOW, limit=20)

    assert [each.order_id for each in found] == [number(2), number(1)]
    assert total == 2
    assert (found[0].carrier, found[0].tracking_id) == ("UPS", "1Z2")


def test_orders_not_shipped_are_those_of_which_nothing_left(shop: Store) -> None:
    """The soonest promised first."""
    with shop.read() as records:
        found, total = records.orders.lists.unshipped(BIRCH, limit=20)

    assert [each.order_id for each in found] == [number(1), number(4)]
    assert total == 2


def test_shipped_delivered_and_cancelled_orders_are_of_a_period(shop: Store) -> None:
    """What lies before a period, or after it, is not on its list."""
    with shop.read() as records:
        lists = records.orders.lists
        days = NOW - timedelta(days=3)
        shipped, _ = lists.shipped(BIRCH, days, NOW, limit=20)
        delivered, _ = lists.delivered(BIRCH, days, NOW, limit=20)
        ever, _ = lists.delivered(BIRCH, None, NOW, limit=20)
        cancelled, _ = lists.cancelled(BIRCH, days, NOW, limit=20)
        before, none = lists.cancelled(BIRCH, days, NOW - timedelta(days=1), limit=20)

    assert {each.order_id for each in shipped} == {number(2), number(3)}
    assert [each.order_id for each in delivered] == [number(3)]
    assert {each.order_id for each in ever} == {number(3), number(8)}
    assert [each.order_id for each in cancelled] == [number(5)]
    assert (before, none) == ((), 0)


def test_a_list_is_cut_and_counted(shop: Store) -> None:
    """No more than asked for are returned, and how many there are is told."""
    with shop.begin() as records:
        for place in range(100, 130):
            records.orders.upsert(news(place), now=NOW, retention_days=30)

    with shop.read() as records:
        found, total = records.orders.lists.unshipped(BIRCH, limit=20)

    assert (len(found), total) == (20, 32)


def test_returns_are_listed_by_period_and_openness(store: Store) -> None:
    """Those asked for in a period, the newest first; open are those not received."""
    first = Return(
        return_id=ReturnId("R1"), order_id=number(1), merchant_id=BIRCH, status="REQUESTED",
        reason=None, carrier=None, tracking_id=None, requested_at=NOW - timedelta(days=1),
        received_at=None, sku="A", quantity=1, refund_amount=None, currency=None,
    )  # fmt: skip
    with store.begin() as records:
        for each in (
            first,
            replace(first, return_id=ReturnId("R2"), requested_at=NOW, received_at=NOW),
            replace(first, return_id=ReturnId("R3"), requested_at=NOW - timedelta(days=9)),
            replace(first, return_id=ReturnId("R4"), merchant_id=CEDAR, order_id=number(7)),
        ):
            records.returns.upsert(each, now=NOW)

    with store.read() as records:
        until = NOW + timedelta(minutes=1)
        week = records.returns.listed(BIRCH, NOW - timedelta(days=7), until, is_open=False, limit=9)
        open_ = records.returns.listed(BIRCH, None, until, is_open=True, limit=1)

    assert ([each.return_id for each in week[0]], week[1]) == (["R2", "R1"], 2)
    assert ([each.return_id for each in open_[0]], open_[1]) == (["R1"], 2)
