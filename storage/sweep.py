"""The sweep: what is due is redacted, batch by batch, each a transaction of its own.

A batch redacts orders, deletes their traces and data keys and writes its audit entry, all or
nothing. So a sweep may be killed anywhere and begun again, and several may run at once: on
PostgreSQL each leaves out the orders that another holds, on SQLite there is one writer. What a
sweep costs depends on what is due, not on how many orders there are.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

from storage.redaction import Redaction
from storage.redaction_batch import Terms, note
from storage.store import Store

BATCH: Final = 1_000
"""Orders in a transaction on PostgreSQL, where only those rows are locked."""
SQLITE_BATCH: Final = 50
"""Orders in the first and in the smallest transaction on SQLite, where nobody else writes then.
With fewer, a slow disk would spend all its time on ending transactions."""
SQLITE_SECONDS: Final = 0.03
"""How long a transaction may take on SQLite: the next ones are made smaller, or larger, for it."""
SQLITE_PAUSE: Final = 0.03
"""Seconds between two transactions on SQLite. A writer that waits asks again every 25 ms or sooner
(for its first 100 ms), so that each pause lets one in."""
LARGEST: Final = 1_000
"""Orders in the largest transaction on SQLite."""

Told = Callable[[int, int], object]
"""What is told of a batch: the orders that it redacted, and how many were due at the start."""


def sweep(
    store: Store, terms: Terms, *, batch: int | None = None, told: Told | None = None
) -> Redaction:
    """Redact every order that is due by these terms.

    Args:
        store: The records.
        terms: The time and the rule.
        batch: Orders in a transaction; what suits the database where left out.
        told: Called after each transaction.

    Raises:
        ValueError: The time is naive.
        DatabaseUnavailable: Also where a transaction holds a due order for more than ten seconds.
            What was redacted before stays so.
    """
    is_sqlite = store.database.is_sqlite
    limit = batch or (SQLITE_BATCH if is_sqlite else BATCH)
    with store.read() as tx:
        before = tx.orders.count_due(terms.now, terms.days, terms.horizon)
    redacted = 0
    after: datetime | None = None
    wait = False
    while True:
        begun = time.monotonic()
        with store.begin() as tx:
            done = tx.orders.redact_batch(terms, limit=1 if wait else limit, after=after, wait=wait)
        if done.redacted:
            redacted += done.redacted
            after, wait = None if wait else done.newest, False
            if told is not None:
                told(done.redacted, before.due)
            if is_sqlite:
                limit = batch or _next_limit(limit, time.monotonic() - begun)
                time.sleep(SQLITE_PAUSE)
        elif after is not None:
            # News may have turned a clock back behind us.
            after = None
        elif not wait and not is_sqlite:
            # What is left, if anything, another transaction holds. One order at a time, so that
            # we hold none while we wait and no two can wait for each other.
            wait = True
        else:
            break
    if not redacted:
        with store.begin() as tx:
            note(tx.audit, terms, 0)  # that it looked is worth an entry, too
    return Redaction(due=max(before.due, redacted), redacted=redacted, already=before.already)


def _next_limit(limit: int, seconds: float) -> int:
    """Return how many orders the next transaction takes, by how long this one took."""
    if seconds > SQLITE_SECONDS:
        return max(limit // 2, SQLITE_BATCH)
    return min(limit + limit // 4, LARGEST)
