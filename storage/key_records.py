"""The wrapped data keys: made, opened, destroyed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Final, final

from sqlalchemy import bindparam, delete, select, text
from sqlalchemy.orm import Session

from storage.bulk import insert_rows
from storage.database import changed, insert_new
from storage.errors import KeyDestroyed
from storage.ids import Owner
from storage.sealing import DataKey, Sealing, WrappedKey
from storage.tables import DataKeyRow

# Of the table, not of its class, and made once: it runs for every message.
_KEYS: Final = DataKeyRow.metadata.tables[DataKeyRow.__tablename__]
_COLUMNS: Final = _KEYS.c
_OF: Final = select(_COLUMNS.owner, _COLUMNS.epoch, _COLUMNS.wrapped).where(
    _COLUMNS.owner.in_(bindparam("owners", expanding=True))
)
_LOCK: Final = 0x6A63_0003


@final
class DataKeys:
    """The data keys of one database, within one transaction."""

    def __init__(self, session: Session, sealing: Sealing) -> None:
        self._session: Final = session
        self._sealing: Final = sealing
        self._holds_lock = False

    def open(self, owner: Owner) -> DataKey:
        """Return the owner's key. Raises KeyDestroyed or SealBroken."""
        row = self._session.get(DataKeyRow, owner)
        if row is None:
            raise KeyDestroyed
        return self._open(row)

    def ensure(self, owner: Owner) -> DataKey:
        """Return the owner's key, making one where there is none.

        The caller holds the lock on the owner's row, so that two do not make one each.
        """
        row = self._session.get(DataKeyRow, owner)
        if row is not None:
            return self._open(row)
        return self._add(owner)

    def renewed(self, owner: Owner, on_loss: Callable[[], object]) -> tuple[DataKey, bool]:
        """Return the owner's key as `ensure` does, and whether it is a new one.

        In the place of one that is lost, as in a restored backup, comes another. Nobody opens any
        more what the lost one had sealed, and the new one would take it for tampered with:
        `on_loss` deletes it. Raises SealBroken.
        """
        row = self._session.get(DataKeyRow, owner)
        if row is not None:
            try:
                return self._open(row), False
            except KeyDestroyed:
                if self.drop_lost(owner):
                    on_loss()
        return self._add(owner), True

    def _add(self, owner: Owner) -> DataKey:
        key, wrapped = self.new(owner)
        self._session.add(DataKeyRow(owner=owner, epoch=wrapped.epoch, wrapped=wrapped.wrapped))
        self._session.flush()
        return key

    def wrapped(self, owners: Sequence[Owner]) -> dict[Owner, WrappedKey]:
        """Return the keys of those owners that have one, as they are kept."""
        if not owners:
            return {}
        found = self._session.connection().execute(_OF, {"owners": owners})
        return {owner: WrappedKey(epoch=epoch, wrapped=key) for owner, epoch, key in found}

    def new(self, owner: Owner) -> tuple[DataKey, WrappedKey]:
        """Make a key for an owner that has none, to be kept by `keep` in this transaction.

        A rotation either waits for it or finds it wrapped by its new epoch: the lock is taken
        before the keyring is asked for its epoch, see `await_writers`. On SQLite the write
        transaction, which has begun, is the lock.
        """
        if not self._holds_lock and self._session.get_bind().dialect.name == "postgresql":
            lock = text("SELECT pg_advisory_xact_lock_shared(:key)")
            self._session.execute(lock, {"key": _LOCK})
        self._holds_lock = True
        return self._sealing.new_key(owner)

    def keep(self, made: Mapping[Owner, WrappedKey]) -> None:
        """Keep keys that were made. The caller holds the locks on their owners' rows."""
        rows = [
            {"owner": owner, "epoch": key.epoch, "wrapped": key.wrapped}
            for owner, key in made.items()
        ]
        insert_rows(self._session, _KEYS, rows)

    def ensure_shared(self, owner: Owner) -> DataKey:
        """Return the key of an owner that has no row to lock, making one where there is none.

        Of two who make it at once, one waits and takes the other's. A key whose epoch is gone,
        as in a restored backup, is replaced: what it made is lost anyway.
        """
        if not self.drop_lost(owner):
            row = self._session.get(DataKeyRow, owner)
            if row is not None:
                return self._open(row)
        _, wrapped = self.new(owner)
        new = {"owner": owner, "epoch": wrapped.epoch, "wrapped": wrapped.wrapped}
        insert_new(self._session, DataKeyRow, new)
        return self.open(owner)

    def drop_lost(self, owner: Owner) -> bool:
        """Delete the owner's key if its epoch is gone, as in a restored backup.

        Returns whether it was. The caller then deletes what the key had sealed: nobody opens it
        any more, and the owner's next key would take it for tampered with. Raises SealBroken.
        """
        row = self._session.get(DataKeyRow, owner)
        if row is None:
            return False
        try:
            self._open(row)
        except KeyDestroyed:
            # This one alone: another transaction may have replaced it in the meantime.
            lost = delete(DataKeyRow).where(
                DataKeyRow.owner == owner, DataKeyRow.wrapped == row.wrapped
            )
            dropped = changed(self._session, lost) > 0
            self._session.expunge(row)
            return dropped
        return False

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
        return changed(self._session, delete(DataKeyRow).where(DataKeyRow.owner.in_(owners)))

    def _open(self, row: DataKeyRow) -> DataKey:
        """Open a key that this transaction has read, maybe long ago."""
        while True:
            read = WrappedKey(epoch=row.epoch, wrapped=row.wrapped)
            try:
                return self._sealing.open_key(row.owner, read)
            except KeyDestroyed:
                # Rotations may have wrapped it anew since and destroyed the epoch that was read.
                again = self._session.get(DataKeyRow, row.owner, populate_existing=True)
                if again is None or again.epoch == read.epoch:
                    raise


def await_writers(session: Session) -> None:
    """Wait for every transaction that makes a data key and began to before now.

    When this returns, those are over and all others see the keyring as it is now: whatever was
    wrapped by the epoch before is committed, and nothing more will be. The lock is let go with
    the transaction, which should do nothing else: while it waits, others wait behind it. Raises
    DatabaseUnavailable, by way of the transaction, where one of them takes more than 10 seconds.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET LOCAL lock_timeout = '10s'"))
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
