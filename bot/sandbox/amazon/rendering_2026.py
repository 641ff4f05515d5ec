"""Orders as version 2026-01-01 writes them, model orders_2026-01-01.json."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from bot.sandbox.amazon.answers import Json
from bot.sandbox.amazon.moments import written
from bot.sandbox.amazon.order import Address, Item, Package, SandboxOrder


def render_order(order: SandboxOrder, included: Collection[str], now: datetime) -> Json:
    """Return an order with the data sets that were asked for.

    Orders that Amazon fulfils have no buyer's e-mail, no telephone number and no packages.
    """
    by_merchant = order.fulfilled_by == "MERCHANT"
    drawn: Json = {
        "orderId": order.id,
        "createdTime": written(order.created),
        "lastUpdatedTime": written(order.last_updated),
        "salesChannel": {
            "channelName": "AMAZON",
            "marketplaceId": order.marketplace_id,
            "marketplaceName": order.marketplace_name,
        },
        "orderItems": [_item(order, item, included) for item in order.items],
    }
    if order.programs:
        drawn["programs"] = list(order.programs)
    if "BUYER" in included:
        drawn["buyer"] = given(
            {
                "buyerName": order.buyer.name,
                "buyerEmail": order.buyer.email if by_merchant else "",
                "buyerCompanyName": order.buyer.company,
                "buyerPurchaseOrderNumber": order.buyer.purchase_order,
            }
        )
    if "RECIPIENT" in included:
        drawn["recipient"] = _recipient(order, now)
    if "PROCEEDS" in included:
        drawn["proceeds"] = {
            "grandTotal": _money(order.total, order.currency),
            "breakdowns": [{"type": "ITEM", "subtotal": _money(order.total, order.currency)}],
        }
    if "PAYMENT" in included:
        drawn["payment"] = {
            "paymentExecutions": [
                {
                    "paymentMethod": "CreditCard",
                    "paymentAmount": _money(order.total, order.currency),
                }
            ]
        }
    if "FULFILLMENT" in included:
        drawn["fulfillment"] = _fulfillment(order)
    if "PACKAGES" in included and by_merchant and order.packages:
        drawn["packages"] = [_package(package) for package in order.packages]
    return drawn


def phone_is_shown(order: SandboxOrder, now: datetime) -> bool:
    """Return whether the buyer's telephone number is still given.

    It is not for Amazon's own shipping, nor for what was shipped and is past its latest delivery
    date: the note at `CustomerAddress.phone` in the model.
    """
    if order.fulfilled_by == "AMAZON":
        return False
    late = order.deliver_by is not None and now > order.deliver_by[1]
    return not (order.status == "SHIPPED" and late)


def given(fields: dict[str, str]) -> Json:
    """Return the fields that hold any text."""
    return {name: text for name, text in fields.items() if text}


def amount(value: Decimal, currency: str) -> str:
    """Return an amount as Amazon writes it: yen without fractions."""
    unit = Decimal(1) if currency == "JPY" else Decimal("0.01")
    return str(value.quantize(unit, ROUND_HALF_UP))


def _money(value: Decimal, currency: str) -> Json:
    return {"amount": amount(value, currency), "currencyCode": currency}


def _recipient(order: SandboxOrder, now: datetime) -> Json:
    drawn: Json = {}
    if order.address != Address():
        phone = order.address.phone if phone_is_shown(order, now) else ""
        drawn["deliveryAddress"] = _address(order.address, phone)
    preference = given({"dropOffLocation": order.drop_off, "addressInstruction": order.instruction})
    if preference:
        drawn["deliveryPreference"] = preference
    return drawn


def _address(address: Address, phone: str) -> Json:
    return given(
        {
            "name": address.name,
            "companyName": address.company,
            "addressLine1": address.line_1,
            "addressLine2": address.line_2,
            "addressLine3": address.line_3,
            "city": address.city,
            "stateOrRegion": address.region,
            "postalCode": address.postal_code,
            "countryCode": address.country,
            "phone": phone,
            "addressType": address.kind,
        }
    )


def _fulfillment(order: SandboxOrder) -> Json:
    drawn: Json = {
        "fulfillmentStatus": order.status,
        "fulfilledBy": order.fulfilled_by,
        "fulfillmentServiceLevel": order.service_level,
    }
    for name, span in (("shipByWindow", order.ship_by), ("deliverByWindow", order.deliver_by)):
        if span is not None:
            drawn[name] = {
                "earliestDateTime": written(span[0]),
                "latestDateTime": written(span[1]),
            }
    return drawn


def _item(order: SandboxOrder, item: Item, included: Collection[str]) -> Json:
    product: Json = {
        "asin": item.asin,
        "title": item.title,
        "sellerSku": item.sku,
        "condition": {"conditionType": "NEW", "conditionSubtype": "NEW"},
        "price": {"unitPrice": _money(item.price, order.currency)},
    }
    if item.customized_url:
        product["customization"] = {"customizedUrl": item.customized_url}
    drawn: Json = {
        "orderItemId": item.id,
        "quantityOrdered": item.quantity,
        "product": product,
    }
    if "PROCEEDS" in included:
        total = _money(item.price * item.quantity, order.currency)
        drawn["proceeds"] = {
            "proceedsTotal": total,
            "breakdowns": [{"type": "ITEM", "subtotal": total}],
        }
    if "CANCELLATION" in included and order.cancelled_by:
        drawn["cancellation"] = {
            "cancellationExecution": {
                "cancelledBy": order.cancelled_by,
                "cancelReason": order.cancel_reason,
            }
        }
    if "FULFILLMENT" in included:
        shipped = order.units_shipped(item)
        open_units = 0 if order.status == "CANCELLED" else item.quantity - shipped
        fulfillment: Json = {"quantityFulfilled": shipped, "quantityUnfulfilled": open_units}
        gift = given({"giftMessage": item.gift_message, "giftWrapLevel": item.gift_wrap})
        if gift:
            fulfillment["packing"] = {"giftOption": gift}
        drawn["fulfillment"] = fulfillment
    return drawn


def _package(package: Package) -> Json:
    status = given({"status": package.status, "detailedStatus": package.detailed})
    return {
        "packageReferenceId": package.id,
        "createdTime": written(package.created),
        "packageStatus": status,
        "carrier": package.carrier,
        "shipTime": written(package.shipped),
        "shippingService": package.service,
        "trackingNumber": package.tracking,
        "shipFromAddress": {
            "name": "Dock 4",
            "addressLine1": "40 Pallet Jack Road",
            "city": "Stackport",
            "stateOrRegion": "OH",
            "postalCode": "43001",
            "countryCode": "US",
        },
        "packageItems": [
            {"orderItemId": item_id, "quantity": units} for item_id, units in package.contents
        ],
    }
