"""The audit chain, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import delete, insert, text, update

from storage.audit import AuditKind
from storage.chain import GENESIS, content, entry_hash
from storage.errors import AuditBroken, RecordRefused
from storage.store import Store
from storage.tables import AuditRow
from tests.storage.samples import AGENT
from tests.storage.tampering import unguarded


def fill(store: Store, now: datetime, entries: int = 5) -> None:
    """Write some entries."""
    with store.begin() as tx:
        for number in range(entries):
            tx.audit.append(
                AuditKind.VALUES_REVEALED,
                at=now + timedelta(microseconds=number),
                by=AGENT,
                subject=f"ticket:{number}",
                facts={"values": number, "reason": "call-back"},
            )


def test_a_chain_verifies(store: Store, now: datetime) -> None:
    """Entries hold the hash of the one before, the first one zeros."""
    with store.read() as tx:
        assert tx.audit.verify() == 0
    fill(store, now)

    with store.read() as tx:
        assert tx.audit.verify() == 5
        [first], [second] = tx.audit.about("ticket:0"), tx.audit.about("ticket:1")
    assert (first.seq, first.previous) == (1, GENESIS)
    assert (second.seq, second.previous) == (2, first.hash)
    assert second.at == now + timedelta(microseconds=1)
    assert second.facts == {"values": 1, "reason": "call-back"}


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "ticket_resolved"},
        {"by": "U6666"},
        {"subject": "ticket:99"},
        {"facts": "{}"},
        {"previous": GENESIS},
        {"hash": GENESIS},
    ],
)
def test_a_changed_entry_breaks_the_chain(
    store: Store, now: datetime, change: dict[str, str]
) -> None:
    """Whatever column is changed, the first bad entry is named."""
    fill(store, now)
    with unguarded(store) as past:
        past.execute(update(AuditRow).where(AuditRow.seq == 3).values(change))
    with pytest.raises(AuditBroken, match="at entry 3"), store.read() as tx:
        tx.audit.verify()


def test_a_changed_time_breaks_the_chain(store: Store, now: datetime) -> None:
    """A microsecond is enough."""
    fill(store, now)
    with unguarded(store) as past:
        later = now + timedelta(microseconds=9)
        past.execute(update(AuditRow).where(AuditRow.seq == 2).values(at=later))
    with pytest.raises(AuditBroken, match="at entry 2"), store.read() as tx:
        tx.audit.verify()


def test_a_removed_entry_breaks_the_chain(store: Store, now: datetime) -> None:
    """An entry that is taken out is missed where it was."""
    fill(store, now)
    with unguarded(store) as past:
        past.execute(delete(AuditRow).where(AuditRow.seq == 2))
    with pytest.raises(AuditBroken, match="at entry 2"), store.read() as tx:
        tx.audit.verify()


def test_moved_entries_break_the_chain(store: Store, now: datetime) -> None:
    """Two entries that change places are found."""
    fill(store, now)
    with unguarded(store) as past:
        for old, new in ((2, 99), (3, 2), (99, 3)):
            past.execute(update(AuditRow).where(AuditRow.seq == old).values(seq=new))
    with pytest.raises(AuditBroken, match="at entry 2"), store.read() as tx:
        tx.audit.verify()


SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what SQLite alone lets into a column."""


@SQLITE
@pytest.mark.parametrize(
    "change",
    [
        "facts = CAST(facts AS BLOB)",
        "by = x'ff'",
        "by = CAST(x'ff' AS TEXT)",
        "at = 20260301",
        "at = 'yesterday'",
        "at = substr(at, 1, 19)",
        "previous = CAST(previous AS BLOB)",
        "hash = upper(hash)",
    ],
)
def test_what_is_no_text_breaks_the_chain(store: Store, now: datetime, change: str) -> None:
    """Bytes, numbers and damaged text where text belongs are found like any change."""
    fill(store, now)
    with unguarded(store) as past:
        past.exec_driver_sql(f"UPDATE audit SET {change} WHERE seq = 3")
    with pytest.raises(AuditBroken, match="at entry 3"), store.read() as tx:
        tx.audit.verify()


@pytest.mark.postgresql
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("change", ["at = 'infinity'", "at = at - INTERVAL '4051 years'"])
def test_times_beyond_ours_break_the_chain(store: Store, now: datetime, change: str) -> None:
    """Moments that Python has none for are found: for ever, and before Christ."""
    fill(store, now)
    with unguarded(store) as past:
        past.exec_driver_sql(f"UPDATE audit SET {change} WHERE seq = 3")
    with pytest.raises(AuditBroken, match="at entry 3"), store.read() as tx:
        tx.audit.verify()


@pytest.mark.parametrize(("seq", "bad"), [(-7, 1), (0, 1), (6, 5), (99, 5)])
def test_an_entry_out_of_place_breaks_the_chain(
    store: Store, now: datetime, seq: int, bad: int
) -> None:
    """The last entry under another number: before the first, or after a gap."""
    fill(store, now)
    with unguarded(store) as past:
        past.exec_driver_sql(f"UPDATE audit SET seq = {seq} WHERE seq = 5")
    with pytest.raises(AuditBroken, match=f"at entry {bad}"), store.read() as tx:
        tx.audit.verify()


