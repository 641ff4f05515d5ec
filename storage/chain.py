"""The hash chain of the audit: how an entry is hashed, and a walk that checks each of them.

The hash of an entry is SHA-256 over the hash of the entry before and the canonical JSON of the
entry's content, so that whoever has an entry and the hash before it can check it by hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from json import JSONEncoder
from typing import Final, NamedTuple

from sqlalchemy import Row, Select, String, func, inspect, select, text, type_coerce
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from storage.errors import AuditBroken
from storage.tables import AuditRow

GENESIS: Final = "0" * 64
"""What the first entry holds as the hash of the one before."""

_PAGE: Final = 5_000
"""Entries read at a time, so that a chain of any length takes the memory of one page."""
_LOWEST: Final = -(2**63)
_canonical: Final = JSONEncoder(sort_keys=True, separators=(",", ":")).encode
_Row = Row[int, str, str, str, str, str, str, str]


class Link(NamedTuple):
    """An entry as far as the chain is concerned.

    Attributes:
        seq: Its place, 0 for what stands before the first.
        hash: Its hash.
        at: When it was written, in ISO 8601; empty before the first.
    """

    seq: int
    hash: str
    at: str


START: Final = Link(0, GENESIS, "")
"""What stands before the first entry."""


def content(*, seq: int, kind: str, at: str, by: str, subject: str, facts: str) -> str:
    """Return the canonical JSON of an entry.

    The time is in ISO 8601, in UTC and with microseconds; the facts are JSON themselves.
    """
    return _canonical(
        {"at": at, "by": by, "facts": facts, "kind": kind, "seq": seq, "subject": subject}
    )


def entry_hash(previous: str, entry_content: str) -> str:
    """Return the hash of an entry, 64 hexadecimal digits."""
    return sha256((previous + entry_content).encode()).hexdigest()


def walk(session: Session, after: Link = START) -> Iterator[Link]:
    """Yield every entry after `after`, oldest first, each checked.

    Raises:
        AuditBroken: An entry was changed, removed or moved; the first such is named. Entries
            that were cut off at the end do not show here.
    """
    seq, previous, page = after.seq, after.hash, _PAGE
    low = _LOWEST if after == START else after.seq + 1
    while True:
        try:
            rows = _page(session, low, page)
        except OperationalError as problem:
            # SQLite's text that is not UTF-8 spoils the whole page, so its first entry is sought.
            if "decode" not in str(problem.orig):
                raise
            if page == 1:
                raise _broken(seq + 1) from None
            page = 1
            continue
        for number, kind, at, by, subject, facts, before, kept in rows:
            seq += 1
            try:
                made = content(seq=seq, kind=kind, at=_iso(at), by=by, subject=subject, facts=facts)
            except (TypeError, AttributeError):  # a blob or a number where text belongs
                raise _broken(seq) from None
            if number != seq or before != previous or kept != entry_hash(previous, made):
                raise _broken(seq)
            previous = kept
            yield Link(seq, kept, _iso(at))
        if len(rows) < page:
            return
        low = seq + 1


def is_guarded(session: Session) -> bool:
    """Return whether the database's own triggers, which make the audit insert-only, stand."""
    if session.get_bind().dialect.name == "sqlite":
        found = session.scalars(
            text(
                "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' "
                "AND tbl_name = 'audit' AND name LIKE 'audit_refuses_%'"
            )
        ).one()
        return bool(found == 3)
    found = session.scalars(
        text(
            "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'audit'::regclass "
            "AND tgname = 'audit_refuses' AND tgenabled IN ('O', 'A')"
        )
    ).one()
    return bool(found == 1)


def has_audit(session: Session) -> bool:
    """Return whether the database has an audit at all: it is migrated."""
    return inspect(session.connection()).has_table(AuditRow.__tablename__)


def _page(session: Session, low: int, size: int) -> Sequence[_Row]:
    statement = _STATEMENTS[session.get_bind().dialect.name]
    return session.connection().execute(statement.where(AuditRow.seq >= low).limit(size)).all()


def _select(dialect: str) -> Select[int, str, str, str, str, str, str, str]:
    # As text that the database itself writes: a driver stumbles over a moment such as infinity.
    written = (
        type_coerce(AuditRow.at, String)
        if dialect == "sqlite"
        else func.to_char(func.timezone("UTC", AuditRow.at), "YYYY-MM-DD HH24:MI:SS.US AD")
    )
    return select(
        AuditRow.seq,
        AuditRow.kind,
        written,
        AuditRow.by,
        AuditRow.subject,
        AuditRow.facts,
        AuditRow.previous,
        AuditRow.hash,
    ).order_by(AuditRow.seq)


_STATEMENTS: Final = {dialect: _select(dialect) for dialect in ("sqlite", "postgresql")}


def _iso(written: str) -> str:
    """Turn the text of a moment in the database into ISO 8601, and nothing else into it."""
    day, _, rest = written.removesuffix(" AD").partition(" ")
    return f"{day}T{rest}+00:00"


def _broken(seq: int) -> AuditBroken:
    return AuditBroken(f"The audit chain breaks at entry {seq}.", entry=seq)
