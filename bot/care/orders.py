"""`/care` about orders and returns: shown to who may see them; redacted by an agent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.blocks import Reply
from bot.care.asked import Action, Asked, private
from bot.log import Event, log
from bot.lookup import LookUp
from bot.replies import NOT_FOUND
from storage.ids import MerchantId, OrderId, order_id
from storage.redaction_batch import Terms
from storage.store import Store, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCommands:
    """The commands about orders."""

    store: Store
    lookup: LookUp
    clock: Callable[[], datetime]

    def actions(self) -> Iterator[Action]:
        """Yield the commands."""
        number = "111-2223334-5556667"
        yield Action(
            name="order", usage=number, tells="shows an order", run=self._order, for_merchants=True
        )
        yield Action(
            name="return",
            usage=number,
            tells="shows the returns of an order",
            run=self._return,
            for_merchants=True,
        )
        yield Action(
            name="redact",
            usage=number,
            tells="redacts an order before its 30 days are over; asks first",
            run=self._redact,
        )

    def _order(self, asked: Asked) -> Reply:
        number = order_id(asked.word(0))
        with self.store.read() as records:
            merchant = self._whose(records, asked, number)
            found = self.lookup.status(records, merchant, number)
        return Reply(text=found.text, blocks=found.blocks, private=True)

    def _return(self, asked: Asked) -> Reply:
        number = order_id(asked.word(0))
        with self.store.read() as records:
            merchant = self._whose(records, asked, number)
            found = self.lookup.returns(records, merchant, number)
        return Reply(text=found.text, blocks=found.blocks, private=True)

    def _redact(self, asked: Asked) -> Reply:
        number = order_id(asked.word(0))
        with self.store.begin() as records:
            order = self.lookup.order(records, number)
            if order is None:
                return private(NOT_FOUND)
            if order.redacted:
                return private(f"Order {number} is redacted already.")
            if asked.word(1).lower() != "now":
                return private(
                    f"This replaces the buyer's data of order {number} by Redacted, for good, "
                    f"whatever comes later. To do it: `/care redact {number} now`."
                )
            terms = Terms(
                now=self.clock(),
                days=self.lookup.retention_days,
                postal_code=self.lookup.redact_postal_code,
                by=asked.command.user,
            )
            records.orders.redact_one(number, terms)
        log(Event.ORDERS_REDACTED, redacted=1)
        return private(f"Order {number} is redacted. The audit says that you asked for it.")

    def _whose(self, records: Transaction, asked: Asked, number: OrderId) -> MerchantId | None:
        """Return whose orders may be seen: an agent sees those of all merchants."""
        if not asked.by_agent:
            return asked.merchant
        order = self.lookup.order(records, number)
        return None if order is None else order.merchant_id
