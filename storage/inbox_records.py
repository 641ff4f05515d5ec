"""What was delivered to us already."""

from __future__ import annotations

from datetime import datetime
from typing import Final, final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.database import insert_new
from storage.ids import EventId
from storage.retention import utc
from storage.tables import SeenEventRow


@final
class Inbox:
    """The deliveries of one database, within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def first_time(self, source: str, event: EventId, at: datetime) -> bool:
        """Remember a delivery. Returns False where it was remembered before.

        Of two at once only one hears True, the other waits for the first one's transaction.
        The id is unique at its `source`, such as `slack:T0001` or `hook:standard`.
        """
        row = {"source": source, "event_id": event, "at": utc(at)}
        return insert_new(self._session, SeenEventRow, row)

    def last_event_at(self) -> datetime | None:
        """Return when the newest delivery came, None if none ever did."""
        return self._session.scalars(select(func.max(SeenEventRow.at))).one()
