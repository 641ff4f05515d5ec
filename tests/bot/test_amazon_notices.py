"""Notifications out of a queue, over HTTP: SQS is moto's, the orders are the sandbox Amazon's."""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, cast

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.server import ThreadedMotoServer

from bot import app, log, worker
from bot.amazon import notices as notices_module
from bot.amazon import queue as queue_module
from bot.amazon.accounts import accounts
from bot.amazon.keeping import Keeping
from bot.amazon.notices import BATCHES, Notices
from bot.amazon.order_change import OrderChange, order_change
from bot.amazon.orders_feed import OrdersFeed
from bot.amazon.problems import Problem
from bot.amazon.queue import Queue, QueueMessage, SqsQueue, region
from bot.amazon.returns_feed import ReturnsFeed
from bot.amazon.sync import Sync
from bot.errors import AmazonBusy, SettingsError
from bot.sandbox.amazon import SandboxAmazon
from bot.sandbox.amazon import notifications as sandbox_notifications
from bot.sandbox.amazon.order import Address, SandboxOrder
from bot.sandbox.amazon.order import Item as SandboxItem
from bot.sandbox.amazon.seller import Seller
from bot.sandbox.slack import SandboxSlack
from bot.sandbox.slack.sample import sample_workspace
from bot.settings import from_environment
from nlp.scrubber import Scrubber
from storage.feeds import Feed, FeedKind
from storage.ids import EventId, MerchantId, OrderId
from storage.store import Store

