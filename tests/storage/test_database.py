"""The connection, the transaction, and what files hold afterwards."""

from __future__ import annotations

import sqlite3
import stat
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import delete, event, text
from sqlalchemy.orm import Session

from storage import database as database_module
from storage.database import Database, changed, insert_new
from storage.errors import DatabaseUnavailable, RecordRefused, StorageError, UnsafeDatabase
from storage.ids import EventId, MerchantId, OrderId
from storage.residue import scan
from storage.tables import MerchantRow, OrderRow, SeenEventRow

CANARY = "Wilhelmina-4821-Gooseberry"
TIMES = ("first_seen_at", "updated_at", "clock_at")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An open database with the schema."""
    opened = Database.open(database_url)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """An open SQLite database with the schema, which gives up on a lock after 50 ms."""
    path = tmp_path / "care.db"
    path.write_bytes(sqlite_template.read_bytes())
    opened = Database.open(f"sqlite:///{path}")

    @event.listens_for(opened.engine, "connect")
    def impatient(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA busy_timeout=50")

    yield opened
    opened.close()


def merchants(session: Session) -> list[str]:
    """Return the merchants' names."""
    return list(session.execute(text("SELECT merchant_id FROM merchants ORDER BY 1")).scalars())


def add(session: Session, name: str) -> bool:
    """Add a merchant."""
    return insert_new(session, MerchantRow, {"merchant_id": MerchantId(name)})


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("postgres://care@127.0.0.1/care", "postgresql+psycopg"),
        ("postgresql://care@127.0.0.1/care", "postgresql+psycopg"),
        ("postgresql+psycopg://care@127.0.0.1/care", "postgresql+psycopg"),
    ],
)
def test_every_postgresql_address_means_psycopg(url: str, driver: str) -> None:
    """The address as hosts give it out opens with the driver that we have."""
    opened = Database.open(url)
    assert opened.engine.url.drivername == driver
    assert not opened.is_sqlite
    assert opened.files() == ()


@pytest.mark.parametrize(
    "url",
    ["", "nonsense", f"mysql://care:{CANARY}@host/care", f"sqlite:{CANARY}", "sqlite://"],
)
def test_a_bad_address_is_not_repeated(url: str) -> None:
    """An address of no use is refused in words that do not hold it, nor does the exception."""
    with pytest.raises(DatabaseUnavailable) as caught:
        Database.open(url)

    assert CANARY not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__context__ is None


def test_a_folder_that_cannot_be_made_is_named_so(tmp_path: Path) -> None:
    """A path through a file is no place for a database."""
    (tmp_path / "file").write_text("")
    with pytest.raises(DatabaseUnavailable):
        Database.open(f"sqlite:///{tmp_path}/file/care.db")


def test_sqlite_is_set_up_to_forget_and_to_share(sqlite_database: Database) -> None:
    """Every pragma that the house counts on reads back from a connection of the pool."""
    with sqlite_database.engine.connect() as connection:
        values = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "secure_delete", "foreign_keys", "synchronous")
        }
        temp_store = connection.exec_driver_sql("PRAGMA temp_store").scalar()
        driver = connection.connection.driver_connection
    assert values == {
        "journal_mode": "wal",
        "secure_delete": 1,
        "foreign_keys": 1,
        "synchronous": 2,
    }
    assert temp_store == 2
    assert isinstance(driver, sqlite3.Connection)
    assert driver.isolation_level == "IMMEDIATE"


def test_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    """The folder is 0700 and every file of the database 0600."""
    opened = Database.open(f"sqlite:///{tmp_path}/home/care.db")
    opened.migrate()
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in opened.files()}
    opened.close()

    assert modes == dict.fromkeys(("care.db", "care.db-wal", "care.db-shm"), 0o600)
    assert stat.S_IMODE((tmp_path / "home").stat().st_mode) == 0o700


def test_a_sqlite_that_does_not_forget_is_refused(tmp_path: Path) -> None:
    """Where secure_delete stays off, as in a build that ignores it, nothing is started."""
    connection = sqlite3.connect(tmp_path / "care.db")
    connection.execute("PRAGMA secure_delete=OFF")

    def ignore(action: int, name: str | None, argument: str | None, *_: object) -> int:
        is_set = action == sqlite3.SQLITE_PRAGMA and name == "secure_delete" and argument
        return sqlite3.SQLITE_IGNORE if is_set else sqlite3.SQLITE_OK

    connection.set_authorizer(ignore)
    with pytest.raises(UnsafeDatabase):
        database_module._harden(connection, None)


def test_a_transaction_commits_at_its_end(database: Database) -> None:
    """What a transaction wrote is there afterwards."""
    with database.begin() as session:
        add(session, "acme")

    with database.read() as session:
        assert merchants(session) == ["acme"]


def test_a_transaction_that_fails_leaves_nothing(database: Database) -> None:
    """An error on the way takes back what was written, and comes out as it was."""

    def fail_halfway() -> None:
        with database.begin() as session:
            add(session, "acme")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()

    with database.read() as session:
        assert merchants(session) == []


def test_reading_does_not_write(database: Database) -> None:
    """A write in a reading transaction is an error, and the connection writes again later."""
    with pytest.raises(StorageError), database.read() as session:
        add(session, "acme")

    with database.begin() as session:
        add(session, "bolt")
    with database.read() as session:
        assert merchants(session) == ["bolt"]


def test_reading_sees_one_moment(database: Database) -> None:
    """What is committed while a transaction reads does not change what it reads."""
    with database.read() as reader:
        assert merchants(reader) == []
        with database.begin() as session:
            add(session, "acme")
        assert merchants(reader) == []


