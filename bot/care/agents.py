"""`/care`: what Care's agents may do, and the little that merchants may.

The text of a command went through the scrubber like any other; what is parsed here is scrubbed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Final

from bot.arrivals import Command
from bot.blocks import Reply, escaped
from bot.care.linking import USAGE, link_ticket
from bot.care.revealing import reveal
from bot.intake import Intake
from bot.log import Event, log
from bot.lookup import LookUp
from bot.people import Roster
from bot.replies import ticket_line, ticket_lines, when, within_limit
from bot.resolving import Resolver
from storage.audit import AuditKind
from storage.errors import MalformedId, UnknownTicket
from storage.ids import (
    ChannelId,
    MerchantId,
    OrderId,
    UserId,
    merchant_id,
    order_id,
    ticket_id,
    ticket_ref,
)
from storage.receipts import Receipt
from storage.store import Store, Transaction
from storage.tickets import LIVE, TicketState, Trigger

_TICKET: Final = re.compile(r"JC-[0-9]", re.IGNORECASE)
_MENTION: Final = re.compile(r"<(?:@([UW][A-Z0-9]+)|#([CG][A-Z0-9]+))(?:\|[^>]*)?>")

HELP: Final = """*Jetpack Care*
`/care tickets [open|waiting|resolved]` lists tickets
`/care ticket JC-12` shows one: its scrubbed messages and what it holds
`/care resolve JC-12` resolves it and deletes its sensitive values, with a receipt
`/care receipt JC-12` shows the receipt again
`/care reveal JC-12 REASON` shows you alone what an open ticket holds, and notes that you looked
`/care order 111-2223334-5556667` shows an order, `/care return 111-2223334-5556667` its returns
`/care link MERCHANT` links this channel to a merchant; \
`/care link @person MERCHANT` or `/care link #channel MERCHANT` another
`/care link JC-12 zendesk 4711` links a ticket to a help desk's: resolved there, it is resolved here
`/care help` shows this"""

MERCHANT_HELP: Final = """*Jetpack Care*
Ask me anything about fulfilling your Amazon FBM orders with Jetpack, right here in the channel.
`/care order 111-2223334-5556667` shows one of your orders, \
`/care return 111-2223334-5556667` its returns.
Please leave out names, addresses and phone numbers: the order number is all I need."""

REFUSED: Final = "Only Jetpack Care's agents can do that. `/care help` shows what you can do here."
NO_TICKET: Final = "There is no such ticket. `/care tickets` lists them."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A command as it was understood: who asked, where, and the scrubbed words after its name."""

    command: Command
    merchant: MerchantId | None
    words: tuple[str, ...]
    by_agent: bool

    def word(self, place: int) -> str:
        """Return a word, empty where there is none."""
        return self.words[place] if place < len(self.words) else ""


