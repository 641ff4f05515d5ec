"""Many news at once end as one by one would, whatever their order, on both databases."""

from __future__ import annotations

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from nlp.text import RawText
from storage.bulk import insert_rows, upsert_rows
from storage.ids import MerchantId, OrderId
from storage.orders import REDACTED, Item, Order, OrderNews, Package
from storage.redaction_batch import Terms
from storage.store import Store
from storage.tables import DataKeyRow, ItemRow, OrderTraceRow, PackageRow
from tests.storage.samples import ACME, BOLT, DAYS, ORDER, order_news

HOUR = timedelta(hours=1)
CHANGED = datetime(2026, 2, 27, 9, tzinfo=UTC)


def number(place: int) -> OrderId:
    """Return the id of an order."""
    return OrderId(f"111-2223334-{place:07}")


def news(place: int, hours: int = 0, **more: object) -> OrderNews:
    """Return news of Amazon's, changed so many hours later."""
    told = order_news(order_id=number(place), changed_at=CHANGED + hours * HOUR)
    return replace(told, **more)  # type: ignore[arg-type]


def take(store: Store, told: Sequence[OrderNews], now: datetime) -> frozenset[OrderId]:
    """Take news at once. Returns those that are another merchant's."""
    with store.begin() as tx:
        return tx.orders.upsert_all(told, now=now, retention_days=DAYS)


def shown(store: Store, place: int, now: datetime) -> Order:
    """Return an order as it is shown."""
    with store.read() as tx:
        order = tx.orders.get(number(place), now, DAYS)
    assert order is not None
    return order


def test_a_page_is_taken_as_one_by_one(store: Store, now: datetime) -> None:
    """Sixty orders at once, some twice, are kept as when they come one after the other."""
    page = [
        news(
            place % 50,
            place // 50,
            status=f"S{place}",
            packages=(Package(tracking_id=f"1Z{place}", carrier="UPS"),),
            items=(Item(sku="TEA", quantity=place, price=Decimal("1.50")), Item(sku=f"C{place}")),
        )
        for place in range(60)
    ]
    take(store, page, now)
    at_once = [shown(store, place, now) for place in range(50)]
    for each in page:
        moved = replace(each, order_id=OrderId(each.order_id.replace("111", "222")))
        with store.begin() as tx:
            tx.orders.upsert(moved, now=now, retention_days=DAYS)
    for order in at_once:
        with store.read() as tx:
            other = tx.orders.get(OrderId(order.order_id.replace("111", "222")), now, DAYS)
        assert other is not None
        assert replace(other, order_id=order.order_id) == order
    with store.read() as tx:
        traced = select(OrderTraceRow.order_id, func.count()).group_by(OrderTraceRow.order_id)
        assert len(set(dict(tx.session.execute(traced).all()).values())) == 1


def test_another_merchants_orders_are_told_and_left(store: Store, now: datetime) -> None:
    """Of a page the orders that are kept for another merchant are named; the others are taken."""
    take(store, [news(1)], now)
    stolen = news(1, 1, merchant_id=BOLT, status="Stolen")
    refused = take(store, [stolen, news(2, merchant_id=BOLT)], now)
    assert refused == {number(1)}
    assert shown(store, 1, now).status == "Shipped"
    assert shown(store, 2, now).merchant_id == BOLT


@pytest.mark.parametrize("seed", range(6))
def test_pages_in_any_order_end_the_same(store: Store, now: datetime, seed: int) -> None:
    """Old, new and repeated pages, in any order, end as the newest; deliveries as the earliest."""

    def page(hours: int, status: str, arrived: int | None) -> OrderNews:
        at = None if arrived is None else CHANGED + arrived * HOUR
        package = Package(
            tracking_id="1Z1",
            carrier="UPS",
            status=status,
            delivered_at=at,
            delivery_source=None if at is None else "amazon",
        )
        return news(1, hours, status=status, packages=(package,), cancelled_at=None)

    pages = [page(0, "Unshipped", None), page(5, "Shipped", None), page(9, "Done", 9),
             page(12, "Late", 12)]  # fmt: skip
    shuffled = [*pages, *pages]
    random.Random(seed).shuffle(shuffled)
    for each in shuffled:
        take(store, [each], now)
    order = shown(store, 1, now)
    assert order.status == "Late"
    assert [(p.status, p.delivered_at) for p in order.packages] == [("Late", CHANGED + 9 * HOUR)]
    assert order.due_at == CHANGED + 9 * HOUR + timedelta(days=DAYS)


def test_older_news_fill_gaps_and_overwrite_nothing(store: Store, now: datetime) -> None:
    """A reply of before tells what was not known, of the buyer, too, and changes nothing else."""
    take(store, [news(1, 5, city=None, phone=None, first_name=RawText("Ada"))], now)
    take(store, [news(1, 0, status="Old", city="Salem", first_name=RawText("Bea"))], now)
    order = shown(store, 1, now)
    assert (order.status, order.city) == ("Shipped", "Salem")
    assert order.pii["first_name"] == RawText("Ada")
    assert order.pii["phone"] == RawText("555-0142")


