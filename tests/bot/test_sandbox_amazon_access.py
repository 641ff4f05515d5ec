"""Who may ask the sandbox Amazon for what and how often, and how its calls fail."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest
from sp_api.api import Orders
from sp_api.auth import access_token_client
from sp_api.auth.exceptions import AuthorizationError
from sp_api.base.exceptions import (
    SellingApiForbiddenException,
    SellingApiRequestThrottledException,
)

from bot.sandbox.amazon import SandboxAmazon
from bot.sandbox.amazon.operations import OPERATIONS
from bot.sandbox.amazon.order import SandboxOrder
from bot.sandbox.amazon.seller import Seller
from tests.bot.test_sandbox_amazon import (
    LONG_AGO,
    ORDERS,
    START,
    Clock,
    Library,
    by_hand,
)

V0 = "/orders/v0/orders"


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
    """A sandbox with limits."""
    with SandboxAmazon(clock=clock) as running:
        yield running


@pytest.fixture
def seller(amazon: SandboxAmazon) -> Seller:
    """A seller with some orders."""
    return amazon.add_seller("birch-and-brook", orders=150, seed=7)


@pytest.fixture
def library(amazon: SandboxAmazon, seller: Seller) -> Iterator[Library]:
    """The library in the seller's name."""
    library = Library(amazon, seller)
    yield library
    library.close()


@pytest.fixture
def order(seller: Seller) -> SandboxOrder:
    """An order of the merchant's with people."""
    return next(order for order in seller.orders() if order.packages)


def login(amazon: SandboxAmazon, **form: str) -> httpx.Response:
    """Ask LWA for a token."""
    usual = {"client_id": amazon.client_id, "client_secret": amazon.client_secret}
    address = f"{amazon.url}/auth/o2/token"
    return httpx.post(address, data={**usual, **form}, trust_env=False)


# Login with Amazon


def test_lwa_gives_a_token_for_a_refresh_token(amazon: SandboxAmazon, seller: Seller) -> None:
    """An access token is a bearer's for an hour and comes with the refresh token."""
    answer = login(amazon, grant_type="refresh_token", refresh_token=seller.refresh_token)

    assert answer.status_code == 200
    body = answer.json()
    assert body.pop("access_token").startswith("Atza|")
    assert body == {
        "token_type": "bearer",
        "expires_in": 3600,
        "refresh_token": seller.refresh_token,
    }


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "Atzr|x"}, 400, "invalid_grant"),
        ({"grant_type": "refresh_token", "client_secret": "x"}, 401, "invalid_client"),
        ({"grant_type": "client_credentials", "scope": "profile"}, 400, "invalid_scope"),
    ],
)
def test_lwa_refuses(amazon: SandboxAmazon, form: dict[str, str], status: int, error: str) -> None:
    """LWA's errors have its own form."""
    answer = login(amazon, **form)

    assert answer.status_code == status
    assert answer.json()["error"] == error
    assert answer.json().keys() == {"error", "error_description"}


def test_secrets_are_not_recorded(amazon: SandboxAmazon, library: Library) -> None:
    """The record of calls holds neither the client's secret nor a refresh token."""
    library.orders.get_order(library.seller.order_ids()[0])

    assert [call.operation for call in amazon.calls] == ["requestToken", "getOrder"]
    assert amazon.calls[0].parameters.keys() == {"grant_type", "client_id"}
    assert amazon.calls[0].seller == "birch-and-brook"


# Tokens


def refusal(answer: httpx.Response) -> tuple[int, str, str]:
    """Return the status, code and details of an error."""
    error = answer.json()["errors"][0]
    return answer.status_code, error["code"], error["details"]


def test_an_unknown_token_is_refused(amazon: SandboxAmazon) -> None:
    """A token that was never given out is malformed or invalid."""
    assert refusal(by_hand(amazon, None, ORDERS, {"createdAfter": LONG_AGO})) == (
        403,
        "Unauthorized",
        "The access token you provided is revoked, malformed or invalid.",
    )


