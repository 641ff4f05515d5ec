"""Cards of orders and returns: what is told, in text and blocks alike, and never who bought it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.lists import order_list
from bot.cards.moments import moment
from bot.cards.orders import (
    ITEMS,
    not_ours,
    order_card,
    refund,
    return_line,
    returns_card,
    together,
)
from bot.cards.parts import parts, words
from bot.cards.tracking import tracking_link
from bot.sandbox.slack.blocks import MAX_ALL_BLOCKS, characters, message_problems
from nlp.answers.listing import Period, Which, Wish
from nlp.text import RawText
from storage.ids import MerchantId, OrderId, ReturnId
from storage.order_lists import Listed
from storage.orders import Item, Order, Package
from storage.returns import Return

NOW: Final = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
PROMISED: Final = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
DELIVERED: Final = datetime(2026, 11, 17, 21, 5, tzinfo=UTC)
RECEIVED: Final = datetime(2026, 11, 19, 22, 20, tzinfo=UTC)
ORDER: Final = Order(
    order_id=OrderId("113-5550142-5550142"),
    merchant_id=MerchantId("birch-and-brook"),
    status="Shipped",
    channel="MFN",
    is_prime=False,
    purchased_at=NOW,
    promised_at=PROMISED,
    shipped_at=NOW,
    delivered_at=DELIVERED,
    cancelled_at=None,
    amount=Decimal("28.50"),
    currency="USD",
    city="Portland",
    state="OR",
    zip="97214-2231",
    country="US",
    pii={
        "first_name": RawText("Odalys"),
        "last_name": RawText("Fennimore"),
        "street_1": RawText("4417 Larkspur Hollow Road"),
        "email": "Redacted",
        "phone": None,
    },
    packages=(
        Package(tracking_id="1Z999AA10123456784", carrier="UPS", status="DELIVERED"),
        Package(tracking_id="9400111899223197428490", shipped_at=NOW),
    ),
    items=(Item(sku="BB-CANDLE-3", title="Candle for <Odalys>"),),
    redacted=False,
    due_at=NOW,
    known_at=NOW,
)
RETURN: Final = Return(
    return_id=ReturnId("RMA-55501"),
    order_id=OrderId("113-5550142-5550142"),
    merchant_id=MerchantId("birch-and-brook"),
    status="RECEIVED",
    reason="DAMAGED_BY_CARRIER",
    carrier="UPS",
    tracking_id="1Z999AA19023456780",
    received_at=RECEIVED,
    refund_amount=Decimal("28.50"),
    currency="USD",
)


def test_an_order_is_told_without_its_buyer() -> None:
    """Status, packages, place and times of an order are told; no name, street or notes."""
    assert order_card(ORDER, [RETURN]).text.split("\n") == [
        "Order *113-5550142-5550142*: *Shipped*",
        f"UPS tracking {tracking_link('UPS', '1Z999AA10123456784')}, DELIVERED",
        f"carrier unknown tracking 9400111899223197428490, shipped {moment(NOW)}",
        "BB-CANDLE-3 Candle for &lt;Odalys&gt;",
        "Going to Portland, OR 97214-2231",
        f"Promised by {moment(PROMISED)}",
        f"Delivered {moment(DELIVERED)}",
        "Return *RMA-55501* for order 113-5550142-5550142: RECEIVED, reason DAMAGED_BY_CARRIER, "
        f"UPS tracking {tracking_link('UPS', '1Z999AA19023456780')}, received {moment(RECEIVED)}, "
        "refund 28.50 USD",
        f"_As of {moment(NOW)}_",
    ]


def test_an_order_of_which_little_is_known_is_told() -> None:
    """What is not known is left out."""
    bare = replace(
        ORDER, status=None, packages=(), items=(), city=None, state=None, zip=None,
        promised_at=None, delivered_at=None,
    )  # fmt: skip
    assert order_card(bare, []).text.split("\n") == [
        "Order *113-5550142-5550142*: *unknown*",
        f"_As of {moment(NOW)}_",
    ]


def test_a_cancelled_order_says_when() -> None:
    """The time of a cancellation is told."""
    cancelled = replace(ORDER, cancelled_at=NOW)
    assert f"\nCancelled {moment(NOW)}" in order_card(cancelled, []).text


def test_a_delivery_that_amazon_shows_is_a_bound() -> None:
    """Amazon tells that a package was delivered, not when: the reply says by when."""
    seen = Package(tracking_id="1Z1", delivered_at=NOW, delivery_source="amazon")
    order = replace(ORDER, packages=(seen,), delivered_at=NOW)
    assert f"\nDelivered by {moment(NOW)}" in order_card(order, []).text


@pytest.mark.parametrize(
    ("channel", "is_prime", "words"),
    [
        ("AFN", False, "Amazon fulfils this order itself (FBA)"),
        ("AFN", True, "Amazon fulfils this order itself (FBA)"),
        ("MFN", True, "cannot process Seller Fulfilled Prime"),
    ],
)
def test_an_order_that_is_not_ours_says_why(channel: str, is_prime: bool, words: str) -> None:
    """FBA and Seller Fulfilled Prime orders are told as such; an FBM order says nothing of it."""
    order = replace(ORDER, channel=channel, is_prime=is_prime)
    assert words in order_card(order, []).text
    assert not_ours(ORDER) == ""


def test_a_refund_is_found_by_number() -> None:
    """Where to refund is told by the order's number, with the name redacted or not."""
    text = refund(ORDER.order_id).text
    assert text.count(ORDER.order_id) == 2
    assert "Seller Central" in text
    assert "Redacted" in text


