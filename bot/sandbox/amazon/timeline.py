"""A seller's orders in the order in which they were updated, at any moment.

Every event of every life lies in one sorted list. An order's last update at a moment is that
of its events after which none follows until then, so that the list need not change as the clock
moves, and a page costs as much as the events that it passes over.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Final

from bot.sandbox.amazon.lives import Life

Place = tuple[int, str]
"""Where a page ends: the moment in seconds, and the order's id where moments are equal."""
_NEVER: Final = 1 << 62


class Timeline:
    """Generated lives by time. Whoever holds it guards it."""

    def __init__(self) -> None:
        self._events: list[tuple[int, str, int, Life]] = []
        self._purchases: list[tuple[int, str, Life]] = []
        self._by_id: dict[str, Life] = {}

    def add(self, lives: Iterable[Life]) -> None:
        """Take in lives, which were not there before."""
        for life in lives:
            self._by_id[life.order_id] = life
            self._purchases.append((life.purchased, life.order_id, life))
            steps = life.steps
            last = len(steps) - 1
            for number, step in enumerate(steps):
                follows = steps[number + 1].at if number < last else _NEVER
                self._events.append((step.at, life.order_id, follows, life))
        # A moment and an id are never twice in a list, so that nothing behind them is compared.
        self._events.sort()
        self._purchases.sort()

    def get(self, order_id: str) -> Life | None:
        """Return a life that may begin later than now."""
        return self._by_id.get(order_id)

    def updated(self, after: Place, until: int, now: int) -> Iterator[tuple[Place, Life]]:
        """Yield lives whose last update by now lies past a place and at or before `until`."""
        events = self._events
        for number in range(bisect_left(events, after, key=_key), len(events)):
            at, order_id, follows, life = events[number]
            if at > until:
                return
            if follows > now and (at, order_id) > after:
                yield (at, order_id), life

    def created(self, after: Place, until: int) -> Iterator[tuple[Place, Life]]:
        """Yield lives whose purchase lies past a place and at or before `until`."""
        purchases = self._purchases
        for number in range(bisect_left(purchases, after, key=_key), len(purchases)):
            at, order_id, life = purchases[number]
            if at > until:
                return
            if (at, order_id) > after:
                yield (at, order_id), life


def _key(entry: tuple[int, str, int, Life] | tuple[int, str, Life]) -> Place:
    return entry[0], entry[1]
