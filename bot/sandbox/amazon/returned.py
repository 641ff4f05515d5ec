"""What buyers send back: the rows of the returns report, as they stand at one moment.

Reasons are codes of GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE,
https://developer-docs.amazon.com/sp-api/docs/report-type-values-returns
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from bot.sandbox.amazon.chance import Chance
from bot.sandbox.amazon.details import Shop, order_at
from bot.sandbox.amazon.lives import Life
from bot.sandbox.amazon.moments import DAY, HOUR, moment
from bot.sandbox.amazon.order import Item, SandboxOrder

REASONS: Final = (
    "CR-DEFECTIVE",
    "CR-UNWANTED_ITEM",
    "CR-NO_REASON_GIVEN",
    "CR-SWITCHEROO",
    "CR-ORDERED_WRONG_ITEM",
    "CR-FOUND_BETTER_PRICE",
    "CR-DAMAGED_BY_CARRIER",
    "CR-MISSED_ESTIMATED_DELIVERY",
    "CR-QUALITY_UNACCEPTABLE",
    "AMZ-PG-BAD-DESC",
    "AMZ-PG-APP-TOO-SMALL",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """One row of the report: one SKU of one return.

    Attributes:
        order: The order it belongs to, as it stood.
        item: What comes back.
        status: Pending, Approved, Denied or Closed.
        rma: Amazon's number of the return, the same for all its SKUs.
        delivered: When it came back, None before.
        refunded: What the buyer got back, None before.
    """

    order: SandboxOrder
    item: Item
    requested: datetime
    status: str
    rma: str
    merchant_rma: str = ""
    quantity: int = 1
    reason: str = "CR-UNWANTED_ITEM"
    resolution: str = "StandardRefund"
    label: str = "AmazonUnPaidLabel"
    label_cost: Decimal = Decimal("7.95")
    paid_by: str = "Customer"
    carrier: str = "UPS"
    tracking: str = ""
    claim: bool = False
    in_policy: bool = True
    delivered: datetime | None = None
    refunded: Decimal | None = None


def returns_at(shop: Shop, life: Life, now: int) -> tuple[Return, ...]:
    """Return the rows of an order's return at a moment, none before it is asked for."""
    asked = life.return_at
    if asked is None or asked > now:
        return ()
    chance = Chance(f"{shop.seed}/{life.index}/return")
    order = order_at(shop, life, now)
    some = order.items if chance.random() < 0.5 else order.items[:1]
    approved = asked + HOUR + int(chance.random() * 30 * HOUR)
    denied = chance.random() < 0.05
    back = approved + 2 * DAY + int(chance.random() * 6 * DAY)
    closed = back + int(chance.random() * 3 * DAY)
    status = "Pending"
    if now >= approved:
        status = "Denied" if denied else "Approved"
    if now >= closed and not denied:
        status = "Closed"
    rma = f"D{chance.getrandbits(32):08x}RRMA"
    merchant_rma = f"RMA-{life.index:06d}" if chance.random() < 0.4 else ""
    tracking = f"1ZE5550199{chance.below(10**8):08d}"
    prepaid = chance.random() < 0.4
    claim = chance.random() < 0.03
    rows = []
    for item in some:
        quantity = 1 + chance.below(item.quantity)
        rows.append(
            Return(
                order=order,
                item=item,
                requested=moment(asked),
                status=status,
                rma=rma,
                merchant_rma=merchant_rma,
                quantity=quantity,
                reason=chance.pick(REASONS),
                label="AmazonPaidLabel" if prepaid else "AmazonUnPaidLabel",
                paid_by="Seller" if prepaid else "Customer",
                tracking=tracking if now >= approved and not denied else "",
                claim=claim,
                in_policy=chance.random() < 0.95,
                delivered=moment(back) if now >= back and not denied else None,
                refunded=item.price * quantity if status == "Closed" else None,
            )
        )
    return tuple(rows)
