"""Front: base64 HMAC-SHA256 over time, a colon and the body, the time in milliseconds.

https://dev.frontapp.com/docs/application-webhooks. When the address is saved, Front sends a signed
`sync` with a challenge that wants to be said back. Of `conversation_archived` we read
`payload.id`, `payload.emitted_at` and `payload.conversation.id`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from bot.errors import PayloadRefused
from bot.hooks.hook import Delivery, Heard, Resolved
from bot.hooks.payload import derived, event_id, external, parsed_object, seconds
from bot.hooks.signing import Secrets, in_milliseconds, verify_time
from bot.lifting import mapping, string
from storage.external import HelpDesk

ARCHIVED: Final = "conversation_archived"
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9+/=._-]{1,256}")


class Front:
    """Deliveries of an application webhook.

    Raises:
        SettingsError: A secret is missing or too short.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        self._secrets: Final = Secrets(HelpDesk.FRONT, secrets)

    def read(self, delivery: Delivery) -> Heard:
        """Verify and read a delivery. Raises HookRefused, PayloadRefused."""
        stamp = delivery.header("x-front-request-timestamp")
        signed = stamp.encode("utf-8", "replace") + b":" + delivery.body
        self._secrets.verify_base64(delivery.header("x-front-signature"), signed)
        signed_at = in_milliseconds(stamp)
        verify_time(signed_at, delivery.at)
        challenge = delivery.header("x-front-challenge")
        if challenge:
            # Only what Front signed is said back, and only what looks like a challenge.
            if not _CHALLENGE.fullmatch(challenge):
                raise PayloadRefused
            return Heard(challenge=challenge)
        content = parsed_object(delivery.body)
        if string(content, "type") != ARCHIVED:
            return Heard()
        return Heard(resolved=(_news(mapping(content, "payload"), signed_at),))


def _news(payload: Mapping[str, object], signed_at: datetime) -> Resolved:
    ticket = external(HelpDesk.FRONT, string(mapping(payload, "conversation"), "id"))
    at = seconds(payload, "emitted_at") if "emitted_at" in payload else signed_at
    number = string(payload, "id")
    return Resolved(
        event=event_id(number) if number else derived(ticket, ARCHIVED, at),
        at=at,
        external=ticket,
    )
