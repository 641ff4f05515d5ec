"""The PII of orders: sealed where it comes in, opened where it is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, final

from sqlalchemy import select
from sqlalchemy.orm import Session

from nlp.text import RawText
from storage.errors import KeyDestroyed
from storage.ids import OrderId, Owner, order_owner
from storage.key_records import DataKeys
from storage.order_state import OrderState
from storage.orders import REDACTED, Redacted
from storage.redaction import PII
from storage.sealing import DataKey, SealedText, Sealing, WrappedKey
from storage.tables import DataKeyRow, OrderRow

Pii = Mapping[str, RawText | Redacted | None]
"""For each PII column the opened value, the literal `Redacted`, or None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """What sealing an order's values made.

    Attributes:
        key: The data key that was made for it, to be kept; None where it had one.
        values: All that is known of its PII now, by column.
        has_changed: Whether any of it was not known before, or was another.
    """

    key: WrappedKey | None
    values: Mapping[str, RawText]
    has_changed: bool


@final
class OrderSeals:
    """Seals and opens the PII of one database's orders, within one transaction."""

    def __init__(self, session: Session, sealing: Sealing, keys: DataKeys) -> None:
        self._session: Final = session
        self._sealing: Final = sealing
        self._keys: Final = keys

    def seal(self, states: Iterable[OrderState]) -> dict[OrderId, Sealed]:
        """Set the PII columns of orders to what was told, sealed. Nothing is written here.

        The caller holds the locks on their rows. What was told before and is no other is left as
        it is. Raises SealBroken.
        """
        telling = [state for state in states if state.told]
        kept = self._keys.wrapped([_owner(state) for state in telling if not state.is_new])
        return {
            OrderId(str(state.row["order_id"])): self._sealed(state, kept.get(_owner(state)))
            for state in telling
        }

    def keep(self, sealed: Mapping[OrderId, Sealed]) -> None:
        """Keep the data keys that were made."""
        made = {order_owner(order_id): each.key for order_id, each in sealed.items()}
        self._keys.keep({owner: key for owner, key in made.items() if key is not None})

    def _sealed(self, state: OrderState, wrapped: WrappedKey | None) -> Sealed:
        owner = _owner(state)
        key = None if wrapped is None else self._opened_key(state, owner, wrapped)
        before = {} if key is None else raw(self._values(key, owner, state.row))
        new = None
        for name, value in state.told.items():
            if before.get(name) == value:
                continue
            if key is None:
                key, new = self._keys.new(owner)
            state.row[name] = self._sealing.seal(key, owner, name, value)
        return Sealed(
            key=new,
            values={**before, **state.told},
            has_changed=new is not None
            or any(before.get(name) != value for name, value in state.told.items()),
        )

    def _opened_key(self, state: OrderState, owner: Owner, wrapped: WrappedKey) -> DataKey | None:
        """Open a key; where its epoch is gone, it and what it sealed are let go."""
        with suppress(KeyDestroyed):
            return self._sealing.open_key(owner, wrapped)
        with suppress(KeyDestroyed):
            # A rotation may have wrapped it anew since it was read.
            return self._keys.open(owner)
        self._keys.drop_lost(owner)
        state.row.update(dict.fromkeys(PII))
        return None

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
        return self._values(key, owner, sealed)

    def _values(self, key: DataKey, owner: Owner, row: Mapping[str, object]) -> Pii:
        return {
            name: None
            if row[name] is None
            else self._sealing.open_sealed(key, owner, name, SealedText(str(row[name])))
            for name in PII
        }

    def fetched(self, order_ids: Sequence[OrderId]) -> tuple[Sequence[object], ...]:
        """Read rows and keys at once. As long as the result is held, none is read again."""
        owners = [order_owner(order_id) for order_id in order_ids]
        return (
            self._session.scalars(select(OrderRow).where(OrderRow.order_id.in_(order_ids))).all(),
            self._session.scalars(select(DataKeyRow).where(DataKeyRow.owner.in_(owners))).all(),
        )


def _owner(state: OrderState) -> Owner:
    return order_owner(OrderId(str(state.row["order_id"])))


def gone() -> Pii:
    """Return the PII of an order whose time is up."""
    return dict.fromkeys(PII, REDACTED)


def raw(values: Pii) -> dict[str, RawText]:
    """Return those of the values that are there and not redacted."""
    return {name: value for name, value in values.items() if isinstance(value, RawText) and value}
