"""Orders: news taken in, orders shown, PII forgotten in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, final

from sqlalchemy import select
from sqlalchemy.orm import Session

from nlp.text import RawText
from storage.audit import Audit
from storage.database import insert_new
from storage.errors import KeyDestroyed, OrderOfAnother, SealBroken
from storage.ids import MerchantId, OrderId, order_owner
from storage.key_records import DataKeys
from storage.order_news import merge, merge_items, merge_packages
from storage.orders import REDACTED, Item, Order, OrderNews, Package, Redacted
from storage.redaction import PII, Redaction, count_due, redacted_values, sweep
from storage.retention import clock_start, due_at, is_due, utc
from storage.sealing import SealedText, Sealing, joined
from storage.tables import DataKeyRow, ItemRow, MerchantRow, OrderRow, PackageRow
from storage.trace_records import Traces
from storage.traces import TRACED

_KNOWN: Final = {
    "street_1": "STREET_ADDRESS",
    "street_2": "STREET_ADDRESS",
    "phone": "PHONE_NUMBER",
    "email": "EMAIL_ADDRESS",
}
_SHORTEST_KNOWN: Final = 3


@final
class Orders:
    """The orders of one database, within one transaction."""

    def __init__(self, session: Session, sealing: Sealing, audit: Audit) -> None:
        self._session: Final = session
        self._sealing: Final = sealing
        self._keys: Final = DataKeys(session, sealing)
        self._audit: Final = audit
        self._traces: Final = Traces(session, sealing, self._keys)

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
        is_new = self._insert(news, now)
        row = self._session.get_one(
            OrderRow, news.order_id, with_for_update=True, populate_existing=True
        )
        if row.merchant_id != news.merchant_id:
            raise OrderOfAnother
        closed = not is_new and self._is_closed(row, retention_days, now)
        merge(row, news)
        merge_items(self._session, news)
        packages = merge_packages(self._session, news)
        deliveries = [package.delivered_at for package in packages]
        delivered = [moment for moment in deliveries if moment is not None]
        row.delivered_at = max(delivered) if delivered else row.delivered_at
        shipped = [p.shipped_at for p in packages if p.shipped_at is not None]
        row.shipped_at = row.shipped_at or (max(shipped) if shipped else None)
        row.updated_at = utc(now)
        if not closed:
            row.clock_at = clock_start(
                first_seen_at=row.first_seen_at,
                deliveries=deliveries,
                delivered_at=row.delivered_at,
                cancelled_at=row.cancelled_at,
                promised_at=row.promised_at,
                shipped_at=row.shipped_at,
                purchased_at=row.purchased_at,
            )
            closed = is_due(row.clock_at, retention_days, now)
        if not closed:
            self._seal(row, news)
            self._trace(row, news, now, is_new=is_new)
        elif is_new:
            for name, value in redacted_values(now, postal_code=postal_code).items():
                setattr(row, name, value)
        self._session.flush()

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
        closed = self._is_closed(row, retention_days, now)
        packages = self._session.scalars(
            select(PackageRow)
            .where(PackageRow.order_id == order_id)
            .order_by(PackageRow.tracking_id)
        )
        items = self._session.scalars(
            select(ItemRow).where(ItemRow.order_id == order_id).order_by(ItemRow.sku)
        )
        return Order(
            order_id=row.order_id,
            merchant_id=row.merchant_id,
            status=row.status,
            channel=row.channel,
            purchased_at=row.purchased_at,
            promised_at=row.promised_at,
            shipped_at=row.shipped_at,
            delivered_at=row.delivered_at,
            cancelled_at=row.cancelled_at,
            amount=row.amount,
            currency=row.currency,
            city=row.city,
            state=row.state,
            zip=REDACTED if closed and postal_code else row.zip,
            country=row.country,
            pii=dict.fromkeys(PII, REDACTED) if closed else self._opened(row),
            packages=tuple(_package(package) for package in packages),
            items=tuple(_item(item) for item in items),
            redacted=closed,
            due_at=due_at(row.clock_at, retention_days),
        )

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
        found: dict[tuple[str, RawText], None] = {}
        # Read all at once; held here, so that `get` has them from the session.
        _held = self._rows(order_ids)
        for order_id in order_ids:
            order = self.get(order_id, now, retention_days)
            if order is None:
                continue
            pii = {k: v for k, v in order.pii.items() if isinstance(v, RawText)}
            names = [pii[name] for name in ("first_name", "last_name") if name in pii]
            if len(names) > 1:
                found["PERSON", joined(names)] = None
            found |= dict.fromkeys(("PERSON", name) for name in names)
            lines = [pii[name] for name in ("street_1", "street_2") if name in pii]
            if len(lines) > 1:
                found["STREET_ADDRESS", joined(lines)] = None
            found |= dict.fromkeys(
                (kind, pii[name]) for name, kind in _KNOWN.items() if name in pii
            )
        return tuple(pair for pair in found if len(pair[1]) >= _SHORTEST_KNOWN)

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
        for row in rows:
            try:
                values = _raw(self._opened(row))
            except SealBroken:
                # Whoever asks for the order is told so; here it would stop all the others.
                values = {}
            self._traces.write(row, values, now)
        self._session.flush()
        if not rows:
            self._traces.destroy_old_keys(now)
        return len(rows)

    def count_due(self, now: datetime, days: int, horizon: timedelta = timedelta(0)) -> Redaction:
        """Return what `redact_due` would find, and redact nothing."""
        return count_due(self._session, now, days, horizon)

    def redact_due(
        self,
        now: datetime,
        days: int,
        horizon: timedelta = timedelta(0),
        *,
        postal_code: bool = False,
        batch: int = 500,
        by: str = "sweep",
    ) -> Redaction:
        """Redact every order that is due by `now + horizon` and write an audit entry.

        The horizon is the time until the next sweep, so that nothing falls due in between;
        `postal_code` redacts the zip, too; `batch` is how many orders one statement takes.

        Raises:
            ValueError: The time is naive.
        """
        return sweep(
            self._session,
            self._keys,
            self._traces,
            self._audit,
            now=now,
            days=days,
            horizon=horizon,
            postal_code=postal_code,
            batch=batch,
            by=by,
        )

    def _insert(self, news: OrderNews, now: datetime) -> bool:
        insert_new(self._session, MerchantRow, {"merchant_id": news.merchant_id})
        first = {
            "order_id": news.order_id,
            "merchant_id": news.merchant_id,
            **dict.fromkeys(("first_seen_at", "updated_at", "clock_at"), utc(now)),
        }
        return insert_new(self._session, OrderRow, first)

    def _is_closed(self, row: OrderRow, days: int, now: datetime) -> bool:
        return row.redacted_at is not None or is_due(row.clock_at, days, now)

    def _seal(self, row: OrderRow, news: OrderNews) -> None:
        values = {name: getattr(news, name) for name in PII}
        known = {name: value for name, value in values.items() if value}
        if not known:
            return
        owner = order_owner(row.order_id)
        key = self._keys.ensure(owner)
        for name, value in known.items():
            setattr(row, name, self._sealing.seal(key, owner, name, value))

    def _trace(self, row: OrderRow, news: OrderNews, now: datetime, *, is_new: bool) -> None:
        told = _raw({name: getattr(news, name) for name in TRACED})
        if is_new or told:
            self._traces.write(row, told if is_new else _raw(self._opened(row)), now)

    def _rows(self, order_ids: Sequence[OrderId]) -> tuple[Sequence[object], ...]:
        owners = [order_owner(order_id) for order_id in order_ids]
        return (
            self._session.scalars(select(OrderRow).where(OrderRow.order_id.in_(order_ids))).all(),
            self._session.scalars(select(DataKeyRow).where(DataKeyRow.owner.in_(owners))).all(),
        )

    def _opened(self, row: OrderRow) -> Mapping[str, RawText | Redacted | None]:
        sealed = {name: getattr(row, name) for name in PII}
        if not any(sealed.values()):
            return sealed
        owner = order_owner(row.order_id)
        try:
            key = self._keys.open(owner)
        except KeyDestroyed:
            # A backup from before an epoch turned: what it holds is as good as redacted.
            return dict.fromkeys(PII, REDACTED)
        return {
            name: None
            if value is None
            else self._sealing.open_sealed(key, owner, name, SealedText(value))
            for name, value in sealed.items()
        }


def _raw(values: Mapping[str, RawText | Redacted | None]) -> dict[str, RawText]:
    return {name: value for name, value in values.items() if isinstance(value, RawText) and value}


def _package(row: PackageRow) -> Package:
    return Package(
        tracking_id=row.tracking_id,
        carrier=row.carrier,
        status=row.status,
        shipped_at=row.shipped_at,
        delivered_at=row.delivered_at,
        delivery_source=row.delivery_source,
    )


def _item(row: ItemRow) -> Item:
    return Item(sku=row.sku, asin=row.asin, title=row.title, quantity=row.quantity, price=row.price)
