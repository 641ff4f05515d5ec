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

from sqlalchemy import bindparam, delete, func, or_, select
from sqlalchemy.orm import Session

from nlp.text import RawText
from storage.bulk import insert_rows
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
_TABLE: Final = OrderTraceRow.metadata.tables[OrderTraceRow.__tablename__]
_TRACES: Final = _TABLE.c
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
_HAD: Final = select(_TRACES.trace, _TRACES.order_id).where(
    _TRACES.order_id.in_(bindparam("ids", expanding=True))
)
_GONE: Final = delete(OrderTraceRow).where(
    _TRACES.trace == bindparam("one"), _TRACES.order_id == bindparam("of_order")
)
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

    def trace(
        self, row: Mapping[str, object], values: Mapping[str, RawText], now: datetime
    ) -> tuple[int, frozenset[bytes]]:
        """Return the traces of an order's values by column, and the number of their key."""
        number = key_number(now)
        if number not in self._opened:
            self._opened[number] = self._keys.ensure_shared(traces_owner(number))
        traced = {name: value for name, value in values.items() if name in TRACED}
        merchant = MerchantId(str(row["merchant_id"]))
        return number, self._sealing.order_traces(self._opened[number], merchant, traced)

    def keep(self, made: Mapping[OrderId, frozenset[bytes]]) -> None:
        """Index orders by their traces, in place of what they had.

        The caller holds the locks on their rows, and notes the number of the key there.
        """
        ids = sorted(made)
        had: set[tuple[bytes, OrderId]] = set()
        for at in range(0, len(ids), _BATCH):
            found = self._session.connection().execute(_HAD, {"ids": ids[at : at + _BATCH]})
            had.update((trace, order_id) for trace, order_id in found)
        wanted = {(trace, order_id) for order_id in ids for trace in made[order_id]}
        if gone := had - wanted:
            self._session.connection().execute(
                _GONE, [{"one": one, "of_order": order} for one, order in sorted(gone)]
            )
        new = [{"trace": trace, "order_id": order} for trace, order in sorted(wanted - had)]
        insert_rows(self._session, _TABLE, new)

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
