"""The buttons of a ticket's card, pressed: claim, assign, resolve, reopen; reply opens a form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.blocks import Reply
from bot.cards.triage import ASSIGN, CLAIM, REOPEN, RESOLVE
from bot.care.agents import REFUSED
from bot.care.tickets import receipt_text
from bot.interactions import Press
from bot.jobs import Job, Jobs
from bot.log import Event, log, warn
from bot.outgoing import put
from bot.people import Roster
from bot.resolving import Resolver
from bot.triage import LANE, Triage
from storage.audit import AuditKind
from storage.ids import TicketId, UserId, ticket_owner, ticket_ref
from storage.store import Store, Transaction
from storage.tickets import Actor, Step, TicketState, Trigger

NO_AGENT: Final = "That person is not one of Jetpack Care's agents, so nothing was changed."


@dataclass(frozen=True, slots=True, kw_only=True)
class CardPresses:
    """Takes presses. One counts only from an agent, and on the card of the ticket."""

    store: Store
    jobs: Jobs
    roster: Roster
    resolver: Resolver
    triage: Triage
    clock: Callable[[], datetime]

    def take(self, press: Press) -> None:
        """Do what a press says, once; what there is to say is said to the presser alone."""
        with self.store.begin() as records:
            if not records.inbox.first_time(f"press:{press.team}", press.event, self.clock()):
                log(Event.DUPLICATE, team=press.team, event_id=press.event)
                return
            ticket = self.admitted(records, press)
            if ticket is None:
                return
            said = {
                CLAIM: self._claim,
                ASSIGN: self._assign,
                RESOLVE: self._resolve,
                REOPEN: self._reopen,
            }[press.action](records, ticket, press)
            self.triage.refresh(records, ticket)
            if said:
                self._whisper(records, press, said)
        log(Event.COMMAND, team=press.team, user=press.user)

    def admitted(self, records: Transaction, press: Press) -> TicketId | None:
        """Return the ticket of the card that an agent pressed on; refuse everybody else.

        A refusal is put on record, and told to who pressed.
        """
        ticket = self.triage.ticket_of(records, press.team, press.channel, press.ts)
        is_agent = self.roster.is_agent(press.user_team, press.user)
        is_own = press.action == ASSIGN or (
            ticket is not None and press.value == ticket_ref(ticket)
        )
        if ticket is not None and is_agent and is_own:
            return ticket
        warn(Event.COMMAND_REFUSED, team=press.team, user=press.user)
        if not is_agent:
            records.audit.append(
                AuditKind.ACTION_REFUSED,
                at=self.clock(),
                by=f"{press.user_team}/{press.user}",
                subject=f"button:{press.action}",
            )
            self._whisper(records, press, REFUSED)
        return None

    def _claim(self, records: Transaction, ticket: TicketId, press: Press) -> str:
        has = records.tickets.get(ticket).assignee
        if has not in (None, press.user):
            return f"<@{has}> has {ticket_ref(ticket)} already. Assign it to yourself to take it."
        records.tickets.assign(ticket, press.user)
        return ""

    def _assign(self, records: Transaction, ticket: TicketId, press: Press) -> str:
        agent = UserId(press.value)
        if not self.roster.is_agent(press.team, agent):
            return NO_AGENT
        records.tickets.assign(ticket, agent)
        return ""

    def _resolve(self, records: Transaction, ticket: TicketId, press: Press) -> str:
        receipt = self.resolver.resolve(records, ticket, by=press.user, trigger=Trigger.CARD)
        return receipt_text(receipt)

    def _reopen(self, records: Transaction, ticket: TicketId, press: Press) -> str:
        if records.tickets.get(ticket).state is not TicketState.RESOLVED:
            return f"{ticket_ref(ticket)} is open already."
        now = self.clock()
        records.tickets.advance(ticket, Step.REOPEN, now, by=Actor.AGENT)
        records.audit.append(
            AuditKind.TICKET_REOPENED, at=now, by=press.user, subject=ticket_owner(ticket)
        )
        return ""

    def _whisper(self, records: Transaction, press: Press, text: str) -> None:
        for each in put(
            records,
            Reply(text=text, private=True),
            key=f"pressed:{press.event}",
            ticket=None,
            team=press.team,
            channel=press.channel,
            thread_ts=press.thread_ts,
            ephemeral_to=press.user,
            at=self.clock(),
        ):
            self.jobs.enqueue(records.session, Job.SEND, each, lane=LANE)
