"""An ORDER_CHANGE notification: which order of which seller changed. No more of it is read.

Its form is that of Amazon's schema `OrderChangeNotification.json`. The rest of it, the zip code and
the items, is neither looked at nor kept: the order itself is asked for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.amazon.problems import Problem
from bot.amazon.reading import Node, Note
from storage.errors import MalformedId
from storage.ids import EventId, OrderId, order_id

ORDER_CHANGE: Final = "ORDER_CHANGE"
_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,128}")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderChange:
    """An order changed.

    Attributes:
        notification_id: What makes the notification unique.
        seller_id: Amazon's id of the seller.
        order_id: The order.
    """

    notification_id: EventId
    seller_id: str
    order_id: OrderId


def order_change(body: str, note: Note) -> OrderChange | None:
    """Read the body of a queue's message: a notification, also as EventBridge or SNS wraps it.

    None for a notification of another type and for what is no notification. Both are noted,
    neither is quoted.
    """
    found = _unwrapped(_object(body))
    # Amazon's schemas of other types write the names of their keys with a small letter.
    kind = found.get("NotificationType", found.get("notificationType"))
    if kind != ORDER_CHANGE:
        is_other = isinstance(kind, str) and kind != ""
        note(Problem.OTHER_TYPE if is_other else Problem.NO_NOTIFICATION)
        return None
    # Whatever is wrong within it is one problem.
    node = Node(found, lambda _problem: None)
    change = node.node("Payload", "OrderChangeNotification")
    notification = node.node("NotificationMetadata").text("NotificationId") or ""
    seller = change.text("SellerId") or ""
    try:
        order = order_id(change.text("AmazonOrderId") or "")
    except MalformedId:
        order = None
    if order is None or not _ID.fullmatch(notification) or not _ID.fullmatch(seller):
        note(Problem.NO_NOTIFICATION)
        return None
    return OrderChange(notification_id=EventId(notification), seller_id=seller, order_id=order)


def _unwrapped(found: Mapping[str, object]) -> Mapping[str, object]:
    """Return what an envelope holds: EventBridge's an object, that of SNS a text of JSON."""
    detail, message = found.get("detail"), found.get("Message")
    if isinstance(detail, Mapping):
        return detail
    return _object(message) if isinstance(message, str) else found


def _object(text: str) -> Mapping[str, object]:
    """Read a JSON object, an empty one where there is none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, Mapping) else {}
