"""Reading a seller: whatever Amazon does in between, every order is there in the end."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.amazon.orders_feed import RESTARTS
from bot.amazon.sync import SLOWLY, WORTH_TELLING
from bot.amazon.troubles import LONGEST_BACKOFF, Trouble
from bot.errors import (
    AmazonBusy,
    AmazonError,
    AmazonForbidden,
    AmazonKeysRefused,
    AmazonRefused,
    AmazonUnreadable,
    SettingsError,
)
from bot.sandbox.amazon.order import Item, SandboxOrder
from bot.sandbox.amazon.rendering_v0 import STATUSES
from storage.feeds import FeedKind
from storage.ids import OrderId
from storage.orders import OrderNews
from storage.store import Store
from tests.bot.test_amazon_orders import ORDER, put
from tests.selling import (
    BIRCH,
    CEDAR,
    START,
    Selling,
    birch,
    rows,
    selling,
    sqlite_store,
)

V0 = {"SP_API_ORDERS_VERSION": "v0"}
HTML = "<html><body><h1>We are sorry</h1></body></html>"
BOTH = pytest.mark.parametrize("environ", [{}, V0], ids=["2026", "v0"])


@pytest.fixture
def plain(sqlite_template: Path, tmp_path: Path) -> Iterator[Store]:
    """A store on SQLite alone, for what has nothing to do with the database."""
    with sqlite_store(sqlite_template, tmp_path) as opened:
        yield opened


@pytest.fixture
def shop(plain: Store) -> Iterator[Selling]:
    """A seller with some orders."""
    with selling(plain, orders=25) as opened:
        yield opened


@pytest.fixture
def large_shop(plain: Store) -> Iterator[Selling]:
    """A seller with a page and a bit of orders."""
    with selling(plain, orders=110) as opened:
        yield opened


@pytest.fixture
def both(store: Store) -> Iterator[Selling]:
    """The same on each kind of database."""
    with selling(store, orders=110) as opened:
        yield opened


def complete(shop: Selling, *, packages: bool = True) -> bool:
    """Return whether every settled order is kept as it stands at Amazon, with its items."""
    settled = shop.clock.now - timedelta(minutes=2)
    at_amazon = {order.id: order for order in birch(shop).orders() if order.last_updated <= settled}
    held = {row["order_id"]: row for row in rows(shop.store, "orders")}
    units: Counter[str] = Counter()
    for row in rows(shop.store, "items"):
        units[row["order_id"]] += row["quantity"]
    tracking = {
        (row["order_id"], row["tracking_id"], row["status"]) for row in rows(shop.store, "packages")
    }
    return (
        len(at_amazon) > 8
        and at_amazon.keys() <= held.keys()
        and all(held[id_]["status"] == STATUSES[order.status] for id_, order in at_amazon.items())
        and all(units[id_] == order.units for id_, order in at_amazon.items())
        and (
            not packages
            or all(
                (id_, package.tracking, package.status) in tracking
                for id_, order in at_amazon.items()
                for package in order.packages
            )
        )
    )


def body(*orders: object, **more: object) -> str:
    """Return a reply of searchOrders that is its last page."""
    return json.dumps({"orders": orders, "lastUpdatedBefore": "2026-11-20T11:58:00Z", **more})


# All goes well


@BOTH
def test_every_order_is_read(store: Store, environ: dict[str, str]) -> None:
    """All orders of ninety days are kept with items, status and packages, within the limits."""
    orders = 11 if environ else 110
    with selling(store, orders=orders, limits=True, environ=environ) as shop:
        turns = shop.read(most=2_000)

        assert complete(shop, packages=not environ)
        assert not any(turn.error or turn.problems for turn in turns)
        assert shop.amazon.limits.exceeded == Counter()
        assert shop.wanted() == ()


@BOTH
def test_what_changes_is_read_soon(plain: Store, environ: dict[str, str]) -> None:
    """A change is known within the minutes of Amazon's delay and of a turn."""
    with selling(plain, orders=12, environ=environ) as shop:
        shop.read(most=2_000)
        changed = birch(shop).change(birch(shop).order_ids()[3], status="CANCELLED")

        shop.run(FeedKind.ORDERS, minutes=7)

        (row,) = [row for row in rows(plain, "orders") if row["order_id"] == changed.id]
        assert row["status"] == "Canceled"
        assert row["cancelled_at"] == changed.last_updated


