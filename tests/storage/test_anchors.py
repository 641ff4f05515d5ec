"""Anchors: made once a day, kept whole, and what they show, on both databases."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from stat import S_IMODE
from threading import Barrier

import pytest
from sqlalchemy import delete, insert, select

from storage.anchor_file import AnchorFile
from storage.anchoring import anchor
from storage.anchors import Anchor, covering
from storage.audit import AuditKind
from storage.chain import GENESIS, content, entry_hash
from storage.errors import (
    AnchorsUnreadable,
    AuditBroken,
    DatabaseOutdated,
    SigningKeyMissing,
    SigningKeyUnreadable,
)
from storage.keyring import FileKeyring
from storage.signing_key import PublicKey, SigningKey
from storage.store import Store
from storage.tables import AuditRow
from storage.verifying import Verified, anchored, opened, verify
from tests.storage.samples import AGENT
from tests.storage.tampering import unguarded

DAY = timedelta(days=1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the anchors are kept."""
    return tmp_path / "anchors.jsonl"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """Where the key is kept that signs them."""
    return tmp_path / "audit_key.pem"


@pytest.fixture
def three(store: Store, file: Path, key: Path, now: datetime) -> list[Anchor]:
    """Three anchors, of entries 5, 8 and 11, and two entries that none covers."""
    made = []
    for day in range(3):
        write(store, now + day * DAY, 4 if day == 0 else 3)
        each = anchor(store, AnchorFile(file), key, now + day * DAY)
        assert each is not None
        made.append(each)
    write(store, now + 3 * DAY, 2)
    return made


def write(store: Store, now: datetime, entries: int) -> None:
    """Write some entries."""
    with store.begin() as tx:
        for number in range(entries):
            tx.audit.append(AuditKind.VALUES_REVEALED, at=now, by=AGENT, subject=f"ticket:{number}")


def verified(store: Store, file: Path, key: Path) -> Verified:
    """Verify the chain against the anchors."""
    public = SigningKey.open(key).public if key.exists() else None
    with store.read() as tx:
        return verify(tx.audit, AnchorFile(file).read().anchors, public)


def test_anchors_cover_the_chain(
    store: Store, file: Path, key: Path, now: datetime, three: list[Anchor]
) -> None:
    """A verification tells how far the anchors reach, and how many entries came after."""
    found = verified(store, file, key)

    assert [(each.number, each.seq, each.count) for each in three] == [
        (1, 5, 5),
        (2, 8, 8),
        (3, 11, 11),
    ]
    assert (found.entries, found.anchors, found.since, found.keys) == (13, 3, 2, 1)
    assert (found.last, found.since_at, found.guarded) == (three[2], now + 3 * DAY, True)
    assert covering(three, 5) == three[0]
    assert covering(three, 6) == three[1]
    assert covering(three, 12) is None


def test_an_anchor_is_made_once_a_day(
    store: Store, file: Path, key: Path, now: datetime, three: list[Anchor]
) -> None:
    """A second one on the same day, or at a clock that was set back, changes nothing."""
    before = file.read_bytes()
    for at in (now + 2 * DAY, now + 2 * DAY + timedelta(hours=11), now - DAY):
        assert anchor(store, AnchorFile(file), key, at) is None
    assert file.read_bytes() == before

    assert anchor(store, AnchorFile(file), key, now + 2 * DAY + timedelta(hours=12)) is not None


def test_a_head_that_did_not_move_is_not_anchored_again(
    store: Store, file: Path, key: Path, now: datetime
) -> None:
    """An empty audit has no anchor and no key; one that did not grow gets no other anchor."""
    assert anchor(store, AnchorFile(file), key, now) is None
    assert not key.exists()
    write(store, now, 1)
    assert anchor(store, AnchorFile(file), key, now) is not None
    assert anchor(store, AnchorFile(file), key, now + DAY) is None
    assert len(AnchorFile(file).read().anchors) == 1


