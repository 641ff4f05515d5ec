"""The sandbox Amazon's orders, asked by the unmodified python-amazon-sp-api and by hand."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from sp_api.api import Notifications, Orders, Reports, Tokens
from sp_api.auth import AccessTokenClient
from sp_api.base.exceptions import (
    SellingApiBadRequestException,
    SellingApiForbiddenException,
    SellingApiNotFoundException,
)

from bot.sandbox.amazon import SandboxAmazon
from bot.sandbox.amazon.moments import read, written
from bot.sandbox.amazon.order import Address, Buyer, Item, SandboxOrder
from bot.sandbox.amazon.parameters import DATASETS
from bot.sandbox.amazon.seller import Seller
from bot.sandbox.errors import SandboxBroken, SandboxMisused, UnknownMethodCalled

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
ORDERS = "/orders/2026-01-01/orders"
LONG_AGO = "2026-01-01T00:00:00Z"
ALL = ",".join(DATASETS)


class Clock:
    """Tells the time that a test sets."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now

    def wait(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)


@dataclass
class Library:
    """The unmodified library, pointed at a sandbox in a seller's name."""

    amazon: SandboxAmazon
    seller: Seller
    opened: list[Any] = field(default_factory=list)

    def __call__(self, kind: Any, version: str | None = None) -> Any:
        """Return one of the library's clients."""

        class Lwa(AccessTokenClient):  # type: ignore[misc]
            scheme = "http://"
            host = self.amazon.url.removeprefix("http://")

        place = SimpleNamespace(
            endpoint=self.amazon.url, marketplace_id=self.seller.marketplace_id, region="us-east-1"
        )
        client = kind(
            marketplace=place,
            version=version,
            auth_token_client_class=Lwa,
            verify=False,
            credentials={
                "refresh_token": self.seller.refresh_token,
                "lwa_app_id": self.amazon.client_id,
                "lwa_client_secret": self.amazon.client_secret,
            },
        )
        self.opened.append(client)
        return client

    @property
    def orders(self) -> Any:
        """Orders 2026-01-01."""
        return self(Orders, "2026-01-01")

    @property
    def orders_v0(self) -> Any:
        """Orders v0."""
        return self(Orders, "v0")

    @property
    def reports(self) -> Any:
        """Reports 2021-06-30."""
        return self(Reports)

    @property
    def tokens(self) -> Any:
        """Restricted data tokens."""
        return self(Tokens)

    @property
    def notifications(self) -> Any:
        """Notifications v1."""
        return self(Notifications)

    def close(self) -> None:
        """Close every connection: the library's own `close` leaves that to LWA open."""
        for client in self.opened:
            client.close()
            client._auth._transport.close()


def by_hand(
    amazon: SandboxAmazon, seller: Seller | None, path: str, query: Mapping[str, str] | None = None
) -> httpx.Response:
    """Send any GET request with a token of the seller's."""
    token = amazon.tokens.lend(seller, amazon.now()) if seller else "Atza|unknown"
    headers = {"x-amz-access-token": token}
    # Nothing is encrypted here, and reading the certificates takes longer than the answer.
    with httpx.Client(verify=False, trust_env=False) as client:
        return client.get(amazon.url + path, params=dict(query or {}), headers=headers)


@pytest.fixture(scope="module", autouse=True)
def _no_proxy() -> Iterator[None]:
    """Take the environment's proxies away, which httpx would use for the loopback too."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "SP_API_DEFAULT_MARKETPLACE"):
            patch.delenv(name, raising=False)
            patch.delenv(name.lower(), raising=False)
        yield


@pytest.fixture
def clock() -> Clock:
    """The sandbox's clock."""
    return Clock()


@pytest.fixture
def amazon(clock: Clock) -> Iterator[SandboxAmazon]:
    """A sandbox without limits."""
    with SandboxAmazon(clock=clock) as running:
        running.limits.enforced = False
        yield running


@pytest.fixture
def seller(amazon: SandboxAmazon) -> Seller:
    """A seller with a few hundred orders."""
    return amazon.add_seller("birch-and-brook", orders=400, seed=7)


