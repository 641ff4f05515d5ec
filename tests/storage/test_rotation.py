"""Rotation of the epoch keys: what lives goes on opening, what was deleted never opens again."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from nlp.text import RawText
from storage import rotation
from storage.errors import EpochInUse, KeyDestroyed, StorageError
from storage.ids import Owner, SlackTs, TicketId, order_owner, ticket_owner
from storage.keyring import Epoch, FileKeyring, Keyring
from storage.rotation import Rotation
from storage.sealing import Sealing
from storage.store import Store
from storage.tables import DataKeyRow, OrderTraceRow
from storage.tickets import Trigger
from tests.storage.samples import ACME, DAYS, ORDER, PERSON, open_ticket, order_news, say, value

BY = "rotation"
DAY = timedelta(days=1)
TICKETS = 30
"""Tickets that each writer writes at least; more until there were enough rotations."""
MOST_TICKETS = 2_000
ROTATIONS = 3
POSTGRESQL = pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True
)


def keep(store: Store, now: datetime) -> TicketId:
    """Keep a ticket and an order, which is indexed."""
    with store.begin() as tx:
        ticket = open_ticket(tx, now)
        say(tx, ticket, now, value(PERSON))
        tx.orders.upsert(order_news(), now=now, retention_days=DAYS)
    return ticket


def rotate(store: Store, now: datetime) -> int:
    """Rotate without a time of grace. Returns the new epoch."""
    epoch = store.rotation.advance(now)
    assert store.rotation.rewrap(now, by=BY)[0] == epoch
    store.rotation.destroy(epoch, now, by=BY)
    return epoch


def opens(store: Store, ticket: TicketId, now: datetime) -> bool:
    """Return whether ticket, order and index open."""
    with store.read() as tx:
        order = tx.orders.get(ORDER, now, DAYS)
        assert order is not None
        return (
            tx.tickets.reveal(ticket) == (("<PERSON_1>", RawText(PERSON)),)
            and order.pii["first_name"] == RawText("Wilhelmina")
            and tx.orders.traced(ACME, [RawText("wilhelmina quackenbush")], now, DAYS) == (ORDER,)
        )


def epochs(store: Store) -> dict[str, int]:
    """Return which epoch wraps whose data key."""
    with store.read() as tx:
        return {
            row.owner: row.epoch
            for row in tx.session.scalars(select(DataKeyRow).order_by(DataKeyRow.owner))
        }


def audited(store: Store) -> list[dict[str, int | str]]:
    """Return what the audit says of rotations; the chain holds."""
    with store.read() as tx:
        tx.audit.verify()
        return [dict(entry.facts) for entry in tx.audit.about("keyring")]


def test_a_rotation_wraps_all_that_lives(store: Store, now: datetime, tmp_path: Path) -> None:
    """Tickets, orders and the index open as before, and one epoch is left."""
    ticket = keep(store, now)
    before = epochs(store)
    assert set(before.values()) == {1}

    assert rotate(store, now) == 2

    assert epochs(store) == dict.fromkeys(before, 2)
    assert opens(store, ticket, now)
    assert FileKeyring.open(tmp_path / "keyring.json").epochs == (Epoch(number=2, made_at=now),)
    assert audited(store) == [
        {"step": "rewrapped", "epoch": 2, "older": 1, "keys": 3},
        {"step": "destroyed", "epoch": 2, "destroyed": 1},
    ]


def test_a_database_without_keys_rotates(store: Store, now: datetime) -> None:
    """With nothing sealed the epoch turns all the same."""
    assert rotate(store, now) == 2
    assert [each["step"] for each in audited(store)] == ["rewrapped", "destroyed"]


def test_more_keys_than_a_batch_holds(store: Store, now: datetime, tmp_path: Path) -> None:
    """Batch follows batch until none is left, each key its own."""
    sealing = Sealing(FileKeyring.open(tmp_path / "keyring.json"))
    owners = [Owner(f"ticket:{number}") for number in range(4_500)]
    keys = {owner: sealing.new_key(owner) for owner in owners}
    with store.begin() as tx:
        tx.session.execute(
            insert(DataKeyRow),
            [
                {"owner": owner, "epoch": key.epoch, "wrapped": key.wrapped}
                for owner, (_, key) in keys.items()
            ],
        )

    rotate(store, now)

    assert audited(store)[0]["keys"] == len(owners)
    with store.read() as tx:
        rows = tx.session.scalars(select(DataKeyRow)).all()
    assert len(rows) == len(owners)
    for row in rows:
        wrapped = type(keys[row.owner][1])(epoch=row.epoch, wrapped=row.wrapped)
        opened = sealing.open_key(row.owner, wrapped)
        assert opened.material() == keys[row.owner][0].material()


@pytest.mark.parametrize(
    ("age", "due"),
    [
        (timedelta(0), False),
        (DAY - timedelta(seconds=1), False),
        (DAY, True),
        (9 * DAY, True),
        (timedelta(minutes=-1), False),
        (-DAY, True),
    ],
)
def test_an_epoch_is_due_when_it_is_old(
    store: Store, now: datetime, age: timedelta, due: bool
) -> None:
    """A day old is due, also a day in the future, which only a wrong clock makes."""
    assert store.rotation.is_due(now, DAY)  # of an unknown age
    store.rotation.advance(now)

    assert store.rotation.is_due(now + age, DAY) is due


def test_a_rotation_is_taken_up_where_it_stopped(store: Store, now: datetime) -> None:
    """After each step it is unfinished, and going through all of them again finishes it."""
    ticket = keep(store, now)
    assert not store.rotation.is_unfinished()
    store.rotation.advance(now)
    assert store.rotation.is_unfinished()
    store.rotation.rewrap(now, by=BY)
    assert store.rotation.is_unfinished()

    assert store.rotation.rewrap(now, by=BY) == (2, 0)
    assert store.rotation.destroy(2, now, by=BY) == 1

    assert not store.rotation.is_unfinished()
    assert store.rotation.destroy(2, now, by=BY) == 0
    assert opens(store, ticket, now)
    assert [each["step"] for each in audited(store)] == ["rewrapped", "destroyed"]


def test_epochs_that_were_left_go_together(store: Store, now: datetime) -> None:
    """Keys of several older epochs are wrapped by the newest, and all the older ones go."""
    ticket = keep(store, now)
    store.rotation.advance(now)
    with store.begin() as tx:
        other = open_ticket(tx, now, SlackTs("2.2"))
        say(tx, other, now, value("Odalys Fennimore"), ts="2.3")
    assert set(epochs(store).values()) == {1, 2}

    assert rotate(store, now) == 3

    assert opens(store, ticket, now)
    assert audited(store)[-1]["destroyed"] == 2


class Unlucky:
    """A keyring that ends its process, so to speak, at the nth call of a method."""

    def __init__(self, keyring: FileKeyring, method: str, after: int) -> None:
        self._keyring, self._method, self._left = keyring, method, after

    @property
    def id(self) -> str:
        """The keyring's."""
        return self._keyring.id

    @property
    def current(self) -> int:
        """The keyring's."""
        return self._keyring.current

    @property
    def epochs(self) -> tuple[Epoch, ...]:
        """The keyring's."""
        return self._keyring.epochs

    def wrap(self, key: bytes, context: bytes) -> tuple[int, bytes]:
        """Wrap, and end."""
        done = self._keyring.wrap(key, context)
        self._count("wrap")
        return done

    def unwrap(self, epoch: int, wrapped: bytes, context: bytes) -> bytes:
        """Unwrap."""
        return self._keyring.unwrap(epoch, wrapped, context)

    def advance(self, *, after: int, now: datetime) -> int:
        """Begin an epoch, and end."""
        done = self._keyring.advance(after=after, now=now)
        self._count("advance")
        return done

    def destroy_before(self, epoch: int) -> int:
        """Destroy, and end."""
        done = self._keyring.destroy_before(epoch)
        self._count("destroy_before")
        return done

    def _count(self, method: str) -> None:
        if method == self._method:
            self._left -= 1
            if not self._left:
                raise SystemExit


