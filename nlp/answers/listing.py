"""Does a merchant ask for a list of orders or returns, of which, and from when? Pure patterns.

Takes text as `nlp.answers.wording.plain` gives it. Repetitions are bounded, so a search stays
linear.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class Which(StrEnum):
    """Which orders or returns are asked for."""

    LATE = "late"
    UNSHIPPED = "not shipped"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    RETURNED = "returned"
    OPEN_RETURNS = "open returns"

    @property
    def is_of_returns(self) -> bool:
        """Whether it is about returns."""
        return self in (Which.RETURNED, Which.OPEN_RETURNS)


class Period(StrEnum):
    """From when. Weeks begin on Monday; days are those of UTC."""

    TODAY = "today"
    YESTERDAY = "yesterday"
    THIS_WEEK = "this week"
    LAST_WEEK = "last week"
    THIS_MONTH = "this month"
    LAST_30_DAYS = "the last 30 days"
    LAST_7_DAYS = "the last 7 days"
    ANY = "any time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A list that is asked for."""

    which: Which
    period: Period


_ORDERS: Final = r"(?:orders|packages|parcels|shipments|deliveries)"
_MINE: Final = (
    r"(?:(?:my|our|all|any|the|of|amazon|fbm|open|current|recent|these|which|what|show|list|me|us)"
    r" ){0,6}"
)
_BE: Final = r"(?:(?:are|were|is|have|has|got|been|be|get|still|already|running|yet|that) ){0,4}"
_LATE: Final = r"(?:late|overdue|delayed|past due|behind(?: schedule)?|running late)"
_NOT: Final = (
    r"(?:not|havent|hasnt|have not|has not|never|didnt|arent|are not|werent|still need to"
    r"|still have to|waiting to|need to|to be)"
)
_SHIP: Final = r"(?:ship(?:ped)?|sent(?: out)?|gone out|go out|left|dispatched)"

_WHEN: Final = r"(?:today|yesterday|this|last|past)"
_ASK: Final = rf"\b(?:which|what|any|how many|list|show)(?: me| us)? {_MINE}{_ORDERS} {_BE}"

_PATTERNS: Final = (
    (Which.OPEN_RETURNS, rf"\b(?:open|pending|outstanding|unprocessed) {_MINE}returns\b"),
    (Which.OPEN_RETURNS, rf"\breturns {_BE}(?:open|pending|outstanding|not received|on the way)\b"),
    (Which.RETURNED, rf"\b(?:show|list|see|get|give)(?: me| us)? {_MINE}returns\b"),
    (Which.RETURNED, r"\b(?:which|what|any|how many|my|our) (?:of (?:my|our) )?returns\b"),
    (
        Which.RETURNED,
        r"\breturns (?:from |of |for |in )?(?:the )?(?:today|yesterday|this|last|past)\b",
    ),
    (Which.RETURNED, r"\bwhat (?:was|got|came|has been|have been) (?:returned|sent back|back)\b"),
    (Which.LATE, rf"\b{_LATE} {_ORDERS}\b"),
    (Which.LATE, rf"{_ASK}{_LATE}\b"),
    (Which.LATE, rf"\b{_ORDERS} (?:that|which) {_BE}{_LATE}\b"),
    (Which.UNSHIPPED, rf"\b(?:unshipped|unfulfilled|not (?:yet )?shipped|unsent) {_ORDERS}\b"),
    (Which.UNSHIPPED, rf"\b{_MINE}{_ORDERS} {_BE}{_NOT} (?:been |yet |be )?{_SHIP}\b"),
    (Which.UNSHIPPED, rf"\bwhat {_NOT} (?:been |yet )?{_SHIP}\b"),
    (Which.CANCELLED, rf"\bcancell?ed {_ORDERS}\b"),
    (Which.CANCELLED, rf"{_ASK}cancell?ed\b"),
    (Which.DELIVERED, rf"\bdelivered {_ORDERS}\b"),
    (Which.DELIVERED, rf"{_ASK}(?:delivered|arrived?)\b"),
    (Which.DELIVERED, r"\bwhat (?:was|got|has been|were) delivered\b"),
    (Which.SHIPPED, rf"\bshipped {_ORDERS}\b"),
    (Which.SHIPPED, rf"{_ASK}{_SHIP}\b"),
    (Which.SHIPPED, rf"\b{_MINE}{_ORDERS} {_BE}{_SHIP} (?:today|yesterday|this|last|in the)\b"),
    (Which.DELIVERED, rf"\b{_MINE}{_ORDERS} {_BE}delivered (?:today|yesterday|this|last|in the)\b"),
    (Which.SHIPPED, rf"\bwhat (?:was|got|has|did (?:we|you)|has been|were) (?:been )?{_SHIP}\b"),
)
_COMPILED: Final = tuple((which, re.compile(pattern)) for which, pattern in _PATTERNS)
_ASKS_WHY: Final = re.compile(
    r"\b(?:why|what (?:happens|if|to do|should|do (?:i|we))|can (?:i|we)|could (?:i|we)"
    r"|how (?:do|does|can|could|should|to|long|come)|should (?:i|we)|do you|will you|policy|rule"
    r"|refunds? for|who pays|when an?|in case|avoid|prevent|handle|charge[ds]?|cost)\b"
)
_PERIODS: Final = (
    (Period.TODAY, re.compile(r"\btoday\b")),
    (Period.YESTERDAY, re.compile(r"\byesterday\b")),
    (Period.THIS_WEEK, re.compile(r"\bthis week\b")),
    (Period.LAST_WEEK, re.compile(r"\b(?:last|previous) week\b")),
    (Period.THIS_MONTH, re.compile(r"\bthis month\b")),
    (Period.LAST_7_DAYS, re.compile(r"\b(?:last|past) (?:7|seven|few) days\b")),
    (Period.LAST_30_DAYS, re.compile(r"\b(?:last|past) (?:(?:30|thirty) days|month)\b")),
)
_DEFAULTS: Final = {
    Which.LATE: Period.ANY,
    Which.UNSHIPPED: Period.ANY,
    Which.OPEN_RETURNS: Period.ANY,
    Which.RETURNED: Period.LAST_30_DAYS,
    Which.CANCELLED: Period.LAST_30_DAYS,
    Which.SHIPPED: Period.LAST_7_DAYS,
    Which.DELIVERED: Period.LAST_7_DAYS,
}
_WORDS: Final = 25
"""Who asks for a list says so in a sentence."""


def wish(said: str) -> Wish | None:
    """Return the list that is asked for, None where none is."""
    if len(said.split()) > _WORDS or _ASKS_WHY.search(said):
        return None
    which = next((which for which, pattern in _COMPILED if pattern.search(said)), None)
    if which is None:
        return None
    period = next((period for period, words in _PERIODS if words.search(said)), _DEFAULTS[which])
    return Wish(which=which, period=period)


def bounds(period: Period, now: datetime) -> tuple[datetime | None, datetime]:
    """Return when a period begins, None for no beginning, and when it ends."""
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    week = day - timedelta(days=day.weekday())
    return {
        Period.TODAY: (day, now),
        Period.YESTERDAY: (day - timedelta(days=1), day),
        Period.THIS_WEEK: (week, now),
        Period.LAST_WEEK: (week - timedelta(days=7), week),
        Period.THIS_MONTH: (day.replace(day=1), now),
        Period.LAST_7_DAYS: (now - timedelta(days=7), now),
        Period.LAST_30_DAYS: (now - timedelta(days=30), now),
        Period.ANY: (None, now),
    }[period]
