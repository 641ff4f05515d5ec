"""The wrapped data keys: made, opened, destroyed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, final

from sqlalchemy import delete
from sqlalchemy.orm import Session

from storage.database import deleted
from storage.errors import KeyDestroyed
from storage.ids import Owner
from storage.sealing import DataKey, Sealing, WrappedKey
from storage.tables import DataKeyRow


@final
class DataKeys:
    """The data keys of one database, within one transaction."""

    def __init__(self, session: Session, sealing: Sealing) -> None:
        self._session: Final = session
        self._sealing: Final = sealing

    def open(self, owner: Owner) -> DataKey:
        """Return the owner's key. Raises KeyDestroyed or SealBroken."""
        row = self._session.get(DataKeyRow, owner)
        if row is None:
            raise KeyDestroyed
        return self._sealing.open_key(owner, WrappedKey(epoch=row.epoch, wrapped=row.wrapped))

    def ensure(self, owner: Owner) -> DataKey:
        """Return the owner's key, making one where there is none.

        The caller holds the lock on the owner's row, so that two do not make one each.
        """
        row = self._session.get(DataKeyRow, owner)
        if row is not None:
            return self._sealing.open_key(owner, WrappedKey(epoch=row.epoch, wrapped=row.wrapped))
        key, wrapped = self._sealing.new_key(owner)
        self._session.add(DataKeyRow(owner=owner, epoch=wrapped.epoch, wrapped=wrapped.wrapped))
        self._session.flush()
        return key

    def epoch(self, owner: Owner) -> int | None:
        """Return the keyring's epoch that wrapped the owner's key, None where there is no key."""
        row = self._session.get(DataKeyRow, owner)
        return None if row is None else row.epoch

    def destroy(self, owners: Sequence[Owner]) -> int:
        """Delete the keys, and with them all that they sealed. Returns how many there were."""
        return deleted(self._session, delete(DataKeyRow).where(DataKeyRow.owner.in_(owners)))