START: Final = datetime(2026, 11, 1, 12, tzinfo=UTC)
BIRCH: Final = MerchantId("birch-and-brook")
ORDER: Final = OrderId("111-5550000-0000001")
QUEUES: Final = "https://sqs.eu-west-1.amazonaws.com/123456789012"
ZIP: Final = "04711-9376"
SKU: Final = "GOOSEBERRY-HOLLOW-SKU"
SQLITE: Final = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what is the same on either database."""
PROXIES: Final = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy")


Hurry = Callable[[Collection[MerchantId]], None]


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


class Endless:
    """A queue that is never empty."""

    def __init__(self) -> None:
        self.batches = 0
        self.deleted = 0

    def receive(self) -> Sequence[QueueMessage]:
        """Return ten messages."""
        self.batches += 1
        return [QueueMessage(body="{}", receipt=str(number)) for number in range(10)]

    def delete(self, receipts: Sequence[str]) -> None:
        """Count what is deleted."""
        self.deleted += len(receipts)


@dataclass
class Dying:
    """A queue whose process dies before it deletes anything."""

    queue: Queue

    def receive(self) -> Sequence[QueueMessage]:
        """Return the next messages."""
        return self.queue.receive()

    def delete(self, receipts: Sequence[str]) -> None:
        """Die."""
        raise KeyboardInterrupt


@dataclass
class House:
    """A seller, its feeds, and a queue for its notifications."""

    amazon: SandboxAmazon
    seller: Seller
    clock: Clock
    store: Store
    sync: Sync
    enqueued: list[Feed]
    sqs: Any
    url: str
    queue: SqsQueue
    environment: Mapping[str, str]

    def notices(
        self, queue: Queue | None = None, hurry: Hurry | None = None, **environment: str
    ) -> Notices:
        """Return what listens, under further settings."""
        found = from_environment({**self.environment, **environment})
        return Notices(
            store=self.store,
            queue=queue or self.queue,
            accounts=accounts(found, self.store, self.clock),
            clock=self.clock,
            hurry=hurry or self.sync.hurry,
        )

    def listen(self) -> None:
        """Listen once."""
        self.notices().listen(self.clock())

    def put(self, order_id: OrderId = ORDER, **fields: Any) -> SandboxOrder:
        """Put an order whose zip and SKU are told apart from all else."""
        return self.seller.put(
            SandboxOrder(
                id=order_id,
                created=self.clock() - timedelta(days=1),
                address=Address(city="Fernhaven", postal_code=ZIP, country="US"),
                items=(SandboxItem(id="1", sku=SKU, asin="B000000001", title="Cup"),),
                **fields,
            )
        )

    def notification(self, order_id: OrderId = ORDER, **metadata: str) -> dict[str, Any]:
        """Return Amazon's notification that an order changed now."""
        order = self.seller.order(order_id)
        told: Any = sandbox_notifications.order_change(self.seller, order, self.clock())
        told["NotificationMetadata"] |= metadata
        return dict(told)

    def send(self, *bodies: object) -> None:
        """Put messages into the queue, ten at once."""
        texts = [each if isinstance(each, str) else json.dumps(each) for each in bodies]
        for begin in range(0, len(texts), 10):
            entries = [
                {"Id": str(number), "MessageBody": text}
                for number, text in enumerate(texts[begin : begin + 10])
            ]
            sent = self.sqs.send_message_batch(QueueUrl=self.url, Entries=entries)
            assert not sent.get("Failed")

    def left(self) -> int:
        """Return how many messages are in the queue, hidden or not."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        told = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)
        return sum(int(told["Attributes"][name]) for name in names)

    def feed(self, kind: FeedKind = FeedKind.ORDERS) -> Feed:
        """Return the seller's feed."""
        return next(each for each in self.sync.feeds() if each.kind is kind)

    def set(self, **fields: Any) -> Feed:
        """Set the orders feed to another state."""
        changed = replace(self.feed(), **fields)
        with self.store.begin() as records:
            return records.feeds.save(changed)

    def turns(self) -> None:
        """Take the turns of the orders feed that are due by now."""
        while (feed := self.feed()).due_at <= self.clock():
            assert self.sync.turn(feed.feed_id, feed.turn) is not None

    def wanted(self, merchant: MerchantId = BIRCH) -> tuple[OrderId, ...]:
        """Return the orders that are asked for."""
        with self.store.read() as records:
            return records.feeds.wanted(merchant, 1_000)

    def status(self, order_id: OrderId = ORDER) -> str | None:
        """Return the status of an order that is kept."""
        with self.store.read() as records:
            found = records.orders.get(order_id, self.clock(), 30)
        return None if found is None else found.status


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    """The address of moto's server, for AWS's client to be pointed at by AWS's own settings."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        for name in PROXIES:
            patch.delenv(name, raising=False)
        patch.setenv("AWS_ACCESS_KEY_ID", "invented")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "invented")
        patch.setenv("AWS_CONFIG_FILE", "/dev/null")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patch.setenv("AWS_ENDPOINT_URL_SQS", f"http://{host}:{port}")
        patch.delenv("AWS_DEFAULT_REGION", raising=False)
        patch.delenv("AWS_REGION", raising=False)
        yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def house(
    moto: str, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    """A seller whose one order was read a minute ago."""
    # One server has it all, so that there is nobody to wait for.
    monkeypatch.setattr(queue_module, "WAIT_SECONDS", 0)
    clock = Clock()
    # The queues of all tests are in one place.
    queue_name = f"orders-{secrets.token_hex(8)}"
    sqs = boto3.session.Session().client("sqs", region_name="eu-west-1")
    made = sqs.create_queue(QueueName=queue_name, Attributes={"VisibilityTimeout": "600"})
    queue = SqsQueue(f"{QUEUES}/{queue_name}")
    keeping = Keeping(clock=clock, retention_days=30, redact_postal_code=False)
    enqueued: list[Feed] = []
    with SandboxAmazon(clock=clock) as amazon:
        seller = amazon.add_seller(BIRCH)
        environment = {**amazon.environment(), "CARE_HOME": str(tmp_path)}
        reached = accounts(from_environment(environment), store, clock)
        house = House(
            amazon=amazon,
            seller=seller,
            clock=clock,
            store=store,
            sync=Sync(
                store=store,
                accounts=reached,
                orders=OrdersFeed(store=store, keeping=keeping, clock=clock),
                returns=ReturnsFeed(store=store, keeping=keeping, clock=clock),
                clock=clock,
                enqueue=lambda _, feed: enqueued.append(feed),
                tell=_nobody,
            ),
            enqueued=enqueued,
            sqs=sqs,
            url=made["QueueUrl"],
            queue=queue,
            environment=environment,
        )
        house.put()
        clock.wait(minutes=10)
        house.sync.begin(clock())
        house.turns()
        assert house.status() == "Unshipped"
        clock.wait(minutes=1)
        enqueued.clear()
        amazon.calls.clear()
        yield house
        reached.close()
    queue.close()
    sqs.close()


@pytest.fixture
def lines() -> Iterator[Callable[[], str]]:
    """Returns what was logged, at DEBUG."""
    restore = log.preserved()
    stream = StringIO()
    log.configure("DEBUG", stream)
    yield stream.getvalue
    restore()


def _nobody(key: str, text: str, at: datetime, *, lane: str) -> None:
    """Tell nobody."""


def _dies(merchants: Collection[MerchantId]) -> None:
    """Die."""
    raise KeyboardInterrupt


# From the queue to the record


def test_a_change_is_known_after_one_listen_and_one_turn(house: House) -> None:
    """An order that changed is asked for, alone and at once, though its feed was not due yet."""
    house.seller.change(ORDER, status="CANCELLED", cancelled_by="BUYER")
    house.send(house.notification())
    assert house.feed().due_at > house.clock()

    house.listen()
    feed = house.feed()
    house.sync.turn(feed.feed_id, feed.turn)

    assert house.status() == "Canceled"
    assert [call.operation for call in house.amazon.calls if call.operation != "requestToken"] == [
        "getOrder"
    ]
    assert house.wanted() == ()
    assert house.left() == 0


def test_the_turn_is_enqueued_with_the_feed(house: House) -> None:
    """The feed's turn is due now and enqueued under its new number, that of returns is not."""
    returns = house.feed(FeedKind.RETURNS)
    before = house.feed()
    house.send(house.notification())

    house.listen()

    assert house.enqueued == [house.feed()]
    assert house.feed() == replace(before, turn=before.turn + 1, due_at=house.clock())
    assert house.feed(FeedKind.RETURNS) == returns


