"""Orders as both versions of the Orders API write them, read; whatever else comes is noted."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.amazon import orders_2026, orders_v0
from bot.amazon.orders_api import by_sku
from bot.amazon.problems import Problem
from bot.amazon.reading import Node
from nlp.text import RawText
from storage.deliveries import DeliverySource
from storage.ids import MerchantId, OrderId
from storage.orders import Item, OrderNews, Package
from storage.redaction import PII

BIRCH = MerchantId("birch-and-brook")
NUMBER = OrderId("111-5550123-5550199")
CHANGED = datetime(2026, 11, 9, 8, 30, tzinfo=UTC)

# Every section of the models is filled, with values that nobody has.
ORDER: dict[str, Any] = {
    "orderId": NUMBER,
    "orderAliases": [{"aliasId": "PO-7781", "aliasType": "SELLER_ORDER_ID"}],
    "createdTime": "2026-11-02T10:00:00Z",
    "lastUpdatedTime": "2026-11-09T08:30:00Z",
    "programs": ["AMAZON_BUSINESS"],
    "associatedOrders": [{"orderId": "111-5550123-5550100", "associationType": "REPLACEMENT"}],
    "salesChannel": {"channelName": "AMAZON", "marketplaceId": "ATVPDKIKX0DER"},
    "buyer": {
        "buyerName": "Ottoline Quillfeather",
        "buyerEmail": "x7h2k@marketplace.example.com",
        "buyerCompanyName": "Tidewrack Joinery",
        "buyerPurchaseOrderNumber": "PO-7781",
    },
    "recipient": {
        "deliveryAddress": {
            "name": "Thaddeus de la Fontanelle",
            "companyName": "Brass Otter Coffee",
            "addressLine1": "12 Lanternfish Lane",
            "addressLine2": "Suite 400",
            "addressLine3": "Back door",
            "city": "Fernhaven",
            "districtOrCounty": "Marrow County",
            "stateOrRegion": "OR",
            "municipality": "Fernhaven",
            "postalCode": "97042-1000",
            "countryCode": "US",
            "phone": "+1 503-555-0142",
            "extendedFields": {"streetName": "Lanternfish Lane", "streetNumber": "12"},
            "addressType": "COMMERCIAL",
        },
        "deliveryPreference": {
            "dropOffLocation": "Back door",
            "addressInstruction": "Gate code 4471",
            "deliveryTime": {"businessHours": []},
            "deliveryCapabilities": ["HAS_ACCESS_POINT"],
        },
    },
    "proceeds": {
        "grandTotal": {"amount": "41.97", "currencyCode": "USD"},
        "breakdowns": [{"type": "ITEM", "subtotal": {"amount": "38.00", "currencyCode": "USD"}}],
    },
    "payment": {"paymentExecutions": [{"paymentMethod": "CreditCard"}]},
    "tax": {"taxClassifications": []},
    "fulfillment": {
        "fulfillmentStatus": "SHIPPED",
        "fulfilledBy": "MERCHANT",
        "fulfillmentServiceLevel": "STANDARD",
        "shipByWindow": {"earliestDateTime": "2026-11-02T10:00:00Z"},
        "deliverByWindow": {
            "earliestDateTime": "2026-11-06T08:00:00Z",
            "latestDateTime": "2026-11-12T07:59:59Z",
        },
    },
    "orderItems": [
        {
            "orderItemId": "80555012345671",
            "quantityOrdered": 2,
            "product": {
                "asin": "B0TESTAAA1",
                "title": "Otter mug, blue",
                "sellerSku": "MUG+BLUE/2",
                "condition": {"conditionType": "NEW"},
                "price": {"unitPrice": {"amount": "12.50", "currencyCode": "USD"}},
                "customization": {"customizedUrl": "https://example.com/c/1.zip"},
            },
            "fulfillment": {
                "quantityFulfilled": 2,
                "packing": {"giftOption": {"giftMessage": "For Zinnia", "giftWrapLevel": "X"}},
            },
        },
        {
            "orderItemId": "80555012345672",
            "quantityOrdered": 1,
            "product": {"asin": "B0TESTAAA2", "sellerSku": "LID-1"},
        },
    ],
    "packages": [
        {
            "packageReferenceId": "1",
            "createdTime": "2026-11-03T09:00:00Z",
            "packageStatus": {"status": "DELIVERED"},
            "carrier": "UPS",
            "shipTime": "2026-11-03T10:00:00Z",
            "shippingService": "Ground",
            "trackingNumber": "1ZE55501000000001",
            "shipFromAddress": {"name": "Dock 4", "addressLine1": "40 Pallet Jack Road"},
            "packageItems": [{"orderItemId": "80555012345671", "quantity": 2}],
        },
        {
            "packageReferenceId": "2",
            "packageStatus": {"status": "IN_TRANSIT", "detailedStatus": "OUT_FOR_DELIVERY"},
            "carrier": "USPS",
            "shipTime": "2026-11-04T10:00:00+02:00",
            "trackingNumber": "9400011155501",
        },
    ],
    "fulfillmentOrders": [],
}
ORDER_V0: dict[str, Any] = {
    "AmazonOrderId": NUMBER,
    "SellerOrderId": "PO-7781",
    "PurchaseDate": "2026-11-02T10:00:00Z",
    "LastUpdateDate": "2026-11-09T08:30:00Z",
    "OrderStatus": "Shipped",
    "FulfillmentChannel": "MFN",
    "SalesChannel": "Amazon.com",
    "OrderChannel": "x",
    "ShipServiceLevel": "Std US D2D Dom",
    "OrderTotal": {"CurrencyCode": "USD", "Amount": "41.97"},
    "NumberOfItemsShipped": 3,
    "NumberOfItemsUnshipped": 0,
    "PaymentExecutionDetail": [],
    "PaymentMethodDetails": ["Standard"],
    "MarketplaceId": "ATVPDKIKX0DER",
    "EarliestDeliveryDate": "2026-11-06T08:00:00Z",
    "LatestDeliveryDate": "2026-11-12T07:59:59Z",
    "IsBusinessOrder": True,
    "IsPrime": False,
    "DefaultShipFromLocationAddress": {"Name": "Dock 4", "AddressLine1": "40 Pallet Jack Road"},
    "BuyerTaxInformation": {"BuyerLegalCompanyName": "Tidewrack Joinery"},
    "ShippingAddress": {
        "Name": "Thaddeus de la Fontanelle",
        "CompanyName": "Brass Otter Coffee",
        "AddressLine1": "12 Lanternfish Lane",
        "AddressLine2": "Suite 400",
        "AddressLine3": "Back door",
        "City": "Fernhaven",
        "County": "Marrow County",
        "StateOrRegion": "OR",
        "PostalCode": "97042-1000",
        "CountryCode": "US",
        "Phone": "+1 503-555-0142",
        "AddressType": "Commercial",
    },
    "BuyerInfo": {
        "BuyerEmail": "x7h2k@marketplace.example.com",
        "BuyerName": "Ottoline Quillfeather",
        "PurchaseOrderNumber": "PO-7781",
    },
}
ITEM_V0: dict[str, Any] = {
    "ASIN": "B0TESTAAA1",
    "SellerSKU": "MUG+BLUE/2",
    "OrderItemId": "80555012345671",
    "Title": "Otter mug, blue",
    "QuantityOrdered": 2,
    "QuantityShipped": 2,
    "ItemPrice": {"CurrencyCode": "USD", "Amount": "25.00"},
    "IsGift": "true",
    "BuyerInfo": {"GiftMessageText": "For Zinnia"},
}
PEOPLE: dict[str, Any] = {
    "first_name": RawText("Thaddeus de la"),
    "last_name": RawText("Fontanelle"),
    "company": RawText("Brass Otter Coffee"),
    "street_1": RawText("12 Lanternfish Lane"),
    "street_2": RawText("Suite 400, Back door"),
    "phone": RawText("+1 503-555-0142"),
    "email": RawText("x7h2k@marketplace.example.com"),
}


def read(
    fields: dict[str, Any], *, wants_pii: bool = False
) -> tuple[OrderNews | None, Counter[Problem]]:
    """Return what an order of 2026-01-01 is read as, and what was noted."""
    noted: Counter[Problem] = Counter()

    def note(problem: Problem) -> None:
        noted[problem] += 1

    return orders_2026.order_news(fields, BIRCH, note, wants_pii=wants_pii), noted


def read_v0(
    fields: dict[str, Any], *, wants_pii: bool = False
) -> tuple[OrderNews | None, Counter[Problem]]:
    """Return what an order of v0 is read as, and what was noted."""
    noted: Counter[Problem] = Counter()

    def note(problem: Problem) -> None:
        noted[problem] += 1

    return orders_v0.order_news(fields, BIRCH, (), note, wants_pii=wants_pii), noted


def put(fields: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """Return a copy with a value at a path such as `packages.0.carrier`; `...` takes it away."""
    changed: dict[str, Any] = json.loads(json.dumps(fields))
    *way, last = path.split(".")
    place: Any = changed
    for key in way:
        place = place[int(key)] if isinstance(place, list) else place[key]
    if value is ...:
        del place[last]
    else:
        place[int(last) if isinstance(place, list) else last] = value
    return changed


def the(news: OrderNews | None) -> OrderNews:
    """Return news that are there."""
    assert news is not None
    return news


def test_an_order_of_2026_is_read_whole() -> None:
    """Each section of the model that is of use becomes a field, and nothing is noted."""
    news, noted = read(ORDER, wants_pii=True)

    assert noted == Counter()
    assert news == OrderNews(
        order_id=NUMBER,
        merchant_id=BIRCH,
        status="Shipped",
        channel="MFN",
        is_prime=False,
        changed_at=CHANGED,
        purchased_at=datetime(2026, 11, 2, 10, tzinfo=UTC),
        promised_at=datetime(2026, 11, 12, 7, 59, 59, tzinfo=UTC),
        amount=Decimal("41.97"),
        currency="USD",
        city="Fernhaven",
        state="OR",
        zip="97042-1000",
        country="US",
        **PEOPLE,
        gift_message=RawText("For Zinnia"),
        delivery_instructions=RawText("Gate code 4471, Back door"),
        packages=(
            Package(
                tracking_id="1ZE55501000000001",
                carrier="UPS",
                status="DELIVERED",
                shipped_at=datetime(2026, 11, 3, 10, tzinfo=UTC),
                delivered_at=CHANGED,
                delivery_source=DeliverySource.AMAZON,
            ),
            Package(
                tracking_id="9400011155501",
                carrier="USPS",
                status="IN_TRANSIT",
                shipped_at=datetime(2026, 11, 4, 8, tzinfo=UTC),
            ),
        ),
        items=(
            Item(
                sku="MUG+BLUE/2",
                asin="B0TESTAAA1",
                title="Otter mug, blue",
                quantity=2,
                price=Decimal("12.50"),
            ),
            Item(sku="LID-1", asin="B0TESTAAA2", quantity=1),
        ),
    )


def test_an_order_of_v0_is_read_whole() -> None:
    """An order of v0 reads as the same order of 2026-01-01, but for items and packages."""
    old, noted = read_v0(ORDER_V0, wants_pii=True)
    fields = put(put(ORDER, "packages", ...), "orderItems", [])
    new, _ = read(put(fields, "recipient.deliveryPreference", ...), wants_pii=True)

    assert noted == Counter()
    assert old == new


def test_an_item_of_v0_has_the_price_of_one_piece() -> None:
    """The price of a line is parted by its quantity."""
    item = orders_v0._item(Node(ITEM_V0, pytest.fail))

    assert item == Item(
        sku="MUG+BLUE/2",
        asin="B0TESTAAA1",
        title="Otter mug, blue",
        quantity=2,
        price=Decimal("12.50"),
    )


def test_lines_of_one_sku_are_one_item() -> None:
    """An order with two lines of one SKU has one item with the sum of both."""
    lines = [Item(sku="A", quantity=2), Item(sku="B", quantity=1), Item(sku="A", quantity=3)]

    assert by_sku(lines) == (Item(sku="A", quantity=5), Item(sku="B", quantity=1))


@pytest.mark.parametrize("is_old", [False, True], ids=["2026", "v0"])
@pytest.mark.parametrize("why", ["not wanted", "fba", "prime", "unknown channel"])
def test_pii_is_read_of_jetpacks_orders_alone(why: str, *, is_old: bool) -> None:
    """Without the wish for it, and of orders that Jetpack does not ship, no PII is read."""
    if is_old:
        fields = {
            "not wanted": ORDER_V0,
            "fba": put(ORDER_V0, "FulfillmentChannel", "AFN"),
            "prime": put(ORDER_V0, "IsPrime", True),
            "unknown channel": put(ORDER_V0, "FulfillmentChannel", "XFN"),
        }[why]
    else:
        fields = {
            "not wanted": ORDER,
            "fba": put(ORDER, "fulfillment.fulfilledBy", "AMAZON"),
            "prime": put(ORDER, "programs", ["AMAZON_BUSINESS", "PRIME"]),
            "unknown channel": put(ORDER, "fulfillment.fulfilledBy", "NOBODY"),
        }[why]

    news, _ = (read_v0 if is_old else read)(fields, wants_pii=why != "not wanted")

    assert {name: getattr(the(news), name) for name in PII} == dict.fromkeys(PII)
    assert the(news).city == "Fernhaven"


def test_the_buyers_name_stands_in_for_the_recipients() -> None:
    """Where no name stands on the parcel it is the buyer's."""
    news, _ = read(put(ORDER, "recipient.deliveryAddress.name", ...), wants_pii=True)

    assert (the(news).first_name, the(news).last_name) == (
        RawText("Ottoline"),
        RawText("Quillfeather"),
    )


