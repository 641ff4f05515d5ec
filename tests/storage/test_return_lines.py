"""A return has a line for each SKU that comes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from storage.ids import ReturnId
from storage.returns import Return
from storage.store import Store
from tests.storage.samples import ACME, BOLT, DAYS, ORDER, order_news

RMA = ReturnId("D1234RRMA")
HOUR = timedelta(hours=1)


def line(sku: str | None = None, **more: object) -> Return:
    """Return news of a line."""
    told = Return(return_id=RMA, order_id=ORDER, merchant_id=ACME, sku=sku)
    return replace(told, **more)  # type: ignore[arg-type]


def kept(store: Store) -> list[tuple[str | None, int | None, str | None]]:
    """Return SKU, quantity and status of the lines."""
    with store.read() as tx:
        found = tx.returns.for_order(ORDER)
    return [(each.sku, each.quantity, each.status) for each in found]


def test_each_sku_is_a_line(store: Store, now: datetime) -> None:
    """Two SKUs of one return are both kept, each with its quantity; again they are no others."""
    both = [line("CUP", quantity=1), line("TEA", quantity=2)]
    for _ in range(2):
        with store.begin() as tx:
            assert tx.returns.upsert_all(both, now=now) == frozenset()
    assert kept(store) == [("CUP", 1, None), ("TEA", 2, None)]


def test_news_without_an_sku_are_of_every_line(store: Store, now: datetime) -> None:
    """A status of the whole return goes to each of its lines."""
    with store.begin() as tx:
        tx.returns.upsert_all([line("CUP"), line("TEA"), line(status="Closed")], now=now)
    assert kept(store) == [("CUP", None, "Closed"), ("TEA", None, "Closed")]


def test_the_first_sku_that_is_told_names_the_line(store: Store, now: datetime) -> None:
    """A line of which nobody said what comes back becomes that of the SKU, not a second one."""
    with store.begin() as tx:
        tx.returns.upsert(line(status="Pending"), now=now)
    with store.begin() as tx:
        tx.returns.upsert(line("TEA", quantity=2), now=now)
    assert kept(store) == [("TEA", 2, "Pending")]


def test_an_older_report_overwrites_nothing(store: Store, now: datetime) -> None:
    """Reports in any order end as the newest says; an older one fills gaps."""
    with store.begin() as tx:
        tx.returns.upsert(line("TEA", status="Closed", told_at=now), now=now)
    with store.begin() as tx:
        old = line("TEA", status="Pending", quantity=2, told_at=now - HOUR)
        tx.returns.upsert(old, now=now)
    assert kept(store) == [("TEA", 2, "Closed")]


def test_a_return_may_come_before_its_order(store: Store, now: datetime) -> None:
    """It is linked when the order comes; of another merchant's order nothing is taken."""
    with store.begin() as tx:
        tx.returns.upsert(line("TEA"), now=now)
        tx.orders.upsert(order_news(), now=now, retention_days=DAYS)
    assert kept(store) == [("TEA", None, None)]
    foreign = [
        line("CUP", merchant_id=BOLT),
        Return(return_id=ReturnId("D9RRMA"), order_id=ORDER, merchant_id=BOLT),
    ]
    with store.begin() as tx:
        assert tx.returns.upsert_all(foreign, now=now) == {RMA, ReturnId("D9RRMA")}
    assert kept(store) == [("TEA", None, None)]
