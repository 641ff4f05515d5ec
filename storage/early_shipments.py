"""Shipments of orders that are not known yet: kept until the order comes, or for a while."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, final

from sqlalchemy import delete, or_, select, tuple_
from sqlalchemy.orm import Session

from storage.database import changed, insert_new
from storage.deliveries import DeliverySource
from storage.ids import OrderId
from storage.order_state import copy_known
from storage.orders import OrderNews
from storage.retention import utc
from storage.shipments import Shipment
from storage.tables import EarlyShipmentRow

WAITED_FOR: Final = timedelta(days=60)
"""How long an order is waited for. A tracking number may stand for another package later."""
_FIELDS: Final = ("carrier", "status", "shipped_at", "delivered_at")
_SOME: Final = 500


@final
class EarlyShipments:
    """The early shipments of one database, within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def remember(self, shipment: Shipment, heard_at: datetime) -> None:
        """Keep a shipment until its order comes. Raises ValueError for a naive time."""
        key = {"tracking_id": shipment.tracking_id, "order_id": shipment.order_id or OrderId("")}
        new = {**key, "source": shipment.source, "heard_at": utc(heard_at)}
        insert_new(self._session, EarlyShipmentRow, new)
        row = self._session.get_one(
            EarlyShipmentRow, key, with_for_update=True, populate_existing=True
        )
        known = {name: getattr(row, name) for name in _FIELDS}
        copy_known(known, shipment, _FIELDS)
        for name, value in known.items():
            setattr(row, name, value)
        row.source, row.heard_at = shipment.source, utc(heard_at)
        self._session.flush()

    def take_for(self, news: Sequence[OrderNews]) -> list[OrderNews]:
        """Return what was heard before of the orders that news are of, and keep it no longer."""
        merchants = {each.order_id: each.merchant_id for each in news}
        shipped = {
            (package.tracking_id, each.order_id) for each in news for package in each.packages
        }
        found = self._found(sorted(merchants), sorted({tracking for tracking, _ in shipped}))
        taken: list[OrderNews] = []
        for row in found:
            shipment = _shipment(row)
            taken += [
                OrderNews(
                    order_id=order_id,
                    merchant_id=merchant,
                    packages=(shipment.package(),),
                )
                for order_id, merchant in merchants.items()
                if order_id == row.order_id
                or (not row.order_id and (row.tracking_id, order_id) in shipped)
            ]
        if found:
            key = tuple_(EarlyShipmentRow.tracking_id, EarlyShipmentRow.order_id)
            gone = [(row.tracking_id, row.order_id) for row in found]
            self._session.execute(delete(EarlyShipmentRow).where(key.in_(gone)))
        return taken

    def purge(self, now: datetime) -> int:
        """Forget those whose order did not come. Returns how many. Raises ValueError if naive."""
        old = EarlyShipmentRow.heard_at < utc(now) - WAITED_FOR
        return changed(self._session, delete(EarlyShipmentRow).where(old))

    def _found(self, order_ids: list[OrderId], tracking: list[str]) -> list[EarlyShipmentRow]:
        rows: dict[tuple[str, str], EarlyShipmentRow] = {}
        for at in range(0, max(len(order_ids), len(tracking)), _SOME):
            of_order = EarlyShipmentRow.order_id.in_(order_ids[at : at + _SOME])
            of_package = EarlyShipmentRow.tracking_id.in_(tracking[at : at + _SOME])
            known = select(EarlyShipmentRow).where(
                or_(of_order, of_package & (EarlyShipmentRow.order_id == OrderId("")))
            )
            rows |= {(row.tracking_id, row.order_id): row for row in self._session.scalars(known)}
        return [rows[key] for key in sorted(rows)]


def _shipment(row: EarlyShipmentRow) -> Shipment:
    return Shipment(
        tracking_id=row.tracking_id,
        source=DeliverySource(row.source),
        **{name: getattr(row, name) for name in _FIELDS},
    )
