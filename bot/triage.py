"""Care's channel: a card for each ticket that was handed over, and the thread below it.

The card is kept as the ticket stands. What an agent writes in its thread reaches the merchant;
what the merchant writes is shown there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.blocks import Reply, escaped
from bot.cards.triage import triage_card
from bot.jobs import Job, Jobs
from bot.outgoing import put
from nlp.text import ScrubbedText
from storage.ids import ChannelId, SlackTs, TeamId, TicketId
from storage.outbox_records import Reply as Sent
from storage.outbox_records import ReplyPurpose, ReplyState
from storage.store import Transaction
from storage.tickets import Author, Message

CONTEXT_LINES: Final = 6
"""How many of the last messages a card shows."""
LANE: Final = "triage"
"""The lane of all that is said in Care's channel, so that it comes in order."""
SOURCE: Final = "triage"
"""The source of a message that an agent wrote in a card's thread."""
NOTE: Final = "note"
"""The source of what agents note for themselves."""
_NOTED: Final = re.compile(r"\s*(?://|note:)\s*", re.IGNORECASE)
_REASON: Final = re.compile(r"\*JC-\d+\* from \*[^*]*\*: ([^\n]*)")
_LINK: Final = re.compile(r"https?://[^\s\"\\]+/archives/[^\s\"\\]+")


