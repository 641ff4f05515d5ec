"""Telling Care that a service level is about to be missed, and that it was: each once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.triage import Triage
from storage.ids import ticket_ref
from storage.service_levels import SOON, Level, ServiceLevels, Standing
from storage.store import Store, Transaction
from storage.tickets import Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminding:
    """Reminds Care, in the thread of each ticket's card.

    Attributes:
        group: The agents' user group, empty for none. It is called where nobody has the ticket.
    """

    store: Store
    triage: Triage
    levels: ServiceLevels
    group: str

    def remind(self, at: datetime) -> int:
        """Remind of what is due at a moment. Returns of how many tickets."""
        with self.store.read() as records:
            due = [
                ticket.ticket_id
                for ticket in records.tickets.needing()
                if self._is_new(records, ticket, self._due(ticket, at))
            ]
        reminded = 0
        for number in due:
            with self.store.begin() as records:
                # Somebody may have answered since the list was read.
                ticket = records.tickets.get(number)
                standing = self._due(ticket, at)
                if standing is None:
                    continue
                text = f"{self._whom(ticket)}{_words(ticket, standing)}"
                key = _key(ticket, standing)
                reminded += self.triage.remind(records, number, text, key=key)
        return reminded

    def _due(self, ticket: Ticket, at: datetime) -> Standing | None:
        """Return how a ticket stands that is to be reminded of, None for every other."""
        standing = self.levels.standing(ticket, at)
        return None if standing is None or standing.share < SOON else standing

    def _is_new(self, records: Transaction, ticket: Ticket, standing: Standing | None) -> bool:
        if standing is None:
            return False
        return self.triage.can_remind(records, ticket.ticket_id, key=_key(ticket, standing))

    def _whom(self, ticket: Ticket) -> str:
        if ticket.assignee is not None:
            return f"<@{ticket.assignee}> "
        return f"<!subteam^{self.group}> " if self.group else ""


def _words(ticket: Ticket, standing: Standing) -> str:
    number = ticket_ref(ticket.ticket_id)
    if standing.share < 1:
        left = standing.limit - standing.used
        return f"{number}: the {standing.level} is due within {left:.0f} minutes of support."
    return (
        f"{number}: the {standing.level} is overdue, {standing.used:.0f} minutes of support were "
        f"waited where {standing.limit} are allowed."
    )


def _key(ticket: Ticket, standing: Standing) -> str:
    """Return what makes a reminder once only: the ticket, the wait, the level and how far."""
    began = ticket.needed_since if standing.level is Level.RESOLUTION else ticket.waiting_since
    began = began or ticket.opened_at
    stage = "soon" if standing.share < 1 else "missed"
    level = standing.level.replace(" ", "_")
    return f"{ticket.ticket_id}:{level}:{int(began.timestamp())}:{stage}"
