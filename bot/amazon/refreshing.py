"""Asking Amazon for one order while a merchant waits for the answer, inside the limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.amazon.accounts import Accounts
from bot.amazon.calls import NotYet
from bot.amazon.keeping import Keeping
from bot.amazon.operations import Operation
from bot.amazon.problems import Problems
from bot.errors import AmazonError, AmazonNotFound
from bot.log import Event, failure
from storage.ids import MerchantId, OrderId
from storage.store import Store

FRESH: Final = timedelta(minutes=15)
"""How old what we know of an order may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refreshing:
    """Brings single orders up to date."""

    store: Store
    accounts: Accounts
    keeping: Keeping
    clock: Callable[[], datetime]

    def refresh(self, merchant: MerchantId, order_id: OrderId) -> None:
        """Ask for an order of which we know nothing, or nothing new. Never fails, never waits.

        Where the limits allow no call now, or Amazon does not answer, the order is asked for with
        the feed's next turns, and what is known is shown with its age.
        """
        account = self.accounts.get(merchant)
        if account is None or self._is_fresh(merchant, order_id):
            return
        problems = Problems()
        try:
            news = account.orders.order(order_id, problems)
        except AmazonNotFound:
            return
        except (NotYet, AmazonError) as error:
            if isinstance(error, AmazonError):
                failure(Event.AMAZON_FAILED, error, merchant=merchant, order=order_id)
            with self.store.begin() as records:
                records.feeds.want(merchant, (order_id,), self.clock())
            return
        with self.store.begin() as records:
            self.keeping.orders(records, (news,), Operation.GET_ORDER, problems)

    def _is_fresh(self, merchant: MerchantId, order_id: OrderId) -> bool:
        with self.store.read() as records:
            owner, known_at = records.orders.known(order_id)
        if owner is not None and owner != merchant:
            # It is somebody else's, and nothing is asked or said of it.
            return True
        return known_at is not None and self.clock() - known_at < FRESH
