"""The rules on time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.retention import (
    AFTER_PURCHASE,
    AFTER_SHIPPING,
    AHEAD,
    LONGEST_WAIT,
    clock_start,
    due_at,
    is_due,
    utc,
)

DAY = timedelta(days=1)
SEEN = datetime(2026, 1, 1, tzinfo=UTC)
BOUGHT = SEEN - DAY
SHIPPED = SEEN + DAY
PROMISED = SEEN + 6 * DAY
FIRST = SEEN + 4 * DAY
LAST = SEEN + 9 * DAY
LATER = SEEN + 20 * DAY
FAR = datetime(2099, 1, 1, tzinfo=UTC)
BY_SHIPPING = SHIPPED + AFTER_SHIPPING
END = datetime(2100, 1, 3, tzinfo=UTC)

CASES: list[tuple[str, dict[str, object], datetime]] = [
    ("one package", {"deliveries": [FIRST]}, FIRST),
    ("the last of several", {"deliveries": [LAST, FIRST]}, LAST),
    ("the order as a whole", {"delivered_at": FIRST, "promised_at": PROMISED}, FIRST),
    ("delivered before the promise", {"deliveries": [FIRST], "promised_at": PROMISED}, FIRST),
    ("a part, the rest promised", {"deliveries": [FIRST, None], "promised_at": PROMISED}, PROMISED),
    ("a part after the promise", {"deliveries": [LAST, None], "promised_at": PROMISED}, LAST),
    ("cancelled", {"cancelled_at": FIRST, "promised_at": PROMISED}, FIRST),
    ("cancelled, nothing arrived", {"deliveries": [None], "cancelled_at": FIRST}, FIRST),
    ("the rest cancelled", {"deliveries": [FIRST, None], "cancelled_at": LAST}, LAST),
    ("delivered, cancelled later", {"deliveries": [FIRST], "cancelled_at": LAST}, FIRST),
    ("promised", {"promised_at": PROMISED, "shipped_at": SHIPPED}, PROMISED),
    ("shipped", {"shipped_at": SHIPPED, "purchased_at": BOUGHT}, SHIPPED + AFTER_SHIPPING),
    ("bought", {"purchased_at": BOUGHT}, BOUGHT + AFTER_PURCHASE),
    ("only heard of", {}, SEEN + AFTER_PURCHASE),
    ("a delivery that is yet to come", {"deliveries": [FAR], "promised_at": PROMISED}, PROMISED),
    ("one told of the order", {"delivered_at": FAR, "promised_at": PROMISED}, PROMISED),
    ("one of a part", {"deliveries": [FIRST, FAR], "promised_at": PROMISED}, PROMISED),
    ("a part, the other's promise past", {"deliveries": [LAST, FAR]}, SEEN + AFTER_PURCHASE),
    (
        "a cancellation that is yet to come",
        {"cancelled_at": FAR, "shipped_at": SHIPPED},
        BY_SHIPPING,
    ),
    ("a carrier's clock that is ahead", {"deliveries": [LATER + AHEAD]}, LATER + AHEAD),
    ("a promise that no one makes", {"promised_at": FAR}, SEEN + LONGEST_WAIT),
    ("a shipping of another century", {"shipped_at": FAR}, SEEN + LONGEST_WAIT),
    ("a purchase of another century", {"purchased_at": FAR}, SEEN + LONGEST_WAIT),
]


@pytest.mark.parametrize(("facts", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_the_clock_runs_from(facts: dict[str, object], expected: datetime) -> None:
    """The clock runs from the moment that the rules name."""
    assert clock_start(now=LATER, first_seen_at=SEEN, **facts) == expected  # type: ignore[arg-type]


def test_the_boundary_is_exact() -> None:
    """It is due at the very second, and not a microsecond before."""
    moment = due_at(FIRST, 30)
    assert moment == FIRST + 30 * DAY
    assert is_due(FIRST, 30, moment)
    assert not is_due(FIRST, 30, moment - timedelta(microseconds=1))


def test_a_horizon_looks_ahead() -> None:
    """A sweep takes what falls due before the next one, and no more."""
    now = due_at(FIRST, 30) - timedelta(hours=24)
    assert is_due(FIRST, 30, now, timedelta(hours=24))
    assert not is_due(FIRST, 30, now, timedelta(hours=23))


def test_thirty_days_are_720_hours() -> None:
    """Across a change to daylight saving time the time is up an hour later by the wall clock."""
    new_york = ZoneInfo("America/New_York")
    due = due_at(datetime(2026, 2, 20, 17, 5, tzinfo=new_york), 30)
    assert due.astimezone(new_york).replace(tzinfo=None) == datetime(2026, 3, 22, 18, 5)  # noqa: DTZ001


def test_the_hour_that_comes_twice_is_told_apart() -> None:
    """Of the two times 1:30 of an autumn night the later is due an hour later."""
    new_york = ZoneInfo("America/New_York")
    first = datetime(2026, 11, 1, 1, 30, tzinfo=new_york)
    assert due_at(first.replace(fold=1), 30) - due_at(first, 30) == timedelta(hours=1)


zones = st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours)))
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=zones)  # noqa: DTZ001


@given(moments, st.lists(moments, min_size=1), st.integers(0, 400))
def test_zones_and_order_do_not_matter(
    seen: datetime, deliveries: list[datetime], days: int
) -> None:
    """The clock is the same moment however packages are ordered and zones are written."""
    start = clock_start(now=END, first_seen_at=seen, deliveries=deliveries)
    turned = clock_start(
        now=END,
        first_seen_at=utc(seen),
        deliveries=[utc(moment) for moment in reversed(deliveries)],
    )
    assert start == turned == max(deliveries)
    assert start.tzinfo is UTC
    assert is_due(start, days, due_at(start, days))


@given(st.lists(st.none() | moments), moments, moments)
def test_a_later_delivery_never_turns_the_clock_back(
    deliveries: list[datetime | None], promised: datetime, later: datetime
) -> None:
    """News of another delivery of a part leaves the clock or moves it on."""
    before = clock_start(
        now=END, first_seen_at=SEEN, deliveries=[*deliveries, None], promised_at=promised
    )
    after = clock_start(
        now=END, first_seen_at=SEEN, deliveries=[*deliveries, later, None], promised_at=promised
    )
    assert after >= before


@pytest.mark.parametrize(
    "name", ["first_seen_at", "delivered_at", "cancelled_at", "promised_at", "shipped_at"]
)
def test_a_naive_time_is_refused(name: str) -> None:
    """A datetime without a zone is a mistake of the caller."""
    facts = {"first_seen_at": SEEN, name: datetime(2026, 1, 1)}  # noqa: DTZ001
    with pytest.raises(ValueError, match="time zone"):
        clock_start(now=LATER, **facts)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="time zone"):
        is_due(SEEN, 30, datetime(2026, 1, 1))  # noqa: DTZ001


@given(
    deliveries=st.lists(st.none() | moments, max_size=3),
    delivered=st.none() | moments,
    cancelled=st.none() | moments,
    promised=st.none() | moments,
    shipped=st.none() | moments,
    now=moments,
)
def test_nothing_is_kept_for_ever(
    deliveries: list[datetime | None],
    delivered: datetime | None,
    cancelled: datetime | None,
    promised: datetime | None,
    shipped: datetime | None,
    now: datetime,
) -> None:
    """Whatever is told, the clock starts at the latest now, or a bounded time after the first."""
    start = clock_start(
        now=now,
        first_seen_at=SEEN,
        deliveries=deliveries,
        delivered_at=delivered,
        cancelled_at=cancelled,
        promised_at=promised,
        shipped_at=shipped,
    )
    assert start <= max(utc(now) + AHEAD, SEEN + LONGEST_WAIT)
