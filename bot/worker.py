"""The working process: runs the jobs that the doors enqueued, and the schedules."""

from __future__ import annotations

from datetime import datetime

from bot.amazon.notices import Notices
from bot.amazon.sync import Sync
from bot.anchoring import Anchoring
from bot.care.digest import Digest
from bot.care.reminding import Reminding
from bot.clearing import Clearing
from bot.desk import Desk
from bot.engine import Engine, Work
from bot.leaving import Leaving
from bot.scanning import Scanning
from bot.slack.poster import Poster
from bot.slack.renewing import Renewing
from bot.upkeep import Upkeep
from storage.store import Store


def start(
    *,
    store: Store,
    desk: Desk,
    poster: Poster,
    upkeep: Upkeep,
    anchoring: Anchoring,
    reminding: Reminding,
    digest: Digest,
    scanning: Scanning,
    clearing: Clearing | None,
    leaving: Leaving,
    renewing: Renewing | None,
    sync: Sync,
    notices: Notices | None,
    worker: str,
) -> Engine:
    """Start working in threads of this process. Close the engine to stop."""

    def read(feed: int, turn: int) -> None:
        sync.turn(feed, turn)

    def service(_at: datetime) -> None:
        # By the program's clock, against which the tickets' times were written.
        now = sync.clock()
        reminding.remind(now)
        digest.tell(now)

    work = Work(
        answer=desk.answer,
        apologise=desk.apologise,
        send=poster.send,
        give_up=poster.give_up,
        erase=upkeep.erase,
        scan=scanning.scan,
        clear=_nothing if clearing is None else clearing.clear,
        not_cleared=_nothing if clearing is None else clearing.warn,
        leave=leaving.leave,
        hourly=upkeep.hourly,
        rotate=upkeep.rotate,
        retire=upkeep.retire,
        renew=(lambda _at: 0) if renewing is None else renewing.renew,
        anchor=anchoring.daily,
        service=service,
        read=read,
        feeds=sync.begin,
        notices=None if notices is None else notices.listen,
    )
    engine = Engine(store.database.engine, work, worker=worker)
    # The schedule would see to it within five minutes.
    sync.begin(sync.clock())
    return engine


def _nothing(_message: int) -> list[int]:
    """Do nothing: what a process with other settings enqueued."""
    return []
