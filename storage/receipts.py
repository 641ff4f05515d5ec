"""The receipt of a resolved ticket: what was deleted, when, and what a search found afterwards.

A receipt is read off the audit chain, so that it says what was written in the deletion's own
transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, final

from storage.audit import Audit, AuditKind, Entry
from storage.errors import UnknownTicket
from storage.ids import TicketId, ticket_owner, ticket_ref
from storage.retention import utc

STORES: Final = ("sealed_values", "placeholders", "data_keys")
"""The tables from which resolving a ticket deletes."""
KEYRING: Final = "keyring"
"""What the audit calls the keyring as a subject, see `storage.rotation`."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a merchant can be given. No content, and no hash of any.

    Attributes:
        ticket: The ticket's number as people see it, `JC-12`.
        trigger: What led to the deletion, a constant such as `agent`, `hook` or `quiet`.
        by: Who: an id, or `hook:standard`.
        requested_at: When the resolution was asked for.
        shredded_at: When rows and data key were deleted.
        rows: Rows deleted, for each table.
        key_epoch: The keyring's epoch that had wrapped the data key, None where nothing
            sensitive was ever kept.
        epoch_destroyed_at: When the key of that epoch was destroyed, so that an old copy of the
            database does not open either; None while it was not.
        verified_at: When the search was, None while it was not.
        searched: How many tables were searched for rows of the ticket.
        found: How many rows the search found: 0 is what it should be.
        frames_left: Frames left in SQLite's write-ahead log.
        seq: The audit entry of the deletion.
        previous: Hash of the audit entry before it.
        hash: Hash of the audit entry: SHA-256 over `previous` and `content`.
        content: The canonical JSON of the entry: ids, counts and times.
    """

    ticket: str
    trigger: str
    by: str
    requested_at: datetime
    shredded_at: datetime
    rows: Mapping[str, int]
    key_epoch: int | None
    epoch_destroyed_at: datetime | None
    verified_at: datetime | None
    searched: int | None
    found: int | None
    frames_left: int | None
    seq: int
    previous: str
    hash: str
    content: str


@final
class Receipts:
    """Writes and reads receipts, within one transaction."""

    def __init__(self, audit: Audit) -> None:
        self._audit = audit

    def write(
        self,
        ticket: TicketId,
        *,
        trigger: str,
        by: str,
        requested_at: datetime,
        at: datetime,
        rows: Mapping[str, int],
        key_epoch: int | None,
    ) -> Receipt:
        """Write the entry of a deletion. Raises ValueError as `Audit.append` does."""
        facts: dict[str, int | str] = {store: rows.get(store, 0) for store in STORES}
        facts |= {"trigger": trigger, "requested_at": utc(requested_at).isoformat()}
        if key_epoch is not None:
            facts["key_epoch"] = key_epoch
        entry = self._audit.append(
            AuditKind.TICKET_RESOLVED, at=at, by=by, subject=ticket_owner(ticket), facts=facts
        )
        return _receipt(ticket, entry, None, None)

    def verified(
        self, ticket: TicketId, *, at: datetime, by: str, searched: int, found: int, frames: int
    ) -> Receipt:
        """Write what a search for residue found after the last deletion.

        Numbers of tables searched, of rows found in them, and of frames left in SQLite's
        write-ahead log.

        Raises:
            UnknownTicket: The ticket never was resolved.
        """
        receipt = self.of(ticket)
        if receipt is None:
            raise UnknownTicket("There is no resolved ticket of that number.")
        facts = {"deletion": receipt.seq, "searched": searched, "found": found, "frames": frames}
        self._audit.append(
            AuditKind.TICKET_VERIFIED, at=at, by=by, subject=ticket_owner(ticket), facts=facts
        )
        return self.of(ticket) or receipt

    def ticket_of(self, seq: int) -> TicketId | None:
        """Return the ticket that the audit entry `seq` resolved, None if it is no such entry."""
        entry = self._audit.entry(seq)
        if entry is None or entry.kind is not AuditKind.TICKET_RESOLVED:
            return None
        return TicketId(int(entry.subject.removeprefix("ticket:")))

    def of(self, ticket: TicketId) -> Receipt | None:
        """Return the receipt of a ticket's last resolution, None where there was none."""
        resolved: Entry | None = None
        verified: Entry | None = None
        for entry in self._audit.about(ticket_owner(ticket)):
            if entry.kind is AuditKind.TICKET_RESOLVED:
                resolved, verified = entry, None
            elif entry.kind is AuditKind.TICKET_VERIFIED:
                verified = entry
        if resolved is None:
            return None
        return _receipt(ticket, resolved, verified, self._epoch_end(resolved))

    def _epoch_end(self, resolved: Entry) -> Entry | None:
        """Return the entry that the epoch which had wrapped the ticket's key was destroyed."""
        epoch = _number(resolved, "key_epoch")
        if epoch is None:
            return None
        for entry in self._audit.about(KEYRING, after=resolved.seq):
            # A rotation destroys every epoch before the one that it names.
            if entry.facts.get("step") == "destroyed" and epoch < (_number(entry, "epoch") or 0):
                return entry
        return None


def _receipt(
    ticket: TicketId, resolved: Entry, verified: Entry | None, epoch_end: Entry | None
) -> Receipt:
    return Receipt(
        ticket=ticket_ref(ticket),
        trigger=str(resolved.facts["trigger"]),
        by=resolved.by,
        requested_at=datetime.fromisoformat(str(resolved.facts["requested_at"])),
        shredded_at=resolved.at,
        rows={store: int(resolved.facts[store]) for store in STORES},
        key_epoch=_number(resolved, "key_epoch"),
        epoch_destroyed_at=None if epoch_end is None else epoch_end.at,
        verified_at=None if verified is None else verified.at,
        searched=_number(verified, "searched"),
        found=_number(verified, "found"),
        frames_left=_number(verified, "frames"),
        seq=resolved.seq,
        previous=resolved.previous,
        hash=resolved.hash,
        content=resolved.content,
    )


def _number(entry: Entry | None, name: str) -> int | None:
    value = None if entry is None else entry.facts.get(name)
    return None if value is None else int(value)
