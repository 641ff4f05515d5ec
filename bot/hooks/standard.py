"""A help desk that signs by Standard Webhooks, see `standard_secrets`.

Body: `{"type": "ticket.resolved", "data": {"ticket_id": "JC-12"}}`, or `"external_id"` with the
help desk's own id of a ticket that was linked. Other types are taken and ignored. The `webhook-id`
header is the key of idempotency.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.errors import PayloadRefused
from bot.hooks.hook import Delivery, Heard, Resolved
from bot.hooks.payload import event_id, external, parsed_object
from bot.hooks.standard_secrets import StandardSecrets
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
        self._secrets: Final = StandardSecrets("HOOK_STANDARD_SECRET", secrets)

    def read(self, delivery: Delivery) -> Heard:
        """Verify and read a delivery. Raises HookRefused, PayloadRefused."""
        at = self._secrets.verify(delivery)
        content = parsed_object(delivery.body)
        event = event_id(delivery.header("webhook-id"))
        if string(content, "type") != RESOLVED:
            return Heard()
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
