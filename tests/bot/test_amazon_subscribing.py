"""Sellers subscribed to ORDER_CHANGE, and listed, against the sandbox Amazon."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner, Result

from bot import app, log
from bot.amazon.accounts import accounts
from bot.amazon.subscribing import QUEUE_ARN, SubscribedElsewhere, Subscribing, Subscription
from bot.cli import main
from bot.errors import AmazonBusy, AmazonForbidden, AmazonRefused, AmazonUnreadable
from bot.sandbox.amazon import SandboxAmazon
from bot.settings import from_environment
from storage.feeds import FeedKind
from storage.ids import MerchantId
from storage.store import Store

ARN: Final = "arn:aws:sqs:us-east-1:123456789012:orders"
OTHER: Final = "arn:aws:sqs:us-east-1:123456789012:others"
BIRCH: Final = MerchantId("birch-and-brook")
ELM: Final = MerchantId("elm")
NOON: Final = datetime(2026, 11, 1, 12, tzinfo=UTC)
SQLITE: Final = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

Subscribe = Callable[..., Subscription]
Care = Callable[..., Result]


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the environment's proxies away, which httpx would use for the loopback too."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def amazon() -> Iterator[SandboxAmazon]:
    """A sandbox Amazon with two sellers."""
    with SandboxAmazon() as opened:
        opened.add_seller(BIRCH)
        opened.add_seller(ELM, v0_only=True)
        yield opened


@pytest.fixture
def subscribe(
    amazon: SandboxAmazon, store: Store, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Subscribe]:
    """Subscribes a seller, one second later each time."""
    monkeypatch.setenv("SP_API_DEFAULT_MARKETPLACE", "XX")  # the library would take it
    times = iter(range(10_000))
    found = accounts(
        from_environment(dict(amazon.environment())),
        store,
        lambda: NOON + timedelta(seconds=next(times)),
    )

    def run(arn: str = ARN, *, merchant: MerchantId = BIRCH) -> Subscription:
        return Subscribing(found[merchant].calls).subscribe(arn)

    yield run
    found.close()


def there(amazon: SandboxAmazon) -> tuple[list[Any], list[Any]]:
    """Return the ARNs of the destinations and the names of the subscribed sellers."""
    notifications = amazon.notifications
    arns: list[Any] = [each["resource"] for each in notifications.destinations.values()]
    return [each["sqs"]["arn"] for each in arns], [name for name, _ in notifications.subscriptions]


@SQLITE
def test_subscribing_twice_is_one_subscription(subscribe: Subscribe, amazon: SandboxAmazon) -> None:
    """The first time makes destination and subscription, the second finds them."""
    first = subscribe()

    again = subscribe()

    assert first.is_new
    assert again == replace(first, is_new=False)
    assert there(amazon) == ([ARN], [BIRCH])
    (kept,) = amazon.notifications.subscriptions.values()
    assert kept["destinationId"] == first.destination
    assert kept["subscriptionId"] == first.subscription
    assert len(amazon.calls_of("createDestination")) == 1
    assert len(amazon.calls_of("createSubscription")) == 1


@SQLITE
def test_sellers_share_a_destination(subscribe: Subscribe, amazon: SandboxAmazon) -> None:
    """Two sellers have one destination, and a subscription each."""
    first = subscribe(merchant=BIRCH)

    second = subscribe(merchant=ELM)

    assert second.is_new
    assert second.destination == first.destination
    assert there(amazon) == ([ARN], [BIRCH, ELM])


@SQLITE
def test_another_queues_destination_is_left_alone(
    subscribe: Subscribe, amazon: SandboxAmazon
) -> None:
    """Among the application's destinations, that of this very queue is taken."""
    amazon.notifications.add_destination("somebody's", {"sqs": {"arn": OTHER}})
    amazon.notifications.add_destination("a bus", {"eventBridge": {"name": "b"}, "sqs": None})

    done = subscribe()

    found: Any = amazon.notifications.destinations[done.destination]
    assert found["resource"] == {"sqs": {"arn": ARN}}