def test_files_are_for_their_owner_alone(
    store: Store, file: Path, key: Path, three: list[Anchor]
) -> None:
    """Key and anchors have mode 0600; a key that others may read is refused."""
    assert [S_IMODE(each.stat().st_mode) for each in (file, key)] == [0o600, 0o600]
    key.chmod(0o640)
    with pytest.raises(SigningKeyUnreadable, match="0600"):
        SigningKey.open(key)


def test_a_key_that_begins_to_sign_is_in_the_audit(
    store: Store, file: Path, key: Path, three: list[Anchor]
) -> None:
    """The first anchor writes down its key, so that another one does not go unseen."""
    with store.read() as tx:
        [entry] = tx.audit.about("anchors")
    assert (entry.kind, entry.seq) == (AuditKind.ANCHORING_BEGAN, 5)
    assert entry.facts == {"key": SigningKey.open(key).public.id}


def test_a_key_is_never_made_anew(
    store: Store, file: Path, key: Path, now: datetime, three: list[Anchor]
) -> None:
    """Without its key nothing is anchored, with the anchors there or away."""
    key.unlink()
    with pytest.raises(SigningKeyMissing):
        anchor(store, AnchorFile(file), key, now + 3 * DAY)
    file.unlink()
    with pytest.raises(SigningKeyMissing):
        anchor(store, AnchorFile(file), key, now + 3 * DAY)
    assert not key.exists()


def test_a_new_beginning_is_seen(
    store: Store, file: Path, key: Path, now: datetime, three: list[Anchor]
) -> None:
    """Who lost the key puts another one there and the old anchors away; both verify."""
    old, old_key = file.rename(file.with_name("old.jsonl")), SigningKey.open(key).public
    key.unlink()
    SigningKey.create(key)

    begun = anchor(store, AnchorFile(file), key, now + 3 * DAY)

    assert begun is not None
    assert begun.number == 1
    assert verified(store, file, key).keys == 2
    with store.read() as tx:
        assert verify(tx.audit, AnchorFile(old).read().anchors, old_key).last == three[2]


def test_anchors_that_are_gone_are_missed(
    store: Store, file: Path, key: Path, three: list[Anchor]
) -> None:
    """An audit that was anchored does not verify where no anchor is left."""
    file.unlink()
    with pytest.raises(AuditBroken, match="not there"):
        verified(store, file, key)


def test_anchors_by_another_key_are_refused(
    store: Store, file: Path, key: Path, tmp_path: Path, three: list[Anchor]
) -> None:
    """Neither by a verifier with the right public key, nor by one with the wrong one."""
    forger = SigningKey.create(tmp_path / "forged.pem")
    forged = replace(three[0], key=forger.public.id, signature=b"")
    forged = replace(forged, signature=forger.sign(forged.signed.encode()))
    with store.read() as tx:
        with pytest.raises(AuditBroken, match="another key") as caught:
            verify(tx.audit, [forged], SigningKey.open(key).public)
        assert caught.value.anchor == 1
        with pytest.raises(AuditBroken, match="does not name the key"):
            verify(tx.audit, [forged], forger.public)
        unsigned = replace(three[0], signature=three[1].signature)
        with pytest.raises(AuditBroken, match="signature of anchor 1"):
            verify(tx.audit, [unsigned], SigningKey.open(key).public)
        with pytest.raises(SigningKeyMissing):
            verify(tx.audit, three, None)


def test_entries_cut_off_are_missed(
    store: Store, file: Path, key: Path, now: datetime, three: list[Anchor]
) -> None:
    """A chain that ends before its last anchor is broken, and is not anchored again."""
    with unguarded(store) as past:
        past.execute(delete(AuditRow).where(AuditRow.seq > 9))
    with pytest.raises(AuditBroken, match="ends at entry 9, but anchor 3 signed entry 11") as found:
        verified(store, file, key)
    assert (found.value.entry, found.value.anchor) == (10, 3)
    with pytest.raises(AuditBroken, match="cut off"):
        anchor(store, AnchorFile(file), key, now + 5 * DAY)