@pytest.fixture
def library(amazon: SandboxAmazon, seller: Seller) -> Iterator[Library]:
    """The library in the seller's name."""
    library = Library(amazon, seller)
    yield library
    library.close()


def every_page(client: Any, **query: object) -> list[dict[str, Any]]:
    """Return the orders of all pages."""
    found: list[dict[str, Any]] = []
    token: dict[str, str] = {}
    while True:
        answer = client.search_orders(**{**query, **token})
        found += answer.payload["orders"]
        if not answer.next_token:
            return found
        token = {"paginationToken": answer.next_token}


# Paging


def test_paging_gives_every_settled_order_once(library: Library, seller: Seller) -> None:
    """All pages together hold each order once, but those that changed in the last two minutes."""
    found = every_page(library.orders, lastUpdatedAfter=LONG_AGO, maxResultsPerPage=70)

    settled = START - timedelta(minutes=2)
    expected = {order.id for order in seller.orders() if order.last_updated <= settled}
    assert len(expected) > 380
    assert Counter(one["orderId"] for one in found) == Counter(expected)


def test_pages_are_in_the_order_of_updates(library: Library) -> None:
    """Orders come by their last update, and then by id."""
    found = every_page(library.orders, lastUpdatedAfter=LONG_AGO, maxResultsPerPage=90)

    places = [(one["lastUpdatedTime"], one["orderId"]) for one in found]
    assert places == sorted(places)


def test_a_window_of_purchases_gives_every_order_once(library: Library, seller: Seller) -> None:
    """A window of createdAfter selects by purchase and pages by it."""
    after = "2026-10-20T00:00:00Z"

    found = every_page(library.orders, createdAfter=after, maxResultsPerPage=40)

    expected = [o.id for o in seller.orders() if o.created >= datetime(2026, 10, 20, tzinfo=UTC)]
    assert [one["orderId"] for one in found] == expected
    assert len(expected) > 60


def test_the_window_stays_while_pages_are_read(
    library: Library, seller: Seller, clock: Clock
) -> None:
    """An order that changes behind the cursor is in no later page, and the end does not move."""
    client = library.orders
    first = client.search_orders(lastUpdatedAfter=LONG_AGO)
    seen = {one["orderId"] for one in first.payload["orders"]}
    moved = next(o.id for o in seller.orders() if o.id not in seen and o.status == "SHIPPED")
    clock.wait(minutes=10)
    seller.change(moved, status="CANCELLED")
    clock.wait(minutes=10)

    later = client.search_orders(lastUpdatedAfter=LONG_AGO, paginationToken=first.next_token)
    rest = later.payload["orders"] + every_page(client, paginationToken=later.next_token)

    assert later.payload["lastUpdatedBefore"] == first.payload["lastUpdatedBefore"]
    assert moved not in {one["orderId"] for one in rest}
    assert len(seen) + len(rest) > 380


def test_the_last_page_has_no_token(library: Library) -> None:
    """A page that holds all there is ends the list."""
    answer = library.orders.search_orders(createdAfter="2026-11-01T00:00:00Z")

    assert answer.next_token is None
    assert "pagination" not in answer.payload


@pytest.mark.parametrize(
    ("spoil", "details"),
    [
        (lambda query, token: {**query, "paginationToken": token[:-8]}, "not valid"),
        (lambda query, token: {**query, "paginationToken": "abc"}, "not valid"),
        (
            lambda query, token: {"lastUpdatedAfter": "2026-10-02", "paginationToken": token},
            "lastUpdatedAfter differs",
        ),
        (
            lambda query, token: {**query, "fulfilledBy": "AMAZON", "paginationToken": token},
            "fulfilledBy differs",
        ),
    ],
    ids=["cut", "garbled", "other window", "other filter"],
)
def test_a_token_is_good_for_its_query_alone(
    amazon: SandboxAmazon, seller: Seller, spoil: Any, details: str
) -> None:
    """A token that is garbled, or comes with another query, is refused."""
    query = {"lastUpdatedAfter": LONG_AGO}
    token = by_hand(amazon, seller, ORDERS, query).json()["pagination"]["nextToken"]

    answer = by_hand(amazon, seller, ORDERS, spoil(query, token))

    assert answer.status_code == 400
    assert details in answer.json()["errors"][0]["details"]


