"""How news change what is kept of an order, and its clock: None overwrites nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.database import insert_new
from storage.errors import OrderOfAnother
from storage.order_seals import OrderSeals, raw
from storage.orders import REDACTED, OrderNews
from storage.redaction import ORDERS, pii_columns, redacted_values
from storage.retention import clock_start, is_due, utc
from storage.tables import Base, ItemRow, MerchantRow, OrderRow, PackageRow
from storage.trace_records import Traces
from storage.traces import TRACED

_FIELDS: Final = (
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
    "country",
)
_PACKAGE_FIELDS: Final = ("carrier", "status", "shipped_at", "delivered_at", "delivery_source")
_ITEM_FIELDS: Final = ("asin", "title", "quantity", "price")
_OF_THE_ORDER: Final = "order"
"""The source of a package's delivery that was told of the order as a whole."""


def take(
    session: Session,
    seals: OrderSeals,
    traces: Traces,
    news: OrderNews,
    *,
    now: datetime,
    days: int,
    postal_code: bool,
) -> None:
    """Take news of an order, known or not. Raises OrderOfAnother, ValueError for a naive time."""
    is_new = _insert(session, news, now)
    row = session.get_one(OrderRow, news.order_id, with_for_update=True, populate_existing=True)
    if row.merchant_id != news.merchant_id:
        raise OrderOfAnother
    closed = not is_new and is_closed(row, days, now)
    delivered_before = row.delivered_at
    _merge(row, news)
    _merge_items(session, news)
    packages = _merge_packages(session, news, delivered_before)
    deliveries = [package.delivered_at for package in packages]
    delivered = [moment for moment in deliveries if moment is not None]
    row.delivered_at = max(delivered) if delivered else row.delivered_at
    shipped = [p.shipped_at for p in packages if p.shipped_at is not None]
    row.shipped_at = row.shipped_at or (max(shipped) if shipped else None)
    row.updated_at = utc(now)
    if not closed:
        row.clock_at = clock_start(
            now=now,
            first_seen_at=row.first_seen_at,
            deliveries=deliveries,
            delivered_at=row.delivered_at,
            cancelled_at=row.cancelled_at,
            promised_at=row.promised_at,
            shipped_at=row.shipped_at,
            purchased_at=row.purchased_at,
        )
        closed = is_due(row.clock_at, days, now)
    if not closed:
        seals.seal(row, news)
        told = raw({name: getattr(news, name) for name in TRACED})
        if is_new or told:
            traces.write(row, told if is_new else raw(seals.opened(row)), now)
    elif is_new:
        gone = redacted_values(pii_columns(ORDERS), now, postal_code=postal_code)
        for name, value in gone.items():
            setattr(row, name, value)
    session.flush()


def is_closed(row: OrderRow, days: int, now: datetime) -> bool:
    """Return whether an order's time is up, swept or not. Raises ValueError for a naive time."""
    return row.redacted_at is not None or is_due(row.clock_at, days, now)


def copy_known(row: Base, news: object, names: Iterable[str]) -> None:
    """Set the columns of a row to what the news know."""
    for name in names:
        value = getattr(news, name)
        if value is not None:
            setattr(row, name, value)


def _merge(row: OrderRow, news: OrderNews) -> None:
    """Take what is free of PII. A postal code that was redacted stays so."""
    copy_known(row, news, _FIELDS)
    if row.zip != REDACTED:
        copy_known(row, news, ("zip",))


def _merge_packages(
    session: Session, news: OrderNews, before: datetime | None
) -> tuple[PackageRow, ...]:
    """Take the packages of the news, by tracking id. Returns all packages of the order.

    A delivery of the order as a whole is the delivery of each package without one of its own,
    whichever of the two was told first; what corrects it corrects theirs. `before` is the
    delivery that the order had before the news.
    """
    query = select(PackageRow).where(PackageRow.order_id == news.order_id)
    known = session.scalars(query).all()
    whole = news.delivered_at
    if whole is None and not known:
        whole = before
    elif whole is None:
        of_whole = (row.delivered_at for row in known if row.delivery_source == _OF_THE_ORDER)
        whole = next(of_whole, None)
    for package in news.packages:
        key = {"order_id": news.order_id, "tracking_id": package.tracking_id}
        insert_new(session, PackageRow, key)
        row = session.get_one(PackageRow, key)
        if package.delivered_at is not None:
            row.delivery_source = None  # that of the delivery before
        copy_known(row, package, _PACKAGE_FIELDS)
    session.flush()
    rows = tuple(session.scalars(query))
    for row in rows:
        if whole is not None and (row.delivered_at is None or row.delivery_source == _OF_THE_ORDER):
            row.delivered_at = whole
            row.delivery_source = _OF_THE_ORDER
    return rows


def _merge_items(session: Session, news: OrderNews) -> None:
    """Take the items of the news, by SKU."""
    for item in news.items:
        key = {"order_id": news.order_id, "sku": item.sku}
        insert_new(session, ItemRow, key)
        copy_known(session.get_one(ItemRow, key), item, _ITEM_FIELDS)


def _insert(session: Session, news: OrderNews, now: datetime) -> bool:
    insert_new(session, MerchantRow, {"merchant_id": news.merchant_id})
    first = {
        "order_id": news.order_id,
        "merchant_id": news.merchant_id,
        **dict.fromkeys(("first_seen_at", "updated_at", "clock_at"), utc(now)),
    }
    return insert_new(session, OrderRow, first)
