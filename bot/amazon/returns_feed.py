"""A turn of a returns feed: ask for a report, look how far it is, read it.

A return changes for weeks after its date, so the last 60 days are read again and again; that is as
much as one report holds. What is older is read once, window by window.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from bot.amazon.accounts import Account
from bot.amazon.calls import NotYet
from bot.amazon.keeping import Keeping
from bot.amazon.problems import Problems
from bot.amazon.returns_api import LONGEST, Report, ReportState
from bot.amazon.steps import Step, well
from bot.errors import AmazonError, AmazonUnreadable
from storage.feeds import Feed
from storage.returns import Return
from storage.store import Store

EVERY: Final = timedelta(hours=6)
"""How long after a report of the last 60 days the next one is asked for."""
FIRST: Final = timedelta(days=180)
"""How far back the first report reaches."""
LOOK_AFTER: Final = timedelta(seconds=2)
"""How long after it was asked for a report is first looked for; then after twice the time."""
LOOK_EVERY: Final = timedelta(minutes=1)
"""How long it takes at most until it is looked for again."""
LOST_AFTER: Final = timedelta(hours=12)
"""When a report that does not come is asked for anew."""
BAD_AFTER: Final = 3
"""Failures after which a report that cannot be read is asked for anew."""
BATCH: Final = 500


class ReportFailed(AmazonUnreadable):
    """Amazon could not make the report. It is asked for again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnsFeed:
    """Takes turns of returns feeds."""

    store: Store
    keeping: Keeping
    clock: Callable[[], datetime]

    def take(self, feed: Feed, account: Account, problems: Problems) -> Step:
        """Take a turn. Raises AmazonError, where the feed stays where it is."""
        now = self.clock()
        try:
            if feed.cursor is None:
                return self._ask(feed, account)
            return self._look(feed, feed.cursor, account, problems)
        except NotYet as later:
            return Step(feed=replace(feed, due_at=now + timedelta(seconds=later.seconds)))

    def _ask(self, feed: Feed, account: Account) -> Step:
        now = self.clock()
        # What is later than now was noted by a clock that has been set back since.
        if feed.read_until and feed.cursor_at and feed.cursor_at <= now < feed.cursor_at + EVERY:
            return Step(feed=replace(feed, due_at=feed.cursor_at + EVERY), is_done=True)
        begin = feed.read_until or now - FIRST
        begin = min(begin, now - LONGEST)
        end = min(begin + LONGEST, now)
        number = account.returns.ask(begin, end)
        asked = replace(feed, cursor=number, cursor_at=now, window_from=begin, window_until=end)
        return Step(feed=replace(asked, due_at=now + LOOK_AFTER))

    def _look(self, feed: Feed, number: str, account: Account, problems: Problems) -> Step:
        now = self.clock()
        report = account.returns.look(number, problems)
        asked_at = feed.cursor_at or now
        if report.state in (ReportState.IN_QUEUE, ReportState.IN_PROGRESS):
            if now - asked_at > LOST_AFTER:
                raise ReportFailed
            wait = min(max(now - asked_at, LOOK_AFTER), LOOK_EVERY)
            # Not well yet: where one report after the other fails, failures are to add up.
            return Step(feed=replace(feed, due_at=now + wait))
        if report.state is ReportState.FATAL:
            raise ReportFailed
        taken = 0
        if report.state is ReportState.DONE:
            taken = self._read(report, account, problems)
        read = replace(
            feed,
            read_until=feed.window_until,
            cursor=None,
            window_from=None,
            window_until=None,
        )
        is_done = read.read_until is not None and now - read.read_until < EVERY
        # Windows of long ago are read one right after the other.
        cursor_at = now if is_done else None
        at = now + EVERY if is_done else now
        return Step(feed=well(replace(read, cursor_at=cursor_at), at), taken=taken, is_done=is_done)

    def _read(self, report: Report, account: Account, problems: Problems) -> int:
        """Take a report in batches; each is a transaction, and repeating them changes nothing."""
        if report.document is None:
            raise AmazonUnreadable
        # News of a time that has not come would keep those that do come from counting.
        now = account.calls.amazon_now()
        made_at = min(report.made_at or now, now)
        taken = 0
        for batch in _batches(account.returns.read(report.document, made_at, problems)):
            with self.store.begin() as records:
                self.keeping.returns(records, batch, problems)
            taken += len(batch)
        return taken


def _batches(found: Iterator[Return]) -> Iterator[list[Return]]:
    """Yield what comes, many at once; what came before an error, too."""
    batch: list[Return] = []
    try:
        for each in found:
            batch.append(each)
            if len(batch) == BATCH:
                yield batch
                batch = []
    except AmazonError:
        yield batch
        raise
    yield batch
