"""The door: what stands there becomes scrubbed text, and nothing raw goes beyond.

A message is scrubbed, then stored, its sensitive values sealed and the work on it enqueued in one
transaction. Only after that is Slack told that we have it. If scrubbing fails, nothing is kept
and nothing is acknowledged, so that Slack sends it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from bot.arrivals import Arrival, Kind
from bot.blocks import Reply
from bot.care_words import CareWords
from bot.interactions import Command
from bot.jobs import Job, Jobs
from bot.kept_messages import (
    KeptBefore,
    Outcome,
    conversation,
    first_sight,
    first_time,
    is_new,
    said_before,
    write,
    written,
)
from bot.log import Event, log
from bot.people import Roster
from bot.replies import NOT_STORED
from bot.triage import SOURCE, Triage
from nlp.asked import last_question
from nlp.detection.entities import placeholder
from nlp.questions import IntentKind, understand
from nlp.scrubber import KnownValue, Scrubbed, Scrubber
from nlp.text import RawText, ScrubbedText
from storage.ids import MerchantId, MessageId, OrderId, TicketId
from storage.store import Store, Transaction
from storage.tickets import Actor, Author, Step, TicketState


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
        clears: bool = False,
    ) -> None:
        self._store = store
        self._scrubber = scrubber
        self._jobs = jobs
        self._roster = roster
        self._triage = triage
        self._care = CareWords(store=store, jobs=jobs, roster=roster, triage=triage, clock=clock)
        self._clock = clock
        self._retention_days = retention_days
        self._scans_files = scans_files
        self._clears = clears

    def receive(self, arrival: Arrival) -> Outcome:
        """Take in a message, an edit or a deletion, once.

        Raises:
            ScrubbingFailed: It could not be scrubbed; nothing is stored.
            DatabaseUnavailable: It could not be stored.
        """
        if arrival.kind is Kind.DELETION:
            return self._delete(arrival)
        card_of = self._care.card_of(arrival)
        with self._store.read() as records:
            # A person's own link is for what nobody else reads: the direct message.
            user = arrival.user if arrival.direct else None
            merchant = records.merchants.merchant_of(arrival.team, arrival.channel, user)
            if merchant is None and (arrival.direct or arrival.kind is not Kind.MESSAGE):
                # A workspace that is one merchant's; what its people say among themselves is not.
                merchant = records.merchants.of_workspace(arrival.team, arrival.user_team)
            if card_of is not None:
                merchant = records.tickets.get(card_of).merchant
            # In a channel that is nobody's, only a mention is meant for us. The rest of what
            # people say there is not even read.
            is_ours = merchant is not None or card_of is not None or arrival.direct
            if not is_ours and arrival.kind is Kind.MESSAGE:
                return Outcome.IGNORED
            said = said_before(records, arrival, card_of)
            named = [OrderId(number) for text in said for number in understand(text).order_ids]
            known = self._known(records, arrival.text, merchant, named)
        scrubbed = self._scrubber.scrub(arrival.text, known=known, after=last_question(said))
        if arrival.kind is Kind.EDIT:
            return self._edit(arrival, scrubbed)
        try:
            if card_of is not None:
                return self._care.take(arrival, card_of, scrubbed)
            return self._store_message(arrival, merchant, scrubbed)
        except KeptBefore:
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
        known: tuple[KnownValue, ...] = ()
        if merchant is not None:
            with self._store.read() as records:
                known = self._known(records, text, merchant, named)
        return self._scrubber.scrub(text, known=known, after=after)

    def _known(
        self,
        records: Transaction,
        text: RawText,
        merchant: MerchantId | None,
        named: Iterable[OrderId],
    ) -> tuple[KnownValue, ...]:
        """Return the values of the buyers whose orders a text is about."""
        if merchant is None:
            return ()
        named = {*named, *map(OrderId, self._scrubber.order_ids(text))}
        candidates = self._scrubber.candidates(text)
        if not named and not candidates:
            return ()
        now, days = self._clock(), self._retention_days
        own = [number for number in sorted(named) if records.orders.merchant_of(number) == merchant]
        traced = records.orders.traced(merchant, candidates, now, days)
        found = records.orders.known_values([*own, *traced], now, days)
        return tuple(KnownValue(entity_type=kind, value=value) for kind, value in found)

    def refuse(self, arrival: Arrival) -> Outcome:
        """Tell the writer, once, that a message could not be read safely. Keeps ids alone."""
        with self._store.begin() as records:
            if not first_time(records, arrival, self._clock()):
                return Outcome.DUPLICATE
            self._care.whisper(
                records, arrival, Reply(text=NOT_STORED, private=True), key="refused"
            )
        return Outcome.IGNORED

    def _store_message(
        self, arrival: Arrival, merchant: MerchantId | None, scrubbed: Scrubbed
    ) -> Outcome:
        # What somebody reports about a message is a request to Care, also by an agent.
        by_agent = arrival.kind is not Kind.REPORT and self._roster.is_agent(
            arrival.user_team, arrival.user
        )
        with self._store.begin() as records:
            if not is_new(records, arrival, self._clock()):
                log(Event.DUPLICATE, team=arrival.team, event_id=arrival.event)
                return Outcome.DUPLICATE
            ticket = self._ticket(records, arrival, merchant, scrubbed, by_agent=by_agent)
            if ticket is None:
                return Outcome.IGNORED
            message = write(
                records,
                ticket,
                arrival,
                scrubbed,
                author=Author.AGENT if by_agent else Author.MERCHANT,
                source=arrival.kind,
                at=self._clock(),
            )
            if arrival.files and self._scans_files:
                records.files.add(message, arrival.files, self._clock())
                self._jobs.enqueue(records.session, Job.SCAN, message, lane="files")
            if by_agent:
                self._show(records, message)
            else:
                lane = f"{arrival.channel}:{conversation(arrival)}"
                self._jobs.enqueue(records.session, Job.ANSWER, message, lane=lane)
                if self._clears and scrubbed.values and arrival.kind is not Kind.REPORT:
                    # After the answer: a thread whose first message is gone takes no reply.
                    self._jobs.enqueue(records.session, Job.CLEAR, message, lane=lane)
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
        self._care.note(command, ticket, self.scrub(command.note or RawText(""), merchant))

    def _show(self, records: Transaction, message: MessageId) -> None:
        """Show in the card's thread what an agent wrote in the merchant's."""
        found = written(records, message)
        self._triage.show(records, found)
        self._triage.refresh(records, found.ticket_id)

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

    def _edit(self, arrival: Arrival, scrubbed: Scrubbed) -> Outcome:
        with self._store.begin() as records:
            if not first_time(records, arrival, self._clock()):
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
                self._triage.relay(records, written(records, old.message_id))
            # What was there before the edit was warned of before.
            added = [
                each.entity_type
                for each in scrubbed.values
                if placeholder(each.entity_type, numbers[each.entity_type, each.number])
                not in old.text
            ]
            if added:
                self._care.warn(records, arrival, old, added)
        log(Event.MESSAGE_EDITED, ticket=old.ticket_id, message=old.message_id)
        return Outcome.CHANGED

    def _delete(self, arrival: Arrival) -> Outcome:
        with self._store.begin() as records:
            if not first_time(records, arrival, self._clock()):
                return Outcome.DUPLICATE
            # A copy of the message that comes later than this is not taken any more.
            first_sight(records, arrival, self._clock())
            where = (arrival.team, arrival.channel, arrival.ts)
            old = records.tickets.message_at(*where)
            if not records.tickets.delete_message(*where, at=self._clock()):
                return Outcome.IGNORED
            if old is not None and old.source == SOURCE:
                self._triage.take_back(records, old)
        log(Event.MESSAGE_DELETED, team=arrival.team, event_id=arrival.event)
        return Outcome.CHANGED
