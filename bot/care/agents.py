"""`/care`: what Care's agents may do, and the little that merchants may.

The text of a command went through the scrubber like any other; what is parsed here is scrubbed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Final

from bot.blocks import Reply
from bot.care.asked import Action, Asked, private
from bot.care.audit import AuditCommands
from bot.care.merchants import MerchantCommands
from bot.care.orders import OrderCommands
from bot.care.tickets import TicketCommands
from bot.intake import Intake
from bot.interactions import Command
from bot.log import Event, log
from bot.people import Roster
from storage.audit import AuditKind
from storage.errors import MalformedId, UnknownTicket
from storage.store import Store

REFUSED: Final = "Only Jetpack Care's agents can do that. `/care help` shows what you can do here."
NO_TICKET: Final = "There is no such ticket. `/care tickets` lists them."
MERCHANTS_LEAD: Final = (
    "Ask me anything about fulfilling your Amazon FBM orders with Jetpack, right here.\n"
    "Please leave out names, addresses and phone numbers: the order number is all I need."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agents:
    """Runs `/care` commands."""

    store: Store
    intake: Intake
    roster: Roster
    clock: Callable[[], datetime]
    tickets: TicketCommands
    orders: OrderCommands
    merchants: MerchantCommands
    audit: AuditCommands

    def run(self, command: Command) -> Reply:
        """Do what a command says and return what its author alone will see.

        Raises:
            ScrubbingFailed: Its text could not be scrubbed.
        """
        with self.store.read() as records:
            merchant = records.merchants.merchant_of(
                command.team, command.channel, command.user
            ) or records.merchants.of_workspace(command.team, command.team)
        words = tuple(self.intake.scrub(command.text, merchant).text.split())
        asked = Asked(
            command=command,
            merchant=merchant,
            words=words[1:],
            by_agent=self.roster.is_agent(command.team, command.user),
        )
        name = words[0].lower() if words else "help"
        every = {action.name: action for action in self.actions()}
        mine = self._of(by_agent=asked.by_agent)
        if name not in mine:
            log(Event.COMMAND_REFUSED, team=command.team, user=command.user)
            if name in every:
                self._note_refusal(command, name)
                return private(REFUSED)
            near = get_close_matches(name, mine, n=1)
            hint = f" Did you mean `/care {near[0]}`?" if near else " `/care help` lists them."
            return private(f"I don't know that command.{hint}")
        try:
            reply = mine[name].run(asked)
        except MalformedId as error:
            return private(str(error))
        except UnknownTicket:
            return private(NO_TICKET)
        log(Event.COMMAND, team=command.team, user=command.user)
        return reply

    def actions(self) -> Iterator[Action]:
        """Yield every command, in the order of the help."""
        yield from self.tickets.actions()
        yield from self.orders.actions()
        yield from self.merchants.actions()
        yield from self.audit.actions()
        yield Action(name="help", usage="", tells="shows this", run=self._help, for_merchants=True)

    def names(self) -> Mapping[str, bool]:
        """Return the name of every command, and whether it is about a ticket."""
        return {each.name: each.usage.startswith("JC-") for each in self.actions()}

    def help(self, *, by_agent: bool) -> str:
        """Return what somebody can do here."""
        lines = [action.line for action in self._of(by_agent=by_agent).values()]
        lead = [] if by_agent else [MERCHANTS_LEAD]
        return "\n".join(["*Jetpack Care*", *lead, *lines])

    def _of(self, *, by_agent: bool) -> dict[str, Action]:
        return {each.name: each for each in self.actions() if by_agent or each.for_merchants}

    def _help(self, asked: Asked) -> Reply:
        return private(self.help(by_agent=asked.by_agent))

    def _note_refusal(self, command: Command, name: str) -> None:
        """Put on record that somebody tried what only agents may."""
        with self.store.begin() as records:
            records.audit.append(
                AuditKind.ACTION_REFUSED,
                at=self.clock(),
                by=f"{command.team}/{command.user}",
                subject=f"command:{name}",
            )