_Action = Callable[[_Asked], Reply]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agents:
    """Runs `/care` commands."""

    store: Store
    intake: Intake
    roster: Roster
    resolver: Resolver
    clock: Callable[[], datetime]
    lookup: LookUp

    def run(self, command: Command) -> Reply:
        """Do what a command says and return what its author alone will see.

        Raises:
            ScrubbingFailed: Its text could not be scrubbed.
        """
        with self.store.read() as records:
            merchant = records.merchants.merchant_of(command.team, command.channel, command.user)
        words = tuple(self.intake.scrub(command.text, merchant).text.split())
        asked = _Asked(
            command=command,
            merchant=merchant,
            words=words[1:],
            by_agent=self.roster.is_agent(command.team, command.user),
        )
        name = words[0].lower() if words else "help"
        actions = self._for_agents() if asked.by_agent else self._for_merchants()
        if name not in actions:
            log(Event.COMMAND_REFUSED, team=command.team, user=command.user)
            if name in self._for_agents():
                self._note_refusal(command, name)
                return _private(REFUSED)
            near = get_close_matches(name, actions, n=1)
            hint = f" Did you mean `/care {near[0]}`?" if near else " `/care help` lists them."
            return _private(f"I don't know that command.{hint}")
        try:
            reply = actions[name](asked)
        except MalformedId as error:
            return _private(str(error))
        except UnknownTicket:
            return _private(NO_TICKET)
        log(Event.COMMAND, team=command.team, user=command.user)
        return reply

    def _note_refusal(self, command: Command, name: str) -> None:
        """Put on record that somebody tried what only agents may."""
        with self.store.begin() as records:
            records.audit.append(
                AuditKind.ACTION_REFUSED,
                at=self.clock(),
                by=f"{command.team}/{command.user}",
                subject=f"command:{name}",
            )

    def _for_merchants(self) -> dict[str, _Action]:
        return {"help": self._help, "order": self._order, "return": self._return}

    def _for_agents(self) -> dict[str, _Action]:
        return {
            "help": self._help,
            "tickets": self._tickets,
            "ticket": self._ticket,
            "resolve": self._resolve,
            "receipt": self._receipt,
            "reveal": self._reveal,
            "order": self._order,
            "return": self._return,
            "link": self._link,
        }

    def _help(self, asked: _Asked) -> Reply:
        return _private(HELP if asked.by_agent else MERCHANT_HELP)

    def _tickets(self, asked: _Asked) -> Reply:
        wanted = asked.word(0).lower() or "open"
        states = {
            "open": LIVE,
            "waiting": (TicketState.WAITING_ON_CARE,),
            "resolved": (TicketState.RESOLVED,),
        }
        if wanted not in states:
            return _private("`/care tickets` takes `open`, `waiting` or `resolved`.")
        with self.store.read() as records:
            found = records.tickets.list(states=states[wanted])
        return _private(ticket_lines(found) or f"No {wanted} tickets.")

    def _ticket(self, asked: _Asked) -> Reply:
        number = ticket_id(asked.word(0))
        with self.store.read() as records:
            ticket = records.tickets.get(number)
            said = records.tickets.messages(number)
            held = records.tickets.sealed_kinds(number)
        quoted = "\n".join(
            f"> *{each.author}*: {escaped(each.text)}".replace("\n", "\n> ") for each in said
        )
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(held.items()))
        parts = (ticket_line(ticket), within_limit(quoted), f"Sealed values: {kinds or 'none'}")
        return _private("\n".join(parts))

    def _resolve(self, asked: _Asked) -> Reply:
        number = ticket_id(asked.word(0))
        with self.store.begin() as records:
            receipt = self.resolver.resolve(
                records, number, by=asked.command.user, trigger=Trigger.COMMAND
            )
        return _private(receipt_text(receipt))

    def _receipt(self, asked: _Asked) -> Reply:
        number = ticket_id(asked.word(0))
        with self.store.read() as records:
            records.tickets.get(number)
            receipt = records.receipts.of(number)
        if receipt is None:
            return _private(f"{ticket_ref(number)} is not resolved, so there is no receipt yet.")
        return _private(receipt_text(receipt))

    def _reveal(self, asked: _Asked) -> Reply:
        number, reason = ticket_id(asked.word(0)), asked.word(1).lower()
        return reveal(self.store, number, reason, by=asked.command.user, clock=self.clock)

    def _order(self, asked: _Asked) -> Reply:
        number = order_id(asked.word(0))
        with self.store.read() as records:
            merchant = self._whose(records, asked, number)
            return _private(self.lookup.status(records, merchant, number).text)

    def _return(self, asked: _Asked) -> Reply:
        number = order_id(asked.word(0))
        with self.store.read() as records:
            merchant = self._whose(records, asked, number)
            return _private(self.lookup.returns(records, merchant, number).text)

    def _whose(self, records: Transaction, asked: _Asked, number: OrderId) -> MerchantId | None:
        """Return whose orders may be seen: an agent sees those of all merchants."""
        if not asked.by_agent:
            return asked.merchant
        order = self.lookup.order(records, number)
        return None if order is None else order.merchant_id

    def _link(self, asked: _Asked) -> Reply:
        if asked.command.link is not None:
            return link_ticket(self.store, self.resolver, asked.command.link, self.clock)
        if _TICKET.match(asked.word(0)):
            return _private(USAGE)
        target = _MENTION.fullmatch(asked.word(0))
        # All that is left, so that words which are no name link nothing to the first of them.
        name = merchant_id(" ".join(asked.words[1 if target else 0 :]))
        subject: ChannelId | UserId = asked.command.channel
        if target is not None:
            subject = UserId(target[1]) if target[1] else ChannelId(target[2])
        elif asked.command.direct:
            return _private("Say whom to link: `/care link @person MERCHANT`.")
        now = self.clock()
        with self.store.begin() as records:
            records.merchants.ensure(name)
            records.merchants.link(asked.command.team, subject, name, now)
            records.audit.append(
                AuditKind.MERCHANT_LINKED,
                at=now,
                by=asked.command.user,
                subject=subject,
                facts={"merchant": name},
            )
        shown = f"<@{subject}>" if subject.startswith(("U", "W")) else f"<#{subject}>"
        return _private(f"{shown} is linked to merchant *{name}*.")


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


def _private(text: str) -> Reply:
    return Reply(text=text, private=True)
