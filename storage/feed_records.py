"""The feeds: where reading a seller's orders and returns goes on, and which orders are wanted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from typing import Final, final

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from storage.database import insert_new
from storage.errors import TurnOver
from storage.feeds import Feed, FeedKind
from storage.ids import MerchantId, OrderId
from storage.retention import utc
from storage.tables import FeedRow, MerchantRow, WantedOrderRow

TRIES: Final = 5
"""How often Amazon is asked for a wanted order that it does not give."""
_STATE: Final = tuple(
    field.name
    for field in fields(Feed)
    if field.name not in ("feed_id", "merchant_id", "kind", "turn")
)


@final
class Feeds:
    """The feeds of one database, within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def ensure(self, merchant: MerchantId, kind: FeedKind, now: datetime) -> Feed:
        """Return a feed, beginning it where there is none. Raises ValueError for a naive time."""
        insert_new(self._session, MerchantRow, {"merchant_id": merchant})
        key = {"merchant_id": merchant, "kind": kind}
        query = select(FeedRow).filter_by(**key)
        row = self._session.scalars(query).one_or_none()
        if row is None:
            # A number is used for each try, so that it is tried only where there is no such feed.
            first = {**key, "turn": 1, "due_at": utc(now), "failures": 0}
            insert_new(self._session, FeedRow, first)
            row = self._session.scalars(query).one()
        return _feed(row)

    def get(self, feed_id: int) -> Feed | None:
        """Return a feed by its number, None where there is none."""
        row = self._session.get(FeedRow, feed_id, populate_existing=True)
        return None if row is None else _feed(row)

    def all(self) -> tuple[Feed, ...]:
        """Return every feed, by merchant and kind."""
        query = select(FeedRow).order_by(FeedRow.merchant_id, FeedRow.kind)
        return tuple(map(_feed, self._session.scalars(query)))

    def save(self, feed: Feed) -> Feed:
        """Keep how far a feed is now, and end its turn. Returns it with the number of the next.

        Raises:
            TurnOver: Somebody else has ended that turn; the caller's transaction must not stand.
        """
        turn = feed.turn + 1
        done = self._session.execute(
            update(FeedRow)
            .where(FeedRow.feed_id == feed.feed_id, FeedRow.turn == feed.turn)
            .values(turn=turn, **{name: getattr(feed, name) for name in _STATE})
            .execution_options(synchronize_session=False)
        )
        if not isinstance(done, CursorResult) or done.rowcount != 1:
            raise TurnOver
        saved = self.get(feed.feed_id)
        if saved is None:
            raise TurnOver
        return saved

    def want(self, merchant: MerchantId, order_ids: Iterable[OrderId], now: datetime) -> int:
        """Ask for orders, once each. Returns how many were not asked for yet."""
        insert_new(self._session, MerchantRow, {"merchant_id": merchant})
        return sum(
            insert_new(
                self._session,
                WantedOrderRow,
                {
                    "order_id": order_id,
                    "merchant_id": merchant,
                    "wanted_at": utc(now),
                    "tries": 0,
                },
            )
            for order_id in sorted(set(order_ids))
        )

    def wanted(self, merchant: MerchantId, limit: int) -> tuple[OrderId, ...]:
        """Return orders that are asked for, those asked for longest first."""
        query = select(WantedOrderRow.order_id).where(WantedOrderRow.merchant_id == merchant)
        ordered = query.order_by(
            WantedOrderRow.tries, WantedOrderRow.wanted_at, WantedOrderRow.order_id
        )
        return tuple(self._session.scalars(ordered.limit(limit)))

    def answered(self, merchant: MerchantId, order_id: OrderId) -> None:
        """Ask for an order no longer."""
        self._session.execute(
            delete(WantedOrderRow).where(
                WantedOrderRow.order_id == order_id, WantedOrderRow.merchant_id == merchant
            )
        )

    def not_answered(self, merchant: MerchantId, order_id: OrderId) -> None:
        """Note that Amazon did not give an order; after `TRIES` times it is asked for no longer."""
        row = self._session.get(
            WantedOrderRow, (order_id, merchant), with_for_update=True, populate_existing=True
        )
        if row is None:
            return
        row.tries += 1
        if row.tries >= TRIES:
            self._session.delete(row)
        self._session.flush()


def _feed(row: FeedRow) -> Feed:
    return Feed(
        feed_id=row.feed_id,
        merchant_id=row.merchant_id,
        kind=FeedKind(row.kind),
        turn=row.turn,
        **{name: getattr(row, name) for name in _STATE},
    )
