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
from bot.interactions import Command
from bot.jobs import Job, Jobs
from bot.log import Event, log
from bot.outgoing import put
from bot.people import Roster
from bot.replies import AGENTS_ONLY, NOT_STORED, relayed_without
from bot.triage import NOTE, SOURCE, Triage, is_note
from nlp.asked import last_question
from nlp.questions import IntentKind, understand
from nlp.scrubber import KnownValue, Scrubbed, Scrubber
from nlp.text import RawText, ScrubbedText
from storage.errors import RecordRefused, UnknownTicket
from storage.ids import EventId, MerchantId, MessageId, OrderId, SlackTs, TicketId
from storage.store import Store, Transaction
from storage.tickets import Actor, Author, Message, Step, TicketState

REMEMBERED: Final = 20
"""Messages of a ticket in which an order may have been named whose buyer is spoken of now, or a
question asked that is answered now."""


_FORMS: Final = (Kind.REPORT, Kind.ANSWER)
"""What comes by a form and is no message of Slack's."""


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
        triage: Triage,
        clock: Callable[[], datetime],
        retention_days: int,
        scans_files: bool = False,
    ) -> None:
        self._store = store
        self._scrubber = scrubber
        self._jobs = jobs
        self._roster = roster
        self._triage = triage
        self._clock = clock
        self._retention_days = retention_days
        self._scans_files = scans_files

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
            card_of = self._triage.ticket_of(
                records, arrival.team, arrival.channel, arrival.thread_ts
            )
            if card_of is not None:
                merchant = records.tickets.get(card_of).merchant
            # In a channel that is nobody's, only a mention is meant for us. The rest of what
            # people say there is not even read.
            is_ours = merchant is not None or card_of is not None or arrival.direct
            if not is_ours and arrival.kind is Kind.MESSAGE:
                return Outcome.IGNORED
            said = _said_before(records, arrival, card_of)
        named = [OrderId(number) for text in said for number in understand(text).order_ids]
        scrubbed = self.scrub(arrival.text, merchant, named, after=last_question(said))
        if arrival.kind is Kind.EDIT:
            return self._edit(arrival, scrubbed)
        try:
            if card_of is not None:
                return self._store_answer(arrival, card_of, scrubbed)
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
        if not named and not candidates:
            return self._scrubber.scrub(text, after=after)
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
            self._whisper(records, arrival, Reply(text=NOT_STORED, private=True), key="refused")
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
            message = self._write(
                records,
                ticket,
                arrival,
                scrubbed,
                author=Author.AGENT if by_agent else Author.MERCHANT,
                source=arrival.kind,
            )
            if arrival.files and self._scans_files:
                records.files.add(message, arrival.files, self._clock())
                self._jobs.enqueue(records.session, Job.SCAN, message, lane="files")
            if by_agent:
                self._show(records, message)
            else:
                self._jobs.enqueue(
                    records.session,
                    Job.ANSWER,
                    message,
                    lane=f"{arrival.channel}:{conversation(arrival)}",
                )
        log(Event.MESSAGE_STORED, ticket=ticket, message=message, found=len(scrubbed.findings))
        return Outcome.STORED

    def _store_answer(self, arrival: Arrival, ticket: TicketId, scrubbed: Scrubbed) -> Outcome:
        """Keep what was written in the thread of a ticket's card; send it to the merchant."""
        with self._store.begin() as records:
            if not self._first_time(records, arrival) or not self._first_sight(records, arrival):
                log(Event.DUPLICATE, team=arrival.team, event_id=arrival.event)
                return Outcome.DUPLICATE
            if not self._roster.is_agent(arrival.user_team, arrival.user):
                self._whisper(records, arrival, Reply(text=AGENTS_ONLY), key="refused")
                return Outcome.IGNORED
            noted = arrival.kind is not Kind.ANSWER and is_note(scrubbed.text)
            if not noted:
                now = self._clock()
                records.tickets.advance(ticket, Step.AGENT_WROTE, now, by=Actor.AGENT)
            message = self._write(
                records,
                ticket,
                arrival,
                scrubbed,
                author=Author.AGENT,
                source=NOTE if noted else SOURCE,
            )
            if not noted:
                self._triage.relay(records, _message(records, message))
                self._triage.refresh(records, ticket)
            if arrival.kind is Kind.ANSWER:
                self._triage.show(records, _message(records, message))
            if scrubbed.values:
                kinds = [each.entity_type for each in scrubbed.values]
                self._whisper(records, arrival, relayed_without(kinds), key="without")
        log(Event.MESSAGE_STORED, ticket=ticket, message=message, found=len(scrubbed.findings))
        return Outcome.STORED

    def note(self, command: Command, ticket: TicketId) -> None:
        """Keep what an agent notes with a ticket. The merchant does not see it.

        Raises:
            ScrubbingFailed: It could not be scrubbed; nothing is kept.
            UnknownTicket: There is none.
        """
        with self._store.read() as records:
            merchant = records.tickets.get(ticket).merchant
        scrubbed = self.scrub(command.note or RawText(""), merchant)
        with self._store.begin() as records:
            numbers = records.tickets.number_values(ticket, scrubbed.values)
            message = records.tickets.add_message(
                ticket,
                channel=command.channel,
                ts=None,
                user=command.user,
                author=Author.AGENT,
                source=NOTE,
                text=scrubbed.numbered(numbers),
                at=self._clock(),
            )
            if message is not None:
                records.tickets.seal_values(ticket, message, scrubbed.values, numbers)

    def _show(self, records: Transaction, message: MessageId) -> None:
        """Show in the card's thread what an agent wrote in the merchant's."""
        found = _message(records, message)
        self._triage.show(records, found)
        self._triage.refresh(records, found.ticket_id)

    def _whisper(self, records: Transaction, arrival: Arrival, reply: Reply, *, key: str) -> None:
        """Say something to the writer alone, where they wrote."""
        for each in put(
            records,
            reply,
            key=f"{key}:{arrival.event}",
            ticket=None,
            team=arrival.team,
            channel=arrival.channel,
            thread_ts=None if arrival.direct else arrival.thread_ts,
            ephemeral_to=arrival.user,
            at=self._clock(),
        ):
            self._jobs.enqueue(records.session, Job.SEND, each, lane=arrival.channel)

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
        ticket = records.tickets.lock_conversation(arrival.team, arrival.channel, thread)
        over = ticket is not None and ticket.state is TicketState.RESOLVED
        if ticket is not None and merchant not in (None, ticket.merchant):
            # Linked, or to another merchant, since it was opened.
            records.tickets.set_merchant(ticket.ticket_id, merchant)
        if ticket is not None and arrival.is_shared and not ticket.is_shared:
            records.tickets.note_shared(ticket.ticket_id)
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
            is_shared=arrival.is_shared,
        )
        return opened.ticket_id

    def _write(
        self,
        records: Transaction,
        ticket: TicketId,
        arrival: Arrival,
        scrubbed: Scrubbed,
        *,
        author: Author,
        source: str,
    ) -> MessageId:
        numbers = records.tickets.number_values(ticket, scrubbed.values)
        message = records.tickets.add_message(
            ticket,
            channel=arrival.channel,
            # A form is about a message and is none itself.
            ts=None if arrival.kind in _FORMS else arrival.ts,
            user=arrival.user,
            author=author,
            source=source,
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
            if old.source == SOURCE:
                self._triage.relay(records, _message(records, old.message_id))
        log(Event.MESSAGE_EDITED, ticket=old.ticket_id, message=old.message_id)
        return Outcome.CHANGED

    def _delete(self, arrival: Arrival) -> Outcome:
        with self._store.begin() as records:
            if not self._first_time(records, arrival):
                return Outcome.DUPLICATE
            # A copy of the message that comes later than this is not taken any more.
            self._first_sight(records, arrival)
            where = (arrival.team, arrival.channel, arrival.ts)
            old = records.tickets.message_at(*where)
            if not records.tickets.delete_message(*where, at=self._clock()):
                return Outcome.IGNORED
            if old is not None and old.source == SOURCE:
                self._triage.take_back(records, old)
        log(Event.MESSAGE_DELETED, team=arrival.team, event_id=arrival.event)
        return Outcome.CHANGED

    def _first_time(self, records: Transaction, arrival: Arrival) -> bool:
        return records.inbox.first_time(f"slack:{arrival.team}", arrival.event, self._clock())

    def _first_sight(self, records: Transaction, arrival: Arrival) -> bool:
        """Slack tells of a mention twice, as a message and as a mention, under two event ids."""
        if arrival.kind in _FORMS:
            return True
        return records.inbox.first_time(
            f"message:{arrival.team}:{arrival.channel}", EventId(arrival.ts), self._clock()
        )


def _message(records: Transaction, message: MessageId) -> Message:
    """Return a message that was written in this transaction."""
    found = records.tickets.message(message)
    if found is None:
        raise UnknownTicket
    return found


def _said_before(
    records: Transaction, arrival: Arrival, card_of: TicketId | None
) -> list[ScrubbedText]:
    """Return what was said lately in the conversation, oldest first, up to the arrival."""
    if card_of is not None:
        return [each.text for each in records.tickets.messages(card_of)[-REMEMBERED:]]
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
