"""Orders: news taken in, orders shown, PII forgotten in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, final

from sqlalchemy import select
from sqlalchemy.orm import Session

from nlp.text import RawText
from storage.audit import Audit
from storage.early_shipments import EarlyShipments
from storage.errors import OrderOfAnother, SealBroken
from storage.ids import MerchantId, OrderId
from storage.key_records import DataKeys
from storage.known_values import known_values
from storage.order_lists import OrderLists
from storage.order_news import take
from storage.order_seals import OrderSeals, gone, raw
from storage.order_state import is_closed
from storage.orders import REDACTED, Order, OrderNews
from storage.redaction import Redaction, count_due
from storage.redaction_batch import Batch, Terms, redact_batch, redact_one
from storage.sealing import Sealing
from storage.shipments import Shipment
from storage.shown_orders import shown
from storage.tables import ItemRow, OrderRow, PackageRow
from storage.trace_records import Traces


@final
class Orders:
    """The orders of one database, within one transaction.

    Attributes:
        early: The shipments whose orders are not known yet.
        lists: The lists of a merchant's orders.
    """

    def __init__(self, session: Session, sealing: Sealing, audit: Audit) -> None:
        self._session: Final = session
        self._audit: Final = audit
        self._keys: Final = DataKeys(session, sealing)
        self._seals: Final = OrderSeals(session, sealing, self._keys)
        self._traces: Final = Traces(session, sealing, self._keys)
        self.early: Final = EarlyShipments(session)
        self.lists: Final = OrderLists(session)

    def upsert(
        self, news: OrderNews, *, now: datetime, retention_days: int, postal_code: bool = False
    ) -> None:
        """Take news of an order, known or not. PII is sealed before it touches the database.

        An order whose time is up, swept or not, takes status, tracking and items and never PII,
        and its clock stands still. An old order that comes for the first time after its time is
        kept redacted from the start.

        Raises:
            OrderOfAnother: It is kept for another merchant.
            ValueError: The time is naive.
        """
        if self.upsert_all(
            (news,), now=now, retention_days=retention_days, postal_code=postal_code
        ):
            raise OrderOfAnother

    def upsert_all(
        self,
        news: Sequence[OrderNews],
        *,
        now: datetime,
        retention_days: int,
        postal_code: bool = False,
    ) -> frozenset[OrderId]:
        """Take news of many orders, as `upsert` does, with a few statements for all of them.

        Returns: The orders that are kept for another merchant; of those nothing is taken.

        Raises:
            ValueError: The time is naive.
        """
        return take(
            self._session,
            self._seals,
            self._traces,
            news,
            now=now,
            days=retention_days,
            postal_code=postal_code,
        )

    def ship(
        self, shipment: Shipment, *, now: datetime, retention_days: int, postal_code: bool = False
    ) -> tuple[OrderId, ...]:
        """Take news of a package. Returns the orders that it belongs to.

        Where it belongs to none that is known, it is kept until its order comes. A tracking id
        without an order counts for every order that has a package of it and whose time is not up.

        Raises:
            ValueError: The time is naive.
        """
        query = select(OrderRow).where(OrderRow.order_id == shipment.order_id)
        if shipment.order_id is None:
            of_package = select(PackageRow.order_id).where(
                PackageRow.tracking_id == shipment.tracking_id
            )
            query = select(OrderRow).where(OrderRow.order_id.in_(of_package))
        owners = {
            row.order_id: row.merchant_id
            for row in self._session.scalars(query)
            if shipment.order_id is not None or not _is_closed(row, retention_days, now)
        }
        if not owners:
            self.early.remember(shipment, now)
        self.upsert_all(
            [
                OrderNews(order_id=order_id, merchant_id=merchant, packages=(shipment.package(),))
                for order_id, merchant in sorted(owners.items())
            ],
            now=now,
            retention_days=retention_days,
            postal_code=postal_code,
        )
        return tuple(sorted(owners))

    def get(
        self,
        order_id: OrderId,
        now: datetime,
        retention_days: int,
        *,
        postal_code: bool = False,
    ) -> Order | None:
        """Return an order as it is shown now, None if there is none.

        Past its time it is redacted, even if no sweep ran. `postal_code` redacts the zip then.

        Raises:
            SealBroken: A value does not open.
            ValueError: The time is naive.
        """
        row = self._session.get(OrderRow, order_id)
        if row is None:
            return None
        closed = _is_closed(row, retention_days, now)
        packages = select(PackageRow).where(PackageRow.order_id == order_id)
        items = select(ItemRow).where(ItemRow.order_id == order_id)
        order = shown(
            row,
            self._session.scalars(packages.order_by(PackageRow.tracking_id)),
            self._session.scalars(items.order_by(ItemRow.sku)),
            pii=gone() if closed else self._seals.opened(row),
            closed=closed,
            days=retention_days,
        )
        return replace(order, zip=REDACTED) if closed and postal_code else order

    def for_merchant(
        self,
        merchant: MerchantId,
        order_id: OrderId,
        now: datetime,
        retention_days: int,
        *,
        postal_code: bool = False,
    ) -> Order | None:
        """Return a merchant's order. None for no such order and for another merchant's alike."""
        row = self._session.get(OrderRow, order_id)
        if row is None or row.merchant_id != merchant:
            return None
        return self.get(order_id, now, retention_days, postal_code=postal_code)

    def merchant_of(self, order_id: OrderId) -> MerchantId | None:
        """Return whose order it is, None if there is no such order."""
        return self._session.scalars(
            select(OrderRow.merchant_id).where(OrderRow.order_id == order_id)
        ).one_or_none()

    def known(self, order_id: OrderId) -> tuple[MerchantId | None, datetime | None]:
        """Return whose an order is, and when Amazon last told of it; None for not at all."""
        found = self._session.execute(
            select(OrderRow.merchant_id, OrderRow.checked_at).where(OrderRow.order_id == order_id)
        ).one_or_none()
        return (None, None) if found is None else (found.merchant_id, found.checked_at)

    def without_items(self, order_ids: Sequence[OrderId]) -> tuple[OrderId, ...]:
        """Return those of the orders of which no item is known."""
        having = select(ItemRow.order_id).where(ItemRow.order_id.in_(order_ids)).distinct()
        known = set(self._session.scalars(having))
        return tuple(order_id for order_id in order_ids if order_id not in known)

    def by_tracking(self, merchant: MerchantId, tracking_id: str) -> tuple[OrderId, ...]:
        """Return the merchant's orders that have a package of that tracking id."""
        return tuple(
            self._session.scalars(
                select(PackageRow.order_id)
                .join(OrderRow, OrderRow.order_id == PackageRow.order_id)
                .where(PackageRow.tracking_id == tracking_id, OrderRow.merchant_id == merchant)
                .order_by(PackageRow.order_id)
            )
        )

    def known_values(
        self, order_ids: Sequence[OrderId], now: datetime, retention_days: int
    ) -> tuple[tuple[str, RawText], ...]:
        """Return the PII that is known of these orders, for the scrubber to look for.

        Pairs of entity type and value, the whole name before its parts. Values of fewer than
        three characters are left out, since they would be found everywhere; so is everything of
        an order whose time is up.
        """
        if not order_ids:
            return ()
        # Held here, so that the session has them with their keys.
        _held = self._seals.fetched(order_ids)
        rows = (self._session.get(OrderRow, order_id) for order_id in order_ids)
        return known_values(
            self._seals.opened(row)
            for row in rows
            if row is not None and not _is_closed(row, retention_days, now)
        )

    def traced(
        self, merchant: MerchantId, windows: Sequence[RawText], now: datetime, retention_days: int
    ) -> tuple[OrderId, ...]:
        """Return the merchant's open orders of which pieces of a message may be values.

        Never an order whose time is up. Raises SealBroken, and ValueError for a naive time.
        """
        return self._traces.find(merchant, windows, now, retention_days)

    def write_traces(self, now: datetime, retention_days: int, *, batch: int = 500) -> int:
        """Index open orders that are not, or were so long ago, `batch` at most.

        Orders that were kept before there was an index come into it this way. Returns how many;
        where that is none, keys that no order uses any more are destroyed.

        Raises:
            ValueError: The time is naive.
        """
        rows = self._traces.unwritten(now, retention_days, batch)
        made = {}
        for row in rows:
            try:
                values = raw(self._seals.opened(row))
            except SealBroken:
                # Whoever asks for the order is told so; here it would stop all the others.
                values = {}
            owner = {"merchant_id": row.merchant_id}
            row.trace_key, made[row.order_id] = self._traces.trace(owner, values, now)
        self._session.flush()
        self._traces.keep(made)
        if not rows:
            self._traces.destroy_old_keys(now)
        return len(rows)

    def count_due(self, now: datetime, days: int, horizon: timedelta = timedelta(0)) -> Redaction:
        """Return what a sweep would find, and redact nothing."""
        return count_due(self._session, now, days, horizon)

    def redact_batch(
        self, terms: Terms, *, limit: int, after: datetime | None = None, wait: bool = False
    ) -> Batch:
        """Redact a batch of a sweep and write its audit entry, see `redaction_batch`."""
        return redact_batch(
            self._session,
            self._keys,
            self._traces,
            self._audit,
            terms,
            limit=limit,
            after=after,
            wait=wait,
        )

    def redact_one(self, order_id: OrderId, terms: Terms) -> bool:
        """Redact one order whatever its clock says, with an audit entry of its own.

        Returns whether there was something to redact.
        """
        return redact_one(
            self._session, self._keys, self._traces, self._audit, terms, order_id=order_id
        )


def _is_closed(row: OrderRow, days: int, now: datetime) -> bool:
    return is_closed({"redacted_at": row.redacted_at, "clock_at": row.clock_at}, days, now)
