"""Whose word on a delivery counts, through every door by which one comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Final

import pytest

from bot import app
from bot.settings import from_environment
from nlp.text import RawText
from storage.deliveries import DeliverySource
from storage.early_shipments import WAITED_FOR
from storage.ids import MerchantId, OrderId
from storage.orders import OrderNews, Package
from storage.redaction_batch import Terms
from storage.store import Store
from storage.sweep import sweep
from tests.shipment_feed import DAYS, NOW, ORDER, TRACKING, ShipmentFeed, shipment_feed

DAY: Final = timedelta(days=1)
FIRST: Final = NOW - 10 * DAY
SECOND: Final = NOW - 6 * DAY
THIRD: Final = NOW - 2 * DAY
OTHER: Final = "113-5550143-5550143"
SQLITE: Final = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what does not depend on the kind of database."""

Tell = Callable[[ShipmentFeed, datetime], object]


@pytest.fixture
def feed(store: Store) -> Iterator[ShipmentFeed]:
    """A house that listens to the feed and knows an order with a package on its way."""
    with shipment_feed(store) as opened:
        opened.imports(
            "orders", "order_id,merchant,tracking_id,first_name", f"{ORDER},birch,{TRACKING},Odalys"
        )
        yield opened


def carrier(feed: ShipmentFeed, at: datetime) -> object:
    """Tell of the delivery as the carrier does, by the webhook."""
    told = {"tracking_id": TRACKING, "delivered_at": at.isoformat()}
    return feed.sends("shipment.delivered", told)


def jetpack(feed: ShipmentFeed, at: datetime) -> object:
    """Tell of it as Jetpack's own system does, by the webhook."""
    told = {"tracking_id": TRACKING, "delivered_at": at.isoformat(), "source": "jetpack"}
    return feed.sends("shipment.delivered", told)


def shipments_file(feed: ShipmentFeed, at: datetime) -> object:
    """Tell of it by an import of shipments."""
    return feed.imports("shipments", "tracking_id,delivered_at", f"{TRACKING},{at.isoformat()}")


def orders_file(feed: ShipmentFeed, at: datetime) -> object:
    """Tell of it by an import of orders whose row names the package."""
    header = "order_id,merchant,tracking_id,delivered_at"
    return feed.imports("orders", header, f"{ORDER},birch,{TRACKING},{at.isoformat()}")


def whole(feed: ShipmentFeed, at: datetime) -> object:
    """Tell of the order as a whole, by an import whose row names no package."""
    return feed.imports(
        "orders", "order_id,merchant,delivered_at", f"{ORDER},birch,{at.isoformat()}"
    )


def amazon(feed: ShipmentFeed, at: datetime) -> object:
    """See the package as DELIVERED at Amazon, which gives no time of its own."""
    seen = Package(
        tracking_id=TRACKING,
        status="DELIVERED",
        delivered_at=at,
        delivery_source=DeliverySource.AMAZON,
    )
    news = OrderNews(
        order_id=OrderId(ORDER), merchant_id=MerchantId("birch"), changed_at=at, packages=(seen,)
    )
    with feed.store.begin() as records:
        return records.orders.upsert_all((news,), now=feed.now, retention_days=DAYS)


TRUSTED: Final[Mapping[str, Tell]] = {
    "carrier": carrier,
    "jetpack": jetpack,
    "shipments file": shipments_file,
    "orders file": orders_file,
}
"""The doors of the same, the most, trust."""


def counts(feed: ShipmentFeed) -> tuple[datetime | None, str | None]:
    """Return the delivery of the package that counts, and who told of it."""
    order = feed.order()
    [package] = order.packages
    assert order.delivered_at == package.delivered_at
    assert order.due_at == (package.delivered_at or NOW) + DAYS * DAY
    return package.delivered_at, package.delivery_source


@pytest.mark.parametrize("name", TRUSTED)
@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
@SQLITE
def test_more_trust_counts_whoever_speaks_first(
    name: str, order: tuple[int, ...], feed: ShipmentFeed
) -> None:
    """Of the package's, the order's and Amazon's delivery the package's own counts."""
    told: list[tuple[Tell, datetime]] = [(TRUSTED[name], SECOND), (whole, THIRD), (amazon, FIRST)]
    for number in order:
        tell, at = told[number]
        tell(feed, at)
    source = name if name in ("carrier", "jetpack") else "import"
    assert counts(feed) == (SECOND, source)