def test_a_token_expires_after_a_day(amazon: SandboxAmazon, seller: Seller, clock: Clock) -> None:
    """A pagination token is good for 24 hours."""
    first = by_hand(amazon, seller, ORDERS, {"lastUpdatedAfter": LONG_AGO}).json()
    token = {"paginationToken": first["pagination"]["nextToken"]}
    clock.wait(hours=23, minutes=59)
    assert by_hand(amazon, seller, ORDERS, token).status_code == 200
    clock.wait(minutes=1)

    assert by_hand(amazon, seller, ORDERS, token).status_code == 400


def test_a_token_is_no_good_for_another_seller(amazon: SandboxAmazon, seller: Seller) -> None:
    """A pagination token belongs to the seller whose orders it pages."""
    other = amazon.add_seller("cedar", orders=10)
    first = by_hand(amazon, seller, ORDERS, {"lastUpdatedAfter": LONG_AGO}).json()

    token = {"paginationToken": first["pagination"]["nextToken"]}

    assert by_hand(amazon, other, ORDERS, token).status_code == 400


# Parameters

REFUSED: dict[str, dict[str, str]] = {
    "unknown parameter": {"createdAfter": LONG_AGO, "colour": "red"},
    "no window": {},
    "two windows": {"createdAfter": LONG_AGO, "lastUpdatedAfter": LONG_AGO},
    "mixed window": {"createdAfter": LONG_AGO, "lastUpdatedBefore": "2026-10-01"},
    "no date": {"createdAfter": "last week"},
    "date with a space": {"createdAfter": "2026-10-01 10:00:00"},
    "end too near": {"createdAfter": LONG_AGO, "createdBefore": "2026-11-01T11:58:01Z"},
    "end in the future": {"lastUpdatedAfter": LONG_AGO, "lastUpdatedBefore": "2027-01-01"},
    "end before start": {"createdAfter": "2026-10-02", "createdBefore": "2026-10-01"},
    "unknown status": {"createdAfter": LONG_AGO, "fulfillmentStatuses": "SHIPPED,Shipped"},
    "unknown data set": {"createdAfter": LONG_AGO, "includedData": "BUYERS"},
    "unknown fulfiller": {"createdAfter": LONG_AGO, "fulfilledBy": "MFN"},
    "page too large": {"createdAfter": LONG_AGO, "maxResultsPerPage": "101"},
    "page too small": {"createdAfter": LONG_AGO, "maxResultsPerPage": "0"},
    "other marketplace": {"createdAfter": LONG_AGO, "marketplaceIds": "A1PA6795UKMFR9"},
    "many marketplaces": {
        "createdAfter": LONG_AGO,
        "marketplaceIds": ",".join(["ATVPDKIKX0DER"] * 51),
    },
}


@pytest.mark.parametrize("query", REFUSED.values(), ids=REFUSED)
def test_wrong_parameters_are_refused(
    amazon: SandboxAmazon, seller: Seller, query: dict[str, str]
) -> None:
    """What the model does not allow is answered 400 with the code InvalidInput and the limit."""
    answer = by_hand(amazon, seller, ORDERS, query)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "InvalidInput"
    assert answer.headers["x-amzn-RateLimit-Limit"] == "0.0056"


def test_an_unknown_parameter_is_named(amazon: SandboxAmazon, seller: Seller) -> None:
    """The refusal of an unknown parameter says which it is."""
    answer = by_hand(amazon, seller, ORDERS, {"createdAfter": LONG_AGO, "colour": "red"})

    assert "colour" in answer.json()["errors"][0]["details"]


def test_the_library_raises_for_a_refusal(library: Library) -> None:
    """A refused search is the library's exception for bad requests."""
    with pytest.raises(SellingApiBadRequestException):
        library.orders.search_orders(createdAfter="never")


