"""The audit: append-only, each entry holding the hash of the one before.

An entry is written in the transaction of what it tells, so there is neither a deed without its
entry nor an entry without its deed. It holds ids and counts, never text of a person, nor a hash
of any.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final, final

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from storage.errors import AuditBroken
from storage.retention import utc
from storage.tables import AuditRow

GENESIS: Final = "0" * 64
"""What the first entry holds as the hash of the one before."""

_LOCK: Final = 0x6A63_0002
_ID: Final = re.compile(r"[A-Za-z0-9/][A-Za-z0-9/:._+-]{0,127}")


class AuditKind(StrEnum):
    """Everything that is audited."""

    TICKET_RESOLVED = "ticket_resolved"
    TICKET_VERIFIED = "ticket_verified"
    TICKET_REOPENED = "ticket_reopened"
    VALUES_REVEALED = "values_revealed"
    ORDER_DISCLOSED = "order_disclosed"
    ORDERS_REDACTED = "orders_redacted"
    MERCHANT_LINKED = "merchant_linked"
    ACTION_REFUSED = "action_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of the chain.

    Attributes:
        seq: Its place, 1 for the first.
        kind: What was done.
        at: When.
        by: Who did it: an id, `hook:standard`, `sweep`.
        subject: To what: `ticket:12`, `order:111-…`, `orders`.
        facts: Ids and counts.
        previous: Hash of the entry before, 64 hexadecimal digits.
        hash: SHA-256 over `previous` and the canonical JSON of all the rest.
    """

    seq: int
    kind: AuditKind
    at: datetime
    by: str
    subject: str
    facts: Mapping[str, int | str]
    previous: str
    hash: str


@final
class Audit:
    """The audit chain of one database, within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def append(
        self,
        kind: AuditKind,
        *,
        at: datetime,
        by: str,
        subject: str,
        facts: Mapping[str, int | str] | None = None,
    ) -> Entry:
        """Add an entry.

        Raises:
            ValueError: The time is naive, or something that should be an id has the characters
                of a text: ids are letters, digits and `/:._+-`, 128 at most.
        """
        told = dict(facts or {})
        for word in (by, subject, *told, *(v for v in told.values() if isinstance(v, str))):
            if not _ID.fullmatch(word):
                raise ValueError("The audit takes ids and counts, never text.")
        # Entries are written one after the other: SQLite's write transaction sees to that by
        # itself, on PostgreSQL this lock does, until the transaction ends.
        if self._session.get_bind().dialect.name == "postgresql":
            self._session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        last = self._session.execute(
            select(AuditRow.seq, AuditRow.hash).order_by(AuditRow.seq.desc()).limit(1)
        ).one_or_none()
        row = AuditRow(
            seq=1 if last is None else last.seq + 1,
            kind=kind.value,
            at=utc(at),
            by=by,
            subject=subject,
            facts=json.dumps(told, sort_keys=True, separators=(",", ":")),
            previous=GENESIS if last is None else last.hash,
        )
        row.hash = _hash(row)
        self._session.add(row)
        self._session.flush()
        return _entry(row)

    def entry(self, seq: int) -> Entry | None:
        """Return an entry by its place in the chain, None if it has no such."""
        row = self._session.get(AuditRow, seq)
        return None if row is None else _entry(row)

    def about(self, subject: str) -> tuple[Entry, ...]:
        """Return the entries of one subject, oldest first."""
        rows = self._session.scalars(
            select(AuditRow).where(AuditRow.subject == subject).order_by(AuditRow.seq)
        )
        return tuple(_entry(row) for row in rows)

    def verify(self) -> int:
        """Check the whole chain. Returns the number of entries.

        Raises:
            AuditBroken: An entry was changed, removed or moved; the message names the first
                bad sequence number. Entries cut off at the end do not show here.
        """
        seq, previous = 0, GENESIS
        rows = self._session.scalars(
            select(AuditRow).order_by(AuditRow.seq).execution_options(yield_per=1_000)
        )
        with closing(rows):
            for row in rows:
                seq += 1
                if (row.seq, row.previous, row.hash) != (seq, previous, _hash(row)):
                    raise AuditBroken(f"The audit chain breaks at entry {seq}.")
                previous = row.hash
        return seq


def _hash(row: AuditRow) -> str:
    content = {
        "seq": row.seq,
        "kind": row.kind,
        "at": row.at.isoformat(timespec="microseconds"),
        "by": row.by,
        "subject": row.subject,
        "facts": row.facts,
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return sha256((row.previous + canonical).encode()).hexdigest()


def _entry(row: AuditRow) -> Entry:
    return Entry(
        seq=row.seq,
        kind=AuditKind(row.kind),
        at=row.at,
        by=row.by,
        subject=row.subject,
        facts=json.loads(row.facts),
        previous=row.previous,
        hash=row.hash,
    )