def test_an_order_that_changes_behind_the_pages_is_read(large_shop: Selling) -> None:
    """What changes after its page was read comes with the window that follows."""
    shop = large_shop
    shop.turn()
    first = shop.order_ids()
    moved = next(id_ for id_ in birch(shop).order_ids() if id_ in first)
    ahead = next(id_ for id_ in birch(shop).order_ids() if id_ not in first)
    birch(shop).change(moved, status="CANCELLED")
    birch(shop).change(ahead, status="CANCELLED")

    shop.read()
    shop.run(FeedKind.ORDERS, minutes=8)

    assert complete(shop)


def test_a_window_begins_before_the_last_one_ended(shop: Selling) -> None:
    """What shows at Amazon five minutes late is read all the same."""
    shop.read()
    shop.clock.wait(minutes=20)
    shop.turn()
    read_until = shop.feed(FeedKind.ORDERS).read_until
    assert read_until is not None
    late = SandboxOrder(
        id="111-5550123-5550199",
        created=read_until - timedelta(minutes=5),
        last_updated=read_until - timedelta(minutes=4, seconds=59),
        items=(Item(id="1", sku="A", asin="B0TESTAAA1", title="Mug"),),
    )
    birch(shop).put(late)

    shop.run(FeedKind.ORDERS, minutes=6)

    assert late.id in shop.order_ids()


# Amazon fails

FAULTS: dict[str, tuple[dict[str, Any], type[AmazonError]]] = {
    "429 of HTML": ({"status": 429, "body": HTML}, AmazonBusy),
    "503, empty": ({"status": 503, "body": ""}, AmazonBusy),
    "504 of HTML": ({"status": 504, "body": HTML}, AmazonBusy),
    "a connection that is cut": ({"drop": True}, AmazonBusy),
    "half a page": ({"cut": True}, AmazonUnreadable),
    "200 of HTML": ({"status": 200, "body": HTML}, AmazonUnreadable),
    "200, empty": ({"status": 200, "body": ""}, AmazonUnreadable),
    "no orders": ({"status": 200, "body": "{}"}, AmazonUnreadable),
    "a next page that is none": (
        {"status": 200, "body": '{"orders": [], "pagination": {"nextToken": 5}}'},
        AmazonUnreadable,
    ),
}


@pytest.mark.parametrize(("fault", "kind"), FAULTS.values(), ids=FAULTS)
def test_a_page_that_fails_is_read_again(
    large_shop: Selling, fault: dict[str, Any], kind: type[AmazonError]
) -> None:
    """A failure is never the end of the pages: it is tried again, later each time, to the end."""
    shop = large_shop
    before = shop.turn().feed
    assert before.cursor is not None
    shop.amazon.faults.add("searchOrders", **fault, times=3)
    waits = []

    for failures in (1, 2, 3):
        # A throttled call leaves none, so that the turn that finds this out comes in between.
        while not (turn := shop.turn()).error:
            assert turn.taken == 0
        assert isinstance(turn.error, kind)
        assert (turn.feed.cursor, turn.feed.read_until) == (before.cursor, None)
        assert turn.feed.failures == failures
        waits.append((turn.feed.due_at - shop.clock.now).total_seconds())

    assert waits == [5.0, 10.0, 20.0]
    shop.read()
    assert complete(shop)


