"""A row of an import file, read into news of an order, a return or a shipment.

The columns are those that README.md documents. What is PII becomes `RawText` at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from nlp.text import RawText
from storage.deliveries import DeliverySource
from storage.errors import MalformedId
from storage.ids import MerchantId, OrderId, ReturnId, merchant_id, order_id
from storage.orders import Item, OrderNews, Package
from storage.redaction import PII
from storage.returns import Return
from storage.shipments import Shipment

PII_COLUMNS: Final = tuple(PII)
ORDER_COLUMNS: Final = (
    "order_id", "merchant", "status", "channel", "purchased_at", "promised_at", "shipped_at",
    "delivered_at", "cancelled_at", "carrier", "tracking_id", "package_status", "sku", "asin",
    "title", "quantity", "price", "amount", "currency", "first_name", "last_name", "company",
    "street_1", "street_2", "city", "state", "zip", "country", "phone", "email", "gift_message",
    "delivery_instructions", "notes",
)  # fmt: skip
RETURN_COLUMNS: Final = (
    "return_id", "order_id", "merchant", "status", "reason", "carrier", "tracking_id",
    "requested_at", "received_at", "sku", "quantity", "refund_amount", "currency",
)  # fmt: skip
SHIPMENT_COLUMNS: Final = (
    "tracking_id", "order_id", "carrier", "status", "shipped_at", "delivered_at", "source",
)  # fmt: skip
_FILE_SOURCES: Final = (DeliverySource.IMPORT, DeliverySource.CARRIER, DeliverySource.JETPACK)
_SHORT: Final = 100
_LONG: Final = 500
_YEARS: Final = range(1996, 2100)
"""Within the years that the records take, whatever the offset."""
_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._/-]{0,63}")


class BadRow(ValueError):
    """A row cannot be taken. The message names the column and what it should hold, no content."""


def order_news(fields: Mapping[str, object]) -> OrderNews:
    """Read a row of an orders file. Raises BadRow."""
    row = _Row(fields)
    tracking, sku = row.code("tracking_id"), row.code("sku")
    shipped, delivered = row.moment("shipped_at"), row.moment("delivered_at")
    packages = (
        (
            Package(
                tracking_id=tracking,
                carrier=row.text("carrier"),
                status=row.text("package_status"),
                shipped_at=shipped,
                delivered_at=delivered,
                delivery_source=DeliverySource.IMPORT if delivered else None,
            ),
        )
        if tracking
        else ()
    )
    items = (
        (
            Item(
                sku=sku,
                asin=row.code("asin"),
                title=row.text("title", _LONG),
                quantity=row.count("quantity"),
                price=row.money("price"),
            ),
        )
        if sku
        else ()
    )
    return OrderNews(
        order_id=row.order_id(),
        merchant_id=row.merchant(),
        status=row.text("status"),
        channel=row.code("channel"),
        is_prime=None,
        changed_at=None,
        purchased_at=row.moment("purchased_at"),
        promised_at=row.moment("promised_at"),
        shipped_at=shipped,
        # Of a row with a package it is that package's delivery, not the whole order's.
        delivered_at=None if tracking else delivered,
        cancelled_at=row.moment("cancelled_at"),
        amount=row.money("amount"),
        currency=row.code("currency"),
        city=row.text("city"),
        state=row.text("state"),
        zip=row.code("zip"),
        country=row.text("country"),
        packages=packages,
        items=items,
        **{name: row.raw(name) for name in PII_COLUMNS},
    )


def return_news(
    fields: Mapping[str, object], merchant_of: Callable[[OrderId], MerchantId | None]
) -> Return:
    """Read a row of a returns file.

    Args:
        fields: The row.
        merchant_of: Tells whose an order is, for a row that does not say.

    Raises:
        BadRow: It cannot be taken.
    """
    row = _Row(fields)
    order = row.order_id()
    merchant = row.merchant() if row.string("merchant") else merchant_of(order)
    if merchant is None:
        raise BadRow("merchant is missing and the order is not known")
    rma = row.code("return_id")
    if rma is None:
        raise BadRow("return_id is missing")
    return Return(
        return_id=ReturnId(rma),
        order_id=order,
        merchant_id=merchant,
        status=row.code("status"),
        # A code, never the buyer's own words, which may name anybody.
        reason=row.code("reason"),
        carrier=row.text("carrier"),
        tracking_id=row.code("tracking_id"),
        requested_at=row.moment("requested_at"),
        received_at=row.moment("received_at"),
        sku=row.code("sku"),
        quantity=row.count("quantity"),
        refund_amount=row.money("refund_amount"),
        currency=row.code("currency"),
    )


def shipment_news(
    fields: Mapping[str, object], sources: Sequence[DeliverySource] = _FILE_SOURCES
) -> Shipment:
    """Read a row of a shipments file, or what a feed says of a package.

    Args:
        fields: The row. Fields of other names are not read.
        sources: Who may be named as the one who says so; the first where nobody is.

    Raises:
        BadRow: It cannot be taken.
    """
    row = _Row(fields)
    tracking = row.code("tracking_id")
    if tracking is None:
        raise BadRow("tracking_id is missing")
    return Shipment(
        tracking_id=tracking,
        source=row.source(sources),
        order_id=row.order_id() if row.string("order_id") else None,
        carrier=row.text("carrier"),
        status=row.text("status"),
        shipped_at=row.moment("shipped_at"),
        delivered_at=row.moment("delivered_at"),
    )


class _Row:
    """Typed access to the fields of a row; an empty field is None."""

    def __init__(self, fields: Mapping[str, object]) -> None:
        self._fields = fields

    def string(self, name: str) -> str:
        value = self._fields.get(name)
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            raise BadRow(f"{name} is not a text or a number")
        text = str(value).strip()
        if "\x00" in text or any("\ud800" <= char <= "\udfff" for char in text):
            raise BadRow(f"{name} holds a character that is none")
        return text

    def text(self, name: str, longest: int = _SHORT) -> str | None:
        text = self.string(name)
        if len(text) > longest:
            raise BadRow(f"{name} is longer than {longest} characters")
        return text or None

    def code(self, name: str) -> str | None:
        text = self.string(name)
        if text and not _CODE.fullmatch(text):
            raise BadRow(f"{name} is not a code of up to 64 letters, digits and . _ / -")
        return text or None

    def raw(self, name: str) -> RawText | None:
        text = self.text(name, 2_000)
        return None if text is None else RawText(text)

    def moment(self, name: str) -> datetime | None:
        text = self.string(name)
        if not text:
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            moment = None
        if moment is None or moment.utcoffset() is None or moment.year not in _YEARS:
            raise BadRow(f"{name} is not an ISO 8601 time with its offset")
        return moment

    def money(self, name: str) -> Decimal | None:
        text = self.string(name)
        if not text:
            return None
        try:
            amount = Decimal(text)
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite() or not 0 <= amount < 10**10:
            raise BadRow(f"{name} is not an amount such as 12.50")
        return amount

    def count(self, name: str) -> int | None:
        text = self.string(name)
        if text and not re.fullmatch(r"\d{1,9}", text):
            raise BadRow(f"{name} is not a whole number")
        return int(text) if text else None

    def order_id(self) -> OrderId:
        try:
            return order_id(self.string("order_id"))
        except MalformedId:
            raise BadRow("order_id is not 3-7-7 digits") from None

    def merchant(self) -> MerchantId:
        try:
            return merchant_id(self.string("merchant"))
        except MalformedId:
            raise BadRow("merchant is not up to 40 lower-case letters, digits and -") from None

    def source(self, known: Sequence[DeliverySource]) -> DeliverySource:
        text = self.string("source")
        if not text:
            return known[0]
        if text not in known:
            raise BadRow(f"source is not one of {', '.join(known)}")
        return DeliverySource(text)
