"""What is told of a package before its order is known waits for it, for 60 days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from sqlalchemy import select

from nlp.text import RawText
from storage.deliveries import DeliverySource
from storage.early_shipments import WAITED_FOR
from storage.ids import OrderId
from storage.orders import Order, OrderNews, Package
from storage.shipments import Shipment
from storage.store import Store
from storage.tables import DataKeyRow, EarlyShipmentRow, OrderRow
from tests.storage.samples import BOLT, DAYS, ORDER, order_news

DAY: Final = timedelta(days=1)
DELIVERED: Final = datetime(2026, 2, 20, 17, 5, tzinfo=UTC)
TRACKING: Final = "1Z999AA10123456784"
OTHER: Final = OrderId("111-2223334-5556668")


def told(**more: object) -> Shipment:
    """Return what a carrier says of the package."""
    fields: dict[str, object] = {"tracking_id": TRACKING, "source": DeliverySource.CARRIER}
    return Shipment(**{**fields, **more})  # type: ignore[arg-type]


def hear(store: Store, shipment: Shipment, now: datetime) -> tuple[OrderId, ...]:
    """Take news of a package. Returns the orders that it belongs to."""
    with store.begin() as tx:
        return tx.orders.ship(shipment, now=now, retention_days=DAYS)


def take(store: Store, news: OrderNews, now: datetime) -> None:
    """Take news of an order."""
    with store.begin() as tx:
        tx.orders.upsert(news, now=now, retention_days=DAYS)


def with_package(tracking_id: str = TRACKING, **more: object) -> OrderNews:
    """Return news of an order with a package of which no more is known."""
    return order_news(None, packages=(Package(tracking_id=tracking_id),), **more)


def packages(store: Store, now: datetime, order_id: OrderId = ORDER) -> tuple[Package, ...]:
    """Return the packages of an order that is there."""
    return order(store, now, order_id).packages


def order(store: Store, now: datetime, order_id: OrderId = ORDER) -> Order:
    """Return an order that is there."""
    with store.read() as tx:
        found = tx.orders.get(order_id, now, DAYS)
    assert found is not None
    return found


def waiting(store: Store) -> list[tuple[str, str]]:
    """Return tracking id and order id of what waits for its order."""
    key = (EarlyShipmentRow.tracking_id, EarlyShipmentRow.order_id)
    with store.read() as tx:
        return [(row[0], row[1]) for row in tx.session.execute(select(*key).order_by(*key))]


def purge(store: Store, now: datetime) -> int:
    """Forget what waited in vain."""
    with store.begin() as tx:
        return tx.orders.early.purge(now)


def test_what_names_its_order_counts_when_the_order_comes(store: Store, now: datetime) -> None:
    """The package is the order's, with its delivery and who told of it; nothing waits any more."""
    early = told(order_id=ORDER, carrier="UPS", status="DELIVERED", delivered_at=DELIVERED)
    assert hear(store, early, now) == ()
    assert waiting(store) == [(TRACKING, ORDER)]

    take(store, order_news(), now + DAY)

    assert packages(store, now) == (
        Package(
            tracking_id=TRACKING,
            carrier="UPS",
            status="DELIVERED",
            delivered_at=DELIVERED,
            delivery_source="carrier",
        ),
    )
    assert order(store, now).due_at == DELIVERED + DAYS * DAY
    assert waiting(store) == []


def test_what_names_no_order_waits_for_its_tracking_id(store: Store, now: datetime) -> None:
    """An order without that package leaves it waiting, the one with it takes it."""
    hear(store, told(delivered_at=DELIVERED), now)
    take(store, with_package("1Z2", order_id=OTHER), now)
    assert waiting(store) == [(TRACKING, "")]

    take(store, with_package(), now)

    [package] = packages(store, now)
    assert (package.delivered_at, package.delivery_source) == (DELIVERED, "carrier")
    assert waiting(store) == []


def test_a_package_that_a_known_order_gets_later_was_waited_for(
    store: Store, now: datetime
) -> None:
    """It need not be a new order: one that learns of the tracking id takes what waited for it."""
    take(store, order_news(), now)
    assert hear(store, told(delivered_at=DELIVERED), now) == ()

    take(store, with_package(), now)

    assert packages(store, now)[0].delivered_at == DELIVERED


def test_what_names_another_order_is_not_taken(store: Store, now: datetime) -> None:
    """A shipment of one order stays out of another, even with the same tracking id."""
    hear(store, told(order_id=OTHER, delivered_at=DELIVERED), now)
    take(store, with_package(), now)

    assert packages(store, now)[0].delivered_at is None
    assert waiting(store) == [(TRACKING, OTHER)]


def test_orders_of_a_combined_parcel_that_come_together_both_take_it(
    store: Store, now: datetime
) -> None:
    """Two orders of one page that share a tracking id both take what waited for it."""
    hear(store, told(delivered_at=DELIVERED), now)
    with store.begin() as tx:
        both = (with_package(), with_package(order_id=OTHER, merchant_id=BOLT))
        tx.orders.upsert_all(both, now=now, retention_days=DAYS)

    assert packages(store, now)[0].delivered_at == DELIVERED
    assert packages(store, now, OTHER)[0].delivered_at == DELIVERED


