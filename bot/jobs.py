"""Background work on DBOS, in the same database as the records: ids in, counts out.

`Jobs` enqueues inside the caller's transaction, so that a message and the work on it are stored
together or not at all. `Engine` runs the work; any number of processes may enqueue, each worker
slot has a stable name so that what it left unfinished is resumed when it comes back.
DBOS keeps one engine a process.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, TypeVar

from dbos import DBOS, DBOSClient, DBOSConfig, Serializer
from sqlalchemy import Engine as SqlEngine
from sqlalchemy.orm import Session

from bot.errors import SlackBusy
from bot.log import Event, failure, log
from storage.rotation import GRACE_SECONDS

APPLICATION: Final = "jetpack-care"
VERSION: Final = "1"
"""The version of the workflows below. It changes only when their steps do, not at each release."""
QUEUE: Final = "care"
AMAZON_QUEUE: Final = "amazon"
"""A queue of its own, so that whoever waits for an answer never waits for Amazon."""
AMAZON_CONCURRENCY: Final = 2
POLLING_SECONDS: Final = 0.1
CONCURRENCY: Final = 8
SENDING_TRIES: Final = 50
_ENDED: Final = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
_AT_ONCE: Final = 1_000
_TIME: Final = "time"
"""What marks a time in the JSON of a job."""


A = TypeVar("A")
R = TypeVar("R")


class Job(StrEnum):
    """The kinds of background work. The argument of each is one id."""

    ANSWER = "answer"
    SEND = "send"
    ERASE = "erase"
    READ = "read"  # a turn of a feed of Amazon's


class IdsOnly(Serializer):
    """What DBOS stores of a job: JSON of ids and counts, of an error its class alone."""

    def name(self) -> str:
        """Return the name that DBOS stores beside the data."""
        return "care_json"

    def serialize(self, data: Any) -> str:
        """Return `data` as JSON. Anything but ids, counts and times is refused."""
        if isinstance(data, BaseException):
            return json.dumps({"error": type(data).__name__})
        return json.dumps(data, default=_moment)

    def deserialize(self, serialized_data: str) -> Any:
        """Return what `serialize` took; an error comes back as a RuntimeError of its class name."""
        data = json.loads(serialized_data, object_hook=_moment_again)
        if isinstance(data, dict) and set(data) == {"error"}:
            return RuntimeError(data["error"])
        return data


class Jobs:
    """The sending end: puts work into the queue within the caller's transaction."""

    def __init__(self, engine: SqlEngine) -> None:
        self._client = DBOSClient(
            system_database_engine=engine, serializer=IdsOnly(), application_name=APPLICATION
        )

    def enqueue(self, session: Session, job: Job, number: int, *, lane: str) -> None:
        """Enqueue `job` about the id `number`; the same pair runs once, however often enqueued.

        Args:
            session: The transaction that it belongs to.
            job: What is to be done.
            number: The id that it is about.
            lane: Jobs of one lane, such as a conversation, run one after the other.
        """
        self._client.enqueue_in_transaction(
            session,
            {
                "workflow_name": job.value,
                "queue_name": QUEUE,
                # DBOS notes the second alone on SQLite, and orders what is of one second by
                # this id, as text.
                "workflow_id": f"{job}-{number:012}",
                "app_version": VERSION,
                "queue_partition_key": lane,
            },
            number,
        )

    def enqueue_turn(self, session: Session, feed: int, turn: int, *, seconds: float) -> None:
        """Enqueue a turn of a feed, to be taken after a while; the same turn runs once.

        Nothing sleeps meanwhile: the queue itself holds it back.
        """
        self._client.enqueue_in_transaction(
            session,
            {
                "workflow_name": Job.READ.value,
                "queue_name": AMAZON_QUEUE,
                "workflow_id": _turn_id(feed, turn),
                "app_version": VERSION,
                "delay_seconds": max(seconds, 0.0),
            },
            feed,
            turn,
        )

    def has_turn(self, feed: int, turn: int) -> bool:
        """Return whether a turn of a feed is in the queue, and nobody has begun it."""
        found = self._client.list_workflows(
            workflow_ids=[_turn_id(feed, turn)],
            status=["ENQUEUED", "DELAYED"],
            load_input=False,
            load_output=False,
        )
        return bool(found)

    def forget_before(self, moment: datetime) -> int:
        """Delete the engine's rows of work that ended before a moment. Returns how many.

        They hold ids alone; what is still to be done stays, however old.
        """
        forgotten = 0
        while ended := self._client.list_workflows(
            status=list(_ENDED),
            completed_before=moment.isoformat(),
            limit=_AT_ONCE,
            load_input=False,
            load_output=False,
        ):
            self._client.delete_workflows([each.workflow_id for each in ended])
            forgotten += len(ended)
        return forgotten

    def close(self) -> None:
        """Let go of the engine's connections."""
        self._client.destroy()


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What the jobs do, as functions over ids. `bot.app` ties them to the desk and the rest.

    Attributes:
        answer: Message id -> ids of the replies to send. Repeating it changes nothing.
        apologise: Message id -> ids of the replies that say that a person will answer.
        send: Reply id -> None. Raises SlackBusy.
        give_up: Reply id -> None; called when Slack never took it.
        erase: Ticket id -> None.
        hourly: The time -> None; what is due by the clock.
        rotate: The time -> the epoch before which keys are to be destroyed, 0 where none are.
        retire: That epoch -> None.
        anchor: The time -> None; the audit's head is signed and kept outside, once a day.
        read: Feed and turn -> None; a turn of a feed, which enqueues the next one.
        feeds: The time -> None; sees to it that every feed has a turn.
        notices: The time -> None; takes what Amazon put into the queue of its notifications.
            None where there is no queue.
    """

    answer: Callable[[int], list[int]]
    apologise: Callable[[int], list[int]]
    send: Callable[[int], None]
    give_up: Callable[[int], None]
    erase: Callable[[int], None]
    hourly: Callable[[datetime], None]
    rotate: Callable[[datetime], int]
    retire: Callable[[int], None]
    anchor: Callable[[datetime], None]
    read: Callable[[int, int], None]
    feeds: Callable[[datetime], None]
    notices: Callable[[datetime], None] | None


class Engine:
    """The working end: runs queued and scheduled work until it is closed."""

    def __init__(self, engine: SqlEngine, work: Work, *, worker: str) -> None:
        config: DBOSConfig = {
            "name": APPLICATION,
            "system_database_engine": engine,
            "serializer": IdsOnly(),
            "application_version": VERSION,
            "executor_id": worker,
            # Polling alone: LISTEN would hold a connection for each process.
            "use_listen_notify": False,
            "scheduler_polling_interval_sec": 5.0,
        }
        DBOS(config=config)
        scheduled = _register(work)
        DBOS.launch()
        DBOS.register_queue(
            QUEUE,
            worker_concurrency=CONCURRENCY,
            partition_concurrency=1,
            polling_interval_sec=POLLING_SECONDS,
        )
        DBOS.register_queue(
            AMAZON_QUEUE,
            worker_concurrency=AMAZON_CONCURRENCY,
            polling_interval_sec=POLLING_SECONDS,
        )
        DBOS.apply_schedules(
            [
                {"schedule_name": name, "workflow_fn": function, "schedule": when}
                for name, (function, when) in scheduled.items()
            ]
        )

    def close(self, *, drain_seconds: int = 0) -> None:
        """Stop taking work, wait for what runs, and let go. What is left over is resumed later."""
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=drain_seconds)


def prepare(database_url: str) -> None:
    """Create or update DBOS's own tables. Part of `migrate`; processes that serve never do it."""
    DBOS.migrate(database_url)


