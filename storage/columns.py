"""The types of columns: what Python has and a database may lack."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, String, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

from storage.retention import utc

BigId: Final[TypeEngine[int]] = BigInteger().with_variant(Integer(), "sqlite")
"""A 64-bit number. SQLite numbers rows by itself only where the column says INTEGER."""

_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, kept in UTC. Naive datetimes are refused with a ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Convert to UTC. SQLite keeps the text of it, which sorts as the time does."""
        return None if value is None else utc(value)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Give back what SQLite returns without a zone its zone, UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class ExactDecimal(TypeDecorator[Decimal]):
    """An amount of money, kept as its digits, since SQLite would make a float of it."""

    impl = String(40)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, _dialect: Dialect) -> str | None:
        """Write plain digits, never an exponent. Raises ValueError for what is no amount."""
        if value is not None and not value.is_finite():
            raise ValueError("An amount is a finite number.")
        return None if value is None else format(value, "f")

    def process_result_value(self, value: str | None, _dialect: Dialect) -> Decimal | None:
        """Read the digits back."""
        return None if value is None else Decimal(value)


class StorableText(TypeDecorator[str]):
    """Text of any origin. U+FFFD stands for what a database cannot hold.

    PostgreSQL has no NUL in text and neither database has lone surrogates; people send both,
    and the driver's exception would quote the text.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        """Replace what cannot be stored."""
        # Nearly all of it is plain, and looked at without a search.
        if value is None or (value.isascii() and "\x00" not in value):
            return value
        return _UNSTORABLE.sub("�", value)