def test_news_that_wait_add_up(store: Store, now: datetime) -> None:
    """What comes later changes what waits; what it does not say stays as it was."""
    hear(store, told(order_id=ORDER, carrier="UPS", status="IN_TRANSIT", shipped_at=DELIVERED), now)
    hear(store, told(order_id=ORDER, status="DELIVERED", delivered_at=DELIVERED + DAY), now)
    take(store, order_news(), now)

    assert packages(store, now) == (
        Package(
            tracking_id=TRACKING,
            carrier="UPS",
            status="DELIVERED",
            shipped_at=DELIVERED,
            delivered_at=DELIVERED + DAY,
            delivery_source="carrier",
        ),
    )


@pytest.mark.parametrize("source", ["carrier", "jetpack", "import"])
def test_who_said_so_is_not_forgotten(source: str, store: Store, now: datetime) -> None:
    """A delivery that waited comes with its source, so that its trust is known."""
    hear(store, told(order_id=ORDER, source=source, delivered_at=DELIVERED), now)
    take(store, order_news(delivered_at=DELIVERED + DAY), now)

    [package] = packages(store, now)
    assert (package.delivered_at, package.delivery_source) == (DELIVERED, source)


def test_what_comes_with_the_order_is_the_last_word(store: Store, now: datetime) -> None:
    """A delivery and a status of the same trust that the order itself brings count, being later."""
    hear(store, told(order_id=ORDER, status="IN_TRANSIT", delivered_at=DELIVERED + DAY), now)
    own = Package(
        tracking_id=TRACKING, status="DELIVERED", delivered_at=DELIVERED, delivery_source="import"
    )
    take(store, order_news(packages=(own,)), now + DAY)

    assert packages(store, now) == (own,)


def test_an_order_that_was_delivered_long_ago_comes_in_redacted(store: Store) -> None:
    """What waited tells that its time is up: no PII is sealed, not even until the next sweep."""
    gone = DELIVERED + DAYS * DAY
    hear(store, told(order_id=ORDER, delivered_at=DELIVERED), gone)
    take(store, order_news(), gone)

    with store.read() as tx:
        assert tx.session.scalars(select(OrderRow.last_name)).all() == ["Redacted"]
        assert tx.session.scalars(select(DataKeyRow.owner)).all() == []


def test_another_package_of_that_order_keeps_it_open(store: Store) -> None:
    """The first package was delivered long ago, the second yesterday: the order is not due yet."""
    gone = DELIVERED + DAYS * DAY
    hear(store, told(order_id=ORDER, delivered_at=DELIVERED), gone)
    second = Package(tracking_id="1Z2", delivered_at=gone - DAY, delivery_source="import")
    take(store, order_news(packages=(second,)), gone)

    found = order(store, gone)
    assert found.pii["last_name"] == RawText("Quackenbush")
    assert found.due_at == gone + (DAYS - 1) * DAY


def test_an_order_whose_time_is_up_is_not_the_one_of_a_tracking_id(
    store: Store, now: datetime
) -> None:
    """Carriers use their numbers again: news of one change no order that is long delivered."""
    gone = DELIVERED + DAYS * DAY
    delivered = Package(tracking_id=TRACKING, delivered_at=DELIVERED, delivery_source="carrier")
    take(store, order_news(packages=(delivered,)), now)

    assert hear(store, told(status="IN_TRANSIT"), gone) == ()

    assert packages(store, gone) == (delivered,)
    assert waiting(store) == [(TRACKING, "")]


def test_an_order_is_waited_for_sixty_days_and_no_longer(store: Store, now: datetime) -> None:
    """Sixty days after the last word, to the second, it is there; a second later it goes."""
    hear(store, told(), now - DAY)
    hear(store, told(status="IN_TRANSIT"), now)
    hear(store, told(order_id=ORDER), now + DAY)

    assert purge(store, now + WAITED_FOR) == 0
    assert purge(store, now + WAITED_FOR + timedelta(seconds=1)) == 1
    assert waiting(store) == [(TRACKING, ORDER)]
    assert WAITED_FOR.days == 60


def test_a_shipment_that_was_forgotten_counts_no_more(store: Store, now: datetime) -> None:
    """An order that comes after that time does not take it."""
    hear(store, told(order_id=ORDER, delivered_at=DELIVERED), now)
    purge(store, now + WAITED_FOR + DAY)
    take(store, order_news(), now + WAITED_FOR + DAY)

    assert packages(store, now + WAITED_FOR + DAY) == ()


def test_a_large_page_of_orders_takes_all_that_waited(store: Store, now: datetime) -> None:
    """More orders than one question to the database may name find theirs, by either key."""
    ids = [OrderId(f"111-2223334-{number:07}") for number in range(1_100)]
    last = ids[-1]
    hear(store, told(order_id=last, tracking_id="1Z2", delivered_at=DELIVERED), now)
    hear(store, told(tracking_id=f"T{last}", delivered_at=DELIVERED + DAY), now)
    with store.begin() as tx:
        page = [with_package(f"T{each}", order_id=each) for each in ids]
        tx.orders.upsert_all(page, now=now, retention_days=DAYS)

    assert [each.delivered_at for each in packages(store, now, last)] == [
        DELIVERED,
        DELIVERED + DAY,
    ]
    assert waiting(store) == []


def test_a_naive_time_is_refused(store: Store) -> None:
    """Neither what is told nor when it is heard may lack its zone."""
    naive = datetime(2026, 3, 1)  # noqa: DTZ001
    with pytest.raises(ValueError, match="time zone"):
        told(delivered_at=naive)
    with pytest.raises(ValueError, match="time zone"):
        hear(store, told(), naive)
