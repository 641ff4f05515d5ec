"""When is an order's PII due for redaction. Pure rules, time is an argument.

The 30 days after delivery are Amazon's Data Protection Policy for FBM sellers' service
providers; the rules below say from which moment they run.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

AFTER_SHIPPING: Final = timedelta(days=14)
"""When a shipment without a promise is taken as delivered."""
AFTER_PURCHASE: Final = timedelta(days=30)
"""When an order that we only know to be bought is taken as delivered."""
AHEAD: Final = timedelta(days=1)
"""How far ahead of our clock a reported delivery or cancellation is believed. A carrier's local
time that was taken for UTC is up to 14 hours ahead; what is later than that has not happened."""
LONGEST_WAIT: Final = timedelta(days=180)
"""How long after we first heard of an order a delivery that nobody reported may be assumed.

Amazon lets a seller promise 30 days of handling and about eight weeks on the way, so no honest
promise is cut short; a slip of the pen such as 2099 keeps PII for seven months, not for ever."""


def utc(moment: datetime) -> datetime:
    """Return the moment in UTC. Raises ValueError for a naive datetime."""
    if moment.utcoffset() is None:
        raise ValueError("A datetime needs its time zone.")
    return moment.astimezone(UTC)


def clock_start(
    *,
    now: datetime,
    first_seen_at: datetime,
    deliveries: Sequence[datetime | None] = (),
    delivered_at: datetime | None = None,
    cancelled_at: datetime | None = None,
    promised_at: datetime | None = None,
    shipped_at: datetime | None = None,
    purchased_at: datetime | None = None,
) -> datetime:
    """Return the moment from which an order's retention runs, in UTC.

    1. Every package delivered: the last delivery.
    2. Cancelled before that: the cancellation, or a later delivery of a part.
    3. Never (wholly) reported delivered: the latest promised delivery; without one, 14 days
       after shipping; else 30 days after the purchase, or after we first heard of the order;
       never later than `LONGEST_WAIT` after that. A part delivered later than that moves the
       clock.

    A delivery or a cancellation that is said to lie in the future (of `now`, by more than
    `AHEAD`) has not happened: the clock runs as if nobody had told of it.

    `deliveries` has one for each package, None for one that is not delivered; `delivered_at` is
    the last delivery reported of the order. `promised_at` is the latest promised delivery.

    Raises:
        ValueError: A datetime is naive.
    """
    packages = [_happened(moment, now) for moment in deliveries]
    told = [*packages, _happened(delivered_at, now)]
    known = [moment for moment in told if moment is not None]
    cancelled = _happened(cancelled_at, now)
    if known and None not in packages:
        return max(known)
    if cancelled is not None:
        return max([*known, cancelled])
    if promised_at is not None:
        assumed = utc(promised_at)
    elif shipped_at is not None:
        assumed = utc(shipped_at) + AFTER_SHIPPING
    else:
        assumed = utc(purchased_at or first_seen_at) + AFTER_PURCHASE
    return max([*known, min(assumed, utc(first_seen_at) + LONGEST_WAIT)])


def due_at(start: datetime, days: int) -> datetime:
    """Return when PII whose clock started at `start` must be gone. Raises ValueError if naive."""
    return utc(start) + timedelta(days=days)


def newest_due(days: int, now: datetime, horizon: timedelta = timedelta(0)) -> datetime:
    """Return the newest start of a clock that is due. Raises ValueError if naive.

    PII is kept for `days` from the start of the clock. The horizon is how far ahead of `now` a
    sweep looks, so that nothing falls due unswept before the next one.
    """
    return utc(now) + horizon - timedelta(days=days)


def is_due(start: datetime, days: int, now: datetime, horizon: timedelta = timedelta(0)) -> bool:
    """Return whether the time is up: from the very second on, not one before."""
    return utc(start) <= newest_due(days, now, horizon)


def _happened(moment: datetime | None, now: datetime) -> datetime | None:
    """Return a reported moment in UTC, None for one that has not come yet."""
    if moment is None or utc(moment) > utc(now) + AHEAD:
        return None
    return utc(moment)
