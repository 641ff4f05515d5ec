"""The five read operations of the Orders API v0, model ordersV0.json.

Personal data is in the answer only for a restricted data token that opens it; with any other
token an order has its town and postal code alone, and no buyer.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from bot.sandbox.amazon.answers import Json, Refused, Reply
from bot.sandbox.amazon.asked import Asked, Handler
from bot.sandbox.amazon.moments import moment, read, seconds, written
from bot.sandbox.amazon.order import SandboxOrder
from bot.sandbox.amazon.paging import TOKEN_SECONDS, Cursor, read_cursor
from bot.sandbox.amazon.parameters import (
    GET_ORDER_ITEMS_V0,
    GET_ORDERS_V0,
    LIBRARY_EXTRAS,
    NONE,
    RESTRICTED_EXTRAS,
    checked,
    listed,
    window,
)
from bot.sandbox.amazon.rendering_v0 import (
    BUYER_INFO,
    CHANNELS,
    SHIPPING_ADDRESS,
    STATUSES,
    render_address,
    render_buyer,
    render_item,
    render_order,
)

_NAMES: Final = ("CreatedAfter", "CreatedBefore", "LastUpdatedAfter", "LastUpdatedBefore")
_EXTRAS: Final = LIBRARY_EXTRAS | RESTRICTED_EXTRAS


def get_orders(asked: Asked) -> Reply:
    """Answer a page of orders by their last update, or by their purchase where that is asked."""
    seller = asked.seller
    query = dict(checked(asked.query, GET_ORDERS_V0, _EXTRAS))
    places = listed(query.get("MarketplaceIds", ""))
    if not places or any(id_ != seller.marketplace_id for id_ in places):
        raise Refused(400, "MarketplaceIds is missing or has one that is not the seller's.")
    token = query.pop("NextToken", None)
    if token is not None:
        cursor = read_cursor(token, owner=asked.owner, given=query, now=asked.now)
        query, place, until = dict(cursor.query), cursor.place, cursor.until
        by_update = _NAMES[2] in query
    elif "AmazonOrderIds" in query:
        by_update, place, until = False, (0, ""), asked.now
    else:
        by_update, after, before = window(query, _NAMES, asked.time)
        place, until = (seconds(after) + (1 if after.microsecond else 0), ""), seconds(before)
    statuses = listed(query.get("OrderStatuses", ""))
    channels = listed(query.get("FulfillmentChannels", ""))

    def wanted(status: str, by: str) -> bool:
        return (not statuses or STATUSES[status] in statuses) and (
            not channels or CHANNELS[by] in channels
        )

    size = int(query.get("MaxResultsPerPage", "100"))
    opened = _opened(asked)
    orders: list[Json] = []
    payload: Json = {"Orders": orders}
    if "AmazonOrderIds" in query:
        some = [seller.find(order_id) for order_id in listed(query["AmazonOrderIds"])]
        found = iter([((0, one.id), one) for one in some if one is not None])
    else:
        found = (seller.updated if by_update else seller.created)(place, until, wanted)
    for at, order in found:
        if not _matches(order, query):
            continue
        if len(orders) == size:
            following = Cursor(
                owner=asked.owner,
                query=query,
                until=until,
                place=place,
                expires=asked.now + TOKEN_SECONDS,
            )
            payload["NextToken"] = following.token()
            break
        place = at
        orders.append(render_order(order, opened, asked.time))
    payload["LastUpdatedBefore" if by_update else "CreatedBefore"] = written(moment(until))
    return Reply(body={"payload": payload})


def get_order(asked: Asked) -> Reply:
    """Answer one order."""
    checked(asked.query, NONE, _EXTRAS)
    return Reply(body={"payload": render_order(_order(asked), _opened(asked), asked.time)})


def get_order_items(asked: Asked) -> Reply:
    """Answer all items of an order; no order here has more than a page of them."""
    if "NextToken" in checked(asked.query, GET_ORDER_ITEMS_V0, _EXTRAS):
        raise Refused(400, "NextToken is not valid.")
    order = _order(asked)
    items = [render_item(order, item, _opened(asked)) for item in order.items]
    return Reply(body={"payload": {"AmazonOrderId": order.id, "OrderItems": items}})


def get_order_address(asked: Asked) -> Reply:
    """Answer where an order goes."""
    checked(asked.query, NONE, _EXTRAS)
    order = _order(asked)
    full = SHIPPING_ADDRESS in _opened(asked)
    payload: Json = {"AmazonOrderId": order.id}
    address = render_address(order, asked.time, full=full)
    if address:
        payload["ShippingAddress"] = address
    wishes: Json = {}
    if order.drop_off:
        wishes["DropOffLocation"] = order.drop_off
    if order.instruction:
        wishes["AddressInstructions"] = order.instruction
    if wishes and full:
        payload["DeliveryPreferences"] = wishes
    return Reply(body={"payload": payload})


def get_order_buyer_info(asked: Asked) -> Reply:
    """Answer who ordered."""
    checked(asked.query, NONE, _EXTRAS)
    order = _order(asked)
    buyer = render_buyer(order) if BUYER_INFO in _opened(asked) else {}
    return Reply(body={"payload": {"AmazonOrderId": order.id, **buyer}})


def _order(asked: Asked) -> SandboxOrder:
    order = asked.seller.find(asked.variables["orderId"])
    if order is None:
        raise Refused(404)
    return order


def _opened(asked: Asked) -> frozenset[str]:
    """Return the personal data that the token opens here."""
    return asked.grant.elements(asked.operation.method, asked.path) or frozenset()


def _matches(order: SandboxOrder, query: Mapping[str, str]) -> bool:
    """Return whether an order passes the filters that look into it."""
    if query.get("SellerOrderId", order.id) != order.id:
        return False
    if query.get("BuyerEmail", order.buyer.email) != order.buyer.email:
        return False
    if "Other" not in listed(query.get("PaymentMethods", "Other")):
        return False
    absent = ("EasyShipShipmentStatuses", "ElectronicInvoiceStatuses", "StoreChainStoreId")
    if query.get("IsISPU") == "true" or any(name in query for name in absent):
        return False
    if order.deliver_by is None:
        return not any("DeliveryDate" in name for name in query)
    first, last = order.deliver_by
    return _within(first, query, "EarliestDeliveryDate") and _within(
        last, query, "LatestDeliveryDate"
    )


def _within(time: datetime, query: Mapping[str, str], name: str) -> bool:
    after = read(query.get(f"{name}After", ""))
    before = read(query.get(f"{name}Before", ""))
    return (after is None or time >= after) and (before is None or time <= before)


ORDERS_V0: Final[Mapping[str, Handler]] = {
    "getOrdersV0": get_orders,
    "getOrderV0": get_order,
    "getOrderItemsV0": get_order_items,
    "getOrderAddressV0": get_order_address,
    "getOrderBuyerInfoV0": get_order_buyer_info,
}
