"""What a carrier or Jetpack's own feed says of a package, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage.deliveries import DeliverySource
from storage.ids import OrderId
from storage.orders import Package, check_times


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """News of a package. None says nothing.

    Attributes:
        order_id: The order it belongs to; None where only the tracking id is known.
        source: Who says so; of its delivery it is the source.

    Raises:
        ValueError: A datetime is naive, or before 1995 or after 2100.
    """

    tracking_id: str
    source: DeliverySource
    order_id: OrderId | None = None
    carrier: str | None = None
    status: str | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None

    def __post_init__(self) -> None:
        check_times((self.shipped_at, self.delivered_at))

    def package(self) -> Package:
        """Return what it says of the package."""
        return Package(
            tracking_id=self.tracking_id,
            carrier=self.carrier,
            status=self.status,
            shipped_at=self.shipped_at,
            delivered_at=self.delivered_at,
            delivery_source=None if self.delivered_at is None else self.source,
        )