def test_the_end_of_the_window_may_lie_two_minutes_back(
    amazon: SandboxAmazon, seller: Seller
) -> None:
    """Exactly two minutes before the request is old enough, and both ends are in the window."""
    at = START - timedelta(minutes=2)
    seller.put(SandboxOrder(id="111-5550000-0000001", created=at, last_updated=at))
    exactly = "2026-11-01T11:58:00Z"

    answer = by_hand(
        amazon, seller, ORDERS, {"lastUpdatedAfter": exactly, "lastUpdatedBefore": exactly}
    )

    assert [one["orderId"] for one in answer.json()["orders"]] == ["111-5550000-0000001"]
    assert answer.json()["lastUpdatedBefore"] == exactly


@pytest.mark.parametrize("status", ["UNSHIPPED", "SHIPPED", "CANCELLED"])
def test_filters_select(library: Library, seller: Seller, status: str) -> None:
    """Statuses and fulfillers narrow a search, also when joined by commas."""
    found = every_page(
        library.orders,
        createdAfter=LONG_AGO,
        fulfillmentStatuses=[status, "PENDING_AVAILABILITY"],
        fulfilledBy=["MERCHANT"],
        maxResultsPerPage=50,
    )

    expected = [
        order.id
        for order in seller.orders()
        if order.status == status
        and order.fulfilled_by == "MERCHANT"
        and order.created <= START - timedelta(minutes=2)
    ]
    assert expected
    assert [one["orderId"] for one in found] == expected


# What orders look like

_TEXT = str
_MONEY = {"amount": _TEXT, "currencyCode": _TEXT}
_SPAN = {"earliestDateTime": _TEXT, "latestDateTime": _TEXT}
STRUCTURE: dict[str, Any] = {
    "orderId": re.compile(r"\d{3}-\d{7}-\d{7}"),
    "createdTime": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
    "lastUpdatedTime": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
    "programs?": [re.compile("PRIME|AMAZON_BUSINESS")],
    "salesChannel": {
        "channelName": re.compile("AMAZON"),
        "marketplaceId": _TEXT,
        "marketplaceName": _TEXT,
    },
    "buyer": {
        "buyerName?": _TEXT,
        "buyerEmail?": re.compile(r"[0-9a-f]+@example\.com"),
        "buyerCompanyName?": _TEXT,
        "buyerPurchaseOrderNumber?": _TEXT,
    },
    "recipient": {
        "deliveryAddress?": {
            "name": _TEXT,
            "companyName?": _TEXT,
            "addressLine1": _TEXT,
            "addressLine2?": _TEXT,
            "city": _TEXT,
            "stateOrRegion": _TEXT,
            "postalCode": _TEXT,
            "countryCode": re.compile("US"),
            "phone?": re.compile(r".*555-01\d\d"),
            "addressType": re.compile("RESIDENTIAL|COMMERCIAL|PICKUP_POINT"),
        },
        "deliveryPreference?": {"dropOffLocation?": _TEXT, "addressInstruction?": _TEXT},
    },
    "proceeds": {"grandTotal": _MONEY, "breakdowns": [{"type": _TEXT, "subtotal": _MONEY}]},
    "payment": {"paymentExecutions": [{"paymentMethod": _TEXT, "paymentAmount": _MONEY}]},
    "fulfillment": {
        "fulfillmentStatus": re.compile("PENDING|UNSHIPPED|PARTIALLY_SHIPPED|SHIPPED|CANCELLED"),
        "fulfilledBy": re.compile("MERCHANT|AMAZON"),
        "fulfillmentServiceLevel": re.compile("STANDARD|SECOND_DAY"),
        "shipByWindow": _SPAN,
        "deliverByWindow": _SPAN,
    },
    "orderItems": [
        {
            "orderItemId": re.compile(r"\d{14}"),
            "quantityOrdered": int,
            "product": {
                "asin": re.compile("B0[0-9A-Z]{8}"),
                "title": _TEXT,
                "sellerSku": _TEXT,
                "condition": {"conditionType": _TEXT, "conditionSubtype": _TEXT},
                "price": {"unitPrice": _MONEY},
            },
            "proceeds": {
                "proceedsTotal": _MONEY,
                "breakdowns": [{"type": _TEXT, "subtotal": _MONEY}],
            },
            "cancellation?": {
                "cancellationExecution": {
                    "cancelledBy": re.compile("BUYER|MERCHANT|AMAZON"),
                    "cancelReason": _TEXT,
                }
            },
            "fulfillment": {
                "quantityFulfilled": int,
                "quantityUnfulfilled": int,
                "packing?": {"giftOption": {"giftMessage": _TEXT, "giftWrapLevel": _TEXT}},
            },
        }
    ],
    "packages?": [
        {
            "packageReferenceId": _TEXT,
            "createdTime": _TEXT,
            "packageStatus": {
                "status": re.compile("IN_TRANSIT|DELIVERED|UNDELIVERABLE"),
                "detailedStatus?": re.compile(
                    "PICKED_UP|OUT_FOR_DELIVERY|DELIVERED|LOST|RETURNING_TO_SELLER"
                ),
            },
            "carrier": _TEXT,
            "shipTime": _TEXT,
            "shippingService": _TEXT,
            "trackingNumber": _TEXT,
            "shipFromAddress": {
                "name": _TEXT,
                "addressLine1": _TEXT,
                "city": _TEXT,
                "stateOrRegion": _TEXT,
                "postalCode": _TEXT,
                "countryCode": _TEXT,
            },
            "packageItems": [{"orderItemId": _TEXT, "quantity": int}],
        }
    ],
}
"""What orders_2026-01-01.json says of what the sandbox sends; `?` marks what may be missing."""