@BOTH
def test_all_is_there_after_a_bad_day(store: Store, environ: dict[str, str]) -> None:
    """With two calls in five failing in every way there is, all orders and returns come in."""
    orders = 11 if environ else 110
    with selling(store, orders=orders, returns=5, limits=True, environ=environ) as shop:
        shop.amazon.faults.rate = 0.4
        shop.amazon.faults.seed = 3
        turns = shop.run(minutes=25)
        assert sum(turn.error is not None for turn in turns) > 5
        shop.amazon.faults.clear()

        shop.run(minutes=25)

        assert complete(shop, packages=not environ)
        assert {(row["return_id"], row["sku"]) for row in rows(store, "returns")} >= {
            (row.rma, row.item.sku)
            for row in birch(shop).returns(at=int((START - timedelta(hours=7)).timestamp()))
        }
        assert shop.wanted() == ()


def test_waits_grow_up_to_a_quarter_of_an_hour(shop: Selling) -> None:
    """The wait after each failure is twice the one before, a quarter of an hour at most."""
    shop.amazon.faults.add("searchOrders", status=500, times=12)
    waits = []
    for _ in range(12):
        turn = shop.turn()
        waits.append((turn.feed.due_at - shop.clock.now).total_seconds())

    assert waits[:4] == [5.0, 10.0, 20.0, 40.0]
    assert waits[-1] == LONGEST_BACKOFF.total_seconds()
    assert max(waits) == LONGEST_BACKOFF.total_seconds()


def test_care_is_told_once_of_what_lasts(shop: Selling) -> None:
    """Passing failures are told after ten in a row, in one message by seller and feed."""
    shop.amazon.faults.add("searchOrders", status=503, body="", times=30)
    for _ in range(WORTH_TELLING - 1):
        shop.turn()
    assert shop.told == {}

    for _ in range(20):
        shop.turn()

    assert shop.tellings == [next(iter(shop.told))]
    (text,) = shop.told.values()
    assert "*birch-and-brook* (orders)" in text
    assert "\n" not in text


def test_amazon_says_how_long(shop: Selling) -> None:
    """A wait that Amazon asks for is kept where it is longer than ours."""
    shop.amazon.faults.add("searchOrders", status=503, headers={"Retry-After": "77"})

    turn = shop.turn()

    assert turn.feed.due_at == shop.clock.now + timedelta(seconds=77)


# Amazon refuses


def test_wrong_keys_are_told(plain: Store) -> None:
    """Keys that Amazon does not know are told by name, for each feed, and tried again hourly."""
    with selling(plain, environ={"LWA_CLIENT_SECRET": "amzn1.wrong"}) as shop:
        turns = [shop.turn(FeedKind.ORDERS), shop.turn(FeedKind.RETURNS)]

        assert all(isinstance(turn.error, AmazonKeysRefused) for turn in turns)
        assert {turn.feed.problem for turn in turns} == {Trouble.KEYS}
        assert {turn.feed.due_at for turn in turns} == {shop.clock.now + SLOWLY}
        assert all("LWA_APP_ID and LWA_CLIENT_SECRET" in text for text in shop.told.values())
        assert all("amzn1.wrong" not in text for text in shop.told.values())

        shop.again()
        shop.run(FeedKind.ORDERS, hours=1)
        assert complete(shop)


ROLES: dict[str, tuple[str, dict[str, str], FeedKind]] = {
    "orders": ("orders", {}, FeedKind.ORDERS),
    "orders of v0": ("orders", V0, FeedKind.ORDERS),
    "buyers": ("buyer", {"SP_API_PII": "true"}, FeedKind.ORDERS),
    "buyers of v0": ("buyer", {**V0, "SP_API_PII": "true"}, FeedKind.ORDERS),
    "reports": ("reports", {}, FeedKind.RETURNS),
}