def is_note(text: ScrubbedText) -> bool:
    """Tell whether an agent's words in a card's thread are meant for agents alone."""
    return _NOTED.match(text) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Triage:
    """Keeps the cards.

    Attributes:
        channel: Care's channel, None where there is none.
        clock: Tells the time.
    """

    jobs: Jobs
    channel: ChannelId | None
    clock: Callable[[], datetime]

    def hand_over(
        self,
        records: Transaction,
        ticket_id: TicketId,
        *,
        team: TeamId,
        key: str,
        reason: str,
        link: str,
    ) -> None:
        """Show a ticket to Care: by a new card, or by its card and a word in that one's thread.

        Args:
            records: The transaction.
            ticket_id: Which ticket.
            team: Care's workspace.
            key: What led to it; doing it again for the same changes nothing.
            reason: Why a person is needed, in our own words.
            link: To the merchant's message; empty where there is none.
        """
        if self.channel is None:
            return
        card = records.outbox.card_of(ticket_id)
        if card is not None:
            self.refresh(records, ticket_id)
            if card.key != f"card:{key}":
                again = Reply(text=f"Handed over again: {reason}")
                self._below(records, card, again, key=f"again:{key}")
            return
        new = records.outbox.put(
            key=f"card:{key}",
            ticket=ticket_id,
            team=team,
            channel=self.channel,
            thread_ts=None,
            body=self._card(records, ticket_id, reason=reason, link=link).encoded(),
            at=self.clock(),
            purpose=ReplyPurpose.CARD,
        )
        self.jobs.enqueue(records.session, Job.SEND, new, lane=LANE)

    def refresh(self, records: Transaction, ticket_id: TicketId) -> None:
        """Bring a ticket's card to where the ticket stands; nothing where it has none."""
        card = records.outbox.card_of(ticket_id)
        if card is None:
            return
        # Why it was handed over, and from where, stands on the card alone.
        shown = str(json.loads(card.body)["text"])
        reason, link = _REASON.search(shown), _LINK.search(shown)
        now = self._card(
            records,
            ticket_id,
            reason=reason[1] if reason else "handed over",
            link=link[0] if link else "",
        )
        self._write_over(records, card, now, lane=LANE)

    def ticket_of(
        self, records: Transaction, team: TeamId, channel: ChannelId, ts: SlackTs | None
    ) -> TicketId | None:
        """Return the ticket of the card that a message is, None where it is no card."""
        if ts is None or channel != self.channel:
            return None
        card = records.outbox.at(team, channel, ts)
        return card.ticket if card is not None and card.purpose is ReplyPurpose.CARD else None

    def expects_card(self, records: Transaction, channel: ChannelId) -> bool:
        """Tell whether a card is on its way to a channel, so that a message there may be it."""
        return channel == self.channel and records.outbox.is_sending(channel, ReplyPurpose.CARD)

    def show(self, records: Transaction, message: Message) -> None:
        """Show a merchant's or an agent's message of the merchant's thread in the card's thread."""
        card = records.outbox.card_of(message.ticket_id)
        if card is None:
            return
        who = "The merchant" if message.author is Author.MERCHANT else f"<@{message.user}>"
        text = f"*{who} wrote:*\n" + "\n".join(
            f"> {escaped(line)}" for line in message.text.split("\n")
        )
        self._below(records, card, Reply(text=text), key=f"shown:{message.message_id}")

    def relay(self, records: Transaction, message: Message) -> None:
        """Send an agent's message of the card's thread to the merchant, under Care's name.

        An edit writes over what was sent before.
        """
        ticket = records.tickets.get(message.ticket_id)
        key = f"relay:{message.message_id}"
        before = records.outbox.by_key(key)
        reply = Reply(text=f"*Jetpack Care:* {escaped(message.text)}")
        lane = f"{ticket.channel}:{ticket.thread_ts}"
        if before is not None:
            self._write_over(records, before, reply, lane=lane)
            return
        sent = put(
            records,
            reply,
            key=key,
            ticket=ticket.ticket_id,
            team=ticket.team,
            channel=ticket.channel,
            thread_ts=ticket.thread_ts or None,
            at=self.clock(),
            purpose=ReplyPurpose.RELAY,
        )
        for each in sent:
            self.jobs.enqueue(records.session, Job.SEND, each, lane=lane)

    def take_back(self, records: Transaction, message: Message) -> None:
        """Take away what was sent to the merchant of a message that its agent deleted."""
        before = records.outbox.by_key(f"relay:{message.message_id}")
        if before is not None:
            lane = f"{before.channel}:{before.thread_ts or ''}"
            self._write_over(records, before, Reply(text=""), lane=lane)

    def can_remind(self, records: Transaction, ticket: TicketId, *, key: str) -> bool:
        """Tell whether `remind` would say something: there is a card, and it was not said yet."""
        return self._unreminded(records, ticket, key) is not None

    def remind(self, records: Transaction, ticket: TicketId, text: str, *, key: str) -> bool:
        """Say something about a ticket in its card's thread. Returns whether it was said.

        The key makes it one message.
        """
        card = self._unreminded(records, ticket, key)
        if card is None:
            return False
        self._below(records, card, Reply(text=text), key=f"remind:{key}")
        return True

    def _unreminded(self, records: Transaction, ticket: TicketId, key: str) -> Sent | None:
        """Return a ticket's card below which a reminder was not said yet, None where none is."""
        card = records.outbox.card_of(ticket)
        if card is None or not _is_shown(card):
            return None
        return None if records.outbox.by_key(f"below:remind:{key}") else card

    def _write_over(self, records: Transaction, before: Sent, reply: Reply, *, lane: str) -> None:
        place = len(records.outbox.replaced(before.reply_id))
        change = records.outbox.put(
            key=f"{before.key}:{place}",
            ticket=before.ticket,
            team=before.team,
            channel=before.channel,
            thread_ts=before.thread_ts,
            body=reply.encoded(),
            at=self.clock(),
            purpose=before.purpose,
            replaces=before.reply_id,
        )
        self.jobs.enqueue(records.session, Job.SEND, change, lane=lane)

    def _below(self, records: Transaction, card: Sent, reply: Reply, *, key: str) -> None:
        """Say something in a card's thread, where the card has come to Slack."""
        if not _is_shown(card):
            return
        sent = put(
            records,
            reply,
            key=f"below:{key}",
            ticket=card.ticket,
            team=card.team,
            channel=card.channel,
            thread_ts=card.slack_ts,
            at=self.clock(),
            purpose=ReplyPurpose.RELAY,
        )
        for each in sent:
            self.jobs.enqueue(records.session, Job.SEND, each, lane=LANE)

    def _card(self, records: Transaction, ticket_id: TicketId, *, reason: str, link: str) -> Reply:
        said = [each for each in records.tickets.messages(ticket_id) if each.source != NOTE][
            -CONTEXT_LINES:
        ]
        ticket = records.tickets.get(ticket_id)
        return triage_card(ticket, lines=[each.text for each in said], reason=reason, link=link)


def _is_shown(card: Sent) -> bool:
    """Tell whether a card has come to Slack."""
    return card.slack_ts is not None and card.state is ReplyState.SENT