def test_the_fields_of_an_order_cannot_mark_up() -> None:
    """A status, city or carrier with brackets is no mention in Slack."""
    odd = replace(ORDER, status="<!channel>", city="<@U1>", packages=(
        Package(tracking_id="<!here>", carrier="<!everyone>", status="<#C1>"),
    ))  # fmt: skip
    shown = order_card(odd, []).text
    assert not re.search("<(?!!date)", shown)
    assert "&lt;!channel&gt;" in shown


def test_the_fields_of_a_return_cannot_mark_up() -> None:
    """Nor can those of a return."""
    odd = replace(RETURN, status="<!channel>", reason="<@U1>", carrier="<x>", tracking_id="<y>")
    assert not re.search("<(?!!date)", returns_card([odd], NOW).text)


def test_a_return_of_which_little_is_known_is_told() -> None:
    """Of a return without details its id, order and an unknown status are told."""
    bare = replace(
        RETURN, status=None, reason=None, carrier=None, tracking_id=None, received_at=None,
        refund_amount=None,
    )  # fmt: skip
    text = "Return *RMA-55501* for order 113-5550142-5550142: status unknown"
    assert return_line(bare) == text


def test_text_and_blocks_say_the_same() -> None:
    """Whoever hears the text misses nothing that the blocks show."""
    card = order_card(ORDER, [RETURN])

    shown = "\n".join(words(card.blocks))
    for line in card.text.split("\n"):
        assert line.strip("_") in shown


def test_no_pii_is_in_a_card() -> None:
    """Neither the text nor the blocks hold what an order has of its buyer."""
    card = order_card(ORDER, [RETURN])

    said = card.text + json.dumps(card.blocks)
    assert not [value for value in ("Fennimore", "Larkspur", "4417") if value in said]


def test_more_items_than_are_shown_are_counted() -> None:
    """A card names some items, and says how many there are besides."""
    many = tuple(Item(sku=f"SKU-{number:03}") for number in range(ITEMS + 7))

    assert "… and 7 more items" in order_card(replace(ORDER, items=many), []).text


@pytest.mark.parametrize(
    ("carrier", "page"),
    [("UPS", "www.ups.com"), ("usps", "tools.usps.com"), ("FedEx Ground", "www.fedex.com"),
     ("OnTrac", "www.ontrac.com"), ("DHL eCommerce", "www.dhl.com")],
)  # fmt: skip
def test_a_known_carriers_number_is_a_link(carrier: str, page: str) -> None:
    """The link leads to the carrier's own page; the number is encoded in it."""
    link = tracking_link(carrier, "1Z 9|<>&")

    assert link.startswith(f"<https://{page}/")
    assert "1Z%209%7C%3C%3E%26" in link
    assert link.endswith("|1Z 9|&lt;&gt;&amp;>")


@pytest.mark.parametrize("carrier", [None, "", "Pony Express", "Not UPS"])
def test_an_unknown_carriers_number_is_text(carrier: str | None) -> None:
    """Nobody is sent to a page that may not be there."""
    assert tracking_link(carrier, "AB12") == "AB12"


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
PACKAGES = st.builds(Package, tracking_id=st.text("A1<&", min_size=1, max_size=64), carrier=TEXT,
                     status=TEXT)  # fmt: skip
ITEM = st.builds(Item, sku=st.text("B2-", min_size=1, max_size=64), title=TEXT)


@given(st.lists(PACKAGES, max_size=40), st.lists(ITEM, max_size=40), TEXT, TEXT)
def test_any_order_keeps_slacks_limits(
    packages: list[Package], items: list[Item], status: str, city: str
) -> None:
    """However much there is of it, each of the messages that a card takes passes the limits."""
    order = replace(ORDER, packages=tuple(packages), items=tuple(items), status=status, city=city)

    for part in parts(together([order_card(order, [RETURN] * 3)] * 3)):
        assert message_problems(part.blocks) == ()
        assert characters(part.blocks) <= MAX_ALL_BLOCKS


def test_several_orders_are_one_reply() -> None:
    """Each order has its card in it."""
    other = replace(ORDER, order_id=OrderId("113-5550199-5550199"))

    reply = together([order_card(ORDER, []), order_card(other, [])])

    assert reply.text.count("As of") == 2
    assert [block["type"] for block in reply.blocks].count("divider") == 1


def test_a_list_is_a_table_and_the_same_in_text() -> None:
    """Twenty of fifty are shown, which is said; the text names what the table does."""
    listed = [
        Listed(order_id=OrderId(f"113-{number:07}-5550142"), status="Shipped", promised_at=NOW,
               shipped_at=None, delivered_at=None, carrier="UPS", tracking_id=f"1Z{number}")
        for number in range(20)
    ]  # fmt: skip

    reply = order_list(listed, 50, Wish(which=Which.LATE, period=Period.ANY), NOW)

    assert message_problems(reply.blocks) == ()
    assert [block["type"] for block in reply.blocks] == ["section", "table", "context"]
    assert "*Late orders*: 50" in reply.text
    assert "The first 20 of 50 are shown" in reply.text
    assert all(each.order_id in reply.text for each in listed)
    assert "tracking UPS 1Z19" in reply.text


def test_an_empty_list_says_so() -> None:
    """Where there is nothing, there is no table."""
    reply = order_list([], 0, Wish(which=Which.SHIPPED, period=Period.TODAY), NOW)

    assert reply.text.startswith("*Orders shipped, today*: none")
    assert [block["type"] for block in reply.blocks] == ["section", "context"]