@pytest.mark.parametrize(("role", "environ", "kind"), ROLES.values(), ids=ROLES)
def test_a_missing_role_is_told(
    plain: Store, role: str, environ: dict[str, str], kind: FeedKind
) -> None:
    """Without a role one feed stops, is told by seller and feed, and the other goes on."""
    with selling(plain, orders=10, returns=5, environ=environ) as shop:
        birch(shop).roles.discard(role)
        other = next(each for each in FeedKind if each is not kind)

        turn = shop.turn(kind)

        assert isinstance(turn.error, AmazonForbidden)
        assert (turn.feed.problem, turn.feed.paused_at) == (Trouble.FORBIDDEN, None)
        (text,) = shop.told.values()
        assert f"*birch-and-brook* ({kind})" in text
        assert "role" in text
        shop.read(other)
        assert rows(plain, "returns" if other is FeedKind.RETURNS else "orders")

        # It is tried again by the hour, and told once a day.
        shop.run(kind, hours=3)
        assert len(shop.told) == 1
        birch(shop).roles.add(role)
        shop.run(kind, hours=1, minutes=15)
        assert rows(plain, "returns" if kind is FeedKind.RETURNS else "orders")


@BOTH
def test_who_withdraws_is_paused(plain: Store, environ: dict[str, str]) -> None:
    """Both feeds of who withdrew are paused and told once; with another token they go on."""
    environ = {**environ, "SP_API_PII": "true"}
    with selling(plain, orders=11, returns=5, environ=environ) as shop:
        shop.amazon.add_seller(CEDAR, orders=3, seed=9)
        shop.again(environ)
        shop.turn()
        birch(shop).revoke()

        shop.run(minutes=20)

        assert shop.feed(FeedKind.ORDERS).paused_at is not None
        assert shop.feed(FeedKind.RETURNS).paused_at is not None
        assert shop.feed(FeedKind.ORDERS).problem == Trouble.REVOKED
        (text,) = shop.told.values()
        assert "*birch-and-brook* has withdrawn" in text
        assert not any("cedar" in key for key in shop.told)
        assert {row["merchant_id"] for row in rows(plain, "orders")} >= {CEDAR}

        # Nothing is asked any more, also after a restart with the same token.
        shop.again(environ)
        asked = len(shop.amazon.calls)
        feed = shop.feed(FeedKind.ORDERS)
        assert shop.sync.turn(feed.feed_id, feed.turn) is None
        assert len(shop.amazon.calls) == asked

        birch(shop).restore()
        birch(shop).refresh_token = "Atzr|another"
        shop.again(environ)
        shop.read(FeedKind.ORDERS, most=2_000)
        shop.read(FeedKind.RETURNS)
        assert complete(shop, packages=not environ.keys() & V0.keys())
        assert len(shop.told) == 1


def test_a_marketplace_that_the_seller_lacks(plain: Store) -> None:
    """A known marketplace in which the seller does not sell is refused, and told by the setting."""
    with selling(plain, environ={"SP_API_DEFAULT_MARKETPLACE": "CA"}) as shop:
        turns = [shop.turn(FeedKind.ORDERS), shop.turn(FeedKind.RETURNS)]

        assert all(isinstance(turn.error, AmazonRefused) for turn in turns)
        assert {turn.feed.problem for turn in turns} == {Trouble.REFUSED}
        assert all("Check the marketplace" in text for text in shop.told.values())
        assert len(shop.told) == 2


@pytest.mark.parametrize("code", ["XX", "US,DE", ",", "United States"])
def test_a_marketplace_that_is_none(plain: Store, code: str) -> None:
    """A code that is no marketplace's is a wrong setting, before Amazon is asked."""
    with selling(plain) as shop, pytest.raises(SettingsError) as caught:
        shop.again({"SP_API_DEFAULT_MARKETPLACE": code})

    assert "marketplace" in str(caught.value).lower()


@pytest.mark.parametrize("hours", [1, -1])
def test_a_clock_that_is_off_is_told(plain: Store, hours: int) -> None:
    """Where the clock is an hour off, that is told and not that a role is missing."""
    with selling(plain) as shop:
        shop.amazon.checks_dates = True
        shop.amazon.clock = lambda: shop.clock() + timedelta(hours=hours)

        turn = shop.turn()

        assert turn.feed.problem == Trouble.CLOCK
        assert (
            "login: 1 x this machine's clock is more than five minutes off Amazon's"
            in turn.problems
        )
        (text,) = shop.told.values()
        assert "clock" in text
        assert "role" not in text


