"""Returns as values. They hold no name and no address."""

from __future__ import annotations

from dataclasses import dataclass
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
        refund_amount: In `currency` (ISO 4217).

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

    def __post_init__(self) -> None:
        for moment in (self.requested_at, self.received_at):
            if moment is not None:
                utc(moment)
