"""Intercom: `sha1=` and a hexadecimal HMAC-SHA1 over the body, without a time.

https://developers.intercom.com/docs/webhooks and, for asking back,
https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations: since a
delivery that somebody caught could be sent again at any time, the conversation's state is asked
for. Of a notification we read `id`, `topic`, `created_at` and `data.item.id`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.hooks.hook import Delivery, Heard, Resolved
from bot.hooks.payload import event_id, external, parsed_object, seconds, word
from bot.hooks.signing import Secrets
from bot.hooks.ticket_api import TicketApi
from bot.lifting import mapping, string
from storage.external import HelpDesk

CLOSED: Final = "conversation.admin.closed"
RESOLVED: Final = "closed"
VERSION: Final = "2.11"
"""Of Intercom's API: answers have the form that this version documents."""


class Intercom:
    """Notifications that a conversation was closed.

    Raises:
        SettingsError: A secret, the API's address or its token is missing or malformed.
    """

    def __init__(self, secrets: Sequence[str], url: str, token: str) -> None:
        self._secrets: Final = Secrets(HelpDesk.INTERCOM, secrets)
        headers = {"Authorization": f"Bearer {token}", "Intercom-Version": VERSION}
        self._api: Final = TicketApi(HelpDesk.INTERCOM, url, token, headers)

    def read(self, delivery: Delivery) -> Heard:
        """Verify, read and ask back. Raises HookRefused, PayloadRefused, HelpDeskAway."""
        self._secrets.verify_sha1(delivery.header("x-hub-signature"), delivery.body)
        content = parsed_object(delivery.body)
        if string(content, "topic") != CLOSED:
            return Heard()
        number = word(mapping(mapping(content, "data"), "item"), "id")
        news = Resolved(
            event=event_id(string(content, "id")),
            at=seconds(content, "created_at"),
            external=external(HelpDesk.INTERCOM, number),
        )
        found = self._api.ticket(f"conversations/{number}") or {}
        if word(found, "id") != number or string(found, "state") != RESOLVED:
            return Heard(unconfirmed=1)
        return Heard(resolved=(news,))
