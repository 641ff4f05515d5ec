"""Buyers and recipients: asked for only where they are wanted, sealed, and never logged."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from bot import log
from bot.amazon.problems import Problems
from bot.sandbox.amazon.order import Address, Buyer, Item, SandboxOrder
from nlp.text import RawText
from storage.feeds import FeedKind
from storage.ids import OrderId
from storage.redaction import PII
from storage.store import Store
from storage.tables import Base
from tests.selling import BIRCH, START, Selling, birch, rows, selling, sqlite_store

V0 = {"SP_API_ORDERS_VERSION": "v0"}
ON = {"SP_API_PII": "true"}
BOTH = pytest.mark.parametrize("environ", [{}, V0], ids=["2026", "v0"])
PERSON = SandboxOrder(
    id="111-5550123-5550199",
    created=START - timedelta(days=2),
    last_updated=START - timedelta(days=1),
    deliver_by=(START, START + timedelta(days=3)),
    buyer=Buyer(name="Ottoline Quillfeather", email="x7h2k@marketplace.example.com"),
    address=Address(
        name="Ottoline Quillfeather",
        line_1="12 Lanternfish Lane",
        line_2="Suite 400",
        city="Fernhaven",
        region="OR",
        postal_code="97042",
        country="US",
        phone="+1 503-555-0142",
    ),
    instruction="Gate code 4471",
    items=(Item(id="1", sku="A", asin="B0TESTAAA1", title="Otter mug", gift_message="For Zinnia"),),
)


@pytest.fixture
def plain(sqlite_template: Path, tmp_path: Path) -> Iterator[Store]:
    """A store on SQLite alone, for what has nothing to do with the database."""
    with sqlite_store(sqlite_template, tmp_path) as opened:
        yield opened


def order_keys(store: Store) -> list[str]:
    """Return whose PII there are keys for."""
    owners = [row["owner"] for row in rows(store, "data_keys")]
    return [owner for owner in owners if owner.startswith("order:")]


def pii(shop: Selling) -> Counter[str]:
    """Count what stands in the PII columns of all orders: nothing, sealed, redacted, or plain."""
    counts: Counter[str] = Counter()
    for row in rows(shop.store, "orders"):
        for name in PII:
            value = row[name]
            kind = "sealed" if str(value).startswith("v1.") else value or "nothing"
            counts[kind] += 1
    return counts


@BOTH
def test_pii_is_not_asked_for_where_it_is_not_wanted(plain: Store, environ: dict[str, str]) -> None:
    """Without SP_API_PII nobody is asked for, by no token, and no column of PII is filled."""
    with selling(plain, orders=12, environ=environ) as shop:
        shop.read(most=2_000)

        included = {str(call.parameters.get("includedData")) for call in shop.amazon.calls}
        assert not any("BUYER" in each or "RECIPIENT" in each for each in included)
        assert shop.calls("createRestrictedDataToken") == 0
        assert pii(shop).keys() <= {"nothing", "Redacted"}
        assert order_keys(plain) == []


def test_pii_that_is_wanted_is_sealed_everywhere(store: Store) -> None:
    """On each kind of database PII is kept sealed, and stands nowhere in plain."""
    with selling(store, orders=15, environ=ON) as shop:
        birch(shop).put(PERSON)
        shop.read()

        assert pii(shop).keys() <= {"nothing", "Redacted", "sealed"}
        assert pii(shop)["sealed"] > 20
        kept = repr(rows(store, *Base.metadata.tables))
        assert not any(word in kept for word in ("Quillfeather", "Lanternfish", "555-01", "x7h2k"))


@BOTH
def test_pii_that_is_wanted_is_as_it_is_at_amazon(plain: Store, environ: dict[str, str]) -> None:
    """With SP_API_PII what is kept sealed opens as it is at Amazon, in either version."""
    with selling(plain, orders=6, environ={**environ, **ON}) as shop:
        birch(shop).put(PERSON)
        shop.read(most=2_000)

        order = shop.order(PERSON.id)
        assert order is not None
        opened = {name: value for name, value in order.pii.items() if value is not None}
        assert opened == {
            "first_name": RawText("Ottoline"),
            "last_name": RawText("Quillfeather"),
            "street_1": RawText("12 Lanternfish Lane"),
            "street_2": RawText("Suite 400"),
            "phone": RawText("+1 503-555-0142"),
            "email": RawText("x7h2k@marketplace.example.com"),
            **(
                {}
                if environ
                else {
                    "gift_message": RawText("For Zinnia"),
                    "delivery_instructions": RawText("Gate code 4471"),
                }
            ),
        }
        assert {call.status for call in shop.amazon.calls} == {200}


@BOTH
@pytest.mark.parametrize("change", [{"fulfilled_by": "AMAZON"}, {"programs": ("PRIME",)}], ids=str)
def test_who_buys_what_jetpack_does_not_ship_is_not_kept(
    plain: Store, environ: dict[str, str], change: dict[str, Any]
) -> None:
    """Of orders that Amazon ships, and of Prime orders, no PII is kept, wanted or not."""
    with selling(plain, orders=0, environ={**environ, **ON}) as shop:
        birch(shop).put(replace(PERSON, **change))
        shop.read()

        (row,) = rows(plain, "orders")
        assert {row[name] for name in PII} == {None}
        assert row["city"] == "Fernhaven"
        assert order_keys(plain) == []


@BOTH
def test_what_amazon_holds_back_later_stays(plain: Store, environ: dict[str, str]) -> None:
    """A later reply without telephone, address or buyer leaves what is known as it is."""
    with selling(plain, orders=0, environ={**environ, **ON}) as shop:
        birch(shop).put(PERSON)
        shop.read()
        before = shop.order(PERSON.id)
        assert before is not None
        bare = replace(PERSON.address, phone="", line_2="")
        for less in (
            {"address": bare},
            {"address": Address(), "buyer": Buyer(), "instruction": ""},
        ):
            birch(shop).change(PERSON.id, **less)
            shop.run(FeedKind.ORDERS, minutes=10)

        after = shop.order(PERSON.id)
        assert after is not None
        assert after.pii == before.pii
        assert shop.order_ids() == {PERSON.id}


def test_pages_of_v0_share_a_restricted_token(plain: Store) -> None:
    """In v0 one restricted token is for all pages of an hour, and each single order has its own."""
    with selling(plain, orders=12, environ={**V0, **ON}) as shop:
        shop.run(FeedKind.ORDERS, minutes=40)

        asked: Counter[str] = Counter()
        for call in shop.amazon.calls_of("createRestrictedDataToken"):
            given: Any = call.parameters["restrictedResources"]
            asked[given[0]["path"]] += 1
            assert given[0]["dataElements"] == ["buyerInfo", "shippingAddress"]
        assert shop.calls("getOrdersV0") >= 7
        assert asked.pop("/orders/v0/orders") == 1
        assert set(asked) == {f"/orders/v0/orders/{id_}" for id_ in shop.order_ids()}
        # A restricted token is refused where it does not belong.
        assert {call.status for call in shop.amazon.calls} == {200}


def test_a_restricted_token_that_ends_is_replaced(plain: Store) -> None:
    """A restricted token is not used in its last minute, nor after Amazon says that it ended."""
    with selling(plain, orders=12, environ={**V0, **ON}) as shop:
        api = shop.accounts[BIRCH].orders
        shop.amazon.tokens.seconds = 59
        for _ in range(3):
            api.page(START - timedelta(days=90), None, Problems())
        assert shop.calls("createRestrictedDataToken") == 3

        shop.amazon.tokens.seconds = 3600
        shop.read(most=100)
        birch(shop).change(birch(shop).order_ids()[0], status="CANCELLED")
        shop.clock.wait(hours=2)
        turns = [shop.turn(), shop.turn()]

        assert [turn.error is None for turn in turns] == [False, True]
        assert turns[1].taken > 0


# What is said and logged


@pytest.fixture
def stream() -> Iterator[StringIO]:
    """What is logged, with everything of every library that there is."""
    restore = log.preserved()
    written = StringIO()
    log.configure("DEBUG", written)
    yield written
    restore()


@BOTH
def test_nothing_of_amazons_is_logged(
    plain: Store, stream: StringIO, environ: dict[str, str]
) -> None:
    """Neither tokens nor addresses of documents, neither people nor goods come into the log."""
    with selling(plain, orders=12, returns=3, environ={**environ, **ON}) as shop:
        shop.amazon.tokens.seconds = 3600
        birch(shop).put(PERSON)
        page = f"<html>{PERSON.address.line_1} {PERSON.buyer.email}</html>"
        for status in (200, 429, 503, 400):
            shop.amazon.faults.add("*", status=status, body=page)
        shop.amazon.faults.add("*", drop=True)
        shop.amazon.faults.add("*", cut=True)
        turns = shop.run(hours=2)
        shop.amazon.faults.add("*", status=500, times=3)
        shop.refreshing.refresh(BIRCH, OrderId("111-5550123-5550200"))
        birch(shop).revoke()
        turns += shop.run(hours=1)
        written = stream.getvalue()

        assert written.count("event=amazon_failed") > 4
        assert "logger=httpx" in written
        secrets = [
            *shop.amazon.tokens._grants,
            birch(shop).refresh_token,
            shop.amazon.client_secret,
            "X-Amz-",
            "Signature",
            "http:",
            "/orders/",
            "/download/",
            "amzn1.",
        ]
        for order in birch(shop).orders():
            people = (order.buyer, order.address)
            secrets += [text for each in people for text in vars_of(each) if len(text) > 3]
            secrets += [order.instruction, *(item.title for item in order.items)]
            secrets += [item.gift_message for item in order.items]
        secrets += [order_id for order_id in shop.order_ids() if order_id != PERSON.id]
        said = written + repr(shop.told) + repr([turn.problems for turn in turns])
        said += "".join(f"{turn.error} {turn.error!r}" for turn in turns)
        assert [secret for secret in secrets if secret and secret in said] == []

        # The number of an order stands where our own event names it, and nowhere else.
        named = re.findall(r"^.*[0-9]{3}-[0-9]{7}-[0-9]{7}.*$", written, re.MULTILINE)
        assert len(named) == 1
        assert "event=amazon_failed merchant=birch-and-brook order=111-5550123-5550200" in named[0]


def vars_of(value: Buyer | Address) -> list[str]:
    """Return the texts of a buyer or an address, but the country and the kind of building."""
    fields = asdict(value)
    return [str(text) for name, text in fields.items() if name not in ("country", "kind")]
