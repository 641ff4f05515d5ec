"""A feed: a seller's orders or returns as they are read from Amazon, and how far. A value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from storage.ids import MerchantId


class FeedKind(StrEnum):
    """What is read."""

    ORDERS = "orders"
    RETURNS = "returns"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """How far a feed is.

    Attributes:
        feed_id: Its number.
        turn: Which turn it is in. Of two who take the same turn one does it.
        due_at: When the next turn is.
        read_until: All that changed before this, by Amazon's clock, is here; None for nothing.
        window_from: Where the window that is being read begins; None between two windows.
        window_until: Where it ends, once Amazon has said so.
        cursor: Amazon's token of the next page, or the number of the report that is awaited.
        cursor_at: Since when.
        failures: Turns that failed, one after the other.
        problem: Why the last one failed, in a word.
        paused_at: Since when it waits for another authorization.
        token_mark: Which authorization it worked with.
    """

    feed_id: int
    merchant_id: MerchantId
    kind: FeedKind
    turn: int
    due_at: datetime
    read_until: datetime | None = None
    window_from: datetime | None = None
    window_until: datetime | None = None
    cursor: str | None = None
    cursor_at: datetime | None = None
    failures: int = 0
    problem: str | None = None
    paused_at: datetime | None = None
    token_mark: str | None = None
