"""The App Home: for agents the open tickets, for merchants how to ask. No text of anybody."""

from __future__ import annotations

from dataclasses import dataclass

from bot.agents import HELP, MERCHANT_HELP, SHOWN
from bot.blocks import Block, section
from bot.people import Roster
from bot.replies import when
from storage.ids import TeamId, UserId, ticket_ref
from storage.store import Store
from storage.tickets import TicketState


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Builds App Home views."""

    store: Store
    roster: Roster

    def view(self, team: str, user: UserId) -> Block:
        """Return the home view of a person."""
        if not self.roster.is_agent(TeamId(team), user):
            return {"type": "home", "blocks": list(section(MERCHANT_HELP))}
        states = tuple(state for state in TicketState if state is not TicketState.RESOLVED)
        with self.store.read() as records:
            tickets = records.tickets.list(states=states)
        lines = [
            f"*{ticket_ref(each.ticket_id)}* {each.state.value.replace('_', ' ')}, "
            f"{each.merchant or 'not linked'}, since {when(each.opened_at)}"
            for each in tickets[:SHOWN]
        ]
        queue = "\n".join(lines) or "No open tickets."
        return {"type": "home", "blocks": [*section(queue), *section(HELP)]}
