"""Rotation: another epoch in the place of the current one, and the old one's key destroyed.

Who has an old copy of the database, a backup or its write-ahead log, and today's keyring opens
nothing of what was deleted before the last rotation: what lives was wrapped anew, what was
deleted was not. The steps, each safe to repeat and to be killed in:

1. `advance`: a new epoch is in the keyring, on disk, before anything is wrapped by it.
2. `rewrap`: whoever may be wrapping by an older epoch is waited for; then every data key that is
   wrapped by one is wrapped by the new one, batch by batch.
3. A time of grace, which the caller waits: a reader may hold a row as it was before.
4. `destroy`: where no row is wrapped by an older epoch any more, their keys are destroyed.

A rotation that stops on the way leaves older epochs in the keyring (`is_unfinished`), and the
next one takes them along.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, final

from sqlalchemy import bindparam, func, select, text
from sqlalchemy.orm import Session

from storage.audit import Audit, AuditKind
from storage.database import Database
from storage.errors import EpochInUse, KeyDestroyed, SealBroken
from storage.ids import Owner
from storage.key_records import await_writers
from storage.keyring import Keyring
from storage.retention import utc
from storage.sealing import Sealing, WrappedKey
from storage.tables import AuditRow, DataKeyRow

GRACE_SECONDS: Final = 60
"""Time from the last re-wrap to the destruction. A transaction that reads for longer finds what
it read before `KeyDestroyed`, and reads it anew when it is tried again."""
BATCH: Final = 2_000
"""Data keys wrapped in one transaction. Whoever deletes one of them waits for it, about 0.1 s."""
SUBJECT: Final = "keyring"
"""What the audit calls it."""

_PASSES: Final = 50
_BETWEEN_PASSES: Final = 0.2
"""Seconds that those who have locked rows get to finish, so many times."""

_KEYS: Final = DataKeyRow.__table__.c
_WRAPPED_BY: Final = _KEYS.epoch.in_(bindparam("epochs", expanding=True))
# What others have locked is skipped: it may be about to go, and is looked for in the next pass.
# So a batch never waits for anybody while others wait for it.
_NEXT: Final = (
    select(_KEYS.owner, _KEYS.epoch, _KEYS.wrapped)
    .where(_WRAPPED_BY, _KEYS.owner > bindparam("after"))
    .order_by(_KEYS.owner)
    .limit(BATCH)
    .with_for_update(skip_locked=True)
)
_LEFT: Final = select(_KEYS.owner, _KEYS.epoch, _KEYS.wrapped).where(_WRAPPED_BY)
# Both change rows and never make one: a ticket that is resolved has no key and gets none.
_CHANGE_SQLITE: Final = "UPDATE data_keys SET epoch = ?, wrapped = ? WHERE owner = ?"
_CHANGE_POSTGRESQL: Final = text(
    "UPDATE data_keys SET epoch = new.epoch, wrapped = new.wrapped "
    "FROM unnest(CAST(:owners AS text[]), CAST(:epochs AS integer[]), CAST(:wrapped AS bytea[])) "
    "AS new(owner, epoch, wrapped) WHERE data_keys.owner = new.owner"
)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class KeysState:
    """How the keyring and the data keys stand.

    Attributes:
        epoch: The current epoch.
        made_at: When it began; None where that is not known.
        older: Older epochs whose keys are not destroyed yet.
        keys: Data keys that open.
        waiting: Those of them that are wrapped by an older epoch.
        lost: Data keys whose epoch was destroyed. There are some in a backup that was restored.
    """

    epoch: int
    made_at: datetime | None
    older: int
    keys: int
    waiting: int
    lost: int


@final
class Rotation:
    """Rotates the keyring of one database, in transactions of its own."""

    def __init__(self, database: Database, keyring: Keyring, sealing: Sealing) -> None:
        self._database: Final = database
        self._keyring: Final = keyring
        self._sealing: Final = sealing

    def is_due(self, now: datetime, interval: timedelta) -> bool:
        """Return whether the current epoch is as old as `interval`, or of an unknown age.

        One that begins as far in the future, by a clock that was wrong, is due as well.
        Raises ValueError for a naive time.
        """
        made_at = self._keyring.epochs[-1].made_at
        return made_at is None or abs(utc(now) - made_at) >= interval

    def is_unfinished(self) -> bool:
        """Return whether older epochs, or the audit entry of their end, are left to see to."""
        with self._database.read() as session:
            last = _last_facts(session)
        epoch, older = self._epochs()
        return bool(older) or _is_unwritten(last, epoch)

    def advance(self, now: datetime) -> int:
        """Begin another epoch, and return it; of two that begin one at once, both return it.

        Raises KeyringUnwritable, and ValueError for a naive time.
        """
        return self._keyring.advance(after=self._keyring.current, now=now)

    def rewrap(self, now: datetime, *, by: str) -> tuple[int, int]:
        """Wrap by the current epoch every data key that is wrapped by an older one.

        Each batch is a transaction of its own; the audit entry is in the last.

        Returns: The current epoch, and how many keys were wrapped.

        Raises:
            EpochInUse: Others hold rows locked for too long.
            DatabaseUnavailable: As `Database.begin` says.
            ValueError: The time is naive.
        """
        epoch, older = self._epochs()
        with self._database.begin() as session:
            await_writers(session)
        wrapped = 0
        for _ in range(_PASSES):
            wrapped += self._pass(older)
            with self._database.begin() as session:
                if not self._is_in_use(session, older):
                    self._note_rewrapped(session, epoch, len(older), wrapped, now=now, by=by)
                    break
            time.sleep(_BETWEEN_PASSES)
        else:
            raise EpochInUse
        # The write-ahead log of SQLite holds each key as it was before; after the destruction
        # it would be of no use to anyone, but there is no reason to keep it.
        self._database.clear_residue(attempts=1)
        return epoch, wrapped

    def destroy(self, epoch: int, now: datetime, *, by: str) -> int:
        """Destroy the keys of all epochs before `epoch`. Returns how many there were.

        Nobody is asked how long ago the last re-wrap was: the caller has waited.

        Raises:
            EpochInUse: A data key that opens is wrapped by one of them.
            KeyringUnwritable: The file cannot be changed.
            DatabaseUnavailable: As `Database.begin` says.
            ValueError: The time is naive, or the epoch has not begun.
        """
        older = [each for each in self._epochs()[1] if each < epoch]
        with self._database.begin() as session:
            await_writers(session)
            if self._is_in_use(session, older):
                raise EpochInUse
        with self._database.begin() as session:
            last = _last_facts(session)
            if not older and not _is_unwritten(last, epoch):
                return 0
            count = len(older) or int(last.get("older", 0))
            Audit(session).append(
                AuditKind.KEYS_ROTATED,
                at=now,
                by=by,
                subject=SUBJECT,
                facts={"step": "destroyed", "epoch": epoch, "destroyed": count},
            )
            if self._is_in_use(session, older):
                raise EpochInUse
            self._keyring.destroy_before(epoch)
        return count

    def state(self) -> KeysState:
        """Return how the keyring and the data keys stand. Raises as `Database.read` does."""
        with self._database.read() as session:
            query = select(_KEYS.epoch, func.count()).group_by(_KEYS.epoch)
            rows = {row[0]: row[1] for row in session.connection().execute(query)}
        epochs = self._keyring.epochs
        current = epochs[-1]
        known = {each.number for each in epochs}
        return KeysState(
            epoch=current.number,
            made_at=current.made_at,
            older=len(epochs) - 1,
            keys=sum(count for epoch, count in rows.items() if epoch in known),
            waiting=sum(rows.get(epoch, 0) for epoch in known - {current.number}),
            lost=sum(count for epoch, count in rows.items() if epoch not in known),
        )

    def _epochs(self) -> tuple[int, list[int]]:
        """Return the current epoch and the older ones whose keys are there."""
        *older, current = [each.number for each in self._keyring.epochs]
        return current, older

    def _pass(self, older: Sequence[int]) -> int:
        """Go through the keys once, in the order of their owners. Returns how many it wrapped."""
        wrapped, after = 0, ""
        while older:
            with self._database.begin() as session:
                found = session.connection().execute(_NEXT, {"epochs": older, "after": after})
                rows = [(owner, epoch, key) for owner, epoch, key in found]
                wrapped += self._wrap(session, rows)
            if len(rows) < BATCH:
                break
            after = rows[-1][0]
        return wrapped

    def _wrap(self, session: Session, rows: Sequence[tuple[Owner, int, bytes]]) -> int:
        """Wrap these keys by the current epoch. Returns how many; one that is broken stays."""
        new: list[tuple[int, bytes, str]] = []
        for owner, epoch, wrapped in rows:
            try:
                anew = self._sealing.rewrap(owner, WrappedKey(epoch=epoch, wrapped=wrapped))
            except (SealBroken, KeyDestroyed):
                # Nobody can open it, with whatever keyring: it must not keep an epoch alive.
                continue
            new.append((anew.epoch, anew.wrapped, owner))
        if new and self._database.is_sqlite:
            session.connection().exec_driver_sql(_CHANGE_SQLITE, new)
        elif new:
            changed = {
                "owners": [owner for _, _, owner in new],
                "epochs": [epoch for epoch, _, _ in new],
                "wrapped": [key for _, key, _ in new],
            }
            session.connection().execute(_CHANGE_POSTGRESQL, changed)
        return len(new)

    def _is_in_use(self, session: Session, epochs: Sequence[int]) -> bool:
        """Return whether a data key that opens is wrapped by one of these epochs."""
        if not epochs:
            return False
        for owner, epoch, wrapped in session.connection().execute(_LEFT, {"epochs": epochs}):
            try:
                self._sealing.open_key(owner, WrappedKey(epoch=epoch, wrapped=wrapped))
            except (SealBroken, KeyDestroyed):
                continue
            return True
        return False

    def _note_rewrapped(
        self, session: Session, epoch: int, older: int, wrapped: int, *, now: datetime, by: str
    ) -> None:
        last = _last_facts(session)
        if not wrapped and _is_unwritten(last, epoch):
            return  # A rotation that was stopped in its time of grace has written it.
        Audit(session).append(
            AuditKind.KEYS_ROTATED,
            at=now,
            by=by,
            subject=SUBJECT,
            facts={"step": "rewrapped", "epoch": epoch, "older": older, "keys": wrapped},
        )


def latest_epoch(session: Session) -> int:
    """Return the latest epoch that the database has heard of, 0 where of none."""
    wrapping = session.scalars(select(func.max(DataKeyRow.epoch))).one()
    return max(wrapping or 0, int(_last_facts(session).get("epoch", 0)))


def _is_unwritten(last: Mapping[str, int | str], epoch: int) -> bool:
    """Return whether the last entry is the re-wrap's, so that the destruction's has to follow.

    One that was killed between the keyring's file and the commit leaves its entry to the next.
    """
    return last.get("step") == "rewrapped" and last.get("epoch") == epoch


def _last_facts(session: Session) -> Mapping[str, int | str]:
    """Return what the last audit entry of a rotation says."""
    query = select(AuditRow.facts).where(
        AuditRow.subject == SUBJECT, AuditRow.kind == AuditKind.KEYS_ROTATED.value
    )
    last = session.scalars(query.order_by(AuditRow.seq.desc()).limit(1)).first()
    facts: Mapping[str, int | str] = {} if last is None else json.loads(last)
    return facts
