"""The wrapped data keys: made, opened, destroyed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Final, final

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from storage.database import deleted, insert_new
from storage.errors import KeyDestroyed
from storage.ids import Owner
from storage.sealing import DataKey, Sealing, WrappedKey
from storage.tables import DataKeyRow

# Of the table, not of its class, and made once: it runs for every message.
_COLUMNS: Final = DataKeyRow.__table__.c
_OF: Final = select(_COLUMNS.owner, _COLUMNS.epoch, _COLUMNS.wrapped).where(
    _COLUMNS.owner.in_(bindparam("owners", expanding=True))
)


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

    def ensure_shared(self, owner: Owner) -> DataKey:
        """Return the key of an owner that has no row to lock, making one where there is none.

        Of two who make it at once, one waits and takes the other's. A key whose epoch is gone,
        as in a restored backup, is replaced: what it made is lost anyway.
        """
        row = self._session.get(DataKeyRow, owner)
        if row is not None:
            try:
                return self.open(owner)
            except KeyDestroyed:
                self.destroy((owner,))
                self._session.expunge(row)
        _, wrapped = self._sealing.new_key(owner)
        new = {"owner": owner, "epoch": wrapped.epoch, "wrapped": wrapped.wrapped}
        insert_new(self._session, DataKeyRow, new)
        return self.open(owner)

    def opened(self, owners: Sequence[Owner]) -> tuple[DataKey, ...]:
        """Return the keys of those owners that have one, save keys whose epoch is gone."""
        keys = []
        found = self._session.connection().execute(_OF, {"owners": owners})
        for owner, epoch, wrapped in found:
            with suppress(KeyDestroyed):
                keys.append(self._sealing.open_key(owner, WrappedKey(epoch=epoch, wrapped=wrapped)))
        return tuple(keys)

    def owners(self, prefix: str) -> tuple[Owner, ...]:
        """Return the owners that begin with the prefix and have a key, in order."""
        query = select(DataKeyRow.owner).where(DataKeyRow.owner.startswith(prefix, autoescape=True))
        return tuple(self._session.scalars(query.order_by(DataKeyRow.owner)))

    def epoch(self, owner: Owner) -> int | None:
        """Return the keyring's epoch that wrapped the owner's key, None where there is no key."""
        row = self._session.get(DataKeyRow, owner)
        return None if row is None else row.epoch

    def destroy(self, owners: Sequence[Owner]) -> int:
        """Delete the keys, and with them all that they sealed. Returns how many there were."""
        return deleted(self._session, delete(DataKeyRow).where(DataKeyRow.owner.in_(owners)))
