"""A backup from before, with today's keyring, opens nothing of what was deleted since.

Real copies: a SQLite file with its write-ahead log, SQLite's own backup, a PostgreSQL dump that is
restored into another database, a copy of a PostgreSQL server's data directory with its
write-ahead log.
"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import Engine, make_url, select

from nlp.text import RawText
from storage.errors import KeyDestroyed, KeyringOutdated
from storage.ids import OrderId, SlackTs, TicketId, order_owner, ticket_owner
from storage.orders import REDACTED
from storage.redaction_batch import Terms
from storage.store import Store
from storage.tables import DataKeyRow, SealedValueRow
from storage.tickets import Trigger
from tests.conftest import postgresql_database_of
from tests.private_server import PrivateServer, copy_of, private_server
from tests.storage.samples import ACME, DAYS, ORDER, PERSON, open_ticket, order_news, say, value

LIVING: Final = "Odalys Fennimore"
LIVE_ORDER: Final = OrderId("111-0000000-0000001")
KEYRING: Final = "keyring.json"
FILE: Final = "sqlite file"
BACKUP: Final = "sqlite backup"
DUMP: Final = "postgresql dump"
DIRECTORY: Final = "postgresql data directory"
_SERVER_KINDS: Final = [
    pytest.param(name, marks=pytest.mark.postgresql) for name in (DUMP, DIRECTORY)
]

Copy = Callable[[], str]


@pytest.fixture(params=[FILE, BACKUP, *_SERVER_KINDS])
def kind(request: pytest.FixtureRequest) -> str:
    """How a copy is made."""
    return str(request.param)


@pytest.fixture
def own_server() -> Iterator[PrivateServer]:
    """A server whose files can be copied."""
    with private_server() as server:
        yield server


@pytest.fixture
def store(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store in a database of that kind."""
    with ExitStack() as stack:
        if kind == DUMP:
            if shutil.which("pg_dump") is None or shutil.which("psql") is None:
                pytest.skip("pg_dump and psql are not installed")
            server: Engine = request.getfixturevalue("postgresql_server")
            url = stack.enter_context(postgresql_database_of(server))
        elif kind == DIRECTORY:
            own: PrivateServer = request.getfixturevalue("own_server")
            url = own.url
        else:
            url = f"sqlite:///{tmp_path}/database/care.db"
        opened = Store.open(url, tmp_path / KEYRING)
        opened.migrate()
        yield opened
        opened.close()


@pytest.fixture
def copy(kind: str, store: Store, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Copy]:
    """Copies the database as it is, and returns the address of the copy."""
    folder = tmp_path / "copy"
    folder.mkdir()
    with ExitStack() as stack:

        def files() -> str:
            names = [file.name for file in store.database.files()]
            assert "care.db-wal" in names
            for file in store.database.files():
                if not file.name.endswith("-shm"):
                    shutil.copy(file, folder / file.name)
            return f"sqlite:///{folder}/care.db"

        def backup() -> str:
            with (
                closing(sqlite3.connect(tmp_path / "database" / "care.db")) as source,
                closing(sqlite3.connect(folder / "care.db")) as target,
            ):
                source.backup(target)
            return f"sqlite:///{folder}/care.db"

        def dump() -> str:
            server: Engine = request.getfixturevalue("postgresql_server")
            restored = stack.enter_context(postgresql_database_of(server))
            script = folder / "dump.sql"
            _run("pg_dump", store.database.url, "--no-owner", f"--file={script}")
            _run("psql", restored, "--quiet", "--set=ON_ERROR_STOP=1", f"--file={script}")
            return restored

        def directory() -> str:
            own: PrivateServer = request.getfixturevalue("own_server")
            return stack.enter_context(copy_of(own)).url

        yield {FILE: files, BACKUP: backup, DUMP: dump, DIRECTORY: directory}[kind]


def _run(program: str, url: str, *arguments: str) -> None:
    address = make_url(url).set(drivername="postgresql")
    command = [program, f"--dbname={address.render_as_string(hide_password=False)}", *arguments]
    subprocess.run(command, check=True, capture_output=True, timeout=60)


def keep(store: Store, now: datetime) -> tuple[TicketId, TicketId]:
    """Keep two tickets and two orders; of each one is to live on. Returns the tickets."""
    with store.begin() as tx:
        tickets = open_ticket(tx, now), open_ticket(tx, now, SlackTs("2.2"))
        say(tx, tickets[0], now, value(PERSON))
        say(tx, tickets[1], now, value(LIVING), ts="2.3")
        tx.orders.upsert(order_news(now), now=now, retention_days=DAYS)
        later = order_news(order_id=LIVE_ORDER, promised_at=now + timedelta(days=60))
        tx.orders.upsert(later, now=now, retention_days=DAYS)
    return tickets


def forget(store: Store, ticket: TicketId, at: datetime) -> None:
    """Resolve the one ticket, redact the one order."""
    with store.begin() as tx:
        tx.tickets.resolve(ticket, by="U0009", trigger=Trigger.COMMAND, now=at)
        assert tx.orders.redact_batch(Terms(now=at, days=DAYS), limit=10).redacted == 1
    store.database.clear_residue()


def rotate(store: Store, at: datetime) -> None:
    """Rotate without a time of grace."""
    epoch = store.rotation.advance(at)
    store.rotation.rewrap(at, by="rotation")
    assert store.rotation.destroy(epoch, at, by="rotation") == 1