def test_what_is_suppressed_later_stays_known(store: Store, now: datetime) -> None:
    """A newer reply without phone and address leaves those that are known."""
    take(store, [news(1)], now)
    bare = OrderNews(order_id=number(1), merchant_id=ACME, changed_at=CHANGED + HOUR, status="Done")
    take(store, [bare], now)
    order = shown(store, 1, now)
    assert order.status == "Done"
    assert order.pii["phone"] == RawText("555-0142")
    assert order.pii["street_1"] == news(1).street_1


def test_the_same_news_again_change_no_seal(store: Store, now: datetime) -> None:
    """What is known already is not sealed anew, and no second key is made."""
    take(store, [news(1)], now)
    with store.read() as tx:
        before = tx.session.execute(select(DataKeyRow.owner, DataKeyRow.wrapped)).all()
    take(store, [news(1), news(1, 1)], now + HOUR)
    with store.read() as tx:
        assert tx.session.execute(select(DataKeyRow.owner, DataKeyRow.wrapped)).all() == before
    assert shown(store, 1, now).pii["email"] == RawText("wq@example.com")


def test_a_thousand_replays_bring_nothing_back(store: Store, now: datetime) -> None:
    """After redaction old pages in random order change status and tracking, never a PII field."""
    pages = [
        [
            news(
                place,
                hours,
                delivered_at=CHANGED,
                status=f"S{hours}",
                packages=(Package(tracking_id=f"1Z{hours}"),),
                notes=RawText("Ring twice"),
            )
            for place in range(5)
        ]
        for hours in range(20)
    ]
    take(store, pages[0], now)
    due = CHANGED + timedelta(days=DAYS)
    with store.begin() as tx:
        assert tx.orders.redact_batch(Terms(now=due, days=DAYS), limit=100).redacted == 5
    chance = random.Random(11)
    for _ in range(1_000):
        take(store, chance.sample(pages[chance.randrange(20)], 3), due + HOUR)
    for place in range(5):
        order = shown(store, place, now)
        assert set(order.pii.values()) == {REDACTED}
        assert order.status == "S19"
        assert len(order.packages) == 20
    with store.read() as tx:
        assert tx.session.scalar(select(func.count()).select_from(DataKeyRow)) in (0, 1)
        assert tx.session.scalar(select(func.count()).select_from(OrderTraceRow)) == 0


def test_two_at_once_keep_every_order_once(store: Store, now: datetime) -> None:
    """Pages that overlap, taken by several at once, are all there, each order with one key."""
    pages = [[news(place, hours) for place in range(40)] for hours in range(8)]
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(take, store, page, now) for page in pages]:
            done.result()
    with store.read() as tx:
        keys = select(func.count()).where(DataKeyRow.owner.startswith("order:"))
        assert tx.session.scalar(keys) == 40
    for place in range(40):
        assert shown(store, place, now).pii["last_name"] == RawText("Quackenbush")


def test_rows_are_written_as_columns_bind_them(store: Store, now: datetime) -> None:
    """Times, amounts, bytes and odd characters come back from many rows as from one."""
    odd = 'a"b\\c\n\x00\ud800 檜 👍'
    take(store, [news(1)], now)
    item = {"order_id": number(1), "sku": "S", "asin": None, "title": odd, "quantity": 2**40,
            "price": Decimal("0.10")}  # fmt: skip
    package = {"order_id": number(1), "tracking_id": "T", "carrier": None, "status": None,
               "shipped_at": now, "delivered_at": None, "delivery_source": None}  # fmt: skip
    key = {"owner": "ticket:9", "epoch": 1, "wrapped": bytes(range(256))}
    with store.begin() as tx:
        insert_rows(tx.session, ItemRow.metadata.tables["items"], [item])
        insert_rows(tx.session, PackageRow.metadata.tables["packages"], [package])
        insert_rows(tx.session, DataKeyRow.metadata.tables["data_keys"], [key])
        upsert_rows(
            tx.session,
            ItemRow.metadata.tables["items"],
            [{**item, "asin": "B000000001", "title": None}],
            keep_known=True,
        )
    with store.read() as tx:
        kept = tx.session.get_one(ItemRow, (number(1), "S"))
        assert (kept.asin, kept.quantity, kept.price) == ("B000000001", 2**40, Decimal("0.10"))
        assert kept.title == 'a"b\\c\n\ufffd\ufffd 檜 👍'
        assert tx.session.get_one(PackageRow, (number(1), "T")).shipped_at == now
        assert tx.session.get_one(DataKeyRow, "ticket:9").wrapped == bytes(range(256))


def test_an_order_knows_when_amazon_last_told_of_it(store: Store, now: datetime) -> None:
    """News of Amazon's count as looked up now, those of an import do not."""
    with store.begin() as tx:
        assert tx.orders.known(ORDER) == (None, None)
        tx.orders.upsert(order_news(), now=now, retention_days=DAYS)
        assert tx.orders.known(ORDER) == (ACME, None)
    take(store, [order_news(changed_at=CHANGED)], now + HOUR)
    with store.read() as tx:
        assert tx.orders.known(ORDER) == (MerchantId("acme"), now + HOUR)
        assert tx.orders.without_items([ORDER, number(9)]) == (ORDER, number(9))
