"""What a child does: resolve, sweep, rotate, and run the jobs, with the program's own parts."""

from __future__ import annotations

import random
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final, TypeVar, final

from dbos import DBOS
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot import log
from bot.engine import Engine, Work
from bot.jobs import Jobs
from bot.resolving import Resolver
from bot.slack.client import Slack
from bot.slack.pace import Pace
from bot.slack.poster import Poster
from bot.slack.streaming import Streaming
from bot.telling import Telling
from bot.upkeep import Upkeep
from storage.errors import DatabaseUnavailable, EpochInUse
from storage.ids import TeamId, TicketId
from storage.store import Store
from storage.tickets import Trigger
from tests.crash.place import Place
from tests.crash.points import Points
from tests.crash.slack import FileSlack, append
from tests.storage.samples import AGENT, DAYS

WORKER: Final = "worker-1"
QUIET_DAYS: Final = 14
SETTLING_SECONDS: Final = 120.0
R = TypeVar("R")
_LEFT: Final = "status IN ('PENDING', 'ENQUEUED', 'DELAYED')"


class Unsettled(Exception):
    """Work is left undone, although there was time to do it."""


@final
class Office:
    """The program, as `bot.app` puts it together, without its doors."""

    def __init__(self, place: Place, points: Points) -> None:
        log.configure("INFO", sys.stderr)
        points.install()
        self._place: Final = place
        self._store: Final = _again(lambda: Store.open(place.url, place.keyring, _now()))
        jobs = Jobs(self._store.database.engine)
        self._resolver: Final = Resolver(jobs=jobs, clock=_now)
        self._upkeep: Final = Upkeep(
            store=self._store,
            jobs=jobs,
            resolver=self._resolver,
            clock=_now,
            retention_days=DAYS,
            redact_postal_code=False,
            quiet_days=QUIET_DAYS,
        )
        client = FileSlack(place.slack, points.hit)
        slack = Slack(lambda _team: client)
        self._poster: Final = Poster(
            pace=Pace(),
            store=self._store,
            slack=slack,
            streaming=Streaming(slack=slack, is_on=False),
            telling=Telling(store=self._store, jobs=jobs, team=TeamId("T1"), channel=None),
            clock=_now,
        )

    def resolve(self, ticket: int) -> None:
        """Resolve a ticket, and note that it was accepted once the transaction has returned."""

        def resolve() -> None:
            with self._store.begin() as records:
                self._resolver.resolve(records, TicketId(ticket), by=AGENT, trigger=Trigger.COMMAND)

        _again(resolve)
        append(self._place.accepted, f"accepted JC-{ticket}")

    def work(self) -> None:
        """Begin to run the jobs in threads. A failure ends the process, as it does the worker's."""
        upkeep, poster = self._upkeep, self._poster
        work = Work(
            answer=_never,
            apologise=_never,
            send=poster.send,
            give_up=poster.give_up,
            erase=upkeep.erase,
            hourly=upkeep.hourly,
            rotate=upkeep.rotate,
            retire=upkeep.retire,
            scan=lambda _: [],
            leave=lambda _: None,
            clear=lambda _: [],
            not_cleared=lambda _: [],
            renew=lambda _: 0,
            service=lambda _at: None,
            anchor=lambda _at: None,  # Outside the database, and about no deletion.
            read=lambda _feed, _turn: None,
            feeds=lambda _at: None,
            notices=None,
        )
        Engine(self._store.database.engine, work, worker=WORKER)

    def sweep(self) -> None:
        """Let the hourly work begin, as the schedule does."""
        _again(lambda: DBOS.trigger_schedule("hourly"))

    def rotate(self) -> None:
        """Put another epoch in the keyring and destroy the one before, without a time of grace."""

        def rotate() -> None:
            epoch = self._upkeep.rotate(_now(), at_once=True, by="crash")
            self._upkeep.retire(epoch, by="crash")
            append(self._place.accepted, f"retired {epoch}")

        _again(rotate)

    def is_rotating(self) -> bool:
        """Return whether a rotation has begun since the world was made."""
        return self._store.rotation.state().epoch > 1

    def settle(self) -> None:
        """Return once no job is left to do. Raises Unsettled."""
        schema = "" if self._store.database.is_sqlite else "dbos."
        query = text(f"SELECT count(*) FROM {schema}workflow_status WHERE {_LEFT}")
        until = time.monotonic() + SETTLING_SECONDS
        while time.monotonic() < until:
            try:
                with self._store.database.engine.connect() as connection:
                    if connection.execute(query).scalar_one() == 0:
                        return
            except SQLAlchemyError:
                pass  # A scenario cut the connection.
            time.sleep(0.03)
        raise Unsettled


def in_order(office: Office, tickets: Sequence[int]) -> None:
    """Do everything one after the other, so that a point's number says where it is."""
    for ticket in tickets:
        office.resolve(ticket)
    office.work()
    office.settle()
    office.sweep()
    office.settle()
    office.rotate()


def at_once(office: Office, tickets: Sequence[int], chance: random.Random) -> None:
    """Do everything at the same time, each beginning at some moment."""
    early = chance.random() < 0.5
    if early:
        office.work()
    deeds: list[Callable[[], None]] = [lambda t=each: office.resolve(t) for each in tickets]  # type: ignore[misc]
    deeds += [office.rotate, office.sweep]
    failed: list[BaseException] = []

    def later(seconds: float, deed: Callable[[], None]) -> None:
        time.sleep(seconds)
        try:
            deed()
        except BaseException as error:
            failed.append(error)

    if not early:
        later(0, deeds.pop(0))
        office.work()
    threads = [
        threading.Thread(target=later, args=(chance.uniform(0, 0.3), deed)) for deed in deeds
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    office.settle()


def take_up(office: Office, again: Sequence[int], *, rotates: bool) -> None:
    """Finish what another child has left: the jobs, the next hour's work, the next rotation.

    Args:
        office: The program in a fresh process.
        again: Tickets that somebody asks to resolve once more.
        rotates: Whether to rotate also where no rotation was begun.
    """
    office.work()
    for ticket in again:
        office.resolve(ticket)
    office.sweep()
    if rotates or office.is_rotating():
        office.rotate()
    office.settle()


def _again(deed: Callable[[], R]) -> R:
    """Do it, and once more while the database cannot be reached, as people and clocks do."""
    until = time.monotonic() + SETTLING_SECONDS
    while True:
        try:
            return deed()
        except (DatabaseUnavailable, EpochInUse, SQLAlchemyError):
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def _never(_number: int) -> list[int]:
    raise NotImplementedError


def _now() -> datetime:
    return datetime.now(UTC)
