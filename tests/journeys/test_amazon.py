"""Orders come in from Amazon by themselves, and merchants ask for them in Slack."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.sandbox.amazon import SandboxAmazon
from bot.sandbox.amazon.order import SandboxOrder
from bot.sandbox.amazon.seller import Seller
from bot.sandbox.stage import Stage
from storage.feeds import FeedKind
from storage.ids import MerchantId, OrderId
from storage.orders import Order
from storage.tables import OrderRow
from tests.journeys.acting import BIRCH, answer, asks, cards, idle, link, merchant, other_merchant
from tests.journeys.conftest import housed

HOUSES = [
    "socket-sqlite",
    pytest.param("http-postgresql", marks=pytest.mark.postgresql),
]


def sellers(amazon: SandboxAmazon) -> None:
    """Add two merchants that sell at Amazon."""
    amazon.tokens.seconds = 10**9
    amazon.reports.queue_seconds = amazon.reports.run_seconds = 1
    amazon.add_seller("birch-and-brook", orders=130, returns=20, seed=3)
    amazon.add_seller("cedar-kettle", orders=20, returns=2, seed=4)


@pytest.fixture(scope="module", params=HOUSES)
def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """A running bot that reads two sellers; the tests of this module share it."""
    home = tmp_path_factory.mktemp("house")
    with housed(request, home, request.param, sellers) as opened:
        yield ready(opened)


def ready(house: Stage) -> Stage:
    """Link the channels and wait for the first orders."""
    link(house)
    assert house.has_read("birch-and-brook")
    assert house.has_read("cedar-kettle")
    return house


def seller(house: Stage) -> Seller:
    """Return Birch & Brook at Amazon."""
    assert house.amazon is not None
    return house.amazon.sellers["birch-and-brook"]


def one(house: Stage, fits: Callable[[SandboxOrder], bool]) -> SandboxOrder:
    """Return an order at Amazon."""
    return next(order for order in seller(house).orders() if fits(order))


def is_ours(order: SandboxOrder) -> bool:
    """Tell an FBM order that has left, and is no Prime order."""
    return bool(order.packages) and order.fulfilled_by == "MERCHANT" and not order.programs


def kept(house: Stage, number: str) -> Order | None:
    """Return an order as it is kept."""
    with house.bot.records.store.read() as records:
        return house.bot.records.lookup.order(records, OrderId(number))


def age(house: Stage, number: str) -> None:
    """Let what is known of an order be an hour old."""
    with house.bot.records.store.begin() as records:
        row = records.session.get_one(OrderRow, number)
        row.checked_at = house.now() - timedelta(hours=1)


def test_every_order_and_return_comes_in(house: Stage) -> None:
    """What Amazon has of both sellers is here, each order with its own merchant."""
    assert house.amazon is not None
    for name, account in house.amazon.sellers.items():
        found = [kept(house, order.id) for order in account.orders()]
        assert {None if order is None else order.merchant_id for order in found} == {name}

    def returned() -> bool:
        with house.bot.records.store.read() as records:
            return any(
                feed.kind is FeedKind.RETURNS and feed.read_until for feed in records.feeds.all()
            )

    assert house.eventually(returned)


def test_a_merchant_is_told_where_the_order_is(house: Stage) -> None:
    """Carrier and tracking of an order that nobody imported, and as of when."""
    order = one(house, is_ours)
    text = answer(house, asks(house, merchant(house), f"where is {order.id}?"))
    assert order.packages[0].tracking in text
    assert "|20 Nov 2026 17:00 UTC>_" in text
    assert order.buyer.name not in text


def test_what_is_old_is_asked_for_again(house: Stage) -> None:
    """An order whose news is an hour old is looked up at Amazon before it is told."""
    order = one(house, lambda each: is_ours(each) and each.status == "SHIPPED")
    changed = tuple(replace(package, carrier="Snailworks") for package in order.packages)
    seller(house).change(order.id, packages=changed)
    age(house, order.id)
    text = answer(house, asks(house, merchant(house), f"where is {order.id} now?"))
    assert "Snailworks" in text


def test_an_order_that_nobody_knows_yet_is_looked_up(house: Stage) -> None:
    """An order of a minute ago, which the feed has not read, is found all the same."""
    order = one(house, is_ours)
    fresh = replace(order, id="111-7654321-1234567", last_updated=house.now(), status="UNSHIPPED")
    seller(house).put(fresh)
    text = answer(house, asks(house, merchant(house), f"where is {fresh.id}"))
    assert "Unshipped" in text


def test_an_order_that_amazon_fulfils_says_so(house: Stage) -> None:
    """FBA orders are marked as not ours, and the bot says why."""
    order = one(house, lambda each: each.fulfilled_by == "AMAZON")
    found = kept(house, order.id)
    assert found is not None
    assert found.channel == "AFN"
    text = answer(house, asks(house, merchant(house), f"where is {order.id}"))
    assert "FBA" in text


def test_a_refund_is_told_by_number_and_only_to_the_merchant(house: Stage) -> None:
    """The order's merchant hears where to refund it; another hears that there is no such order."""
    order = one(house, is_ours)
    text = answer(house, asks(house, merchant(house), f"how do I refund {order.id}?"))
    assert "Seller Central" in text
    sent = asks(house, other_merchant(house), f"how do I refund {order.id}?", "cedar-kettle-co")
    text = answer(house, sent)
    assert "can't find" in text
    assert "Manage Orders" not in text


def test_reading_by_hand_does_not_stop_the_engine(house: Stage) -> None:
    """After turns that somebody took by hand, the engine goes on with the next."""
    records = house.bot.records
    sync = records.sync(house.bot.sync.tell, on_engine=False)
    [feed] = [
        each
        for each in sync.feeds()
        if each.merchant_id == "cedar-kettle" and each.kind is FeedKind.ORDERS
    ]
    done = sync.turn(feed.feed_id, feed.turn)
    assert done is not None
    # What the engine had waiting is void now; it finds that out when its time has come.
    assert house.bot.sync.turn(feed.feed_id, feed.turn) is None
    assert records.jobs.has_turn(done.feed.feed_id, done.feed.turn)


def test_a_seller_who_withdrew_is_told_once(house: Stage) -> None:
    """Care hears it in one message, both feeds of the seller wait, the other seller goes on."""
    seller(house).revoke()
    sync = house.bot.sync
    account = sync.accounts[MerchantId("birch-and-brook")]
    account.calls._login.forget(account.seller.refresh_token)
    for feed in sync.feeds():
        with house.bot.records.store.begin() as records:
            records.feeds.save(replace(feed, due_at=house.now(), cursor_at=None, cursor=None))
    for feed in sync.feeds():
        sync.turn(feed.feed_id, feed.turn)
    idle(house)
    told = house.eventually(lambda: [card for card in cards(house) if "withdrawn" in card.text])
    assert len(told) == 1
    paused = {(feed.merchant_id, feed.paused_at is not None) for feed in sync.feeds()}
    assert paused == {("birch-and-brook", True), ("cedar-kettle", False)}
    assert BIRCH in told[0].text
