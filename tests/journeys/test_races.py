"""Events that come late, twice, out of order or at once with a resolution bring nothing back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import event, func, select

from bot import app, jobs
from bot.arrivals import Arrival, Kind
from bot.intake import Intake
from bot.kept_messages import Outcome
from bot.people import Roster
from bot.records import Records
from bot.settings import from_environment
from nlp.scrubber import KnownValue, PresidioScrubber, Scrubbed, Scrubber
from nlp.text import RawText, ScrubbedText
from storage.ids import ChannelId, EventId, MerchantId, SlackTs, TeamId, TicketId, UserId
from storage.inbox_records import REMEMBERED
from storage.tables import Base, DataKeyRow, MessageRow, PlaceholderRow, SealedValueRow
from storage.tickets import TicketState, Trigger

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
TEAM, CHANNEL, USER = TeamId("T0001"), ChannelId("C0001"), UserId("U0001")
ROUNDS = 200
SOME = 50
SENSITIVE: tuple[type[Base], ...] = (SealedValueRow, PlaceholderRow, DataKeyRow)
ASKED = RawText("can you do prime for Odalys Fennimore, 415-555-0142?")
EDITED = RawText("can you do prime for Thaddeus Okonjo, 802-555-0143?")
THANKED = RawText("ok thx 415-555-0189")


class Remembering(Scrubber):
    """The real scrubber, asked once for each of the few texts of this file."""

    def __init__(self) -> None:
        self._real = PresidioScrubber()
        self._known: dict[int, Scrubbed] = {}
        self._lock = threading.Lock()

    def scrub(
        self,
        text: RawText,
        /,
        *,
        known: Sequence[KnownValue] = (),
        after: ScrubbedText | None = None,
    ) -> Scrubbed:
        """Return the text without PII."""
        with self._lock:
            if id(text) not in self._known:
                self._known[id(text)] = self._real.scrub(text)
            return self._known[id(text)]

    def order_ids(self, text: RawText, /) -> tuple[str, ...]:
        """Return none: no text of this file names an order."""
        return ()

    def candidates(self, text: RawText, /) -> tuple[RawText, ...]:
        """Return none: there are no orders."""
        return ()


class Door:
    """The intake over real records, and what it left in them."""

    def __init__(self, records: Records, scrubber: Scrubber) -> None:
        self.records = records
        self._intake = Intake(
            store=records.store,
            scrubber=scrubber,
            jobs=records.jobs,
            roster=Roster(team=TEAM, listed=frozenset()),
            triage=records.triage,
            clock=lambda: NOW,
            retention_days=30,
        )

    def takes(self, arrival: Arrival) -> Outcome:
        """Take an arrival in."""
        return self._intake.receive(arrival)

    def resolves(self, thread: str) -> None:
        """Resolve the ticket of a thread, if it has one."""
        with self.records.store.begin() as kept:
            found = kept.tickets.latest(TEAM, CHANNEL, SlackTs(thread))
            if found is not None:
                self.records.resolver.resolve(
                    kept, found.ticket_id, by="U0009", trigger=Trigger.COMMAND
                )

    def states(self) -> dict[TicketId, TicketState]:
        """Return every ticket's state."""
        with self.records.store.read() as kept:
            return {each.ticket_id: each.state for each in kept.tickets.list()}

    def left(self) -> list[int]:
        """Count the rows of every table that holds something sensitive of a ticket."""
        return [self.count(table) for table in SENSITIVE]

    def count(self, table: type[Base]) -> int:
        """Count the rows of a table."""
        with self.records.store.read() as kept:
            return kept.session.scalars(select(func.count()).select_from(table)).one()

    def forgets(self, moment: datetime) -> None:
        """Forget the deliveries of before a moment."""
        with self.records.store.begin() as kept:
            kept.inbox.forget_before(moment, limit=1_000_000)


@pytest.fixture(scope="module")
def scrubber() -> Scrubber:
    """One scrubber for the file, since its model takes a while to load."""
    return Remembering()


@pytest.fixture
def door(database_url: str, tmp_path: Path, scrubber: Scrubber) -> Iterator[Door]:
    """An intake for a linked channel, on each kind of database."""
    home = {"CARE_HOME": str(tmp_path / "home"), "DATABASE_URL": database_url}
    jobs.prepare(database_url)
    with app.records(from_environment(home), clock=lambda: NOW) as records:
        if records.store.database.is_sqlite:
            # The order of things is at stake here, not that they outlive a loss of power.
            records.store.database.engine.dispose()
            event.listen(
                records.store.database.engine,
                "connect",
                lambda connection, _: connection.execute("PRAGMA synchronous=OFF"),
            )
        with records.store.begin() as kept:
            kept.merchants.link(TEAM, CHANNEL, MerchantId("birch"), NOW)
        yield Door(records, scrubber)


def _message(number: int, text: RawText = ASKED, **parts: object) -> Arrival:
    ts = SlackTs(f"17000{number:05}.000100")
    arrival = Arrival(
        kind=Kind.MESSAGE,
        event=EventId(f"Ev{number}"),
        team=TEAM,
        user_team=TEAM,
        channel=CHANNEL,
        user=USER,
        ts=ts,
        thread_ts=None,
        direct=False,
        text=text,
    )
    return replace(arrival, **parts)  # type: ignore[arg-type]


