"""Background work: with the transaction or not at all, once, retried, and ids alone are kept."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Final

import pytest
from dbos import DBOS
from sqlalchemy import Engine as SqlEngine
from sqlalchemy import inspect, select, table, text

from bot import log
from bot.engine import Engine, Work
from bot.errors import SlackBusy
from bot.jobs import IdsOnly, Job, Jobs, prepare
from nlp.text import RawText
from storage.store import Store

CANARY: Final = "Quackenbush"
PATIENCE: Final = 15.0
"""Seconds that a test waits for work to be done."""


SQLITE: Final = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what is the engine's own doing on either database."""


class Worked:
    """Work that writes down what it is asked to do, and fails where it is told to."""

    def __init__(self) -> None:
        self.done: list[tuple[str, int]] = []
        self.times: list[datetime] = []
        self.fails: dict[tuple[str, int], list[Exception]] = {}
        self.replies: dict[int, list[int]] = {}
        self.hold = threading.Event()
        self.hold.set()
        self._changed = threading.Condition()

    def work(self) -> Work:
        """Return the functions that the jobs call."""
        return Work(
            answer=self._answer,
            apologise=self._answer,
            send=lambda reply: self._note("send", reply),
            give_up=lambda reply: self._note("give up", reply),
            erase=lambda ticket: self._note("erase", ticket),
            hourly=self.times.append,
            rotate=self._rotate,
            retire=lambda epoch: self._note("retire", epoch),
            scan=lambda _: [],
            leave=lambda _: None,
            clear=lambda _: [],
            not_cleared=lambda _: [],
            renew=lambda _: 0,
            service=self.times.append,
            anchor=self.times.append,
            read=lambda feed, turn: self._note(f"read {feed}", turn),
            feeds=self.times.append,
            notices=self.times.append,
        )

    def wait_for(self, *expected: tuple[str, int]) -> None:
        """Wait until all of this was done."""
        with self._changed:
            came = self._changed.wait_for(
                lambda: all(each in self.done for each in expected), PATIENCE
            )
        assert came, self.done

    def _answer(self, message: int) -> list[int]:
        self._note("answer", message)
        return self.replies.get(message, [])

    def _rotate(self, at: datetime) -> int:
        self.times.append(at)
        return 0

    def _note(self, what: str, number: int) -> None:
        self.hold.wait(PATIENCE)
        failures = self.fails.get((what, number))
        with self._changed:
            self.done.append((what, number))
            self._changed.notify_all()
        if failures:
            raise failures.pop(0)


@pytest.fixture(autouse=True)
def written() -> Iterator[StringIO]:
    """What the log says; the engine's own records come to it, withheld."""
    restore = log.preserved()
    stream = StringIO()
    log.configure("INFO", stream)
    yield stream
    restore()


@pytest.fixture
def jobs(store: Store) -> Iterator[Jobs]:
    """The sending end, over a database with the engine's tables."""
    prepare(store.database.url)
    opened = Jobs(store.database.engine)
    yield opened
    opened.close()


@pytest.fixture
def worked() -> Worked:
    """What the jobs did."""
    return Worked()


@contextmanager
def working(store: Store, worked: Worked) -> Iterator[None]:
    """Work on what is enqueued."""
    engine = Engine(store.database.engine, worked.work(), worker="worker-1")
    try:
        yield
    finally:
        worked.hold.set()
        engine.close()


def enqueue(store: Store, jobs: Jobs, *pairs: tuple[Job, int], lane: str = "a") -> None:
    """Enqueue jobs in a transaction of their own."""
    with store.begin() as records:
        for job, number in pairs:
            jobs.enqueue(records.session, job, number, lane=lane)


def stored(engine: SqlEngine) -> str:
    """Return all that stands in the engine's own tables, as one text."""
    schema = None if engine.dialect.name == "sqlite" else "dbos"
    found = []
    with engine.connect() as connection:
        for name in inspect(connection).get_table_names(schema=schema):
            rows = connection.execute(select(text("*")).select_from(table(name, schema=schema)))
            found += [f"{name} {tuple(row)!r}" for row in rows]
    return "\n".join(found)


def settled(store: Store, *workflows: str) -> None:
    """Wait until the engine has noted that these are over, well or not."""
    schema = "" if store.database.is_sqlite else "dbos."
    statement = text(f"SELECT workflow_uuid, status FROM {schema}workflow_status")
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with store.database.engine.connect() as connection:
            states = {str(row[0]): str(row[1]) for row in connection.execute(statement)}
        if all(states.get(each) in ("SUCCESS", "ERROR") for each in workflows):
            return
        time.sleep(0.05)
    raise AssertionError(states)