ODD: dict[str, tuple[str, object, Problem, str, object]] = {
    "unknown status": (
        "fulfillment.fulfillmentStatus",
        "TELEPORTED",
        Problem.UNKNOWN_STATUS,
        "status",
        None,
    ),
    "status of v0": (
        "fulfillment.fulfillmentStatus",
        "Shipped",
        Problem.UNKNOWN_STATUS,
        "status",
        None,
    ),
    "unknown fulfiller": ("fulfillment.fulfilledBy", "X", Problem.UNKNOWN_CHANNEL, "channel", None),
    "no fulfiller": ("fulfillment.fulfilledBy", ..., Problem.UNKNOWN_CHANNEL, "channel", None),
    "long ago": ("createdTime", "1969-01-01T00:00:00Z", Problem.BAD_TIME, "purchased_at", None),
    "far ahead": (
        "createdTime",
        "9999-12-31T23:59:59-05:00",
        Problem.BAD_TIME,
        "purchased_at",
        None,
    ),
    "no day": ("createdTime", "2026-02-30T00:00:00Z", Problem.BAD_TIME, "purchased_at", None),
    "time in words": ("createdTime", "yesterday", Problem.BAD_TIME, "purchased_at", None),
    "time as a number": ("createdTime", 1_790_000_000, Problem.BAD_TIME, "purchased_at", None),
    "amount of words": ("proceeds.grandTotal.amount", "free", Problem.BAD_AMOUNT, "amount", None),
    "amount that is NaN": ("proceeds.grandTotal.amount", "NaN", Problem.BAD_AMOUNT, "amount", None),
    "float that is NaN": (
        "proceeds.grandTotal.amount",
        float("nan"),
        Problem.BAD_AMOUNT,
        "amount",
        None,
    ),
    "signalling NaN": ("proceeds.grandTotal.amount", "sNaN", Problem.BAD_AMOUNT, "amount", None),
    "endless amount": (
        "proceeds.grandTotal.amount",
        "-Infinity",
        Problem.BAD_AMOUNT,
        "amount",
        None,
    ),
    "amount below zero": (
        "proceeds.grandTotal.amount",
        "-3.50",
        Problem.BAD_AMOUNT,
        "amount",
        None,
    ),
    "absurd amount": ("proceeds.grandTotal.amount", "1e400", Problem.BAD_AMOUNT, "amount", None),
    "amount that is true": ("proceeds.grandTotal.amount", True, Problem.BAD_AMOUNT, "amount", None),
    "no items": ("orderItems", [], Problem.NO_ITEMS, "items", ()),
    "items that are none": ("orderItems", "mug", Problem.NO_ITEMS, "items", ()),
    "a long city": (
        "recipient.deliveryAddress.city",
        "x" * 501,
        Problem.TOO_LONG,
        "city",
        None,
    ),
}