@SQLITE
def test_a_subscription_elsewhere_is_told(subscribe: Subscribe, amazon: SandboxAmazon) -> None:
    """Where the notifications go to another queue, that is said, and nothing is made."""
    subscribe(OTHER)

    with pytest.raises(SubscribedElsewhere):
        subscribe(ARN)

    assert there(amazon) == ([OTHER], [BIRCH])
    subscribe(ARN, merchant=ELM)
    with pytest.raises(SubscribedElsewhere):
        subscribe(ARN)


@SQLITE
@pytest.mark.parametrize("lost", ["createDestination", "createSubscription"])
def test_a_lost_answer_is_made_up_for(
    subscribe: Subscribe, amazon: SandboxAmazon, lost: str
) -> None:
    """What was made though its answer was lost is found the next time."""
    amazon.faults.add(lost, drop=True, applied=True)
    with pytest.raises(AmazonBusy):
        subscribe()

    subscribe()

    assert there(amazon) == ([ARN], [BIRCH])


@SQLITE
@pytest.mark.parametrize(
    ("blind", "made"),
    [("getDestinations", "createDestination"), ("getSubscription", "createSubscription")],
)
def test_what_somebody_made_meanwhile_is_taken(
    subscribe: Subscribe, amazon: SandboxAmazon, blind: str, made: str
) -> None:
    """A conflict (409) with what is there by now is no error."""
    first = subscribe()
    if blind == "getDestinations":
        amazon.notifications.subscriptions.clear()
        amazon.faults.add(blind, body='{"payload": []}', content_type="application/json")
    else:
        amazon.faults.add(blind, status=404)

    again = subscribe()

    assert again.destination == first.destination
    assert [call.status for call in amazon.calls_of(made)] == [200, 409]
    assert there(amazon) == ([ARN], [BIRCH])


@SQLITE
@pytest.mark.parametrize("refused", ["createDestination", "createSubscription"])
def test_a_refusal_is_an_error(subscribe: Subscribe, amazon: SandboxAmazon, refused: str) -> None:
    """A refusal after which nothing is there is raised."""
    amazon.faults.add(refused, status=400)

    with pytest.raises(AmazonRefused):
        subscribe()

    assert there(amazon)[1] == []


@SQLITE
def test_the_role_is_needed(subscribe: Subscribe, amazon: SandboxAmazon) -> None:
    """A seller who did not grant the notifications is AmazonForbidden."""
    amazon.sellers[BIRCH].roles.discard("notifications")

    with pytest.raises(AmazonForbidden):
        subscribe()


@SQLITE
@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("createDestination", '{"payload": {"destinationId": 7}}'),
        ("createSubscription", '{"payload": {"payloadVersion": "1.0"}}'),
    ],
)
def test_a_reply_without_an_id_is_unreadable(
    subscribe: Subscribe, amazon: SandboxAmazon, operation: str, body: str
) -> None:
    """A reply that lacks what the model says it has is AmazonUnreadable."""
    amazon.faults.add(operation, body=body, content_type="application/json")

    with pytest.raises(AmazonUnreadable):
        subscribe()


def test_the_limits_are_kept(amazon: SandboxAmazon, store: Store) -> None:
    """Beyond the limit nothing is sent: the error says how long to wait."""
    found = accounts(from_environment(dict(amazon.environment())), store, lambda: NOON)
    subscribing = Subscribing(found[BIRCH].calls)
    for _ in range(4):
        subscribing.subscribe(ARN)

    with pytest.raises(AmazonBusy) as raised:
        subscribing.subscribe(ARN)
    found.close()

    assert len(amazon.calls_of("getDestinations")) == 4
    assert 1 <= raised.value.retry_after < 2
    assert raised.value.is_throttled


@pytest.mark.parametrize(
    "arn",
    [
        "",
        "orders",
        "arn:aws:sns:us-east-1:123456789012:orders",
        "arn:aws:sqs:us-east-1:123456789012:orders.fifo",
        "arn:aws:sqs:us-east-1:12345:orders",
        f"{ARN}\n",
    ],
)
def test_what_is_no_standard_queues_arn(arn: str) -> None:
    """Topics, FIFO queues and fragments are not taken for a standard queue."""
    assert QUEUE_ARN.fullmatch(ARN)
    assert not QUEUE_ARN.fullmatch(arn)


# The command line


