"""What happens by the clock and after the fact: redaction, erasure, rotation, quiet tickets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.errors import CareError
from bot.jobs import Jobs
from bot.log import Event, failure, log
from bot.resolving import Resolver
from storage.inbox_records import FORGET_AT_ONCE, REMEMBERED
from storage.receipts import STORES
from storage.redaction import Redaction
from storage.redaction_batch import Terms
from storage.store import Store
from storage.sweep import Told, sweep
from storage.tickets import LIVE, Trigger

SWEEP: Final = timedelta(hours=1)
"""Time between two sweeps; each redacts what falls due before the next."""
ROTATION: Final = timedelta(days=1)
"""How old an epoch key becomes: what is deleted is beyond the reach of backups so much later."""


class ResidueLeft(CareError):
    """Deleted rows are still in the write-ahead log because a reader holds it. Tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep:
    """Keeps the promises on time."""

    store: Store
    jobs: Jobs
    resolver: Resolver
    clock: Callable[[], datetime]
    retention_days: int
    redact_postal_code: bool
    quiet_days: int

    def redact(
        self, now: datetime, *, dry_run: bool = False, told: Told | None = None
    ) -> Redaction:
        """Redact every order that is due at `now` or falls due before the next sweep.

        It is safe to stop and to repeat: each batch is a transaction of its own, of which `told`
        hears.
        """
        if dry_run:
            with self.store.read() as records:
                return records.orders.count_due(now, self.retention_days, SWEEP)
        terms = Terms(
            now=now,
            days=self.retention_days,
            horizon=SWEEP,
            postal_code=self.redact_postal_code,
        )
        done = sweep(self.store, terms, told=told)
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

    def rotate(self, at: datetime, *, at_once: bool = False, by: str = "rotation") -> int:
        """Begin another epoch where the current one is a day old, and wrap all keys by it.

        A rotation that was stopped on the way is taken up. Safe to repeat.

        Args:
            at: The time.
            at_once: Begin another epoch however old the current one is.
            by: Who the audit says it was.

        Returns: The epoch before which keys are to be destroyed (`retire`) when a time of grace
            is over, 0 where there is nothing to destroy.

        Raises:
            KeyringUnwritable, EpochInUse: See `storage.rotation`.
        """
        rotation = self.store.rotation
        if at_once or rotation.is_due(at, ROTATION):
            rotation.advance(at)
        elif not rotation.is_unfinished():
            return 0
        epoch, keys = rotation.rewrap(at, by=by)
        log(Event.KEYS_ROTATED, epoch=epoch, keys=keys)
        return epoch

    def retire(self, epoch: int, *, by: str = "rotation") -> None:
        """Destroy the keys of the epochs before this one. Safe to repeat.

        Raises:
            KeyringUnwritable, EpochInUse: See `storage.rotation`.
        """
        destroyed = self.store.rotation.destroy(epoch, self.clock(), by=by)
        log(Event.KEYS_DESTROYED, epoch=epoch, destroyed=destroyed)

    def hourly(self, at: datetime) -> None:
        """Do what the clock asks for: orders due, tickets gone quiet, orders to index, purging.

        What fails keeps nothing else from being done; its error is raised when all were tried.
        """
        failed: Exception | None = None
        for duty in (self.redact, self.resolve_quiet, self.index, self.purge):
            try:
                duty(at)
            except Exception as error:
                failure(Event.JOB_FAILED, error)
                failed = failed or error
        if failed is not None:
            raise failed

    def resolve_quiet(self, at: datetime) -> int:
        """Resolve the tickets in which nobody has written for the quiet time. Returns how many."""
        before = at - timedelta(days=self.quiet_days)
        with self.store.read() as records:
            quiet = [
                ticket.ticket_id
                for ticket in records.tickets.list(states=LIVE)
                if ticket.changed_at <= before
            ]
        resolved = 0
        for ticket in quiet:
            with self.store.begin() as records:
                # Somebody may have written since the list was read.
                if records.tickets.get(ticket).changed_at <= before:
                    self.resolver.resolve(records, ticket, by="quiet", trigger=Trigger.QUIET)
                    resolved += 1
        return resolved

    def purge(self, at: datetime) -> int:
        """Forget what has no more use. Returns how many of all.

        Deliveries whose copies do not come any more, the engine's rows of work that ended as long
        ago, news that waited in vain for a link or an order, installations that nobody finished.
        """
        purged = self.jobs.forget_before(at - REMEMBERED)
        with self.store.begin() as records:
            purged += records.tickets.early.purge(at)
            purged += records.orders.early.purge(at)
            purged += records.installations.states.purge(at)
        while True:
            with self.store.begin() as records:
                forgotten = records.inbox.forget_before(at - REMEMBERED)
            purged += forgotten
            if forgotten < FORGET_AT_ONCE:
                return purged
