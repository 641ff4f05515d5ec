"""Orders as values: the news that come of one, and what is shown of one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal

from nlp.text import RawText
from storage.ids import MerchantId, OrderId
from storage.retention import utc

Redacted = Literal["Redacted"]
REDACTED: Final[Redacted] = "Redacted"
"""What stands in a field whose PII is gone, word for word."""

_YEARS: Final = range(1995, 2101)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An article of an order, by its SKU. None is not known.

    Attributes:
        price: Of one piece, in the order's currency.
    """

    sku: str
    asin: str | None = None
    title: str | None = None
    quantity: int | None = None
    price: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A package of an order, by its tracking id. None is not known.

    Attributes:
        delivery_source: Who says that it was delivered, see `storage.deliveries`.

    Raises:
        ValueError: A datetime is naive, or before 1995 or after 2100.
    """

    tracking_id: str
    carrier: str | None = None
    status: str | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    delivery_source: str | None = None

    def __post_init__(self) -> None:
        check_times((self.shipped_at, self.delivered_at))


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderNews:
    """What a sync or an import says of an order. None says nothing and overwrites nothing.

    Attributes:
        channel: Amazon's fulfillment channel, `MFN` or `AFN`.
        is_prime: Whether it is a Prime order: of `MFN` a Seller Fulfilled one, which Jetpack
            does not ship.
        changed_at: When Amazon last changed the order, by Amazon's clock, for news of Amazon's.
            News of before what is known fill gaps and overwrite nothing.
        promised_at: The latest promised delivery.
        delivered_at: The delivery of the order as a whole: it counts for each package that has
            no delivery of its own.
        amount: The order's total, in `currency` (ISO 4217).
        first_name: This and the nine after it are PII: sealed on arrival, redacted when due.
        packages: Those that the news names; others stay.
        items: The same.

    Raises:
        ValueError: A datetime is naive, or before 1995 or after 2100.
    """

    order_id: OrderId
    merchant_id: MerchantId
    status: str | None = None
    channel: str | None = None
    is_prime: bool | None = None
    changed_at: datetime | None = None
    purchased_at: datetime | None = None
    promised_at: datetime | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    cancelled_at: datetime | None = None
    amount: Decimal | None = None
    currency: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    country: str | None = None
    first_name: RawText | None = None
    last_name: RawText | None = None
    company: RawText | None = None
    street_1: RawText | None = None
    street_2: RawText | None = None
    phone: RawText | None = None
    email: RawText | None = None
    gift_message: RawText | None = None
    delivery_instructions: RawText | None = None
    notes: RawText | None = None
    packages: tuple[Package, ...] = ()
    items: tuple[Item, ...] = ()

    def __post_init__(self) -> None:
        check_times(
            (
                self.changed_at,
                self.purchased_at,
                self.promised_at,
                self.shipped_at,
                self.delivered_at,
                self.cancelled_at,
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order as it is shown at a moment.

    Attributes:
        zip: `Redacted` where the postal code is redacted, too.
        delivered_at: The last delivery of its packages so far.
        pii: For each PII field by name: the opened value, the literal `Redacted`, or None.
        redacted: Whether its time is up. From then on every PII field reads `Redacted`.
        due_at: When its time is up.
        known_at: When it was last heard of, by our clock: from Amazon, where it comes from there.
    """

    order_id: OrderId
    merchant_id: MerchantId
    status: str | None
    channel: str | None
    is_prime: bool | None
    purchased_at: datetime | None
    promised_at: datetime | None
    shipped_at: datetime | None
    delivered_at: datetime | None
    cancelled_at: datetime | None
    amount: Decimal | None
    currency: str | None
    city: str | None
    state: str | None
    zip: str | None
    country: str | None
    pii: Mapping[str, RawText | Redacted | None]
    packages: tuple[Package, ...]
    items: tuple[Item, ...]
    redacted: bool
    due_at: datetime
    known_at: datetime


def check_times(moments: Iterable[datetime | None]) -> None:
    """Refuse a time that is naive or a slip of the pen, which would keep PII for centuries.

    Raises:
        ValueError: One of them is a time without a zone, before 1995 or after 2100.
    """
    for moment in moments:
        if moment is not None and utc(moment).year not in _YEARS:
            raise ValueError("A time of an order lies between 1995 and 2100.")