@pytest.mark.parametrize("order", [(whole, amazon), (amazon, whole)], ids=["first", "last"])
@pytest.mark.parametrize("moments", [(FIRST, THIRD), (THIRD, FIRST)], ids=["earlier", "later"])
@SQLITE
def test_the_order_as_a_whole_counts_before_amazon(
    order: tuple[Tell, ...], moments: tuple[datetime, datetime], feed: ShipmentFeed
) -> None:
    """What is told of the order counts before what Amazon shows, be it earlier or later."""
    at: dict[Tell, datetime] = {whole: moments[0], amazon: moments[1]}
    for tell in order:
        tell(feed, at[tell])
    assert counts(feed) == (moments[0], "order")


@pytest.mark.parametrize("first", TRUSTED)
@pytest.mark.parametrize("last", TRUSTED)
@pytest.mark.parametrize("moments", [(SECOND, THIRD), (THIRD, SECOND)], ids=["later", "earlier"])
@SQLITE
def test_of_the_same_trust_the_last_word_counts(
    first: str, last: str, moments: tuple[datetime, datetime], feed: ShipmentFeed
) -> None:
    """A correction counts, by whatever door it comes and whichever way it moves the delivery."""
    TRUSTED[first](feed, moments[0])
    TRUSTED[last](feed, moments[1])
    assert counts(feed)[0] == moments[1]


@pytest.mark.parametrize("tell", [carrier, jetpack, shipments_file])
@pytest.mark.parametrize("lesser", [whole, amazon])
def test_what_came_before_its_order_has_its_trust(tell: Tell, lesser: Tell, store: Store) -> None:
    """A delivery that waited for its order counts before one of less trust that it comes with."""
    with shipment_feed(store) as feed:
        tell(feed, SECOND)
        assert feed.waiting() == 1
        lesser(feed, FIRST)
        feed.imports("orders", "order_id,merchant,tracking_id", f"{ORDER},birch,{TRACKING}")
        assert counts(feed)[0] == SECOND
        assert feed.waiting() == 0


@pytest.mark.parametrize("swept", [True, False])
def test_after_redaction_news_bring_nothing_back(swept: bool, feed: ShipmentFeed) -> None:
    """Tracking and status change, no name comes back and the clock stands still."""
    carrier(feed, FIRST)
    assert feed.order().pii["first_name"] == RawText("Odalys")
    due = feed.order().due_at
    feed.now = due
    if swept:
        assert sweep(feed.store, Terms(now=due, days=DAYS)).redacted == 1

    told = {"order_id": ORDER, "status": "RETURNED", "delivered_at": due.isoformat()}
    assert feed.sends("shipment.delivered", {**told, "tracking_id": TRACKING}) == 200
    assert feed.sends("shipment.updated", {"order_id": ORDER, "tracking_id": "1ZE5550100"}) == 200
    feed.imports("shipments", "tracking_id,order_id,carrier", f"{TRACKING},{ORDER},UPS")

    order = feed.order()
    assert set(order.pii.values()) == {"Redacted"}
    assert order.due_at == due
    assert order.redacted
    assert [each.tracking_id for each in order.packages] == [TRACKING, "1ZE5550100"]
    assert (order.packages[0].status, order.packages[0].carrier) == ("RETURNED", "UPS")


def test_a_combined_parcel_delivers_both_orders(feed: ShipmentFeed) -> None:
    """One word of the carrier's, or one row of a file, starts the clock of both."""
    feed.imports("orders", "order_id,merchant,tracking_id", f"{OTHER},cedar,{TRACKING}")
    for tell, at in ((carrier, FIRST), (shipments_file, SECOND)):
        tell(feed, at)
        assert feed.order(ORDER).due_at == feed.order(OTHER).due_at == at + DAYS * DAY


def test_what_nobody_knows_is_kept_for_sixty_days_by_the_clock(
    database_url: str, store: Store, tmp_path: Path
) -> None:
    """The hourly work forgets a shipment whose order did not come, not a minute too early."""
    environment = {
        "CARE_HOME": str(tmp_path),
        "DATABASE_URL": database_url,
        "CARE_KEYRING": f"{tmp_path}/keyring.json",
    }
    with shipment_feed(store) as feed:
        told = {"tracking_id": "1ZE5550100", "status": "IN_TRANSIT"}
        assert feed.sends("shipment.in_transit", told) == 202
        app.migrate(from_environment(environment))
        with app.records(from_environment(environment)) as records:
            records.upkeep.purge(NOW + WAITED_FOR)
            assert feed.waiting() == 1
            records.upkeep.purge(NOW + WAITED_FOR + timedelta(minutes=1))
            assert feed.waiting() == 0
