"""Telling Care that a service level is about to be missed, and that it was: each once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.triage import Triage
from storage.ids import ticket_ref
from storage.service_levels import SOON, ServiceLevels, Standing
from storage.store import Store
from storage.tickets import LIVE, Ticket

AT_ONCE: Final = 500
"""Tickets looked at in one go, those that wait longest first."""


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
            waiting = records.tickets.queue(states=LIVE, limit=AT_ONCE)
        reminded = 0
        for ticket in waiting:
            standing = self.levels.standing(ticket, at)
            if standing is None or standing.share < SOON:
                continue
            with self.store.begin() as records:
                # Somebody may have answered since the list was read.
                now = records.tickets.get(ticket.ticket_id)
                standing = self.levels.standing(now, at)
                if standing is None or standing.share < SOON:
                    continue
                text = f"{self._whom(now)}{_words(now, standing)}"
                reminded += self.triage.remind(records, now, text, key=_key(now, standing))
        return reminded

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
    began = ticket.waiting_since or ticket.opened_at
    stage = "soon" if standing.share < 1 else "missed"
    level = standing.level.replace(" ", "_")
    return f"{ticket.ticket_id}:{level}:{int(began.timestamp())}:{stage}"
