"""An order's rows as the value that is shown."""

from __future__ import annotations

from collections.abc import Iterable

from storage.order_seals import Pii
from storage.orders import Item, Order, Package
from storage.retention import due_at
from storage.tables import ItemRow, OrderRow, PackageRow


def shown(
    row: OrderRow,
    packages: Iterable[PackageRow],
    items: Iterable[ItemRow],
    *,
    pii: Pii,
    closed: bool,
    days: int,
) -> Order:
    """Return the order, with its packages and items in the order given."""
    return Order(
        order_id=row.order_id,
        merchant_id=row.merchant_id,
        status=row.status,
        channel=row.channel,
        is_prime=row.is_prime,
        purchased_at=row.purchased_at,
        promised_at=row.promised_at,
        shipped_at=row.shipped_at,
        delivered_at=row.delivered_at,
        cancelled_at=row.cancelled_at,
        amount=row.amount,
        currency=row.currency,
        city=row.city,
        state=row.state,
        zip=row.zip,
        country=row.country,
        pii=pii,
        packages=tuple(_package(package) for package in packages),
        items=tuple(_item(item) for item in items),
        redacted=closed,
        due_at=due_at(row.clock_at, days),
        known_at=row.checked_at or row.updated_at,
    )


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
