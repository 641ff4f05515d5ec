"""Background work on DBOS, its sending end: ids in, within the caller's transaction.

So a message and the work on it are stored together or not at all, in the same database. Any number
of processes may enqueue; `bot.engine` does the work.
"""

from __future__ import annotations

import json
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from dbos import DBOS, DBOSClient, Serializer
from sqlalchemy import Engine as SqlEngine
from sqlalchemy.orm import Session

APPLICATION: Final = "jetpack-care"
VERSION: Final = "1"
"""The version of the workflows in `bot.engine`. It changes only when their steps of today could not
end what was begun with those of before: nobody takes up what is of another version."""
QUEUE: Final = "care"
AMAZON_QUEUE: Final = "amazon"
"""A queue of its own, so that whoever waits for an answer never waits for Amazon."""
_ENDED: Final = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
_AT_ONCE: Final = 1_000
_TIME: Final = "time"
"""What marks a time in the JSON of a job."""


class Job(StrEnum):
    """The kinds of background work. The argument of each is one id."""

    ANSWER = "answer"
    SEND = "send"
    ERASE = "erase"
    SCAN = "scan"  # the files of a message
    CLEAR = "clear"  # a message that held PII, out of Slack itself
    LEAVE = "leave"  # deleting what is kept of a workspace that removed the app
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


def prepare(database_url: str) -> None:
    """Create or update DBOS's own tables. Part of `migrate`; processes that serve never do it."""
    DBOS.migrate(database_url)


def _turn_id(feed: int, turn: int) -> str:
    return f"{Job.READ}-{feed:06}-{turn:012}"


def _moment(value: object) -> dict[str, str]:
    if isinstance(value, datetime):
        return {_TIME: value.isoformat()}
    raise TypeError("A job carries ids, counts and times, nothing else.")


def _moment_again(read: dict[str, Any]) -> Any:
    """Return the time that `_moment` wrote; anything else as it is."""
    return datetime.fromisoformat(read[_TIME]) if set(read) == {_TIME} else read