@pytest.mark.parametrize(
    ("method", "after"), [("advance", 1), ("wrap", 1), ("wrap", 3), ("destroy_before", 1)]
)
def test_a_rotation_that_is_killed_is_finished_by_the_next(
    store: Store, now: datetime, tmp_path: Path, method: str, after: int
) -> None:
    """Whenever it ends nothing is lost, and the next one leaves one epoch and a whole audit."""
    ticket = keep(store, now)
    ring: Keyring = Unlucky(FileKeyring.open(tmp_path / "keyring.json"), method, after)
    killed = Rotation(store.database, ring, Sealing(ring))
    with pytest.raises(SystemExit):
        rotate_by(killed, now)
    assert opens(store, ticket, now)
    assert store.rotation.is_unfinished()

    epoch, _ = store.rotation.rewrap(now, by=BY)
    store.rotation.destroy(epoch, now, by=BY)

    assert opens(store, ticket, now)
    assert set(epochs(store).values()) == {2}
    assert not store.rotation.is_unfinished()
    state = store.rotation.state()
    assert (state.epoch, state.older, state.keys, state.waiting, state.lost) == (2, 0, 3, 0, 0)
    assert audited(store) == [
        {"step": "rewrapped", "epoch": 2, "older": 1, "keys": 3},
        {"step": "destroyed", "epoch": 2, "destroyed": 1},
    ]


