"""Whatever single thing is done to the audit or to its anchors is found, or does no harm.

The oracle is a model of its own: the hashes are recomputed here, not by what is tested. A chain
may pass exactly where its entries up to the last anchor are as they were and those after it are
a chain; a file of anchors exactly where it is the old one, or the old one cut off at its end.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select

from storage.anchor_file import AnchorFile
from storage.anchoring import anchor
from storage.anchors import Anchor
from storage.audit import AuditKind
from storage.errors import AuditBroken
from storage.signing_key import SigningKey
from storage.store import Store, Transaction
from storage.tables import AuditRow
from storage.verifying import verify
from tests.storage.samples import AGENT
from tests.storage.tampering import TRIGGERS

Rows = list[dict[str, Any]]

ENTRIES: Final = 12
ANCHORED: Final = 9
"""The last entry that an anchor covers."""

PLAY: Final = settings(
    max_examples=250,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


class House:
    """A store whose audit is anchored twice, and its files."""

    def __init__(self, store: Store, folder: Path, now: datetime) -> None:
        self.store = store
        self.file = folder / "anchors.jsonl"
        for day, entries in enumerate((3, 5, 3)):
            at = now + timedelta(days=day)
            with store.begin() as tx:
                for number in range(entries):
                    tx.audit.append(
                        AuditKind.ORDERS_REDACTED,
                        at=at + timedelta(seconds=number),
                        by=AGENT,
                        subject=f"ticket:{day}",
                        facts={"values": number},
                    )
            if day < 2:
                anchor(store, AnchorFile(self.file), folder / "key.pem", at)
        self.public = SigningKey.open(folder / "key.pem").public
        with store.read() as tx:
            self.rows = rows(tx)
        assert [row["seq"] for row in self.rows] == list(range(1, ENTRIES + 1))
        assert [each.seq for each in self.anchors()] == [4, ANCHORED]

    def anchors(self) -> tuple[Anchor, ...]:
        """Return the anchors as the file has them."""
        return AnchorFile(self.file).read().anchors

    @contextmanager
    def holding(self, changed: Rows) -> Iterator[Transaction]:
        """A transaction in which the audit holds these rows; afterwards all is as before."""
        with self.store.begin() as tx:
            if self.store.database.is_sqlite:
                for name, _ in tx.session.connection().exec_driver_sql(TRIGGERS).all():
                    tx.session.connection().exec_driver_sql(f"DROP TRIGGER {name}")
            else:
                tx.session.connection().exec_driver_sql("ALTER TABLE audit DISABLE TRIGGER USER")
            tx.session.execute(delete(AuditRow))
            if changed:
                tx.session.execute(insert(AuditRow), changed)
            yield tx
            tx.session.rollback()


@pytest.fixture
def house(store: Store, tmp_path: Path, now: datetime) -> House:
    """An anchored audit."""
    return House(store, tmp_path, now)


def rows(tx: Transaction) -> Rows:
    """Return the rows of the audit, as values."""
    found = tx.session.execute(select(AuditRow.__table__).order_by(AuditRow.seq))
    return [dict(row._mapping) for row in found]


def hashed(row: dict[str, Any]) -> str:
    """Hash a row as docs/privacy.md says that an entry is hashed."""
    told = {name: row[name] for name in ("seq", "kind", "by", "subject", "facts")}
    told["at"] = row["at"].isoformat(timespec="microseconds")
    canonical = json.dumps(told, sort_keys=True, separators=(",", ":"))
    return sha256(f"{row['previous']}{canonical}".encode()).hexdigest()


def is_chain(found: Rows) -> bool:
    """Tell whether these rows are a chain."""
    previous = "0" * 64
    for place, row in enumerate(sorted(found, key=lambda each: int(each["seq"])), 1):
        if (row["seq"], row["previous"], row["hash"]) != (place, previous, hashed(row)):
            return False
        previous = row["hash"]
    return True


def rehash(found: Rows) -> None:
    """Make a chain of rows, as who knows how it is hashed would."""
    previous = "0" * 64
    for place, row in enumerate(found, 1):
        row["seq"], row["previous"] = place, previous
        row["hash"] = previous = hashed(row)


PLACES: Final = st.integers(0, ENTRIES - 1)
CHANGES: Final = st.one_of(
    st.tuples(st.just("kind"), st.sampled_from(list(AuditKind)).map(str)),
    st.tuples(st.sampled_from(["by", "subject", "facts"]), st.text(st.characters(
        blacklist_categories=["Cs"], blacklist_characters="\x00"), max_size=12)),
    st.tuples(st.sampled_from(["previous", "hash"]), st.text("0123456789abcdef", min_size=64,
                                                             max_size=64)),
    st.tuples(st.just("at"), st.integers(-3, 3).map(lambda number: timedelta(microseconds=number))),
    st.tuples(st.just("seq"), st.integers(-2, ENTRIES + 3)),
)  # fmt: skip
DEEDS: Final = st.sampled_from(
    ["change", "change", "change", "remove", "swap", "swap places", "copy", "cut", "append"]
)


@PLAY
@given(deed=DEEDS, first=PLACES, second=PLACES, change=CHANGES, rehashed=st.booleans())
def test_tampered_entries_are_found(
    house: House,
    deed: str,
    first: int,
    second: int,
    change: tuple[str, Any],
    rehashed: bool,
) -> None:
    """A chain passes where what is anchored is as it was and the rest is a chain, else never."""
    changed = [dict(row) for row in house.rows]
    column, new = change
    if deed == "change":
        old = changed[first][column]
        changed[first][column] = old + new if column == "at" else new
    elif deed == "remove":
        del changed[first]
    elif deed == "swap":
        changed[first], changed[second] = changed[second], changed[first]
        changed[first]["seq"], changed[second]["seq"] = (
            changed[second]["seq"],
            changed[first]["seq"],
        )
    elif deed == "swap places":
        changed[first], changed[second] = changed[second], changed[first]
    elif deed == "copy":
        changed.append({**changed[first], "seq": ENTRIES + 1})
    elif deed == "cut":
        del changed[first:]
    else:
        changed.append({**changed[first], "seq": ENTRIES + 1})
        rehash(changed)
    if rehashed:
        rehash(changed)
    if len({row["seq"] for row in changed}) < len(changed):
        return  # the primary key takes no two of one number

    ordered = sorted(changed, key=lambda each: int(each["seq"]))
    harmless = ordered[:ANCHORED] == house.rows[:ANCHORED] and is_chain(changed)
    with house.holding(changed) as tx:
        try:
            found = verify(tx.audit, house.anchors(), house.public)
        except AuditBroken:
            assert not harmless
        else:
            assert harmless
            assert found.since == len(changed) - ANCHORED
    with house.store.read() as tx:
        assert rows(tx) == house.rows


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@PLAY
@given(
    deed=st.sampled_from(["byte", "remove", "swap", "copy", "cut lines", "cut bytes"]),
    first=st.integers(0, 1),
    second=st.integers(0, 1),
    place=st.integers(0, 10_000),
    byte=st.integers(0, 255),
)
def test_tampered_anchors_are_found(
    house: House, deed: str, first: int, second: int, place: int, byte: int
) -> None:
    """A file passes where it holds the first of its anchors and nothing else, else never."""
    whole = house.file.read_bytes()
    lines = whole.splitlines(keepends=True)
    original = list(lines)
    if deed == "remove":
        del lines[first]
    elif deed == "swap":
        lines[first], lines[second] = lines[second], lines[first]
    elif deed == "copy":
        lines.insert(second, lines[first])
    elif deed == "cut lines":
        del lines[first:]
    content = b"".join(lines)
    place %= len(whole)
    if deed == "byte":
        content = content[:place] + bytes([byte]) + content[place + 1 :]
    elif deed == "cut bytes":
        content = content[:place]

    house.file.write_bytes(content)
    try:
        *kept, tail = content.split(b"\n")
        bare = [line.rstrip(b"\n") for line in original]
        if tail == bare[min(len(kept), 1)]:
            kept.append(tail)
        harmless = bool(kept) and kept == bare[: len(kept)]
        try:
            kept_now = AnchorFile(house.file).read()
            with house.store.read() as tx:
                found = verify(tx.audit, kept_now.anchors, house.public)
        except AuditBroken:
            assert not harmless
        else:
            assert harmless
            assert found.anchors == len(kept)
            # What is missing shows in how many entries came after the last anchor.
            assert found.since == ENTRIES - (ANCHORED if len(kept) == 2 else 4)
    finally:
        house.file.write_bytes(whole)
