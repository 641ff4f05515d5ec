"""Verifying the audit: the chain in itself, and against its anchors.

The chain alone shows a change, a removal and a move. What it cannot show, a chain that was
rewritten as a whole or cut off at its end, the anchors do, for all that is older than the last of
them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final, final

from storage.anchors import Anchor, check, covering
from storage.audit import Audit, AuditKind
from storage.chain import has_audit
from storage.database import Database
from storage.errors import AuditBroken, DatabaseOutdated, SigningKeyMissing
from storage.signing_key import PublicKey

ANCHORS: Final = "anchors"
"""What the audit calls the anchors as a subject."""

_STEP: Final = 1_000
"""Entries between two reports of progress."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a verification saw. All of it held.

    Attributes:
        entries: Entries of the chain.
        anchors: Anchors, each checked.
        last: The last anchor, None where there is none.
        since: Entries after the last anchor, which no anchor covers yet.
        since_at: When the first of them was written, None where there is none.
        keys: How many keys have signed anchors; more than 1 where they began anew.
        guarded: Whether the database's own triggers, which make the audit insert-only, stand.
    """

    entries: int
    anchors: int
    last: Anchor | None
    since: int
    since_at: datetime | None
    keys: int
    guarded: bool


def verify(
    audit: Audit,
    anchors: Sequence[Anchor],
    public: PublicKey | None,
    done: Callable[[int], object] = lambda _: None,
) -> Verified:
    """Check the whole chain against every anchor.

    Args:
        audit: The audit, in a transaction that reads one snapshot.
        anchors: All anchors, oldest first.
        public: What checks their signatures; None is enough where there are none.
        done: Told of entries as they are checked.

    Raises:
        AuditBroken: The first anchor that is bad; else the first entry that was changed, removed
            or moved, or that an anchor signed otherwise or beyond the end; else that the audit
            names no such key, or that it names one and there is no anchor.
        SigningKeyMissing: There are anchors and nothing to check them with.
    """
    if anchors and public is None:
        raise SigningKeyMissing
    if public is not None:
        check(anchors, public)
    entries, since_at, place = 0, "", 0
    for link in audit.walk():
        entries = link.seq
        if place < len(anchors) and anchors[place].seq == link.seq:
            if anchors[place].hash != link.hash:
                raise rewritten(anchors[:place], anchors[place])
            place += 1
            since_at = ""
        elif place == len(anchors) and not since_at:
            since_at = link.at
        if entries % _STEP == 0:
            done(_STEP)
    done(entries % _STEP)
    if place < len(anchors):
        raise cut_off(entries, anchors[place])
    last = anchors[-1] if anchors else None
    named = keys_named(audit)
    if last is None and named:
        raise AuditBroken("The audit has been anchored, but its anchors are not there.")
    if last is not None and last.key not in named:
        raise AuditBroken("The audit does not name the key of the anchors.", anchor=last.number)
    return Verified(
        entries=entries,
        anchors=len(anchors),
        last=last,
        since=entries - (last.seq if last else 0),
        since_at=datetime.fromisoformat(since_at) if since_at else None,
        keys=len(named),
        guarded=audit.is_guarded(),
    )


def keys_named(audit: Audit) -> tuple[str, ...]:
    """Return the ids of the keys that the audit says began to sign anchors, oldest first."""
    entries = audit.about(ANCHORS)
    return tuple(
        str(each.facts["key"]) for each in entries if each.kind is AuditKind.ANCHORING_BEGAN
    )


def cut_off(entries: int, anchor: Anchor) -> AuditBroken:
    """Return the error that the end of the chain is missing."""
    return AuditBroken(
        f"The audit ends at entry {entries}, but anchor {anchor.number} signed entry "
        f"{anchor.seq}: entries were cut off.",
        entry=entries + 1,
        anchor=anchor.number,
    )


def rewritten(before: Sequence[Anchor], anchor: Anchor) -> AuditBroken:
    """Return the error that a chain holds in itself but is not the one that was anchored."""
    first = before[-1].seq + 1 if before else 1
    return AuditBroken(
        f"Entries {first} to {anchor.seq} are not those that anchor {anchor.number} signed: "
        "the chain was rewritten.",
        entry=first,
        anchor=anchor.number,
    )


def anchored(
    audit: Audit, anchors: Sequence[Anchor], public: PublicKey | None, seq: int
) -> Anchor | None:
    """Return the anchor that an entry stands under, None where none covers it yet.

    The way from the entry to the anchor is checked, and the anchors are.

    Raises:
        AuditBroken: The anchor does not follow from the entry, or the anchors do not verify.
        SigningKeyMissing: There are anchors and nothing to check them with.
    """
    if anchors and public is None:
        raise SigningKeyMissing
    if public is not None:
        check(anchors, public)
    found = covering(anchors, seq)
    if found is None:
        return None
    last = None
    for link in audit.walk(audit.before(seq)):
        last = link
        if link.seq >= found.seq:
            break
    if last is None or last.seq < found.seq:
        raise cut_off(0 if last is None else last.seq, found)
    if last.hash != found.hash:
        raise rewritten(anchors[: anchors.index(found)], found)
    return found


@contextmanager
def opened(url: str) -> Iterator[Audit]:
    """Open the audit of a database alone, to read: a verifier needs no keyring.

    Raises:
        DatabaseUnavailable: The database cannot be used.
        DatabaseOutdated: It has no audit.
    """
    database = Database.open(url)
    try:
        with database.read() as session:
            if not has_audit(session):
                raise DatabaseOutdated
            yield Audit(session)
    finally:
        database.close()
