"""The door of the shipments' feed: what a carrier, or Jetpack itself, says of packages.

Deliveries are signed by Standard Webhooks. Body: `{"type": "shipment.delivered", "data": {...}}`
with one shipment, or a list of them; docs/hooks.md documents its fields. Any other field, such as
a recipient's name or address, is never read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.errors import HookRefused, PayloadRefused
from bot.hooks.hook import Delivery
from bot.hooks.payload import event_id, parsed_object
from bot.hooks.standard_secrets import StandardSecrets
from bot.lifting import string
from bot.log import Event, log, warn
from bot.news import BadRow, shipment_news
from storage.deliveries import DeliverySource
from storage.ids import EventId
from storage.retention import AHEAD
from storage.shipments import Shipment
from storage.store import Store

MOST: Final = 500
"""Shipments of one delivery. They are one transaction, which others wait for on SQLite."""
DELIVERED: Final = "shipment.delivered"
_TYPES: Final = frozenset(
    {"shipment.shipped", "shipment.in_transit", DELIVERED, "shipment.updated"}
)
_SOURCES: Final = (DeliverySource.CARRIER, DeliverySource.JETPACK)
_SEEN: Final = "hook:shipments"


class Feed(StrEnum):
    """Who sends, as the log names it."""

    SHIPMENTS = "shipments"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentDoor:
    """Takes news of packages.

    Attributes:
        retention_days: Days after delivery until an order's PII is redacted.
        redact_postal_code: Whether the zip goes, too.
        secrets: Of whom may send; where none is set nothing is listened to.
    """

    store: Store
    clock: Callable[[], datetime]
    retention_days: int
    redact_postal_code: bool
    secrets: StandardSecrets

    def take(self, headers: Mapping[str, str], body: bytes) -> int:
        """Take a delivery, all of it or nothing, once.

        Args:
            headers: In any case.
            body: As it came.

        Returns: The HTTP status. 200 when it is durable, also for news of another type and for
            what came before; 202 when the order of a shipment is not known yet, so that it waits;
            else the reason why nothing was taken: 400 for another form, 401 where it does not
            verify, 404 where there is no secret, 415 where it is not JSON.
        """
        if not self.secrets.are_set:
            return 404
        delivery = Delivery(
            headers={name.lower(): value for name, value in headers.items()},
            body=body,
            at=self.clock(),
        )
        if not _is_json(delivery):
            warn(Event.PAYLOAD_REFUSED, feed=Feed.SHIPMENTS)
            return 415
        try:
            self.secrets.verify(delivery)
            event = event_id(delivery.header("webhook-id"))
            shipments = _read(delivery)
        except HookRefused:
            warn(Event.HOOK_REFUSED, feed=Feed.SHIPMENTS)
            return 401
        except PayloadRefused:
            warn(Event.PAYLOAD_REFUSED, feed=Feed.SHIPMENTS)
            return 400
        return self._keep(event, shipments, delivery.at)

    def _keep(self, event: EventId, shipments: tuple[Shipment, ...], now: datetime) -> int:
        with self.store.begin() as records:
            if not records.inbox.first_time(_SEEN, event, now):
                log(Event.DUPLICATE, event_id=event)
                return 200
            homes = [
                records.orders.ship(
                    each,
                    now=now,
                    retention_days=self.retention_days,
                    postal_code=self.redact_postal_code,
                )
                for each in shipments
            ]
        early = homes.count(())
        taken = len(homes) - early
        if taken:
            orders = len({order_id for home in homes for order_id in home})
            log(Event.SHIPMENT_TAKEN, shipments=taken, orders=orders)
        if early:
            log(Event.SHIPMENT_EARLY, shipments=early)
        return 202 if early else 200


def _is_json(delivery: Delivery) -> bool:
    """Return whether a delivery's content type, where it has one, is JSON."""
    kind = delivery.header("content-type").partition(";")[0].strip().lower()
    return kind in ("", "application/json")


def _read(delivery: Delivery) -> tuple[Shipment, ...]:
    """Return the shipments of a genuine delivery, none of another type. Raises PayloadRefused."""
    content = parsed_object(delivery.body)
    kind = string(content, "type")
    if kind not in _TYPES:
        return ()
    data = content.get("data")
    found = data if isinstance(data, list) else [data]
    if len(found) > MOST:
        raise PayloadRefused
    return tuple(_shipment(each, kind, delivery.at) for each in found)


def _shipment(node: object, kind: str, now: datetime) -> Shipment:
    if not isinstance(node, dict):
        raise PayloadRefused
    try:
        shipment = shipment_news(node, _SOURCES)
    except BadRow:
        raise PayloadRefused from None
    if shipment.delivered_at is None:
        if kind == DELIVERED:
            raise PayloadRefused
    elif shipment.delivered_at > now + AHEAD:
        # It has not happened.
        raise PayloadRefused
    return shipment
