"""Returns, merchants, deliveries and replies, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from threading import Barrier

import pytest

from storage.errors import OrderOfAnother, UnknownReply
from storage.ids import ChannelId, EventId, OrderId, ReplyId, ReturnId, SlackTs, TeamId, UserId
from storage.outbox_records import ReplyState
from storage.redaction_batch import Terms
from storage.returns import Return
from storage.store import Store, Transaction
from tests.storage.samples import ACME, BOLT, CHANNEL, DAYS, ORDER, TEAM, USER, order_news

RMA = ReturnId("RMA-7001")


def test_a_return_may_come_before_its_order(store: Store, now: datetime) -> None:
    """A return is kept and found by its RMA and by its order, which nobody knows yet."""
    news = Return(
        return_id=RMA,
        order_id=ORDER,
        merchant_id=ACME,
        status="Requested",
        requested_at=now,
        quantity=1,
        refund_amount=Decimal("9.50"),
    )
    with store.begin() as tx:
        tx.returns.upsert(news, now=now)
        tx.returns.upsert(
            Return(return_id=RMA, order_id=ORDER, merchant_id=ACME, status="Received"), now=now
        )

    with store.read() as tx:
        [kept] = tx.returns.for_order(ORDER)
        assert (kept.status, kept.requested_at) == ("Received", now)
        assert (kept.quantity, kept.refund_amount) == (1, Decimal("9.50"))
        assert tx.returns.for_merchant(ACME, RMA) == tx.returns.for_merchant(ACME, ORDER) == (kept,)


def test_returns_of_others_read_like_none(store: Store, now: datetime) -> None:
    """Another merchant's return is not found, and its id is not taken over."""
    with store.begin() as tx:
        tx.returns.upsert(Return(return_id=RMA, order_id=ORDER, merchant_id=ACME), now=now)

    with store.read() as tx:
        assert tx.returns.for_merchant(BOLT, RMA) == ()
        assert tx.returns.for_merchant(ACME, ReturnId("RMA-1")) == ()
    with pytest.raises(OrderOfAnother), store.begin() as tx:
        tx.returns.upsert(Return(return_id=RMA, order_id=ORDER, merchant_id=BOLT), now=now)


def test_a_return_is_of_the_order_s_merchant(store: Store, now: datetime) -> None:
    """A return of another merchant for an order that is kept is refused."""
    with store.begin() as tx:
        tx.orders.upsert(order_news(), now=now, retention_days=DAYS)
    with pytest.raises(OrderOfAnother), store.begin() as tx:
        tx.returns.upsert(Return(return_id=RMA, order_id=ORDER, merchant_id=BOLT), now=now)


def test_a_return_stays_linked_after_redaction(store: Store, now: datetime) -> None:
    """Redacting the order leaves its return as it was."""
    with store.begin() as tx:
        tx.orders.upsert(order_news(now), now=now, retention_days=DAYS)
        tx.returns.upsert(Return(return_id=RMA, order_id=ORDER, merchant_id=ACME), now=now)
        before = tx.returns.for_order(ORDER)
        tx.orders.redact_batch(Terms(now=now + timedelta(days=31), days=DAYS), limit=10)

    with store.read() as tx:
        assert tx.returns.for_order(ORDER) == before
        assert len(before) == 1


def test_a_channel_speaks_before_its_user(store: Store, now: datetime) -> None:
    """The channel's merchant counts first, the user's where the channel has none."""
    other = ChannelId("C0002")
    with store.begin() as tx:
        tx.merchants.link(TEAM, CHANNEL, ACME, now)
        tx.merchants.link(TEAM, USER, BOLT, now)

    with store.read() as tx:
        assert tx.merchants.merchant_of(TEAM, CHANNEL, USER) == ACME
        assert tx.merchants.merchant_of(TEAM, other, USER) == BOLT
        assert tx.merchants.merchant_of(TEAM, other, UserId("U0002")) is None
        assert tx.merchants.merchant_of(TEAM, other, None) is None
        assert tx.merchants.merchant_of(TeamId("T0002"), CHANNEL, USER) is None
        assert tx.merchants.all() == (ACME, BOLT)


def test_a_link_can_be_changed(store: Store, now: datetime) -> None:
    """A channel that is linked again speaks for the new merchant."""
    with store.begin() as tx:
        tx.merchants.ensure(ACME)
        tx.merchants.link(TEAM, CHANNEL, ACME, now)
        tx.merchants.link(TEAM, CHANNEL, BOLT, now)
        assert tx.merchants.merchant_of(TEAM, CHANNEL, USER) == BOLT