def test_a_token_expires_after_an_hour(library: Library, clock: Clock) -> None:
    """An access token is good for less than 3600 seconds of the sandbox's clock."""
    client = library.orders
    client.search_orders(createdAfter=LONG_AGO)
    clock.wait(seconds=3599)
    client.search_orders(createdAfter=LONG_AGO)
    clock.wait(seconds=1)

    with pytest.raises(SellingApiForbiddenException) as raised:
        client.search_orders(createdAfter=LONG_AGO)

    assert raised.value.error[0]["details"] == "The access token you provided has expired."
    access_token_client.cache.clear()
    assert client.search_orders(createdAfter=LONG_AGO).payload["orders"]


def test_tokens_may_live_longer(amazon: SandboxAmazon, library: Library, clock: Clock) -> None:
    """A test that moves the clock far can have tokens that stay good."""
    amazon.tokens.seconds = 10**9
    client = library.orders
    client.search_orders(createdAfter=LONG_AGO)
    clock.wait(days=10)

    assert client.search_orders(createdAfter=LONG_AGO).payload["orders"]


def test_a_revoked_seller_is_lost_until_restored(library: Library, seller: Seller) -> None:
    """Revoking ends old tokens and refuses new ones; restoring makes all good again."""
    client = library.orders
    client.search_orders(createdAfter=LONG_AGO)
    seller.revoke()

    with pytest.raises(SellingApiForbiddenException):
        client.search_orders(createdAfter=LONG_AGO)
    access_token_client.cache.clear()
    with pytest.raises(AuthorizationError) as raised:
        client.search_orders(createdAfter=LONG_AGO)

    assert raised.value.error_code == "invalid_grant"
    seller.restore()
    assert client.search_orders(createdAfter=LONG_AGO).payload["orders"]


@pytest.mark.parametrize(
    ("role", "query"),
    [
        ("orders", {}),
        ("buyer", {"includedData": "FULFILLMENT,BUYER"}),
        ("shipping", {"includedData": "RECIPIENT"}),
    ],
)
def test_a_missing_role_is_refused(
    amazon: SandboxAmazon, seller: Seller, role: str, query: dict[str, str]
) -> None:
    """What needs a role is answered without it no more, and the rest as before."""
    asked = {"createdAfter": LONG_AGO, **query}
    assert by_hand(amazon, seller, ORDERS, asked).status_code == 200
    seller.roles.remove(role)

    answer = by_hand(amazon, seller, ORDERS, asked)

    assert refusal(answer)[:2] == (403, "Unauthorized")
    assert "x-amzn-RateLimit-Limit" not in answer.headers
    plain = by_hand(amazon, seller, ORDERS, {"createdAfter": LONG_AGO})
    assert plain.status_code == (403 if role == "orders" else 200)


def test_dates_are_checked_where_asked(
    amazon: SandboxAmazon, library: Library, seller: Seller
) -> None:
    """With checks_dates a request dated far from the sandbox's clock is refused."""
    assert library.orders.get_order(seller.order_ids()[0])
    amazon.checks_dates = True

    with pytest.raises(SellingApiForbiddenException) as raised:
        library.orders.get_order(seller.order_ids()[0])

    assert raised.value.amzn_code == "InvalidSignature"


# Orders v0 and restricted data


def test_v0_without_a_restricted_token_has_no_people(library: Library, order: SandboxOrder) -> None:
    """A plain token sees town, region, postal code and country, and no buyer."""
    client = library.orders_v0

    found = client.get_order(order.id).payload

    address = {"City", "StateOrRegion", "PostalCode", "CountryCode"}
    assert found["BuyerInfo"] == {}
    assert found["ShippingAddress"].keys() == address
    assert client.get_order_address(order.id).payload["ShippingAddress"].keys() == address
    assert client.get_order_buyer_info(order.id).payload == {"AmazonOrderId": order.id}


