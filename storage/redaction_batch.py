"""One batch of a sweep: orders, their traces, their keys, the audit entry, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Integer, Select, any_, bindparam, delete, func, select, text, update
from sqlalchemy.orm import Session

from storage.audit import Audit, AuditKind
from storage.columns import UtcDateTime
from storage.database import changed
from storage.ids import OrderId, order_owner
from storage.key_records import DataKeys
from storage.redaction import ORDERS, pii_columns, redacted_values
from storage.retention import newest_due
from storage.tables import DataKeyRow, OrderTraceRow
from storage.trace_records import Traces

LOCK_TIMEOUT_MS: Final = 10_000
"""How long PostgreSQL waits for an order that another transaction holds, in milliseconds."""
BEGINNING: Final = datetime(1, 1, 1, tzinfo=UTC)
"""Before every clock."""

_TRACES: Final = OrderTraceRow.metadata.tables[OrderTraceRow.__tablename__]
_KEYS: Final = DataKeyRow.metadata.tables[DataKeyRow.__tablename__]
_DUE: Final = (
    select(ORDERS.c.order_id, ORDERS.c.clock_at)
    .where(
        ORDERS.c.redacted_at.is_(None),
        ORDERS.c.clock_at <= bindparam("bound", type_=UtcDateTime()),
        ORDERS.c.clock_at >= bindparam("after", type_=UtcDateTime()),
    )
    .order_by(ORDERS.c.clock_at)
    .limit(bindparam("limit", type_=Integer()))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """By which rule orders are redacted.

    Attributes:
        now: The time.
        days: Days after the start of the clock.
        horizon: How far to look ahead: the time until the next sweep.
        postal_code: Whether the zip goes, too.
        by: Who is named in the audit.
    """

    now: datetime
    days: int
    horizon: timedelta = timedelta(0)
    postal_code: bool = False
    by: str = "sweep"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one transaction of a sweep did.

    Attributes:
        redacted: Orders that it redacted.
        newest: When the clock of the last of them began; None where there was none.
    """

    redacted: int
    newest: datetime | None


def redact_batch(
    session: Session,
    keys: DataKeys,
    traces: Traces,
    audit: Audit,
    terms: Terms,
    *,
    limit: int,
    after: datetime | None,
    wait: bool,
) -> Batch:
    """Redact what is due, oldest first, `limit` orders at most, and write an audit entry.

    With `after`, looks at clocks from that moment on: a sweep passes the newest of the batch
    before and need not step over what that one left in the index. With `wait`, waits for an order
    that another transaction holds; otherwise it is left out.

    Raises:
        ValueError: The time is naive.
        DatabaseUnavailable: An order was held for longer than `LOCK_TIMEOUT_MS`.
    """
    session.flush()
    gone = redacted_values(pii_columns(ORDERS), terms.now, postal_code=terms.postal_code)
    asked = {
        "bound": newest_due(terms.days, terms.now, terms.horizon),
        "after": after or BEGINNING,
        "limit": limit,
    }
    if session.get_bind().dialect.name == "sqlite":
        found = session.execute(_DUE, asked).all()
        order_ids = [order_id for order_id, _ in found]
        if found:
            session.execute(
                update(ORDERS).where(ORDERS.c.order_id.in_(order_ids)).values(gone),
            )
            traces.forget(order_ids)
            keys.destroy([order_owner(order_id) for order_id in order_ids])
        done = Batch(redacted=len(found), newest=found[-1].clock_at if found else None)
    else:
        if wait:
            session.execute(text(f"SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS}"))
        redacted, newest = session.execute(_in_one(gone, wait=wait), asked).one()
        done = Batch(redacted=redacted, newest=newest)
    if done.redacted:
        session.expire_all()
        note(audit, terms, done.redacted)
    return done


def redact_one(
    session: Session,
    keys: DataKeys,
    traces: Traces,
    audit: Audit,
    terms: Terms,
    *,
    order_id: OrderId,
) -> bool:
    """Redact one order that is not redacted yet, and write an audit entry about it.

    Returns whether there was one. News of it that come later bring nothing back.
    """
    session.flush()
    gone = redacted_values(pii_columns(ORDERS), terms.now, postal_code=terms.postal_code)
    change = update(ORDERS).where(ORDERS.c.order_id == order_id, ORDERS.c.redacted_at.is_(None))
    if not changed(session, change.values(gone)):
        return False
    traces.forget([order_id])
    keys.destroy([order_owner(order_id)])
    session.expire_all()
    audit.append(
        AuditKind.ORDERS_REDACTED,
        at=terms.now,
        by=terms.by,
        subject=order_owner(order_id),
        facts={"redacted": 1, "postal_code": int(terms.postal_code)},
    )
    return True


def _in_one(gone: Mapping[str, object], *, wait: bool) -> Select[int, datetime | None]:
    """Return PostgreSQL's one statement for a batch. It answers with its size and newest clock.

    It does on the server what `Traces.forget` and `DataKeys.destroy` do elsewhere: thousands of
    ids that travel there and back take as long as all the rest. Ids go as an array, so that they
    are looked up in an index however the planner thinks of the size of a table.
    """
    due = _DUE.with_for_update(skip_locked=not wait).cte("due")
    ids = func.array(select(due.c.order_id).scalar_subquery())
    owners = func.array(select(order_owner(OrderId("")) + due.c.order_id).scalar_subquery())
    return select(func.count(), func.max(due.c.clock_at)).add_cte(
        update(ORDERS).where(ORDERS.c.order_id == any_(ids)).values(gone).cte("redacted"),
        delete(_TRACES).where(_TRACES.c.order_id == any_(ids)).cte("forgotten"),
        delete(_KEYS).where(_KEYS.c.owner == any_(owners)).cte("destroyed"),
    )


def note(audit: Audit, terms: Terms, redacted: int) -> None:
    """Write down in the audit how many orders were redacted, and by which rule."""
    audit.append(
        AuditKind.ORDERS_REDACTED,
        at=terms.now,
        by=terms.by,
        subject="orders",
        facts={
            "redacted": redacted,
            "days": terms.days,
            "horizon_seconds": int(terms.horizon.total_seconds()),
            "postal_code": int(terms.postal_code),
        },
    )
