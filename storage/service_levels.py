"""How long somebody may wait for Care, in minutes of its support hours. Pure, time is an argument.

Three levels, as help desks have them: the first reply of a person, each next one, and the end. The
first two run while somebody waits for a person of Care; the last one from the moment that a person
is needed, after a resolution from the next such moment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from storage.retention import utc
from storage.tickets import Ticket, TicketState

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FORM: Final = re.compile(
    r"(?P<first>[a-z]{3})(?:-(?P<last>[a-z]{3}))?\s+"
    r"(?P<from>[0-2]\d:[0-5]\d)-(?P<to>[0-2]\d:[0-5]\d)\s+(?P<zone>\S+)",
    re.IGNORECASE,
)
_LONGEST: Final = timedelta(days=366)
"""What waits longer is counted as if it had waited so long."""
SOON: Final = 0.8
"""From this share of a level on, it is about to be missed."""


class Level(StrEnum):
    """What somebody waits for."""

    FIRST_REPLY = "first reply"
    NEXT_REPLY = "next reply"
    RESOLUTION = "resolution"


class NoSupportHours(ValueError):
    """The hours are not of the form `Mon-Fri 09:00-17:00 Europe/Berlin`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportHours:
    """When Care is there.

    Attributes:
        days: Days of the week, 0 for Monday.
        opens: When a day begins, in the zone.
        closes: When it ends, later than it begins.
        zone: The zone of the two.
        holidays: Days of the zone on which nobody is there.
    """

    days: frozenset[int]
    opens: time
    closes: time
    zone: ZoneInfo
    holidays: frozenset[date] = frozenset()

    def spans(self, since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield the hours between two moments, each from its beginning to its end."""
        since, until = utc(since), utc(until)
        day = since.astimezone(self.zone).date() - timedelta(days=1)
        last = until.astimezone(self.zone).date()
        while day <= last:
            if day.weekday() in self.days and day not in self.holidays:
                opens, closes = (
                    datetime.combine(day, at, self.zone).astimezone(UTC)
                    for at in (self.opens, self.closes)
                )
                begin, end = max(opens, since), min(closes, until)
                if begin < end:
                    yield begin, end
            day += timedelta(days=1)

    def minutes(self, since: datetime, until: datetime) -> float:
        """Return the minutes of support between two moments."""
        since = max(utc(since), utc(until) - _LONGEST)
        spans = self.spans(since, until)
        return sum(((end - begin).total_seconds() / 60 for begin, end in spans), 0.0)

    def opening(self, at: datetime) -> datetime | None:
        """Return when the hours began in which a moment lies, None where it lies in none."""
        # A day of the zone can have 25 hours, so its beginning may lie further back than one day.
        for begin, end in self.spans(utc(at) - timedelta(days=2), utc(at) + timedelta(days=1)):
            if begin <= utc(at) < end:
                return begin
        return None


def support_hours(text: str, holidays: Iterable[date] = ()) -> SupportHours:
    """Read `Mon-Fri 09:00-17:00 Europe/Berlin`. Raises NoSupportHours."""
    match = _FORM.fullmatch(text.strip())
    if match is None:
        raise NoSupportHours
    try:
        first = _DAYS.index(match["first"].lower())
        last = first if match["last"] is None else _DAYS.index(match["last"].lower())
        opens, closes = time.fromisoformat(match["from"]), time.fromisoformat(match["to"])
        zone = ZoneInfo(match["zone"])
    except (ValueError, ZoneInfoNotFoundError, OSError):
        raise NoSupportHours from None
    if opens >= closes or first > last:
        raise NoSupportHours
    return SupportHours(
        days=frozenset(range(first, last + 1)),
        opens=opens,
        closes=closes,
        zone=zone,
        holidays=frozenset(holidays),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a ticket stands against a level.

    Attributes:
        level: Which.
        used: Minutes of support that were waited.
        limit: Minutes of support that it allows.
    """

    level: Level
    used: float
    limit: int

    @property
    def share(self) -> float:
        """The share of the level that is used; 1 and more where it is missed."""
        return self.used / self.limit


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLevels:
    """What Care has promised itself.

    Attributes:
        hours: When Care is there.
        limits: Minutes of support, by level.
    """

    hours: SupportHours
    limits: Mapping[Level, int]

    def standing(self, ticket: Ticket, now: datetime) -> Standing | None:
        """Return how a ticket stands against the level that is used most.

        None for a ticket that is over, or that no person is needed for.
        """
        found = [
            Standing(level=level, used=self.hours.minutes(since, now), limit=self.limits[level])
            for level, since in _running(ticket)
        ]
        return max(found, key=lambda each: each.share, default=None)


DEFAULT_LEVELS: Final = ServiceLevels(
    hours=support_hours("Mon-Fri 09:00-17:00 UTC"),
    limits={Level.FIRST_REPLY: 60, Level.NEXT_REPLY: 240, Level.RESOLUTION: 2_400},
)
"""What holds where nobody says otherwise: an hour, half a day, five days of support."""


def _running(ticket: Ticket) -> Iterator[tuple[Level, datetime]]:
    if ticket.state is TicketState.RESOLVED:
        return
    if ticket.waiting_since is not None:
        level = Level.FIRST_REPLY if ticket.first_reply_at is None else Level.NEXT_REPLY
        yield level, ticket.waiting_since
    if ticket.needed_since is not None:
        yield Level.RESOLUTION, ticket.needed_since