def test_a_backup_opens_nothing_of_what_was_deleted_since(
    store: Store, copy: Copy, tmp_path: Path, now: datetime
) -> None:
    """The copy has rows and keys of all; with today's keyring none opens, with the old one all do.

    In the database itself what lives goes on opening.
    """
    resolved, live = keep(store, now)
    old_keyring = tmp_path / "old.json"
    shutil.copy(tmp_path / KEYRING, old_keyring)
    copied = copy()
    later = now + timedelta(days=DAYS)
    forget(store, resolved, later)
    rotate(store, later)

    restored = Store.open(copied, tmp_path / KEYRING)
    with restored.read() as tx:
        owners = set(tx.session.scalars(select(DataKeyRow.owner)))
        assert {ticket_owner(resolved), order_owner(ORDER)} <= owners
        assert tx.session.scalars(select(SealedValueRow.sealed)).first() is not None
        for ticket in (resolved, live):
            with pytest.raises(KeyDestroyed):
                tx.tickets.reveal(ticket)
        for order_id in (ORDER, LIVE_ORDER):
            order = tx.orders.get(order_id, now, DAYS)
            assert order is not None
            assert not any(isinstance(each, RawText) for each in order.pii.values())
        assert tx.orders.traced(ACME, [RawText("wilhelmina quackenbush")], now, DAYS) == ()
        assert tx.orders.known_values([ORDER, LIVE_ORDER], now, DAYS) == ()
    state = restored.rotation.state()
    assert (state.keys, state.lost) == (0, len(owners))
    restored.close()

    control = Store.open(copied, old_keyring)
    with control.read() as tx:
        assert tx.tickets.reveal(resolved) == (("<PERSON_1>", RawText(PERSON)),)
        order = tx.orders.get(ORDER, now, DAYS)
        assert order is not None
        assert order.pii["last_name"] == RawText("Quackenbush")
    control.close()

    with store.read() as tx:
        assert tx.tickets.reveal(live) == (("<PERSON_1>", RawText(LIVING)),)
        order = tx.orders.get(LIVE_ORDER, later, DAYS)
        assert order is not None
        assert order.pii["last_name"] == RawText("Quackenbush")
        gone = tx.orders.get(ORDER, later, DAYS)
        assert gone is not None
        assert set(gone.pii.values()) == {REDACTED}
        with pytest.raises(KeyDestroyed):
            tx.tickets.reveal(resolved)


def test_before_the_rotation_it_still_opens(
    store: Store, copy: Copy, tmp_path: Path, now: datetime
) -> None:
    """The control: as long as nothing was rotated, the copy opens what was deleted."""
    resolved, _ = keep(store, now)
    copied = copy()
    forget(store, resolved, now + timedelta(days=DAYS))

    restored = Store.open(copied, tmp_path / KEYRING)
    with restored.read() as tx:
        assert tx.tickets.reveal(resolved) == (("<PERSON_1>", RawText(PERSON)),)
    restored.close()


def test_a_restored_backup_goes_on(store: Store, copy: Copy, tmp_path: Path, now: datetime) -> None:
    """It starts and keeps new tickets and orders; old ones get another key with the next news."""
    _, live = keep(store, now)
    copied = copy()
    rotate(store, now)

    restored = Store.open(copied, tmp_path / KEYRING)
    with restored.begin() as tx:
        ticket = open_ticket(tx, now, SlackTs("3.3"))
        say(tx, ticket, now, value(PERSON), ts="3.4")
        news = order_news(order_id=OrderId("111-0000000-0000009"))
        tx.orders.upsert(news, now=now, retention_days=DAYS)
    rotate(restored, now)
    with restored.read() as tx, pytest.raises(KeyDestroyed):
        tx.tickets.reveal(live)
    assert restored.rotation.state().lost == 4

    with restored.begin() as tx:
        say(tx, live, now, value("Odalys Fennimore"), ts="2.4")
        less = order_news(order_id=LIVE_ORDER, phone=None, email=None)
        tx.orders.upsert(less, now=now, retention_days=DAYS)

    with restored.read() as tx:
        assert tx.tickets.reveal(live) == (("<PERSON_1>", RawText(LIVING)),)
        order = tx.orders.get(LIVE_ORDER, now, DAYS)
        assert order is not None
        assert (order.pii["last_name"], order.pii["phone"]) == (RawText("Quackenbush"), None)
        assert tx.tickets.reveal(ticket) == (("<PERSON_1>", RawText(PERSON)),)
        assert tx.orders.traced(ACME, [RawText("wilhelmina quackenbush")], now, DAYS) != ()
    assert restored.rotation.state().lost == 2
    restored.close()


def test_an_older_keyring_is_refused(store: Store, tmp_path: Path, now: datetime) -> None:
    """A keyring from before the rotation does not start, also where no data key is left."""
    keep(store, now)
    old_keyring = tmp_path / "old.json"
    shutil.copy(tmp_path / KEYRING, old_keyring)
    rotate(store, now)

    with pytest.raises(KeyringOutdated, match="The keyring is an older copy"):
        Store.open(store.database.url, old_keyring)
    with store.begin() as tx:
        for row in tx.session.scalars(select(DataKeyRow)):
            tx.session.delete(row)
    with pytest.raises(KeyringOutdated):
        Store.open(store.database.url, old_keyring)
