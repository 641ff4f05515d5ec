"""Returns: news taken in, returns shown. They stay as they are when their order is redacted."""

from __future__ import annotations

from datetime import datetime
from typing import Final, final

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from storage.database import insert_new
from storage.errors import OrderOfAnother
from storage.ids import MerchantId, OrderId, ReturnId
from storage.order_news import copy_known
from storage.retention import utc
from storage.returns import Return
from storage.tables import MerchantRow, OrderRow, ReturnRow

_FIELDS: Final = (
    "order_id",
    "status",
    "reason",
    "carrier",
    "tracking_id",
    "requested_at",
    "received_at",
    "sku",
    "quantity",
    "refund_amount",
    "currency",
)


@final
class Returns:
    """The returns of one database, within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def upsert(self, news: Return, *, now: datetime) -> None:
        """Take news of a return, known or not; its order may not be known yet.

        Raises:
            OrderOfAnother: The return, or its order, is kept for another merchant.
            ValueError: The time is naive.
        """
        order = self._session.get(OrderRow, news.order_id)
        if order is not None and order.merchant_id != news.merchant_id:
            raise OrderOfAnother
        insert_new(self._session, MerchantRow, {"merchant_id": news.merchant_id})
        first = {
            "return_id": news.return_id,
            "order_id": news.order_id,
            "merchant_id": news.merchant_id,
            "updated_at": utc(now),
        }
        insert_new(self._session, ReturnRow, first)
        row = self._session.get_one(
            ReturnRow, news.return_id, with_for_update=True, populate_existing=True
        )
        if row.merchant_id != news.merchant_id:
            raise OrderOfAnother
        copy_known(row, news, _FIELDS)
        row.updated_at = utc(now)
        self._session.flush()

    def for_order(self, order_id: OrderId) -> tuple[Return, ...]:
        """Return the returns of an order, by RMA id."""
        return self._where(ReturnRow.order_id == order_id)

    def for_merchant(
        self, merchant: MerchantId, reference: ReturnId | OrderId
    ) -> tuple[Return, ...]:
        """Return a merchant's returns of that RMA id or order id.

        Nothing for no such return and for another merchant's alike.
        """
        of_reference = or_(ReturnRow.return_id == reference, ReturnRow.order_id == reference)
        return self._where(ReturnRow.merchant_id == merchant, of_reference)

    def _where(self, *conditions: ColumnElement[bool]) -> tuple[Return, ...]:
        rows = self._session.scalars(
            select(ReturnRow).where(*conditions).order_by(ReturnRow.return_id)
        )
        return tuple(_return(row) for row in rows)


def _return(row: ReturnRow) -> Return:
    return Return(
        return_id=row.return_id,
        merchant_id=row.merchant_id,
        **{name: getattr(row, name) for name in _FIELDS},
    )
