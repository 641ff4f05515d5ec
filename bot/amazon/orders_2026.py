"""The Orders API 2026-01-01 (Amazon's model `orders_2026-01-01.json`).

It needs no restricted tokens: what is asked for by `includedData` comes, if the application has
the role. Buyer and recipient are asked for only where the seller wants PII, and then taken only of
orders that Jetpack ships.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Final, final

from bot.amazon.calls import Calls
from bot.amazon.operations import Operation
from bot.amazon.orders_api import CANCELED, PAGE, STATUSES, Page, by_sku, identity, iso
from bot.amazon.problems import Problem, Problems
from bot.amazon.reading import Node, Note
from bot.errors import AmazonUnreadable
from nlp.text import RawText
from storage.deliveries import DeliverySource
from storage.ids import MerchantId, OrderId
from storage.orders import Item, OrderNews, Package

_ALWAYS: Final = ("PROCEEDS", "FULFILLMENT", "PACKAGES")
_PII: Final = ("BUYER", "RECIPIENT")
_CHANNELS: Final[Mapping[str, str]] = {"MERCHANT": "MFN", "AMAZON": "AFN"}
_PRIME: Final = "PRIME"
_DELIVERED: Final = "DELIVERED"


@final
class Orders2026:
    """The orders of a seller, by way of 2026-01-01."""

    def __init__(self, calls: Calls) -> None:
        self._calls: Final = calls
        self._included: Final = [*_ALWAYS, *(_PII if calls.seller.wants_pii else ())]

    def page(self, since: datetime, token: str | None, problems: Problems) -> Page:
        """See `OrdersApi`."""
        asked: dict[str, object] = {
            "lastUpdatedAfter": iso(since),
            "marketplaceIds": self._calls.clients.marketplace_ids,
            "includedData": self._included,
            "maxResultsPerPage": PAGE,
        }
        if token is not None:
            asked["paginationToken"] = token
        operation = Operation.SEARCH_ORDERS
        answer = self._calls.make(
            operation, lambda: self._calls.clients.orders.search_orders(**asked)
        )
        found = answer.payload.get("orders")
        if not isinstance(found, list):
            raise AmazonUnreadable
        note = partial(problems.note, operation)
        news = [self._read(each, note) for each in found]
        return Page(
            news=tuple(each for each in news if each is not None),
            next_token=answer.next_token,
            until=Node(answer.payload, note).moment("lastUpdatedBefore"),
        )

    def order(self, order_id: OrderId, problems: Problems) -> OrderNews:
        """See `OrdersApi`."""
        operation = Operation.GET_ORDER
        answer = self._calls.make(
            operation,
            lambda: self._calls.clients.orders.get_order(order_id, includedData=self._included),
        )
        news = self._read(answer.payload.get("order"), partial(problems.note, operation))
        if news is None or news.order_id != order_id:
            raise AmazonUnreadable
        return news

    def _read(self, found: object, note: Note) -> OrderNews | None:
        """Read an order; None for what is none, which is noted."""
        seller = self._calls.seller
        if not isinstance(found, Mapping):
            note(Problem.NO_ORDER)
            return None
        return order_news(found, seller.merchant, note, wants_pii=seller.wants_pii)


def order_news(
    fields: Mapping[str, object], merchant: MerchantId, note: Note, *, wants_pii: bool
) -> OrderNews | None:
    """Read an `Order` of the model. None where it has no number or no time of its last change."""
    node = Node(fields, note)
    known = identity(node, "orderId", "lastUpdatedTime", note)
    if known is None:
        return None
    number, changed_at = known
    fulfillment = node.node("fulfillment")
    status = _status(fulfillment, note)
    channel = _channel(fulfillment, note)
    is_prime = _PRIME in node.words("programs")
    total = node.node("proceeds", "grandTotal")
    address = node.node("recipient", "deliveryAddress")
    items = by_sku([_item(each) for each in node.nodes("orderItems")])
    if not items:
        note(Problem.NO_ITEMS)
    ours = channel == "MFN" and not is_prime
    return OrderNews(
        order_id=number,
        merchant_id=merchant,
        status=status,
        channel=channel,
        is_prime=is_prime,
        changed_at=changed_at,
        purchased_at=node.moment("createdTime"),
        promised_at=fulfillment.node("deliverByWindow").moment("latestDateTime"),
        shipped_at=None,
        delivered_at=None,
        cancelled_at=changed_at if status == CANCELED else None,
        amount=total.money("amount"),
        currency=total.text("currencyCode", 3),
        city=address.text("city"),
        state=address.text("stateOrRegion"),
        zip=address.text("postalCode"),
        country=address.text("countryCode", 2),
        packages=_packages(node, changed_at, note),
        items=items,
        **(_pii(node) if wants_pii and ours else {}),
    )


def _status(fulfillment: Node, note: Note) -> str | None:
    told = fulfillment.text("fulfillmentStatus", 64)
    if told is not None and told not in STATUSES:
        note(Problem.UNKNOWN_STATUS)
        return None
    return None if told is None else STATUSES[told]


def _channel(fulfillment: Node, note: Note) -> str | None:
    told = fulfillment.text("fulfilledBy", 64)
    channel = _CHANNELS.get(told or "")
    if channel is None:
        note(Problem.UNKNOWN_CHANNEL)
    return channel


def _item(item: Node) -> Item:
    product = item.node("product")
    return Item(
        sku=product.text("sellerSku") or product.text("asin") or item.text("orderItemId") or "?",
        asin=product.text("asin"),
        title=product.text("title"),
        quantity=item.count("quantityOrdered"),
        price=product.node("price", "unitPrice").money("amount"),
    )


def _packages(order: Node, changed_at: datetime, note: Note) -> tuple[Package, ...]:
    """Read the packages that have a tracking number.

    Of one that is seen as DELIVERED, the last change of its order is the latest that it can have
    been delivered. Two of one number are delivered when both are.
    """
    found: dict[str, Package] = {}
    for node in order.nodes("packages"):
        tracking = node.text("trackingNumber", 100)
        if tracking is None:
            continue
        status = node.node("packageStatus").text("status", 64)
        is_delivered = status == _DELIVERED
        before = found.get(tracking)
        if before is not None:
            note(Problem.SHARED_TRACKING)
            is_delivered = is_delivered and before.delivered_at is not None
            status = status if before.status == _DELIVERED else before.status
        found[tracking] = Package(
            tracking_id=tracking,
            carrier=node.text("carrier", 100),
            status=status,
            shipped_at=node.moment("shipTime"),
            delivered_at=changed_at if is_delivered else None,
            delivery_source=DeliverySource.AMAZON if is_delivered else None,
        )
    return tuple(found.values())


def _pii(order: Node) -> dict[str, RawText | None]:
    """Read buyer and recipient. The recipient's name comes first: it stands on the parcel."""
    address = order.node("recipient", "deliveryAddress")
    buyer = order.node("buyer")
    wishes = order.node("recipient", "deliveryPreference")
    first, last = address.raw_name("name") if address.has("name") else buyer.raw_name("buyerName")
    gifts = [
        item.node("fulfillment", "packing", "giftOption").raw("giftMessage")
        for item in order.nodes("orderItems")
    ]
    return {
        "first_name": first,
        "last_name": last,
        "company": address.raw("companyName") or buyer.raw("buyerCompanyName"),
        "street_1": address.raw("addressLine1"),
        "street_2": address.raw_lines("addressLine2", "addressLine3"),
        "phone": address.raw("phone"),
        "email": buyer.raw("buyerEmail"),
        "gift_message": next((gift for gift in gifts if gift), None),
        "delivery_instructions": wishes.raw_lines("addressInstruction", "dropOffLocation"),
    }
