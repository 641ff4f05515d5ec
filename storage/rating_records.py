"""Whether answers from articles helped, as people pressed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.database import insert_new
from storage.ids import TicketId, UserId
from storage.retention import utc
from storage.tables import RatingRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """How a section was rated.

    Attributes:
        section: `article#section`.
        reviewed: The day of its review, which tells its versions apart.
        helped: How many pressed that it helped.
        failed: How many pressed that it did not.
    """

    section: str
    reviewed: str
    helped: int
    failed: int


@final
class Ratings:
    """The ratings of one database, within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def rate(
        self,
        ticket: TicketId,
        section: str,
        user: UserId,
        *,
        reviewed: date,
        is_helpful: bool,
        at: datetime,
    ) -> bool:
        """Keep a rating; of a person's two in a ticket the later one counts.

        Returns whether it says something new.
        """
        key = {"ticket_id": ticket, "section": section, "user_id": user}
        new = {"reviewed": reviewed.isoformat(), "is_helpful": is_helpful, "at": utc(at)}
        if insert_new(self._session, RatingRow, {**key, **new}):
            return True
        row = self._session.get_one(RatingRow, key, with_for_update=True, populate_existing=True)
        is_new = row.is_helpful != is_helpful
        row.reviewed, row.is_helpful, row.at = reviewed.isoformat(), is_helpful, utc(at)
        self._session.flush()
        return is_new

    def failed(self, since: datetime) -> tuple[tuple[TicketId, str], ...]:
        """Return the tickets in which somebody pressed since then that a section did not help."""
        rows = self._session.execute(
            select(RatingRow.ticket_id, RatingRow.section)
            .where(RatingRow.is_helpful.is_(False), RatingRow.at >= utc(since))
            .distinct()
            .order_by(RatingRow.ticket_id, RatingRow.section)
        )
        return tuple((TicketId(ticket), section) for ticket, section in rows)

    def all(self) -> tuple[Rated, ...]:
        """Return how each section was rated, by section and review."""
        query = select(
            RatingRow.section, RatingRow.reviewed, RatingRow.is_helpful, func.count()
        ).group_by(RatingRow.section, RatingRow.reviewed, RatingRow.is_helpful)
        counts: dict[tuple[str, str], dict[bool, int]] = defaultdict(dict)
        for section, reviewed, is_helpful, count in self._session.execute(query):
            counts[section, reviewed][is_helpful] = count
        return tuple(
            Rated(
                section=section,
                reviewed=reviewed,
                helped=found.get(True, 0),
                failed=found.get(False, 0),
            )
            for (section, reviewed), found in sorted(counts.items())
        )
