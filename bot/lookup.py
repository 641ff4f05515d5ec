"""Looking up an order or its returns for the merchant whose order it is, and for no one else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot import replies
from bot.blocks import Reply
from bot.cards.lists import SHOWN, order_list, return_list
from bot.cards.orders import no_return, order_card, returns_card
from nlp.answers.listing import Which, Wish, bounds
from storage.ids import MerchantId, OrderId
from storage.orders import Order
from storage.store import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUp:
    """Reads orders as they are shown now: past their time they read `Redacted`.

    Attributes:
        retention_days: Days after delivery until PII is redacted.
        redact_postal_code: Whether the zip goes, too.
    """

    clock: Callable[[], datetime]
    retention_days: int
    redact_postal_code: bool

    def order(self, records: Transaction, order_id: OrderId) -> Order | None:
        """Return an order whosever it is. For Care's own people."""
        return records.orders.get(
            order_id, self.clock(), self.retention_days, postal_code=self.redact_postal_code
        )

    def status(self, records: Transaction, merchant: MerchantId | None, order_id: OrderId) -> Reply:
        """Say how an order stands. "Not yours" and "no such order" read the same."""
        order = self._own(records, merchant, order_id)
        if order is None:
            return Reply(text=replies.NOT_FOUND)
        return order_card(order, records.returns.for_order(order_id))

    def returns(
        self, records: Transaction, merchant: MerchantId | None, order_id: OrderId
    ) -> Reply:
        """Say how the returns of an order stand, also of one whose order is not known yet."""
        found = () if merchant is None else records.returns.for_merchant(merchant, order_id)
        if found:
            return returns_card(found, self.clock())
        if self._own(records, merchant, order_id) is None:
            return Reply(text=replies.NOT_FOUND)
        return no_return(order_id)

    def list(
        self, records: Transaction, merchant: MerchantId, wish: Wish, *, limit: int = SHOWN
    ) -> Reply:
        """Return the orders or returns of a merchant that are asked for, as a table."""
        now = self.clock()
        since, until = bounds(wish.period, now)
        lists, which = records.orders.lists, wish.which
        if which.is_of_returns:
            is_open = which is Which.OPEN_RETURNS
            lines, total = records.returns.listed(
                merchant, since, until, is_open=is_open, limit=limit
            )
            return return_list(lines, total, wish, now)
        if which is Which.LATE:
            found, total = lists.late(merchant, now, limit=limit)
        elif which is Which.UNSHIPPED:
            found, total = lists.unshipped(merchant, limit=limit)
        else:
            read = {
                Which.SHIPPED: lists.shipped,
                Which.DELIVERED: lists.delivered,
                Which.CANCELLED: lists.cancelled,
            }[which]
            found, total = read(merchant, since, until, limit=limit)
        return order_list(found, total, wish, now)

    def _own(
        self, records: Transaction, merchant: MerchantId | None, order_id: OrderId
    ) -> Order | None:
        if merchant is None:
            return None
        return records.orders.for_merchant(
            merchant,
            order_id,
            self.clock(),
            self.retention_days,
            postal_code=self.redact_postal_code,
        )
