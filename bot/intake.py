"""The door: what stands there becomes scrubbed text, and nothing raw goes beyond.

A message is scrubbed, then stored, its sensitive values sealed and the work on it enqueued in one
transaction. Only after that is Slack told that we have it. If scrubbing fails, nothing is kept
and nothing is acknowledged, so that Slack sends it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.arrivals import Arrival, Kind
from bot.blocks import Reply
from bot.jobs import Job, Jobs
from bot.log import Event, log
from bot.people import Roster
from bot.replies import NOT_STORED
from nlp.asked import last_question
from nlp.questions import IntentKind, understand
from nlp.scrubber import KnownValue, Scrubbed, Scrubber
from nlp.text import RawText, ScrubbedText
from storage.errors import RecordRefused
from storage.ids import EventId, MerchantId, MessageId, OrderId, SlackTs, TicketId
from storage.store import Store, Transaction
from storage.tickets import Actor, Author, Step, TicketState

REMEMBERED: Final = 20
"""Messages of a ticket in which an order may have been named whose buyer is spoken of now, or a
question asked that is answered now."""


class Outcome(StrEnum):
    """What became of an arrival."""

    STORED = "stored"
    CHANGED = "changed"
    DUPLICATE = "duplicate"
    IGNORED = "ignored"


class _KeptBefore(RecordRefused):
    """The delivery is forgotten, but the row of its message, kept or deleted, is there."""


class Intake:
    """Takes arrivals in. Safe to call from many threads and processes at once."""

    def __init__(
        self,
        *,
        store: Store,
        scrubber: Scrubber,
        jobs: Jobs,
        roster: Roster,
        clock: Callable[[], datetime],
        retention_days: int,
    ) -> None:
        self._store = store
        self._scrubber = scrubber
        self._jobs = jobs
        self._roster = roster
        self._clock = clock
        self._retention_days = retention_days

    def receive(self, arrival: Arrival) -> Outcome:
        """Take in a message, an edit or a deletion, once.

        Raises:
            ScrubbingFailed: It could not be scrubbed; nothing is stored.
            DatabaseUnavailable: It could not be stored.
        """
        if arrival.kind is Kind.DELETION:
            return self._delete(arrival)
        with self._store.read() as records:
            # A person's own link is for what nobody else reads: the direct message.
            user = arrival.user if arrival.direct else None
            merchant = records.merchants.merchant_of(arrival.team, arrival.channel, user)
            # In a channel that is nobody's, only a mention is meant for us. The rest of what
            # people say there is not even read.
            if merchant is None and not arrival.direct and arrival.kind is Kind.MESSAGE:
                return Outcome.IGNORED
            said = _said_before(records, arrival)
        named = [OrderId(number) for text in said for number in understand(text).order_ids]
        scrubbed = self.scrub(arrival.text, merchant, named, after=last_question(said))
        if arrival.kind is Kind.EDIT:
            return self._edit(arrival, scrubbed)
        try:
            return self._store_message(arrival, merchant, scrubbed)
        except _KeptBefore:
            log(Event.DUPLICATE, team=arrival.team, event_id=arrival.event)
            return Outcome.DUPLICATE

    def scrub(
        self,
        text: RawText,
        merchant: MerchantId | None,
        named: Iterable[OrderId] = (),
        *,
        after: ScrubbedText | None = None,
    ) -> Scrubbed:
        """Scrub a text, knowing the buyers of the merchant's orders that it is about.

        Those are the orders that it names, and the open ones of which it holds a name, a street,
        a phone number or an e-mail address, as the keyed index tells.

        Args:
            text: The text.
            merchant: Whose it is; None for nobody's, who has no orders.
            named: Orders that were named before it in the conversation.
            after: The question that it answers, where one is open.
        """
        if merchant is None:
            return self._scrubber.scrub(text, after=after)
        named = {*named, *map(OrderId, self._scrubber.order_ids(text))}
        candidates = self._scrubber.candidates(text)
        now, days = self._clock(), self._retention_days
        with self._store.read() as records:
            own = [
                number for number in sorted(named) if records.orders.merchant_of(number) == merchant
            ]
            traced = records.orders.traced(merchant, candidates, now, days)
            found = records.orders.known_values([*own, *traced], now, days)
        known = tuple(KnownValue(entity_type=kind, value=value) for kind, value in found)
        return self._scrubber.scrub(text, known=known, after=after)

    def refuse(self, arrival: Arrival) -> Outcome:
        """Tell the writer, once, that a message could not be read safely. Keeps ids alone."""
        with self._store.begin() as records:
            if not self._first_time(records, arrival):
                return Outcome.DUPLICATE
            reply = records.outbox.put(
                key=f"refused:{arrival.event}",
                ticket=None,
                team=arrival.team,
                channel=arrival.channel,
                thread_ts=None if arrival.direct else arrival.thread_ts,
                ephemeral_to=arrival.user,
                body=Reply(text=NOT_STORED, private=True).encoded(),
                at=self._clock(),
            )
            self._jobs.enqueue(records.session, Job.SEND, reply, lane=arrival.channel)
        return Outcome.IGNORED

    def _store_message(
        self, arrival: Arrival, merchant: MerchantId | None, scrubbed: Scrubbed
    ) -> Outcome:
        # What somebody reports about a message is a request to Care, also by an agent.
        by_agent = arrival.kind is not Kind.REPORT and self._roster.is_agent(
            arrival.user_team, arrival.user
        )
        with self._store.begin() as records:
            if not self._first_time(records, arrival) or not self._first_sight(records, arrival):
                log(Event.DUPLICATE, team=arrival.team, event_id=arrival.event)
                return Outcome.DUPLICATE
            ticket = self._ticket(records, arrival, merchant, scrubbed, by_agent=by_agent)
            if ticket is None:
                return Outcome.IGNORED
            message = self._write(records, ticket, arrival, scrubbed, by_agent=by_agent)
            if not by_agent:
                self._jobs.enqueue(
                    records.session,
                    Job.ANSWER,
                    message,
                    lane=f"{arrival.channel}:{conversation(arrival)}",
                )
        log(Event.MESSAGE_STORED, ticket=ticket, message=message, found=len(scrubbed.findings))
        return Outcome.STORED

    def _ticket(
        self,
        records: Transaction,
        arrival: Arrival,
        merchant: MerchantId | None,
        scrubbed: Scrubbed,
        *,
        by_agent: bool,
    ) -> TicketId | None:
        """Return the ticket that a message belongs to, opened or moved on.

        None for an agent's word in a conversation that has no ticket.
        """
        now = self._clock()
        thread = conversation(arrival)
        records.tickets.lock_conversation(arrival.team, arrival.channel, thread)
        ticket = records.tickets.latest(arrival.team, arrival.channel, thread)
        over = ticket is not None and ticket.state is TicketState.RESOLVED
        if ticket is not None and merchant not in (None, ticket.merchant):
            # Linked, or to another merchant, since it was opened.
            records.tickets.set_merchant(ticket.ticket_id, merchant)
        if ticket is not None and (by_agent or not over):
            step = Step.AGENT_WROTE if by_agent else Step.MERCHANT_WROTE
            actor = Actor.AGENT if by_agent else Actor.MERCHANT
            records.tickets.advance(ticket.ticket_id, step, now, by=actor)
            return ticket.ticket_id
        if by_agent:
            return None
        asks = arrival.kind is Kind.REPORT
        asks = asks or understand(scrubbed.text).kind is not IntentKind.SMALLTALK
        if ticket is not None and not asks:
            # "Thanks!" does not open anything again, and nothing sensitive of it is kept.
            return ticket.ticket_id
        # A direct message is one endless conversation, so what follows a resolved ticket there
        # is a new matter. In a thread it is the same one.
        if ticket is not None and thread:
            records.tickets.advance(ticket.ticket_id, Step.REOPEN, now, by=Actor.MERCHANT)
            return ticket.ticket_id
        opened = records.tickets.open(
            team=arrival.team,
            channel=arrival.channel,
            thread_ts=thread,
            user=arrival.user,
            merchant=merchant,
            at=now,
        )
        return opened.ticket_id

    def _write(
        self,
        records: Transaction,
        ticket: TicketId,
        arrival: Arrival,
        scrubbed: Scrubbed,
        *,
        by_agent: bool,
    ) -> MessageId:
        numbers = records.tickets.number_values(ticket, scrubbed.values)
        message = records.tickets.add_message(
            ticket,
            channel=arrival.channel,
            # A report is about a message and is none itself.
            ts=None if arrival.kind is Kind.REPORT else arrival.ts,
            user=arrival.user,
            author=Author.AGENT if by_agent else Author.MERCHANT,
            source=arrival.kind,
            text=scrubbed.numbered(numbers),
            at=self._clock(),
        )
        if message is None:
            raise _KeptBefore
        records.tickets.seal_values(ticket, message, scrubbed.values, numbers)
        return message

    def _edit(self, arrival: Arrival, scrubbed: Scrubbed) -> Outcome:
        with self._store.begin() as records:
            if not self._first_time(records, arrival):
                return Outcome.DUPLICATE
            where = (arrival.team, arrival.channel, arrival.ts)
            old = records.tickets.message_at(*where)
            if old is None:
                return Outcome.IGNORED
            numbers = records.tickets.number_values(old.ticket_id, scrubbed.values)
            text = scrubbed.numbered(numbers)
            records.tickets.replace_message(*where, text=text, at=self._clock())
            records.tickets.seal_values(old.ticket_id, old.message_id, scrubbed.values, numbers)
        log(Event.MESSAGE_EDITED, ticket=old.ticket_id, message=old.message_id)
        return Outcome.CHANGED

    def _delete(self, arrival: Arrival) -> Outcome:
        with self._store.begin() as records:
            if not self._first_time(records, arrival):
                return Outcome.DUPLICATE
            # A copy of the message that comes later than this is not taken any more.
            self._first_sight(records, arrival)
            where = (arrival.team, arrival.channel, arrival.ts)
            if not records.tickets.delete_message(*where, at=self._clock()):
                return Outcome.IGNORED
        log(Event.MESSAGE_DELETED, team=arrival.team, event_id=arrival.event)
        return Outcome.CHANGED

    def _first_time(self, records: Transaction, arrival: Arrival) -> bool:
        return records.inbox.first_time(f"slack:{arrival.team}", arrival.event, self._clock())

    def _first_sight(self, records: Transaction, arrival: Arrival) -> bool:
        """Slack tells of a mention twice, as a message and as a mention, under two event ids."""
        if arrival.kind is Kind.REPORT:
            return True
        return records.inbox.first_time(
            f"message:{arrival.team}:{arrival.channel}", EventId(arrival.ts), self._clock()
        )


def _said_before(records: Transaction, arrival: Arrival) -> list[ScrubbedText]:
    """Return what was said lately in the conversation, oldest first, up to the arrival."""
    where = (arrival.team, arrival.channel, arrival.ts)
    edited = records.tickets.message_at(*where) if arrival.kind is Kind.EDIT else None
    if edited is None:
        ticket = records.tickets.latest(arrival.team, arrival.channel, conversation(arrival))
        said = () if ticket is None else records.tickets.messages(ticket.ticket_id)
    else:
        said = records.tickets.messages(edited.ticket_id)
        said = said[: said.index(edited)]
    return [each.text for each in said[-REMEMBERED:]]


def conversation(arrival: Arrival) -> SlackTs:
    """Return the root of the thread that a message belongs to; empty for a direct message."""
    if arrival.thread_ts is not None:
        return arrival.thread_ts
    return SlackTs("") if arrival.direct else arrival.ts
