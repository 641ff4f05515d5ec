"""A ticket in a modal, from a message's menu or from `/care reveal`: looked at, and acted on.

A slash command cannot be entered in a thread; a message's menu is there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.blocks import Block
from bot.cards.ticket import CLAIM, REOPEN, RESOLVE, revealed_view, ticket_view
from bot.care.revealing import REASONS, reveal
from bot.log import Event, log, warn
from bot.people import Roster
from bot.resolving import Resolver
from bot.triage import Triage
from storage.audit import AuditKind
from storage.ids import ChannelId, SlackTs, TeamId, TicketId, UserId, ticket_owner, ticket_ref
from storage.store import Store
from storage.tickets import Actor, Step, TicketState, Trigger


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketModal:
    """Shows tickets to agents, and does what they press there."""

    store: Store
    roster: Roster
    resolver: Resolver
    triage: Triage
    clock: Callable[[], datetime]

    def admits(self, team: TeamId, user: UserId, what: str) -> bool:
        """Tell whether somebody is an agent; put it on record where they are none."""
        if self.roster.is_agent(team, user):
            return True
        warn(Event.COMMAND_REFUSED, team=team, user=user)
        with self.store.begin() as records:
            records.audit.append(
                AuditKind.ACTION_REFUSED,
                at=self.clock(),
                by=f"{team}/{user}",
                subject=f"modal:{what}",
            )
        return False

    def ticket_at(
        self, team: TeamId, channel: ChannelId, ts: SlackTs, thread_ts: SlackTs | None
    ) -> TicketId | None:
        """Return the ticket that a message belongs to: its conversation's, or its card's."""
        root = thread_ts or ts
        with self.store.read() as records:
            found = self.triage.ticket_of(records, team, channel, root)
            if found is not None:
                return found
            for thread in (root, SlackTs("")) if channel.startswith("D") else (root,):
                ticket = records.tickets.latest(team, channel, thread)
                if ticket is not None:
                    return ticket.ticket_id
        return None

    def view(self, ticket: TicketId) -> Block:
        """Return the modal of a ticket. Raises UnknownTicket."""
        with self.store.read() as records:
            return ticket_view(
                records.tickets.get(ticket),
                lines=[each.text for each in records.tickets.messages(ticket)],
                held=records.tickets.sealed_kinds(ticket),
                reasons=REASONS,
            )

    def act(self, ticket: TicketId, action: str, *, by: UserId) -> None:
        """Do what an agent pressed in the modal. Raises UnknownTicket."""
        now = self.clock()
        with self.store.begin() as records:
            state = records.tickets.get(ticket).state
            if action == RESOLVE:
                self.resolver.resolve(records, ticket, by=by, trigger=Trigger.CARD)
            elif action == CLAIM:
                records.tickets.assign(ticket, by)
            elif action == REOPEN and state is TicketState.RESOLVED:
                records.tickets.advance(ticket, Step.REOPEN, now, by=Actor.AGENT)
                records.audit.append(
                    AuditKind.TICKET_REOPENED, at=now, by=by, subject=ticket_owner(ticket)
                )
            self.triage.refresh(records, ticket)
        log(Event.COMMAND, ticket=ticket, user=by)

    def reveal(self, ticket: TicketId, reason: str, *, by: UserId) -> Block:
        """Return the modal with what a ticket holds; that it was looked at is on record first."""
        shown = reveal(self.store, ticket, reason, by=by, clock=self.clock)
        return revealed_view(ticket_ref(ticket), shown.text)
