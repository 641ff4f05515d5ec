"""Returns as values. They hold no name and no address."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from storage.ids import MerchantId, OrderId, ReturnId
from storage.retention import utc


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """A return, as news of it and as it is kept. None is not known; as news it says nothing.

    Attributes:
        return_id: The RMA id.
        reason: Amazon's reason code, never the buyer's comment.
        sku: What comes back; a return of several SKUs is several of these.
        refund_amount: In `currency` (ISO 4217).
        told_at: As of when the news are, by Amazon's clock, for news of Amazon's. What is older
            than what is known fills gaps and overwrites nothing. It is not shown.
        known_at: When it was last heard of, of a return that is kept; news leave it out.

    Raises:
        ValueError: A datetime is naive.
    """

    return_id: ReturnId
    order_id: OrderId
    merchant_id: MerchantId
    status: str | None = None
    reason: str | None = None
    carrier: str | None = None
    tracking_id: str | None = None
    requested_at: datetime | None = None
    received_at: datetime | None = None
    sku: str | None = None
    quantity: int | None = None
    refund_amount: Decimal | None = None
    currency: str | None = None
    told_at: datetime | None = None
    known_at: datetime | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        for moment in (self.requested_at, self.received_at, self.told_at):
            if moment is not None:
                utc(moment)
