"""The sensitive values of tickets: numbered, sealed, revealed, forgotten."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import count
from typing import Final, final

from sqlalchemy import delete, distinct, func, select
from sqlalchemy.orm import Session

from nlp.text import RawText, SensitiveValue, numbered
from storage.database import changed, insert_missing
from storage.ids import MessageId, TicketId, ticket_owner
from storage.key_records import DataKeys
from storage.sealing import FINGERPRINT_BYTES, Sealing
from storage.tables import PlaceholderRow, SealedValueRow


@final
class SealedValues:
    """The sealed values of tickets that are not resolved.

    Whether a ticket is resolved is for `Tickets` to know, which locks the ticket before it asks
    anything of this class.
    """

    def __init__(self, session: Session, sealing: Sealing) -> None:
        self._session: Final = session
        self._sealing: Final = sealing
        self._keys: Final = DataKeys(session, sealing)

    def number(
        self, ticket: TicketId, values: Sequence[SensitiveValue]
    ) -> dict[tuple[str, int], int]:
        """Return the ticket-wide number of each value, by kind and number within its text.

        A value that the ticket knows, be it by another of its forms, has its number again;
        another gets the next one of its kind. `nlp.text.numbered` has the rule.
        """

        def forget() -> None:
            for table in (SealedValueRow, PlaceholderRow):
                self._session.execute(delete(table).where(table.ticket_id == ticket))

        key, is_new = self._keys.renewed(ticket_owner(ticket), forget)
        rows: dict[str, dict[int, PlaceholderRow]] = {}
        if not is_new:
            query = select(PlaceholderRow).where(PlaceholderRow.ticket_id == ticket)
            for row in self._session.scalars(query):
                rows.setdefault(row.entity_type, {})[row.number] = row
        numbers: dict[tuple[str, int], int] = {}
        for kind in dict.fromkeys(value.entity_type for value in values):
            of_kind = sorted(
                (value for value in values if value.entity_type == kind),
                key=lambda value: value.number,
            )
            known = rows.get(kind, {})
            given, fuller = numbered(
                [self._sealing.fingerprints(key, kind, value.keys) for value in of_kind],
                {number: _fingerprints(row) for number, row in known.items()},
                count(max(known, default=0) + 1),
            )
            for value, number in zip(of_kind, given, strict=True):
                numbers[kind, value.number] = number
            self._keep(ticket, kind, known, fuller)
        return numbers

    def _keep(
        self,
        ticket: TicketId,
        kind: str,
        known: Mapping[int, PlaceholderRow],
        fuller: Mapping[int, Sequence[bytes]],
    ) -> None:
        """Keep the fingerprints of numbers that are new or stand for a fuller form now."""
        for number, (own, *shorter) in fuller.items():
            if number in known:
                known[number].fingerprint = own
                known[number].shorter = b"".join(shorter)
        # First of all, since a new number may take the fingerprint that another had.
        self._session.flush()
        self._session.add_all(
            PlaceholderRow(
                ticket_id=ticket,
                entity_type=kind,
                number=number,
                fingerprint=own,
                shorter=b"".join(shorter),
            )
            for number, (own, *shorter) in fuller.items()
            if number not in known
        )
        self._session.flush()

    def seal(
        self,
        ticket: TicketId,
        message: MessageId,
        values: Sequence[SensitiveValue],
        numbers: Mapping[tuple[str, int], int],
    ) -> int:
        """Seal the values of a message. Returns how many were stored.

        Raises:
            KeyError: A value has no number; `number` gives one to each.
        """
        owner = ticket_owner(ticket)
        key = self._keys.ensure(owner)
        rows: dict[tuple[str, int], dict[str, object]] = {}
        for value in values:
            kind, number = value.entity_type, numbers[value.entity_type, value.number]
            field = _field(message, kind, number)
            # Of a value that stands there in two forms the first is kept.
            rows.setdefault(
                (kind, number),
                {
                    "message_id": message,
                    "entity_type": kind,
                    "number": number,
                    "ticket_id": ticket,
                    "sealed": self._sealing.seal(key, owner, field, value.value),
                },
            )
        return insert_missing(self._session, SealedValueRow, list(rows.values()))

    def kinds(self, ticket: TicketId) -> dict[str, int]:
        """Return how many distinct values of each kind are sealed."""
        count = func.count(distinct(SealedValueRow.number))
        query = (
            select(SealedValueRow.entity_type, count)
            .where(SealedValueRow.ticket_id == ticket)
            .group_by(SealedValueRow.entity_type)
            .order_by(SealedValueRow.entity_type)
        )
        return {row[0]: row[1] for row in self._session.execute(query)}

    def counts(self, tickets: Collection[TicketId]) -> dict[TicketId, int]:
        """Return how many values tickets hold, for those that hold any."""
        query = (
            select(SealedValueRow.ticket_id, func.count())
            .where(SealedValueRow.ticket_id.in_(tickets))
            .group_by(SealedValueRow.ticket_id)
        )
        return {row[0]: row[1] for row in self._session.execute(query)}

    def reveal(self, ticket: TicketId) -> tuple[tuple[str, RawText], ...]:
        """Open every value: placeholder and value, in the order of kinds and numbers.

        Of a value that was written in several forms the longest is returned.
        Raises KeyDestroyed or SealBroken.
        """
        owner = ticket_owner(ticket)
        rows = self._session.scalars(
            select(SealedValueRow)
            .where(SealedValueRow.ticket_id == ticket)
            .order_by(SealedValueRow.entity_type, SealedValueRow.number, SealedValueRow.message_id)
        ).all()
        if not rows:
            return ()
        key = self._keys.open(owner)
        opened: dict[str, RawText] = {}
        for row in rows:
            placeholder = f"<{row.entity_type}_{row.number}>"
            field = _field(row.message_id, row.entity_type, row.number)
            value = self._sealing.open_sealed(key, owner, field, row.sealed)
            if placeholder not in opened or len(value) > len(opened[placeholder]):
                opened[placeholder] = value
        return tuple(opened.items())

    def forget_message(self, message: MessageId) -> int:
        """Delete the values of one message. Returns how many.

        Their numbers stay taken until the ticket resolves, so that no other value gets them.
        """
        return changed(
            self._session, delete(SealedValueRow).where(SealedValueRow.message_id == message)
        )

    def count(self, ticket: TicketId) -> int:
        """Return how many rows there are of a ticket: values, placeholders and its data key."""
        counts = (
            select(func.count()).where(SealedValueRow.ticket_id == ticket),
            select(func.count()).where(PlaceholderRow.ticket_id == ticket),
        )
        rows = sum(self._session.scalars(query).one() for query in counts)
        return rows + (self._keys.epoch(ticket_owner(ticket)) is not None)

    def forget(self, ticket: TicketId) -> tuple[dict[str, int], int | None]:
        """Delete values, placeholders and data key of a ticket.

        Returns: Rows deleted for each table, and the epoch that had wrapped the key, if any.
        """
        owner = ticket_owner(ticket)
        epoch = self._keys.epoch(owner)
        values = delete(SealedValueRow).where(SealedValueRow.ticket_id == ticket)
        placeholders = delete(PlaceholderRow).where(PlaceholderRow.ticket_id == ticket)
        rows = {
            "sealed_values": changed(self._session, values),
            "placeholders": changed(self._session, placeholders),
            "data_keys": self._keys.destroy((owner,)),
        }
        return rows, epoch


def _fingerprints(row: PlaceholderRow) -> list[bytes]:
    joined = row.shorter or b""
    return [
        row.fingerprint,
        *(joined[at : at + FINGERPRINT_BYTES] for at in range(0, len(joined), FINGERPRINT_BYTES)),
    ]


def _field(message: MessageId, entity_type: str, number: int) -> str:
    return f"message:{message}:{entity_type}_{number}"