def test_a_duplicate_asks_once(house: House) -> None:
    """A notification that comes twice, and once more after its order was asked for, asks once."""
    told = house.notification()
    house.send(told, told)
    house.listen()
    house.turns()
    house.send(told)

    house.listen()

    assert len(house.amazon.calls_of("getOrder")) == 1
    assert house.wanted() == ()
    assert house.left() == 0


def test_a_kill_before_the_deletion_changes_nothing(house: House) -> None:
    """A message that was kept and not deleted comes again, is taken for known, and goes."""
    house.sqs.set_queue_attributes(QueueUrl=house.url, Attributes={"VisibilityTimeout": "0"})
    house.send(house.notification())
    with pytest.raises(KeyboardInterrupt):
        house.notices(Dying(house.queue)).listen(house.clock())
    assert house.wanted() == (ORDER,)
    assert house.left() == 1
    house.turns()

    house.listen()
    house.turns()

    assert len(house.amazon.calls_of("getOrder")) == 1
    assert house.left() == 0


def test_a_kill_before_the_feed_is_hurried_is_made_up_for(house: House) -> None:
    """Where a process died after it kept an order, the repeated message hurries the feed."""
    house.sqs.set_queue_attributes(QueueUrl=house.url, Attributes={"VisibilityTimeout": "0"})
    house.send(house.notification())
    with pytest.raises(KeyboardInterrupt):
        house.notices(Dying(house.queue), hurry=_dies).listen(house.clock())
    assert house.wanted() == (ORDER,)
    assert house.enqueued == []

    house.listen()

    assert house.enqueued == [house.feed()]


def test_hundreds_are_taken_in_one_go(house: House) -> None:
    """250 messages are one listen: each order is wanted, and the queue is empty."""
    told = house.notification()
    ids = [OrderId(f"222-5550000-{number:07}") for number in range(250)]
    bodies = []
    for order_id in ids:
        body = json.loads(json.dumps(told).replace(ORDER, order_id))
        body["NotificationMetadata"]["NotificationId"] = f"notification-of-{order_id}"
        bodies.append(body)
    house.send(*bodies)

    house.listen()

    assert set(house.wanted()) == set(ids)
    assert house.left() == 0


@SQLITE
def test_a_go_has_an_end(house: House) -> None:
    """A queue that is never empty is left after a hundred batches."""
    queue = Endless()

    house.notices(queue).listen(house.clock())

    assert (queue.batches, queue.deleted) == (BATCHES, 10 * BATCHES)


