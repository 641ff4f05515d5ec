"""How news change what is kept of an order: None overwrites nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.database import insert_new
from storage.orders import REDACTED, OrderNews
from storage.tables import Base, ItemRow, OrderRow, PackageRow

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


def copy_known(row: Base, news: object, names: Iterable[str]) -> None:
    """Set the columns of a row to what the news know."""
    for name in names:
        value = getattr(news, name)
        if value is not None:
            setattr(row, name, value)


def merge(row: OrderRow, news: OrderNews) -> None:
    """Take what is free of PII. A postal code that was redacted stays so."""
    copy_known(row, news, _FIELDS)
    if row.zip != REDACTED:
        copy_known(row, news, ("zip",))


def merge_packages(session: Session, news: OrderNews) -> tuple[PackageRow, ...]:
    """Take the packages of the news, by tracking id. Returns all packages of the order.

    A delivery of the order as a whole is the delivery of each package without one of its own.
    """
    for package in news.packages:
        key = {"order_id": news.order_id, "tracking_id": package.tracking_id}
        insert_new(session, PackageRow, key)
        copy_known(session.get_one(PackageRow, key), package, _PACKAGE_FIELDS)
    session.flush()
    packages = session.scalars(select(PackageRow).where(PackageRow.order_id == news.order_id))
    rows = tuple(packages)
    if news.delivered_at is not None:
        for row in rows:
            if row.delivered_at is None:
                row.delivered_at = news.delivered_at
                row.delivery_source = "order"
    return rows


def merge_items(session: Session, news: OrderNews) -> None:
    """Take the items of the news, by SKU."""
    for item in news.items:
        key = {"order_id": news.order_id, "sku": item.sku}
        insert_new(session, ItemRow, key)
        copy_known(session.get_one(ItemRow, key), item, _ITEM_FIELDS)
