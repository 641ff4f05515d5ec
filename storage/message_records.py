"""What is said in tickets, scrubbed; and the sensitive values that were taken out of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from nlp.text import ScrubbedText, SensitiveValue
from storage.database import inserted
from storage.errors import UnknownTicket
from storage.ids import ChannelId, MessageId, SlackTs, TeamId, TicketId, UserId
from storage.retention import utc
from storage.sealed_records import SealedValues
from storage.tables import MessageRow, TicketRow
from storage.tickets import Author, Message, TicketState


class MessageRecords:
    """The part of `Tickets` that keeps messages."""

    def __init__(self, session: Session, sealed: SealedValues) -> None:
        self._session: Final = session
        self._sealed: Final = sealed
        self._held: Final[dict[TicketId, TicketRow]] = {}
        self._added: Final[set[MessageId]] = set()

    def add_message(
        self,
        ticket: TicketId,
        *,
        channel: ChannelId,
        ts: SlackTs | None,
        user: UserId | None,
        author: Author,
        source: str,
        text: ScrubbedText,
        at: datetime,
    ) -> MessageId | None:
        """Keep a message.

        Slack tells of one message in several events (`message` and `app_mention`), some late.
        So a message whose channel and ts are known is not kept again, even if it was edited or
        deleted meanwhile. What has no ts (a command, a form) is always kept. The `source` is
        the kind of payload, a constant of the caller.

        Returns: Its number, None where it was known: then there is nothing to seal, either.

        Raises:
            UnknownTicket: There is none.
        """
        row = self._locked(ticket)
        values = {
            "ticket_id": ticket,
            "team_id": row.team_id,
            "channel_id": channel,
            "ts": ts,
            "user_id": user,
            "author": Author(author).value,
            "source": source,
            "text": text,
            "at": utc(at),
        }
        if ts is None:
            message = MessageRow(**values)
            self._session.add(message)
            self._session.flush()
            return message.message_id
        number = inserted(self._session, MessageRow, values, "message_id")
        if number is None:
            return None
        self._added.add(MessageId(number))
        return MessageId(number)

    def number_values(
        self, ticket: TicketId, values: Sequence[SensitiveValue]
    ) -> dict[tuple[str, int], int]:
        """Return the ticket-wide number of each value, by kind and number within its text.

        The same value has the same number within a ticket. A resolved ticket has no key to tell
        values apart by, so there the numbers within the text stay.
        Raises UnknownTicket.
        """
        if not values or self._is_resolved(ticket):
            return {(value.entity_type, value.number): value.number for value in values}
        return self._sealed.number(ticket, values)

    def seal_values(
        self,
        ticket: TicketId,
        message: MessageId,
        values: Sequence[SensitiveValue],
        numbers: Mapping[tuple[str, int], int],
    ) -> int:
        """Seal the values of a message; nothing where ticket or message is closed to them.

        Returns: How many were stored, 0 for a ticket that is resolved.

        Raises:
            UnknownTicket: There is none.
            KeyError: A value is not in `numbers`.
        """
        if not values or self._is_resolved(ticket):
            return 0
        if message not in self._added:
            row = self._session.get(MessageRow, message)
            if row is None or row.ticket_id != ticket or row.deleted_at is not None:
                return 0
        return self._sealed.seal(ticket, message, values, numbers)

    def replace_message(
        self, team: TeamId, channel: ChannelId, ts: SlackTs, *, text: ScrubbedText, at: datetime
    ) -> Message | None:
        """Take an edit: the new text stands, the sealed values of the old one go.

        The caller seals those of the new text. Returns None for a message that is not kept or
        was deleted.
        """
        row = self._kept(team, channel, ts)
        if row is None:
            return None
        self._sealed.forget_message(row.message_id)
        row.text = text
        row.edited_at = utc(at)
        self._session.flush()
        return _message(row, text)

    def delete_message(
        self, team: TeamId, channel: ChannelId, ts: SlackTs, *, at: datetime
    ) -> bool:
        """Take a deletion: text and sealed values go, an empty row stays.

        The empty row keeps a late copy of the message from coming back. What was deleted in Slack
        for its writer stays. Returns whether there was something to delete.
        """
        row = self._kept(team, channel, ts)
        if row is None or row.cleared_at is not None:
            return False
        self._sealed.forget_message(row.message_id)
        row.text = None
        row.deleted_at = utc(at)
        self._session.flush()
        return True

    def mark_cleared(self, message: MessageId, at: datetime | None) -> None:
        """Note that a message is deleted in Slack for its writer, or that it was not, after all."""
        row = self._session.get(MessageRow, message)
        if row is not None:
            row.cleared_at = None if at is None else utc(at)
            self._session.flush()

    def message(self, message: MessageId) -> Message | None:
        """Return a message, None if there is none or it was deleted."""
        row = self._session.get(MessageRow, message)
        return None if row is None or row.text is None else _message(row, row.text)

    def message_at(self, team: TeamId, channel: ChannelId, ts: SlackTs) -> Message | None:
        """Return the message of that Slack id, None if it is not kept or was deleted."""
        row = self._find(team, channel, ts)
        return None if row is None or row.text is None else _message(row, row.text)

    def messages(self, ticket: TicketId) -> tuple[Message, ...]:
        """Return the messages of a ticket, oldest first, without those deleted."""
        rows = self._session.scalars(
            select(MessageRow)
            .where(MessageRow.ticket_id == ticket)
            .order_by(MessageRow.at, MessageRow.message_id)
        )
        return tuple(_message(row, row.text) for row in rows if row.text is not None)

    def said_by_merchants(self, since: datetime) -> Iterator[ScrubbedText]:
        """Yield what merchants wrote since then, oldest first, without what was deleted."""
        texts = self._session.scalars(
            select(MessageRow.text)
            .where(MessageRow.author == Author.MERCHANT, MessageRow.at >= utc(since))
            .order_by(MessageRow.at, MessageRow.message_id)
            .execution_options(yield_per=500)
        )
        return (text for text in texts if text is not None)

    def _locked(self, ticket: TicketId) -> TicketRow:
        """Return a ticket's row, locked until the transaction ends. Raises UnknownTicket.

        What this transaction has locked already nobody else has changed since.
        """
        row = self._held.get(ticket)
        if row is None:
            row = self._session.get(TicketRow, ticket, with_for_update=True, populate_existing=True)
            if row is None:
                raise UnknownTicket
            self._held[ticket] = row
        return row

    def _is_resolved(self, ticket: TicketId) -> bool:
        return self._locked(ticket).state == TicketState.RESOLVED.value

    def _find(self, team: TeamId, channel: ChannelId, ts: SlackTs) -> MessageRow | None:
        return self._session.scalars(
            select(MessageRow).where(
                MessageRow.team_id == team,
                MessageRow.channel_id == channel,
                MessageRow.ts == ts,
            )
        ).one_or_none()

    def _kept(self, team: TeamId, channel: ChannelId, ts: SlackTs) -> MessageRow | None:
        """Return the row of a message that is kept, with its ticket locked."""
        row = self._find(team, channel, ts)
        if row is None:
            return None
        self._locked(row.ticket_id)
        self._session.refresh(row)
        return None if row.text is None else row


def _message(row: MessageRow, text: ScrubbedText) -> Message:
    return Message(
        message_id=row.message_id,
        ticket_id=row.ticket_id,
        channel=row.channel_id,
        ts=row.ts,
        user=row.user_id,
        author=Author(row.author),
        source=row.source,
        text=text,
        at=row.at,
        edited_at=row.edited_at,
        is_cleared=row.cleared_at is not None,
    )
