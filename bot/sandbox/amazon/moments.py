"""Times as Amazon writes them: whole seconds, UTC, ISO 8601.

Inside the sandbox a time is a whole number of seconds since 1970, which sorts and compares fast.
https://developer-docs.amazon.com/sp-api/docs/iso-8601
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

MINUTE: Final = 60
HOUR: Final = 3600
DAY: Final = 86_400


def seconds(moment: datetime) -> int:
    """Return whole seconds since 1970, what is beyond them cut off."""
    return int(moment.timestamp())


def moment(at: int) -> datetime:
    """Return seconds since 1970 as an aware datetime in UTC."""
    return datetime.fromtimestamp(at, UTC)


def written(moment: datetime) -> str:
    """Return `2026-10-05T12:00:00Z`."""
    here = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return f"{here.isoformat()[:19]}Z"


def read(text: str) -> datetime | None:
    """Return the time that a parameter names, None where it is not ISO 8601.

    A time without an offset is UTC, and a date is its first moment.
    """
    if " " in text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
