"""What a sweep costs: against a bare UPDATE, with the table's size, and for who waits meanwhile.

    python -m tests.benchmarks.sweep [--orders N] [--due M] [--database URL]

Prints ratios of one run; seconds of a machine mean nothing elsewhere. The databases are scratch
ones, made and dropped here: `--database` names any database of a PostgreSQL server; SQLite
without.
"""

from __future__ import annotations

import argparse
import secrets
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

from sqlalchemy import text
from tqdm import tqdm

from storage.redaction import ORDERS, pii_columns
from storage.redaction_batch import Terms
from storage.retention import newest_due
from storage.store import Store
from storage.sweep import BATCH, SQLITE_BATCH, sweep
from tests.benchmarks.seeding import DAYS, Scratch, moment, scratch

TENTH: Final = 10


def main() -> None:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.sweep")
    parser.add_argument("--orders", type=int, default=200_000)
    parser.add_argument("--due", type=int, default=20_000)
    parser.add_argument("--database", help="a database of a PostgreSQL server; SQLite without")
    given = parser.parse_args()
    with scratch(given.database) as place:
        for name, value in _measured(place, given.orders, given.due):
            sys.stdout.write(f"{name:<58} {value}\n")
            sys.stdout.flush()


def _measured(place: Scratch, orders: int, due: int) -> list[tuple[str, str]]:
    few = due // TENTH
    kind = "SQLite" if place.url is None else "PostgreSQL"
    rows = [(f"{kind}, {orders} orders, {due} due", "")]
    with tqdm(total=9, desc="measuring", disable=None) as shown:

        def step(work: Callable[[Store, datetime], float], name: str, at: datetime) -> float:
            with place.copied(name) as store:
                result = work(store, at)
            shown.update()
            return result

        with place.seeded(orders, due) as large:
            shown.update()
            # In turns, so that what else the machine does meanwhile hits neither alone.
            all_due = moment(orders, due, due)
            turns = [step(each, large, all_due) for each in (_bare, _swept, _swept, _bare)]
            bare, swept = min(turns[0], turns[3]), min(turns[1], turns[2])
            rows.append(("speed of the sweep, of that of bare updates", f"{bare / swept:.2f}"))
            late = step(_longest_wait, large, all_due)
            rows.append(("longest wait of a writer during a sweep, ms", f"{late * 1000:.0f}"))
            count = step(_counted, large, all_due)
            rows.append(
                ("counting what is due and was, of the sweep's time", f"{count / swept:.3f}")
            )
            in_large = step(_swept, large, moment(orders, due, few))
        with place.seeded(orders // TENTH, due // TENTH) as small:
            in_small = step(_swept, small, moment(orders // TENTH, due // TENTH, few))
        rows.append(
            (f"time for {few} due in a table ten times as large", f"{in_large / in_small:.2f}")
        )
    return rows


def _swept(store: Store, now: datetime) -> float:
    return _timed(lambda: sweep(store, Terms(now=now, days=DAYS)))


def _counted(store: Store, now: datetime) -> float:
    with store.read() as tx:
        return _timed(lambda: tx.orders.count_due(now, DAYS))


def _bare(store: Store, now: datetime) -> float:
    """The same rows, columns and batches, and nothing else."""
    size = SQLITE_BATCH if store.database.is_sqlite else BATCH
    columns = ", ".join(f"{column.name} = 'Redacted'" for column in pii_columns(ORDERS))
    update = text(
        f"UPDATE orders SET {columns}, redacted_at = :now, trace_key = NULL WHERE order_id IN "
        "(SELECT order_id FROM orders WHERE redacted_at IS NULL AND clock_at <= :bound "
        "ORDER BY clock_at LIMIT :size)"
    )
    bound = _bound(store, now)
    at = now if not store.database.is_sqlite else now.strftime("%Y-%m-%d %H:%M:%S.%f")

    def work() -> None:
        changed = 1
        while changed:
            with store.database.begin() as session:
                done = session.connection().execute(
                    update, {"now": at, "bound": bound, "size": size}
                )
                changed = done.rowcount

    return _timed(work)


def _bound(store: Store, now: datetime) -> object:
    bound = newest_due(DAYS, now)
    return bound.strftime("%Y-%m-%d %H:%M:%S.%f") if store.database.is_sqlite else bound


def _longest_wait(store: Store, now: datetime) -> float:
    """How long at most a transaction like the door's takes, again and again, during a sweep."""
    over = threading.Event()
    waits: list[float] = []

    def write() -> None:
        while not over.is_set():
            begun = time.perf_counter()
            with store.database.begin() as session:
                values = {"id": secrets.token_hex(8), "at": "2026-01-01 00:00:00.000000+00:00"}
                session.execute(text("INSERT INTO seen_events VALUES ('slack', :id, :at)"), values)
            waits.append(time.perf_counter() - begun)
            over.wait(0.01)

    door = threading.Thread(target=write)
    door.start()
    sweep(store, Terms(now=now, days=DAYS))
    over.set()
    door.join()
    return max(waits)


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
