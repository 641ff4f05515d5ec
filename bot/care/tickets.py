"""`/care` about tickets: which there are, what is in one, who has it, and its end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.blocks import Reply, escaped
from bot.care.asked import Action, Asked, private
from bot.care.leftovers import leftovers
from bot.care.revealing import HOW, reveal
from bot.intake import Intake
from bot.people import Roster
from bot.replies import ticket_line, ticket_lines, when, within_limit
from bot.resolving import Resolver
from bot.triage import Triage
from storage.audit import AuditKind
from storage.ids import (
    ChannelId,
    SlackTs,
    TeamId,
    TicketId,
    UserId,
    ticket_id,
    ticket_owner,
    ticket_ref,
)
from storage.receipts import Receipt
from storage.store import Store, Transaction
from storage.tickets import LIVE, Actor, Step, Ticket, TicketState, Trigger

PERSON: Final = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
LINKS: Final = 20
"""Messages that a receipt links."""
_STATES: Final = {
    "open": LIVE,
    "mine": LIVE,
    "waiting": (TicketState.WAITING_ON_CARE,),
    "resolved": (TicketState.RESOLVED,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketCommands:
    """The commands about tickets.

    Attributes:
        permalink: Builds a link to a message.
    """

    store: Store
    intake: Intake
    roster: Roster
    resolver: Resolver
    triage: Triage
    permalink: Callable[[TeamId, ChannelId, SlackTs], str]
    clock: Callable[[], datetime]

    def actions(self) -> Iterator[Action]:
        """Yield the commands."""
        yield Action(
            name="tickets",
            usage="[open|mine|waiting|resolved]",
            tells="lists tickets",
            run=self._tickets,
        )
        yield Action(
            name="ticket",
            usage="JC-12",
            tells="shows one: its scrubbed messages and what it holds",
            run=self._ticket,
        )
        yield Action(
            name="assign",
            usage="JC-12 [@agent|me|nobody]",
            tells="gives it to an agent, you without one",
            run=self._assign,
        )
        yield Action(
            name="note",
            usage="JC-12 TEXT",
            tells="notes something for agents alone",
            run=self._note,
        )
        yield Action(
            name="resolve",
            usage="JC-12",
            tells="resolves it and deletes its sensitive values, with a receipt",
            run=self._resolve,
        )
        yield Action(name="reopen", usage="JC-12", tells="opens it again", run=self._reopen)
        yield Action(
            name="receipt", usage="JC-12", tells="shows the receipt again", run=self._receipt
        )
        yield Action(
            name="reveal",
            usage="JC-12 [REASON]",
            tells="shows you alone what an open ticket holds, and notes that you looked",
            run=self._reveal,
        )

    def _tickets(self, asked: Asked) -> Reply:
        wanted = asked.word(0).lower() or "open"
        if wanted not in _STATES:
            return private("`/care tickets` takes `open`, `mine`, `waiting` or `resolved`.")
        with self.store.read() as records:
            found = records.tickets.list(states=_STATES[wanted])
        if wanted == "mine":
            found = tuple(each for each in found if each.assignee == asked.command.user)
            return private(ticket_lines(found) or "No open ticket is yours.")
        return private(ticket_lines(found) or f"No {wanted} tickets.")

    def _ticket(self, asked: Asked) -> Reply:
        number = ticket_id(asked.word(0))
        with self.store.read() as records:
            ticket = records.tickets.get(number)
            said = records.tickets.messages(number)
            held = records.tickets.sealed_kinds(number)
        quoted = "\n".join(
            f"> *{each.author}*: {escaped(each.text)}".replace("\n", "\n> ") for each in said
        )
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(held.items()))
        parts = (
            f"{ticket_line(ticket)}, {_whose(ticket)}",
            within_limit(quoted),
            f"Sealed values: {kinds or 'none'}",
        )
        return private("\n".join(parts))

    def _assign(self, asked: Asked) -> Reply:
        number, to = ticket_id(asked.word(0)), asked.word(1)
        person = PERSON.fullmatch(to)
        agent: UserId | None = asked.command.user
        if person is not None:
            agent = UserId(person[1])
            if not self.roster.is_agent(asked.command.team, agent):
                return private(f"<@{agent}> is not one of Jetpack Care's agents.")
        elif to.lower() == "nobody":
            agent = None
        elif to.lower() not in ("", "me"):
            return private("`/care assign JC-12` takes `@agent`, `me` or `nobody` after it.")
        with self.store.begin() as records:
            records.tickets.assign(number, agent)
            self.triage.refresh(records, number)
            ticket = records.tickets.get(number)
        return private(f"{ticket_ref(number)}: {_whose(ticket)}.")

    def _note(self, asked: Asked) -> Reply:
        number = ticket_id(asked.word(0))
        if asked.command.note is None:
            return private("Say what to note: `/care note JC-12 asked the warehouse`.")
        with self.store.read() as records:
            records.tickets.get(number)
        self.intake.note(asked.command, number)
        return private(f"Noted with {ticket_ref(number)}. The merchant does not see it.")

    def _resolve(self, asked: Asked) -> Reply:
        number = ticket_id(asked.word(0))
        with self.store.begin() as records:
            receipt = self.resolver.resolve(
                records, number, by=asked.command.user, trigger=Trigger.COMMAND
            )
            left = self._left(records, number)
        return private(f"{receipt_text(receipt)}{left}")

    def _reopen(self, asked: Asked) -> Reply:
        number, now = ticket_id(asked.word(0)), self.clock()
        with self.store.begin() as records:
            if records.tickets.get(number).state is not TicketState.RESOLVED:
                return private(f"{ticket_ref(number)} is open already.")
            records.tickets.advance(number, Step.REOPEN, now, by=Actor.AGENT)
            records.audit.append(
                AuditKind.TICKET_REOPENED,
                at=now,
                by=asked.command.user,
                subject=ticket_owner(number),
            )
            self.triage.refresh(records, number)
        return private(f"{ticket_ref(number)} is open again. What it held is not brought back.")

    def _receipt(self, asked: Asked) -> Reply:
        number = ticket_id(asked.word(0))
        with self.store.read() as records:
            records.tickets.get(number)
            receipt = records.receipts.of(number)
            left = self._left(records, number)
        if receipt is None:
            return private(f"{ticket_ref(number)} is not resolved, so there is no receipt yet.")
        return private(f"{receipt_text(receipt)}{left}")

    def _left(self, records: Transaction, number: TicketId) -> str:
        """Name by link what Slack still shows of the personal data that a ticket held."""
        found = leftovers(records, number)
        cleared = sum(each.is_cleared for each in records.tickets.messages(number))
        gone = f"\nDeleted in Slack, too: {cleared} messages." if cleared else ""
        if not found:
            return gone
        links = ", ".join(
            f"<{self.permalink(*place)}|message {count}>"
            for count, place in enumerate(found[:LINKS], start=1)
        )
        more = f" and {len(found) - LINKS} more" if len(found) > LINKS else ""
        return (
            f"{gone}\nSlack itself still shows it in {links}{more}. "
            "Only their writers can delete them."
        )

    def _reveal(self, asked: Asked) -> Reply:
        number, reason = ticket_id(asked.word(0)), asked.word(1).lower()
        if not reason:
            return Reply(text=HOW, private=True, form=number)
        return reveal(self.store, number, reason, by=asked.command.user, clock=self.clock)


def receipt_text(receipt: Receipt) -> str:
    """Write a receipt as people read it."""
    gone = ", ".join(
        f"{count} {store.replace('_', ' ').removesuffix('s' if count == 1 else '')}"
        for store, count in receipt.rows.items()
    )
    verified = (
        f"Verified {when(receipt.verified_at)}: {receipt.found} rows found, "
        f"{receipt.frames_left} frames left in the write-ahead log."
        if receipt.verified_at is not None
        else "The search for what may be left over runs now; `/care receipt` will show it."
    )
    return (
        f"*{receipt.ticket}* resolved {when(receipt.shredded_at)} by {receipt.trigger} "
        f"({receipt.by}). Deleted: {gone}. {verified} Audit entry {receipt.seq}."
    )


def _whose(ticket: Ticket) -> str:
    return "nobody has it" if ticket.assignee is None else f"<@{ticket.assignee}> has it"