@pytest.mark.parametrize(("path", "value", "problem", "name", "expected"), ODD.values(), ids=ODD)
def test_what_is_odd_is_noted_and_the_rest_read(
    path: str, value: object, problem: Problem, name: str, expected: object
) -> None:
    """A field that is not what it should be is left out and counted; the order is there."""
    news, noted = read(put(ORDER, path, value))

    assert noted == {problem: 1}
    assert getattr(the(news), name) == expected
    assert the(news).zip == "97042-1000"


@pytest.mark.parametrize("quantity", [-1, "2", 2.0, True, 10**12, [2]])
def test_a_quantity_is_a_whole_number(quantity: object) -> None:
    """A quantity below zero, in words or beyond reason is not taken, the item is."""
    news, noted = read(put(ORDER, "orderItems.0.quantityOrdered", quantity))

    assert noted == {Problem.BAD_QUANTITY: 1}
    assert [item.quantity for item in the(news).items] == [None, 1]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("orderId", ...),
        ("orderId", None),
        ("orderId", "111-555-123"),
        ("orderId", 1115550123),
        ("lastUpdatedTime", ...),
        ("lastUpdatedTime", "soon"),
        ("lastUpdatedTime", "0001-01-01T00:00:00Z"),
    ],
)
def test_an_order_without_number_or_time_is_none(path: str, value: object) -> None:
    """Without an order number or the time of its last change there is nothing to keep."""
    news, noted = read(put(ORDER, path, value))

    assert news is None
    assert noted[Problem.NO_ORDER] == 1


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1e-50", "0"),
        ("0.33333333333333333333333333333333333333333333333333", "0.3333"),
        ("0E+999999", "0"),
        ("1E+9", "1000000000"),
        (0.1 + 0.2, "0.3000"),
        (1299, "1299"),
        ("1299", "1299"),
    ],
)
def test_an_amount_is_no_longer_than_its_column(text: object, amount: str) -> None:
    """An amount of however many digits is kept with four decimal places at most."""
    news, noted = read(put(ORDER, "proceeds.grandTotal.amount", text))

    found = the(news).amount
    assert found == Decimal(amount)
    assert len(f"{found:f}") <= 15
    assert noted == Counter()


