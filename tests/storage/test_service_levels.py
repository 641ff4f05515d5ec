"""Service levels: minutes of support, what runs for a ticket, what is malformed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.ids import ChannelId, SlackTs, TeamId, TicketId, UserId
from storage.service_levels import (
    DEFAULT_LEVELS,
    Level,
    NoSupportHours,
    ServiceLevels,
    support_hours,
)
from storage.tickets import Ticket, TicketState

CHICAGO = support_hours("Mon-Fri 08:00-18:00 America/Chicago")
MOMENTS = st.integers(0, 740_000).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


def at(text: str) -> datetime:
    """Return a moment of UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("since", "until", "minutes"),
    [
        ("2026-11-20T14:00", "2026-11-20T15:30", 90),  # a Friday morning, from 8:00
        ("2026-11-20T23:30", "2026-11-23T14:30", 60),  # over the weekend
        ("2026-11-21T10:00", "2026-11-22T20:00", 0),  # the weekend alone
        ("2026-11-20T15:00", "2026-11-20T14:00", 0),  # nothing before it begins
        ("2026-03-06T14:00", "2026-03-09T13:30", 630),  # the clocks go forward in between
        ("2026-10-30T13:00", "2026-11-02T14:30", 630),  # and back
    ],
)
def test_minutes_are_those_of_the_support_hours(since: str, until: str, minutes: float) -> None:
    """Nights, weekends and changes of the clock count as they are in the zone."""
    assert CHICAGO.minutes(at(since), at(until)) == minutes


def test_holidays_do_not_count() -> None:
    """A day of the zone on which nobody is there has no minutes and no opening."""
    thanksgiving = date(2026, 11, 26)  # a Thursday
    hours = support_hours("Mon-Fri 08:00-18:00 America/Chicago", [thanksgiving])

    assert hours.minutes(at("2026-11-26T00:00"), at("2026-11-27T15:00")) == 60
    assert hours.opening(at("2026-11-26T20:00")) is None
    assert hours.opening(at("2026-11-27T20:00")) == at("2026-11-27T14:00")


@given(MOMENTS, MOMENTS, MOMENTS)
def test_minutes_add_up(first: datetime, second: datetime, third: datetime) -> None:
    """What lies between is the sum of its parts, up to the year that is counted at most."""
    a, b, c = sorted((first, second, third))
    if c - a <= timedelta(days=366):
        parts = CHICAGO.minutes(a, b) + CHICAGO.minutes(b, c)
        assert CHICAGO.minutes(a, c) == pytest.approx(parts)


def test_the_opening_is_that_of_the_day() -> None:
    """Within the hours it is when they began; outside of them there is none."""
    assert CHICAGO.opening(at("2026-11-20T20:00")) == at("2026-11-20T14:00")
    assert CHICAGO.opening(at("2026-11-20T13:59")) is None
    assert CHICAGO.opening(at("2026-11-21T20:00")) is None


def test_a_day_of_25_hours_opens_once() -> None:
    """On the day on which the clocks go back, all hours belong to one opening."""
    always = support_hours("Mon-Sun 00:00-23:59 America/Chicago")
    began = at("2026-11-01T05:00")
    found = {always.opening(began + timedelta(hours=hours)) for hours in range(25)}
    assert found == {began}


@pytest.mark.parametrize(
    "text",
    ["", "always", "Mon-Fri 09:00-17:00", "Mon-Fri 17:00-09:00 UTC", "Fri-Mon 09:00-17:00 UTC",
     "Mon-Fri 09:00-17:00 Mars/Olympus", "Mon-Fri 29:00-31:00 UTC", "Mon-Fri 9-17 UTC",
     "Mon-Fri 09:00-17:00 ../../etc/passwd", "Mon-Xyz 09:00-17:00 UTC"],
)  # fmt: skip
def test_hours_of_another_form_are_refused(text: str) -> None:
    """What is no weekdays, hours and zone is refused."""
    with pytest.raises(NoSupportHours):
        support_hours(text)


def ticket(**parts: object) -> Ticket:
    """Return a ticket that waits for Care since Friday 15:00, UTC, with parts replaced."""
    opened = at("2026-11-20T15:00")
    fields: dict[str, object] = {
        "ticket_id": TicketId(1),
        "team": TeamId("T1"),
        "channel": ChannelId("C1"),
        "thread_ts": SlackTs("1.0"),
        "merchant": None,
        "user": UserId("U1"),
        "state": TicketState.WAITING_ON_CARE,
        "opened_at": opened,
        "changed_at": opened,
        "resolved_at": None,
        "needed_since": opened,
        "waiting_since": opened,
    }
    return Ticket(**{**fields, **parts})  # type: ignore[arg-type]


LEVELS = ServiceLevels(hours=CHICAGO, limits=DEFAULT_LEVELS.limits)


@pytest.mark.parametrize(
    ("parts", "level", "used"),
    [
        ({}, Level.FIRST_REPLY, 30),
        ({"first_reply_at": at("2026-11-20T15:10")}, Level.NEXT_REPLY, 30),
        ({"waiting_since": None}, Level.RESOLUTION, 30),
    ],
)
def test_the_level_that_is_used_most_counts(
    parts: dict[str, object], level: Level, used: float
) -> None:
    """Who waits for a person's first word, for the next one, or for the end."""
    found = LEVELS.standing(ticket(**parts), at("2026-11-20T15:30"))

    assert found is not None
    assert (found.level, found.used) == (level, used)


def test_the_end_counts_from_when_a_person_was_needed() -> None:
    """Not from the opening: the bot may have talked for days before."""
    opened = at("2026-11-06T15:00")

    found = LEVELS.standing(ticket(opened_at=opened), at("2026-11-20T15:30"))

    assert found is not None
    assert found.level is Level.FIRST_REPLY


def test_an_old_ticket_waits_for_its_end() -> None:
    """Where the end is nearer than the next word, it is what counts."""
    waiting = ticket(first_reply_at=at("2026-11-20T15:10"), waiting_since=at("2026-12-04T15:00"))

    found = LEVELS.standing(waiting, at("2026-12-04T15:10"))

    assert found is not None
    assert found.level is Level.RESOLUTION
    assert found.share > 1


@pytest.mark.parametrize(
    "parts",
    [
        {"state": TicketState.RESOLVED, "resolved_at": at("2026-11-20T16:00")},
        {"state": TicketState.ANSWERED, "needed_since": None, "waiting_since": None},
    ],
)
def test_nothing_runs_where_no_person_is_needed(parts: dict[str, object]) -> None:
    """A resolved ticket, and one that the bot answers alone, are late for nothing."""
    assert LEVELS.standing(ticket(**parts), at("2026-12-20T15:30")) is None
