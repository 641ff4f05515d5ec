"""Reading the little that is read of a help desk's payload: ids, states, times."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from bot.errors import PayloadRefused
from storage.errors import MalformedId
from storage.external import ExternalTicket, HelpDesk, external_ticket
from storage.ids import EventId

_EVENT: Final = re.compile(r"[A-Za-z0-9._:-]{1,128}")


def parsed(body: bytes) -> object:
    """Parse JSON. Raises PayloadRefused, with nothing of it."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise PayloadRefused from None


def parsed_object(body: bytes) -> Mapping[str, object]:
    """Parse a JSON object. Raises PayloadRefused."""
    content = parsed(body)
    if not isinstance(content, dict):
        raise PayloadRefused
    return content


def word(node: Mapping[str, object], key: str) -> str:
    """Return a text or a whole number as text; empty for anything else."""
    value = node.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        # Python refuses to write out a number of thousands of digits; no id has that many.
        return str(value) if value.bit_length() <= 128 else ""
    return value if isinstance(value, str) else ""


def event_id(value: str) -> EventId:
    """Read an id of a delivery. Raises PayloadRefused."""
    if not _EVENT.fullmatch(value):
        raise PayloadRefused
    return EventId(value)


def external(desk: HelpDesk, number: str) -> ExternalTicket:
    """Read a help desk's own id of a ticket. Raises PayloadRefused."""
    try:
        return external_ticket(desk, number)
    except MalformedId:
        raise PayloadRefused from None


def seconds(node: Mapping[str, object], key: str, *, scale: int = 1) -> datetime:
    """Read a time in seconds since 1970, or in fractions of them. Raises PayloadRefused.

    Args:
        node: What holds it.
        key: Where.
        scale: How many make a second: 1000 for milliseconds.
    """
    value = node.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PayloadRefused
    try:
        return datetime.fromtimestamp(value / scale, UTC)
    except (ValueError, OverflowError, OSError):
        raise PayloadRefused from None


def iso(node: Mapping[str, object], key: str) -> datetime | None:
    """Read a time as ISO 8601, in UTC where it has no offset; None where there is none."""
    value = node.get(key)
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    if moment is None:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def derived(ticket: ExternalTicket, state: str, at: datetime) -> EventId:
    """Make the key of idempotency where the help desk gives news no id of its own."""
    return event_id(f"{ticket.number}:{state}:{at:%Y%m%dT%H%M%S}")