def test_text_is_what_a_database_can_hold() -> None:
    """NUL and lone surrogates become U+FFFD here, so that two SKUs do not become one there."""
    fields = put(ORDER, "orderItems.0.product.sellerSku", "A\0")
    fields = put(fields, "orderItems.1.product.sellerSku", "A\ud800")

    news, _ = read(fields)

    assert [(item.sku, item.quantity) for item in the(news).items] == [("A�", 3)]


def package(status: object, tracking: object = "1ZE55501000000001") -> dict[str, Any]:
    """Return a package."""
    return {"packageStatus": {"status": status}, "trackingNumber": tracking, "carrier": "UPS"}


@pytest.mark.parametrize(
    ("statuses", "delivered", "shown"),
    [
        (["DELIVERED", "DELIVERED"], True, "DELIVERED"),
        (["DELIVERED", "IN_TRANSIT"], False, "IN_TRANSIT"),
        (["IN_TRANSIT", "DELIVERED"], False, "IN_TRANSIT"),
        (["DELIVERED", "IN_TRANSIT", "DELIVERED"], False, "IN_TRANSIT"),
        (["DELIVERED", "BEAMED_UP"], False, "BEAMED_UP"),
        (["DELIVERED", None], False, None),
    ],
)
def test_two_packages_of_one_number_arrive_together(
    statuses: list[str], shown: str, *, delivered: bool
) -> None:
    """Packages of one tracking number are one, and delivered when all of them are."""
    news, noted = read(put(ORDER, "packages", [package(status) for status in statuses]))

    (found,) = the(news).packages
    assert (found.status, found.delivered_at is not None) == (shown, delivered)
    assert noted == {Problem.SHARED_TRACKING: len(statuses) - 1}


