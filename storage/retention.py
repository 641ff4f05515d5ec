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


def utc(moment: datetime) -> datetime:
    """Return the moment in UTC. Raises ValueError for a naive datetime."""
    if moment.utcoffset() is None:
        raise ValueError("A datetime needs its time zone.")
    return moment.astimezone(UTC)


def clock_start(
    *,
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
       after shipping; else 30 days after the purchase, or after we first heard of the order.
       A part delivered later than that moves the clock.

    `deliveries` has one for each package, None for one that is not delivered; `delivered_at` is
    the last delivery reported of the order. `promised_at` is the latest promised delivery.

    Raises:
        ValueError: A datetime is naive.
    """
    known = [utc(moment) for moment in (*deliveries, delivered_at) if moment is not None]
    if known and None not in deliveries:
        return max(known)
    if cancelled_at is not None:
        return max(*known, utc(cancelled_at)) if known else utc(cancelled_at)
    if promised_at is not None:
        assumed = utc(promised_at)
    elif shipped_at is not None:
        assumed = utc(shipped_at) + AFTER_SHIPPING
    else:
        assumed = utc(purchased_at or first_seen_at) + AFTER_PURCHASE
    return max(*known, assumed) if known else assumed


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