def test_the_librarys_shortcut_opens_people(library: Library, order: SandboxOrder) -> None:
    """With RestrictedResources the library fetches a token and gets buyer and address."""
    found = library.orders_v0.get_order(
        order.id, RestrictedResources=["buyerInfo", "shippingAddress"]
    ).payload

    assert found["BuyerInfo"]["BuyerName"] == order.buyer.name
    assert found["BuyerInfo"]["BuyerEmail"] == order.buyer.email
    assert found["ShippingAddress"]["Name"] == order.address.name
    assert found["ShippingAddress"]["AddressLine1"] == order.address.line_1


def test_a_restricted_token_opens_its_elements_alone(library: Library, order: SandboxOrder) -> None:
    """A token for the buyer shows no street."""
    found = library.orders_v0.get_orders(
        CreatedAfter=LONG_AGO, RestrictedResources=["buyerInfo"]
    ).payload["Orders"]

    mine = next(one for one in found if one["AmazonOrderId"] == order.id)
    assert mine["BuyerInfo"]["BuyerName"] == order.buyer.name
    assert "AddressLine1" not in mine["ShippingAddress"]


def restricted(amazon: SandboxAmazon, seller: Seller, *resources: object) -> httpx.Response:
    """Ask for a restricted data token."""
    return httpx.post(
        f"{amazon.url}/tokens/2021-03-01/restrictedDataToken",
        json={"restrictedResources": list(resources)},
        headers={"x-amz-access-token": amazon.tokens.lend(seller, amazon.now())},
        trust_env=False,
    )


def test_a_path_with_a_variable_opens_every_order(
    amazon: SandboxAmazon, seller: Seller, order: SandboxOrder
) -> None:
    """A token for {orderId} is good for any order's path and for no other path."""
    given = restricted(amazon, seller, {"method": "GET", "path": V0 + "/{orderId}/address"}).json()
    assert given["expiresIn"] == 3600
    token = {"x-amz-access-token": given["restrictedDataToken"]}

    def ask(path: str) -> httpx.Response:
        return httpx.get(f"{amazon.url}{V0}{path}", headers=token, trust_env=False)

    found = ask(f"/{order.id}/address").json()["payload"]["ShippingAddress"]
    assert found["Name"] == order.address.name
    assert ask(f"/{order.id}/buyerInfo").status_code == 403
    assert ask(f"/{order.id}").status_code == 403


@pytest.mark.parametrize(
    "resource",
    [
        {"method": "GET", "path": V0},
        {"method": "GET", "path": V0, "dataElements": ["everything"]},
        {"method": "GET", "path": V0, "dataElements": [{}]},
        {"method": "GET", "path": "/catalog", "dataElements": ["buyerInfo"]},
        {"method": "LOOK", "path": V0, "dataElements": ["buyerInfo"]},
        {"path": V0, "dataElements": ["buyerInfo"]},
        "everything",
    ],
)
def test_wrong_restricted_resources_are_refused(
    amazon: SandboxAmazon, seller: Seller, resource: object
) -> None:
    """A restricted data token is for known paths, methods and elements."""
    assert restricted(amazon, seller, resource).status_code == 400


def test_a_restricted_token_is_for_fifty_resources(amazon: SandboxAmazon, seller: Seller) -> None:
    """Fifty resources are taken, fifty-one and none are not."""
    one = {"method": "GET", "path": V0, "dataElements": ["buyerInfo"]}

    assert restricted(amazon, seller, *[one] * 50).status_code == 200
    assert restricted(amazon, seller, *[one] * 51).status_code == 400
    assert restricted(amazon, seller).status_code == 400


def test_restricted_elements_need_their_role(amazon: SandboxAmazon, seller: Seller) -> None:
    """Without the shipping role there is no token for addresses."""
    seller.roles.remove("shipping")

    def ask(element: str) -> int:
        resource = {"method": "GET", "path": V0, "dataElements": [element]}
        return restricted(amazon, seller, resource).status_code

    assert (ask("shippingAddress"), ask("buyerInfo")) == (403, 200)