@pytest.mark.parametrize("tracking", [None, "", "  ", 5, "x" * 101])
def test_a_package_without_a_number_is_left_out(tracking: object) -> None:
    """A package that has no tracking number cannot be told from another, and is not kept."""
    news, _ = read(
        put(ORDER, "packages", [package("DELIVERED", tracking), package("SHIPPED", "T")])
    )

    assert [each.tracking_id for each in the(news).packages] == ["T"]


@pytest.mark.parametrize("status", ["LOST_IN_SPACE", 5, None, ["DELIVERED"], "delivered"])
def test_an_unknown_package_status_is_no_delivery(status: object) -> None:
    """Nothing but DELIVERED, word for word, is a delivery."""
    news, _ = read(put(ORDER, "packages", [package(status)]))

    assert the(news).packages[0].delivered_at is None


def _deep(depth: int) -> object:
    found: object = "x"
    for _ in range(depth):
        found = {"a": [found]}
    return found


_KEYS = sorted(
    {
        *ORDER,
        *ORDER["recipient"]["deliveryAddress"],
        *ORDER["recipient"],
        *ORDER["fulfillment"],
        *ORDER["orderItems"][0],
        *ORDER["orderItems"][0]["product"],
        *ORDER["packages"][0],
        *ORDER_V0,
        *ITEM_V0,
        *ORDER_V0["ShippingAddress"],
        *("grandTotal", "amount", "currencyCode", "unitPrice", "price", "status", "latestDateTime"),
        *("Amount", "CurrencyCode", "buyerName", "BuyerName", "giftOption", "packing"),
    }
)
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats()
    | st.text(st.characters())
    | st.sampled_from(
        [
            NUMBER,
            "2026-11-09T08:30:00Z",
            "9999-12-31T23:59:59-23:59",
            "0001-01-01T00:00:00+23:59",
            "1996-01-01T00:00:00+14:00",
            "2099-12-31T23:59:59-12:00",
            "MERCHANT",
            "MFN",
            "DELIVERED",
            "1e-99999",
            "sNaN",
        ]
    )
)
_JSON = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(_KEYS) | st.text(max_size=3), inner, max_size=6)
    ),
    max_leaves=25,
)
_OBJECTS = st.dictionaries(st.sampled_from(_KEYS), _JSON, max_size=20)


