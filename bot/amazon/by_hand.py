"""Reading sellers from the command line: turn after turn until all that there is has been read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bot.amazon.sync import Sync, Turn
from bot.amazon.troubles import Trouble
from storage.feeds import Feed
from storage.ids import MerchantId

MOST_FAILURES: Final = 6
"""Passing failures in a row after which a feed is left for another time."""
_PASSING: Final = frozenset({Trouble.BUSY, Trouble.UNREADABLE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Nobody can go on for a while."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHand:
    """Takes the turns of feeds in this very thread.

    Where workers run, too, each turn is taken by one of the two.

    Attributes:
        sync: What reads, with nothing enqueued.
        sleep: Waits for so many seconds.
    """

    sync: Sync
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]

    def run(self, merchants: Collection[MerchantId] = ()) -> Iterator[Turn | Waiting]:
        """Read the merchants, or all. Yields each turn, and each time that all have to wait.

        A feed ends when all that there is has been read, or with a turn whose error somebody has
        to mend, or after six failures in a row that would pass by.
        """
        # Whoever asks by hand wants it now: a feed that would rest looks at once whether there is
        # anything, and one whose limit allows no call says so again.
        left = {
            feed.feed_id: replace(feed, due_at=self.clock())
            for feed in self.sync.feeds()
            if not merchants or feed.merchant_id in merchants
        }
        while left:
            feed = min(left.values(), key=lambda each: each.due_at)
            seconds = (feed.due_at - self.clock()).total_seconds()
            if seconds > 0:
                yield Waiting(seconds=seconds)
                self.sleep(seconds)
            turn = self.sync.turn(feed.feed_id, feed.turn)
            if turn is None:
                # A worker took it, or the feed is paused.
                self._look_again(left, feed)
                continue
            left[feed.feed_id] = turn.feed
            if turn.is_done or self._is_given_up(turn):
                del left[feed.feed_id]
            yield turn

    def _look_again(self, left: dict[int, Feed], feed: Feed) -> None:
        known = {each.feed_id: each for each in self.sync.feeds()}
        now = known.get(feed.feed_id)
        if now is None or now.paused_at is not None or now.turn == feed.turn:
            del left[feed.feed_id]
        else:
            left[feed.feed_id] = now

    def _is_given_up(self, turn: Turn) -> bool:
        if turn.error is None or turn.feed.problem is None:
            return False
        is_passing = Trouble(turn.feed.problem) in _PASSING
        return not is_passing or turn.feed.failures >= MOST_FAILURES
