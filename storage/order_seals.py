"""The PII of orders: sealed where it comes in, opened where it is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, final

from sqlalchemy import select
from sqlalchemy.orm import Session

from nlp.text import RawText
from storage.errors import KeyDestroyed
from storage.ids import OrderId, order_owner
from storage.key_records import DataKeys
from storage.orders import REDACTED, OrderNews, Redacted
from storage.redaction import PII
from storage.sealing import SealedText, Sealing
from storage.tables import DataKeyRow, OrderRow

Pii = Mapping[str, RawText | Redacted | None]
"""For each PII column the opened value, the literal `Redacted`, or None."""


@final
class OrderSeals:
    """Seals and opens the PII of one database's orders, within one transaction."""

    def __init__(self, session: Session, sealing: Sealing, keys: DataKeys) -> None:
        self._session: Final = session
        self._sealing: Final = sealing
        self._keys: Final = keys

    def seal(self, row: OrderRow, news: OrderNews) -> None:
        """Set the PII columns to what the news tell, sealed. The caller holds the row's lock."""
        known = {name: value for name in PII if (value := getattr(news, name))}
        if not known:
            return
        owner = order_owner(row.order_id)
        if self._keys.drop_lost(owner):
            for name in PII:
                setattr(row, name, None)
        key = self._keys.ensure(owner)
        for name, value in known.items():
            setattr(row, name, self._sealing.seal(key, owner, name, value))

    def opened(self, row: OrderRow) -> Pii:
        """Return the PII of an order whose time is not up. Raises SealBroken."""
        sealed = {name: getattr(row, name) for name in PII}
        if not any(sealed.values()):
            return sealed
        owner = order_owner(row.order_id)
        try:
            key = self._keys.open(owner)
        except KeyDestroyed:
            # A backup from before an epoch turned: what it holds is as good as redacted.
            return gone()
        return {
            name: None
            if value is None
            else self._sealing.open_sealed(key, owner, name, SealedText(value))
            for name, value in sealed.items()
        }

    def fetched(self, order_ids: Sequence[OrderId]) -> tuple[Sequence[object], ...]:
        """Read rows and keys at once. As long as the result is held, none is read again."""
        owners = [order_owner(order_id) for order_id in order_ids]
        return (
            self._session.scalars(select(OrderRow).where(OrderRow.order_id.in_(order_ids))).all(),
            self._session.scalars(select(DataKeyRow).where(DataKeyRow.owner.in_(owners))).all(),
        )


def gone() -> Pii:
    """Return the PII of an order whose time is up."""
    return dict.fromkeys(PII, REDACTED)


def raw(values: Pii) -> dict[str, RawText]:
    """Return those of the values that are there and not redacted."""
    return {name: value for name, value in values.items() if isinstance(value, RawText) and value}
