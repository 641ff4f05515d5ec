"""Tickets: opened, moved on, resolved. What is said in them is in `message_records`."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final, final

from sqlalchemy import ColumnElement, bindparam, func, select, text
from sqlalchemy.orm import Session

from nlp.text import RawText
from storage.database import insert_new
from storage.errors import KeyDestroyed, TransitionRefused, UnknownTicket
from storage.external_records import EarlyResolutions
from storage.ids import ChannelId, MerchantId, SlackTs, TeamId, TicketId, UserId
from storage.message_records import MessageRecords
from storage.receipts import Receipt, Receipts
from storage.retention import utc
from storage.sealed_records import SealedValues
from storage.tables import ExternalTicketRow, TicketRow
from storage.tickets import Actor, Step, Ticket, TicketState, Trigger, after

# Made once, since they run for every message.
_LATEST: Final = (
    select(TicketRow)
    .where(
        TicketRow.team_id == bindparam("team"),
        TicketRow.channel_id == bindparam("channel"),
        TicketRow.thread_ts == bindparam("thread"),
    )
    .order_by(TicketRow.ticket_id.desc())
    .limit(1)
)
_LATEST_LOCKED: Final = _LATEST.with_for_update().execution_options(populate_existing=True)
_LOCK: Final = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")


@final
class Tickets(MessageRecords):
    """The tickets of one database, within one transaction.

    Whatever writes to a ticket locks its row first. So a message that races a resolution is
    either in before it, and its values are deleted, or after it, and they are not kept.

    Attributes:
        early: What a help desk said is resolved before it was linked.
    """

    def __init__(self, session: Session, sealed: SealedValues, receipts: Receipts) -> None:
        super().__init__(session, sealed)
        self._receipts: Final = receipts
        self.early: Final = EarlyResolutions(session)

    def open(
        self,
        *,
        team: TeamId,
        channel: ChannelId,
        thread_ts: SlackTs,
        merchant: MerchantId | None,
        user: UserId,
        at: datetime,
        is_shared: bool = False,
    ) -> Ticket:
        """Open a ticket for a thread. The merchant is None where the channel is not linked."""
        row = TicketRow(
            team_id=team,
            channel_id=channel,
            thread_ts=thread_ts,
            merchant_id=merchant,
            user_id=user,
            state=TicketState.OPEN.value,
            opened_at=utc(at),
            changed_at=utc(at),
            resolved_at=None,
            is_shared=is_shared,
        )
        self._session.add(row)
        self._session.flush()
        self._held[row.ticket_id] = row
        return _ticket(row)

    def get(self, ticket: TicketId) -> Ticket:
        """Return a ticket. Raises UnknownTicket."""
        row = self._session.get(TicketRow, ticket)
        if row is None:
            raise UnknownTicket
        return _ticket(row)

    def hold(self, ticket: TicketId) -> Ticket:
        """Return a ticket that nobody else changes until the transaction ends. UnknownTicket."""
        return _ticket(self._locked(ticket))

    def latest(self, team: TeamId, channel: ChannelId, thread_ts: SlackTs) -> Ticket | None:
        """Return the newest ticket of a thread, None where it has none."""
        place = {"team": team, "channel": channel, "thread": thread_ts}
        row = self._session.scalars(_LATEST, place).one_or_none()
        return None if row is None else _ticket(row)

    def lock_conversation(
        self, team: TeamId, channel: ChannelId, thread_ts: SlackTs
    ) -> Ticket | None:
        """Let nobody else open or resolve a ticket of this thread until the transaction ends.

        On SQLite the write transaction sees to that by itself. Returns the newest ticket of the
        thread, as it is from now on, None where it has none.
        """
        if self._session.get_bind().dialect.name == "postgresql":
            key = f"{team}|{channel}|{thread_ts}"
            self._session.execute(_LOCK, {"key": key})
        place = {"team": team, "channel": channel, "thread": thread_ts}
        row = self._session.scalars(_LATEST_LOCKED, place).one_or_none()
        if row is None:
            return None
        self._held[row.ticket_id] = row
        return _ticket(row)

    def set_merchant(self, ticket: TicketId, merchant: MerchantId) -> None:
        """Say whose a ticket is, after its conversation was linked. Raises UnknownTicket."""
        self._locked(ticket).merchant_id = merchant
        self._session.flush()

    def note_shared(self, ticket: TicketId) -> None:
        """Note that people of other workspaces write there now. Raises UnknownTicket."""
        self._locked(ticket).is_shared = True
        self._session.flush()

    def assign(self, ticket: TicketId, agent: UserId | None) -> None:
        """Give a ticket to an agent, or to nobody. Raises UnknownTicket."""
        self._locked(ticket).assignee = agent
        self._session.flush()

    def list(
        self,
        states: Collection[TicketState] | None = None,
        merchant: MerchantId | None = None,
    ) -> tuple[Ticket, ...]:
        """Return the tickets in these states (all by default) of a merchant, oldest first."""
        query = select(TicketRow).order_by(TicketRow.ticket_id)
        if states is not None:
            query = query.where(TicketRow.state.in_([state.value for state in states]))
        if merchant is not None:
            query = query.where(TicketRow.merchant_id == merchant)
        return tuple(_ticket(row) for row in self._session.scalars(query))

    def queue(
        self,
        *,
        states: Collection[TicketState],
        assignee: UserId | None = None,
        limit: int | None = None,
        after: int = 0,
    ) -> tuple[Ticket, ...]:
        """Return tickets, those that wait longest first, `limit` at most after the first `after`.

        With an `assignee`, theirs alone.
        """
        waits = TicketRow.waiting_since
        query = (
            select(TicketRow)
            .where(*_queued(states, assignee))
            .order_by(waits.is_(None), waits, TicketRow.changed_at.desc(), TicketRow.ticket_id)
            .limit(limit)
            .offset(after)
        )
        return tuple(_ticket(row) for row in self._session.scalars(query))

    def count(self, *, states: Collection[TicketState], assignee: UserId | None = None) -> int:
        """Return how many tickets `queue` has."""
        query = select(func.count()).select_from(TicketRow).where(*_queued(states, assignee))
        return self._session.scalars(query).one()

    def needing(self) -> tuple[Ticket, ...]:
        """Return the tickets that a person of Care is needed for, the longest waiting first."""
        needed, waits = TicketRow.needed_since, TicketRow.waiting_since
        query = (
            select(TicketRow)
            .where(
                TicketRow.state != TicketState.RESOLVED.value,
                needed.is_not(None) | waits.is_not(None),
            )
            .order_by(waits.is_(None), waits, needed, TicketRow.ticket_id)
        )
        return tuple(_ticket(row) for row in self._session.scalars(query))

    def sealed_counts(self, tickets: Collection[TicketId]) -> dict[TicketId, int]:
        """Return how many sealed values tickets hold, for those that hold any."""
        return self._sealed.counts(tickets)

    def opened_by(
        self, team: TeamId, user: UserId, merchant: MerchantId | None, *, limit: int
    ) -> tuple[Ticket, ...]:
        """Return the newest tickets that a person opened, or that are of their merchant."""
        own = (TicketRow.team_id == team) & (TicketRow.user_id == user)
        theirs = own if merchant is None else own | (TicketRow.merchant_id == merchant)
        query = select(TicketRow).where(theirs).order_by(TicketRow.ticket_id.desc()).limit(limit)
        return tuple(_ticket(row) for row in self._session.scalars(query))

    def advance(self, ticket: TicketId, step: Step, now: datetime, *, by: Actor) -> TicketState:
        """Take a step and return where the ticket stands now.

        Raises:
            UnknownTicket: There is none.
            TransitionRefused: Not from this state, or not by them; or the step resolves the
                ticket, which is for `resolve`, since it deletes.
        """
        row = self._locked(ticket)
        state = after(TicketState(row.state), step, by)
        if state is TicketState.RESOLVED and row.state != state.value:
            raise TransitionRefused
        if state is not TicketState.WAITING_ON_CARE:
            row.waiting_since = None
        elif row.waiting_since is None:
            row.waiting_since = utc(now)
        is_needed = state is TicketState.WAITING_ON_CARE or step is Step.AGENT_WROTE
        if is_needed and row.needed_since is None:
            row.needed_since = utc(now)
        if step is Step.AGENT_WROTE and row.first_reply_at is None:
            row.first_reply_at = utc(now)
        row.state = state.value
        row.changed_at = utc(now)
        if step is Step.REOPEN:
            row.resolved_at = None
        self._session.flush()
        return state

    def resolve(
        self,
        ticket: TicketId,
        *,
        by: str,
        trigger: Trigger,
        now: datetime,
        requested_at: datetime | None = None,
    ) -> Receipt:
        """Resolve a ticket: its sealed values, placeholders and data key go, a receipt is written.

        All in the caller's one transaction. A ticket that is resolved already gives the receipt
        it has, and nothing changes. `by` is an id, or `hook:standard`; `requested_at` is when it
        was asked for, where that was before now.

        Raises:
            UnknownTicket: There is none.
            ValueError: `by` is not an id (see `Audit.append`).
        """
        row = self._locked(ticket)
        if row.state == TicketState.RESOLVED.value:
            receipt = self._receipts.of(ticket)
            if receipt is None:
                raise UnknownTicket("The ticket is resolved, but the audit has no receipt of it.")
            return receipt
        row.state = after(TicketState(row.state), trigger.step, trigger.actor).value
        row.changed_at = row.resolved_at = utc(now)
        row.needed_since = row.waiting_since = None
        rows, epoch = self._sealed.forget(ticket)
        return self._receipts.write(
            ticket,
            trigger=trigger,
            by=by,
            requested_at=requested_at or now,
            at=now,
            rows=rows,
            key_epoch=epoch,
        )

    def sealed_kinds(self, ticket: TicketId) -> dict[str, int]:
        """Return how many distinct values of each kind the ticket has sealed."""
        return self._sealed.kinds(ticket)

    def residue(self, ticket: TicketId) -> int:
        """Return how many rows of a resolved ticket's sensitive data are still there: 0.

        0 also for a ticket that is not resolved (any more), since it may hold some.
        """
        row = self._session.get(TicketRow, ticket)
        # One whose workspace has left is not there at all, and nothing of it should be.
        if row is not None and row.state != TicketState.RESOLVED.value:
            return 0
        return self._sealed.count(ticket)

    def reveal(self, ticket: TicketId) -> tuple[tuple[str, RawText], ...]:
        """Open every sealed value of a ticket: placeholder and value.

        The caller writes an audit entry in the same transaction.

        Raises:
            UnknownTicket: There is none.
            KeyDestroyed: It is resolved.
            SealBroken: A value does not open.
        """
        if self.get(ticket).state is TicketState.RESOLVED:
            raise KeyDestroyed
        return self._sealed.reveal(ticket)

    def link_external(self, provider: str, external_id: str, ticket: TicketId) -> None:
        """Remember which ticket of a help desk is this one. Raises UnknownTicket.

        A help desk's ticket that is linked already is linked anew.
        """
        self._locked(ticket)
        key = {"provider": provider, "external_id": external_id}
        insert_new(self._session, ExternalTicketRow, {**key, "ticket_id": ticket})
        self._session.get_one(ExternalTicketRow, key, populate_existing=True).ticket_id = ticket
        self._session.flush()

    def by_external(self, provider: str, external_id: str) -> Ticket | None:
        """Return the ticket that a help desk's ticket is linked to."""
        row = self._session.get(
            ExternalTicketRow, {"provider": provider, "external_id": external_id}
        )
        return None if row is None else self.get(row.ticket_id)


def _queued(
    states: Collection[TicketState], assignee: UserId | None
) -> tuple[ColumnElement[bool], ...]:
    of_states = TicketRow.state.in_([state.value for state in states])
    return (of_states,) if assignee is None else (of_states, TicketRow.assignee == assignee)


def _ticket(row: TicketRow) -> Ticket:
    return Ticket(
        ticket_id=row.ticket_id,
        team=row.team_id,
        channel=row.channel_id,
        thread_ts=row.thread_ts,
        merchant=row.merchant_id,
        user=row.user_id,
        state=TicketState(row.state),
        opened_at=row.opened_at,
        changed_at=row.changed_at,
        resolved_at=row.resolved_at,
        is_shared=bool(row.is_shared),
        assignee=row.assignee,
        needed_since=row.needed_since,
        waiting_since=row.waiting_since,
        first_reply_at=row.first_reply_at,
    )
