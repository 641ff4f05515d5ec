"""What a turn of a feed comes to: where the feed is then, and what is written with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from storage.feeds import Feed
from storage.store import Transaction


def well(feed: Feed, due_at: datetime) -> Feed:
    """Return a feed whose turn went well, and when its next one is."""
    return replace(feed, due_at=due_at, failures=0, problem=None)


def nothing(_records: Transaction) -> None:
    """Write nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The outcome of a turn.

    Attributes:
        feed: Where the feed is now, with the time of its next turn.
        write: What goes into the transaction that keeps it.
        taken: Orders or returns that were taken.
        is_done: Whether all that there is now has been read.
    """

    feed: Feed
    write: Callable[[Transaction], None] = nothing
    taken: int = 0
    is_done: bool = False
