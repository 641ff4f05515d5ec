"""The working process: runs the jobs that the doors enqueued, and the schedules."""

from __future__ import annotations

from bot.anchoring import Anchoring
from bot.desk import Desk
from bot.jobs import Engine, Work
from bot.slack.poster import Poster
from bot.upkeep import Upkeep
from storage.store import Store


def start(
    *,
    store: Store,
    desk: Desk,
    poster: Poster,
    upkeep: Upkeep,
    anchoring: Anchoring,
    worker: str,
) -> Engine:
    """Start working in threads of this process. Close the engine to stop."""
    work = Work(
        answer=desk.answer,
        apologise=desk.apologise,
        send=poster.send,
        give_up=poster.give_up,
        erase=upkeep.erase,
        hourly=upkeep.hourly,
        rotate=upkeep.rotate,
        retire=upkeep.retire,
        anchor=anchoring.daily,
    )
    return Engine(store.database.engine, work, worker=worker)