def faults_of(value: Any, wanted: Any, path: str = "") -> list[str]:
    """Return where a value differs from a structure."""
    if isinstance(wanted, dict):
        if not isinstance(value, dict):
            return [f"{path} is no object"]
        names = {name.removesuffix("?"): (name, part) for name, part in wanted.items()}
        wrong = [f"{path}.{name} is unknown" for name in value.keys() - names.keys()]
        for name, (marked, part) in names.items():
            if name in value:
                wrong += faults_of(value[name], part, f"{path}.{name}")
            elif not marked.endswith("?"):
                wrong.append(f"{path}.{name} is missing")
        return wrong
    if isinstance(wanted, list):
        if not isinstance(value, list) or not value:
            return [f"{path} is no list"]
        return [fault for one in value for fault in faults_of(one, wanted[0], f"{path}[]")]
    if isinstance(wanted, re.Pattern):
        return [] if isinstance(value, str) and wanted.fullmatch(value) else [f"{path}: {value}"]
    return [] if isinstance(value, wanted) and value != "" else [f"{path} has the wrong type"]


def test_orders_have_the_models_structure(library: Library) -> None:
    """Every order with all data sets is as the model describes it."""
    found = every_page(library.orders, lastUpdatedAfter=LONG_AGO, includedData=list(DATASETS))

    assert [fault for one in found for fault in faults_of(one, STRUCTURE)] == []
    statuses = {one["fulfillment"]["fulfillmentStatus"] for one in found}
    assert statuses >= {"UNSHIPPED", "SHIPPED", "CANCELLED"}


def test_the_structure_check_finds_faults() -> None:
    """A missing field, an unknown one and a wrong value are each found."""
    wanted = {"a": str, "b": re.compile("x|y"), "c?": int}

    assert sorted(faults_of({"b": "z", "d": 1}, wanted)) == [
        ".a is missing",
        ".b: z",
        ".d is unknown",
    ]


def test_only_included_data_is_sent(library: Library, seller: Seller) -> None:
    """Without includedData an order has neither people nor packages nor a status."""
    shipped = next(order for order in seller.orders() if order.packages)

    bare = library.orders.get_order(shipped.id).payload["order"]
    some = library.orders.get_order(shipped.id, includedData=["PACKAGES"]).payload["order"]

    assert bare.keys() <= {
        "orderId",
        "createdTime",
        "lastUpdatedTime",
        "programs",
        "salesChannel",
        "orderItems",
    }
    assert some.keys() - bare.keys() == {"packages"}


