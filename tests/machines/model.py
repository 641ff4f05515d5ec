"""What the rules make of what happened: a plain model of tickets, their values and their keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from storage.ids import ChannelId, SlackTs, TicketId
from storage.tickets import WHO, Step, TicketState, Trigger, after
from tests.machines.order_model import Order
from tests.machines.words import KINDS, Words, numbered

EARLY: Final = timedelta(days=1)
"""How long news of a ticket that is not linked waits for the link."""
UNKNOWN: Final = TicketId(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A thread of a channel, or a direct message, which is one endless conversation."""

    channel: ChannelId
    thread: SlackTs

    @property
    def is_direct(self) -> bool:
        """Whether it is a direct message."""
        return not self.thread


@dataclass(slots=True, kw_only=True)
class Message:
    """A message.

    Attributes:
        text: What is kept of it, None once it was deleted.
        sealed: Which of its values are kept, sealed.
    """

    text: str | None
    sealed: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """A resolution: by whom, what went, which epoch had wrapped the key."""

    trigger: str
    by: str
    at: datetime
    rows: dict[str, int]
    epoch: int | None


@dataclass(slots=True, kw_only=True)
class Ticket:
    """A ticket.

    Attributes:
        number: Its number in the program, 0 until that is known.
        numbers: The number of each value that it has told since it was opened or reopened.
        messages: Its messages by Slack's id.
        epoch: The epoch that wraps its data key, None where it has none.
        resolutions: All of them, oldest first.
        verified: Which of them a search was made after.
    """

    conversation: Conversation
    state: TicketState
    changed_at: datetime
    number: TicketId = UNKNOWN
    numbers: dict[str, int] = field(default_factory=dict)
    messages: dict[SlackTs, Message] = field(default_factory=dict)
    epoch: int | None = None
    resolutions: list[Resolution] = field(default_factory=list)
    verified: set[int] = field(default_factory=set)

    @property
    def is_over(self) -> bool:
        """Whether it is resolved."""
        return self.state is TicketState.RESOLVED

    @property
    def values(self) -> dict[str, str]:
        """What opens: the placeholders with their values."""
        kept = set().union(*(message.sealed for message in self.messages.values()))
        return {f"<{KINDS[each]}_{self.numbers[each]}>": each for each in kept}

    def step(self, step: Step, now: datetime) -> None:
        """Take a step."""
        self.state = after(self.state, step, min(WHO[step]))
        self.changed_at = now