def test_a_clock_is_not_off_since_amazon_is_silent(shop: Selling) -> None:
    """How long ago Amazon last answered says nothing of the clock."""
    shop.read()
    shop.clock.wait(hours=2)
    shop.amazon.faults.add("*", drop=True, times=2)

    turns = [shop.turn(), shop.turn(FeedKind.RETURNS)]

    assert [turn.feed.problem for turn in turns] == [Trouble.BUSY, Trouble.BUSY]
    assert [turn.problems for turn in turns] == [(), ()]


# Amazon's content is odd


def test_odd_orders_are_named_and_the_rest_is_kept(both: Selling) -> None:
    """Each oddity of a page is one line by operation, without content; other orders are kept."""
    both.amazon.faults.add(
        "searchOrders",
        body=body(
            put(ORDER, "orderId", "111-0000000-0000001"),
            "an order?",
            None,
            put(ORDER, "orderId", ...),
            put(put(ORDER, "orderId", "111-0000000-0000002"), "orderItems", []),
            put(put(ORDER, "orderId", "111-0000000-0000003"), "fulfillment.fulfilledBy", "WHALE"),
            put(put(ORDER, "orderId", "111-0000000-0000004"), "proceeds.grandTotal.amount", "NaN"),
            put(put(ORDER, "orderId", "111-0000000-0000005"), "createdTime", "soon"),
            put(put(ORDER, "orderId", "111-0000000-0000006"), "orderItems.0.quantityOrdered", -2),
            put(put(ORDER, "orderId", "111-0000000-0000007"), "orderItems.0.product.title", "x\0y"),
            put(
                put(ORDER, "orderId", "111-0000000-0000008"), "proceeds.grandTotal.amount", "1e-60"
            ),
            put(put(ORDER, "orderId", "111-0000000-0000008"), "lastUpdatedTime", "soon"),
        ),
    )

    turn = both.turn()

    assert turn.error is None
    assert sorted(turn.problems) == [
        "searchOrders: 1 x a quantity that is none, or below zero",
        "searchOrders: 1 x an amount that is none",
        "searchOrders: 1 x an order without items",
        "searchOrders: 1 x it is not said who fulfils the order",
        "searchOrders: 2 x a time that is none",
        "searchOrders: 4 x no readable order where one should stand",
    ]
    assert both.order_ids() == {f"111-0000000-000000{number}" for number in range(1, 9)}


def test_an_order_of_another_merchant_is_named(both: Selling) -> None:
    """An order that is kept for another merchant stays that one's, the others are kept."""
    taken = birch(both).order_ids()[0]
    news = OrderNews(order_id=OrderId(taken), merchant_id=CEDAR)
    with both.store.begin() as records:
        records.orders.upsert(news, now=START, retention_days=30)

    turns = both.read()

    said = [line for turn in turns for line in turn.problems]
    assert said == ["searchOrders: 1 x it belongs to another merchant here"]
    owners = {row["order_id"]: row["merchant_id"] for row in rows(both.store, "orders")}
    assert owners.pop(OrderId(taken)) == CEDAR
    assert set(owners.values()) == {BIRCH}
    assert len(owners) > 90


@pytest.mark.parametrize("text", ["\0", "a\0b", "\ud800"])
def test_text_that_a_database_lacks_is_taken_again_and_again(store: Store, text: str) -> None:
    """An SKU or a tracking number with characters that cannot be stored does not stop a feed."""
    odd = put(
        put(ORDER, "orderItems.0.product.sellerSku", f"A{text}"),
        "packages.0.trackingNumber",
        f"T{text}",
    )
    with selling(store, orders=5) as shop:
        for minutes in (0, 5, 10):
            later = put(odd, "lastUpdatedTime", f"2026-11-20T11:{minutes:02}:00Z")
            shop.amazon.faults.add("searchOrders", body=body(later))
            assert shop.turn().error is None

        assert len(rows(store, "items")) == 2
        assert len(rows(store, "packages")) == 2


