"""What people and help desks do: write, change, delete, look, resolve, link."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from bot.arrivals import Arrival, Kind
from bot.blocks import PERSON, SOLVED
from bot.care.linking import link_ticket
from bot.care.revealing import reveal
from bot.interactions import Press, TicketLink
from nlp.text import RawText
from storage.external import ExternalTicket, HelpDesk
from storage.ids import ChannelId, EventId, SlackTs, UserId, ticket_ref
from storage.inbox_records import REMEMBERED
from storage.tickets import Trigger
from tests.machines.backups import Backup
from tests.machines.judging import Judge
from tests.machines.model import Conversation, Model
from tests.machines.office import Office
from tests.machines.places import Place
from tests.machines.words import VALUES, Words
from tests.storage.samples import AGENT, CHANNEL, TEAM, USER

BEGIN: Final = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
CONVERSATIONS: Final = (
    Conversation(channel=CHANNEL, thread=SlackTs("1772366400.000100")),
    Conversation(channel=CHANNEL, thread=SlackTs("1772366400.000200")),
    Conversation(channel=ChannelId("D0001"), thread=SlackTs("")),
)
EXTERNAL: Final = ("HD-1", "HD-2")

T = TypeVar("T")

texts = st.builds(
    Words,
    values=st.lists(st.sampled_from(VALUES), max_size=3).map(tuple),
    asks=st.booleans(),
)
places = st.integers(0, 5)


class Talking(RuleBasedStateMachine):
    """The program and its model, side by side, and those who talk to it."""

    place: Callable[[], Place]

    @initialize()
    def begin(self) -> None:
        """Begin with an empty database and a keyring of its own."""
        self.office = Office(self.place(), BEGIN)
        self.model = Model(now=BEGIN)
        self.judge = Judge()
        self.arrivals: list[Arrival] = []
        self.hooks: list[tuple[str, str | None, str | None]] = []
        self.told: dict[str, datetime] = {}
        self.backups: list[Backup] = []
        self.events = 0

    # Conversations

    @rule(where=st.sampled_from(CONVERSATIONS), words=texts, by_agent=st.booleans())
    def message(self, where: Conversation, words: Words, by_agent: bool) -> None:
        """Somebody writes: live tickets keep it, questions open what is over, thanks do not."""
        self._write(where, words, by_agent=by_agent)

    @precondition(lambda self: any(ticket.is_over for ticket in self.model.tickets))
    @rule(of=places, words=texts, by_agent=st.booleans())
    def message_after_the_resolution(self, of: int, words: Words, by_agent: bool) -> None:
        """Somebody writes where a ticket was resolved."""
        ticket = some([each for each in self.model.tickets if each.is_over], of)
        self._write(ticket.conversation, words, by_agent=by_agent)

    @precondition(lambda self: self.arrivals)
    @rule(of=places, words=texts)
    def edit(self, of: int, words: Words) -> None:
        """Somebody changes what they wrote, maybe after it was resolved or deleted."""
        old = some(self.arrivals, of)
        arrival = replace(old, kind=Kind.EDIT, event=self._event(), text=words.raw)
        self.office.run(lambda: self.office.intake.receive(arrival))
        self.model.edit(_where(old), old.ts, words)

    @precondition(lambda self: self.arrivals)
    @rule(of=places)
    def delete(self, of: int) -> None:
        """Somebody takes back what they wrote."""
        self._delete(some(self.arrivals, of))

    @rule(where=st.sampled_from(CONVERSATIONS), words=texts)
    def delete_before_it_came(self, where: Conversation, words: Words) -> None:
        """Slack tells of a deletion first; the message itself is on its way."""
        arrival = self._arrival(where, words, user=USER)
        self._delete(arrival)
        self.arrivals.append(arrival)

    @precondition(lambda self: self.arrivals)
    @rule(of=places, as_mention=st.booleans())
    def message_again(self, of: int, as_mention: bool) -> None:
        """Slack tells again of a message, maybe as a mention: nothing changes, nothing returns."""
        arrival = some(self.arrivals, of)
        if not self._is_remembered(arrival.event) and not self.model.keeps(arrival.ts):
            return
        if as_mention:
            arrival = replace(arrival, kind=Kind.MENTION, event=self._event())
        self.office.run(lambda: self.office.intake.receive(arrival))

    @precondition(lambda self: self.model.tickets)
    @rule(of=places)
    def reveal(self, of: int) -> None:
        """An agent asks to see: of a live ticket all, of a resolved one nothing."""
        ticket = some(self.model.tickets, of)
        shown: list[str] = []
        self.office.run(
            lambda: shown.append(
                reveal(
                    self.office.store,
                    ticket.number,
                    "claim",
                    by=UserId(AGENT),
                    clock=self.office.clock,
                ).text
            )
        )
        lines = {f"`&lt;{name[1:-1]}&gt;` {value}" for name, value in ticket.values.items()}
        assert {line for line in shown[-1].splitlines() if line.startswith("`")} == lines
        assert {value for value in VALUES if value in shown[-1]} == set(ticket.values.values())

    # Resolutions

    @precondition(lambda self: self.model.tickets)
    @rule(of=places, trigger=st.sampled_from([Trigger.COMMAND, Trigger.CLI]))
    def resolve(self, of: int, trigger: Trigger) -> None:
        """An agent resolves, maybe what is resolved."""
        ticket = some(self.model.tickets, of)

        def resolved() -> None:
            with self.office.store.begin() as records:
                self.office.resolver.resolve(records, ticket.number, by=AGENT, trigger=trigger)

        self.office.run(resolved)
        self.model.resolve(ticket, by=AGENT, trigger=trigger)

    @precondition(lambda self: self.model.tickets)
    @rule(of=places, action=st.sampled_from([SOLVED, PERSON]))
    def press(self, of: int, action: str) -> None:
        """The merchant presses "solved", or the button for a person, which reopens."""
        ticket = some(self.model.tickets, of)
        press = Press(
            event=self._event(),
            team=TEAM,
            user_team=TEAM,
            channel=ticket.conversation.channel,
            ts=SlackTs("1772366400.000900"),
            thread_ts=ticket.conversation.thread or None,
            user=USER,
            action=action,
            value=ticket_ref(ticket.number),
        )
        self.office.run(lambda: self.office.presses.take(press))
        if action == SOLVED:
            self.model.resolve(ticket, by=USER, trigger=Trigger.BUTTON)
        else:
            self.model.call_person(ticket)

    @rule(external=st.sampled_from(EXTERNAL))
    def hook_by_their_number(self, external: str) -> None:
        """A help desk says that its ticket is resolved, maybe before anybody linked it."""
        event = self._event()
        self.hooks.append((event, external, None))
        self.office.run(lambda: self._accepted(event, external, None))
        self.model.hear_of(external)

    @precondition(lambda self: self.model.tickets)
    @rule(of=places)
    def hook_by_our_number(self, of: int) -> None:
        """A help desk says that our ticket is resolved."""
        ticket = some(self.model.tickets, of)
        event = self._event()
        self.hooks.append((event, None, ticket_ref(ticket.number)))
        self.office.run(lambda: self._accepted(event, None, ticket_ref(ticket.number)))
        self.model.resolve(ticket, by="hook:standard", trigger=Trigger.HOOK)

    @precondition(lambda self: self.hooks)
    @rule(of=places)
    def hook_again(self, of: int) -> None:
        """The same delivery comes again: what was reopened since stays open."""
        delivery = some(self.hooks, of)
        if self._is_remembered(delivery[0]):
            self.office.run(lambda: self._accepted(*delivery))

    @precondition(lambda self: self.model.tickets)
    @rule(of=places, external=st.sampled_from(EXTERNAL))
    def link(self, of: int, external: str) -> None:
        """An agent links a ticket; news of the last day resolve it at once."""
        ticket = some(self.model.tickets, of)
        wanted = TicketLink(
            ticket=ticket.number, external=ExternalTicket(desk=HelpDesk.STANDARD, number=external)
        )
        office = self.office
        office.run(lambda: link_ticket(office.store, office.resolver, wanted, office.clock))
        self.model.link(external, ticket)

    @precondition(lambda self: any(ticket.resolutions for ticket in self.model.tickets))
    @rule(of=places)
    def erase(self, of: int) -> None:
        """The job that follows a resolution runs, maybe once more, maybe after the next one."""
        with self.office.store.read() as records:
            ticket = some([each for each in self.model.tickets if each.resolutions], of)
            receipt = records.receipts.of(ticket.number)
        assert receipt is not None
        self.office.run(lambda: self.office.upkeep.erase(receipt.seq))
        ticket.verified.add(len(ticket.resolutions) - 1)

    def _accepted(self, event: str, external: str | None, ticket: str | None) -> None:
        status = self.office.deliver(event, external=external, ticket=ticket)
        assert status in (200, 202)

    def _arrival(self, where: Conversation, words: Words, *, user: UserId) -> Arrival:
        event = self._event()
        return Arrival(
            kind=Kind.MESSAGE,
            event=event,
            team=TEAM,
            user_team=TEAM,
            channel=where.channel,
            user=user,
            ts=SlackTs(f"1772370000.{self.events:06}"),
            thread_ts=where.thread or None,
            direct=where.is_direct,
            text=words.raw,
        )

    def _delete(self, old: Arrival) -> None:
        arrival = replace(old, kind=Kind.DELETION, event=self._event(), text=RawText(""))
        self.office.run(lambda: self.office.intake.receive(arrival))
        self.model.delete(_where(old), old.ts)

    def _event(self) -> EventId:
        self.events += 1
        event = EventId(f"Ev{self.events:06}")
        self.told[event] = self.model.now
        return event

    def _is_remembered(self, event: str) -> bool:
        """Return whether a copy of a delivery may still come, see `storage.inbox_records`."""
        return self.told[event] >= self.model.now - REMEMBERED

    def _name_tickets(self) -> None:
        """Learn the number of a ticket that was opened just now."""
        with self.office.store.read() as records:
            for ticket, stored in zip(self.model.tickets, records.tickets.list(), strict=True):
                ticket.number = stored.ticket_id

    def _write(self, where: Conversation, words: Words, *, by_agent: bool) -> None:
        arrival = self._arrival(where, words, user=UserId(AGENT) if by_agent else USER)
        self.arrivals.append(arrival)
        self.office.run(lambda: self.office.intake.receive(arrival))
        self.model.hear(where, arrival.ts, words, by_agent=by_agent)
        self._name_tickets()


def _where(arrival: Arrival) -> Conversation:
    return Conversation(channel=arrival.channel, thread=arrival.thread_ts or SlackTs(""))


def some(of: Sequence[T], place: int) -> T:
    """Return one of several."""
    return of[place % len(of)]
