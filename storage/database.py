"""The connection, the transaction and what the files of the database still hold.

One engine serves this program's records and DBOS's tables alike, so that a job is enqueued in
the transaction that stores what the job is about.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache, partial
from pathlib import Path
from typing import Final, Self, final
from weakref import WeakSet

import psycopg
from sqlalchemy import (
    Connection,
    CursorResult,
    Delete,
    Engine,
    Executable,
    Update,
    create_engine,
    event,
    literal,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    InterfaceError,
    InternalError,
    InvalidatePoolError,
    OperationalError,
    StatementError,
    TimeoutError,  # noqa: A004 (SQLAlchemy's own: no connection came free in the pool)
)
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry

from storage import schema
from storage.errors import DatabaseUnavailable, RecordRefused, StorageError, UnsafeDatabase

BUSY_TIMEOUT_MS: Final = 30_000
"""How long SQLite waits for another writer, in milliseconds. The same as DBOS's own engine."""

_PRAGMAS: Final = (
    f"busy_timeout={BUSY_TIMEOUT_MS}",  # first, because the next one may have to wait
    "journal_mode=WAL",
    "foreign_keys=ON",
    "secure_delete=ON",
    "synchronous=FULL",
    "temp_store=MEMORY",
)
_SNAPSHOT: Final = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
RESTED_SECONDS: Final = 1.0
"""After how long a rest a connection to PostgreSQL is tried before it is used. One that was in use
a moment ago is not: where the server has gone since, the statement itself says so."""
_SUBSEC_SINCE: Final = (3, 42, 0)
"""The SQLite that has `unixepoch('subsec')`, see https://sqlite.org/lang_datefunc.html"""
_DRIVERS: Final = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
    "sqlite": "sqlite+pysqlite",
    "sqlite+pysqlite": "sqlite+pysqlite",
}
_RESTED: Final = "care_rested_since"


