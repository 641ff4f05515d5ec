"""Which columns of an order are PII, and the sweep that redacts what is due.

An allow-list: a column that is not named here as free of PII is redacted, so that a new one is
forgotten by default and kept only by decision.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from storage.audit import Audit, AuditKind
from storage.ids import order_owner
from storage.key_records import DataKeys
from storage.orders import REDACTED
from storage.retention import newest_due, utc
from storage.tables import OrderRow
from storage.trace_records import Traces

NON_PII: Final = frozenset(
    {
        "order_id",
        "merchant_id",
        "status",
        "channel",
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

PII: Final = tuple(
    name for name in (column.name for column in OrderRow.__table__.columns) if name not in NON_PII
)
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
    """Count without redacting. Raises ValueError for a naive time."""
    due = select(func.count()).where(
        OrderRow.redacted_at.is_(None), OrderRow.clock_at <= newest_due(days, now, horizon)
    )
    already = select(func.count()).where(OrderRow.redacted_at.is_not(None))
    return Redaction(
        due=session.scalars(due).one(), redacted=0, already=session.scalars(already).one()
    )


def sweep(
    session: Session,
    keys: DataKeys,
    traces: Traces,
    audit: Audit,
    *,
    now: datetime,
    days: int,
    horizon: timedelta,
    postal_code: bool,
    batch: int,
    by: str,
) -> Redaction:
    """Redact what is due, batch by batch, and write one audit entry with the counts.

    Raises ValueError for a naive time.
    """
    session.flush()
    before = count_due(session, now, days, horizon)
    due = (
        select(OrderRow.order_id)
        .where(OrderRow.redacted_at.is_(None), OrderRow.clock_at <= newest_due(days, now, horizon))
        .order_by(OrderRow.clock_at)
        .limit(batch)
        .with_for_update()
    )
    redacted = 0
    while order_ids := session.scalars(due).all():
        session.execute(
            update(OrderRow)
            .where(OrderRow.order_id.in_(order_ids))
            .values(redacted_values(now, postal_code=postal_code)),
            execution_options={"synchronize_session": False},
        )
        traces.forget(order_ids)
        keys.destroy([order_owner(order_id) for order_id in order_ids])
        redacted += len(order_ids)
    session.expire_all()
    audit.append(
        AuditKind.ORDERS_REDACTED,
        at=now,
        by=by,
        subject="orders",
        facts={
            "redacted": redacted,
            "days": days,
            "horizon_seconds": int(horizon.total_seconds()),
            "postal_code": int(postal_code),
        },
    )
    return Redaction(due=before.due, redacted=redacted, already=before.already)


def redacted_values(now: datetime, *, postal_code: bool) -> dict[str, object]:
    """Return what the columns of a redacted order are set to."""
    values: dict[str, object] = dict.fromkeys(PII, REDACTED)
    if postal_code:
        values["zip"] = REDACTED
    return {**values, "redacted_at": utc(now), "trace_key": None}
