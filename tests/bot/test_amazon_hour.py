"""An hour of Amazon with twenty sellers, faults, limits and one who withdraws, by a moved clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.amazon.accounts import accounts
from bot.amazon.keeping import Keeping
from bot.amazon.orders_feed import OrdersFeed
from bot.amazon.returns_feed import ReturnsFeed
from bot.amazon.sync import Sync
from bot.sandbox.amazon import SandboxAmazon
from bot.settings import from_environment
from storage.feeds import FeedKind
from storage.ids import MerchantId, OrderId
from storage.store import Store
from storage.tables import OrderRow, ReturnRow

BEGIN = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
LARGE, GONE = "shop-00", "shop-19"
SELLERS = [f"shop-{number:02}" for number in range(20)]


class Clock:
    """A time that the test moves, for Amazon and for us."""

    now = BEGIN

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """The clock."""
    return Clock()


@pytest.fixture
def amazon(clock: Clock) -> Iterator[SandboxAmazon]:
    """Twenty sellers: one with more pages than a burst, all with a fault in twenty calls."""
    with SandboxAmazon(clock=clock) as running:
        for number, name in enumerate(SELLERS):
            orders = 2_300 if name == LARGE else 120
            running.add_seller(name, orders=orders, returns=orders // 12, seed=number)
        running.tokens.seconds = 10**9
        running.faults.rate = 0.05
        running.faults.seed = 20
        yield running


@pytest.mark.timeout(300)
def test_an_hour_with_faults_and_limits(
    store: Store, amazon: SandboxAmazon, clock: Clock, tmp_path: Path
) -> None:
    """No limit is exceeded, nobody starves, all but the one who withdrew are complete."""
    settings = from_environment({**amazon.environment(), "CARE_HOME": str(tmp_path)})
    selling = accounts(settings, store, clock)
    keeping = Keeping(clock=clock, retention_days=30, redact_postal_code=False)
    told: list[str] = []
    sync = Sync(
        store=store,
        accounts=selling,
        orders=OrdersFeed(store=store, keeping=keeping, clock=clock),
        returns=ReturnsFeed(store=store, keeping=keeping, clock=clock),
        clock=clock,
        enqueue=None,
        tell=lambda key, text, at, *, lane: told.append(key),
    )
    # More than a burst of single orders is wanted of one seller, too.
    with store.begin() as records:
        wanted = [OrderId(each) for each in amazon.sellers["shop-01"].order_ids()[:60]]
        records.feeds.want(MerchantId("shop-01"), wanted, clock())
    sync.begin(clock())
    due = {feed.feed_id: feed for feed in sync.feeds()}
    read_at: dict[str, list[datetime]] = {name: [BEGIN] for name in SELLERS}
    failed: Counter[str] = Counter()
    while due:
        feed = min(due.values(), key=lambda each: each.due_at)
        if feed.due_at > BEGIN + HOUR:
            break
        clock.now = max(clock.now, feed.due_at)
        if clock.now > BEGIN + HOUR / 2 and not amazon.sellers[GONE].revoked:
            amazon.sellers[GONE].revoke()
        turn = sync.turn(feed.feed_id, feed.turn)
        assert turn is not None
        due[feed.feed_id] = turn.feed
        failed["error" if turn.error else "ok"] += 1
        if turn.feed.paused_at is not None:
            del due[feed.feed_id]
        elif turn.error is None and feed.kind is FeedKind.ORDERS:
            read_at[feed.merchant_id].append(clock.now)
    selling.close()

    # The sandbox's own faults are 429s, too; what it counts here is calls beyond the limits.
    assert sum(amazon.limits.exceeded.values()) == 0
    assert failed["error"] > 10
    for name in SELLERS:
        times = read_at[name] if name == GONE else [*read_at[name], BEGIN + HOUR]
        gaps = [later - before for before, later in pairwise(times)]
        assert max(gaps) < timedelta(minutes=15), name
    for name in SELLERS:
        if name != GONE:
            assert _is_complete(store, amazon, name, clock.now), name
    assert [key for key in told if "revoked" in key] == [
        f"amazon:{GONE}:revoked:{selling[MerchantId(GONE)].seller.token_mark}"
    ]


def _is_complete(store: Store, amazon: SandboxAmazon, name: str, now: datetime) -> bool:
    """Compare what is kept of a seller with what Amazon has of before a while ago."""
    before = now - timedelta(minutes=20)
    theirs = {
        order.id: order.last_updated
        for order in amazon.sellers[name].orders()
        if order.last_updated <= before
    }
    with store.read() as records:
        rows = records.session.execute(
            select(OrderRow.order_id, OrderRow.changed_at).where(OrderRow.merchant_id == name)
        )
        ours = {row.order_id: row.changed_at for row in rows}
        returns = records.session.scalar(
            select(func.count(func.distinct(ReturnRow.return_id))).where(
                ReturnRow.merchant_id == name
            )
        )
        wanted = records.feeds.wanted(MerchantId(name), 1)
    there = {each.rma for each in amazon.sellers[name].returns(at=int(BEGIN.timestamp()))}
    assert {key: ours.get(key) for key in theirs} == theirs
    assert returns is not None
    assert returns >= len(there) > 0
    return not wanted