def test_both_versions_show_the_same_orders(library: Library, seller: Seller) -> None:
    """Version 0 pages through the same orders, with its own names for what they are."""
    names = {
        "PENDING": "Pending",
        "UNSHIPPED": "Unshipped",
        "PARTIALLY_SHIPPED": "PartiallyShipped",
        "SHIPPED": "Shipped",
        "CANCELLED": "Canceled",
    }
    client = library.orders_v0
    found: list[dict[str, Any]] = []
    token: Mapping[str, str] = {}
    while True:
        answer = client.get_orders(
            LastUpdatedAfter=LONG_AGO,
            MaxResultsPerPage=60,
            MarketplaceIds=["ATVPDKIKX0DER"],
            **token,
        )
        found += answer.payload["Orders"]
        if not answer.next_token:
            break
        token = {"NextToken": answer.next_token}

    settled = [o for o in seller.orders() if (START - o.last_updated).total_seconds() >= 120]
    expected = {
        o.id: (
            names[o.status],
            {"MERCHANT": "MFN", "AMAZON": "AFN"}[o.fulfilled_by],
            "PRIME" in o.programs,
        )
        for o in settled
    }
    assert len(found) == len(expected)
    assert {
        one["AmazonOrderId"]: (one["OrderStatus"], one["FulfillmentChannel"], one["IsPrime"])
        for one in found
    } == expected


def test_v0_items_have_prices(library: Library, order: SandboxOrder) -> None:
    """The items of a paid order hold title, units and the price of all units."""
    found = library.orders_v0.get_order_items(order.id).payload

    assert found["AmazonOrderId"] == order.id
    first = found["OrderItems"][0]
    assert first["Title"] == order.items[0].title
    assert first["QuantityOrdered"] == order.items[0].quantity
    total = order.items[0].price * order.items[0].quantity
    assert first["ItemPrice"] == {"CurrencyCode": "USD", "Amount": f"{total:.2f}"}


@pytest.mark.parametrize(
    "query",
    [
        {"CreatedAfter": LONG_AGO},
        {"MarketplaceIds": "ATVPDKIKX0DER"},
        {"MarketplaceIds": "A1PA6795UKMFR9", "CreatedAfter": LONG_AGO},
        {"MarketplaceIds": "ATVPDKIKX0DER", "CreatedAfter": LONG_AGO, "Colour": "red"},
        {"MarketplaceIds": "ATVPDKIKX0DER", "CreatedAfter": LONG_AGO, "OrderStatuses": "SHIPPED"},
        {
            "MarketplaceIds": "ATVPDKIKX0DER",
            "LastUpdatedAfter": LONG_AGO,
            "LastUpdatedBefore": "2026-11-01T11:59:00Z",
        },
    ],
)
def test_v0_refuses_wrong_parameters(
    amazon: SandboxAmazon, seller: Seller, query: dict[str, str]
) -> None:
    """Version 0 needs a marketplace and a settled window, and knows its own names alone."""
    assert refusal(by_hand(amazon, seller, V0, query))[:2] == (400, "InvalidInput")


# Limits


def test_calls_beyond_the_burst_are_throttled(
    amazon: SandboxAmazon, library: Library, clock: Clock
) -> None:
    """After 20 searches the 21st is answered 429, and one more is let in after 1/0.0056 s."""
    client = library.orders
    for _ in range(20):
        answer = client.search_orders(createdAfter="2026-10-30")
    assert answer.rate_limit == "0.0056"

    with pytest.raises(SellingApiRequestThrottledException) as raised:
        client.search_orders(createdAfter="2026-10-30")

    assert raised.value.amzn_code == "QuotaExceeded"
    assert "x-amzn-RateLimit-Limit" not in raised.value.headers
    assert raised.value.headers["x-amzn-RequestId"]
    assert amazon.limits.exceeded == {("birch-and-brook", "searchOrders"): 1}
    clock.wait(seconds=179)
    assert client.search_orders(createdAfter="2026-10-30").payload["orders"]
    with pytest.raises(SellingApiRequestThrottledException):
        client.search_orders(createdAfter="2026-10-30")


