"""The audit: append-only, each entry holding the hash of the one before.

An entry is written in the transaction of what it tells, so there is neither a deed without its
entry nor an entry without its deed. It holds ids and counts, never text of a person, nor a hash
of any.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, final

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from storage import chain
from storage.chain import GENESIS, START, Link
from storage.errors import AuditBroken
from storage.retention import utc
from storage.tables import AuditRow

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
    MERCHANT_UNLINKED = "merchant_unlinked"
    ACTION_REFUSED = "action_refused"
    ANCHORING_BEGAN = "anchoring_began"
    KEYS_ROTATED = "keys_rotated"
    WORKSPACE_INSTALLED = "workspace_installed"
    WORKSPACE_LEFT = "workspace_left"
    WORKSPACE_ERASED = "workspace_erased"
    WORKSPACE_VERIFIED = "workspace_verified"


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
        hash: SHA-256 over `previous` and `content`.
        content: The canonical JSON of all the rest.
    """

    seq: int
    kind: AuditKind
    at: datetime
    by: str
    subject: str
    facts: Mapping[str, int | str]
    previous: str
    hash: str
    content: str


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
        row.hash = chain.entry_hash(row.previous, _content(row))
        self._session.add(row)
        self._session.flush()
        return _entry(row)

    def entry(self, seq: int) -> Entry | None:
        """Return an entry by its place in the chain, None if it has no such."""
        row = self._session.get(AuditRow, seq)
        return None if row is None else _entry(row)

    def about(self, subject: str, *, after: int = 0) -> tuple[Entry, ...]:
        """Return the entries of one subject after entry `after`, oldest first."""
        rows = self._session.scalars(
            select(AuditRow)
            .where(AuditRow.subject == subject, AuditRow.seq > after)
            .order_by(AuditRow.seq)
        )
        return tuple(_entry(row) for row in rows)

    def latest(self, limit: int) -> tuple[Entry, ...]:
        """Return the newest entries, oldest of them first."""
        rows = self._session.scalars(select(AuditRow).order_by(AuditRow.seq.desc()).limit(limit))
        return tuple(_entry(row) for row in reversed(rows.all()))

    def head(self) -> Link:
        """Return the newest entry as it says it is, unchecked; what stands before the first."""
        row = self._session.execute(
            select(AuditRow.seq, AuditRow.hash, AuditRow.at).order_by(AuditRow.seq.desc()).limit(1)
        ).one_or_none()
        return START if row is None else Link(row.seq, row.hash, _iso(row.at))

    def before(self, seq: int) -> Link:
        """Return what entry `seq` says stands before it. Raises AuditBroken: there is no such."""
        row = self._session.get(AuditRow, seq)
        if row is None:
            raise AuditBroken(f"The audit has no entry {seq}.", entry=seq)
        return Link(seq - 1, row.previous, "")

    def count(self) -> int:
        """Return the number of entries."""
        return self._session.execute(select(func.count()).select_from(AuditRow)).scalar_one()

    def walk(self, after: Link = START) -> Iterator[Link]:
        """Yield every entry after `after`, oldest first, each checked. Raises AuditBroken."""
        return chain.walk(self._session, after)

    def verify(self) -> int:
        """Check the whole chain. Returns the number of entries.

        Raises:
            AuditBroken: An entry was changed, removed or moved; the message names the first
                bad sequence number. Entries cut off at the end do not show here: they are
                missed by the anchors, see `storage.anchors`.
        """
        return sum(1 for _ in self.walk())

    def is_guarded(self) -> bool:
        """Return whether the database's own triggers, which make it insert-only, stand."""
        return chain.is_guarded(self._session)


def _content(row: AuditRow) -> str:
    return chain.content(
        seq=row.seq,
        kind=row.kind,
        at=_iso(row.at),
        by=row.by,
        subject=row.subject,
        facts=row.facts,
    )


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")


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
        content=_content(row),
    )