def _edit(number: int) -> Arrival:
    return _message(number, EDITED, kind=Kind.EDIT, event=EventId(f"Ed{number}"))


def _deletion(number: int) -> Arrival:
    return _message(number, RawText(""), kind=Kind.DELETION, event=EventId(f"De{number}"))


def _together(*acts: Callable[[int], object], rounds: int = ROUNDS) -> None:
    """Act at once in every round, a thread for each act."""
    start = threading.Barrier(len(acts))

    def run(act: Callable[[int], object]) -> None:
        for number in range(rounds):
            start.wait(60)
            act(number)

    with ThreadPoolExecutor(len(acts)) as pool:
        for done in [pool.submit(run, act) for act in acts]:
            done.result()


def test_an_edit_and_a_copy_that_race_a_resolution_leave_nothing(door: Door) -> None:
    """A copy, an edit and late thanks at the moment of the resolution: nothing sensitive stays."""
    for number in range(ROUNDS):
        door.takes(_message(number))
    assert door.left()[0] > 0

    _together(
        lambda number: door.takes(_message(number)),
        lambda number: door.takes(_edit(number)),
        lambda number: door.takes(
            _message(
                50_000 + number,
                THANKED,
                thread_ts=_message(number).ts,
                event=EventId(f"Th{number}"),
            )
        ),
        lambda number: door.resolves(_message(number).ts),
    )

    assert set(door.states().values()) == {TicketState.RESOLVED}
    assert len(door.states()) == ROUNDS
    assert door.left() == [0, 0, 0]


def test_what_comes_after_the_resolution_brings_nothing_back(door: Door) -> None:
    """Copies, edits, deletions and thanks in any order: no value, no placeholder, no data key."""
    for number in range(ROUNDS):
        door.takes(_message(number))
        door.resolves(_message(number).ts)
    assert door.left() == [0, 0, 0]
    random = Random(3)

    def late(number: int) -> list[Arrival]:
        thanks = replace(_message(50_000 + number, THANKED), thread_ts=_message(number).ts)
        events = [_message(number), _message(number), _edit(number), _edit(number), thanks]
        events += [_deletion(number)] if number % 2 else []
        return random.sample(events, len(events))

    schedule = [late(number) for number in range(ROUNDS)]

    def half(which: int) -> Callable[[int], object]:
        return lambda number: [door.takes(each) for each in schedule[number][which::2]]

    _together(half(0), half(1))

    assert door.left() == [0, 0, 0]
    assert set(door.states().values()) == {TicketState.RESOLVED}


def test_a_deletion_before_its_message_keeps_it_out(door: Door) -> None:
    """A message whose deletion was told first is not stored, however often it is told."""
    for number in range(ROUNDS):
        assert door.takes(_deletion(number)) is Outcome.IGNORED
        assert door.takes(_message(number)) is Outcome.DUPLICATE
        mention = _message(number, kind=Kind.MENTION, event=EventId(f"Me{number}"))
        assert door.takes(mention) is Outcome.DUPLICATE

    assert door.count(MessageRow) == 0
    assert door.left() == [0, 0, 0]


def test_a_deletion_at_once_with_its_message_leaves_no_text(door: Door) -> None:
    """Whichever is first, no value of the message is kept."""
    _together(
        lambda number: door.takes(_message(number)),
        lambda number: door.takes(_deletion(number)),
    )

    with door.records.store.read() as kept:
        texts = kept.session.scalars(select(MessageRow.text)).all()
    assert set(texts) <= {None}
    assert door.left()[0] == 0


def test_a_reopened_ticket_starts_with_nothing(door: Door) -> None:
    """A question after the resolution reopens the ticket; its first person is number 1 again."""
    for number in range(SOME):
        root = _message(number)
        door.takes(root)
        door.resolves(root.ts)
    again = [replace(_message(50_000 + n, EDITED), thread_ts=_message(n).ts) for n in range(SOME)]

    _together(
        lambda number: door.takes(again[number]),
        lambda number: door.takes(_edit(number)),
        rounds=SOME,
    )

    assert set(door.states().values()) == {TicketState.REOPENED}
    with door.records.store.read() as kept:
        for ticket in door.states():
            opened = kept.tickets.reveal(ticket)
            assert RawText("Odalys Fennimore") not in [value for _, value in opened]
            assert ("<PERSON_1>", RawText("Thaddeus Okonjo")) in opened


def test_a_replay_after_forgetting_brings_nothing_back(door: Door) -> None:
    """Fifteen days later the deliveries are forgotten, and copies of all of them change nothing."""
    kept_out = [_message(number) for number in range(0, 30, 3)]
    for number in range(30):
        door.takes(_message(number))
        if number % 3 == 0:
            door.takes(_deletion(number))
        door.resolves(_message(number).ts)
    before = (door.states(), door.count(MessageRow))

    door.forgets(NOW + timedelta(days=15) - REMEMBERED)
    outcomes = {door.takes(_message(number)) for number in range(30)}
    outcomes |= {door.takes(each) for each in kept_out}

    assert outcomes == {Outcome.DUPLICATE}
    for number in range(30):
        assert door.takes(_edit(number)) in (Outcome.CHANGED, Outcome.IGNORED)
    assert (door.states(), door.count(MessageRow)) == before
    assert door.left() == [0, 0, 0]
