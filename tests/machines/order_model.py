"""What the rules on time make of an order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
KEPT: Final = 30 * DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """News of an order. Deliveries have happened, promises are in time."""

    name: str | None
    delivered: datetime | None
    promised: datetime | None


@dataclass(slots=True, kw_only=True)
class Order:
    """An order.

    Attributes:
        clock: From when its time counts.
        name: The buyer's name, None where it was never told.
        epoch: The epoch that wraps its data key, None where it has none.
        is_swept: Whether it was redacted, in a sweep or on arrival.
    """

    first_told: datetime
    clock: datetime
    name: str | None = None
    delivered: datetime | None = None
    promised: datetime | None = None
    epoch: int | None = None
    is_swept: bool = False

    @classmethod
    def first(cls, told: Told, now: datetime, epoch: int) -> Order:
        """Return an order of which this is the first news."""
        order = cls(first_told=now, clock=now)
        order._take(told, now, epoch)
        order.is_swept = order.is_over(now)
        return order

    def is_over(self, now: datetime) -> bool:
        """Return whether its time is up."""
        return self.is_swept or now >= self.clock + KEPT

    def hear(self, told: Told, now: datetime, epoch: int) -> None:
        """Take news. After its time they bring no name back and move no clock."""
        if self.is_over(now):
            self.delivered = told.delivered or self.delivered
            self.promised = told.promised or self.promised
        else:
            self._take(told, now, epoch)

    def sweep(self, now: datetime) -> None:
        """Take the hourly sweep, which redacts what falls due before the next."""
        if now + HOUR >= self.clock + KEPT:
            self.is_swept, self.epoch = True, None

    def _take(self, told: Told, now: datetime, epoch: int) -> None:
        self.delivered = told.delivered or self.delivered
        self.promised = told.promised or self.promised
        assumed = min(self.promised or self.first_told + KEPT, self.first_told + 180 * DAY)
        self.clock = self.delivered or assumed
        if told.name is not None and not self.is_over(now):
            self.name = told.name
            self.epoch = self.epoch or epoch