def test_a_row_is_inserted_once(database: Database) -> None:
    """The second of two equal keys is not inserted and is no error."""
    with database.begin() as session:
        assert add(session, "acme")
        assert not add(session, "acme")
        assert changed(session, delete(MerchantRow)) == 1


def test_writers_do_not_lose_updates(database: Database) -> None:
    """What a transaction reads first is still true when it writes: 4 x 10 turns are 40."""
    with database.begin() as session:
        session.execute(text("CREATE TABLE turns (n INTEGER)"))
        session.execute(text("INSERT INTO turns VALUES (0)"))
    lock = "" if database.is_sqlite else " FOR UPDATE"
    start = Barrier(4)

    def take_turns() -> None:
        start.wait()
        for _ in range(10):
            with database.begin() as session:
                n = session.execute(text(f"SELECT n FROM turns{lock}")).scalar_one()
                session.execute(text("UPDATE turns SET n = :n"), {"n": n + 1})

    with ThreadPoolExecutor(4) as pool:
        for task in [pool.submit(take_turns) for _ in range(4)]:
            task.result()

    with database.begin() as session:
        assert session.execute(text("SELECT n FROM turns")).scalar_one() == 40
        session.execute(text("DROP TABLE turns"))


def test_an_error_carries_no_value(database: Database, now: datetime) -> None:
    """Of a row that the schema refuses nothing is told: no message, no chain, no attribute."""
    row = {
        "order_id": OrderId("111-2223334-5556667"),
        "merchant_id": MerchantId(CANARY),  # there is no such merchant
        "city": CANARY,
    }
    with pytest.raises(RecordRefused) as caught, database.begin() as session:
        insert_new(session, OrderRow, {**row, **dict.fromkeys(TIMES, now)})

    assert CANARY not in "".join(traceback.format_exception(caught.value))
    assert (caught.value.__context__, caught.value.__cause__) == (None, None)
    assert vars(caught.value) == {}


def test_a_naive_time_is_refused_before_it_is_written(database: Database, now: datetime) -> None:
    """A datetime without a zone does not reach the database."""
    row = {"source": "slack", "event_id": EventId("Ev1"), "at": now.replace(tzinfo=None)}
    with pytest.raises(RecordRefused), database.begin() as session:
        insert_new(session, SeenEventRow, row)


def test_a_locked_database_is_unavailable(sqlite_database: Database) -> None:
    """Another writer that does not finish in time is the caller's to retry."""
    with (
        sqlite_database.begin(),
        pytest.raises(DatabaseUnavailable),
        sqlite_database.begin(),
    ):
        pass


def test_a_full_database_is_unavailable(sqlite_database: Database) -> None:
    """A disk without room is told as such, and what was there is still there."""
    with sqlite_database.begin() as session:
        add(session, "acme")

    def fill() -> None:
        with sqlite_database.begin() as session:
            session.connection().exec_driver_sql("PRAGMA max_page_count=1")
            for number in range(2_000):
                add(session, f"m{number}-" + "x" * 100)

    with pytest.raises(DatabaseUnavailable):
        fill()

    with sqlite_database.read() as session:
        assert merchants(session) == ["acme"]


def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    """A damaged file is told as such."""
    (tmp_path / "care.db").write_bytes(b"this is no database at all" * 100)
    opened = Database.open(f"sqlite:///{tmp_path}/care.db")
    with pytest.raises(DatabaseUnavailable), opened.read():
        pass
    opened.close()


def test_a_server_that_is_gone_is_unavailable() -> None:
    """Where nothing listens, the first transaction says so."""
    opened = Database.open("postgresql://care@127.0.0.1:1/care")
    with pytest.raises(DatabaseUnavailable), opened.begin():
        pass
    opened.close()


def test_deleted_text_leaves_the_files(sqlite_database: Database) -> None:
    """Once the log is truncated, no file holds what was deleted; before, one did."""
    with sqlite_database.begin() as session:
        add(session, CANARY)
    with sqlite_database.begin() as session:
        changed(session, delete(MerchantRow))
    assert scan(sqlite_database.files(), [CANARY.encode()])

    assert sqlite_database.clear_residue() == 0

    assert scan(sqlite_database.files(), [CANARY.encode()]) == ()


def test_a_reader_holds_the_log_back(sqlite_database: Database) -> None:
    """Frames that a reader still needs are counted, and go once it is done."""
    with sqlite_database.begin() as session:
        add(session, CANARY)
    with sqlite_database.read() as reader:
        merchants(reader)
        with sqlite_database.begin() as session:
            add(session, "acme")
        assert sqlite_database.clear_residue(attempts=2, wait_ms=10) > 0

    assert sqlite_database.clear_residue() == 0


def test_clearing_leaves_the_patience_as_it_was(tmp_path: Path) -> None:
    """The short wait for readers is over with the clearing."""
    opened = Database.open(f"sqlite:///{tmp_path}/care.db")
    opened.clear_residue(wait_ms=10)
    with opened.engine.connect() as connection:
        patience = connection.exec_driver_sql("PRAGMA busy_timeout").scalar()
    opened.close()

    assert patience == 30_000


def test_postgresql_has_no_residue_to_clear(database: Database) -> None:
    """Clearing is safe to ask of any database and leaves nothing to report."""
    assert database.clear_residue() == 0


def test_the_clock_that_dbos_asks_sqlite_for_is_there(tmp_path: Path) -> None:
    """`unixepoch('subsec')`, a default of DBOS's columns, tells the time on any SQLite."""
    database = Database.open(f"sqlite:///{tmp_path}/database/care.db")
    before = time.time()

    with database.read() as session:
        told = session.connection().exec_driver_sql("SELECT unixepoch('subsec')").scalar_one()

    database.close()
    assert before - 1 <= told <= time.time() + 1