def test_amazons_own_orders_have_no_people(library: Library) -> None:
    """An order that Amazon fulfils comes without buyer, address and packages."""
    found = every_page(
        library.orders,
        lastUpdatedAfter=LONG_AGO,
        fulfilledBy=["AMAZON"],
        includedData=["BUYER", "RECIPIENT", "PACKAGES"],
    )

    assert len(found) > 20
    assert all(one["buyer"] == {} and one["recipient"] == {} for one in found)
    assert not any("packages" in one for one in found)


def test_a_pending_order_has_no_people_yet(clock: Clock) -> None:
    """Buyer and address come with the payment."""
    seller = SandboxAmazon(clock=clock).add_seller("elm", orders=3000, afn_share=0)
    pending = [order for order in seller.orders() if order.status == "PENDING"]
    assert pending
    assert all(order.address == Address() and order.buyer == Buyer() for order in pending)
    clock.wait(hours=3)

    later = [seller.order(order.id) for order in pending]

    assert all(order.address.line_1 for order in later if order.status != "CANCELLED")


def test_packages_hold_what_was_ordered(seller: Seller) -> None:
    """The packages of a shipped order hold every unit once, and a third of them come in two."""
    shipped = [o for o in seller.orders() if o.status == "SHIPPED" and o.packages]

    for order in shipped:
        packed = Counter[str]()
        for package in order.packages:
            packed.update(dict(package.contents))
        assert packed == Counter({item.id: item.quantity for item in order.items})
    two = sum(len(order.packages) == 2 for order in shipped)
    assert 0.2 < two / len(shipped) < 0.45


def test_an_order_that_is_not_there_is_not_found(library: Library) -> None:
    """An unknown order id is answered 404."""
    with pytest.raises(SellingApiNotFoundException):
        library.orders.get_order("111-0000000-0000000")


def test_a_seller_of_the_old_version_has_no_new_one(amazon: SandboxAmazon) -> None:
    """With v0_only the 2026-01-01 version is refused."""
    library = Library(amazon, amazon.add_seller("fir", orders=5, v0_only=True))

    with pytest.raises(SellingApiForbiddenException):
        library.orders.search_orders(createdAfter=LONG_AGO)
    assert library.orders_v0.get_orders(CreatedAfter=LONG_AGO).payload["Orders"]
    library.close()


# Lives


def test_the_same_seed_invents_the_same_orders(clock: Clock) -> None:
    """Orders are a function of name, seed and time."""
    first, again, other = (
        SandboxAmazon(clock=clock).add_seller("ash", orders=50, seed=seed) for seed in (3, 3, 4)
    )

    assert first.orders() == again.orders()
    assert first.orders() != other.orders()


def test_orders_live_on_as_the_clock_moves(amazon: SandboxAmazon, clock: Clock) -> None:
    """An order becomes Unshipped, Shipped and delivered, and its last update moves with it."""
    seller = amazon.add_seller("elm", orders=3000, afn_share=0)
    fresh = [order.id for order in seller.orders() if order.status == "PENDING"][-1]
    seen = []
    for _ in range(24 * 20):
        order = seller.order(fresh)
        delivered = bool(order.packages) and {p.status for p in order.packages} == {"DELIVERED"}
        seen.append((order.status, delivered, order.last_updated))
        assert order.last_updated <= clock.now
        clock.wait(hours=1)

    standings = list(dict.fromkeys((status, delivered) for status, delivered, _ in seen))
    assert standings[:2] == [("PENDING", False), ("UNSHIPPED", False)]
    assert standings[-1] == ("SHIPPED", True)
    assert [at for *_, at in seen] == sorted(at for *_, at in seen)


def test_orders_keep_arriving(seller: Seller, clock: Clock) -> None:
    """New orders come at the pace of the old ones."""
    before = seller.order_ids()
    assert len(before) == 400
    clock.wait(days=30)

    after = seller.order_ids()

    assert after[: len(before)] == before
    assert 599 <= len(after) <= 601


