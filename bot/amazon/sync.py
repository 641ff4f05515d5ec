"""Reading sellers' orders and returns, turn by turn.

A turn is a call or two; then the feed says when its next one is. Nobody sleeps in between: on the
engine a turn enqueues the next one with its delay, in the transaction that keeps what it read. So a
seller that has to wait keeps nobody else waiting, and a kill at any point repeats one turn at most.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from bot.amazon.accounts import Account, Accounts
from bot.amazon.operations import Operation
from bot.amazon.orders_feed import OrdersFeed
from bot.amazon.problems import Problem, Problems
from bot.amazon.returns_feed import BAD_AFTER, ReportFailed, ReturnsFeed
from bot.amazon.steps import Step
from bot.amazon.troubles import Trouble, backoff, told, trouble_of
from bot.errors import AmazonError
from bot.log import Event, failure, log, warn
from storage.errors import TurnOver
from storage.feeds import Feed, FeedKind
from storage.ids import MerchantId
from storage.store import Store, Transaction

OVERDUE: Final = timedelta(minutes=30)
"""How late a turn that is not in the queue may be before another one takes its place."""
SOON: Final = timedelta(seconds=10)
"""How long a turn that is waited for may take to come."""
SLOWLY: Final = timedelta(hours=1)
"""How long after a refusal that somebody has to mend it is tried again."""
WORTH_TELLING: Final = 10
"""Passing failures in a row after which Care is told."""


Enqueue = Callable[[Transaction, Feed], None]
"""Puts the next turn of a feed into the queue, within a transaction."""


class Tell(Protocol):
    """Tells Care something once."""

    def __call__(self, key: str, text: str, at: datetime, *, lane: str) -> None:
        """Say a text; the key makes it one message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What came of a turn.

    Attributes:
        feed: Where the feed is now.
        taken: Orders or returns that were taken.
        problems: What was odd, as lines.
        error: What stopped it, None where nothing did.
        is_done: Whether all that there is now has been read.
    """

    feed: Feed
    taken: int
    problems: tuple[str, ...]
    error: AmazonError | None
    is_done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sync:
    """Reads the sellers that the settings name.

    Attributes:
        accounts: The sellers.
        enqueue: Where turns are enqueued; left out where somebody takes them by hand.
        is_waiting: Tells whether a feed's next turn is in the queue.
        tell: Tells Care.
    """

    store: Store
    accounts: Accounts
    orders: OrdersFeed
    returns: ReturnsFeed
    clock: Callable[[], datetime]
    enqueue: Enqueue | None
    tell: Tell
    is_waiting: Callable[[Feed], bool] = lambda _feed: False

    def begin(self, at: datetime) -> None:
        """See to it that every seller's feeds go on. Safe to repeat, and meant to be.

        A feed that is new begins, one that was paused and has another authorization goes on, and
        one whose turn was lost, for whatever reason, has another.
        """
        for merchant, account in sorted(self.accounts.items()):
            for kind in FeedKind:
                # Another process may see to the same at the same time.
                with suppress(TurnOver), self.store.begin() as records:
                    self._begin(records, merchant, account, kind, at)

    def feeds(self) -> tuple[Feed, ...]:
        """Return every feed of a seller that the settings name, begun where it was not."""
        with self.store.begin() as records:
            return tuple(
                records.feeds.ensure(merchant, kind, self.clock())
                for merchant in sorted(self.accounts)
                for kind in FeedKind
            )

    def hurry(self, merchants: Collection[MerchantId]) -> None:
        """Give the orders feeds of merchants of whom orders are wanted their turn now. Repeatable.

        A feed whose turn is soon is left alone, as that may be under way and would be for nothing;
        so is one that is paused, or that waits after a failure.
        """
        now = self.clock()
        for feed in self.feeds():
            is_meant = feed.kind is FeedKind.ORDERS and feed.merchant_id in merchants
            is_well = feed.paused_at is None and not feed.failures
            if not is_meant or not is_well or feed.due_at <= now + SOON:
                continue
            # Whoever ended the turn meanwhile has begun another one.
            with suppress(TurnOver), self.store.begin() as records:
                if records.feeds.wanted(feed.merchant_id, 1):
                    saved = records.feeds.save(replace(feed, due_at=now))
                    if self.enqueue is not None:
                        self.enqueue(records, saved)

    def turn(self, feed_id: int, number: int) -> Turn | None:
        """Take a turn of a feed. None where it is over already, or the feed is paused.

        Raises:
            StorageError: The database cannot be used at the moment; the turn is repeated.
        """
        with self.store.read() as records:
            feed = records.feeds.get(feed_id)
        account = None if feed is None else self.accounts.get(feed.merchant_id)
        if feed is None or account is None or feed.paused_at is not None:
            return None
        if feed.turn != number:
            self._go_on(feed)
            return None
        problems = Problems()
        error: AmazonError | None = None
        reader = self.orders if feed.kind is FeedKind.ORDERS else self.returns
        try:
            step = reader.take(feed, account, problems)
        except AmazonError as stopped:
            error = stopped
            step = Step(feed=self._failed(feed, account, stopped))
        if account.calls.is_clock_off():
            problems.note(Operation.LOGIN, Problem.CLOCK)
        try:
            saved = self._keep(step, account)
        except TurnOver:
            return None
        self._report(saved, account, step, problems, error)
        return Turn(
            feed=saved,
            taken=step.taken,
            problems=tuple(problems.lines()),
            error=error,
            is_done=step.is_done,
        )

    def _go_on(self, feed: Feed) -> None:
        """See to it that a feed whose turns somebody took by hand goes on by itself.

        A turn that is in the queue is not put there twice.
        """
        if self.enqueue is not None:
            with self.store.begin() as records:
                self.enqueue(records, feed)

    def _begin(
        self,
        records: Transaction,
        merchant: MerchantId,
        account: Account,
        kind: FeedKind,
        at: datetime,
    ) -> None:
        feed = records.feeds.ensure(merchant, kind, at)
        mark = account.seller.token_mark
        if feed.paused_at is not None and feed.token_mark == mark:
            return
        is_new = feed.turn == 1 and feed.token_mark is None
        is_well = feed.due_at > at - OVERDUE or self.is_waiting(feed)
        if not is_new and feed.paused_at is None and is_well:
            return
        again = replace(feed, due_at=at, paused_at=None, problem=None, token_mark=mark)
        saved = records.feeds.save(again)
        if self.enqueue is not None:
            self.enqueue(records, saved)

    def _keep(self, step: Step, account: Account) -> Feed:
        with self.store.begin() as records:
            step.write(records)
            saved = records.feeds.save(replace(step.feed, token_mark=account.seller.token_mark))
            if self.enqueue is not None and saved.paused_at is None:
                self.enqueue(records, saved)
            return saved

    def _failed(self, feed: Feed, account: Account, error: AmazonError) -> Feed:
        """Return where a feed is after a failure: when it is tried again, or that it is paused."""
        now = self.clock()
        trouble = trouble_of(error, is_clock_off=account.calls.is_clock_off())
        failures = feed.failures + 1
        failed = replace(feed, failures=failures, problem=trouble)
        if trouble is Trouble.REVOKED:
            return replace(failed, paused_at=now)
        if isinstance(error, ReportFailed) or (
            feed.kind is FeedKind.RETURNS and failures >= BAD_AFTER
        ):
            # Another report may be better than this one.
            failed = replace(failed, cursor=None, cursor_at=None)
        if trouble in (Trouble.BUSY, Trouble.UNREADABLE):
            return replace(failed, due_at=now + backoff(failures, error))
        return replace(failed, due_at=now + SLOWLY)

    def _report(
        self,
        feed: Feed,
        account: Account,
        step: Step,
        problems: Problems,
        error: AmazonError | None,
    ) -> None:
        merchant = account.seller.merchant
        if step.taken and self.enqueue is not None:
            # Whoever takes turns by hand shows what was taken.
            log(Event.AMAZON_READ, merchant=merchant, feed=feed.kind, taken=step.taken)
        for (operation, problem), times in sorted(problems.counts.items()):
            warn(
                Event.AMAZON_ODD,
                merchant=merchant,
                operation=operation,
                problem=problem,
                times=times,
            )
        if error is None or feed.problem is None:
            return
        called = Operation(error.operation) if error.operation else None
        failure(Event.AMAZON_FAILED, error, merchant=merchant, feed=feed.kind, operation=called)
        trouble = Trouble(feed.problem)
        is_passing = trouble in (Trouble.BUSY, Trouble.UNREADABLE)
        if is_passing and feed.failures != WORTH_TELLING:
            return
        # A seller whose authorization is gone is one message, not one for each feed.
        scope = "" if trouble is Trouble.REVOKED else f":{feed.kind}"
        key = f"amazon:{merchant}{scope}:{trouble}:{account.seller.token_mark}"
        if not is_passing and trouble is not Trouble.REVOKED:
            key += f":{self.clock():%Y-%m-%d}"
        self.tell(key, told(merchant, feed.kind, trouble), self.clock(), lane="amazon")
