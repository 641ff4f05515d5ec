"""HubSpot: base64 HMAC-SHA256 over method, address, body and time (version 3).

https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation
The address is the one that HubSpot called. A proxy in front of us may have changed what we see of
it, so it comes from a setting. The body is a list of events, of which we read `eventId`,
`subscriptionType`, `objectTypeId`, `objectId`, `propertyName`, `propertyValue`, `occurredAt`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from bot.errors import PayloadRefused, SettingsError
from bot.hooks.hook import Delivery, Heard, Resolved
from bot.hooks.payload import event_id, external, parsed, seconds, word
from bot.hooks.signing import Secrets, in_milliseconds, verify_time
from bot.lifting import string
from storage.external import HelpDesk

CHANGES: Final = frozenset({("ticket.propertyChange", ""), ("object.propertyChange", "0-5")})
"""The subscription types, with the object type where the subscription is a generic one."""
STAGE: Final = "hs_pipeline_stage"
CLOSED: Final = frozenset({"4"})
"""The stage Closed of the pipeline that every account begins with."""


class HubSpot:
    """Deliveries of a webhook subscription to changes of a ticket's pipeline stage.

    Raises:
        SettingsError: A secret is missing or too short, or nobody said what our address is.
    """

    def __init__(self, secrets: Sequence[str], public_url: str, stages: Collection[str]) -> None:
        self._secrets: Final = Secrets(HelpDesk.HUBSPOT, secrets)
        if not public_url:
            raise SettingsError(
                "HOOK_HUBSPOT_SECRET needs CARE_PUBLIC_URL: HubSpot signs the address it calls."
            )
        address = f"{public_url.rstrip('/')}/hooks/tickets/{HelpDesk.HUBSPOT}"
        self._signed_first: Final = f"POST{address}".encode()
        self._stages: Final = frozenset(stages) or CLOSED

    def read(self, delivery: Delivery) -> Heard:
        """Verify a delivery and read its events; a bad one does not spoil the good ones.

        Raises:
            HookRefused: Signature or time do not verify.
            PayloadRefused: It is no list of events, or all of them are bad.
        """
        stamp = delivery.header("x-hubspot-request-timestamp")
        signed = self._signed_first + delivery.body + stamp.encode("utf-8", "replace")
        self._secrets.verify_base64(delivery.header("x-hubspot-signature-v3"), signed)
        verify_time(in_milliseconds(stamp), delivery.at)
        events = parsed(delivery.body)
        if not isinstance(events, list):
            raise PayloadRefused
        resolved: list[Resolved] = []
        refused = 0
        for event in events:
            try:
                news = self._news(event)
            except PayloadRefused:
                refused += 1
            else:
                resolved.extend(news)
        if events and refused == len(events):
            raise PayloadRefused
        return Heard(resolved=tuple(resolved), refused=refused)

    def _news(self, event: object) -> tuple[Resolved, ...]:
        if not isinstance(event, Mapping):
            raise PayloadRefused
        kind = string(event, "subscriptionType")
        is_generic = kind == "object.propertyChange"
        change = (kind, string(event, "objectTypeId") if is_generic else "")
        if change not in CHANGES or string(event, "propertyName") != STAGE:
            return ()
        if word(event, "propertyValue") not in self._stages:
            return ()
        ticket = external(HelpDesk.HUBSPOT, word(event, "objectId"))
        at = seconds(event, "occurredAt", scale=1000)
        # HubSpot does not promise that `eventId` alone is unique.
        key = f"{word(event, 'eventId')}:{ticket.number}:{at:%Y%m%dT%H%M%S.%f}"
        return (Resolved(event=event_id(key), at=at, external=ticket),)
