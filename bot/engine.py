"""Background work on DBOS, its working end: queued and scheduled work, ids in, counts out.

Each worker slot has a stable name, so that what it left unfinished is resumed when it comes back.
DBOS keeps one engine a process.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from dbos import DBOS, DBOSConfig
from sqlalchemy import Engine as SqlEngine

from bot.errors import SlackBusy
from bot.jobs import AMAZON_QUEUE, APPLICATION, QUEUE, VERSION, IdsOnly, Job
from bot.log import Event, failure, log
from storage.ids import ReplyId
from storage.rotation import GRACE_SECONDS

AMAZON_CONCURRENCY: Final = 2
POLLING_SECONDS: Final = 0.2
"""How often the queue is looked into. Each look is four statements, also when there is nothing."""
AMAZON_POLLING_SECONDS: Final = 1.0
CONCURRENCY: Final = 8
SENDING_TRIES: Final = 50

A = TypeVar("A")
R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What the jobs do, as functions over ids. `bot.app` ties them to the desk and the rest.

    Attributes:
        answer: Message id -> ids of the replies to send. Repeating it changes nothing.
        apologise: Message id -> ids of the replies that say that a person will answer.
        send: Reply id -> None. Raises SlackBusy.
        give_up: Reply id -> None; called when Slack never took it.
        erase: Ticket id -> None.
        scan: Message id -> ids of the replies about its files. Repeating it changes nothing.
        clear: Message id -> ids of what its writer is told. Raises SlackBusy.
        not_cleared: Message id -> the same, where Slack never took the deletion.
        leave: Audit entry -> None; deletes what is kept of a workspace that removed the app.
        hourly: The time -> None; what is due by the clock.
        rotate: The time -> the epoch before which keys are to be destroyed, 0 where none are.
        retire: That epoch -> None.
        renew: The time -> how many tokens of workspaces were renewed.
        anchor: The time -> None; the audit's head is signed and kept outside, once a day.
        service: The time -> None; what Care is told of how it keeps its service levels.
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
    scan: Callable[[int], list[int]]
    clear: Callable[[int], list[int]]
    not_cleared: Callable[[int], list[int]]
    leave: Callable[[int], None]
    hourly: Callable[[datetime], None]
    rotate: Callable[[datetime], int]
    retire: Callable[[int], None]
    renew: Callable[[datetime], int]
    anchor: Callable[[datetime], None]
    service: Callable[[datetime], None]
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
            polling_interval_sec=AMAZON_POLLING_SECONDS,
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


def _register(work: Work) -> dict[str, tuple[Callable[[datetime, Any], None], str]]:
    """Tell DBOS of the workflows. They call steps by id; a step that is done is never redone.

    Returns those that run by the clock, by name, each with its times in the words of cron.
    """
    sending = _Sending(work.send)

    def answered(message: int) -> list[int]:
        """Answer, and send; return the replies that are left to be sent."""
        return sending.now(work.answer(message))

    answer_step = _step("answer", answered)
    apologise_step = _step("apologise", work.apologise)
    give_up_step = _step("give_up", work.give_up)
    erase_step = _step("erase", work.erase)
    scan_step = _step("scan", _told(work.scan))
    clear_step = _step("clear", work.clear)
    not_cleared_step = _step("not_cleared", work.not_cleared)
    leave_step = _step("leave", _told(work.leave))
    hourly_step = _step("hourly", work.hourly)
    renew_step = _step("renew", _told(work.renew))
    # Somebody has to look where these fail: at a keyring that cannot be written, for one.
    rotate_step = _step("rotate", _told(work.rotate))
    retire_step = _step("retire", _told(work.retire))
    anchor_step = _step("anchor", _told(work.anchor))
    service_step = _step("service", _told(work.service))
    feeds_step = _step("feeds", _told(work.feeds))

    @DBOS.step(name="read", retries_allowed=True, max_attempts=6)
    def read_step(feed: int, turn: int) -> None:
        try:
            work.read(feed, turn)
        except Exception as error:
            failure(Event.JOB_FAILED, error, feed=feed)
            raise

    send_step = _step("send", sending.once)

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

    @DBOS.workflow(name=Job.SCAN.value)
    def scan(message: int) -> None:
        for reply in scan_step(message):
            deliver(reply)

    @DBOS.workflow(name=Job.CLEAR.value)
    def clear(message: int) -> None:
        try:
            replies = clear_step(message)
        except Exception as error:  # Whatever went wrong, the writer can delete it themselves.
            failure(Event.JOB_FAILED, error, message=message)
            replies = not_cleared_step(message)
        for reply in replies:
            deliver(reply)

    @DBOS.workflow(name=Job.LEAVE.value)
    def leave(entry: int) -> None:
        leave_step(entry)

    @DBOS.workflow(name="renewal")
    def renewal(at: datetime, _context: Any) -> None:
        renew_step(at)

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

    @DBOS.workflow(name="service")
    def service(at: datetime, _context: Any) -> None:
        service_step(at)

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
        "renewal": (renewal, "15 * * * *"),
        "service": (service, "*/5 * * * *"),
        "feeds": (feeds, "*/5 * * * *"),
    }
    if work.notices is not None:
        notices_step = _step("notices", _told(work.notices))

        @DBOS.workflow(name="notices")
        def notices(at: datetime, _context: Any) -> None:
            notices_step(at)

        scheduled["notices"] = (notices, "* * * * *")
    return scheduled


class _Sending:
    """Sends replies, and keeps in mind how long Slack asked to wait with one.

    Args:
        send: Reply id -> None. Raises SlackBusy.
    """

    def __init__(self, send: Callable[[int], None]) -> None:
        self._send: Final = send
        self._rest_until: Final[dict[int, float]] = {}

    def once(self, reply: int) -> float:
        """Send once; return the seconds that are to be waited, 0 when it is done."""
        rest = self._rest_until.pop(reply, 0.0) - time.monotonic()
        if rest > 0:
            return rest
        try:
            self._send(reply)
        except SlackBusy as busy:
            log(Event.REPLY_DELAYED, reply=reply, seconds=busy.retry_after)
            return max(busy.retry_after, 0.1)
        return 0.0

    def now(self, replies: Sequence[int]) -> list[int]:
        """Send replies in the step that wrote them; return those that are left, in order.

        Each further step would be four statements of the engine's. Where this one is repeated,
        what it sent is not sent again. A failure to send is none to answer: what is left is tried
        again in steps of its own.
        """
        for place, reply in enumerate(replies):
            try:
                wait = self.once(reply)
            except Exception as error:
                failure(Event.REPLY_FAILED, error, reply=ReplyId(reply))
                return list(replies[place:])
            if wait:
                self._rest_until[reply] = time.monotonic() + wait
                return list(replies[place:])
        return []


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