@SQLITE
def test_a_go_ends_in_time(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A queue that is never empty is left when the time is up, after a whole batch."""
    monkeypatch.setattr(notices_module, "SECONDS", -1.0)
    queue = Endless()

    house.notices(queue).listen(house.clock())

    assert (queue.batches, queue.deleted) == (1, 10)


# Whose it is


def test_an_order_that_is_known_needs_no_sellers_id(house: House) -> None:
    """Where no seller's id is set, the order itself tells whose it is."""
    house.send(house.notification())

    house.notices(SP_API_SELLER_ID_BIRCH_AND_BROOK="").listen(house.clock())

    assert house.wanted() == (ORDER,)


@SQLITE
def test_an_id_of_several_sellers_tells_none_of_them(house: House) -> None:
    """A seller's id that two merchants have is no answer; an order that is new is let go."""
    told = house.put(OrderId("111-5550000-0000002"))
    house.send(house.notification(OrderId(told.id)))

    house.notices(
        SP_API_REFRESH_TOKEN_ELM="Atzr|invented", SP_API_SELLER_ID_ELM=house.seller.seller_id
    ).listen(house.clock())

    assert house.wanted() == ()
    assert house.wanted(MerchantId("elm")) == ()
    assert house.left() == 0


@SQLITE
def test_what_is_not_ours_goes_and_is_counted(house: House, lines: Callable[[], str]) -> None:
    """Malformed messages, foreign sellers and other types are deleted, with a line for each."""
    told = json.dumps(house.notification())
    house.amazon.add_seller("elm")
    foreign = told.replace(house.seller.seller_id, "A0FOREIGN0").replace(ORDER[:3], "999")
    house.send(
        *("Hello!", "[]", told[:-5], told.replace(ORDER, "111-1")),
        *(foreign, foreign.replace("A0FOREIGN0", "A0FOREIGN1")),
        told.replace("ORDER_CHANGE", "ANY_OFFER_CHANGED"),
    )

    house.listen()

    odd = [line.partition("event=")[2] for line in lines().splitlines() if "amazon_odd" in line]
    assert odd == [
        "amazon_odd operation=ORDER_CHANGE problem=no_notification times=4",
        "amazon_odd operation=ORDER_CHANGE problem=no_seller times=2",
        "amazon_odd operation=ORDER_CHANGE problem=other_type times=1",
    ]
    assert house.left() == 0
    assert house.wanted() == ()
    assert house.enqueued == []


@SQLITE
def test_nothing_of_the_content_is_logged(house: House, lines: Callable[[], str]) -> None:
    """Zip and SKU of good, bad and foreign notifications are not in the log, also at DEBUG."""
    told = json.dumps(house.notification())
    assert ZIP in told
    assert SKU in told
    house.send(told, told[:-5], told.replace(house.seller.seller_id, "A0").replace(ORDER, "x"))
    house.send({"zip": ZIP}, ZIP)

    house.listen()
    house.turns()

    written = lines()
    assert "amazon_read merchant=birch-and-brook operation=ORDER_CHANGE taken=1" in written
    assert "problem=no_notification times=4" in written
    assert ZIP not in written
    assert SKU not in written


# The feed's turn


@pytest.mark.parametrize(
    "state",
    [
        {"paused_at": START},
        {"failures": 1, "problem": "busy"},
        {"window_from": START, "due_at": START + timedelta(minutes=11, seconds=9)},
        {"due_at": START},
    ],
    ids=["paused", "failing", "soon", "under way"],
)
def test_a_feed_is_left_alone(house: House, state: Mapping[str, Any]) -> None:
    """A feed that is paused, that waits after a failure, or whose turn is soon, is left alone."""
    feed = house.set(**state)
    house.send(house.notification())

    house.listen()

    assert house.wanted() == (ORDER,)
    assert house.enqueued == []
    assert house.feed() == feed


def test_a_feed_without_a_wanted_order_is_left_alone(house: House) -> None:
    """Nobody is hurried by a duplicate of what was asked for."""
    told = house.notification()
    house.send(told)
    house.listen()
    house.turns()
    feed = house.feed()
    house.send(told)

    house.listen()

    assert house.feed() == feed


def test_only_those_who_are_meant_are_hurried(house: House) -> None:
    """A merchant of whom an order is wanted is not hurried for another merchant."""
    with house.store.begin() as records:
        records.feeds.want(BIRCH, (ORDER,), house.clock())
    feed = house.feed()

    house.sync.hurry([MerchantId("elm")])

    assert house.feed() == feed


def test_a_turn_that_ended_meanwhile_stands(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a worker ends the turn that is being hurried, the worker's word holds."""
    stale = house.feed()
    assert stale.due_at > house.clock()
    with house.store.begin() as records:
        records.feeds.want(BIRCH, (ORDER,), house.clock())
        ended = records.feeds.save(replace(stale, failures=3))
    monkeypatch.setattr(Sync, "feeds", lambda self: (stale,))

    house.sync.hurry([BIRCH])

    monkeypatch.undo()
    assert house.feed() == ended
    assert house.enqueued == []


# The form of a notification


def read(body: object) -> tuple[OrderChange | None, list[Problem]]:
    """Return what is read of a body, and what is noted."""
    noted: list[Problem] = []
    found = order_change(body if isinstance(body, str) else json.dumps(body), noted.append)
    return found, noted


def notification(**fields: object) -> dict[str, object]:
    """Return a notification with what is needed of it and no more."""
    change = {"SellerId": "A1BIRCH", "AmazonOrderId": ORDER}
    return {
        "NotificationType": "ORDER_CHANGE",
        "Payload": {"OrderChangeNotification": change},
        "NotificationMetadata": {"NotificationId": "d0e9-1"},
        **fields,
    }


GOOD: Final = OrderChange(notification_id=EventId("d0e9-1"), seller_id="A1BIRCH", order_id=ORDER)


@pytest.mark.parametrize(
    "body",
    [
        notification(),
        notification(NotificationVersion="1.0", Other={"a": [1]}),
        {"version": "0", "detail-type": "ORDER_CHANGE", "detail": notification()},
        {"Type": "Notification", "MessageId": "m-1", "Message": json.dumps(notification())},
    ],
    ids=["plain", "with more", "EventBridge", "SNS"],
)
def test_notifications_are_read(body: object) -> None:
    """A notification is read as it is, and out of either envelope."""
    assert read(body) == (GOOD, [])


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("", Problem.NO_NOTIFICATION),
        ("[" * 100_000, Problem.NO_NOTIFICATION),
        ("null", Problem.NO_NOTIFICATION),
        ({}, Problem.NO_NOTIFICATION),
        ({"Message": "Hello!"}, Problem.NO_NOTIFICATION),
        ({"detail": {}}, Problem.NO_NOTIFICATION),
        (notification(NotificationType=7), Problem.NO_NOTIFICATION),
        (notification(NotificationType=""), Problem.NO_NOTIFICATION),
        (notification(Payload=None), Problem.NO_NOTIFICATION),
        (notification(Payload={"OrderChangeNotification": [ORDER]}), Problem.NO_NOTIFICATION),
        (notification(NotificationMetadata={}), Problem.NO_NOTIFICATION),
        (
            notification(NotificationMetadata={"NotificationId": "n" * 129}),
            Problem.NO_NOTIFICATION,
        ),
        (
            notification(NotificationMetadata={"NotificationId": "forged\nevent=x"}),
            Problem.NO_NOTIFICATION,
        ),
        (
            notification(
                Payload={"OrderChangeNotification": {"SellerId": "A1", "AmazonOrderId": "1-2-3"}}
            ),
            Problem.NO_NOTIFICATION,
        ),
        (
            notification(Payload={"OrderChangeNotification": {"AmazonOrderId": ORDER}}),
            Problem.NO_NOTIFICATION,
        ),
        (notification(NotificationType="REPORT_PROCESSING_FINISHED"), Problem.OTHER_TYPE),
        ({"notificationType": "FEED_PROCESSING_FINISHED"}, Problem.OTHER_TYPE),
    ],
)
def test_what_is_none_is_one_problem(body: object, problem: Problem) -> None:
    """What is no ORDER_CHANGE notification is noted once, as what it is."""
    assert read(body) == (None, [problem])


JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@given(
    st.text()
    | JSON
    | st.builds(notification, Payload=JSON, NotificationMetadata=JSON)
    | st.builds(lambda inner: notification(Payload={"OrderChangeNotification": inner}), JSON)
    | st.builds(lambda inner: {"detail": inner, "Message": inner}, JSON)
)
def test_no_body_is_too_odd(body: object) -> None:
    """Whatever stands in a message, it is read or noted once, and nothing is raised."""
    found, noted = read(body)

    assert (found is None) == (len(noted) == 1)
    assert len(noted) <= 1


# SQS


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://sqs.eu-central-1.amazonaws.com/123456789012/orders", "eu-central-1"),
        ("http://127.0.0.1:4566/123456789012/orders", None),
        ("https://sqs.evil.example.com/sqs.us-east-1.amazonaws.com/orders", None),
    ],
)
def test_the_queues_address_tells_its_region(url: str, expected: str | None) -> None:
    """The region stands in the host of AWS's own addresses and in no other."""
    assert region(url) == expected


def test_without_the_extra_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where boto3 is not installed, the error says what to install."""
    monkeypatch.setitem(sys.modules, "boto3", None)

    with pytest.raises(SettingsError, match=r"SP_API_SQS_QUEUE_URL.*jetpack-care\[sqs\]"):
        SqsQueue("https://sqs.us-east-1.amazonaws.com/123456789012/orders")


def test_without_a_region_the_setting_is_named(moto: str) -> None:
    """Where neither the address nor AWS's settings name a region, the error says so."""
    with pytest.raises(SettingsError, match=r"SP_API_SQS_QUEUE_URL names no region"):
        SqsQueue(f"{moto}/123456789012/orders")


