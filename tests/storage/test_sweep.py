"""The sweep: batch by batch, killed and resumed, several at once."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import func, select

from nlp.text import RawText
from storage.errors import DatabaseUnavailable
from storage.ids import OrderId
from storage.redaction import Redaction
from storage.redaction_batch import Terms
from storage.store import Store
from storage.sweep import sweep
from storage.tables import DataKeyRow, OrderRow, OrderTraceRow
from tests.storage.samples import ACME, DAYS, order_news

POSTGRESQL: Final = pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True
)
DELIVERED: Final = datetime(2026, 2, 20, 17, 5, tzinfo=UTC)
NOW: Final = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
DUE: Final = DELIVERED + timedelta(days=DAYS)
TERMS: Final = Terms(now=DUE, days=DAYS)

KILLED: Final = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from sqlalchemy import event
from storage.redaction_batch import Terms
from storage.store import Store
from storage.sweep import sweep

url, keyring, now, days, statements = sys.argv[1:]
left = int(statements)
store = Store.open(url, Path(keyring))
store.database.engine.connect().close()  # what a connection begins with is not counted

@event.listens_for(store.database.engine, "after_cursor_execute")
def count(*_):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

sweep(store, Terms(now=datetime.fromisoformat(now), days=int(days)), batch=4)
"""


def order_id(number: int) -> OrderId:
    """The id of the order of that number."""
    return OrderId(f"111-2223334-{number:07}")


def fill(store: Store, count: int, delivered_at: datetime = DELIVERED) -> None:
    """Keep so many orders, each delivered a second before the one with the number before."""
    with store.begin() as tx:
        for number in range(count):
            news = order_news(delivered_at - timedelta(seconds=number), order_id=order_id(number))
            tx.orders.upsert(news, now=NOW, retention_days=DAYS)


def entries(store: Store) -> list[int]:
    """How many orders each audit entry tells of, after verifying the chain."""
    with store.read() as tx:
        tx.audit.verify()
        return [int(entry.facts["redacted"]) for entry in tx.audit.about("orders")]


def left(store: Store) -> tuple[int, int, int]:
    """The numbers of orders that are not redacted, of traces, and of data keys of orders."""
    counts = (
        select(func.count()).where(OrderRow.redacted_at.is_(None)),
        select(func.count(OrderTraceRow.trace)),
        select(func.count()).where(DataKeyRow.owner.startswith("order:")),
    )
    with store.read() as tx:
        first, second, third = (tx.session.scalars(each).one() for each in counts)
    return first, second, third


def test_each_batch_is_a_transaction_with_its_entry(store: Store) -> None:
    """Every batch writes how many it redacted, and whoever watches is told each time."""
    fill(store, 10)
    told: list[tuple[int, int]] = []

    done = sweep(store, TERMS, batch=4, told=lambda redacted, due: told.append((redacted, due)))

    assert done == Redaction(due=10, redacted=10, already=0)
    assert told == [(4, 10), (4, 10), (2, 10)]
    assert entries(store) == [4, 4, 2]
    assert left(store) == (0, 0, 0)


def test_a_sweep_with_nothing_to_do_says_so(store: Store) -> None:
    """That it looked and found nothing is an entry of its own."""
    fill(store, 3)
    assert sweep(store, Terms(now=NOW, days=DAYS)) == Redaction(due=0, redacted=0, already=0)
    assert entries(store) == [0]
    assert left(store) == (3, 18, 3)


def test_orders_of_the_same_second_are_all_taken(store: Store) -> None:
    """More orders with one clock than a batch holds do not stop it."""
    with store.begin() as tx:
        for number in range(9):
            news = order_news(DELIVERED, order_id=order_id(number))
            tx.orders.upsert(news, now=NOW, retention_days=DAYS)
    assert sweep(store, TERMS, batch=2).redacted == 9