def test_some_are_never_delivered(clock: Clock) -> None:
    """After months a few orders are still on their way, lost, or cancelled."""
    seller = SandboxAmazon(clock=clock).add_seller("oak", orders=2000, seed=1, afn_share=0)
    clock.wait(days=60)

    old = [order for order in seller.orders() if order.created < START]

    ends = Counter(
        "CANCELLED" if order.status == "CANCELLED" else order.packages[-1].status for order in old
    )
    assert set(ends) == {"CANCELLED", "DELIVERED", "IN_TRANSIT", "UNDELIVERABLE"}
    assert ends["DELIVERED"] / len(old) > 0.85
    delivered = [p.detailed for o in old for p in o.packages if p.status == "DELIVERED"]
    assert set(delivered) == {"", "DELIVERED"}


def test_the_phone_goes_after_the_latest_delivery_date(
    amazon: SandboxAmazon, seller: Seller, clock: Clock
) -> None:
    """A shipped order past its latest delivery date has an address without a phone."""
    at = START - timedelta(days=1)
    order = SandboxOrder(
        id="111-5550000-0000002",
        created=at,
        status="SHIPPED",
        deliver_by=(at, START + timedelta(days=1)),
        address=Address(name="Odalys Moonraker", city="Fernhaven", phone="+1 212-555-0142"),
    )
    seller.put(order)

    def address() -> Any:
        answer = by_hand(amazon, seller, f"{ORDERS}/{order.id}", {"includedData": "RECIPIENT"})
        return answer.json()["order"]["recipient"]["deliveryAddress"]

    assert address()["phone"] == "+1 212-555-0142"
    clock.wait(days=1, seconds=1)
    assert "phone" not in address()
    assert address()["name"] == "Odalys Moonraker"


def test_polling_by_the_last_window_misses_nothing(amazon: SandboxAmazon, clock: Clock) -> None:
    """Windows that begin where the last one ended bring every order to its last state."""
    seller = amazon.add_seller("hazel", orders=60, days=10, seed=2)
    known: dict[str, str] = {}
    after = LONG_AGO
    for _ in range(20):
        query = {"lastUpdatedAfter": after, "maxResultsPerPage": "25"}
        while True:
            body = by_hand(amazon, seller, ORDERS, query).json()
            known |= {one["orderId"]: one["lastUpdatedTime"] for one in body["orders"]}
            if "pagination" not in body:
                break
            # Orders change and arrive while the pages are read.
            clock.wait(minutes=5)
            query = {"paginationToken": body["pagination"]["nextToken"]}
        after = body["lastUpdatedBefore"]
        clock.wait(hours=7)
    clock.wait(hours=-7)

    until = read(after)
    assert until is not None
    settled = {o.id: written(o.last_updated) for o in seller.orders() if o.last_updated <= until}
    assert len(settled) > 80
    assert {order_id: known.get(order_id) for order_id in settled} == settled


def test_several_clients_page_at_once(amazon: SandboxAmazon, seller: Seller) -> None:
    """Threads that read pages at the same time get the same orders each."""

    def walk(_: int) -> list[str]:
        query, found = {"lastUpdatedAfter": LONG_AGO, "maxResultsPerPage": "50"}, []
        while True:
            body = by_hand(amazon, seller, ORDERS, query).json()
            found += [one["orderId"] for one in body["orders"]]
            if "pagination" not in body:
                return found
            query = {"paginationToken": body["pagination"]["nextToken"]}

    with ThreadPoolExecutor(4) as pool:
        walks = list(pool.map(walk, range(4)))

    assert len(walks[0]) > 380
    assert walks == [walks[0]] * 4


# What a test sets


