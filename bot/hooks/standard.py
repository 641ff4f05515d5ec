"""Standard Webhooks (https://www.standardwebhooks.com): HMAC-SHA256 over `id.timestamp.body`.

Body: `{"type": "ticket.resolved", "data": {"ticket_id": "JC-12"}}`, or `"external_id"` with the
help desk's own id of a ticket that was linked. Other types are taken and ignored. The `webhook-id`
header is the key of idempotency; the timestamp may be five minutes off.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from typing import Final

from standardwebhooks import Webhook

from bot.errors import HookRefused, PayloadRefused, SettingsError
from bot.hooks.hook import Resolved
from bot.lifting import mapping, string
from storage.errors import MalformedId
from storage.ids import EventId, ticket_id

PROVIDER: Final = "standard"
RESOLVED: Final = "ticket.resolved"
_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,128}")


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

    def read(self, headers: Mapping[str, str], body: bytes) -> tuple[Resolved, ...]:
        """Verify and read a delivery. Raises HookRefused, PayloadRefused."""
        lower = {name.lower(): value for name, value in headers.items()}
        if not any(_verifies(key, lower, body) for key in self._keys):
            raise HookRefused
        try:
            content = json.loads(body)
        except (ValueError, RecursionError):
            raise PayloadRefused from None
        event = lower.get("webhook-id", "")
        if not isinstance(content, dict) or not _ID.fullmatch(event):
            raise PayloadRefused
        if string(content, "type") != RESOLVED:
            return ()
        data = mapping(content, "data")
        external = string(data, "external_id")
        if external:
            if not _ID.fullmatch(external):
                raise PayloadRefused
            return (Resolved(event=EventId(event), ticket=None, external=external),)
        try:
            ours = ticket_id(string(data, "ticket_id"))
        except MalformedId:
            raise PayloadRefused from None
        return (Resolved(event=EventId(event), ticket=ours, external=None),)


def _key(secret: str) -> Webhook:
    """Return the key of a secret. The library would skip what is not base64, a weaker key."""
    encoded = secret.removeprefix("whsec_")
    padding = "=" * (-len(encoded) % 4)
    return Webhook(base64.b64decode(encoded + padding, validate=True))


def _verifies(key: Webhook, headers: dict[str, str], body: bytes) -> bool:
    try:
        key.verify(body, headers, json_parse=False)
    except Exception:  # Headers of any shape may come; whatever is raised, it does not verify.
        return False
    return True
