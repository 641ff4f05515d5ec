"""What Care's agents write in a card's thread, and what they note: kept, and sent on."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.arrivals import Arrival, Kind
from bot.blocks import Reply
from bot.interactions import Command
from bot.jobs import Job, Jobs
from bot.kept_messages import Outcome, is_new, write, written
from bot.log import Event, log
from bot.outgoing import put
from bot.people import Roster
from bot.replies import AGENTS_ONLY, pii_warning, relayed_without
from bot.triage import NOTE, SOURCE, Triage, is_note
from nlp.scrubber import Scrubbed
from storage.ids import TicketId
from storage.store import Store, Transaction
from storage.tickets import Actor, Author, Message, Step, TicketState

CARD_SECONDS: Final = 1.5
"""How long a message in a thread of Care's channel waits for a card that is being sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CareWords:
    """Keeps the words of agents. They come here scrubbed."""

    store: Store
    jobs: Jobs
    roster: Roster
    triage: Triage
    clock: Callable[[], datetime]

    def card_of(self, arrival: Arrival) -> TicketId | None:
        """Return the ticket in the thread of whose card something was written.

        People see a card a moment before it is noted which message of Slack's it is. What is
        written below it in that moment waits for the note, well within Slack's three seconds.
        """
        if arrival.channel != self.triage.channel or arrival.thread_ts is None:
            return None
        end = time.monotonic() + CARD_SECONDS
        while True:
            with self.store.read() as records:
                # In this order, so that a card that is noted between the two looks is found.
                expected = self.triage.expects_card(records, arrival.channel)
                found = self.triage.ticket_of(
                    records, arrival.team, arrival.channel, arrival.thread_ts
                )
            if found is not None or not expected or time.monotonic() > end:
                return found
            time.sleep(0.05)

    def take(self, arrival: Arrival, ticket: TicketId, scrubbed: Scrubbed) -> Outcome:
        """Keep what was written in the thread of a ticket's card; send it to the merchant."""
        with self.store.begin() as records:
            now = self.clock()
            if not is_new(records, arrival, now):
                log(Event.DUPLICATE, team=arrival.team, event_id=arrival.event)
                return Outcome.DUPLICATE
            if not self.roster.is_agent(arrival.user_team, arrival.user):
                self.whisper(records, arrival, Reply(text=AGENTS_ONLY), key="refused")
                return Outcome.IGNORED
            noted = arrival.kind is not Kind.ANSWER and is_note(scrubbed.text)
            if not noted:
                records.tickets.advance(ticket, Step.AGENT_WROTE, now, by=Actor.AGENT)
            message = write(
                records,
                ticket,
                arrival,
                scrubbed,
                author=Author.AGENT,
                source=NOTE if noted else SOURCE,
                at=now,
            )
            if not noted:
                self.triage.relay(records, written(records, message))
                self.triage.refresh(records, ticket)
            if arrival.kind is Kind.ANSWER:
                self.triage.show(records, written(records, message))
            if scrubbed.values:
                kinds = [each.entity_type for each in scrubbed.values]
                self.whisper(records, arrival, relayed_without(kinds), key="without")
        log(Event.MESSAGE_STORED, ticket=ticket, message=message, found=len(scrubbed.findings))
        return Outcome.STORED

    def note(self, command: Command, ticket: TicketId, scrubbed: Scrubbed) -> None:
        """Keep what an agent notes with a ticket. The merchant does not see it.

        Raises UnknownTicket.
        """
        with self.store.begin() as records:
            numbers = records.tickets.number_values(ticket, scrubbed.values)
            message = records.tickets.add_message(
                ticket,
                channel=command.channel,
                ts=None,
                user=command.user,
                author=Author.AGENT,
                source=NOTE,
                text=scrubbed.numbered(numbers),
                at=self.clock(),
            )
            if message is not None:
                records.tickets.seal_values(ticket, message, scrubbed.values, numbers)

    def warn(
        self, records: Transaction, arrival: Arrival, old: Message, kinds: Sequence[str]
    ) -> None:
        """Tell the writer, and nobody else, that an edit brought PII into a message.

        Args:
            records: The transaction.
            arrival: The edit.
            old: The message as it was.
            kinds: Presidio's names of what was brought in.
        """
        if old.source == SOURCE:
            reply = relayed_without(kinds)
        else:
            state = records.tickets.get(old.ticket_id).state
            reply = pii_warning(kinds, sealed=state is not TicketState.RESOLVED)
        self.whisper(records, arrival, reply, key="edited")

    def whisper(self, records: Transaction, arrival: Arrival, reply: Reply, *, key: str) -> None:
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
            at=self.clock(),
        ):
            self.jobs.enqueue(records.session, Job.SEND, each, lane=arrival.channel)
