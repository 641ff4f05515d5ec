"""How many of what there are, for health and metrics. Counts alone."""

from __future__ import annotations

from typing import Final, final

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from storage.tables import ReplyRow, SealedValueRow, TicketRow


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

    def _by(self, column: InstrumentedAttribute[str]) -> dict[str, int]:
        rows = self._session.execute(select(column, func.count()).group_by(column).order_by(column))
        return {row[0]: row[1] for row in rows}