@dataclass(slots=True, kw_only=True)
class Model:
    """Everything that is kept, and until when.

    Attributes:
        now: The time that it is.
        epochs: The epochs whose keys are in the keyring.
        rewrapped: The epoch of the last re-wrap, 0 before the first.
        links: Which ticket a help desk's ticket is.
        early: When a help desk's ticket that was not linked was said to be resolved.
    """

    now: datetime
    tickets: list[Ticket] = field(default_factory=list)
    orders: dict[str, Order] = field(default_factory=dict)
    epochs: set[int] = field(default_factory=lambda: {1})
    rewrapped: int = 0
    links: dict[str, TicketId] = field(default_factory=dict)
    early: dict[str, datetime] = field(default_factory=dict)

    @property
    def epoch(self) -> int:
        """The current epoch."""
        return max(self.epochs)

    def latest(self, where: Conversation) -> Ticket | None:
        """Return the newest ticket of a conversation."""
        own = [ticket for ticket in self.tickets if ticket.conversation == where]
        return own[-1] if own else None

    def of(self, number: TicketId) -> Ticket:
        """Return the ticket of a number."""
        return next(ticket for ticket in self.tickets if ticket.number == number)

    def at(self, where: Conversation, ts: SlackTs) -> tuple[Ticket, Message] | None:
        """Return the message of that id with its ticket, None if it is not kept or deleted."""
        for ticket in self.tickets:
            message = ticket.messages.get(ts)
            if ticket.conversation == where and message is not None and message.text is not None:
                return ticket, message
        return None

    def hear(self, where: Conversation, ts: SlackTs, words: Words, *, by_agent: bool) -> None:
        """Take a message that was not heard before."""
        ticket = self._meant(where, asks=words.asks, by_agent=by_agent)
        if ticket is not None:
            ticket.messages[ts] = self._kept(ticket, words)

    def edit(self, where: Conversation, ts: SlackTs, words: Words) -> None:
        """Take an edit."""
        found = self.at(where, ts)
        if found is not None:
            ticket, _ = found
            ticket.messages[ts] = self._kept(ticket, words)

    def delete(self, where: Conversation, ts: SlackTs) -> None:
        """Take a deletion."""
        found = self.at(where, ts)
        if found is not None:
            found[1].text, found[1].sealed = None, frozenset()

    def resolve(self, ticket: Ticket, *, by: str, trigger: str) -> None:
        """Resolve a ticket, once."""
        if ticket.is_over:
            return
        rows = {
            "sealed_values": sum(len(message.sealed) for message in ticket.messages.values()),
            "placeholders": len(ticket.numbers),
            "data_keys": int(ticket.epoch is not None),
        }
        resolution = Resolution(trigger=trigger, by=by, at=self.now, rows=rows, epoch=ticket.epoch)
        ticket.resolutions.append(resolution)
        ticket.step(Step.RESOLVE, self.now)
        ticket.numbers, ticket.epoch = {}, None
        for message in ticket.messages.values():
            message.sealed = frozenset()

    def call_person(self, ticket: Ticket) -> None:
        """Take the press of the button that calls a person."""
        if ticket.state is TicketState.WAITING_ON_CARE:
            return
        if ticket.is_over:
            ticket.step(Step.REOPEN, self.now)
        ticket.step(Step.HANDED_OVER, self.now)

    def quieten(self, days: int) -> None:
        """Resolve what nobody wrote in for so many days."""
        for ticket in self.tickets:
            if ticket.changed_at <= self.now - timedelta(days=days):
                self.resolve(ticket, by="quiet", trigger="quiet")

    def purge(self) -> None:
        """Forget early news that waited for a day."""
        self.early = {each: at for each, at in self.early.items() if at > self.now - EARLY}

    def keeps(self, ts: SlackTs) -> bool:
        """Return whether a message has a row, be it an empty one."""
        return any(ts in ticket.messages for ticket in self.tickets)

    def hear_of(self, external: str) -> None:
        """Take a hook that a help desk's ticket is resolved."""
        if external in self.links:
            self.resolve(self.of(self.links[external]), by="hook:standard", trigger=Trigger.HOOK)
        else:
            self.early[external] = self.now

    def link(self, external: str, ticket: Ticket) -> None:
        """Link a help desk's ticket."""
        self.links[external] = ticket.number
        heard = self.early.pop(external, None)
        if heard is not None and heard > self.now - EARLY:
            self.resolve(ticket, by="hook:standard", trigger=Trigger.HOOK)

    def rewrap(self) -> None:
        """Wrap every data key by the current epoch."""
        self.rewrapped = self.epoch
        for ticket in self.tickets:
            ticket.epoch = ticket.epoch and self.epoch
        for order in self.orders.values():
            order.epoch = order.epoch and self.epoch

    def destroy(self, epoch: int) -> None:
        """Destroy the epochs before this one."""
        self.epochs = {each for each in self.epochs if each >= epoch}

    def _meant(self, where: Conversation, *, asks: bool, by_agent: bool) -> Ticket | None:
        """Return the ticket that a message belongs to, opened or moved on."""
        ticket = self.latest(where)
        if ticket is not None and (by_agent or not ticket.is_over):
            ticket.step(Step.AGENT_WROTE if by_agent else Step.MERCHANT_WROTE, self.now)
            return ticket
        if by_agent or (ticket is not None and not asks):
            return ticket
        if ticket is not None and not where.is_direct:
            ticket.step(Step.REOPEN, self.now)
            return ticket
        opened = Ticket(conversation=where, state=TicketState.OPEN, changed_at=self.now)
        self.tickets.append(opened)
        return opened

    def _kept(self, ticket: Ticket, words: Words) -> Message:
        """Return what is kept of a message: of a resolved ticket's no value."""
        if ticket.is_over:
            return Message(text=words.scrubbed(words.alone()), sealed=frozenset())
        ticket.numbers = numbered(words.values, ticket.numbers)
        if words.values and ticket.epoch is None:
            ticket.epoch = self.epoch
        return Message(text=words.scrubbed(ticket.numbers), sealed=frozenset(words.values))
