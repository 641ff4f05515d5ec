"""What happens by the clock and after the fact: redaction, erasure, quiet tickets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.errors import CareError
from bot.log import Event, log
from bot.resolving import Resolver, Trigger
from storage.receipts import STORES
from storage.redaction import Redaction
from storage.store import Store
from storage.tickets import LIVE

SWEEP: Final = timedelta(hours=1)
"""Time between two sweeps; each redacts what falls due before the next."""


class ResidueLeft(CareError):
    """Deleted rows are still in the write-ahead log because a reader holds it. Tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep:
    """Keeps the promises on time."""

    store: Store
    resolver: Resolver
    clock: Callable[[], datetime]
    retention_days: int
    redact_postal_code: bool
    quiet_days: int

    def redact(self, now: datetime, *, dry_run: bool = False) -> Redaction:
        """Redact every order that is due at `now` or falls due before the next sweep."""
        with self.store.begin() as records:
            if dry_run:
                return records.orders.count_due(now, self.retention_days, SWEEP)
            done = records.orders.redact_due(
                now, self.retention_days, SWEEP, postal_code=self.redact_postal_code
            )
        # Also where nothing was due: a reader may have held the log back the last time.
        self.store.database.clear_residue()
        if done.redacted:
            log(Event.ORDERS_REDACTED, redacted=done.redacted)
        return done

    def index(self, now: datetime) -> int:
        """Bring into the keyed index every open order that is not in it. Returns how many.

        Orders of before there was an index, and those whose traces are under an old key. It is
        safe to stop and to repeat: each batch is a transaction of its own.
        """
        indexed = 0
        while True:
            with self.store.begin() as records:
                done = records.orders.write_traces(now, self.retention_days)
            if not done:
                return indexed
            indexed += done

    def erase(self, entry: int) -> None:
        """Clear the residue of a deletion and write down what a search found.

        Args:
            entry: The deletion's entry in the audit.

        Raises:
            ResidueLeft: The write-ahead log could not be emptied yet.
        """
        frames = self.store.database.clear_residue()
        if frames > 0:
            raise ResidueLeft
        with self.store.begin() as records:
            ticket = records.receipts.ticket_of(entry)
            receipt = None if ticket is None else records.receipts.of(ticket)
            if ticket is None or receipt is None:
                return
            if receipt.seq != entry or receipt.verified_at is not None:
                # Done before, or the ticket was reopened and resolved again since.
                return
            found = records.tickets.residue(ticket)
            records.receipts.verified(
                ticket,
                at=self.clock(),
                by="erase",
                searched=len(STORES),
                found=found,
                frames=frames,
            )
        log(Event.TICKET_ERASED, ticket=ticket, found=found, frames=frames)

    def hourly(self, at: datetime) -> None:
        """Do what the clock asks for: orders due, tickets gone quiet, orders to index."""
        self.redact(at)
        before = at - timedelta(days=self.quiet_days)
        with self.store.read() as records:
            quiet = [
                ticket.ticket_id
                for ticket in records.tickets.list(states=LIVE)
                if ticket.changed_at <= before
            ]
        for ticket in quiet:
            with self.store.begin() as records:
                # Somebody may have written since the list was read.
                if records.tickets.get(ticket).changed_at <= before:
                    self.resolver.resolve(records, ticket, by="quiet", trigger=Trigger.QUIET)
        self.index(at)
