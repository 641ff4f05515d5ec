"""Destinations, subscriptions, and the notification that an order changed.

https://developer-docs.amazon.com/sp-api/docs/notifications-api-v1-use-case-guide; the body of a
notification is that of the schema OrderChangeNotification.json, version 1.0. The sandbox sends
none: a test puts `order_change` into a queue of its own.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import NAMESPACE_URL, uuid4, uuid5

from bot.sandbox.amazon.answers import Json
from bot.sandbox.amazon.moments import written
from bot.sandbox.amazon.order import SandboxOrder
from bot.sandbox.amazon.rendering_v0 import CHANNELS, STATUSES
from bot.sandbox.amazon.seller import Seller

ORDER_CHANGE: Final = "ORDER_CHANGE"


class Notifications:
    """What the application asked to be told. The world's lock guards it.

    Attributes:
        destinations: The application's, by id.
        subscriptions: By seller's name and notification type.
    """

    def __init__(self) -> None:
        self.destinations: dict[str, Json] = {}
        self.subscriptions: dict[tuple[str, str], Json] = {}

    def add_destination(self, name: str, resource: Json) -> Json:
        """Keep a destination and return it as the model writes it."""
        destination: Json = {
            "name": name,
            "destinationId": str(uuid4()),
            "resource": resource,
        }
        self.destinations[str(destination["destinationId"])] = destination
        return destination

    def subscribe(self, seller: Seller, kind: str, asked: Json) -> Json:
        """Keep a subscription and return it as the model writes it."""
        subscription: Json = {"subscriptionId": str(uuid4()), **asked}
        self.subscriptions[seller.name, kind] = subscription
        return subscription


def order_change(seller: Seller, order: SandboxOrder, at: datetime) -> Json:
    """Return the notification that Amazon sends when an order's status changed at a moment.

    The same order and moment give the same notification id, as a queue may deliver twice.
    """
    ids = uuid5(NAMESPACE_URL, f"{seller.seller_id}/{order.id}/{written(at)}")
    shipped = {item.id: order.units_shipped(item) for item in order.items}
    summary: Json = {
        "MarketplaceId": order.marketplace_id,
        "OrderStatus": STATUSES[order.status],
        "PurchaseDate": written(order.created),
        "DestinationPostalCode": order.address.postal_code or None,
        "FulfillmentType": CHANNELS[order.fulfilled_by],
        "OrderType": "StandardOrder",
        "NumberOfItemsShipped": sum(shipped.values()),
        "NumberOfItemsUnshipped": order.units - sum(shipped.values()),
        "OrderPrograms": ["Prime"] if "PRIME" in order.programs else [],
        "ShippingPrograms": [],
        "OrderItems": [
            {
                "OrderItemId": item.id,
                "SellerSKU": item.sku,
                "SupplySourceId": None,
                "OrderItemStatus": "Shipped" if shipped[item.id] else "Unshipped",
                "Quantity": item.quantity,
                "QuantityShipped": shipped[item.id],
            }
            for item in order.items
        ],
    }
    for name, span in (("Ship", order.ship_by), ("Delivery", order.deliver_by)):
        if span is not None:
            summary[f"Earliest{name}Date"] = written(span[0])
            summary[f"Latest{name}Date"] = written(span[1])
    return {
        "NotificationVersion": "1.0",
        "NotificationType": ORDER_CHANGE,
        "PayloadVersion": "1.0",
        "EventTime": written(at),
        "Payload": {
            "OrderChangeNotification": {
                "NotificationLevel": "OrderLevel",
                "SellerId": seller.seller_id,
                "AmazonOrderId": order.id,
                "OrderChangeType": "OrderStatusChange",
                "OrderChangeTrigger": {
                    "TimeOfOrderChange": written(at),
                    "ChangeReason": "OrderStatusChange",
                },
                "Summary": summary,
            }
        },
        "NotificationMetadata": {
            "ApplicationId": "amzn1.sellerapps.app.sandbox",
            "SubscriptionId": f"subscription-{seller.name}",
            "PublishTime": written(at),
            "NotificationId": str(ids),
        },
    }
