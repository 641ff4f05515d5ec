"""Lists of a merchant's orders: late, not shipped, shipped, delivered, cancelled. Without PII."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, final

from sqlalchemy import ColumnElement, and_, exists, func, not_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, load_only

from storage.ids import MerchantId, OrderId
from storage.retention import utc
from storage.tables import OrderRow, PackageRow

_CANCELLED: Final = "cancel%"
_GONE: Final = ("shipped%", "deliver%", _CANCELLED)
"""How the status of an order begins that waits for nothing of ours, in lower case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An order in a list.

    Attributes:
        carrier: Of its first package, None where it has none.
        tracking_id: The same.
    """

    order_id: OrderId
    status: str | None
    promised_at: datetime | None
    shipped_at: datetime | None
    delivered_at: datetime | None
    carrier: str | None
    tracking_id: str | None


@final
class OrderLists:
    """Reads lists of one database, within one transaction. Each with how many there are in all."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def late(
        self, merchant: MerchantId, now: datetime, *, limit: int
    ) -> tuple[tuple[Listed, ...], int]:
        """Return orders whose promised date is past and that were not delivered, oldest first."""
        return self._list(
            merchant,
            OrderRow.promised_at < utc(now),
            OrderRow.delivered_at.is_(None),
            not_(_has_package(delivered=True)),
            OrderRow.cancelled_at.is_(None),
            not_(_status_like("deliver%", _CANCELLED)),
            order=OrderRow.promised_at,
            limit=limit,
        )

    def unshipped(self, merchant: MerchantId, *, limit: int) -> tuple[tuple[Listed, ...], int]:
        """Return orders of which nothing has left yet, the soonest promised first."""
        return self._list(
            merchant,
            OrderRow.shipped_at.is_(None),
            OrderRow.delivered_at.is_(None),
            OrderRow.cancelled_at.is_(None),
            not_(_has_package(shipped=True)),
            not_(_status_like(*_GONE)),
            order=OrderRow.promised_at,
            limit=limit,
        )

    def shipped(
        self, merchant: MerchantId, since: datetime | None, until: datetime, *, limit: int
    ) -> tuple[tuple[Listed, ...], int]:
        """Return orders of which something left in a period, the newest first."""
        within = _between(PackageRow.shipped_at, since, until)
        return self._list(
            merchant,
            or_(
                _between(OrderRow.shipped_at, since, until),
                exists().where(PackageRow.order_id == OrderRow.order_id, within),
            ),
            order=OrderRow.shipped_at.desc(),
            limit=limit,
        )

    def delivered(
        self, merchant: MerchantId, since: datetime | None, until: datetime, *, limit: int
    ) -> tuple[tuple[Listed, ...], int]:
        """Return orders of which something was delivered in a period, the newest first."""
        within = _between(PackageRow.delivered_at, since, until)
        return self._list(
            merchant,
            or_(
                _between(OrderRow.delivered_at, since, until),
                exists().where(PackageRow.order_id == OrderRow.order_id, within),
            ),
            order=OrderRow.delivered_at.desc(),
            limit=limit,
        )

    def cancelled(
        self, merchant: MerchantId, since: datetime | None, until: datetime, *, limit: int
    ) -> tuple[tuple[Listed, ...], int]:
        """Return orders that were cancelled in a period, the newest first."""
        return self._list(
            merchant,
            _between(OrderRow.cancelled_at, since, until),
            order=OrderRow.cancelled_at.desc(),
            limit=limit,
        )

    def _list(
        self,
        merchant: MerchantId,
        *conditions: ColumnElement[bool],
        order: ColumnElement[datetime | None] | InstrumentedAttribute[datetime | None],
        limit: int,
    ) -> tuple[tuple[Listed, ...], int]:
        where = (
            OrderRow.merchant_id == merchant,
            # What Amazon fulfils itself is not ours to ship.
            or_(OrderRow.channel.is_(None), OrderRow.channel != "AFN"),
            *conditions,
        )
        total = self._session.scalars(
            select(func.count()).select_from(OrderRow).where(*where)
        ).one()
        # What is sealed of an order is not even fetched.
        columns = (
            OrderRow.order_id,
            OrderRow.status,
            OrderRow.promised_at,
            OrderRow.shipped_at,
            OrderRow.delivered_at,
        )
        rows = self._session.scalars(
            select(OrderRow)
            .options(load_only(*columns))
            .where(*where)
            .order_by(order, OrderRow.order_id)
            .limit(limit)
        ).all()
        packages = self._packages([row.order_id for row in rows])
        return tuple(_listed(row, packages.get(row.order_id)) for row in rows), total

    def _packages(self, orders: list[OrderId]) -> dict[OrderId, PackageRow]:
        """Return the first package of each of these orders."""
        query = select(PackageRow).where(PackageRow.order_id.in_(orders))
        found: dict[OrderId, PackageRow] = {}
        for row in self._session.scalars(query.order_by(PackageRow.tracking_id)):
            found.setdefault(row.order_id, row)
        return found


def _listed(row: OrderRow, package: PackageRow | None) -> Listed:
    if package is None:
        carrier = tracking = shipped = delivered = None
    else:
        carrier, tracking = package.carrier, package.tracking_id
        shipped, delivered = package.shipped_at, package.delivered_at
    return Listed(
        order_id=row.order_id,
        status=row.status,
        promised_at=row.promised_at,
        shipped_at=row.shipped_at or shipped,
        delivered_at=row.delivered_at or delivered,
        carrier=carrier,
        tracking_id=tracking,
    )


def _between(
    column: InstrumentedAttribute[datetime | None], since: datetime | None, until: datetime
) -> ColumnElement[bool]:
    ended = column < utc(until)
    return ended if since is None else and_(column >= utc(since), ended)


def _has_package(*, shipped: bool = False, delivered: bool = False) -> ColumnElement[bool]:
    query = exists().where(PackageRow.order_id == OrderRow.order_id)
    if shipped:
        query = query.where(
            or_(PackageRow.shipped_at.is_not(None), PackageRow.delivered_at.is_not(None))
        )
    if delivered:
        query = query.where(PackageRow.delivered_at.is_not(None))
    return query


def _status_like(*patterns: str) -> ColumnElement[bool]:
    status = func.lower(func.coalesce(OrderRow.status, ""))
    return or_(*(status.like(pattern) for pattern in patterns))
