"""What was delivered to us already."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, final

from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.orm import Session

from storage.database import changed, insert_new
from storage.ids import EventId
from storage.retention import utc
from storage.tables import SeenEventRow

REMEMBERED: Final = timedelta(days=14)
"""How long a delivery is remembered. Slack sends again within minutes, a help desk within three
days. A message is told from its copies by its own row after that, also once it was deleted."""
FORGET_AT_ONCE: Final = 1_000
"""Deliveries that are forgotten in one transaction."""


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

    def is_known(self, source: str, event: EventId) -> bool:
        """Tell whether a delivery is remembered."""
        return self._session.get(SeenEventRow, {"source": source, "event_id": event}) is not None

    def last_event_at(self) -> datetime | None:
        """Return when the newest delivery came, None if none ever did."""
        return self._session.scalars(select(func.max(SeenEventRow.at))).one()

    def forget_before(self, moment: datetime, *, limit: int = FORGET_AT_ONCE) -> int:
        """Forget up to `limit` deliveries that came before a moment, the oldest first.

        Returns: How many were forgotten. While it is `limit` there may be more.
        """
        key = (SeenEventRow.source, SeenEventRow.event_id)
        oldest = (
            select(*key)
            .where(SeenEventRow.at < utc(moment))
            .order_by(SeenEventRow.at, *key)
            .limit(limit)
        )
        return changed(self._session, delete(SeenEventRow).where(tuple_(*key).in_(oldest)))