VALUES: Final = [
    7, None, [1, 2], {"args": [1], "kwargs": {}}, 0.5, "answer-7", True, {"a": [{"b": None}]},
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_ids_and_counts_come_back(value: object) -> None:
    """What a job carries is kept as JSON and comes back as it was."""
    kept = IdsOnly().serialize(value)
    assert json.loads(kept) == value
    assert IdsOnly().deserialize(kept) == value


def test_a_time_comes_back_as_a_time() -> None:
    """The schedule's time is kept in ISO 8601 and is a time again, however deep it lies."""
    given = {"args": [datetime(2026, 3, 1, tzinfo=UTC), {"at": 1}], "kwargs": {}}
    kept = IdsOnly().serialize(given)

    assert "2026-03-01T00:00:00+00:00" in kept
    assert IdsOnly().deserialize(kept) == given


@pytest.mark.parametrize("schedule", ["hourly", "rotation", "anchoring", "service"])
def test_what_runs_by_the_clock_is_told_the_time(
    store: Store, worked: Worked, schedule: str
) -> None:
    """The work of each schedule gets the time of its run, aware, through the engine's own queue."""
    before = datetime.now(UTC)
    with working(store, worked):
        DBOS.trigger_schedule(schedule).get_result()

    (at,) = worked.times
    assert before <= at <= datetime.now(UTC)


REFUSED: Final = [
    RawText(CANARY),
    [1, RawText(CANARY)],
    {"args": (RawText(CANARY),), "kwargs": {}},
    CANARY.encode(),
    object(),
    {1, 2},
]
REFUSED_NAMES: Final = ["text", "text in a list", "text in arguments", "bytes", "object", "set"]


@pytest.mark.parametrize("value", REFUSED, ids=REFUSED_NAMES)
def test_text_of_a_person_is_refused(value: object) -> None:
    """Raw text and other objects are not kept, however deep, and the error does not show them."""
    with pytest.raises(TypeError) as refused:
        IdsOnly().serialize(value)
    assert CANARY not in str(refused.value)


def _noted() -> Exception:
    error = ValueError(CANARY)
    error.add_note(CANARY)
    error.__cause__ = KeyError(CANARY)
    return error


@pytest.mark.parametrize(
    "error", [ValueError(CANARY), ExceptionGroup(CANARY, [_noted()]), _noted()]
)
def test_of_an_error_its_class_is_kept(error: Exception) -> None:
    """Of an error neither message nor cause nor notes are kept."""
    kept = IdsOnly().serialize(error)
    assert json.loads(kept) == {"error": type(error).__name__}
    back = IdsOnly().deserialize(kept)
    assert isinstance(back, RuntimeError)
    assert str(back) == type(error).__name__


def test_work_of_a_rolled_back_transaction_is_never_done(
    store: Store, jobs: Jobs, worked: Worked
) -> None:
    """A job is enqueued with its transaction or not at all."""
    with suppress(ZeroDivisionError), store.begin() as records:
        jobs.enqueue(records.session, Job.ERASE, 1 // 1, lane="a")
        jobs.enqueue(records.session, Job.ERASE, 1 // 0, lane="a")
    enqueue(store, jobs, (Job.ERASE, 2), lane="a")
    with working(store, worked):
        worked.wait_for(("erase", 2))
        settled(store, "erase-000000000002")
    assert worked.done == [("erase", 2)]
    assert "erase-000000000001" not in stored(store.database.engine)


def test_the_same_job_is_done_once(store: Store, jobs: Jobs, worked: Worked) -> None:
    """A job that is enqueued again, before or after it was done, does not run again."""
    enqueue(store, jobs, (Job.ERASE, 1), (Job.ERASE, 1))
    enqueue(store, jobs, (Job.ERASE, 1), lane="b")
    with working(store, worked):
        worked.wait_for(("erase", 1))
        settled(store, "erase-000000000001")
        enqueue(store, jobs, (Job.ERASE, 1), (Job.ERASE, 2))
        worked.wait_for(("erase", 2))
        settled(store, "erase-000000000002")
    assert sorted(worked.done) == [("erase", 1), ("erase", 2)]


def test_a_step_that_fails_is_tried_again_and_ids_alone_are_kept(
    store: Store, jobs: Jobs, worked: Worked, written: StringIO
) -> None:
    """A failing step is retried; neither tables, files nor log hold what its error said."""
    worked.fails["answer", 1] = [_noted()]
    worked.replies[1] = [5, 6]
    with working(store, worked):
        enqueue(store, jobs, (Job.ANSWER, 1))
        worked.wait_for(("send", 6))
        settled(store, "answer-000000000001")
    assert worked.done == [("answer", 1)] * 2 + [("send", 5), ("send", 6)]
    assert "answer-000000000001" in stored(store.database.engine)
    assert CANARY not in stored(store.database.engine) + written.getvalue()
    for file in store.database.files():
        assert CANARY.encode() not in file.read_bytes()


@SQLITE
@pytest.mark.parametrize("error", [RuntimeError("no database"), SlackBusy(0.3)], ids=type)
def test_what_is_not_sent_with_its_answer_is_sent_after_it(
    store: Store, jobs: Jobs, worked: Worked, error: Exception
) -> None:
    """A failure to send, of whatever kind, neither answers again nor changes the order."""
    worked.replies[1] = [5, 6, 7]
    worked.fails["send", 6] = [error]
    with working(store, worked):
        enqueue(store, jobs, (Job.ANSWER, 1))
        worked.wait_for(("send", 7))
        settled(store, "answer-000000000001")

    assert worked.done == [("answer", 1), *(("send", number) for number in (5, 6, 6, 7))]


def test_the_search_of_the_tables_finds_what_is_there(store: Store, jobs: Jobs) -> None:
    """The positive control: an id that was enqueued stands in the tables that are searched."""
    enqueue(store, jobs, (Job.ERASE, 31337), lane="C0001:1795401886.000100")
    assert "31337" in stored(store.database.engine)
    assert "C0001:1795401886.000100" in stored(store.database.engine)


@SQLITE
def test_a_busy_slack_is_tried_again_after_its_time(
    store: Store, jobs: Jobs, worked: Worked
) -> None:
    """Where Slack asks to wait, the reply is sent again after that time, and then done."""
    worked.fails["send", 1] = [SlackBusy(0.3), SlackBusy(0.0)]
    enqueue(store, jobs, (Job.SEND, 1))
    with working(store, worked):
        worked.wait_for(("send", 1))
        started = time.monotonic()
        settled(store, "send-000000000001")
    assert time.monotonic() - started >= 0.3
    assert worked.done == [("send", 1)] * 3


@SQLITE
def test_jobs_of_one_lane_run_in_order(store: Store, jobs: Jobs, worked: Worked) -> None:
    """Jobs of a lane run in order, also those of one transaction, and hold up no other lane."""
    gate = threading.Event()
    inner = worked.work()
    slow = Work(
        answer=inner.answer,
        apologise=inner.apologise,
        send=_behind(gate, inner.send),
        give_up=inner.give_up,
        erase=inner.erase,
        hourly=inner.hourly,
        rotate=inner.rotate,
        retire=inner.retire,
        scan=inner.scan,
        leave=inner.leave,
        clear=inner.clear,
        not_cleared=inner.not_cleared,
        renew=inner.renew,
        service=inner.service,
        anchor=inner.anchor,
        read=inner.read,
        feeds=inner.feeds,
        notices=None,
    )
    enqueue(store, jobs, *((Job.SEND, number) for number in (8, 9, 10, 11, 100)), lane="slow")
    enqueue(store, jobs, (Job.ERASE, 2), lane="fast")
    engine = Engine(store.database.engine, slow, worker="worker-1")
    try:
        worked.wait_for(("erase", 2))
        assert worked.done == [("erase", 2)]
        gate.set()
        worked.wait_for(("send", 100))
    finally:
        gate.set()
        engine.close()
    assert worked.done[1:] == [("send", number) for number in (8, 9, 10, 11, 100)]


def _behind(gate: threading.Event, function: Callable[[int], None]) -> Callable[[int], None]:
    def wait_first(number: int) -> None:
        gate.wait(PATIENCE)
        function(number)

    return wait_first


@SQLITE
def test_work_waits_for_a_worker(store: Store, jobs: Jobs, worked: Worked) -> None:
    """What was enqueued while nobody worked is done by the next worker, after another stopped."""
    with working(store, worked):
        enqueue(store, jobs, (Job.ERASE, 1))
        worked.wait_for(("erase", 1))
    enqueue(store, jobs, (Job.ERASE, 2))
    assert ("erase", 2) not in worked.done
    with working(store, worked):
        worked.wait_for(("erase", 2))
    assert worked.done == [("erase", 1), ("erase", 2)]


def test_work_that_ended_long_ago_is_forgotten(store: Store, jobs: Jobs, worked: Worked) -> None:
    """The engine's rows of ended work go by their age; what is not done yet stays and is done."""
    enqueue(store, jobs, (Job.ERASE, 1))
    with working(store, worked):
        worked.wait_for(("erase", 1))
        settled(store, "erase-000000000001")
    enqueue(store, jobs, (Job.ERASE, 2))
    now = datetime.now(UTC)

    assert jobs.forget_before(now - timedelta(days=1)) == 0
    assert jobs.forget_before(now + timedelta(days=1)) == 1

    assert "erase-000000000001" not in stored(store.database.engine)
    with working(store, worked):
        worked.wait_for(("erase", 2))


def test_a_turn_waits_in_the_queue_and_is_taken_once(store: Store) -> None:
    """A turn of a feed is held back for as long as it asks, nobody sleeping, and runs once."""
    prepare(store.database.url)
    jobs = Jobs(store.database.engine)
    worked = Worked()
    began = time.monotonic()
    for _ in range(2):
        with store.begin() as records:
            jobs.enqueue_turn(records.session, 7, 3, seconds=1.5)
    assert jobs.has_turn(7, 3)
    assert not jobs.has_turn(7, 4)
    engine = Engine(store.database.engine, worked.work(), worker="worker-1")
    try:
        worked.wait_for(("read 7", 3))
        assert time.monotonic() - began >= 1.5
        assert not jobs.has_turn(7, 3)
    finally:
        engine.close()
        jobs.close()
    assert worked.done == [("read 7", 3)]