@pytest.fixture
def care(amazon: SandboxAmazon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Care]:
    """Runs the command line in a home of its own."""
    restore = log.preserved()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    environment = {**amazon.environment(), "SP_API_ORDERS_VERSION_ELM": "v0"}
    for name, value in {**environment, "CARE_HOME": str(tmp_path / "home")}.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str) -> Result:
        done = CliRunner().invoke(main, arguments, prog_name="jetpack-care")
        restore()
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done

    yield run
    restore()


def test_the_command_subscribes(care: Care, amazon: SandboxAmazon) -> None:
    """The command subscribes the seller; again it says that it was there."""
    first = care("sellers", "subscribe", BIRCH, "--queue-arn", ARN)
    again = care("sellers", "subscribe", BIRCH, "--queue-arn", ARN)

    (kept,) = amazon.notifications.subscriptions.values()
    assert (first.exit_code, again.exit_code) == (0, 0)
    assert first.stdout == f"{BIRCH}: subscription {kept['subscriptionId']} made\n"
    assert again.stdout == f"{BIRCH}: subscription {kept['subscriptionId']} was there already\n"
    assert (first.stderr, again.stderr) == ("", "")


def test_a_seller_without_its_id_is_told_of(care: Care, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the seller's id is not set, standard error says what that costs."""
    monkeypatch.delenv("SP_API_SELLER_ID_BIRCH_AND_BROOK")

    done = care("sellers", "subscribe", BIRCH, "--queue-arn", ARN)

    assert done.exit_code == 0
    assert "SP_API_SELLER_ID_... is not set" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((BIRCH, "--queue-arn", "orders"), 2, "ARN of a standard queue"),
        (("oak", "--queue-arn", ARN), 1, "no SP_API_REFRESH_TOKEN_... for merchant oak"),
        (("Not a name!", "--queue-arn", ARN), 1, "A merchant is"),
        ((BIRCH,), 2, "--queue-arn"),
    ],
)
def test_the_command_says_what_is_wrong(
    care: Care, amazon: SandboxAmazon, arguments: tuple[str, ...], code: int, said: str
) -> None:
    """Wrong usage is 2, a merchant that is not read is 1; nothing is asked of Amazon."""
    done = care("sellers", "subscribe", *arguments)

    assert done.exit_code == code
    assert said in done.stderr
    assert amazon.calls == []


def listed(done: Result) -> list[dict[str, Any]]:
    """Return the JSON lines of a list."""
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_sellers_are_listed(care: Care, amazon: SandboxAmazon) -> None:
    """Each seller has a line for each feed, whether or not it has begun; nobody is asked."""
    before = listed(care("sellers", "list", "--json"))
    with app.records(from_environment()) as records, records.store.begin() as kept:
        feed = kept.feeds.ensure(BIRCH, FeedKind.ORDERS, NOON)
        kept.feeds.save(replace(feed, read_until=NOON, failures=2, problem="busy"))
        feed = kept.feeds.ensure(ELM, FeedKind.RETURNS, NOON)
        kept.feeds.save(replace(feed, paused_at=NOON, problem="revoked", failures=1))

    after = listed(care("sellers", "list", "--json"))

    none: dict[str, Any] = dict.fromkeys(
        ("read_until", "next_turn", "failures", "problem", "paused_since")
    )
    head = [
        {"merchant": BIRCH, "feed": "orders", "api": "2026-01-01"},
        {"merchant": BIRCH, "feed": "returns", "api": "2021-06-30"},
        {"merchant": ELM, "feed": "orders", "api": "v0"},
        {"merchant": ELM, "feed": "returns", "api": "2021-06-30"},
    ]
    noon = NOON.isoformat()
    assert before == [{**each, **none} for each in head]
    assert after == [
        {
            **head[0],
            **none,
            "read_until": noon,
            "next_turn": noon,
            "failures": 2,
            "problem": "busy",
        },
        {**head[1], **none},
        {**head[2], **none},
        {**head[3], **none, "paused_since": noon, "failures": 1, "problem": "revoked"},
    ]
    assert amazon.calls == []


def test_the_list_is_readable(care: Care) -> None:
    """Without --json a feed is a line of names and values."""
    done = care("sellers", "list")

    assert done.exit_code == 0
    assert done.stdout.splitlines()[0] == f"merchant {BIRCH}, feed orders, api 2026-01-01"