def test_a_clock_that_is_turned_back_meanwhile_is_not_missed(store: Store) -> None:
    """News that make an order due behind the sweep's back are swept in the same sweep."""
    fill(store, 6)
    late = OrderId("111-2223334-9999999")
    with store.begin() as tx:
        news = order_news(DELIVERED + timedelta(days=2), order_id=late)
        tx.orders.upsert(news, now=NOW, retention_days=DAYS)

    def correct(_redacted: int, _due: int) -> None:
        with store.begin() as tx:
            news = order_news(DELIVERED - timedelta(days=5), order_id=late)
            tx.orders.upsert(news, now=NOW, retention_days=DAYS)

    assert sweep(store, TERMS, batch=4, told=correct) == Redaction(due=7, redacted=7, already=0)
    assert left(store) == (0, 0, 0)


def kill(store: Store, keyring: Path, statements: int) -> None:
    """Sweep in another process that is killed after so many statements."""
    arguments = [store.database.url, str(keyring), DUE.isoformat(), str(DAYS), str(statements)]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, *arguments], timeout=60, check=False, capture_output=True
    )
    assert done.returncode == -signal.SIGKILL


def test_a_killed_sweep_is_resumed(store: Store, tmp_path: Path) -> None:
    """Killed within any batch it leaves whole batches behind, and the next sweep does the rest."""
    fill(store, 42)
    for statements in (8, 11, 15, 17):
        kill(store, tmp_path / "keyring.json", statements)
        unredacted, traces, keys = left(store)
        assert unredacted == keys == 42 - sum(entries(store))
        assert traces == 6 * unredacted
        assert unredacted % 4 == 2
    assert 0 < unredacted < 42

    done = sweep(store, TERMS, batch=4)

    assert done == Redaction(due=unredacted, redacted=unredacted, already=42 - unredacted)
    assert left(store) == (0, 0, 0)
    assert sum(entries(store)) == 42


def test_several_may_sweep_at_once(database_url: str, tmp_path: Path) -> None:
    """Each order is redacted by one of them, whatever they find of each other's work."""
    stores = [Store.open(database_url, tmp_path / "keyring.json") for _ in range(3)]
    fill(stores[0], 60)
    start = threading.Barrier(len(stores))
    done: list[int] = []

    def work(each: Store) -> None:
        start.wait()
        done.append(sweep(each, TERMS, batch=5).redacted)

    together([threading.Thread(target=work, args=(each,)) for each in stores])

    assert sum(done) == sum(entries(stores[0])) == 60
    assert left(stores[0]) == (0, 0, 0)
    for each in stores:
        each.close()


def together(threads: Sequence[threading.Thread]) -> None:
    """Run the threads to their end."""
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()


@POSTGRESQL
def test_an_order_that_is_held_is_waited_for(store: Store) -> None:
    """The others go first; the sweep ends with the one that another transaction held."""
    fill(store, 8)
    redacted: list[int] = []
    rest = threading.Event()

    def told(count: int, _due: int) -> None:
        redacted.append(count)
        if sum(redacted) == 7:
            rest.set()

    thread = threading.Thread(target=sweep, args=(store, TERMS), kwargs={"batch": 3, "told": told})
    with store.begin() as tx:
        news = order_news(order_id=order_id(5), first_name=RawText("Ottilie"))
        tx.orders.upsert(news, now=NOW, retention_days=DAYS)
        thread.start()
        assert rest.wait(30)
        assert thread.is_alive()
    thread.join(30)
    assert not thread.is_alive()
    assert redacted == [3, 3, 1, 1]
    assert left(store) == (0, 0, 0)


@POSTGRESQL
def test_an_order_that_is_held_for_long_is_an_error(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sweep that cannot finish says so, and what it did stays done."""
    monkeypatch.setattr("storage.redaction_batch.LOCK_TIMEOUT_MS", 100)
    fill(store, 4)
    with store.begin() as tx:
        tx.orders.upsert(order_news(order_id=order_id(2)), now=NOW, retention_days=DAYS)
        with pytest.raises(DatabaseUnavailable):
            sweep(store, TERMS)
    assert entries(store) == [3]
    assert left(store) == (1, 6, 1)
    with store.read() as tx:
        held = tx.orders.for_merchant(ACME, order_id(2), DUE, DAYS)
    assert held is not None
    assert held.redacted
