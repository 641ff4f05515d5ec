"""Zendesk: base64 HMAC-SHA256 over time and body, the time in ISO 8601.

https://developer.zendesk.com/documentation/webhooks/verifying/ and, for the payload,
https://developer.zendesk.com/api-reference/webhooks/event-types/ticket-events: of
`zen:event-type:ticket.status_changed` we read `id`, `time`, `detail.id`, `detail.status`,
`event.current` and, where it is a ticket of ours such as `JC-12`, `detail.external_id`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from bot.hooks.hook import Delivery, Heard, Resolved
from bot.hooks.payload import event_id, external, iso, parsed_object, word
from bot.hooks.signing import Secrets, in_iso, verify_time
from bot.lifting import mapping, string
from storage.external import HelpDesk
from storage.ids import TicketId, ticket_id

STATUS_CHANGED: Final = "zen:event-type:ticket.status_changed"
RESOLVED: Final = frozenset({"SOLVED", "CLOSED"})
# With its letters: a bare number there is more likely another system's.
_OURS: Final = re.compile(r"JC-[1-9][0-9]{0,17}")


class Zendesk:
    """Deliveries of a webhook that is subscribed to the ticket status event.

    Raises:
        SettingsError: A secret is missing or too short.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        self._secrets: Final = Secrets(HelpDesk.ZENDESK, secrets)

    def read(self, delivery: Delivery) -> Heard:
        """Verify and read a delivery. Raises HookRefused, PayloadRefused."""
        stamp = delivery.header("x-zendesk-webhook-signature-timestamp")
        signature = delivery.header("x-zendesk-webhook-signature")
        self._secrets.verify_base64(signature, stamp.encode("utf-8", "replace") + delivery.body)
        verify_time(in_iso(stamp), delivery.at)
        content = parsed_object(delivery.body)
        if string(content, "type") != STATUS_CHANGED:
            return Heard()
        detail, event = mapping(content, "detail"), mapping(content, "event")
        # The ticket may have moved on between the event and the delivery: both have to say so.
        states = {string(detail, "status"), string(event, "current")} - {""}
        if not states or not {state.upper() for state in states} <= RESOLVED:
            return Heard()
        news = Resolved(
            event=event_id(string(content, "id")),
            at=iso(content, "time") or delivery.at,
            external=external(HelpDesk.ZENDESK, word(detail, "id")),
            ticket=_ours(string(detail, "external_id")),
        )
        return Heard(resolved=(news,))


def _ours(number: str) -> TicketId | None:
    return ticket_id(number) if _OURS.fullmatch(number) else None
