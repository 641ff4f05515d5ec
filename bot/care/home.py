"""The App Home: for agents the open tickets, for merchants how to ask. No text of anybody."""

from __future__ import annotations

from dataclasses import dataclass

from bot.blocks import Block, section
from bot.care.agents import HELP, MERCHANT_HELP
from bot.people import Roster
from bot.replies import ticket_lines
from storage.ids import TeamId, UserId
from storage.store import Store
from storage.tickets import LIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Builds App Home views."""

    store: Store
    roster: Roster

    def view(self, team: str, user: UserId) -> Block:
        """Return the home view of a person."""
        if not self.roster.is_agent(TeamId(team), user):
            return {"type": "home", "blocks": list(section(MERCHANT_HELP))}
        with self.store.read() as records:
            tickets = records.tickets.list(states=LIVE)
        queue = ticket_lines(tickets) or "No open tickets."
        return {"type": "home", "blocks": [*section(queue), *section(HELP)]}
