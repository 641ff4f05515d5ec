"""Taking news of orders, many at once: a few statements for a page of Amazon's, not some an order.

The rules are those of `order_state`; here rows are read under their locks, values sealed, rows
written. PII is sealed before it touches the database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from storage.bulk import insert_rows, upsert_rows
from storage.database import insert_new
from storage.early_shipments import EarlyShipments
from storage.ids import OrderId
from storage.order_seals import OrderSeals, Sealed
from storage.order_state import Columns, OrderState
from storage.orders import OrderNews, Package
from storage.redaction import ORDERS
from storage.tables import ItemRow, MerchantRow, PackageRow
from storage.trace_records import Traces

_PACKAGES: Final = PackageRow.metadata.tables[PackageRow.__tablename__]
_ITEMS: Final = ItemRow.metadata.tables[ItemRow.__tablename__]
_LOCKED: Final = (
    select(ORDERS)
    .where(ORDERS.c.order_id.in_(bindparam("ids", expanding=True)))
    # In one order, so that of two who take the same orders one waits and neither is stuck.
    .order_by(ORDERS.c.order_id)
    .with_for_update()
)
_PACKAGES_OF: Final = select(_PACKAGES).where(
    _PACKAGES.c.order_id.in_(bindparam("ids", expanding=True))
)
_ITEMS_OF: Final = select(_ITEMS).where(_ITEMS.c.order_id.in_(bindparam("ids", expanding=True)))


def take(
    session: Session,
    seals: OrderSeals,
    traces: Traces,
    news: Sequence[OrderNews],
    *,
    now: datetime,
    days: int,
    postal_code: bool,
) -> frozenset[OrderId]:
    """Take news of orders, known or not, in the order given.

    Returns: The orders that are kept for another merchant. Of those nothing is taken.

    Raises:
        ValueError: The time is naive.
    """
    session.flush()
    news = _after(EarlyShipments(session).take_for(news), news)
    left: dict[OrderId, list[OrderNews]] = {}
    for each in news:
        left.setdefault(each.order_id, []).append(each)
    for merchant in sorted({each.merchant_id for each in news}):
        insert_new(session, MerchantRow, {"merchant_id": merchant})
    refused: set[OrderId] = set()
    while True:
        states = _read(session, left)
        for order_id in sorted(left):
            merchant = left[order_id][0].merchant_id
            state = states.setdefault(order_id, OrderState.blank(order_id, merchant, now))
            if any(each.merchant_id != state.row["merchant_id"] for each in left[order_id]):
                refused.add(order_id)
                del states[order_id]
                continue
            for each in left[order_id]:
                state.take(each, now=now, days=days, postal_code=postal_code)
        try:
            with session.begin_nested():
                _write(session, seals, traces, states, now)
            break
        except IntegrityError:
            # Another transaction began to keep one of them since they were read: once more.
            session.expire_all()
    if session.identity_map:
        session.expire_all()
    return frozenset(refused)


def _after(early: Iterable[OrderNews], news: Iterable[OrderNews]) -> list[OrderNews]:
    """Return news, of each order the first together with what was heard of its packages before.

    Before its own packages, since that was told earlier. Not as news of its own: whether the
    order's time is up is asked once all of it is known.
    """
    waited: dict[OrderId, list[Package]] = {}
    for each in early:
        waited.setdefault(each.order_id, []).extend(each.packages)
    return [
        replace(each, packages=(*waited.pop(each.order_id, ()), *each.packages)) for each in news
    ]


def _read(session: Session, order_ids: Iterable[OrderId]) -> dict[OrderId, OrderState]:
    """Return what is kept of the orders, locked."""
    ids = sorted(order_ids)
    rows = session.connection().execute(_LOCKED, {"ids": ids}).mappings()
    states = {row["order_id"]: OrderState(row=dict(row)) for row in rows}
    known = {"ids": sorted(states)}
    if not states:
        return {}
    for row in session.connection().execute(_PACKAGES_OF, known).mappings():
        states[row["order_id"]].packages[row["tracking_id"]] = dict(row)
    for row in session.connection().execute(_ITEMS_OF, known).mappings():
        states[row["order_id"]].items[row["sku"]] = dict(row)
    return states


def _write(
    session: Session,
    seals: OrderSeals,
    traces: Traces,
    states: Mapping[OrderId, OrderState],
    now: datetime,
) -> None:
    """Write orders. Raises IntegrityError where one that was new is not any more."""
    sealed = seals.seal(states.values())
    traced = _trace(traces, states, sealed, now)
    insert_rows(session, ORDERS, [state.row for state in states.values() if state.is_new])
    upsert_rows(session, ORDERS, [state.row for state in states.values() if not state.is_new])
    seals.keep(sealed)
    traces.keep(traced)
    upsert_rows(session, _PACKAGES, _rows(states, "tracking_id", lambda state: state.packages))
    upsert_rows(session, _ITEMS, _rows(states, "sku", lambda state: state.items))


def _rows(
    states: Mapping[OrderId, OrderState],
    name: str,
    of: Callable[[OrderState], Mapping[str, Columns]],
) -> list[Columns]:
    """Return the rows that belong to orders, each with its key in the column `name`."""
    return [
        {**columns, "order_id": order_id, name: key}
        for order_id, state in sorted(states.items())
        for key, columns in sorted(of(state).items())
    ]


def _trace(
    traces: Traces,
    states: Mapping[OrderId, OrderState],
    sealed: Mapping[OrderId, Sealed],
    now: datetime,
) -> dict[OrderId, frozenset[bytes]]:
    """Return the traces of orders that are new or whose values are others than before."""
    made: dict[OrderId, frozenset[bytes]] = {}
    for order_id, state in states.items():
        values = sealed.get(order_id)
        if state.is_open and (state.is_new or (values is not None and values.has_changed)):
            state.row["trace_key"], made[order_id] = traces.trace(
                state.row, {} if values is None else values.values, now
            )
    return made
