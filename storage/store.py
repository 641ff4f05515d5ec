"""Everything we keep, behind one door: a database and the keyring that sealed it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Self, final

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from storage.audit import Audit
from storage.call_budgets import CallBudgets
from storage.census import Census
from storage.database import Database, insert_new
from storage.departures import Departures
from storage.errors import KeyringMismatch, KeyringMissing, KeyringOutdated
from storage.feed_records import Feeds
from storage.file_records import Files
from storage.inbox_records import Inbox
from storage.installation_records import Installations
from storage.keyring import FileKeyring, Keyring
from storage.merchant_records import Merchants
from storage.order_records import Orders
from storage.outbox_records import Outbox
from storage.rating_records import Ratings
from storage.receipts import Receipts
from storage.return_records import Returns
from storage.rotation import Rotation, latest_epoch
from storage.sealed_records import SealedValues
from storage.sealing import Sealing
from storage.tables import DataKeyRow, KeyringMarkRow
from storage.ticket_records import Tickets


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """The records, all within one transaction of the database.

    Attributes:
        session: SQLAlchemy's session, for a job to be enqueued in the same transaction.
    """

    session: Session
    inbox: Inbox
    merchants: Merchants
    tickets: Tickets
    orders: Orders
    returns: Returns
    feeds: Feeds
    budgets: CallBudgets
    outbox: Outbox
    ratings: Ratings
    files: Files
    audit: Audit
    receipts: Receipts
    census: Census
    installations: Installations
    departures: Departures


@final
class Store:
    """A database with its keyring.

    Attributes:
        database: The database.
        rotation: Puts another epoch of the keyring in the place of the current one.
    """

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self.database: Final = database
        self._keyring: Final = keyring
        self._sealing: Final = Sealing(keyring)
        self.rotation: Final = Rotation(database, keyring, self._sealing)

    @classmethod
    def open(cls, url: str, keyring_path: Path, now: datetime | None = None) -> Self:
        """Open the database and the keyring that sealed it.

        A keyring is made where there is none and nothing was sealed yet, and never over data.
        `now` is when its epoch begins, see `FileKeyring.create`.

        Raises:
            DatabaseUnavailable, UnsafeDatabase: The database cannot be used.
            KeyringMissing: The database was sealed, and the file is not there.
            KeyringMismatch: It was sealed with another keyring.
            KeyringOutdated: It was sealed with a later state of this keyring.
            KeyringUnreadable: The file is damaged or others may read it.
        """
        database = Database.open(url)
        try:
            try:
                keyring = FileKeyring.open(keyring_path)
            except KeyringMissing:
                if _is_sealed(database):
                    raise
                keyring = FileKeyring.create(keyring_path, now)
            store = cls(database, keyring)
            store._mark()
        except BaseException:
            database.close()
            raise
        return store

    def migrate(self) -> None:
        """Bring the schema to the newest revision. Raises as `open` does."""
        self.database.migrate()
        self._mark()

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        """Yield a write transaction: committed at the end, rolled back on an error.

        Raises DatabaseUnavailable and RecordRefused, see `Database.begin`.
        """
        with self.database.begin() as session:
            yield self._transaction(session)

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """Yield a transaction that reads one snapshot and may not write."""
        with self.database.read() as session:
            yield self._transaction(session)

    def close(self) -> None:
        """Close the database."""
        self.database.close()

    def _transaction(self, session: Session) -> Transaction:
        audit = Audit(session)
        receipts = Receipts(audit)
        return Transaction(
            session=session,
            inbox=Inbox(session),
            merchants=Merchants(session),
            tickets=Tickets(session, SealedValues(session, self._sealing), receipts),
            orders=Orders(session, self._sealing, audit),
            returns=Returns(session),
            feeds=Feeds(session),
            budgets=CallBudgets(session),
            outbox=Outbox(session),
            ratings=Ratings(session),
            files=Files(session),
            audit=audit,
            receipts=receipts,
            census=Census(session),
            installations=Installations(session, self._sealing),
            departures=Departures(session, audit),
        )

    def _mark(self) -> None:
        """Note in a migrated database whose keyring seals it.

        Raises KeyringMismatch and KeyringOutdated.
        """
        if not _is_migrated(self.database):
            return
        with self.database.read() as session:
            marks = session.scalars(select(KeyringMarkRow.keyring_id)).all()
            has_keys = session.scalars(select(DataKeyRow.owner).limit(1)).first() is not None
            latest = latest_epoch(session)
        if marks == [self._keyring.id]:
            # The keyring is asked after the database: an epoch is in the file before it is here.
            if latest > self._keyring.current:
                raise KeyringOutdated
            return
        if marks or has_keys:
            raise KeyringMismatch
        with self.database.begin() as session:
            insert_new(session, KeyringMarkRow, {"keyring_id": self._keyring.id})


def _is_migrated(database: Database) -> bool:
    with database.read() as session:
        return inspect(session.connection()).has_table(KeyringMarkRow.__tablename__)


def _is_sealed(database: Database) -> bool:
    if not _is_migrated(database):
        return False
    with database.read() as session:
        marked = session.scalars(select(KeyringMarkRow.keyring_id).limit(1)).first() is not None
        has_keys = session.scalars(select(DataKeyRow.owner).limit(1)).first() is not None
        return marked or has_keys