def test_a_delivery_is_new_once(store: Store, now: datetime) -> None:
    """The second delivery of an event is known; the same id from elsewhere is another."""
    event = EventId("Ev0001")
    with store.begin() as tx:
        assert tx.inbox.last_event_at() is None
        assert tx.inbox.first_time("slack:T0001", event, now)
        assert tx.inbox.first_time("hook:standard", event, now - timedelta(hours=1))
    with store.begin() as tx:
        assert not tx.inbox.first_time("slack:T0001", event, now + timedelta(hours=1))
        assert tx.inbox.last_event_at() == now


def test_a_delivery_that_failed_is_new_again(store: Store, now: datetime) -> None:
    """Where the transaction of a delivery fails, its next copy counts as the first."""
    event = EventId("Ev0001")

    def fail_halfway() -> None:
        with store.begin() as tx:
            tx.inbox.first_time("slack:T0001", event, now)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    with store.begin() as tx:
        assert tx.inbox.first_time("slack:T0001", event, now)


def test_of_copies_at_once_one_is_new(store: Store, now: datetime) -> None:
    """Of four deliveries of one event at the same moment one is the first."""
    start = Barrier(4)

    def deliver(_: int) -> bool:
        start.wait()
        with store.begin() as tx:
            return tx.inbox.first_time("slack:T0001", EventId("Ev0001"), now)

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(deliver, range(4))) == [False, False, False, True]


def test_a_naive_time_is_refused(store: Store, now: datetime) -> None:
    """A time without a zone is a mistake of the caller."""
    with pytest.raises(ValueError, match="time zone"), store.begin() as tx:
        tx.inbox.first_time("slack:T0001", EventId("Ev1"), now.replace(tzinfo=None))


def put(tx: Transaction, now: datetime, body: str = "{}") -> ReplyId:
    """Put a reply into the outbox."""
    return tx.outbox.put(
        key="answer:1",
        ticket=None,
        team=TEAM,
        channel=CHANNEL,
        thread_ts=None,
        ephemeral_to=USER,
        body=body,
        at=now,
    )


def test_a_reply_is_put_once(store: Store, now: datetime) -> None:
    """A key that is known gives the reply it has, as it was."""
    with store.begin() as tx:
        first = put(tx, now, '{"text": "one"}')
        second = put(tx, now + timedelta(hours=1), '{"text": "two"}')
        reply = tx.outbox.get(first)

    assert first == second
    assert (reply.body, reply.put_at) == ('{"text": "one"}', now)
    assert (reply.state, reply.ephemeral_to, reply.thread_ts) == (ReplyState.PENDING, USER, None)


def test_a_reply_goes_from_pending_to_sent(store: Store, now: datetime) -> None:
    """Claiming tells the state before; once sent nothing changes a reply."""
    with store.begin() as tx:
        reply = put(tx, now)
        states = [tx.outbox.claim_sending(reply).state for _ in range(2)]
        tx.outbox.failed(reply, "SlackApiError")
        assert tx.outbox.get(reply).error_class == "SlackApiError"
        states.append(tx.outbox.claim_sending(reply).state)
        tx.outbox.sent(reply, SlackTs("1.5"))
        states.append(tx.outbox.claim_sending(reply).state)
        tx.outbox.failed(reply, "SlackApiError")

    assert states == ["pending", "sending", "failed", "sent"]
    with store.read() as tx:
        sent = tx.outbox.get(reply)
    assert (sent.state, sent.slack_ts, sent.error_class) == (ReplyState.SENT, "1.5", None)


def test_unknown_replies_are_named_so(store: Store) -> None:
    """A reply that is not there is neither read nor claimed."""
    with pytest.raises(UnknownReply), store.read() as tx:
        tx.outbox.get(ReplyId(404))
    with pytest.raises(UnknownReply), store.begin() as tx:
        tx.outbox.claim_sending(ReplyId(404))


def test_foreign_text_is_stored_or_replaced(store: Store, now: datetime) -> None:
    """NUL and lone surrogates, which no database holds, do not stop a record."""
    with store.begin() as tx:
        news = order_news(city="Spring\x00field", state="\ud800", order_id=OrderId(ORDER))
        tx.orders.upsert(news, now=now, retention_days=DAYS)

    with store.read() as tx:
        order = tx.orders.get(ORDER, now, DAYS)
    assert order is not None
    assert (order.city, order.state) == ("Spring\ufffdfield", "\ufffd")