UNTIL: dict[str, object] = {
    "far ahead": "2099-01-01T00:00:00Z",
    "long ago": "1997-01-01T00:00:00Z",
    "beyond time": "9999-12-31T23:59:59-10:00",
    "in words": "now",
    "none": None,
}


@pytest.mark.parametrize("until", UNTIL.values(), ids=UNTIL)
def test_a_window_whose_end_is_absurd_skips_nothing(shop: Selling, until: object) -> None:
    """Whatever a page says of its end, the next window begins within what was read."""
    shop.amazon.faults.add("searchOrders", body=body(lastUpdatedBefore=until))
    turn = shop.turn()
    assert turn.feed.read_until is not None
    assert turn.feed.read_until <= shop.clock.now
    changed = birch(shop).change(birch(shop).order_ids()[0], status="CANCELLED")

    shop.run(FeedKind.ORDERS, minutes=15)

    assert changed.id in shop.order_ids()
    assert shop.feed(FeedKind.ORDERS).problem is None


def test_a_window_without_end_ends_by_amazons_clock(plain: Store) -> None:
    """Where a page does not say where it ends, a clock that is ahead of Amazon's skips nothing."""
    with selling(plain) as shop:
        shop.amazon.clock = lambda: shop.clock() - timedelta(hours=1)
        shop.amazon.faults.add("searchOrders", body=body(lastUpdatedBefore=None))

        turn = shop.turn()

        at_amazon = shop.clock() - timedelta(hours=1)
        assert turn.feed.read_until == at_amazon - timedelta(minutes=2)


# What could stop a feed


def test_a_token_that_has_ended_begins_its_window_again(large_shop: Selling) -> None:
    """After a day without a turn the window is read from its beginning, to its end."""
    shop = large_shop
    shop.turn()
    shop.clock.wait(days=2)

    shop.read()

    assert complete(shop)
    tokens = [
        call.parameters.get("paginationToken") for call in shop.amazon.calls_of("searchOrders")
    ]
    assert tokens[:2] == [None, None]


def test_a_token_that_is_refused_begins_its_window_again(large_shop: Selling) -> None:
    """A token that Amazon does not take any more costs a window's beginning, and no order."""
    shop = large_shop
    shop.turn()
    shop.amazon.faults.add("searchOrders", status=400)

    turns = shop.read()

    assert turns[0].error is None
    assert complete(shop)
    calls = shop.amazon.calls_of("searchOrders")
    assert ["paginationToken" in call.parameters for call in calls][:4] == [
        False,
        True,
        False,
        True,
    ]


def test_a_token_that_is_ever_refused_is_told(large_shop: Selling) -> None:
    """A window begins anew three times; where its token is refused even then, Care is told."""
    shop = large_shop
    errors = []
    for _ in range(RESTARTS + 1):
        assert shop.turn().error is None
        shop.amazon.faults.add("searchOrders", status=400)
        errors.append(shop.turn().error)

    assert [error is None for error in errors] == [*[True] * RESTARTS, False]
    assert len([key for key in shop.told if ":refused:" in key]) == 1


@pytest.mark.parametrize("kind", FeedKind)
def test_a_clock_that_is_set_back_stops_no_feed(plain: Store, kind: FeedKind) -> None:
    """What was noted by a clock that was a year ahead does not keep a feed from being read."""
    with selling(plain, orders=5) as shop:
        feed = shop.feed(kind)
        ahead = START + timedelta(days=365)
        with plain.begin() as records:
            records.feeds.save(replace(feed, cursor_at=ahead, read_until=START))

        shop.turn(kind)

        assert shop.calls("searchOrders") + shop.calls("createReport") == 1


