"""Which columns of an order are PII, what they are set to, and how many orders are due.

An allow-list: a column that is not named here as free of PII is redacted, so that a new one is
forgotten by default and kept only by decision.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Column, String, Table, func, select
from sqlalchemy.orm import Session

from storage.columns import StorableText
from storage.orders import REDACTED
from storage.retention import newest_due, utc
from storage.tables import OrderRow

NON_PII: Final = frozenset(
    {
        "order_id",
        "merchant_id",
        "status",
        "channel",
        "is_prime",
        "changed_at",
        "checked_at",
        "purchased_at",
        "promised_at",
        "shipped_at",
        "delivered_at",
        "cancelled_at",
        "amount",
        "currency",
        "city",
        "state",
        "zip",
        "country",
        "first_seen_at",
        "updated_at",
        "clock_at",
        "redacted_at",
        "trace_key",
    }
)
"""The columns of `orders` that stay. The postal code has a setting of its own."""


def pii_columns(table: Table) -> tuple[Column[object], ...]:
    """Return the columns of orders that go: all that are not named as free of PII."""
    return tuple(column for column in table.columns if column.name not in NON_PII)


ORDERS: Final = OrderRow.metadata.tables[OrderRow.__tablename__]
PII: Final = tuple(column.name for column in pii_columns(ORDERS))
"""The columns of `orders` that hold NULL, a sealed value or `Redacted`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Redaction:
    """What a sweep did.

    Attributes:
        due: Orders that were due and not redacted yet.
        redacted: Those of them that it redacted, 0 for a dry run.
        already: Orders that were redacted before.
    """

    due: int
    redacted: int
    already: int


def count_due(session: Session, now: datetime, days: int, horizon: timedelta) -> Redaction:
    """Count without redacting. Raises ValueError for a naive time.

    Both numbers come from indexes alone: what is due costs by what is due, what was redacted is
    a count of index entries.
    """
    due = select(func.count()).where(
        OrderRow.redacted_at.is_(None), OrderRow.clock_at <= newest_due(days, now, horizon)
    )
    already = select(func.count()).where(OrderRow.redacted_at.is_not(None))
    return Redaction(
        due=session.scalars(due).one(), redacted=0, already=session.scalars(already).one()
    )


def redacted_values(
    columns: Iterable[Column[object]], now: datetime, *, postal_code: bool
) -> dict[str, object]:
    """Return what the columns of a redacted order are set to: a text to `Redacted`, else NULL."""
    values: dict[str, object] = {
        column.name: REDACTED if isinstance(column.type, (String, StorableText)) else None
        for column in columns
    }
    if postal_code:
        values["zip"] = REDACTED
    return {**values, "redacted_at": utc(now), "trace_key": None}
