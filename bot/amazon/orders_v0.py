"""The Orders API v0 (Amazon's model `ordersV0.json`), for accounts that lack 2026-01-01.

Amazon takes its reading operations away on 27 March 2027. It has no packages, and gives the items
of an order by a call of their own; buyer and recipient come with a Restricted Data Token alone
(`tokens_2021-03-01.json`).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import date, datetime
from functools import partial
from typing import Final, final

from bot.amazon.calls import Calls
from bot.amazon.library import OrdersV0
from bot.amazon.login import lent
from bot.amazon.operations import Operation
from bot.amazon.orders_api import CANCELED, PAGE, STATUSES_V0, Page, by_sku, identity, iso
from bot.amazon.problems import Problem, Problems
from bot.amazon.reading import Node, Note
from bot.amazon.transport import AccessTokenExpired
from bot.errors import AmazonBusy, AmazonUnreadable
from nlp.text import RawText
from storage.ids import MerchantId, OrderId
from storage.orders import Item, OrderNews

ENDS: Final = date(2027, 3, 27)
"""When Amazon takes the reading operations away (changelog of the Orders API 2026-01-01)."""
_ORDERS: Final = "/orders/v0/orders"
_DATA: Final = ["buyerInfo", "shippingAddress"]
_CHANNELS: Final = frozenset({"MFN", "AFN"})
_MOST_PAGES: Final = 20
"""Pages of items of one order."""
_MARGIN: Final = 60
"""Seconds before its end from which a restricted token is not used any more."""


@final
class OrdersV0Api:
    """The orders of a seller, by way of v0."""

    def __init__(self, calls: Calls) -> None:
        self._calls: Final = calls
        self._restricted: tuple[OrdersV0, float] | None = None

    def page(self, since: datetime, token: str | None, problems: Problems) -> Page:
        """See `OrdersApi`."""
        asked: dict[str, object] = {
            "LastUpdatedAfter": iso(since),
            "MarketplaceIds": self._calls.clients.marketplace_ids,
            "MaxResultsPerPage": PAGE,
        }
        if token is not None:
            asked["NextToken"] = token
        operation = Operation.GET_ORDERS_V0
        client = self._for_pages()
        try:
            answer = self._calls.make(operation, lambda: client.get_orders(**asked))
        except AccessTokenExpired:
            # The next try asks for another restricted token, and hears it where there is none.
            self._restricted = None
            raise AmazonBusy from None
        found = answer.payload.get("Orders")
        if not isinstance(found, list):
            raise AmazonUnreadable
        note = partial(problems.note, operation)
        news = [self._read(each, (), note) for each in found]
        kept = tuple(each for each in news if each is not None)
        return Page(
            news=kept,
            next_token=answer.next_token,
            until=Node(answer.payload, note).moment("LastUpdatedBefore"),
            lacking=frozenset(each.order_id for each in kept),
        )

    def order(self, order_id: OrderId, problems: Problems) -> OrderNews:
        """See `OrdersApi`."""
        client = self._calls.clients.orders_v0
        if self._calls.seller.wants_pii:
            client, _ = self._restricted_client(f"{_ORDERS}/{order_id}")
        answer = self._calls.make(Operation.GET_ORDER_V0, lambda: client.get_order(order_id))
        items = self._items(order_id, problems)
        news = self._read(answer.payload, items, partial(problems.note, Operation.GET_ORDER_V0))
        if news is None or news.order_id != order_id:
            raise AmazonUnreadable
        return news

    def _items(self, number: OrderId, problems: Problems) -> tuple[Item, ...]:
        client, operation = self._calls.clients.orders_v0, Operation.GET_ORDER_ITEMS_V0
        note = partial(problems.note, operation)
        found: list[Item] = []
        asked: dict[str, str] = {}
        for _ in range(_MOST_PAGES):
            call = partial(client.get_order_items, number, **asked)
            answer = self._calls.make(operation, call)
            found += [_item(each) for each in Node(answer.payload, note).nodes("OrderItems")]
            if answer.next_token is None:
                break
            asked = {"NextToken": answer.next_token}
        if not found:
            note(Problem.NO_ITEMS)
        return by_sku(found)

    def _for_pages(self) -> OrdersV0:
        """Return the client for pages: restricted, and kept as long as its token, for PII."""
        if not self._calls.seller.wants_pii:
            return self._calls.clients.orders_v0
        if self._restricted is None or time.monotonic() > self._restricted[1]:
            self._restricted = self._restricted_client(_ORDERS)
        return self._restricted[0]

    def _restricted_client(self, path: str) -> tuple[OrdersV0, float]:
        """Return a client that may ask for PII at a path, and until when."""
        asked_at = time.monotonic()
        resources = [{"method": "GET", "path": path, "dataElements": _DATA}]
        tokens = self._calls.clients.tokens
        answer = self._calls.make(
            Operation.CREATE_RESTRICTED_DATA_TOKEN,
            lambda: tokens.create_restricted_data_token(restrictedResources=resources),
        )
        token, seconds = lent(
            answer.payload.get("restrictedDataToken"), answer.payload.get("expiresIn")
        )
        return self._calls.clients.restricted(token), asked_at + seconds - _MARGIN

    def _read(self, found: object, items: tuple[Item, ...], note: Note) -> OrderNews | None:
        """Read an order; None for what is none, which is noted."""
        seller = self._calls.seller
        if not isinstance(found, Mapping):
            note(Problem.NO_ORDER)
            return None
        return order_news(found, seller.merchant, items, note, wants_pii=seller.wants_pii)


def order_news(
    fields: Mapping[str, object],
    merchant: MerchantId,
    items: tuple[Item, ...],
    note: Note,
    *,
    wants_pii: bool,
) -> OrderNews | None:
    """Read an `Order` of the model. None where it has no number or no time of its last change."""
    node = Node(fields, note)
    known = identity(node, "AmazonOrderId", "LastUpdateDate", note)
    if known is None:
        return None
    number, changed_at = known
    status = node.text("OrderStatus", 64)
    if status is not None and status not in STATUSES_V0:
        note(Problem.UNKNOWN_STATUS)
        status = None
    channel = node.text("FulfillmentChannel", 64)
    if channel not in _CHANNELS:
        note(Problem.UNKNOWN_CHANNEL)
        channel = None
    is_prime = node.flag("IsPrime")
    total, address = node.node("OrderTotal"), node.node("ShippingAddress")
    ours = channel == "MFN" and not is_prime
    return OrderNews(
        order_id=number,
        merchant_id=merchant,
        status=status,
        channel=channel,
        is_prime=is_prime,
        changed_at=changed_at,
        purchased_at=node.moment("PurchaseDate"),
        promised_at=node.moment("LatestDeliveryDate"),
        shipped_at=None,
        delivered_at=None,
        cancelled_at=changed_at if status == CANCELED else None,
        amount=total.money("Amount"),
        currency=total.text("CurrencyCode", 3),
        city=address.text("City"),
        state=address.text("StateOrRegion"),
        zip=address.text("PostalCode"),
        country=address.text("CountryCode", 2),
        packages=(),
        items=items,
        **(_pii(node) if wants_pii and ours else {}),
    )


def _item(item: Node) -> Item:
    quantity, price = item.count("QuantityOrdered"), item.node("ItemPrice").money("Amount")
    return Item(
        sku=item.text("SellerSKU") or item.text("ASIN") or item.text("OrderItemId") or "?",
        asin=item.text("ASIN"),
        title=item.text("Title"),
        quantity=quantity,
        # `ItemPrice` is of the line, an item's price here is of one piece.
        price=None if price is None or not quantity else round(price / quantity, 2),
    )


def _pii(order: Node) -> dict[str, RawText | None]:
    """Read buyer and recipient. The recipient's name comes first: it stands on the parcel."""
    address, buyer = order.node("ShippingAddress"), order.node("BuyerInfo")
    first, last = address.raw_name("Name") if address.has("Name") else buyer.raw_name("BuyerName")
    return {
        "first_name": first,
        "last_name": last,
        "company": address.raw("CompanyName"),
        "street_1": address.raw("AddressLine1"),
        "street_2": address.raw_lines("AddressLine2", "AddressLine3"),
        "phone": address.raw("Phone"),
        "email": buyer.raw("BuyerEmail"),
    }
