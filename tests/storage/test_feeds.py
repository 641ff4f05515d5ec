"""A feed is in one turn at a time, and wanted orders are asked for until they are had."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from storage.errors import TurnOver
from storage.feed_records import TRIES
from storage.feeds import Feed, FeedKind
from storage.ids import OrderId
from storage.store import Store
from tests.storage.samples import ACME, BOLT, ORDER

OTHER = OrderId("111-2223334-0000001")


@pytest.fixture
def feed(store: Store, now: datetime) -> Feed:
    """A feed of Acme's orders."""
    with store.begin() as tx:
        return tx.feeds.ensure(ACME, FeedKind.ORDERS, now)


def _end(store: Store, feed: Feed) -> None:
    """End a turn in a transaction that writes something else, too."""
    with store.begin() as tx:
        tx.merchants.ensure(BOLT)
        tx.feeds.save(feed)


def test_a_feed_is_begun_once(store: Store, feed: Feed, now: datetime) -> None:
    """Asked for again it is the same one, as it is; another merchant's and kind's are others."""
    with store.begin() as tx:
        again = tx.feeds.ensure(ACME, FeedKind.ORDERS, now + timedelta(days=1))
        others = {
            tx.feeds.ensure(ACME, FeedKind.RETURNS, now).feed_id,
            tx.feeds.ensure(BOLT, FeedKind.ORDERS, now).feed_id,
        }
        assert len(tx.feeds.all()) == 3
    assert again == feed
    assert feed.feed_id not in others
    assert (feed.turn, feed.due_at, feed.read_until) == (1, now, None)


def test_where_a_feed_is_comes_back(store: Store, feed: Feed, now: datetime) -> None:
    """Everything that is saved comes back, in the next turn."""
    told = replace(
        feed,
        due_at=now + timedelta(minutes=5),
        read_until=now,
        window_from=now - timedelta(days=1),
        window_until=now,
        cursor="page-2",
        cursor_at=now,
        failures=3,
        problem="busy",
        paused_at=now,
        token_mark="1234567890abcdef",
    )
    with store.begin() as tx:
        saved = tx.feeds.save(told)
    assert saved == replace(told, turn=2)
    with store.read() as tx:
        assert tx.feeds.get(feed.feed_id) == saved
        assert tx.feeds.get(10_000) is None


def test_a_turn_is_ended_once(store: Store, feed: Feed, now: datetime) -> None:
    """Of two who end the same turn the second is told so, and what it wrote does not stand."""
    with store.begin() as tx:
        tx.feeds.save(replace(feed, cursor="first"))
    with pytest.raises(TurnOver):
        _end(store, replace(feed, cursor="second"))
    with store.read() as tx:
        found = tx.feeds.get(feed.feed_id)
        assert BOLT not in tx.merchants.all()
    assert found is not None
    assert found.cursor == "first"


def test_an_order_is_wanted_once(store: Store, now: datetime) -> None:
    """Wanted twice it is asked for once; of another merchant it is another wish."""
    with store.begin() as tx:
        assert tx.feeds.want(ACME, (ORDER, ORDER, OTHER), now) == 2
        assert tx.feeds.want(ACME, (ORDER,), now) == 0
        assert tx.feeds.want(BOLT, (ORDER,), now) == 1
        assert tx.feeds.wanted(ACME, 10) == tuple(sorted((ORDER, OTHER)))
        tx.feeds.answered(ACME, ORDER)
        assert tx.feeds.wanted(ACME, 10) == (OTHER,)
        assert tx.feeds.wanted(BOLT, 10) == (ORDER,)


def test_an_order_that_amazon_lacks_is_given_up(store: Store, now: datetime) -> None:
    """It goes behind the others with each try, and after five tries it is wanted no longer."""
    with store.begin() as tx:
        tx.feeds.want(ACME, (ORDER,), now)
        tx.feeds.want(ACME, (OTHER,), now + timedelta(minutes=1))
        assert tx.feeds.wanted(ACME, 1) == (ORDER,)
        tx.feeds.not_answered(ACME, ORDER)
        assert tx.feeds.wanted(ACME, 1) == (OTHER,)
        for _ in range(TRIES - 1):
            tx.feeds.not_answered(ACME, ORDER)
        assert tx.feeds.wanted(ACME, 10) == (OTHER,)
        tx.feeds.not_answered(ACME, ORDER)
