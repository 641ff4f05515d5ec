"""Returns: news taken in, returns shown. They stay as they are when their order is redacted.

A row is a line: what comes back of one SKU under one RMA id.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, final

from sqlalchemy import ColumnElement, delete, func, or_, select, tuple_
from sqlalchemy.orm import Session

from storage.bulk import upsert_rows
from storage.database import insert_new
from storage.errors import OrderOfAnother
from storage.ids import MerchantId, OrderId, ReturnId
from storage.order_state import Columns, copy_known
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
    "quantity",
    "refund_amount",
    "currency",
)
_LINES: Final = ReturnRow.metadata.tables[ReturnRow.__tablename__]
_UNKNOWN: Final = ""
"""The SKU of a line of which nobody said what comes back."""

_Lines = dict[ReturnId, dict[str, Columns]]


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
        if self.upsert_all((news,), now=now):
            raise OrderOfAnother

    def upsert_all(self, news: Sequence[Return], *, now: datetime) -> frozenset[ReturnId]:
        """Take news of many returns, as `upsert` does.

        News without an SKU are of every line of their return. The line of which nobody said what
        comes back takes the first SKU that is told.

        Returns: The returns that are kept, or whose order is, for another merchant; of those
            nothing is taken.

        Raises:
            ValueError: The time is naive.
        """
        self._session.flush()
        for merchant in sorted({each.merchant_id for each in news}):
            insert_new(self._session, MerchantRow, {"merchant_id": merchant})
        kept = self._kept(sorted({each.return_id for each in news}))
        before = {(rma, sku) for rma, lines in kept.items() for sku in lines}
        owners = self._owners(sorted({each.order_id for each in news}))
        refused = set()
        for each in news:
            lines = kept.setdefault(each.return_id, {})
            others = {line["merchant_id"] for line in lines.values()}
            if {owners.get(each.order_id, each.merchant_id), *others} != {each.merchant_id}:
                refused.add(each.return_id)
            else:
                _take(lines, each, now)
        self._write(kept, before)
        return frozenset(refused)

    def for_order(self, order_id: OrderId) -> tuple[Return, ...]:
        """Return the returns of an order, by RMA id and SKU."""
        return self._where(ReturnRow.order_id == order_id)

    def for_merchant(
        self, merchant: MerchantId, reference: ReturnId | OrderId
    ) -> tuple[Return, ...]:
        """Return a merchant's returns of that RMA id or order id.

        Nothing for no such return and for another merchant's alike.
        """
        of_reference = or_(ReturnRow.return_id == reference, ReturnRow.order_id == reference)
        return self._where(ReturnRow.merchant_id == merchant, of_reference)

    def _kept(self, return_ids: list[ReturnId]) -> _Lines:
        """Return the lines that are kept of returns, locked."""
        query = select(_LINES).where(_LINES.c.return_id.in_(return_ids))
        locked = query.order_by(_LINES.c.return_id, _LINES.c.sku).with_for_update()
        lines: _Lines = {}
        for row in self._session.connection().execute(locked).mappings():
            lines.setdefault(row["return_id"], {})[row["sku"]] = dict(row)
        return lines

    def _owners(self, order_ids: list[OrderId]) -> dict[OrderId, MerchantId]:
        query = select(OrderRow.order_id, OrderRow.merchant_id)
        found = self._session.execute(query.where(OrderRow.order_id.in_(order_ids)))
        return {row.order_id: row.merchant_id for row in found}

    def _write(self, kept: _Lines, before: Iterable[tuple[ReturnId, str]]) -> None:
        rows = [
            {**line, "sku": sku} for lines in kept.values() for sku, line in sorted(lines.items())
        ]
        gone = [key for key in before if key[1] not in kept[key[0]]]
        if gone:
            of_line = tuple_(_LINES.c.return_id, _LINES.c.sku)
            self._session.execute(delete(_LINES).where(of_line.in_(gone)))
        # Another may have begun to keep the same line: what it knows is not overwritten by what
        # nobody told here.
        upsert_rows(self._session, _LINES, rows, keep_known=True)
        if self._session.identity_map:
            self._session.expire_all()

    def listed(
        self,
        merchant: MerchantId,
        since: datetime | None,
        until: datetime,
        *,
        is_open: bool,
        limit: int,
    ) -> tuple[tuple[Return, ...], int]:
        """Return a merchant's returns that were asked for in a period, the newest first.

        With `is_open`, those that were not received yet. Also how many there are in all.
        """
        where = [ReturnRow.merchant_id == merchant]
        if since is not None:
            where += [ReturnRow.requested_at >= utc(since), ReturnRow.requested_at < utc(until)]
        if is_open:
            where.append(ReturnRow.received_at.is_(None))
        total = self._session.scalars(
            select(func.count()).select_from(ReturnRow).where(*where)
        ).one()
        query = select(ReturnRow).where(*where)
        newest = (ReturnRow.requested_at.desc(), ReturnRow.return_id, ReturnRow.sku)
        rows = self._session.scalars(query.order_by(*newest).limit(limit))
        return tuple(_return(row) for row in rows), total

    def _where(self, *conditions: ColumnElement[bool]) -> tuple[Return, ...]:
        query = select(ReturnRow).where(*conditions)
        rows = self._session.scalars(query.order_by(ReturnRow.return_id, ReturnRow.sku))
        return tuple(_return(row) for row in rows)


def _take(lines: dict[str, Columns], news: Return, now: datetime) -> None:
    """Take news into the lines of their return."""
    if news.sku and news.sku not in lines and _UNKNOWN in lines:
        lines[news.sku] = lines.pop(_UNKNOWN)
    named = [news.sku] if news.sku else sorted(lines) or [_UNKNOWN]
    for sku in named:
        line = lines.setdefault(
            sku,
            {
                **dict.fromkeys((*_FIELDS, "told_at")),
                "return_id": news.return_id,
                "merchant_id": news.merchant_id,
            },
        )
        known, told = line["told_at"], news.told_at
        is_late = isinstance(known, datetime) and told is not None and utc(told) < known
        copy_known(line, news, _FIELDS, only_gaps=is_late)
        copy_known(line, news, ("told_at",), only_gaps=is_late)
        line["updated_at"] = utc(now)


def _return(row: ReturnRow) -> Return:
    return Return(
        return_id=row.return_id,
        merchant_id=row.merchant_id,
        sku=row.sku or None,
        known_at=row.updated_at,
        **{name: getattr(row, name) for name in _FIELDS},
    )
