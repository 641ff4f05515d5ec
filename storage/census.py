"""How many of what there are, for health, metrics and Care. Counts and times alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, final

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from storage.ids import MerchantId
from storage.outbox_records import ReplyPurpose
from storage.retention import utc
from storage.tables import OrderRow, ReplyRow, SealedValueRow, TicketRow
from storage.tickets import TicketState


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """How Care has served for a while.

    Attributes:
        opened: Tickets opened.
        resolved: Tickets resolved, whenever they were opened.
        handed_over: Of those opened, the ones that a person was needed for.
        first_reply: Of those that a person answered, the median time from opening to it.
    """

    opened: int
    resolved: int
    handed_over: int
    first_reply: timedelta | None


@final
class Census:
    """Counts the rows of one database, within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def tickets(self) -> dict[str, int]:
        """Return the number of tickets in each state."""
        return self._by(TicketRow.state)

    def replies(self) -> dict[str, int]:
        """Return the number of replies in each state."""
        return self._by(ReplyRow.state)

    def sealed_values(self) -> dict[str, int]:
        """Return the number of sealed values of each kind."""
        return self._by(SealedValueRow.entity_type)

    def open_tickets_of(self) -> dict[MerchantId, int]:
        """Return the number of tickets that are not over, by merchant."""
        query = (
            select(TicketRow.merchant_id, func.count())
            .where(
                TicketRow.state != TicketState.RESOLVED.value, TicketRow.merchant_id.is_not(None)
            )
            .group_by(TicketRow.merchant_id)
        )
        return {name: count for name, count in self._session.execute(query) if name is not None}

    def orders_of(self) -> dict[MerchantId, int]:
        """Return the number of orders, by merchant."""
        query = select(OrderRow.merchant_id, func.count()).group_by(OrderRow.merchant_id)
        return {row[0]: row[1] for row in self._session.execute(query)}

    def redacted(self, since: datetime) -> int:
        """Return the number of orders that were redacted since a moment."""
        query = select(func.count()).select_from(OrderRow)
        return self._session.scalars(query.where(OrderRow.redacted_at >= utc(since))).one()

    def service(self, since: datetime) -> Service:
        """Return how Care has served since a moment."""
        opened = TicketRow.opened_at >= utc(since)
        tickets = select(func.count()).select_from(TicketRow)
        carded = select(ReplyRow.ticket_id).where(
            ReplyRow.purpose == ReplyPurpose.CARD.value, ReplyRow.replaces.is_(None)
        )
        times = select(TicketRow.opened_at, TicketRow.first_reply_at).where(
            opened, TicketRow.first_reply_at.is_not(None)
        )
        waits = sorted(
            replied - began
            for began, replied in self._session.execute(times)
            if replied is not None
        )
        return Service(
            opened=self._session.scalars(tickets.where(opened)).one(),
            resolved=self._session.scalars(
                tickets.where(TicketRow.resolved_at >= utc(since))
            ).one(),
            handed_over=self._session.scalars(
                tickets.where(opened, TicketRow.ticket_id.in_(carded))
            ).one(),
            first_reply=waits[len(waits) // 2] if waits else None,
        )

    def _by(self, column: InstrumentedAttribute[str]) -> dict[str, int]:
        rows = self._session.execute(select(column, func.count()).group_by(column).order_by(column))
        return {row[0]: row[1] for row in rows}
