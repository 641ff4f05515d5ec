"""Typed access to a JSON object of Amazon's. What is missing is None; what is wrong is noted.

Everything that may hold a buyer's words or address becomes `RawText` here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Final, final

from bot.amazon.problems import Problem
from nlp.text import RawText

Note = Callable[[Problem], None]

_YEARS: Final = range(1996, 2100)
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
_CENTS: Final = Decimal("0.0001")
_TEXT: Final = 500
_RAW: Final = 2_000


def is_amount(amount: Decimal) -> bool:
    """Return whether it is money that somebody may have paid."""
    return amount.is_finite() and 0 <= amount < 10**10


def rounded(amount: Decimal) -> Decimal:
    """Return an amount of money with four places at most, as 40 digits are all that is kept."""
    places = amount.as_tuple().exponent
    is_long = not isinstance(places, int) or not -4 <= places <= 0
    return amount.quantize(_CENTS) if is_long else amount


@final
class Node:
    """A JSON object, read by keys in the spelling of Amazon's model."""

    def __init__(self, fields: Mapping[str, object], note: Note) -> None:
        self._fields: Final = fields
        self._note: Final = note

    def node(self, *path: str) -> Node:
        """Return an object within, an empty one where there is none."""
        found: object = self._fields
        for key in path:
            found = found.get(key) if isinstance(found, Mapping) else None
        return Node(found if isinstance(found, Mapping) else {}, self._note)

    def nodes(self, key: str) -> Iterator[Node]:
        """Yield the objects of a list; what is none of them is left out."""
        found = self._fields.get(key)
        for each in found if isinstance(found, list) else ():
            if isinstance(each, Mapping):
                yield Node(each, self._note)

    def has(self, key: str) -> bool:
        """Return whether there is anything at a key."""
        return self._fields.get(key) is not None

    def words(self, key: str) -> frozenset[str]:
        """Return the texts of a list."""
        found = self._fields.get(key)
        return frozenset(
            each for each in (found if isinstance(found, list) else ()) if isinstance(each, str)
        )

    def flag(self, key: str) -> bool | None:
        """Return true or false, None for neither."""
        found = self._fields.get(key)
        return found if isinstance(found, bool) else None

    def text(self, key: str, longest: int = _TEXT) -> str | None:
        """Return a text that is no person's, None for an empty or too long one."""
        found = self._fields.get(key)
        # What a database cannot hold is replaced here, so that what is equal there is equal here.
        text = _UNSTORABLE.sub("�", found).strip() if isinstance(found, str) else ""
        if len(text) > longest:
            self._note(Problem.TOO_LONG)
            return None
        return text or None

    def raw(self, key: str) -> RawText | None:
        """Return a text that is a person's, None for an empty or too long one."""
        text = self.text(key, _RAW)
        return None if text is None else RawText(text)

    def raw_lines(self, *keys: str) -> RawText | None:
        """Return several texts of a person as one, with commas between."""
        parts = [text for key in keys if (text := self.text(key, _RAW))]
        return RawText(", ".join(parts)) if parts else None

    def raw_name(self, key: str) -> tuple[RawText | None, RawText | None]:
        """Return a full name as first and last name: the last word, and what stands before it."""
        first, _, last = (self.text(key, _RAW) or "").rpartition(" ")
        return RawText(first) if first else None, RawText(last) if last else None

    def moment(self, key: str) -> datetime | None:
        """Return a time in ISO 8601, in UTC where it names no zone."""
        found = self._fields.get(key)
        if found in (None, ""):
            return None
        try:
            moment = datetime.fromisoformat(found) if isinstance(found, str) else None
        except ValueError:
            moment = None
        if moment is None or moment.year not in _YEARS:
            self._note(Problem.BAD_TIME)
            return None
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)

    def money(self, key: str) -> Decimal | None:
        """Return an amount of money, which Amazon gives as text."""
        found = self._fields.get(key)
        if found in (None, ""):
            return None
        try:
            amount = Decimal(str(found)) if isinstance(found, str | int | float) else Decimal("NaN")
        except InvalidOperation:
            amount = Decimal("NaN")
        if not is_amount(amount):
            self._note(Problem.BAD_AMOUNT)
            return None
        return rounded(amount)

    def count(self, key: str) -> int | None:
        """Return a quantity."""
        found = self._fields.get(key)
        if found is None:
            return None
        if isinstance(found, bool) or not isinstance(found, int) or not 0 <= found < 10**9:
            self._note(Problem.BAD_QUANTITY)
            return None
        return found