def rotate_by(killed: Rotation, now: datetime) -> None:
    """Take all the steps."""
    killed.advance(now)
    epoch, _ = killed.rewrap(now, by=BY)
    killed.destroy(epoch, now, by=BY)


def test_an_epoch_in_use_is_not_destroyed(store: Store, now: datetime, tmp_path: Path) -> None:
    """A data key that still opens by an older epoch keeps it, until it is wrapped anew."""
    ticket = keep(store, now)
    store.rotation.advance(now)

    with pytest.raises(EpochInUse):
        store.rotation.destroy(2, now, by=BY)

    assert opens(store, ticket, now)
    assert len(FileKeyring.open(tmp_path / "keyring.json").epochs) == 2
    assert audited(store) == []


def test_a_broken_key_holds_nothing_up(store: Store, now: datetime) -> None:
    """A wrapped key that no keyring opens does not keep an epoch alive; it counts as lost."""
    ticket = keep(store, now)
    with store.begin() as tx:
        tx.session.add(DataKeyRow(owner=Owner("ticket:999"), epoch=1, wrapped=b"\x00" * 60))

    rotate(store, now)

    assert opens(store, ticket, now)
    state = store.rotation.state()
    assert (state.keys, state.lost, state.older) == (3, 1, 0)


def test_keys_of_destroyed_epochs_are_counted(store: Store, now: datetime) -> None:
    """In a restored backup there are keys that open no more, and rotation goes on without them."""
    ticket = keep(store, now)
    rotate(store, now)
    with store.begin() as tx:
        mine = DataKeyRow.owner == ticket_owner(ticket)
        tx.session.execute(update(DataKeyRow).where(mine).values(epoch=1))

    rotate(store, now)

    state = store.rotation.state()
    assert (state.epoch, state.keys, state.waiting, state.lost) == (3, 2, 0, 1)
    with store.read() as tx, pytest.raises(KeyDestroyed):
        tx.tickets.reveal(ticket)


def test_a_ticket_that_is_resolved_meanwhile_gets_no_key(store: Store, now: datetime) -> None:
    """A rotation waits for the resolution and does not bring the key back."""
    ticket = keep(store, now)
    store.rotation.advance(now)
    with ThreadPoolExecutor(1) as pool:
        with store.begin() as tx:
            tx.tickets.resolve(ticket, by="U0009", trigger=Trigger.COMMAND, now=now)
            done = pool.submit(store.rotation.rewrap, now, by=BY)
            time.sleep(0.5)
            assert not done.done()
        assert done.result(30) == (2, 2)

    store.rotation.destroy(2, now, by=BY)
    assert ticket_owner(ticket) not in epochs(store)


def test_a_key_that_is_being_made_is_waited_for(store: Store, now: datetime) -> None:
    """A key that an open transaction wrapped by the older epoch is wrapped anew before it goes."""
    with ThreadPoolExecutor(1) as pool:
        with store.begin() as tx:
            ticket = open_ticket(tx, now)
            say(tx, ticket, now, value(PERSON))
            done = pool.submit(rotate, store, now)
            time.sleep(0.5)
            assert not done.done()
            tx.orders.upsert(order_news(), now=now, retention_days=DAYS)
        assert done.result(30) == 2

    assert opens(store, ticket, now)
    assert set(epochs(store).values()) == {2}