def test_a_long_chain_is_read_in_pages(store: Store, now: datetime) -> None:
    """A chain of more than one page verifies, and a change on the second page is found."""
    previous = GENESIS
    rows = []
    for seq in range(1, 5_004):
        told = {"kind": "values_revealed", "by": AGENT, "subject": f"ticket:{seq}", "facts": "{}"}
        hashed = entry_hash(
            previous, content(seq=seq, at=now.isoformat("T", "microseconds"), **told)
        )
        rows.append({**told, "seq": seq, "at": now, "previous": previous, "hash": hashed})
        previous = hashed
    with store.begin() as tx:
        tx.session.execute(insert(AuditRow), rows)
    with store.read() as tx:
        assert tx.audit.verify() == tx.audit.count() == 5_003
    with unguarded(store) as past:
        past.exec_driver_sql("UPDATE audit SET by = 'U6666' WHERE seq = 5002")
    with pytest.raises(AuditBroken, match="at entry 5002") as caught, store.read() as tx:
        tx.audit.verify()
    assert (caught.value.entry, caught.value.anchor) == (5002, None)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET by = 'U6666' WHERE seq = 3",
        "DELETE FROM audit WHERE seq = 3",
        "DELETE FROM audit",
        "INSERT INTO audit SELECT seq, kind, at, 'U6666', subject, facts, previous, hash "
        "FROM audit WHERE seq = 3 ON CONFLICT (seq) DO UPDATE SET by = excluded.by",
    ],
)
def test_the_database_refuses_to_change_an_entry(
    store: Store, now: datetime, statement: str
) -> None:
    """Updates and deletions fail whoever asks, and the chain is as before."""
    fill(store, now)
    with pytest.raises(RecordRefused), store.begin() as tx:
        tx.session.execute(text(statement))
    with store.read() as tx:
        assert tx.audit.is_guarded()
        assert tx.audit.verify() == 5


@SQLITE
@pytest.mark.parametrize("seq", [3, 7, 0])
def test_sqlite_refuses_to_replace_an_entry(store: Store, now: datetime, seq: int) -> None:
    """REPLACE would delete without asking; an entry goes to the end and nowhere else."""
    fill(store, now)
    with pytest.raises(RecordRefused), store.begin() as tx:
        tx.session.execute(
            text(
                "INSERT OR REPLACE INTO audit "
                "SELECT :seq, kind, at, 'U6666', subject, facts, previous, hash "
                "FROM audit WHERE seq = 3"
            ),
            {"seq": seq},
        )
    with store.read() as tx:
        assert tx.audit.verify() == 5


@pytest.mark.postgresql
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_postgresql_refuses_to_truncate(store: Store, now: datetime) -> None:
    """TRUNCATE fires no trigger for rows, so it has one of its own."""
    fill(store, now)
    with pytest.raises(RecordRefused), store.begin() as tx:
        tx.session.execute(text("TRUNCATE audit"))
    with store.read() as tx:
        assert tx.audit.verify() == 5


def test_missing_triggers_are_seen(store: Store) -> None:
    """The audit says whether the database guards it."""
    with store.read() as tx:
        assert tx.audit.is_guarded()
    with unguarded(store):
        pass
    with store.read() as tx:
        assert tx.audit.is_guarded()
    with store.begin() as tx:
        undo = (
            "DROP TRIGGER audit_refuses_delete"
            if store.database.is_sqlite
            else "ALTER TABLE audit DISABLE TRIGGER audit_refuses"
        )
        tx.session.execute(text(undo))
        guarded = tx.audit.is_guarded()
        tx.session.rollback()
    assert not guarded


def test_an_entry_is_checked_by_hand(store: Store, now: datetime) -> None:
    """The hash is SHA-256 over the hash before and the entry's content, as the receipt shows."""
    fill(store, now)
    with store.read() as tx:
        entry = tx.audit.entry(4)
    assert entry is not None
    assert entry.hash == entry_hash(entry.previous, entry.content)
    assert entry.content == (
        '{"at":"2026-03-01T12:00:00.000003+00:00","by":"U0009",'
        '"facts":"{\\"reason\\":\\"call-back\\",\\"values\\":3}",'
        '"kind":"values_revealed","seq":4,"subject":"ticket:3"}'
    )


@pytest.mark.parametrize("words", ["", "Ada Finch", "ada@example.com", "x" * 129, "a\nb", "é"])
def test_the_audit_takes_no_text(store: Store, now: datetime, words: str) -> None:
    """What has the characters of a text is refused wherever an id belongs, and not repeated."""
    for by, subject, facts in (
        (words, "ticket:1", {}),
        (AGENT, words, {}),
        (AGENT, "ticket:1", {"reason": words}),
        (AGENT, "ticket:1", {words: 1}),
    ):
        with pytest.raises(ValueError, match="never text") as caught, store.begin() as tx:
            tx.audit.append(AuditKind.ACTION_REFUSED, at=now, by=by, subject=subject, facts=facts)
        assert not words or words not in str(caught.value)


def test_entries_written_at_once_are_one_chain(store: Store, now: datetime) -> None:
    """Four writers at the same moment leave a chain without a gap or a fork."""
    start = Barrier(4)

    def write(_: int) -> None:
        start.wait()
        fill(store, now)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))

    with store.read() as tx:
        assert tx.audit.verify() == 20