def test_a_rewritten_chain_is_found(
    store: Store, file: Path, key: Path, now: datetime, three: list[Anchor]
) -> None:
    """A chain that holds in itself but is another one shows at the first anchor after it."""
    rewrite(store, 7)
    with store.read() as tx:
        assert tx.audit.verify() == 13
    with pytest.raises(AuditBroken, match=r"Entries 6 to 8 .* anchor 2 .* rewritten") as found:
        verified(store, file, key)
    assert (found.value.entry, found.value.anchor) == (6, 2)
    with pytest.raises(AuditBroken, match="rewritten"):
        anchor(store, AnchorFile(file), key, now + 5 * DAY)
    assert len(AnchorFile(file).read().anchors) == 3


def test_a_broken_chain_is_not_signed(
    store: Store, file: Path, key: Path, now: datetime, three: list[Anchor]
) -> None:
    """What came since the last anchor is checked before it is signed."""
    with unguarded(store) as past:
        past.exec_driver_sql("UPDATE audit SET by = 'U6666' WHERE seq = 12")
    with pytest.raises(AuditBroken, match="at entry 12"):
        anchor(store, AnchorFile(file), key, now + 5 * DAY)


def test_a_removed_anchor_entry_is_missed(
    store: Store, file: Path, key: Path, now: datetime, three: list[Anchor]
) -> None:
    """Not even the entry alone that the last anchor signed can be taken out."""
    with unguarded(store) as past:
        past.exec_driver_sql("DELETE FROM audit WHERE seq = 11")
    with pytest.raises(AuditBroken, match="no entry 11"):
        anchor(store, AnchorFile(file), key, now + 5 * DAY)


def test_an_entry_leads_to_its_anchor(
    store: Store, file: Path, key: Path, three: list[Anchor]
) -> None:
    """The way from an entry to the anchor that covers it is checked."""
    public = SigningKey.open(key).public
    with store.read() as tx:
        assert anchored(tx.audit, three, public, 6) == three[1]
        assert anchored(tx.audit, three, public, 13) is None
        assert anchored(tx.audit, [], None, 1) is None
    rewrite(store, 7)
    with pytest.raises(AuditBroken, match="rewritten"), store.read() as tx:
        anchored(tx.audit, three, public, 6)


def test_a_verifier_needs_no_keyring(
    store: Store, file: Path, key: Path, tmp_path: Path, database_url: str, three: list[Anchor]
) -> None:
    """With a database, anchors and a public key, and neither keyring nor signing key."""
    pem = tmp_path / "care.pem"
    pem.write_text(SigningKey.open(key).public.pem)
    (tmp_path / "keyring.json").unlink()
    key.unlink()
    with opened(database_url) as audit:
        assert verify(audit, AnchorFile(file).read().anchors, PublicKey.read(pem)).anchors == 3


def test_a_database_without_an_audit_is_told(bare_database_url: str) -> None:
    """Where nothing is migrated there is nothing that could hold."""
    with pytest.raises(DatabaseOutdated), opened(bare_database_url):
        pass


SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what is the file's own doing on either database."""


@SQLITE
def test_a_half_line_is_repaired(
    store: Store, file: Path, key: Path, now: datetime, three: list[Anchor]
) -> None:
    """Killed at whatever byte of the line, the next anchoring leaves the file as it should be."""
    whole = file.read_bytes()
    start = whole.rindex(b"\n", 0, -1) + 1
    # Of the entries the third anchor covers, so that what is made again is the same.
    with unguarded(store) as past:
        past.exec_driver_sql("DELETE FROM audit WHERE seq > 11")
    for end in (*range(start, len(whole) - 3, 7), *range(len(whole) - 3, len(whole))):
        file.write_bytes(whole[:end])
        kept = AnchorFile(file).read()
        assert kept.torn == (start < end < len(whole) - 1)
        assert len(kept.anchors) == (3 if end == len(whole) - 1 else 2)
        anchor(store, AnchorFile(file), key, three[2].at)
        assert file.read_bytes() == whole


