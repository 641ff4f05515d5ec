"""What works without Slack: the records, the queue, and what is done with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.amazon.accounts import Accounts
from bot.amazon.keeping import Keeping
from bot.amazon.orders_feed import OrdersFeed
from bot.amazon.returns_feed import ReturnsFeed
from bot.amazon.sync import Sync, Tell
from bot.jobs import Jobs
from bot.leaving import Leaving
from bot.lookup import LookUp
from bot.resolving import Resolver
from bot.telling import Telling
from bot.triage import Triage
from bot.upkeep import Upkeep
from storage.feeds import Feed
from storage.ids import TeamId
from storage.store import Store, Transaction

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """What works without Slack.

    Attributes:
        store: The records.
        jobs: The sending end of the background work.
        resolver: Resolves tickets.
        triage: Keeps the tickets' cards in Care's channel.
        upkeep: Redaction and erasure.
        lookup: Orders as they are shown now.
        accounts: The sellers that are read from Amazon.
        keeping: Takes what Amazon tells.
        clock: Tells the time.
    """

    store: Store
    jobs: Jobs
    resolver: Resolver
    triage: Triage
    upkeep: Upkeep
    lookup: LookUp
    accounts: Accounts
    keeping: Keeping
    clock: Clock

    def sync(self, tell: Tell, *, on_engine: bool) -> Sync:
        """Return what reads the sellers.

        Args:
            tell: Tells Care of a seller that cannot be read.
            on_engine: Whether each turn enqueues the next one; else they are taken by hand.
        """
        return Sync(
            store=self.store,
            accounts=self.accounts,
            orders=OrdersFeed(store=self.store, keeping=self.keeping, clock=self.clock),
            returns=ReturnsFeed(store=self.store, keeping=self.keeping, clock=self.clock),
            clock=self.clock,
            enqueue=self._enqueue if on_engine else None,
            tell=tell,
            is_waiting=lambda feed: self.jobs.has_turn(feed.feed_id, feed.turn),
        )

    def leaving(
        self,
        telling: Telling,
        own: TeamId,
        forget: Callable[[TeamId], None] = lambda _team: None,
    ) -> Leaving:
        """Return what sees workspaces off that removed the app. See `Leaving` for the rest."""
        return Leaving(
            store=self.store,
            jobs=self.jobs,
            resolver=self.resolver,
            telling=telling,
            own=own,
            forget=forget,
            clock=self.clock,
        )

    def _enqueue(self, records: Transaction, feed: Feed) -> None:
        seconds = (feed.due_at - self.clock()).total_seconds()
        self.jobs.enqueue_turn(records.session, feed.feed_id, feed.turn, seconds=seconds)
