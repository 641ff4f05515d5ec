"""What a help desk said is resolved before anybody said here which ticket that is."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, final

from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from storage.database import changed, insert_new
from storage.external import ExternalTicket
from storage.retention import utc
from storage.tables import EarlyResolutionRow

KEPT: Final = timedelta(days=1)
"""How long the news waits for the link."""


@final
class EarlyResolutions:
    """The early news of one database, within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def hold(self, external: ExternalTicket) -> None:
        """Let nobody else link this ticket or hear of it until the transaction ends.

        So that of a link and of news at the same moment the later one sees the earlier. On SQLite
        the write transaction sees to that by itself.
        """
        if self._session.get_bind().dialect.name == "postgresql":
            key = f"external|{external.desk}|{external.number}"
            self._session.execute(
                text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key}
            )

    def remember(
        self, external: ExternalTicket, *, resolved_at: datetime, heard_at: datetime
    ) -> None:
        """Keep for a day that a ticket nobody linked is resolved at its help desk.

        Args:
            external: The ticket.
            resolved_at: When, by the help desk's clock.
            heard_at: When we were told; the day begins here.
        """
        key = {"provider": external.desk.value, "external_id": external.number}
        times = {"resolved_at": utc(resolved_at), "heard_at": utc(heard_at)}
        if not insert_new(self._session, EarlyResolutionRow, {**key, **times}):
            row = self._session.get_one(EarlyResolutionRow, key, populate_existing=True)
            row.resolved_at, row.heard_at = times["resolved_at"], times["heard_at"]
            self._session.flush()

    def recall(self, external: ExternalTicket, now: datetime) -> datetime | None:
        """Return when a ticket was resolved that was not linked then, and forget it.

        None where nobody told so within the last day.
        """
        key = {"provider": external.desk.value, "external_id": external.number}
        row = self._session.get(EarlyResolutionRow, key)
        if row is None:
            return None
        self._session.delete(row)
        self._session.flush()
        return row.resolved_at if row.heard_at > utc(now) - KEPT else None

    def purge(self, now: datetime) -> int:
        """Forget what has waited for a day. Returns how many."""
        old = EarlyResolutionRow.heard_at <= utc(now) - KEPT
        return changed(self._session, delete(EarlyResolutionRow).where(old))
