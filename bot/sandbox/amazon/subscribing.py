"""The operations of the Notifications API that the sandbox has, model notifications.json.

Destinations belong to the application and take its grantless token, as does the deletion of a
subscription; a subscription itself is a seller's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from bot.sandbox.amazon.answers import Json, Refused, Reply
from bot.sandbox.amazon.asked import Asked, Handler
from bot.sandbox.amazon.notifications import ORDER_CHANGE
from bot.sandbox.amazon.parameters import GET_SUBSCRIPTION, NONE, checked

_ARN: Final = re.compile(r"arn:aws:sqs:\S+:\S+:\S+")
_CHANGE_TYPES: Final = frozenset({"BuyerRequestedChange", "DeliveryTipChange", "OrderStatusChange"})


def create_destination(asked: Asked) -> Reply:
    """Keep where notifications are to go. The sandbox has queues of SQS alone."""
    name, specification = asked.body.get("name"), asked.body.get("resourceSpecification")
    sqs = specification.get("sqs") if isinstance(specification, dict) else None
    arn = sqs.get("arn") if isinstance(sqs, dict) else None
    if not isinstance(name, str) or not name or len(name) > 256:
        raise Refused(400, "name is needed.")
    if not isinstance(arn, str) or not _ARN.fullmatch(arn):
        raise Refused(400, "resourceSpecification.sqs.arn is missing or no queue's.")
    notifications = asked.world.notifications
    resource: Json = {"sqs": {"arn": arn}}
    for known in notifications.destinations.values():
        if known["resource"] == resource or known["name"] == name:
            raise Refused(409)
    return Reply(body={"payload": notifications.add_destination(name, resource)})


def get_destinations(asked: Asked) -> Reply:
    """Answer every destination."""
    checked(asked.query, NONE)
    return Reply(body={"payload": list(asked.world.notifications.destinations.values())})


def create_subscription(asked: Asked) -> Reply:
    """Subscribe a seller to the changes of its orders."""
    kind = _kind(asked)
    notifications = asked.world.notifications
    destination, version = asked.body.get("destinationId"), asked.body.get("payloadVersion")
    if version != "1.0":
        raise Refused(400, "payloadVersion is missing or not one of the notification's.")
    if not isinstance(destination, str) or destination not in notifications.destinations:
        raise Refused(400, "destinationId is missing or not known.")
    if (asked.seller.name, kind) in notifications.subscriptions:
        raise Refused(409)
    wanted: Json = {"payloadVersion": version, "destinationId": destination}
    if "processingDirective" in asked.body:
        wanted["processingDirective"] = _directive(asked.body["processingDirective"])
    return Reply(body={"payload": notifications.subscribe(asked.seller, kind, wanted)})


def get_subscription(asked: Asked) -> Reply:
    """Answer a seller's subscription."""
    checked(asked.query, GET_SUBSCRIPTION)
    found = asked.world.notifications.subscriptions.get((asked.seller.name, _kind(asked)))
    if found is None:
        raise Refused(404)
    return Reply(body={"payload": found})


def delete_subscription(asked: Asked) -> Reply:
    """Forget a subscription of whichever seller."""
    checked(asked.query, NONE)
    subscriptions = asked.world.notifications.subscriptions
    for key, known in subscriptions.items():
        if (key[1], known["subscriptionId"]) == (_kind(asked), asked.variables["subscriptionId"]):
            del subscriptions[key]
            return Reply(body={})
    raise Refused(404)


def _kind(asked: Asked) -> str:
    kind = asked.variables["notificationType"]
    if kind != ORDER_CHANGE:
        raise Refused(400, "notificationType is not one of the sandbox's.")
    return kind


def _directive(given: object) -> object:
    """Return a processing directive as it came. Raises Refused for any but an order filter."""
    chosen = given.get("eventFilter") if isinstance(given, dict) else None
    types = chosen.get("orderChangeTypes", []) if isinstance(chosen, dict) else None
    if not isinstance(chosen, dict) or chosen.get("eventFilterType") != ORDER_CHANGE:
        raise Refused(400, "processingDirective has no eventFilter for the notification.")
    if not isinstance(types, list) or not all(one in _CHANGE_TYPES for one in map(str, types)):
        raise Refused(400, "orderChangeTypes has a value that is not known.")
    return given


NOTIFICATIONS: Final[Mapping[str, Handler]] = {
    "createDestination": create_destination,
    "getDestinations": get_destinations,
    "createSubscription": create_subscription,
    "getSubscription": get_subscription,
    "deleteSubscriptionById": delete_subscription,
}
