"""What Amazon's edge may answer in place of Amazon: never taken for an answer, never quoted."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.amazon import transport
from bot.amazon.calls import Answer, NotYet
from bot.amazon.client import Clients, marketplaces
from bot.amazon.login import Application
from bot.amazon.operations import BELOW_RATE, Operation, plan
from bot.amazon.problems import Problems
from bot.amazon.returns_feed import ReportFailed
from bot.amazon.transport import NoReply
from bot.errors import (
    AmazonBusy,
    AmazonError,
    AmazonForbidden,
    AmazonKeysRefused,
    AmazonNotFound,
    AmazonRefused,
    AmazonRevoked,
    AmazonUnreadable,
    SettingsError,
)
from bot.sellers import OrdersVersion
from tests.selling import BIRCH, START, Selling, birch, rows, selling, settings, sqlite_store

CANARY = "Ottoline Quillfeather, 12 Lanternfish Lane"
SINCE = START - timedelta(days=7)
DEEP = "[" * 10_000 + "]" * 10_000
OLD = {"SP_API_ORDERS_VERSION": "v0", "SP_API_PII": "true"}
HTML = f"<html><body>{CANARY}</body></html>"


@pytest.fixture(scope="module")
def shared(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Selling, Selling]]:
    """A seller that is read with either version, for all the cases of this file."""
    folder = tmp_path_factory.mktemp("transport")
    with (
        sqlite_store(sqlite_template, folder) as store,
        selling(store, orders=5) as new,
        selling(store, orders=5, environ=OLD) as old,
    ):
        yield new, old


@pytest.fixture
def shop(shared: tuple[Selling, Selling]) -> Selling:
    """A seller that is read with 2026-01-01, with no token yet and calls enough."""
    for each in shared:
        each.amazon.faults.clear()
        each.clock.wait(days=1)
        for account in each.accounts.values():
            account.calls._login.forget(account.seller.refresh_token)
    return shared[0]


@pytest.fixture
def old_shop(shop: Selling, shared: tuple[Selling, Selling]) -> Selling:
    """A seller that is read with v0."""
    return shared[1]


def page(shop: Selling) -> Any:
    """Ask for a page of orders."""
    return shop.accounts[BIRCH].orders.page(SINCE, None, Problems())


def goes_on(shop: Selling) -> bool:
    """Return whether orders come, a day later."""
    shop.clock.wait(days=1)
    return len(page(shop).news) > 0


def silent(error: BaseException) -> bool:
    """Return whether an error says nothing of what Amazon answered, even to who looks closely."""
    said = f"{error} {error!r} {error.args} {vars(error)}"
    return not any(word in said for word in ("Quillfeather", "Lantern", "http:", "Atz", "html"))


REPLIES: dict[str, tuple[dict[str, Any], type[AmazonError]]] = {
    "429 of JSON": ({"status": 429}, AmazonBusy),
    "429 of HTML": ({"status": 429, "body": HTML}, AmazonBusy),
    "408": ({"status": 408, "body": ""}, AmazonBusy),
    "500": ({"status": 500}, AmazonBusy),
    "503, empty": ({"status": 503, "body": ""}, AmazonBusy),
    "504 of HTML": ({"status": 504, "body": HTML}, AmazonBusy),
    "a connection that is cut": ({"drop": True}, AmazonBusy),
    "bytes that do not unpack": (
        {"status": 200, "body": CANARY, "headers": {"Content-Encoding": "gzip"}},
        AmazonBusy,
    ),
    "half a reply": ({"cut": True}, NoReply),
    "200 of HTML": ({"status": 200, "body": HTML}, NoReply),
    "200, empty": ({"status": 200, "body": ""}, NoReply),
    "204": ({"status": 204, "body": ""}, NoReply),
    "null": ({"status": 200, "body": "null"}, NoReply),
    "a list": ({"status": 200, "body": "[]"}, NoReply),
    "a text": ({"status": 200, "body": json.dumps(CANARY)}, NoReply),
    "a number": ({"status": 200, "body": "1" * 5000}, NoReply),
    "very deep": ({"status": 200, "body": DEEP}, NoReply),
    "very deep within": ({"status": 200, "body": f'{{"orders": {DEEP}}}'}, NoReply),
    "200 with errors": (
        {"status": 200, "body": json.dumps({"orders": [], "errors": [{"message": CANARY}]})},
        NoReply,
    ),
    "a key that the library has": (
        {"status": 200, "body": '{"orders": [], "headers": {}}'},
        NoReply,
    ),
    "another such key": ({"status": 200, "body": '{"orders": [], "self": 1}'}, NoReply),
    "pages in words": ({"status": 200, "body": '{"orders": [], "pagination": "more"}'}, NoReply),
    "a number for the next page": (
        {"status": 200, "body": '{"orders": [], "pagination": {"nextToken": 5}}'},
        AmazonUnreadable,
    ),
    "a list for the next page": (
        {"status": 200, "body": '{"orders": [], "pagination": {"nextToken": ["x"]}}'},
        AmazonUnreadable,
    ),
    "no orders at all": ({"status": 200, "body": "{}"}, AmazonUnreadable),
    "orders that are null": ({"status": 200, "body": '{"orders": null}'}, AmazonUnreadable),
    "orders that are an object": ({"status": 200, "body": '{"orders": {}}'}, AmazonUnreadable),
    "orders in a payload of words": ({"status": 200, "body": '{"payload": "x"}'}, AmazonUnreadable),
    "a redirect": (
        {"status": 302, "body": HTML, "headers": {"Location": "http://127.0.0.1:1/"}},
        AmazonRefused,
    ),
    "400": ({"status": 400}, AmazonRefused),
    "400 of HTML": ({"status": 400, "body": HTML}, AmazonRefused),
    "401": ({"status": 401}, AmazonForbidden),
    "403": ({"status": 403}, AmazonForbidden),
    "403 of HTML": ({"status": 403, "body": HTML}, AmazonForbidden),
    "404": ({"status": 404}, AmazonNotFound),
    "413": ({"status": 413}, AmazonRefused),
}


@pytest.mark.parametrize(("fault", "kind"), REPLIES.values(), ids=REPLIES)
def test_what_is_no_answer_is_an_error(
    shop: Selling, fault: dict[str, Any], kind: type[AmazonError]
) -> None:
    """No reply but orders in JSON passes for orders, and what comes instead is not quoted."""
    shop.amazon.faults.add("searchOrders", **fault)

    with pytest.raises(kind) as caught:
        page(shop)

    assert type(caught.value) is kind
    assert silent(caught.value)
    assert goes_on(shop)


REPLIES_V0: dict[str, object] = {
    "no payload": {},
    "payload of null": {"payload": None},
    "payload of a list": {"payload": [{"Orders": []}]},
    "no orders": {"payload": {}},
    "orders of null": {"payload": {"Orders": None}},
    "a number for the next page": {"payload": {"Orders": [], "NextToken": 5}},
    "pages of null": {"payload": {"Orders": [], "NextToken": "x", "pagination": None}},
    "errors beside": {"payload": {"Orders": []}, "errors": [{"code": "x"}]},
}


@pytest.mark.parametrize("reply", REPLIES_V0.values(), ids=REPLIES_V0)
def test_what_is_no_answer_of_v0_is_an_error(old_shop: Selling, reply: object) -> None:
    """Nor does any reply but orders pass for orders in v0."""
    old_shop.amazon.faults.add("getOrdersV0", body=json.dumps(reply))

    with pytest.raises(AmazonUnreadable):
        page(old_shop)


def test_a_reply_of_any_depth_is_an_answer_or_none(shop: Selling) -> None:
    """Near the depth at which Python gives up there is no other error than ours."""
    outcomes = set()
    for depth in range(880, 1000, 2):
        deep = '{"a":' * depth + "1" + "}" * depth
        shop.amazon.faults.add("searchOrders", body=f'{{"orders": [{deep}]}}')
        shop.clock.wait(hours=1)
        try:
            outcomes.add(len(page(shop).news))
        except AmazonUnreadable as error:
            outcomes.add(-1 if isinstance(error, NoReply) else -2)

    assert {0, -1} <= outcomes <= {0, -1, -2}


@pytest.mark.parametrize(
    ("told", "seconds"),
    [("17", 17.0), ("0", 0.0), ("99999999", 3600.0), ("9" * 400, 3600.0)]
    + [(odd, 0.0) for odd in ("-5", "soon", "1.5", "", "²", "Fri, 20 Nov 2026 12:00:00 GMT")],
)
def test_amazon_says_how_long_to_wait(shop: Selling, told: str, seconds: float) -> None:
    """Retry-After is kept to within an hour, and nothing but whole seconds is one."""
    shop.amazon.faults.add("searchOrders", status=429, headers={"Retry-After": told})

    with pytest.raises(AmazonBusy) as caught:
        page(shop)

    assert (caught.value.retry_after, caught.value.is_throttled) == (seconds, True)


@pytest.mark.parametrize(
    ("told", "rate"),
    [("0.5", 0.5), ("0.0056", 0.0056)]
    + [(odd, None) for odd in ("0", "-1", "nan", "inf", "1e-300", "0.0002", "1e9", "x", "")],
)
def test_amazon_says_how_often_it_may_be_asked(
    shop: Selling, told: str, rate: float | None
) -> None:
    """A rate is learnt from a reply, a little below it; one that would stop a feed is not."""
    usual = plan(Operation.SEARCH_ORDERS)
    assert usual is not None
    shop.accounts[BIRCH].calls._rates.clear()
    shop.amazon.faults.add(
        "searchOrders", body='{"orders": []}', headers={"x-amzn-RateLimit-Limit": "0.0056"}
    )
    page(shop)
    shop.amazon.faults.add(
        "searchOrders", body='{"orders": []}', headers={"x-amzn-RateLimit-Limit": told}
    )

    page(shop)

    (row,) = [row for row in rows(shop.store, "call_budgets") if row["operation"] == "searchOrders"]
    assert row["rate"] == pytest.approx(usual.rate if rate is None else rate * BELOW_RATE)


@pytest.mark.parametrize(
    ("told", "at"),
    [
        ("Fri, 20 Nov 2026 12:00:00 GMT", START),
        ("Fri, 20 Nov 2026 12:00:00 -0000", START),
        ("Fri, 20 Nov 2026 14:00:00 +0200", START),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
        ("Fri, 31 Dec 9999 23:00:00 -0500", None),
        ("Mon, 01 Jan 2026 00:00:00 +99999999999999", None),
        ("today", None),
        ("", None),
    ],
)
def test_the_time_at_amazon_is_told_or_not(told: str, at: datetime | None) -> None:
    """A Date header is a time, or nothing is known of it."""
    assert transport._time({"Date": told}) == at


def test_after_a_throttled_call_there_is_none_left(shop: Selling) -> None:
    """After a 429 no call of that operation is made until one came back by the plan."""
    shop.amazon.faults.add("searchOrders", status=429)
    with pytest.raises(AmazonBusy):
        page(shop)

    with pytest.raises(NotYet) as caught:
        page(shop)

    assert caught.value.seconds == pytest.approx(1 / (0.0056 * BELOW_RATE), rel=0.01)


def test_a_wait_is_long_enough_to_be_told(shop: Selling) -> None:
    """However little is lacking of a call, the wait is not nothing."""
    while True:
        try:
            page(shop)
        except NotYet as later:
            shop.clock.wait(seconds=later.seconds - 1e-5)
            break

    with pytest.raises(NotYet) as caught:
        page(shop)

    assert timedelta(seconds=caught.value.seconds) > timedelta(milliseconds=50)


# Login with Amazon

LOGINS: dict[str, tuple[dict[str, Any], type[AmazonError]]] = {
    "429": ({"status": 429}, AmazonBusy),
    "500": ({"status": 500}, AmazonBusy),
    "503 of HTML": ({"status": 503, "body": HTML}, AmazonBusy),
    "a connection that is cut": ({"drop": True}, AmazonBusy),
    "200 of HTML": ({"status": 200, "body": HTML}, AmazonUnreadable),
    "half a reply": ({"cut": True}, AmazonUnreadable),
    "very deep": ({"status": 200, "body": DEEP}, AmazonUnreadable),
    "a list": ({"status": 200, "body": "[]"}, AmazonUnreadable),
    "no token": ({"status": 200, "body": '{"expires_in": 3600}'}, AmazonUnreadable),
    "no end": ({"status": 200, "body": '{"access_token": "Atza|x"}'}, AmazonUnreadable),
    "invalid_grant": ({"status": 400, "body": '{"error": "invalid_grant"}'}, AmazonRevoked),
    "invalid_client": ({"status": 401, "body": '{"error": "invalid_client"}'}, AmazonKeysRefused),
    "unauthorized_client": (
        {"status": 400, "body": '{"error": "unauthorized_client"}'},
        AmazonKeysRefused,
    ),
    "an error of no form": ({"status": 400, "body": '{"error": ["x"]}'}, AmazonKeysRefused),
    **{
        f"token {name}": (
            {"status": 200, "body": json.dumps({"access_token": token, "expires_in": 3600})},
            AmazonUnreadable,
        )
        for name, token in {
            "of nothing": "",
            "with a line break": "Atza|a\nb",
            "beyond ASCII": "Atza|ü",
            "with a surrogate": "Atza|\ud800",
            "that is a number": 5,
            "without end": "x" * 100_000,
        }.items()
    },
    "ends beyond floats": (
        {"status": 200, "body": json.dumps({"access_token": "Atza|x", "expires_in": 10**400})},
        AmazonUnreadable,
    ),
    **{
        f"ends {end}": (
            {"status": 200, "body": json.dumps({"access_token": "Atza|x", "expires_in": end})},
            AmazonUnreadable,
        )
        for end in ("3600", -1, 10**40, 1.5, None)
    },
}


@pytest.mark.parametrize(("fault", "kind"), LOGINS.values(), ids=LOGINS)
def test_a_login_that_fails_is_an_error(
    shop: Selling, fault: dict[str, Any], kind: type[AmazonError]
) -> None:
    """Nothing but a token that can be sent, with its end, passes for one; nothing is quoted."""
    account = shop.accounts[BIRCH]
    shop.amazon.faults.add("requestToken", **fault)

    with pytest.raises(AmazonError) as caught:
        account.calls._login.seller_token(account.seller.refresh_token)

    assert type(caught.value) is kind
    assert silent(caught.value)
    assert goes_on(shop)


def test_a_token_is_used_until_it_ends(shop: Selling) -> None:
    """There is one login for many calls, and another one when Amazon says that it has ended."""
    before = shop.calls("requestToken")
    for _ in range(3):
        page(shop)
    assert shop.calls("requestToken") == before + 1

    shop.amazon.tokens.seconds = 30
    birch(shop).revoke()
    with pytest.raises(AmazonRevoked):
        page(shop)
    birch(shop).restore()
    for _ in range(3):
        page(shop)

    # What ends within a minute is used once.
    assert shop.calls("requestToken") == before + 1 + 1 + 3
    shop.amazon.tokens.seconds = 10**8


def test_an_ended_token_is_replaced_once(shop: Selling) -> None:
    """A call whose token has ended is made again with another; a second refusal is told."""
    page(shop)
    details = "The access token you provided has expired."
    body = json.dumps({"errors": [{"code": "Unauthorized", "details": details}]})
    shop.amazon.faults.add("searchOrders", status=403, body=body)
    searched, logged_in = shop.calls("searchOrders"), shop.calls("requestToken")

    assert goes_on(shop)
    assert shop.calls("searchOrders") == searched + 2
    assert shop.calls("requestToken") == logged_in + 1

    shop.amazon.faults.add("searchOrders", status=403, body=body, times=2)
    with pytest.raises(AmazonForbidden):
        page(shop)


RESTRICTED: dict[str, object] = {
    "no token": {"expiresIn": 3600},
    "no end": {"restrictedDataToken": "Atz.sprdt|x"},
    "beyond ASCII": {"restrictedDataToken": "ü", "expiresIn": 3600},
    "without measure": {"restrictedDataToken": "Atz.sprdt|x", "expiresIn": 10**400},
}


@pytest.mark.parametrize("reply", RESTRICTED.values(), ids=RESTRICTED)
def test_a_restricted_token_that_is_none(old_shop: Selling, reply: object) -> None:
    """A restricted token that cannot be sent, or has no end, is none."""
    old_shop.again(OLD)
    old_shop.amazon.faults.add("createRestrictedDataToken", body=json.dumps(reply))

    with pytest.raises(AmazonUnreadable):
        page(old_shop)
    assert goes_on(old_shop)


# What is built


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        (("XX",), "SP_API_DEFAULT_MARKETPLACE"),
        (("US", "NOWHERE"), "none of"),
        ((), "names no marketplace"),
        (("US", "DE"), "one region"),
    ],
)
def test_a_wrong_marketplace_is_a_wrong_setting(codes: tuple[str, ...], words: str) -> None:
    """A code that is none, no code, and codes of two regions are refused before any call."""
    with pytest.raises(SettingsError) as caught:
        marketplaces(codes)

    assert words in str(caught.value)
    assert "NOWHERE" not in str(caught.value)


def test_marketplaces_of_one_region_are_asked_for_together() -> None:
    """Several marketplaces share an endpoint, Amazon's or a stand-in."""
    found = marketplaces(("DE", "FR"))

    assert {each.endpoint for each in found} == {"https://sellingpartnerapi-eu.amazon.com"}
    assert {each.endpoint for each in marketplaces(("DE",), "http://127.0.0.1:1")} == {
        "http://127.0.0.1:1"
    }