@final
class Database:
    """An open database, SQLite or PostgreSQL.

    Attributes:
        engine: SQLAlchemy's engine, to be shared with DBOS as its `system_database_engine`.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine: Final = engine
        self._opened: Final[WeakSet[psycopg.Connection]] = WeakSet()
        if not self.is_sqlite:
            event.listen(engine, "connect", lambda opened, _record: self._opened.add(opened))

    @classmethod
    def open(cls, url: str) -> Self:
        """Open the database at `url`; a SQLite file is made, for its owner alone, where missing.

        Nothing is connected yet on PostgreSQL. Raises DatabaseUnavailable where the URL or the
        file's folder is no good.
        """
        address = _address(url)
        if address.get_backend_name() == "sqlite":
            _make_file(address)
            engine = create_engine(address, hide_parameters=True)
            event.listen(engine, "connect", _harden)
        else:
            engine = create_engine(
                address,
                hide_parameters=True,
                connect_args={"connect_timeout": 10},
            )
            event.listen(engine, "checkout", partial(_try_rested, engine))
            event.listen(engine, "checkin", _note_rest)
        return cls(engine)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is a SQLite file."""
        return self.engine.dialect.name == "sqlite"

    @property
    def url(self) -> str:
        """The address with its password, for DBOS to migrate its own tables. Never shown."""
        return self.engine.url.render_as_string(hide_password=False)

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """Yield a session in a write transaction: committed at the end, rolled back on an error.

        On SQLite the write lock is taken at once, so that what is read here is still true when
        it is written. Raises DatabaseUnavailable (locked, full, gone) and RecordRefused, neither
        with a value nor with the driver's exception attached.
        """
        with (
            _without_values(),
            Session(self.engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            connection = session.connection()  # now, so that a database that is gone shows here
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Yield a session that reads one snapshot and may not write. Raises as `begin` does."""
        with _without_values(), Session(self.engine) as session:
            if self.is_sqlite:
                connection = session.connection()
                connection.exec_driver_sql("PRAGMA query_only=ON")
                try:
                    connection.exec_driver_sql("BEGIN")
                    yield session
                finally:
                    connection.exec_driver_sql("PRAGMA query_only=OFF")
            else:
                # Part of the driver's BEGIN, so that it costs no round trip of its own.
                session.connection(execution_options=_SNAPSHOT)
                yield session

    def migrate(self) -> None:
        """Bring the schema to the newest revision. Two processes may do so at once."""
        with self.begin() as session:
            schema.upgrade(session.connection())

    def is_current(self) -> bool:
        """Return whether the schema is the newest revision. Raises DatabaseUnavailable."""
        with self.read() as session:
            return schema.is_current(session.connection())

    def clear_residue(self, *, attempts: int = 5, wait_ms: int = 1_000) -> int:
        """Empty SQLite's write-ahead log, where deleted rows live on until it is truncated.

        `secure_delete` has overwritten the rows in the database file. A reader with an open
        snapshot holds the log back, so it is tried `attempts` times, each waiting `wait_ms`
        milliseconds for readers to finish.

        On PostgreSQL there is nothing to truncate by hand: dead rows stay in the tables until
        vacuumed and in `pg_wal` for longer. There we rely on encryption before the write: what
        stays is ciphertext whose key was wrapped by a key that never was in the database.

        Returns: Frames left in the log, 0 where it is empty (and always on PostgreSQL).
        """
        if not self.is_sqlite:
            return 0
        left = 0
        with _without_values(), self.engine.connect() as connection:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={int(wait_ms)}")
            try:
                for _ in range(attempts):
                    left = _truncate(connection)
                    if left == 0:
                        break
            finally:
                connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        return left

    def files(self) -> tuple[Path, ...]:
        """Return the files that SQLite keeps for this database; none on PostgreSQL."""
        if not self.is_sqlite:
            return ()
        path = str(self.engine.url.database)
        names = (path, f"{path}-wal", f"{path}-shm", f"{path}-journal")
        return tuple(Path(name) for name in names if Path(name).exists())

    def close(self) -> None:
        """Close every connection, also one that a thread of the job engine still holds.

        The pool itself closes those alone that lie in it, and forgets the others.
        """
        self.engine.dispose()
        for connection in [*self._opened]:
            connection.close()


def _note_rest(_connection: object, record: ConnectionPoolEntry) -> None:
    """Note since when a connection lies in the pool."""
    record.info[_RESTED] = time.monotonic()


def _try_rested(
    engine: Engine, connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: object
) -> None:
    """Try a connection that has lain in the pool for a while.

    Raises DisconnectionError where it is dead: the pool then makes all of its connections anew.
    """
    since = record.info.get(_RESTED)
    if since is None or time.monotonic() - since < RESTED_SECONDS:
        return
    try:
        engine.dialect.do_ping(connection)
    except psycopg.Error:
        raise InvalidatePoolError from None


def insert_new(session: Session, row: type[DeclarativeBase], values: Mapping[str, object]) -> bool:
    """Insert a row unless one with the same key is there. Returns whether it was inserted."""
    return bool(inserted(session, row, values))


def insert_missing(
    session: Session, row: type[DeclarativeBase], values: Sequence[Mapping[str, object]]
) -> int:
    """Insert those rows whose keys are not there, in one statement. Returns how many."""
    if not values:
        return 0
    statement = _insert(session.get_bind().dialect.name, row, "")
    session.flush()  # What they may point at.
    return len(session.connection().execute(statement, [dict(each) for each in values]).all())


def inserted(
    session: Session, row: type[DeclarativeBase], values: Mapping[str, object], column: str = ""
) -> int | None:
    """Insert a row unless one with the same key is there.

    Returns: A column of it, a number; 1 where none is named; None where the row was there.
    """
    statement = _insert(session.get_bind().dialect.name, row, column)
    session.flush()  # What it may point at.
    found: int | None = session.connection().execute(statement, dict(values)).scalar_one_or_none()
    return found


@cache
def _insert(dialect: str, row: type[DeclarativeBase], column: str) -> Executable:
    """Build an insert, once for each kind of row: building takes longer than running it."""
    table = row.metadata.tables[row.__tablename__]
    returned = table.c[column] if column else literal(1)
    if dialect == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing().returning(returned)
    return postgresql.insert(table).on_conflict_do_nothing().returning(returned)


def changed(session: Session, statement: Delete | Update) -> int:
    """Run a DELETE or an UPDATE. Returns the number of rows that it was about."""
    result = session.execute(statement)
    return result.rowcount if isinstance(result, CursorResult) else 0


def _address(url: str) -> URL:
    address: URL | None = None
    # The exception quotes the URL, password and all, so ours is raised outside of it.
    with suppress(ArgumentError, ValueError):
        address = make_url(url)
    driver = _DRIVERS.get(address.drivername) if address is not None else None
    if address is None or driver is None:
        raise DatabaseUnavailable("DATABASE_URL is not a sqlite:/// or postgresql:// address.")
    return address.set(drivername=driver)


def _make_file(address: URL) -> None:
    if not address.database or address.database == ":memory:":
        raise DatabaseUnavailable("DATABASE_URL names no file; SQLite in memory forgets the work.")
    path = Path(address.database)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError:
        raise DatabaseUnavailable from None


def _harden(connection: sqlite3.Connection, _record: object) -> None:
    """Set up one SQLite connection, as DBOS's own engine does, and so that it forgets."""
    connection.isolation_level = "IMMEDIATE"
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").fetchall()
    if sqlite3.sqlite_version_info < _SUBSEC_SINCE:
        connection.create_function("unixepoch", 1, _unixepoch)
    # A build of SQLite may ignore the pragma, so it is believed only when read back.
    if connection.execute("PRAGMA secure_delete").fetchone() != (1,):
        connection.close()
        raise UnsafeDatabase


def _unixepoch(moment: str) -> float | None:
    """Stand in for SQLite's `unixepoch('subsec')`, the time in seconds with its fraction.

    DBOS, on Python 3.12 and later, has it as a column's default and takes for granted a SQLite
    that knows it; a Python that was built against the system's library may have an older one.
    """
    return time.time() if moment == "subsec" else None


def _truncate(connection: Connection) -> int:
    # The three columns are documented at https://sqlite.org/pragma.html#pragma_wal_checkpoint
    busy, frames, _ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
    return max(int(frames), 1) if busy else 0


@contextmanager
def _without_values() -> Iterator[None]:
    """Turn SQLAlchemy's errors into ours, which carry nothing.

    `hide_parameters` is not enough: the message of psycopg quotes values (`DETAIL: Key …`) and
    `exc.params` holds them all, so the driver's exception is not even left as the context.
    """
    try:
        yield
    except (StatementError, TimeoutError) as problem:
        error = _translate(problem)
        try:
            raise error from None
        finally:
            error.__context__ = None


def _translate(problem: StatementError | TimeoutError) -> StorageError:
    # A plain DatabaseError is what SQLite says of a file that is damaged or no database.
    gone = (OperationalError, InterfaceError, InternalError, TimeoutError)
    if isinstance(problem, gone) or type(problem) is DatabaseError:
        return DatabaseUnavailable()
    return RecordRefused()
