"""Resolving a ticket, whoever asks.

In one transaction its sensitive values and their key go, the receipt is written, and the work
that lies outside the database is enqueued.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot import replies
from bot.jobs import Job, Jobs
from bot.log import Event, log
from storage.ids import TicketId
from storage.receipts import Receipt
from storage.store import Transaction
from storage.tickets import Ticket, TicketState, Trigger


def _no_card(_records: Transaction, _ticket: TicketId) -> None:
    """Do nothing: where there are no cards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolver:
    """Resolves tickets, each once.

    Attributes:
        refresh: Brings a ticket's card in Care's channel to where the ticket stands.
    """

    jobs: Jobs
    clock: Callable[[], datetime]
    refresh: Callable[[Transaction, TicketId], None] = _no_card

    def resolve(
        self, records: Transaction, ticket_id: TicketId, *, by: str, trigger: Trigger
    ) -> Receipt:
        """Resolve within the caller's transaction; a resolved ticket returns its first receipt.

        Args:
            records: The transaction.
            ticket_id: The ticket.
            by: Who asked: a Slack user id, a hook's provider, or the program itself.
            trigger: By which way.

        Raises:
            UnknownTicket: There is none of that id.
        """
        now = self.clock()
        ticket = records.tickets.get(ticket_id)
        receipt = records.tickets.resolve(ticket_id, by=by, trigger=trigger, now=now)
        if ticket.state is TicketState.RESOLVED:
            return receipt
        values = receipt.rows["sealed_values"]
        if trigger is not Trigger.LEFT:  # Then there is nobody to tell, nor a card to keep.
            self._tell(records, ticket, receipt, now)
        # The deletion's entry in the audit, not the ticket, makes the job: a ticket that was
        # reopened is erased again.
        self.jobs.enqueue(records.session, Job.ERASE, receipt.seq, lane="erase")
        log(Event.TICKET_RESOLVED, ticket=ticket_id, trigger=trigger, values=values)
        return receipt

    def _tell(self, records: Transaction, ticket: Ticket, receipt: Receipt, now: datetime) -> None:
        """Tell the merchant, and bring the card to where the ticket stands."""
        ticket_id = ticket.ticket_id
        note = records.outbox.put(
            key=f"resolved:{receipt.seq}",
            ticket=ticket_id,
            team=ticket.team,
            channel=ticket.channel,
            thread_ts=ticket.thread_ts or None,
            ephemeral_to=None,
            body=replies.resolved(ticket_id, receipt.rows["sealed_values"]).encoded(),
            at=now,
        )
        self.jobs.enqueue(records.session, Job.SEND, note, lane=f"resolved:{ticket_id}")
        self.refresh(records, ticket_id)
