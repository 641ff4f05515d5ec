"""The keyed index of open orders: which orders a message may be about that names none.

The database holds fingerprints under a key that the keyring wraps, and no value. Every 30 days
another key begins. Orders that are still open when their key is two keys old are indexed under
the newest, and the old key is destroyed: what is left of its traces in a backup or a
write-ahead log cannot be tried out with guessed names any more.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final, final

from sqlalchemy import bindparam, delete, func, insert, or_, select
from sqlalchemy.orm import Session

from nlp.text import RawText
from storage.ids import TRACES, MerchantId, OrderId, traces_owner
from storage.key_records import DataKeys
from storage.retention import newest_due, utc
from storage.sealing import DataKey, Sealing
from storage.tables import OrderRow, OrderTraceRow
from storage.traces import TRACED

KEY_DAYS: Final = 30
"""Days after which another key begins."""
PER_TRACE: Final = 3
"""Orders looked at for one trace. A trace's own value is the same in each of its orders."""
MOST: Final = 20
"""Orders looked at, save that each trace has one: what a message holds is always looked at."""
_LOOKED_AT: Final = 16
"""Orders read of one trace, to have `PER_TRACE` where some are due and not swept yet."""
_KEYS: Final = 4
"""Keys that are looked for: the next one, of a clock that is ahead, this one, the one before, and
the old one while what it indexed is being indexed anew."""
_BATCH: Final = 500

# Of the tables, not of their classes: this runs for every message.
_TRACES: Final = OrderTraceRow.__table__.c
_ranked: Final = (
    select(
        _TRACES.trace,
        _TRACES.order_id,
        func.row_number()
        .over(partition_by=_TRACES.trace, order_by=_TRACES.order_id.desc())
        .label("place"),
    )
    .where(_TRACES.trace.in_(bindparam("traces", expanding=True)))
    .subquery()
)
_HITS: Final = select(_ranked.c.trace, _ranked.c.order_id).where(_ranked.c.place <= _LOOKED_AT)
"""The orders of traces, the first few of each. No join: SQLite would begin it with the orders."""
_ORDERS: Final = OrderRow.__table__.c
_OPEN: Final = select(_ORDERS.order_id).where(
    _ORDERS.order_id.in_(bindparam("ids", expanding=True)),
    _ORDERS.merchant_id == bindparam("merchant"),
    _ORDERS.redacted_at.is_(None),
    _ORDERS.clock_at > bindparam("newest_due"),
)
"""Which of some orders are open."""


def key_number(now: datetime) -> int:
    """Return the number of the key of a moment. Raises ValueError for a naive time."""
    return utc(now).toordinal() // KEY_DAYS


@final
class Traces:
    """The traces of one database, within one transaction."""

    def __init__(self, session: Session, sealing: Sealing, keys: DataKeys) -> None:
        self._session: Final = session
        self._sealing: Final = sealing
        self._keys: Final = keys
        self._opened: Final[dict[int, DataKey]] = {}

    def write(self, row: OrderRow, values: Mapping[str, RawText], now: datetime) -> None:
        """Index an order by its values (all of them by column), in place of what it had.

        The caller holds the lock on the order's row.
        """
        number = key_number(now)
        if number not in self._opened:
            self._opened[number] = self._keys.ensure_shared(traces_owner(number))
        traced = {name: value for name, value in values.items() if name in TRACED}
        made = self._sealing.order_traces(self._opened[number], row.merchant_id, traced)
        had = frozenset(
            self._session.scalars(
                select(OrderTraceRow.trace).where(OrderTraceRow.order_id == row.order_id)
            )
            if row.trace_key is not None
            else ()
        )
        if gone := had - made:
            self._session.execute(
                delete(OrderTraceRow).where(
                    OrderTraceRow.order_id == row.order_id, OrderTraceRow.trace.in_(sorted(gone))
                )
            )
        if new := made - had:
            self._session.execute(
                insert(OrderTraceRow),
                [{"trace": trace, "order_id": row.order_id} for trace in sorted(new)],
            )
        row.trace_key = number

    def find(
        self, merchant: MerchantId, windows: Sequence[RawText], now: datetime, days: int
    ) -> tuple[OrderId, ...]:
        """Return the merchant's open orders of which pieces of a message may be values.

        Every piece that is a value of open orders leads to at least one of them. Raises
        SealBroken, and ValueError for a naive time.
        """
        if not windows:
            return ()
        newest = key_number(now) + 1
        keys = self._keys.opened([traces_owner(newest - back) for back in range(_KEYS)])
        looked_for = sorted(self._sealing.traces(keys, merchant, windows))
        hits: dict[bytes, list[OrderId]] = {}
        for at in range(0, len(looked_for), _BATCH):
            some = {"traces": looked_for[at : at + _BATCH]}
            for trace, order_id in self._session.connection().execute(_HITS, some):
                hits.setdefault(trace, []).append(order_id)
        if not hits:
            return ()
        named = {order_id for ids in hits.values() for order_id in ids}
        still_open = self._open(named, merchant, now, days)
        places: dict[OrderId, int] = {}
        for ids in hits.values():
            for place, order_id in enumerate([each for each in ids if each in still_open]):
                if place < PER_TRACE:
                    places[order_id] = min(place, places.get(order_id, place))
        found = sorted(places, key=lambda order_id: (places[order_id], order_id))
        needed = sum(place == 0 for place in places.values())
        return tuple(found[: max(needed, MOST)])

    def _open(
        self, order_ids: Collection[OrderId], merchant: MerchantId, now: datetime, days: int
    ) -> set[OrderId]:
        """Return those of the orders that are the merchant's and whose time is not up."""
        ids, newest = sorted(order_ids), newest_due(days, now)
        found: set[OrderId] = set()
        for at in range(0, len(ids), _BATCH):
            asked = {"ids": ids[at : at + _BATCH], "merchant": merchant, "newest_due": newest}
            found.update(self._session.connection().execute(_OPEN, asked).scalars())
        return found

    def unwritten(self, now: datetime, days: int, limit: int) -> tuple[OrderRow, ...]:
        """Return, locked, open orders without traces or with those of an old key, `limit` at most.

        Raises ValueError for a naive time.
        """
        query = (
            select(OrderRow)
            .where(
                OrderRow.redacted_at.is_(None),
                OrderRow.clock_at > newest_due(days, now),
                or_(OrderRow.trace_key.is_(None), OrderRow.trace_key < key_number(now) - 1),
            )
            .limit(limit)
            .with_for_update()
        )
        return tuple(self._session.scalars(query))

    def forget(self, order_ids: Sequence[OrderId]) -> None:
        """Delete the traces of orders."""
        self._session.execute(delete(OrderTraceRow).where(OrderTraceRow.order_id.in_(order_ids)))

    def destroy_old_keys(self, now: datetime) -> int:
        """Destroy keys two keys old that no order uses any more. Returns how many.

        Raises ValueError for a naive time.
        """
        used = select(func.min(OrderRow.trace_key)).where(OrderRow.redacted_at.is_(None))
        oldest = self._session.scalars(used).one()
        bound = min(key_number(now) - 1, key_number(now) if oldest is None else oldest)
        old = [
            owner for owner in self._keys.owners(TRACES) if int(owner.removeprefix(TRACES)) < bound
        ]
        return self._keys.destroy(old) if old else 0