def test_each_seller_and_operation_has_a_bucket_of_its_own(
    amazon: SandboxAmazon, seller: Seller
) -> None:
    """One seller's empty bucket leaves other operations and other sellers alone."""
    other = amazon.add_seller("cedar", orders=5)
    amazon.limits.set("getOrder", rate=0.001, burst=1)
    path = f"{ORDERS}/{seller.order_ids()[0]}"

    statuses = [by_hand(amazon, one, path).status_code for one in (seller, seller, other)]

    assert statuses == [200, 429, 404]
    assert by_hand(amazon, seller, ORDERS, {"createdAfter": LONG_AGO}).status_code == 200


def test_a_plan_may_be_one_sellers(amazon: SandboxAmazon, seller: Seller) -> None:
    """A plan that is set for a seller is his alone, and its rate is in the header."""
    amazon.limits.set("getOrder", rate=7, burst=2, seller=seller.name)
    other = amazon.add_seller("cedar", orders=5)

    mine, others = (
        by_hand(amazon, one, f"{ORDERS}/{one.order_ids()[0]}").headers["x-amzn-RateLimit-Limit"]
        for one in (seller, other)
    )

    assert (mine, others) == ("7", "0.5")


def test_limits_can_be_switched_off(amazon: SandboxAmazon, seller: Seller) -> None:
    """Without enforced limits nothing is throttled or counted."""
    amazon.limits.set("getOrder", rate=0.001, burst=1)
    amazon.limits.enforced = False

    for _ in range(3):
        assert by_hand(amazon, seller, f"{ORDERS}/{seller.order_ids()[0]}").status_code == 200

    assert not amazon.limits.exceeded


def test_published_plans() -> None:
    """The usual plans are the models'."""
    plans = {name: (one.rate, one.burst) for name, one in OPERATIONS.items() if one.rate}

    assert plans == {
        "searchOrders": (0.0056, 20),
        "getOrder": (0.5, 30),
        "getOrdersV0": (0.0167, 20),
        "getOrderV0": (0.5, 30),
        "getOrderItemsV0": (0.5, 30),
        "getOrderAddressV0": (0.5, 30),
        "getOrderBuyerInfoV0": (0.5, 30),
        "createRestrictedDataToken": (1, 10),
        "createReport": (0.0167, 15),
        "getReport": (2, 15),
        "getReports": (0.0222, 10),
        "getReportDocument": (0.0167, 15),
        "createDestination": (1, 5),
        "getDestinations": (1, 5),
        "createSubscription": (1, 5),
        "getSubscription": (1, 5),
        "deleteSubscriptionById": (1, 5),
    }


def test_unknown_tokens_use_nobodys_bucket(amazon: SandboxAmazon) -> None:
    """However often an unknown token is refused, the refusal stays the same."""
    amazon.limits.set("getOrder", rate=0.001, burst=1)

    answers = [by_hand(amazon, None, f"{ORDERS}/111-0000000-0000000") for _ in range(3)]

    assert [one.status_code for one in answers] == [403] * 3


# Faults


def test_a_fault_stands_for_so_many_answers(amazon: SandboxAmazon, seller: Seller) -> None:
    """A fault answers the next calls of its operation and counts as a call for the limit."""
    amazon.limits.set("getOrder", rate=0.001, burst=3)
    amazon.faults.add("getOrder", status=503, body="", times=2)
    path = f"{ORDERS}/{seller.order_ids()[0]}"

    statuses = [by_hand(amazon, seller, path).status_code for _ in range(4)]

    assert statuses == [503, 503, 200, 429]
    assert [call.status for call in amazon.calls_of("getOrder")] == statuses


def test_a_fault_may_be_one_sellers(amazon: SandboxAmazon, seller: Seller) -> None:
    """Another seller's calls pass a fault by."""
    other = amazon.add_seller("cedar", orders=5)
    amazon.faults.add(status=500, seller="cedar")
    query = {"createdAfter": LONG_AGO}

    assert by_hand(amazon, seller, ORDERS, query).status_code == 200
    assert refusal(by_hand(amazon, other, ORDERS, query))[:2] == (500, "InternalFailure")


