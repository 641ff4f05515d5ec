"""How fast a channel takes messages: about one a second, a few at once now and then.

https://docs.slack.dev/apis/web-api/rate-limits/: `chat.postMessage` takes one a second in a
channel, with short bursts. Each worker counts for itself; where several write in one, and where
Slack counts otherwise, its 429 has the last word.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from storage.ids import ChannelId, ReplyId, TeamId

BURST: Final = 5
"""Messages that a channel takes at once after a rest: an answer in several parts."""
SECONDS: Final = 1.0
"""Time between two messages after that."""
MISSED: Final = 600.0
"""Seconds for which a turn is kept for who does not come."""
MOST: Final = 10_000
"""Channels from which on those at rest are forgotten."""


class Pace:
    """Lets messages through by channel, first come first served. Safe to use from many threads.

    Args:
        clock: Returns seconds that never go back.
        seconds: Time between two messages after a burst, 0 for a Slack that takes all at once.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, *, seconds: float = SECONDS
    ) -> None:
        self._clock: Final = clock
        self._seconds: Final = seconds
        # When a channel would take its whole burst again: a token bucket, told by one number.
        self._full_at: Final[dict[tuple[TeamId, ChannelId], float]] = {}
        self._turns: Final[dict[ReplyId, float]] = {}
        self._lock: Final = threading.Lock()

    def wait(self, team: TeamId, channel: ChannelId, reply: ReplyId) -> float:
        """Return 0 where a message may go now, else how many seconds until its turn.

        Its turn is kept for it, so that whoever waits as long as told, goes.
        """
        now = self._clock()
        with self._lock:
            turn = self._turns.pop(reply, None)
            if turn is None:
                turn = self._next(team, channel, now)
            if turn > now:
                self._turns[reply] = turn
            return max(0.0, turn - now)

    def _next(self, team: TeamId, channel: ChannelId, now: float) -> float:
        if len(self._full_at) >= MOST:
            self._forget(now)
        full_at = max(now, self._full_at.get((team, channel), now))
        self._full_at[team, channel] = full_at + self._seconds
        return full_at - (BURST - 1) * self._seconds

    def _forget(self, now: float) -> None:
        """Forget channels at rest, and turns that nobody came for: another worker took them."""
        for place in [place for place, full_at in self._full_at.items() if full_at <= now]:
            del self._full_at[place]
        for reply in [reply for reply, turn in self._turns.items() if turn < now - MISSED]:
            del self._turns[reply]
