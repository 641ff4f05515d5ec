"""An order is asked for while somebody waits: once, within the limits, and never for nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.amazon.calls import NotYet
from bot.amazon.operations import Operation
from bot.amazon.refreshing import FRESH
from bot.sellers import OrdersVersion
from storage.feeds import FeedKind
from storage.ids import MerchantId, OrderId
from storage.orders import OrderNews
from storage.store import Store
from tests.bot.test_amazon_orders import ORDER
from tests.selling import BIRCH, CEDAR, START, Selling, birch, rows, selling, sqlite_store

V0 = {"SP_API_ORDERS_VERSION": "v0"}
ON = {"SP_API_PII": "true"}
UNKNOWN = OrderId("111-5550123-5550200")


@pytest.fixture
def both(store: Store) -> Iterator[Selling]:
    """A seller of whose orders none is known here, on each kind of database."""
    with selling(store, orders=40, environ=ON) as opened:
        yield opened


@pytest.fixture(params=[ON, {**V0, **ON}], ids=["2026", "v0"])
def shop(
    request: pytest.FixtureRequest, sqlite_template: Path, tmp_path: Path
) -> Iterator[Selling]:
    """The same with either version."""
    with (
        sqlite_store(sqlite_template, tmp_path) as store,
        selling(store, orders=25, environ=request.param) as opened,
    ):
        yield opened


@pytest.fixture
def quick_shop(sqlite_template: Path, tmp_path: Path) -> Iterator[Selling]:
    """The same on SQLite and with 2026-01-01 alone."""
    with (
        sqlite_store(sqlite_template, tmp_path) as store,
        selling(store, orders=40, environ=ON) as opened,
    ):
        yield opened


def an_id(shop: Selling) -> OrderId:
    """Return the number of an order that Jetpack ships and that is shipped."""
    return OrderId(
        next(
            order.id
            for order in birch(shop).orders()
            if order.fulfilled_by == "MERCHANT" and not order.programs and order.packages
        )
    )


def asked(shop: Selling) -> int:
    """Return how often Amazon was asked for single orders, whatever the version."""
    return shop.calls("getOrder") + shop.calls("getOrderV0")


def test_an_unknown_order_is_asked_for(shop: Selling) -> None:
    """An order that is not known yet is kept as Amazon tells, with its items and its people."""
    order_id = an_id(shop)

    shop.refreshing.refresh(BIRCH, order_id)

    assert asked(shop) == 1
    order = shop.order(order_id)
    assert order is not None
    assert sum(item.quantity or 0 for item in order.items) == birch(shop).order(order_id).units
    assert shop.wanted() == ()


def test_what_is_fresh_is_not_asked_for(both: Selling) -> None:
    """What Amazon told within a quarter of an hour is not asked for; what is older is, once."""
    order_id = an_id(both)
    both.refreshing.refresh(BIRCH, order_id)
    both.clock.wait(minutes=14, seconds=59)
    both.refreshing.refresh(BIRCH, order_id)
    assert asked(both) == 1

    both.clock.wait(seconds=1)
    birch(both).change(order_id, status="CANCELLED")
    for _ in range(3):
        both.refreshing.refresh(BIRCH, order_id)

    assert asked(both) == 2
    order = both.order(order_id)
    assert order is not None
    assert order.status == "Canceled"
    assert timedelta(minutes=15) == FRESH


def test_beyond_the_limit_it_is_wanted_and_comes(shop: Selling) -> None:
    """Where the limit allows no call the order is wanted, and there with a turn of the feed."""
    order_id, account = an_id(shop), shop.accounts[BIRCH]
    is_old = account.seller.orders is OrdersVersion.V0
    with suppress(NotYet):
        while True:
            account.calls.spend(Operation.GET_ORDER_V0 if is_old else Operation.GET_ORDER)

    shop.refreshing.refresh(BIRCH, order_id)
    assert asked(shop) == 0
    assert shop.wanted() == (order_id,)

    shop.clock.wait(seconds=3)
    shop.turn()
    assert asked(shop) == 1
    assert order_id in shop.order_ids()
    assert order_id not in shop.wanted()


def test_anothers_order_is_never_asked_for(quick_shop: Selling) -> None:
    """An order that is kept for another merchant is nobody else's business, also at Amazon."""
    shop = quick_shop
    order_id = an_id(shop)
    news = OrderNews(order_id=order_id, merchant_id=CEDAR)
    with shop.store.begin() as records:
        records.orders.upsert(news, now=START, retention_days=30)

    shop.refreshing.refresh(BIRCH, order_id)

    assert shop.amazon.calls == []
    assert shop.wanted() == ()


def test_whom_the_settings_do_not_name_is_not_asked(quick_shop: Selling) -> None:
    """A merchant without an account at Amazon costs no call."""
    quick_shop.refreshing.refresh(MerchantId("nobody"), UNKNOWN)

    assert quick_shop.amazon.calls == []
    assert quick_shop.wanted(MerchantId("nobody")) == ()


def test_what_amazon_does_not_know_leaves_nothing(shop: Selling) -> None:
    """An order that is unknown at Amazon is neither kept nor wanted."""
    shop.refreshing.refresh(BIRCH, UNKNOWN)

    assert rows(shop.store, "orders") == []
    assert shop.wanted() == ()


FAULTS: list[dict[str, Any]] = [
    {"status": 500},
    {"status": 429, "body": "<html>"},
    {"status": 200, "body": "<html>"},
    {"status": 200, "body": "{}"},
    {"status": 200, "body": '{"order": null}'},
    {"status": 200, "body": json.dumps({"order": ORDER})},  # another one
    {"status": 403},
    {"drop": True},
    {"cut": True},
]


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_what_fails_is_asked_for_later(quick_shop: Selling, fault: dict[str, Any]) -> None:
    """Where Amazon gives no such order the asking never fails; it is there a few minutes later."""
    shop, order_id = quick_shop, an_id(quick_shop)
    shop.amazon.faults.add("getOrder", **fault)

    shop.refreshing.refresh(BIRCH, order_id)
    assert rows(shop.store, "orders") == []
    assert shop.wanted() == (order_id,)

    shop.turn()
    shop.run(FeedKind.ORDERS, minutes=10)
    assert shop.order(order_id) is not None
    assert shop.wanted() == ()


def test_what_a_withdrawn_seller_has_is_not_had(quick_shop: Selling) -> None:
    """Without the seller's authorization the asking fails quietly, and is made up for later."""
    birch(quick_shop).revoke()
    order_id = an_id(quick_shop)

    quick_shop.refreshing.refresh(BIRCH, order_id)

    assert quick_shop.wanted() == (order_id,)
    birch(quick_shop).restore()
    quick_shop.run(FeedKind.ORDERS, minutes=10)
    assert quick_shop.order(order_id) is not None


def test_a_refresh_follows_the_terms_of_retention(quick_shop: Selling) -> None:
    """An order whose time is up is refreshed without its people."""
    shop = quick_shop
    order = birch(shop).order(an_id(shop))
    old = replace(
        order,
        created=START - timedelta(days=200),
        last_updated=START - timedelta(days=190),
        deliver_by=(START - timedelta(days=195), START - timedelta(days=190)),
        packages=(),
    )
    birch(shop).put(old)

    shop.refreshing.refresh(BIRCH, OrderId(old.id))

    found = shop.order(old.id)
    assert found is not None
    assert set(found.pii.values()) == {"Redacted"}
