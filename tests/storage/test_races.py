"""What races a resolution leaves nothing behind: many rounds, real threads, both databases."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import event, func, select, text

from nlp.text import RawText
from storage.ids import EventId, SlackTs, TicketId, ticket_owner
from storage.store import Store, Transaction
from storage.tables import Base, DataKeyRow, PlaceholderRow, SealedValueRow, SeenEventRow
from storage.tickets import Actor, Step, TicketState, Trigger
from tests.storage.samples import (
    AGENT,
    CHANNEL,
    PERSON,
    TEAM,
    open_ticket,
    say,
    scrubbed,
    value,
)

ROUNDS = 200
SENSITIVE = (SealedValueRow, PlaceholderRow, DataKeyRow)

Act = Callable[[Transaction, TicketId], object]


@pytest.fixture
def swift(store: Store) -> Store:
    """A store that does not wait for the disk: what is at stake is the order, not the power."""
    if store.database.is_sqlite:
        store.database.engine.dispose()
        event.listen(
            store.database.engine,
            "connect",
            lambda connection, _: connection.execute("PRAGMA synchronous=OFF"),
        )
    return store


def _tickets(store: Store, now: datetime) -> list[TicketId]:
    """Open as many tickets as there are rounds, each with a message that holds a value."""
    with store.begin() as tx:
        tickets = [open_ticket(tx, now, SlackTs(f"1.{number}")) for number in range(ROUNDS)]
        for ticket in tickets:
            say(tx, ticket, now, value(PERSON), ts=f"2.{ticket}")
    return tickets


def _race(store: Store, tickets: Sequence[TicketId], *acts: Act) -> list[list[object]]:
    """Act on each ticket at once, a thread for each act. Returns what came of it, by act.

    Who gets a head start, and how much of one, changes from round to round.
    """
    start = Barrier(len(acts))

    def run(place: int, act: Act) -> list[object]:
        came: list[object] = []
        for number, ticket in enumerate(tickets):
            start.wait(60)
            time.sleep((number + place) % len(acts) * (number % 5) * 0.000_5)
            with store.begin() as tx:
                came.append(act(tx, ticket))
        return came

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, range(len(acts)), acts))


def _left(store: Store) -> list[int]:
    """Count the rows of every table that holds something sensitive of a ticket."""
    return [_count(store, table) for table in SENSITIVE]


def _count(store: Store, table: type[Base]) -> int:
    with store.read() as tx:
        return tx.session.scalars(select(func.count()).select_from(table)).one()


def _resolve(now: datetime, by: str = AGENT) -> Act:
    return lambda tx, ticket: tx.tickets.resolve(ticket, by=by, trigger=Trigger.COMMAND, now=now)


def test_a_message_is_in_before_a_resolution_or_after_it(swift: Store, now: datetime) -> None:
    """Before it, its values are deleted and counted; after it, they are not kept."""
    tickets = _tickets(swift, now)

    def write(tx: Transaction, ticket: TicketId) -> object:
        return say(tx, ticket, now, value("Ada Finch"), ts=f"3.{ticket}")

    written, _ = _race(swift, tickets, write, _resolve(now))

    assert None not in written
    assert _left(swift) == [0, 0, 0]
    with swift.read() as tx:
        for ticket in tickets:
            receipt = tx.receipts.of(ticket)
            assert receipt is not None
            kept = [message.text for message in tx.tickets.messages(ticket)]
            # By its number one can tell which of the two it was.
            before = kept == ["about <PERSON_1>", "about <PERSON_2>"]
            assert before or kept == ["about <PERSON_1>"] * 2
            assert receipt.rows["sealed_values"] == 1 + before


def test_two_agents_at_once_get_one_receipt(swift: Store, now: datetime) -> None:
    """Both hear of the same deletion, and the audit has one."""
    tickets = _tickets(swift, now)

    first, second = _race(swift, tickets, _resolve(now, "U0001"), _resolve(now, "U0002"))

    assert first == second
    assert _left(swift) == [0, 0, 0]
    with swift.read() as tx:
        assert all(len(tx.audit.about(ticket_owner(ticket))) == 1 for ticket in tickets)
        assert tx.audit.verify() == ROUNDS


def test_an_edit_that_races_a_resolution_seals_nothing(swift: Store, now: datetime) -> None:
    """The new text stands, scrubbed; of its value nothing is left."""
    tickets = _tickets(swift, now)

    def edit(tx: Transaction, ticket: TicketId) -> object:
        values = [value("Otto Marsh")]
        numbers = tx.tickets.number_values(ticket, values)
        text = scrubbed(f"now <PERSON_{numbers['PERSON', 1]}>")
        ts = SlackTs(f"2.{ticket}")
        message = tx.tickets.replace_message(TEAM, CHANNEL, ts, text=text, at=now)
        assert message is not None
        return tx.tickets.seal_values(ticket, message.message_id, values, numbers)

    _race(swift, tickets, edit, _resolve(now))

    assert _left(swift) == [0, 0, 0]
    with swift.read() as tx:
        kept = {each.text for ticket in tickets for each in tx.tickets.messages(ticket)}
    assert kept <= {"now <PERSON_1>", "now <PERSON_2>"}


def test_a_deletion_that_races_a_resolution_leaves_nothing(swift: Store, now: datetime) -> None:
    """Text and value are gone, whoever was first."""
    tickets = _tickets(swift, now)

    def take_back(tx: Transaction, ticket: TicketId) -> object:
        return tx.tickets.delete_message(TEAM, CHANNEL, SlackTs(f"2.{ticket}"), at=now)

    deleted, _ = _race(swift, tickets, take_back, _resolve(now))

    assert deleted == [True] * ROUNDS
    assert _left(swift) == [0, 0, 0]
    with swift.read() as tx:
        assert all(tx.tickets.messages(ticket) == () for ticket in tickets)


def test_a_reopened_ticket_knows_nothing_of_before(swift: Store, now: datetime) -> None:
    """Reopened while a message races it: what is kept is of after, under numbers from 1 on."""
    tickets = _tickets(swift, now)
    with swift.begin() as tx:
        for ticket in tickets:
            tx.tickets.resolve(ticket, by=AGENT, trigger=Trigger.COMMAND, now=now)
        old = {row.owner: row.wrapped for row in tx.session.scalars(select(DataKeyRow))}
    assert old == {}

    def reopen(tx: Transaction, ticket: TicketId) -> object:
        return tx.tickets.advance(ticket, Step.REOPEN, now, by=Actor.MERCHANT)

    def write(tx: Transaction, ticket: TicketId) -> object:
        return say(tx, ticket, now, value("Ada Finch"), ts=f"3.{ticket}")

    _race(swift, tickets, reopen, write)

    sealed = 0
    with swift.read() as tx:
        for ticket in tickets:
            assert tx.tickets.get(ticket).state is TicketState.REOPENED
            found = tx.tickets.reveal(ticket)
            assert found in ((), (("<PERSON_1>", RawText("Ada Finch")),))
            sealed += len(found)
    assert _left(swift) == [sealed] * 3


def test_of_copies_at_once_one_is_taken(swift: Store, now: datetime) -> None:
    """Of three copies of a delivery at the same moment one is the first."""
    tickets = [TicketId(number) for number in range(ROUNDS)]

    def take(tx: Transaction, number: TicketId) -> object:
        return tx.inbox.first_time("slack:T1", EventId(f"Ev{number}"), now)

    heard = zip(*_race(swift, tickets, take, take, take), strict=True)

    assert all(sorted(map(bool, each)) == [False, False, True] for each in heard)


def test_old_deliveries_are_forgotten_in_batches(store: Store, now: datetime) -> None:
    """The oldest first, so many at once, and none from the moment on."""
    with store.begin() as tx:
        for day in range(30):
            for source in ("slack:T1", "hook:zendesk"):
                tx.inbox.first_time(source, EventId(f"Ev{day}"), now - timedelta(days=day))
    moment = now - timedelta(days=14)

    done: list[int] = []
    while not done or done[-1]:
        with store.begin() as tx:
            done.append(tx.inbox.forget_before(moment, limit=12))

    assert done == [12, 12, 6, 0]
    assert _count(store, SeenEventRow) == 30
    with store.begin() as tx:
        assert not tx.inbox.first_time("slack:T1", EventId("Ev14"), now)
        assert tx.inbox.first_time("slack:T1", EventId("Ev15"), now)


def test_forgetting_reads_no_more_than_it_forgets(store: Store, now: datetime) -> None:
    """The search for old deliveries goes by the index on their time."""
    query = (
        "SELECT source, event_id FROM seen_events WHERE at < '2026-01-01'"
        " ORDER BY at, source, event_id LIMIT 10"
    )
    with store.read() as tx:
        if store.database.is_sqlite:
            plan = tx.session.execute(text(f"EXPLAIN QUERY PLAN {query}")).all()
        else:
            tx.session.execute(text("SET LOCAL enable_seqscan = off"))
            plan = tx.session.execute(text(f"EXPLAIN {query}")).all()
    assert "ix_seen_events_at" in str(plan)