def test_an_order_can_be_put(library: Library, seller: Seller, clock: Clock) -> None:
    """A put order is answered as it is, updated when it was put."""
    put = seller.put(
        SandboxOrder(
            id="111-5550000-0000003",
            created=START - timedelta(days=2),
            buyer=Buyer(name="Zinnia Larkspurr", email="z@example.com"),
            items=(
                Item(
                    id="1",
                    sku="S-1",
                    asin="B000000001",
                    title="Cup",
                    quantity=2,
                    price=Decimal("3.5"),
                ),
            ),
        )
    )
    clock.wait(minutes=3)

    found = library.orders.search_orders(
        lastUpdatedAfter="2026-11-01T12:00:00Z", includedData=["BUYER", "PROCEEDS"]
    ).payload["orders"]

    mine = next(one for one in found if one["orderId"] == put.id)
    assert put.last_updated == START
    assert mine["buyer"] == {"buyerName": "Zinnia Larkspurr", "buyerEmail": "z@example.com"}
    assert mine["proceeds"]["grandTotal"] == {"amount": "7.00", "currencyCode": "USD"}


def test_a_change_moves_an_order_in_the_timeline(
    library: Library, seller: Seller, clock: Clock
) -> None:
    """A changed order is found under its new update once, and no longer under the old one."""
    chosen = next(o for o in seller.orders() if o.status == "SHIPPED" and o.packages)
    seller.change(chosen.id, status="UNSHIPPED", packages=())
    clock.wait(minutes=1)
    seller.change(chosen.id, status="CANCELLED")
    clock.wait(minutes=5)

    found = every_page(library.orders, lastUpdatedAfter=LONG_AGO, includedData=["FULFILLMENT"])

    mine = [one for one in found if one["orderId"] == chosen.id]
    assert [one["lastUpdatedTime"] for one in mine] == ["2026-11-01T12:01:00Z"]
    assert mine[0]["fulfillment"]["fulfillmentStatus"] == "CANCELLED"
    assert seller.order_ids().count(chosen.id) == 1


def test_what_is_not_there_cannot_be_changed(seller: Seller) -> None:
    """A test that names an unknown order is told so."""
    with pytest.raises(SandboxMisused):
        seller.change("111-0000000-0000000", status="SHIPPED")


def test_names_and_marketplaces_are_checked(amazon: SandboxAmazon, seller: Seller) -> None:
    """A seller's name is there once, and its marketplace exists."""
    with pytest.raises(SandboxMisused):
        amazon.add_seller("birch-and-brook")
    with pytest.raises(SandboxMisused):
        amazon.add_seller("rowan", marketplace="XX")


def test_the_environment_names_every_seller(amazon: SandboxAmazon, seller: Seller) -> None:
    """The settings hold each seller's refresh token and id under the account's name."""
    cedar = amazon.add_seller("cedar", marketplace="DE")

    settings = amazon.environment()

    assert settings["SP_API_ENDPOINT"] == amazon.url
    assert settings["SP_API_REFRESH_TOKEN_BIRCH_AND_BROOK"] == seller.refresh_token
    assert settings["SP_API_SELLER_ID_CEDAR"] == cedar.seller_id
    assert settings["SP_API_DEFAULT_MARKETPLACE"] == "US"


def test_an_unknown_operation_ends_the_play(clock: Clock) -> None:
    """A path that the sandbox does not have is answered 404, and the sandbox says so at its end."""
    amazon = SandboxAmazon(clock=clock)
    amazon.start()
    seller = amazon.add_seller("yew")

    answer = by_hand(amazon, seller, "/catalog/2022-04-01/items")
    amazon.stop()

    assert answer.status_code == 404
    with pytest.raises(UnknownMethodCalled):
        amazon.check()


def test_the_sandboxs_own_failure_ends_the_play(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error within the sandbox is a 500 and is raised at its end."""
    amazon = SandboxAmazon(clock=clock)
    amazon.start()
    seller = amazon.add_seller("yew")
    monkeypatch.setattr(Seller, "find", lambda self, order_id: 1 / 0)

    answer = by_hand(amazon, seller, f"{ORDERS}/111-0000000-0000000")
    amazon.stop()

    assert answer.status_code == 500
    with pytest.raises(SandboxBroken, match="getOrder: ZeroDivisionError"):
        amazon.check()