@SQLITE
def test_aws_settings_tell_the_region_of_another_address(
    house: House, moto: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A queue at an address that is not AWS's is read in the region of AWS's own settings."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    house.send("Hello!")
    queue = SqsQueue(house.url)

    assert [message.body for message in queue.receive()] == ["Hello!"]
    queue.close()


@SQLITE
def test_a_queue_that_refuses_is_busy(house: House) -> None:
    """A queue that is not there is AmazonBusy, whose words name no queue."""
    house.sqs.delete_queue(QueueUrl=house.url)

    for call in (house.queue.receive, lambda: house.queue.delete(["x"]), house.listen):
        with pytest.raises(AmazonBusy) as raised:
            call()
        assert "orders-" not in str(raised.value)
        assert raised.value.__suppress_context__


def test_a_queue_out_of_reach_is_busy(moto: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that is refused is AmazonBusy, after a few short tries."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:1")
    queue = SqsQueue("https://sqs.us-east-1.amazonaws.com/123456789012/orders")

    with pytest.raises(AmazonBusy):
        queue.receive()
    queue.close()


@SQLITE
def test_messages_and_receipts_do_not_show(house: House) -> None:
    """The representation of a message holds nothing of it."""
    house.send(ZIP)

    found = house.queue.receive()

    assert [message.body for message in found] == [ZIP]
    assert ZIP not in repr(found)


# The wiring


@SQLITE
@pytest.mark.parametrize("has_queue", [True, False])
def test_the_worker_listens_where_a_queue_is_set(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_queue: bool
) -> None:
    """With SP_API_SQS_QUEUE_URL the worker takes the queue's messages; without it, none."""
    started: list[Any] = []
    monkeypatch.setattr(worker, "start", lambda **parts: started.append(SimpleNamespace(**parts)))
    home = tmp_path / "home"
    url = f"{QUEUES}/{house.url.rpartition('/')[2]}" if has_queue else ""
    house.send(house.notification())
    nobody = cast("Scrubber", None)
    with SandboxSlack(sample_workspace()) as slack:
        settings = from_environment(
            {
                **slack.environment(),
                **house.environment,
                "CARE_HOME": str(home),
                "SP_API_SQS_QUEUE_URL": url,
            }
        )
        with app.build(settings, clock=house.clock, scrubber=nobody) as bot:
            bot.work()
            notices: Notices | None = started[0].notices
            if notices is not None:
                notices.listen(house.clock())
            with bot.records.store.read() as records:
                wanted = records.feeds.wanted(BIRCH, 10)

    assert (notices is not None) == has_queue
    assert wanted == ((ORDER,) if has_queue else ())
    assert house.left() == (0 if has_queue else 1)
