"""Orders as version 0 writes them, model ordersV0.json."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

from bot.sandbox.amazon.answers import Json
from bot.sandbox.amazon.moments import written
from bot.sandbox.amazon.order import Address, Item, SandboxOrder
from bot.sandbox.amazon.rendering_2026 import amount, given, phone_is_shown

STATUSES: Final[Mapping[str, str]] = {
    "PENDING_AVAILABILITY": "PendingAvailability",
    "PENDING": "Pending",
    "UNSHIPPED": "Unshipped",
    "PARTIALLY_SHIPPED": "PartiallyShipped",
    "SHIPPED": "Shipped",
    "CANCELLED": "Canceled",
    "UNFULFILLABLE": "Unfulfillable",
}
CHANNELS: Final[Mapping[str, str]] = {"MERCHANT": "MFN", "AMAZON": "AFN"}
BUYER_INFO: Final = "buyerInfo"
SHIPPING_ADDRESS: Final = "shippingAddress"
TAX_INFORMATION: Final = "buyerTaxInformation"
ELEMENTS: Final = frozenset({BUYER_INFO, SHIPPING_ADDRESS, TAX_INFORMATION})
"""The data elements of restricted data tokens, model tokens_2021-03-01.json."""


def render_order(order: SandboxOrder, opened: Collection[str], now: datetime) -> Json:
    """Return an order with the personal data that a restricted data token opens."""
    shipped = sum(order.units_shipped(item) for item in order.items)
    left = 0 if order.status == "CANCELLED" else order.units - shipped
    drawn: Json = {
        "AmazonOrderId": order.id,
        "SellerOrderId": order.id,
        "PurchaseDate": written(order.created),
        "LastUpdateDate": written(order.last_updated),
        "OrderStatus": STATUSES[order.status],
        "FulfillmentChannel": CHANNELS[order.fulfilled_by],
        "SalesChannel": order.marketplace_name,
        "ShipServiceLevel": "Std US D2D Dom",
        "NumberOfItemsShipped": shipped,
        "NumberOfItemsUnshipped": left,
        "PaymentMethod": "Other",
        "PaymentMethodDetails": ["Standard"],
        "MarketplaceId": order.marketplace_id,
        "ShipmentServiceLevelCategory": order.service_level.title().replace("_", ""),
        "OrderType": "StandardOrder",
        "IsBusinessOrder": "AMAZON_BUSINESS" in order.programs,
        "IsPrime": "PRIME" in order.programs,
        "IsPremiumOrder": "PREMIUM" in order.programs,
        "IsGlobalExpressEnabled": False,
        "IsReplacementOrder": False,
        "IsSoldByAB": False,
        "IsISPU": False,
        "IsAccessPointOrder": False,
        "HasRegulatedItems": False,
        "BuyerInfo": render_buyer(order) if BUYER_INFO in opened else {},
    }
    if order.status not in ("PENDING", "CANCELLED"):
        drawn["OrderTotal"] = {
            "CurrencyCode": order.currency,
            "Amount": amount(order.total, order.currency),
        }
    for name, span in (("Ship", order.ship_by), ("Delivery", order.deliver_by)):
        if span is not None:
            drawn[f"Earliest{name}Date"] = written(span[0])
            drawn[f"Latest{name}Date"] = written(span[1])
    address = render_address(order, now, full=SHIPPING_ADDRESS in opened)
    if address:
        drawn["ShippingAddress"] = address
    return drawn


def render_buyer(order: SandboxOrder) -> Json:
    """Return who ordered, nothing for orders that Amazon fulfils."""
    if order.fulfilled_by == "AMAZON":
        return {}
    return given(
        {
            "BuyerEmail": order.buyer.email,
            "BuyerName": order.buyer.name,
            "PurchaseOrderNumber": order.buyer.purchase_order,
        }
    )


def render_address(order: SandboxOrder, now: datetime, *, full: bool) -> Json:
    """Return where an order goes: all of it, or only town, region, postal code and country."""
    address = order.address
    if address == Address():
        return {}
    town = {
        "City": address.city,
        "StateOrRegion": address.region,
        "PostalCode": address.postal_code,
        "CountryCode": address.country,
    }
    if not full:
        return given(town)
    return given(
        {
            "Name": address.name,
            "CompanyName": address.company,
            "AddressLine1": address.line_1,
            "AddressLine2": address.line_2,
            "AddressLine3": address.line_3,
            **town,
            "Phone": address.phone if phone_is_shown(order, now) else "",
            "AddressType": address.kind.title() if address.kind != "PICKUP_POINT" else "",
        }
    )


def render_item(order: SandboxOrder, item: Item, opened: Collection[str]) -> Json:
    """Return one item; a pending order's has no prices, as the operation's description says."""
    gift = bool(item.gift_message or item.gift_wrap)
    drawn: Json = {
        "ASIN": item.asin,
        "SellerSKU": item.sku,
        "OrderItemId": item.id,
        "Title": item.title,
        "QuantityOrdered": item.quantity,
        "QuantityShipped": order.units_shipped(item),
        "ProductInfo": {"NumberOfItems": "1"},
        "ConditionId": "New",
        "ConditionSubtypeId": "New",
        "IsTransparency": False,
    }
    if order.status == "PENDING":
        return drawn
    drawn["IsGift"] = "true" if gift else "false"
    drawn["ItemPrice"] = {
        "CurrencyCode": order.currency,
        "Amount": amount(item.price * item.quantity, order.currency),
    }
    if BUYER_INFO in opened and (gift or item.customized_url):
        info: Json = dict(
            given({"GiftMessageText": item.gift_message, "GiftWrapLevel": item.gift_wrap})
        )
        if item.customized_url:
            info["BuyerCustomizedInfo"] = {"CustomizedURL": item.customized_url}
        drawn["BuyerInfo"] = info
    return drawn