def _register(work: Work) -> dict[str, tuple[Callable[[datetime, Any], None], str]]:
    """Tell DBOS of the workflows. They call steps by id; a step that is done is never redone.

    Returns those that run by the clock, by name, each with its times in the words of cron.
    """
    answer_step = _step("answer", work.answer)
    apologise_step = _step("apologise", work.apologise)
    give_up_step = _step("give_up", work.give_up)
    erase_step = _step("erase", work.erase)
    hourly_step = _step("hourly", work.hourly)
    # Somebody has to look where these fail: at a keyring that cannot be written, for one.
    rotate_step = _step("rotate", _told(work.rotate))
    retire_step = _step("retire", _told(work.retire))
    anchor_step = _step("anchor", _told(work.anchor))
    feeds_step = _step("feeds", _told(work.feeds))

    @DBOS.step(name="read", retries_allowed=True, max_attempts=6)
    def read_step(feed: int, turn: int) -> None:
        work.read(feed, turn)

    def send_once(reply: int) -> float:
        """Send once; return the seconds that Slack asks to wait, 0 when it is done."""
        try:
            work.send(reply)
        except SlackBusy as busy:
            log(Event.REPLY_DELAYED, reply=reply, seconds=busy.retry_after)
            return max(busy.retry_after, 0.1)
        return 0.0

    send_step = _step("send", send_once)

    def deliver(reply: int) -> None:
        for _ in range(SENDING_TRIES):
            wait = send_step(reply)
            if not wait:
                return
            DBOS.sleep(wait)
        give_up_step(reply)

    @DBOS.workflow(name=Job.ANSWER.value)
    def answer(message: int) -> None:
        try:
            replies = answer_step(message)
        except Exception as error:  # Whatever went wrong, the merchant hears from a person.
            failure(Event.JOB_FAILED, error, message=message)
            replies = apologise_step(message)
        for reply in replies:
            deliver(reply)

    @DBOS.workflow(name=Job.SEND.value)
    def send(reply: int) -> None:
        deliver(reply)

    @DBOS.workflow(name=Job.ERASE.value)
    def erase(ticket: int) -> None:
        erase_step(ticket)

    @DBOS.workflow(name="hourly")
    def hourly(at: datetime, _context: Any) -> None:
        hourly_step(at)

    @DBOS.workflow(name="rotation")
    def rotation(at: datetime, _context: Any) -> None:
        epoch = rotate_step(at)
        if epoch:
            # Durable: a worker that is killed meanwhile goes on here when it comes back.
            DBOS.sleep(GRACE_SECONDS)
            retire_step(epoch)

    @DBOS.workflow(name="anchoring")
    def anchoring(at: datetime, _context: Any) -> None:
        anchor_step(at)

    @DBOS.workflow(name=Job.READ.value)
    def read(feed: int, turn: int) -> None:
        read_step(feed, turn)

    @DBOS.workflow(name="feeds")
    def feeds(at: datetime, _context: Any) -> None:
        feeds_step(at)

    scheduled: dict[str, tuple[Callable[[datetime, Any], None], str]] = {
        "hourly": (hourly, "0 * * * *"),
        # Looked at each hour, so that a day that was missed is made up for in the next.
        "rotation": (rotation, "30 * * * *"),
        "anchoring": (anchoring, "45 * * * *"),
        "feeds": (feeds, "*/5 * * * *"),
    }
    if work.notices is not None:
        notices_step = _step("notices", _told(work.notices))

        @DBOS.workflow(name="notices")
        def notices(at: datetime, _context: Any) -> None:
            notices_step(at)

        scheduled["notices"] = (notices, "* * * * *")
    return scheduled


def _turn_id(feed: int, turn: int) -> str:
    return f"{Job.READ}-{feed:06}-{turn:012}"


def _told(function: Callable[[A], R]) -> Callable[[A], R]:
    """Return the function, with a line in the log for each time that it fails."""

    def run(argument: A) -> R:
        try:
            return function(argument)
        except Exception as error:
            failure(Event.JOB_FAILED, error)
            raise

    return run


def _step(name: str, function: Callable[[A], R]) -> Callable[[A], R]:
    """Make a retried step of a function. Its name is stored, so it outlives renamings."""

    @DBOS.step(
        name=name, retries_allowed=True, max_attempts=6, interval_seconds=0.5, backoff_rate=2.0
    )
    def run(argument: A) -> R:
        return function(argument)

    return run


def _moment(value: object) -> dict[str, str]:
    if isinstance(value, datetime):
        return {_TIME: value.isoformat()}
    raise TypeError("A job carries ids, counts and times, nothing else.")


def _moment_again(read: dict[str, Any]) -> Any:
    """Return the time that `_moment` wrote; anything else as it is."""
    return datetime.fromisoformat(read[_TIME]) if set(read) == {_TIME} else read
