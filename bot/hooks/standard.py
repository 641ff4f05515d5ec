"""Standard Webhooks (https://www.standardwebhooks.com): HMAC-SHA256 over `id.timestamp.body`.

Body: `{"type": "ticket.resolved", "data": {"ticket_id": "JC-12"}}`, or `"external_id"` with the
help desk's own id of a ticket that was linked. Other types are taken and ignored. The `webhook-id`
header is the key of idempotency; the timestamp may be five minutes off.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from standardwebhooks import Webhook

from bot.errors import HookRefused, PayloadRefused, SettingsError
from bot.hooks.hook import Delivery, Heard, Resolved
from bot.hooks.payload import event_id, external, parsed_object
from bot.lifting import mapping, string
from storage.errors import MalformedId
from storage.external import HelpDesk
from storage.ids import ticket_id

RESOLVED: Final = "ticket.resolved"


class StandardWebhooks:
    """Deliveries signed with any of the given secrets (`whsec_…`, several during a rotation).

    Raises:
        SettingsError: A secret is not base64.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        try:
            self._keys = tuple(map(_key, secrets))
        except Exception:  # The library's error may quote the secret.
            raise SettingsError(
                "HOOK_STANDARD_SECRET is not a Standard Webhooks secret: whsec_ and base64."
            ) from None

    def read(self, delivery: Delivery) -> Heard:
        """Verify and read a delivery. Raises HookRefused, PayloadRefused."""
        if not any(_verifies(key, delivery.headers, delivery.body) for key in self._keys):
            raise HookRefused
        content = parsed_object(delivery.body)
        event = event_id(delivery.header("webhook-id"))
        if string(content, "type") != RESOLVED:
            return Heard()
        # The library has verified that this is a time of just now.
        at = datetime.fromtimestamp(float(delivery.header("webhook-timestamp")), UTC)
        data = mapping(content, "data")
        theirs = string(data, "external_id")
        if theirs:
            ticket = external(HelpDesk.STANDARD, theirs)
            return Heard(resolved=(Resolved(event=event, at=at, external=ticket),))
        try:
            ours = ticket_id(string(data, "ticket_id"))
        except MalformedId:
            raise PayloadRefused from None
        return Heard(resolved=(Resolved(event=event, at=at, ticket=ours),))


def _key(secret: str) -> Webhook:
    """Return the key of a secret. The library would skip what is not base64, a weaker key."""
    encoded = secret.removeprefix("whsec_")
    padding = "=" * (-len(encoded) % 4)
    return Webhook(base64.b64decode(encoded + padding, validate=True))


def _verifies(key: Webhook, headers: Mapping[str, str], body: bytes) -> bool:
    try:
        key.verify(body, dict(headers), json_parse=False)
    except Exception:  # Headers of any shape may come; whatever is raised, it does not verify.
        return False
    return True