def test_the_environment_decides_nothing(shop: Selling, monkeypatch: pytest.MonkeyPatch) -> None:
    """What python-amazon-sp-api would take from the environment changes none of its clients."""
    monkeypatch.setenv("SP_API_DEFAULT_MARKETPLACE", "DE")
    monkeypatch.setenv("SP_API_REFRESH_TOKEN", "Atzr|another")
    account = shop.accounts[BIRCH]

    clients = Clients(
        account.seller,
        Application(client_id="id", client_secret="secret"),
        account.calls._login,
        account.calls.clients.transport._client,
    )

    assert clients.orders.endpoint == "https://sellingpartnerapi-na.amazon.com"
    assert clients.orders.credentials.refresh_token == account.seller.refresh_token


def test_a_restricted_client_is_another_one(shop: Selling) -> None:
    """A restricted token goes into a client of its own, and into no plain one."""
    clients = shop.accounts[BIRCH].calls.clients

    restricted = clients.restricted("Atz.sprdt|x")

    assert restricted.headers["x-amz-access-token"] == "Atz.sprdt|x"
    assert restricted._transport is clients.transport
    for plain in (clients.orders, clients.orders_v0, clients.tokens, clients.reports):
        assert plain.restricted_data_token is None


def test_nothing_secret_is_shown(shop: Selling) -> None:
    """Settings, sellers, applications, accounts and answers show no secret and no content."""
    found = settings(shop.amazon, {})
    account = shop.accounts[BIRCH]
    shown = [
        found,
        account,
        account.seller,
        account.calls,
        account.calls.clients,
        account.calls._login,
        account.calls._login._application,
        Answer(payload={"a": CANARY}, next_token=None),
    ]

    text = " ".join(f"{each} {each!r}" for each in shown)

    secrets = [found.lwa_client_secret, account.seller.refresh_token, CANARY, "Atza|"]
    assert not any(secret in text for secret in secrets)
    assert account.seller.orders is OrdersVersion.V2026


def test_every_error_says_what_it_is() -> None:
    """Each error has a sentence of its own, and nothing else to say."""
    kinds = [AmazonBusy, AmazonForbidden, AmazonKeysRefused, AmazonNotFound, AmazonRefused]
    said = {
        str(kind()) for kind in (*kinds, AmazonRevoked, AmazonUnreadable, NoReply, ReportFailed)
    }

    assert len(said) == 9
    assert all(said)


def test_a_slow_reply_is_no_reply(shop: Selling) -> None:
    """A reply that does not come in time is as good as none."""
    client = shop.accounts[BIRCH].calls.clients.transport._client
    usual, client.timeout = client.timeout, 0.2
    shop.amazon.faults.add("searchOrders", delay=2.0)
    began = time.monotonic()

    with pytest.raises(AmazonBusy):
        page(shop)

    client.timeout = usual
    assert time.monotonic() - began < 1.5
    assert usual.read == transport.TIMEOUT_SECONDS
