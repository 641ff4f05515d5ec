"""An order as it stands at one moment: the values that both versions of the API are drawn from.

Statuses and programs are those of the Orders API 2026-01-01,
https://developer-docs.amazon.com/sp-api/docs/orders-api, whose model is orders_2026-01-01.json.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

NOT_YET: Final = datetime.min.replace(tzinfo=UTC)
"""Stands for a last update that is to be the moment at which the order is put."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """Who ordered. Empty text is not sent."""

    name: str = ""
    email: str = ""
    company: str = ""
    purchase_order: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where the order goes. Empty text is not sent."""

    name: str = ""
    company: str = ""
    line_1: str = ""
    line_2: str = ""
    line_3: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""
    phone: str = ""
    kind: str = "RESIDENTIAL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of an order.

    Attributes:
        id: Amazon's order item id.
        quantity: Units ordered.
        price: Price of one unit.
        gift_message: What the buyer wrote to go with a gift; empty text is not sent.
        customized_url: Where an Amazon Custom order's data lies; empty text is not sent.
    """

    id: str
    sku: str
    asin: str
    title: str
    quantity: int = 1
    price: Decimal = Decimal("10.00")
    gift_message: str = ""
    gift_wrap: str = ""
    customized_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One package of a merchant-fulfilled order.

    Attributes:
        status: PENDING, IN_TRANSIT, SHIPPED, DELIVERED, CANCELLED or UNDELIVERABLE.
        detailed: Amazon's finer status, such as OUT_FOR_DELIVERY; empty where it sends none,
            as it does for some delivered packages
            (github.com/amzn/selling-partner-api-models/issues/5127).
        contents: Order item id and units, for each item within.
    """

    id: str
    created: datetime
    shipped: datetime
    status: str = "IN_TRANSIT"
    detailed: str = ""
    carrier: str = "UPS"
    service: str = "Ground"
    tracking: str = ""
    contents: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxOrder:
    """An order as it stands at one moment.

    Attributes:
        id: Amazon's 3-7-7 form.
        created: When it was purchased.
        last_updated: When anything of it changed last. By default when it is put.
        status: PENDING, UNSHIPPED, PARTIALLY_SHIPPED, SHIPPED, CANCELLED, UNFULFILLABLE
            or PENDING_AVAILABILITY.
        fulfilled_by: MERCHANT or AMAZON.
        programs: Such as PRIME, AMAZON_BUSINESS.
        ship_by: First and last moment at which it ought to be handed over.
        deliver_by: First and last moment at which it ought to arrive.
        drop_off: Where the buyer wants it left; empty text is not sent.
        instruction: What the buyer tells the driver; empty text is not sent.
        cancelled_by: BUYER, MERCHANT or AMAZON, for a cancelled order.
    """

    id: str
    created: datetime
    last_updated: datetime = NOT_YET
    status: str = "UNSHIPPED"
    marketplace_id: str = "ATVPDKIKX0DER"
    marketplace_name: str = "Amazon.com"
    currency: str = "USD"
    fulfilled_by: str = "MERCHANT"
    service_level: str = "STANDARD"
    programs: tuple[str, ...] = ()
    ship_by: tuple[datetime, datetime] | None = None
    deliver_by: tuple[datetime, datetime] | None = None
    buyer: Buyer = Buyer()
    address: Address = Address()
    drop_off: str = ""
    instruction: str = ""
    items: tuple[Item, ...] = ()
    packages: tuple[Package, ...] = ()
    cancelled_by: str = ""
    cancel_reason: str = ""

    @property
    def total(self) -> Decimal:
        """What all units cost together."""
        return sum((item.price * item.quantity for item in self.items), Decimal(0))

    @property
    def units(self) -> int:
        """How many units were ordered."""
        return sum(item.quantity for item in self.items)

    def units_shipped(self, item: Item) -> int:
        """Return how many units of an item have left."""
        if self.fulfilled_by == "AMAZON" or not self.packages:
            return item.quantity if self.status == "SHIPPED" else 0
        return sum(n for package in self.packages for id_, n in package.contents if id_ == item.id)