def want(shop: Selling, *order_ids: str) -> None:
    """Have orders asked for."""
    with shop.store.begin() as records:
        records.feeds.want(BIRCH, map(OrderId, order_ids), shop.clock())


@pytest.mark.parametrize(
    "fault",
    [{"status": 500}, {"status": 200, "body": HTML}, {"status": 404}],
    ids=str,
)
def test_an_order_that_amazon_never_gives_stops_nothing(
    shop: Selling, fault: dict[str, Any]
) -> None:
    """An order that always fails does not keep pages or other orders from being read."""
    shop.read()
    wanted = birch(shop).order_ids()[0]
    want(shop, wanted)
    shop.amazon.faults.add("getOrder", **fault, times=10_000)
    changed = birch(shop).change(birch(shop).order_ids()[5], status="CANCELLED")

    shop.run(FeedKind.ORDERS, minutes=20)

    held = {row["order_id"]: row["status"] for row in rows(shop.store, "orders")}
    assert held[changed.id] == "Canceled"
    shop.run(FeedKind.ORDERS, minutes=45)
    assert shop.wanted() == ()
    assert shop.calls("getOrder") < 40


@pytest.mark.parametrize(
    "fault",
    [{"status": 200, "body": HTML}, {"status": 503}, {"status": 403}],
    ids=str,
)
def test_no_wanted_order_is_given_up_in_an_outage(shop: Selling, fault: dict[str, Any]) -> None:
    """As long as Amazon answers nothing else either, no order that is wanted is given up."""
    shop.read()
    wanted = set(birch(shop).order_ids()[:15])
    want(shop, *wanted)
    shop.amazon.faults.add("*", **fault, times=10_000)
    shop.run(FeedKind.ORDERS, minutes=50)
    assert wanted <= set(shop.wanted())
    shop.amazon.faults.clear()

    shop.run(FeedKind.ORDERS, minutes=70)

    assert shop.wanted() == ()
    assert {call.status for call in shop.amazon.calls_of("getOrder")[-15:]} == {200}


def test_unknown_orders_do_not_spin(shop: Selling) -> None:
    """Orders that Amazon does not know are asked for five times, with the pages, and no more."""
    shop.read()
    unknown = [f"111-5550123-55502{number:02}" for number in range(15)]
    want(shop, *unknown)
    before = len(shop.amazon.calls)

    shop.run(FeedKind.ORDERS, minutes=20)

    asked = len(shop.amazon.calls) - before
    assert asked < 60
    shop.run(FeedKind.ORDERS, hours=2)
    assert shop.wanted() == ()
    assert shop.calls("getOrder") == 5 * len(unknown)
    assert not shop.order_ids() & set(unknown)


def test_a_report_type_that_always_fails_is_told(shop: Selling) -> None:
    """Reports that always end FATAL are asked for less and less often, and told."""
    shop.amazon.reports.fail_next = 1_000

    shop.run(FeedKind.RETURNS, hours=2)

    assert shop.calls("createReport") < 20
    (text,) = shop.told.values()
    assert "*birch-and-brook* (returns)" in text


def test_feeds_of_two_sellers_do_not_touch(plain: Store) -> None:
    """One seller's failures cost another one nothing."""
    with selling(plain, orders=40) as shop:
        shop.amazon.add_seller(CEDAR, orders=40, seed=9)
        shop.again()
        shop.amazon.faults.add("searchOrders", status=500, times=1_000, seller=BIRCH)

        shop.run(FeedKind.ORDERS, minutes=10)

        merchants = {row["merchant_id"] for row in rows(plain, "orders")}
        assert merchants == {CEDAR}
        assert shop.feed(FeedKind.ORDERS, CEDAR).failures == 0


def test_a_turn_is_taken_once(shop: Selling) -> None:
    """Of two who take the same turn one does it; a turn of before is over."""
    feed = shop.feed(FeedKind.ORDERS)
    shop.turn()

    assert shop.sync.turn(feed.feed_id, feed.turn) is None
    assert shop.calls("searchOrders") == 1