@POSTGRESQL
def test_what_a_transaction_read_before_is_read_anew(store: Store, now: datetime) -> None:
    """A transaction that writes finds a key by which it was wrapped since. SQLite has none such."""
    ticket = keep(store, now)
    with store.begin() as tx:
        known = tx.tickets.reveal(ticket)
        # Held here, so that the session goes on having them as they were.
        owners = ticket_owner(ticket), order_owner(ORDER)
        rows = [tx.session.get_one(DataKeyRow, owner) for owner in owners]
        rotate(store, now)
        assert [row.epoch for row in rows] == [1, 1]

        assert tx.tickets.reveal(ticket) == known
        say(tx, ticket, now, value("Odalys Fennimore"), ts="2.3")
        tx.orders.upsert(order_news(phone=RawText("555-0199")), now=now, retention_days=DAYS)
    assert set(epochs(store).values()) == {2}
    with store.read() as tx:
        assert tx.session.scalars(select(OrderTraceRow.order_id)).first() == ORDER


@POSTGRESQL
def test_a_row_that_is_locked_for_long_keeps_its_epoch(
    store: Store, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rotation gives up on it after a while, destroys nothing, and is finished by the next."""
    ticket = keep(store, now)
    monkeypatch.setattr(rotation, "_PASSES", 2)
    epoch = store.rotation.advance(now)
    with store.begin() as tx:
        tx.session.get_one(DataKeyRow, ticket_owner(ticket), with_for_update=True)

        with pytest.raises(EpochInUse):
            store.rotation.rewrap(now, by=BY)
        with pytest.raises(EpochInUse):
            store.rotation.destroy(epoch, now, by=BY)

    assert set(epochs(store).values()) == {1, 2}
    assert rotate(store, now) == 3
    assert opens(store, ticket, now)


def test_nothing_that_is_kept_is_ever_lost(
    store: Store, database_url: str, tmp_path: Path, now: datetime
) -> None:
    """Tickets come and go while rotations run without any grace: all live ones open afterwards.

    Each writer has a store of its own, as another process would.
    """
    kept: dict[TicketId, str] = {}
    gone: list[TicketId] = []

    def write(writer: int) -> None:
        own = Store.open(database_url, tmp_path / "keyring.json")
        for number in range(MOST_TICKETS):
            if number >= TICKETS and store.rotation.state().epoch > ROTATIONS:
                break
            name = f"{PERSON} {writer} {number}"
            with own.begin() as tx:
                ticket = open_ticket(tx, now, SlackTs(f"{writer}.{number}"))
                say(tx, ticket, now, value(name), ts=f"{writer}.{number}1")
            with own.begin() as tx:
                tx.orders.upsert(order_news(), now=now, retention_days=DAYS)
                if number % 3 == 0:
                    tx.tickets.resolve(ticket, by="U0009", trigger=Trigger.COMMAND, now=now)
                else:
                    say(tx, ticket, now, value(name), ts=f"{writer}.{number}2")
            if number % 3 == 0:
                gone.append(ticket)
            else:
                kept[ticket] = name
        own.close()

    with ThreadPoolExecutor(3) as pool:
        writers = [pool.submit(write, writer) for writer in range(3)]
        while not all(writer.done() for writer in writers):
            rotate(store, now)
        for done in writers:
            done.result()

    assert len(kept) + len(gone) >= 3 * TICKETS
    assert store.rotation.state().epoch > ROTATIONS
    again = Store.open(database_url, tmp_path / "keyring.json")
    with again.read() as tx:
        for ticket, name in kept.items():
            assert tx.tickets.reveal(ticket) == (("<PERSON_1>", RawText(name)),)
        order = tx.orders.get(ORDER, now, DAYS)
        assert order is not None
        assert order.pii["first_name"] == RawText("Wilhelmina")
    assert not {ticket_owner(ticket) for ticket in gone} & set(epochs(again))
    assert again.rotation.state().lost == 0
    again.close()


def test_a_naive_time_is_refused(store: Store, now: datetime) -> None:
    """The keyring does not change."""
    for step in (store.rotation.advance, lambda at: store.rotation.rewrap(at, by=BY)):
        with pytest.raises((ValueError, StorageError)):
            step(now.replace(tzinfo=None))
    assert store.rotation.state().epoch == 1
