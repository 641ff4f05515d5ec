"""Looking at a house's database from outside, without changing it."""

from __future__ import annotations

import json

from sqlalchemy import create_engine, func, select

from storage.audit import AuditKind
from storage.ids import TicketId, ticket_owner
from storage.tables import AuditRow, DataKeyRow, TicketRow


class Watch:
    """Reads what is committed, each time anew. Safe to use from many threads."""

    def __init__(self, url: str) -> None:
        self._engine = create_engine(_read_only(url), isolation_level="AUTOCOMMIT")

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def ticket(self, place: str, thread: str) -> TicketId | None:
        """Return the ticket of a conversation, None where its first message was not taken."""
        query = select(TicketRow.ticket_id).where(
            TicketRow.channel_id == place, TicketRow.thread_ts == thread
        )
        with self._engine.connect() as connection:
            return connection.execute(query).scalar_one_or_none()

    def has_key(self, ticket: TicketId) -> bool:
        """Return whether a ticket's wrapped key lies in the database."""
        query = select(func.count()).where(DataKeyRow.owner == ticket_owner(ticket))
        with self._engine.connect() as connection:
            return bool(connection.execute(query).scalar_one())

    def verified(self) -> dict[TicketId, float]:
        """Return the Unix time at which the search after a deletion found nothing, by ticket."""
        query = select(AuditRow.subject, AuditRow.at, AuditRow.facts).where(
            AuditRow.kind == AuditKind.TICKET_VERIFIED.value
        )
        with self._engine.connect() as connection:
            return {
                TicketId(int(subject.removeprefix("ticket:"))): at.timestamp()
                for subject, at, facts in connection.execute(query)
                if json.loads(facts)["found"] == 0
            }


def _read_only(url: str) -> str:
    """Return the address at which a SQLite file can be read and not changed; others as they are."""
    if not url.startswith("sqlite:///"):
        return url
    return f"sqlite:///file:{url.removeprefix('sqlite:///')}?mode=ro&uri=true"
