"""searchOrders and getOrder of the Orders API 2026-01-01, model orders_2026-01-01.json.

There are no restricted data tokens in this version: what may be seen follows from roles,
https://developer-docs.amazon.com/sp-api/docs/access-orders-pii.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.sandbox.amazon.answers import Json, Refused, Reply
from bot.sandbox.amazon.asked import Asked, Handler
from bot.sandbox.amazon.moments import moment, seconds, written
from bot.sandbox.amazon.paging import TOKEN_SECONDS, Cursor, read_cursor
from bot.sandbox.amazon.parameters import GET_ORDER, SEARCH_ORDERS, checked, listed, window
from bot.sandbox.amazon.rendering_2026 import render_order
from bot.sandbox.amazon.seller import Seller

_NAMES: Final = ("createdAfter", "createdBefore", "lastUpdatedAfter", "lastUpdatedBefore")
_TOKEN: Final = "paginationToken"  # noqa: S105 - the name of a parameter
_ROLES: Final[Mapping[str, str]] = {"BUYER": "buyer", "RECIPIENT": "shipping"}


def search_orders(asked: Asked) -> Reply:
    """Answer a page of orders by their last update, or by their purchase where that is asked."""
    seller = asked.seller
    _check_version(seller)
    query = dict(checked(asked.query, SEARCH_ORDERS))
    token = query.pop(_TOKEN, None)
    if token is None:
        _check_marketplaces(seller, query)
        by_update, after, before = window(query, _NAMES, asked.time)
        # A fraction of a second before the first moment counts as before it.
        place = (seconds(after) + (1 if after.microsecond else 0), "")
        until = seconds(before)
    else:
        cursor = read_cursor(token, owner=asked.owner, given=query, now=asked.now)
        query, place, until = dict(cursor.query), cursor.place, cursor.until
        by_update = _NAMES[2] in query
    included = _included(seller, query)
    statuses = listed(query.get("fulfillmentStatuses", ""))
    makers = listed(query.get("fulfilledBy", ""))

    def wanted(status: str, by: str) -> bool:
        return (not statuses or status in statuses) and (not makers or by in makers)

    size = int(query.get("maxResultsPerPage", "100"))
    orders: list[Json] = []
    more = False
    found = seller.updated if by_update else seller.created
    for at, order in found(place, until, wanted):
        if len(orders) == size:
            more = True
            break
        place = at
        orders.append(render_order(order, included, asked.time))
    body: Json = {"orders": orders}
    if more:
        following = Cursor(
            owner=asked.owner,
            query=query,
            until=until,
            place=place,
            expires=asked.now + TOKEN_SECONDS,
        )
        body["pagination"] = {"nextToken": following.token()}
    body["lastUpdatedBefore" if by_update else "createdBefore"] = written(moment(until))
    return Reply(body=body)


def get_order(asked: Asked) -> Reply:
    """Answer one order."""
    seller = asked.seller
    _check_version(seller)
    included = _included(seller, checked(asked.query, GET_ORDER))
    order = seller.find(asked.variables["orderId"])
    if order is None:
        raise Refused(404)
    return Reply(body={"order": render_order(order, included, asked.time)})


def _check_version(seller: Seller) -> None:
    if seller.v0_only:
        raise Refused(403)


def _check_marketplaces(seller: Seller, query: Mapping[str, str]) -> None:
    if any(id_ != seller.marketplace_id for id_ in listed(query.get("marketplaceIds", ""))):
        raise Refused(400, "marketplaceIds has one that is not the seller's.")


def _included(seller: Seller, query: Mapping[str, str]) -> tuple[str, ...]:
    included = listed(query.get("includedData", ""))
    if any(_ROLES.get(name, "orders") not in seller.roles for name in included):
        raise Refused(403)
    return included


ORDERS_2026: Final[Mapping[str, Handler]] = {
    "searchOrders": search_orders,
    "getOrder": get_order,
}
