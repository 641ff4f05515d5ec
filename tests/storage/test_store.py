"""A database and its keyring: opened together or not at all."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import delete

from nlp.text import RawText
from storage.errors import KeyringMismatch, KeyringMissing
from storage.keyring import FileKeyring
from storage.redaction_batch import Terms
from storage.residue import scan
from storage.store import Store
from storage.tables import KeyringMarkRow
from storage.tickets import Trigger
from tests.storage.samples import DAYS, PERSON, STREET, open_ticket, order_news, say, value


def test_a_bare_store_is_made_ready(bare_database_url: str, tmp_path: Path) -> None:
    """Opening makes a keyring, migrating makes the schema, and both are there the next time."""
    path = tmp_path / "keyring.json"
    store = Store.open(bare_database_url, path)
    keyring = FileKeyring.open(path)
    assert not store.database.is_current()
    store.migrate()
    store.close()

    again = Store.open(bare_database_url, path)
    assert again.database.is_current()
    again.close()
    assert FileKeyring.open(path).id == keyring.id


def test_what_was_sealed_opens_after_a_restart(
    store: Store, database_url: str, tmp_path: Path, now: datetime
) -> None:
    """Another process with the same keyring opens the values."""
    with store.begin() as tx:
        ticket = open_ticket(tx, now)
        say(tx, ticket, now, value(PERSON))
    store.close()

    again = Store.open(database_url, tmp_path / "keyring.json")
    with again.read() as tx:
        assert tx.tickets.reveal(ticket) == (("<PERSON_1>", RawText(PERSON)),)
    again.close()


def test_a_lost_keyring_is_never_replaced(store: Store, database_url: str, tmp_path: Path) -> None:
    """A sealed database without its keyring does not open, and no new keyring is made."""
    store.close()
    path = tmp_path / "keyring.json"
    path.unlink()

    with pytest.raises(KeyringMissing):
        Store.open(database_url, path)

    assert not path.exists()


def test_a_mark_that_is_gone_makes_no_new_keyring(
    store: Store, database_url: str, tmp_path: Path, now: datetime
) -> None:
    """Sealed data alone tell that there was a keyring."""
    with store.begin() as tx:
        say(tx, open_ticket(tx, now), now, value(PERSON))
        tx.session.execute(delete(KeyringMarkRow))
    store.close()

    with pytest.raises(KeyringMissing):
        Store.open(database_url, tmp_path / "other.json")
    with pytest.raises(KeyringMismatch):
        Store.open(database_url, tmp_path / "keyring.json")


def test_another_keyring_is_refused(store: Store, database_url: str, tmp_path: Path) -> None:
    """A keyring that did not seal this database is told apart from none."""
    store.close()
    other = FileKeyring.create(tmp_path / "other.json")

    with pytest.raises(KeyringMismatch):
        Store.open(database_url, tmp_path / "other.json")

    assert FileKeyring.open(tmp_path / "other.json").id == other.id


def test_a_keyring_that_is_made_knows_its_age(
    bare_database_url: str, tmp_path: Path, now: datetime
) -> None:
    """The first epoch begins when the store is opened, where the time is told."""
    store = Store.open(bare_database_url, tmp_path / "keyring.json", now)

    assert FileKeyring.open(tmp_path / "keyring.json").epochs[0].made_at == now
    store.close()


def test_a_resolved_ticket_and_a_redacted_order_leave_no_bytes(
    sqlite_template: Path, tmp_path: Path, now: datetime
) -> None:
    """No file of the database holds a value, sealed or not, once its time is over."""
    path = tmp_path / "care.db"
    path.write_bytes(sqlite_template.read_bytes())
    store = Store.open(f"sqlite:///{path}", tmp_path / "keyring.json")
    with store.begin() as tx:
        ticket = open_ticket(tx, now)
        say(tx, ticket, now, value(PERSON))
        tx.orders.upsert(order_news(now), now=now, retention_days=DAYS)
        connection = tx.session.connection()
        sealed = [
            *connection.exec_driver_sql("SELECT sealed FROM sealed_values").scalars(),
            *connection.exec_driver_sql("SELECT street_1 FROM orders").scalars(),
        ]
        traces = [*connection.exec_driver_sql("SELECT trace FROM order_traces").scalars()]
        owned = "SELECT wrapped FROM data_keys WHERE owner NOT LIKE 'traces:%'"
        keys = [*connection.exec_driver_sql(owned).scalars()]
    plain = [text.encode() for text in (PERSON, STREET)]
    ciphertext = [*(text.encode() for text in sealed), *keys, *traces]
    assert len(traces) > 4
    assert scan(store.database.files(), plain) == ()
    assert {hit.needle for hit in scan(store.database.files(), ciphertext)} == set(
        range(len(ciphertext))
    )

    with store.begin() as tx:
        tx.tickets.resolve(ticket, by="U0009", trigger=Trigger.COMMAND, now=now)
        tx.orders.redact_batch(Terms(now=now, days=0), limit=10)
    assert store.database.clear_residue() == 0

    assert scan(store.database.files(), plain + ciphertext) == ()
    store.close()