def test_html_with_429_makes_the_library_see_no_orders(
    amazon: SandboxAmazon, library: Library
) -> None:
    """A page of HTML comes through as it is; the library takes it for an empty answer."""
    amazon.faults.add(
        "searchOrders", status=429, body="<html></html>", headers={"Retry-After": "7"}
    )

    answer = library.orders.search_orders(createdAfter=LONG_AGO)

    assert answer.payload == {}
    assert answer.headers["Retry-After"] == "7"
    assert answer.headers["Content-Type"] == "text/html"


def test_a_dropped_call_has_no_answer(amazon: SandboxAmazon, library: Library) -> None:
    """A cut connection is the client's transport error, and the next call is answered."""
    client = library(Orders, "2026-01-01")
    amazon.faults.add("searchOrders", drop=True)

    with pytest.raises(httpx.TransportError):
        client.search_orders(createdAfter=LONG_AGO)

    assert client.search_orders(createdAfter=LONG_AGO).payload["orders"]
    assert [call.status for call in amazon.calls_of("searchOrders")] == [0, 200]


def test_half_an_answer_is_no_json(amazon: SandboxAmazon, seller: Seller) -> None:
    """A cut answer is the beginning of the right one."""
    whole = by_hand(amazon, seller, ORDERS, {"createdAfter": LONG_AGO})
    amazon.faults.add("searchOrders", cut=True)

    half = by_hand(amazon, seller, ORDERS, {"createdAfter": LONG_AGO})

    assert half.status_code == 200
    assert whole.content.startswith(half.content)
    assert len(half.content) == len(whole.content) // 2


def test_a_delay_is_real(amazon: SandboxAmazon, seller: Seller) -> None:
    """A fault that only delays gives the right answer late."""
    amazon.faults.add("searchOrders", delay=0.3)
    begun = time.monotonic()

    answer = by_hand(amazon, seller, ORDERS, {"createdAfter": LONG_AGO})

    assert answer.json()["orders"]
    assert time.monotonic() - begun >= 0.3


def test_lwa_can_fail_too(amazon: SandboxAmazon, library: Library) -> None:
    """A fault of requestToken reaches the library before any order does."""
    amazon.faults.add("requestToken", status=400, body='{"error": "server_error"}')

    with pytest.raises(AuthorizationError):
        library.orders.search_orders(createdAfter=LONG_AGO)

    assert not amazon.calls_of("searchOrders")


def outcomes(amazon: SandboxAmazon, seller: Seller, calls: int) -> list[str]:
    """Call that often and return how each call ended."""
    ends = []
    for _ in range(calls):
        try:
            answer = by_hand(amazon, seller, f"{ORDERS}/{seller.order_ids()[0]}")
        except httpx.TransportError:
            ends.append("dropped")
        else:
            kind = answer.headers["Content-Type"].split("/")[1]
            ends.append(f"{answer.status_code} {kind} {bool(answer.content)}")
    return ends


def test_chance_fails_a_share_of_calls_and_repeats(amazon: SandboxAmazon, seller: Seller) -> None:
    """The same seed fails the same calls, in all the ways of Amazon's."""
    amazon.limits.enforced = False
    amazon.faults.rate = 0.5
    amazon.faults.seed = 5
    first = outcomes(amazon, seller, 80)
    amazon.faults.seed = 5

    again = outcomes(amazon, seller, 80)

    assert first == again
    assert set(first) == {
        "200 json True",
        "429 html True",
        "503 html False",
        "500 json True",
        "504 html True",
        "200 html True",
        "dropped",
    }
    assert 40 < first.count("200 json True") < 60


def test_answers_carry_the_sandboxs_date(amazon: SandboxAmazon, seller: Seller) -> None:
    """The header Date tells the sandbox's time."""
    answer = by_hand(amazon, seller, ORDERS, {"createdAfter": LONG_AGO})

    assert answer.headers["Date"] == "Sun, 01 Nov 2026 12:00:00 GMT"
    assert answer.headers["x-amzn-RequestId"]