@SQLITE
def test_a_line_that_is_no_anchor_is_named(
    store: Store, file: Path, key: Path, now: datetime, three: list[Anchor]
) -> None:
    """A whole line that is not as we write it is damage, and nothing is written after it."""
    lines = file.read_bytes().splitlines()
    told = json.loads(lines[1])
    for bad in (
        b"",
        b"{}",
        b"[]",
        b"\xff",
        b"[" * 10_000,
        json.dumps(told).encode(),
        json.dumps({**told, "number": 2.0}, separators=(",", ":"), sort_keys=True).encode(),
        json.dumps({**told, "more": 1}, separators=(",", ":"), sort_keys=True).encode(),
    ):
        file.write_bytes(b"\n".join([lines[0], bad, lines[2], b""]))
        with pytest.raises(AuditBroken, match="Line 2 is no anchor") as caught:
            AnchorFile(file).read()
        assert caught.value.anchor == 2
        with pytest.raises(AuditBroken):
            anchor(store, AnchorFile(file), key, now + 5 * DAY)


def test_anchoring_at_once_makes_one(store: Store, file: Path, key: Path, now: datetime) -> None:
    """Of four that anchor at the same moment one does, with one key."""
    write(store, now, 3)
    start = Barrier(4)

    def work(_: int) -> Anchor | None:
        start.wait()
        return anchor(store, AnchorFile(file), key, now)

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(work, range(4)))

    assert sum(each is not None for each in made) == 1
    assert (verified(store, file, key).anchors, verified(store, file, key).keys) == (1, 1)


@SQLITE
def test_unusable_files_are_told(store: Store, file: Path, key: Path, now: datetime) -> None:
    """A folder in the place of a file, a key of another kind: one clear error each."""
    write(store, now, 1)
    file.mkdir()
    with pytest.raises(AnchorsUnreadable):
        anchor(store, AnchorFile(file), key, now)
    with pytest.raises(AnchorsUnreadable):
        AnchorFile(file).read()
    file.rmdir()
    key.mkdir(mode=0o700)
    with pytest.raises(SigningKeyUnreadable):
        anchor(store, AnchorFile(file), key, now)
    key.rmdir()
    FileKeyring.create(key, now)
    with pytest.raises(SigningKeyUnreadable):
        anchor(store, AnchorFile(file), key, now)
    with pytest.raises(SigningKeyUnreadable, match="public"):
        PublicKey.read(key)


@SQLITE
def test_a_public_key_travels_as_pem(store: Store, key: Path, tmp_path: Path) -> None:
    """It is read back as the same key, and the signing key is not shown by its representation."""
    signing = SigningKey.create(key)
    (tmp_path / "care.pem").write_text(signing.public.pem)
    public = PublicKey.read(tmp_path / "care.pem")
    assert public.id == signing.public.id
    assert public.verifies(signing.sign(b"x"), b"x")
    assert not public.verifies(signing.sign(b"x"), b"y")
    assert repr(signing) == f"SigningKey(id='{public.id}')"
    assert SigningKey.create(key).public.id == public.id


def rewrite(store: Store, seq: int) -> None:
    """Change an entry and hash everything after it anew, as who knows the program would."""
    with unguarded(store) as past:
        rows = [dict(row._mapping) for row in past.execute(select(AuditRow.__table__))]
        previous = GENESIS
        for row in sorted(rows, key=lambda each: int(each["seq"])):
            if row["seq"] == seq:
                row["by"] = "U6666"
            told = {name: row[name] for name in ("seq", "kind", "by", "subject", "facts")}
            at = row["at"].isoformat(timespec="microseconds")
            row["previous"], row["hash"] = previous, entry_hash(previous, content(at=at, **told))
            previous = row["hash"]
        past.execute(delete(AuditRow))
        past.execute(insert(AuditRow), rows)