def _is_kept(news: OrderNews | None) -> None:
    """Check that news are such as a database takes."""
    if news is None:
        return
    assert news.order_id == NUMBER
    assert news.changed_at is not None
    for amount in (news.amount, *(item.price for item in news.items)):
        assert amount is None or len(f"{amount:f}") <= 40
    skus = [item.sku for item in news.items]
    numbers = [each.tracking_id for each in news.packages]
    assert (len(set(skus)), len(set(numbers))) == (len(skus), len(numbers))
    assert all(skus + numbers)
    texts = [news.city, news.state, news.zip, news.currency, *skus, *numbers]
    assert not any("\0" in text for text in texts if text)


@given(fields=_OBJECTS, is_whole=st.booleans(), wants_pii=st.booleans())
def test_any_object_is_read_or_left_out(
    fields: dict[str, Any], *, is_whole: bool, wants_pii: bool
) -> None:
    """No JSON object, however wrong, raises an error; what comes of it can be kept."""
    given_2026 = {**ORDER, **fields, "orderId": NUMBER, "lastUpdatedTime": ORDER["lastUpdatedTime"]}
    given_v0 = {**ORDER_V0, **fields, "AmazonOrderId": NUMBER, "LastUpdateDate": "2026-11-09"}

    _is_kept(read(given_2026 if is_whole else fields, wants_pii=wants_pii)[0])
    _is_kept(read_v0(given_v0 if is_whole else fields, wants_pii=wants_pii)[0])
    orders_v0._item(Node(fields, lambda _problem: None))


def test_what_is_nested_deeply_is_passed_by() -> None:
    """A value of any depth where a text should be is no text."""
    news, _ = read({**ORDER, "recipient": _deep(5_000), "orderItems": [_deep(5_000)]})

    assert the(news).city is None
    assert [item.sku for item in the(news).items] == ["?"]
