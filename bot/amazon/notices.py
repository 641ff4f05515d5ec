"""ORDER_CHANGE notifications out of an SQS queue: news within minutes, for those who want them.

A notification is not believed but followed: the order that it names is asked for, with the next
turn of its seller's feed. A queue may give a message twice, and a kill may come before a message is
deleted; both change nothing, since each notification is remembered.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection
from datetime import datetime
from functools import partial
from typing import Final, final

from bot.amazon.accounts import Accounts
from bot.amazon.operations import Operation
from bot.amazon.order_change import OrderChange, order_change
from bot.amazon.problems import Problem, Problems
from bot.amazon.queue import Queue
from bot.log import Event, log, warn
from storage.ids import MerchantId
from storage.store import Store, Transaction

SOURCE: Final = "sqs"
BATCHES: Final = 100
"""Batches of messages that are taken in one go, and so a thousand messages at most."""
SECONDS: Final = 30.0
"""How long one go may take; the next one is a minute after it."""


@final
class Notices:
    """Listens to the queue.

    Args:
        hurry: Gives the feeds of merchants of whom orders are wanted their turn: `Sync.hurry`.
    """

    def __init__(
        self,
        *,
        store: Store,
        queue: Queue,
        accounts: Accounts,
        clock: Callable[[], datetime],
        hurry: Callable[[Collection[MerchantId]], None],
    ) -> None:
        self._store: Final = store
        self._queue: Final = queue
        self._merchants: Final = _merchants(accounts)
        self._accounts: Final = accounts
        self._clock: Final = clock
        self._hurry: Final = hurry

    def listen(self, at: datetime) -> None:
        """Take what is in the queue, up to a thousand messages.

        Args:
            at: When this was due. What is noted has the clock's time, as it may be late.

        Raises:
            AmazonBusy: The queue cannot be reached.
            StorageError: The database cannot be used at the moment.
        """
        del at
        problems = Problems()
        taken: Counter[MerchantId] = Counter()
        until = time.monotonic() + SECONDS
        try:
            for _ in range(BATCHES):
                messages = self._queue.receive()
                if not messages:
                    break
                for message in messages:
                    self._take(message.body, taken, problems)
                # Only now: each of them is kept, or there is nothing in it to be kept.
                self._queue.delete([message.receipt for message in messages])
                if time.monotonic() > until:
                    break
        finally:
            self._hurry(taken.keys())
            _report(taken, problems)

    def _take(self, body: str, taken: Counter[MerchantId], problems: Problems) -> None:
        """Keep that an order is wanted, and count it; a duplicate counts nothing."""
        note = partial(problems.note, Operation.NOTIFICATION)
        change = order_change(body, note)
        if change is None:
            return
        now = self._clock()
        with self._store.begin() as records:
            merchant = self._merchant(records, change)
            if merchant is None:
                note(Problem.NO_SELLER)
                return
            is_new = records.inbox.first_time(SOURCE, change.notification_id, now)
            if is_new:
                records.feeds.want(merchant, (change.order_id,), now)
        # Also of a duplicate: whoever took the first may have been killed before it hurried.
        taken[merchant] += is_new

    def _merchant(self, records: Transaction, change: OrderChange) -> MerchantId | None:
        """Return whose an order is: by the seller's id, else by what is known of the order."""
        merchant = self._merchants.get(change.seller_id)
        if merchant is not None:
            return merchant
        owner, _ = records.orders.known(change.order_id)
        return owner if owner in self._accounts else None


def _merchants(accounts: Accounts) -> dict[str, MerchantId]:
    """Return the merchants by their sellers' ids; an id that several have tells none of them."""
    ids = Counter(account.seller.seller_id for account in accounts.values())
    return {
        account.seller.seller_id: merchant
        for merchant, account in accounts.items()
        if account.seller.seller_id and ids[account.seller.seller_id] == 1
    }


def _report(taken: Counter[MerchantId], problems: Problems) -> None:
    for merchant, times in sorted((+taken).items()):
        log(Event.AMAZON_READ, merchant=merchant, operation=Operation.NOTIFICATION, taken=times)
    for (operation, problem), times in sorted(problems.counts.items()):
        warn(Event.AMAZON_ODD, operation=operation, problem=problem, times=times)
