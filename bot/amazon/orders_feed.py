"""A turn of an orders feed: some of the orders that are wanted, then a page of what changed.

A window begins where the last one ended, a little earlier, and ends where Amazon says on its first
page: so all times are of Amazon's clock. A page and the token of the next are kept in one
transaction; what is read twice ends in the same state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from bot.amazon.accounts import Account
from bot.amazon.calls import NotYet
from bot.amazon.keeping import Keeping
from bot.amazon.operations import Operation
from bot.amazon.orders_api import Page
from bot.amazon.problems import Problems
from bot.amazon.steps import Step, well
from bot.amazon.transport import NoReply
from bot.errors import (
    AmazonBusy,
    AmazonError,
    AmazonForbidden,
    AmazonNotFound,
    AmazonRefused,
    AmazonUnreadable,
)
from bot.sellers import OrdersVersion
from storage.feeds import Feed
from storage.ids import OrderId
from storage.store import Store, Transaction

EVERY: Final = timedelta(minutes=5)
"""How long after the last page of a window the next one begins."""
OVERLAP: Final = timedelta(minutes=5)
"""How much earlier a window begins than the last one ended: changes may show late."""
FIRST: Final = timedelta(days=90)
"""How far back the first window reaches."""
LAG: Final = timedelta(minutes=2)
"""How far behind its clock Amazon answers."""
TOKEN_LIFE: Final = timedelta(hours=23)
"""How long a token of a page is used; Amazon takes it for 24 hours."""
RESTARTS: Final = 3
"""How often in a row a window begins anew because its token is refused, before Care is told."""
WANTED_AT_ONCE: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What came of asking for wanted orders.

    Attributes:
        go_on_at: When to ask for more; None where none is left, or those left had no answer.
        unanswered: Those that Amazon did not give. They are asked for again with the next page.
        error: What kept Amazon from answering at all.
    """

    go_on_at: datetime | None
    unanswered: tuple[OrderId, ...]
    error: AmazonError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersFeed:
    """Takes turns of orders feeds."""

    store: Store
    keeping: Keeping
    clock: Callable[[], datetime]

    def take(self, feed: Feed, account: Account, problems: Problems) -> Step:
        """Take a turn. Raises AmazonError, where the feed stays where it is."""
        now = self.clock()
        asked = self._ask_for_wanted(account, problems)
        page_at = _page_at(feed, now)
        if page_at <= now:
            step = self._page_or_wait(feed, account, problems, asked.go_on_at)
        elif asked.error is not None:
            raise asked.error
        else:
            at = page_at if asked.go_on_at is None else min(page_at, asked.go_on_at)
            step = Step(feed=well(feed, at), is_done=asked.go_on_at is None)
        # Tries count only where all else went well: then it is the order that Amazon lacks.
        return replace(step, write=partial(_write_all, step.write, feed, asked.unanswered))

    def _page_or_wait(
        self, feed: Feed, account: Account, problems: Problems, wanted_at: datetime | None
    ) -> Step:
        try:
            return self._page(feed, account, problems, wanted_at)
        except NotYet as later:
            at = self.clock() + timedelta(seconds=later.seconds)
            # Not well yet: who is throttled has to wait after each failure, and they are to add up.
            return Step(feed=replace(feed, due_at=at if wanted_at is None else min(at, wanted_at)))

    def _page(
        self, feed: Feed, account: Account, problems: Problems, wanted_at: datetime | None
    ) -> Step:
        now = self.clock()
        begin = feed.window_from or (feed.read_until or now - FIRST) - OVERLAP
        is_fresh = feed.cursor_at is not None and now - feed.cursor_at < TOKEN_LIFE
        token = feed.cursor if is_fresh else None
        try:
            page = account.orders.page(begin, token, problems)
        except AmazonRefused:
            if token is None or feed.failures >= RESTARTS:
                raise
            # Amazon does not take the token any more: the window is read from its beginning.
            restarted = replace(feed, cursor=None, window_until=None, due_at=now)
            return Step(feed=replace(restarted, failures=feed.failures + 1))
        # Never later than it is at Amazon, whatever the page says: what lies between would be lost.
        latest = account.calls.amazon_now()
        until = max(begin, min(page.until or latest - LAG, latest))
        if token is not None and feed.window_until is not None:
            until = feed.window_until
        write = partial(self._write, account, page, problems)
        if page.next_token is not None:
            onward = replace(
                feed,
                window_from=begin,
                window_until=until,
                cursor=page.next_token,
                cursor_at=now,
            )
            # A first page alone is no progress, where it is the second that is always refused.
            onward = replace(onward, due_at=now) if token is None else well(onward, now)
            return Step(feed=onward, write=write, taken=len(page.news))
        read = replace(
            feed,
            read_until=until,
            window_from=None,
            window_until=None,
            cursor=None,
            cursor_at=now,
        )
        # What the page lacks is asked for in the next turn, which is now.
        is_done = wanted_at is None and not page.lacking
        return Step(
            feed=well(read, now + EVERY if is_done else wanted_at or now),
            write=write,
            taken=len(page.news),
            is_done=is_done,
        )

    def _write(
        self, account: Account, page: Page, problems: Problems, records: Transaction
    ) -> None:
        is_old = account.seller.orders is OrdersVersion.V0
        operation = Operation.GET_ORDERS_V0 if is_old else Operation.SEARCH_ORDERS
        self.keeping.orders(records, page.news, operation, problems)
        if page.lacking:
            lacking = records.orders.without_items(sorted(page.lacking))
            records.feeds.want(account.seller.merchant, lacking, self.clock())

    def _ask_for_wanted(self, account: Account, problems: Problems) -> _Asked:
        merchant = account.seller.merchant
        with self.store.read() as records:
            wanted = records.feeds.wanted(merchant, WANTED_AT_ONCE)
        unanswered: list[OrderId] = []
        error: AmazonError | None = None
        for order_id in wanted:
            try:
                news = account.orders.order(order_id, problems)
            except NotYet as later:
                at = self.clock() + timedelta(seconds=later.seconds)
                return _Asked(go_on_at=at, unanswered=tuple(unanswered))
            except (AmazonBusy, NoReply) as failed:
                if not (isinstance(failed, AmazonBusy) and failed.is_throttled):
                    unanswered.append(order_id)
                error = failed
                break
            except (AmazonNotFound, AmazonRefused, AmazonForbidden, AmazonUnreadable):
                unanswered.append(order_id)
                continue
            with self.store.begin() as records:
                self.keeping.orders(records, (news,), Operation.GET_ORDER, problems)
                records.feeds.answered(merchant, order_id)
        with self.store.read() as records:
            is_more = not set(records.feeds.wanted(merchant, len(wanted))) <= set(unanswered)
        return _Asked(
            go_on_at=self.clock() if is_more else None,
            unanswered=tuple(unanswered),
            error=error,
        )


def _page_at(feed: Feed, now: datetime) -> datetime:
    """Return when the next page is to be read: at once within a window, then after a while."""
    if feed.window_from is not None or feed.cursor_at is None:
        return now
    # What is later than now was noted by a clock that has been set back since.
    return feed.cursor_at + EVERY if feed.cursor_at <= now < feed.cursor_at + EVERY else now


def _write_all(
    write: Callable[[Transaction], None],
    feed: Feed,
    unanswered: Iterable[OrderId],
    records: Transaction,
) -> None:
    write(records)
    for order_id in unanswered:
        records.feeds.not_answered(feed.merchant_id, order_id)
