"""Gorgias: nothing is signed; a secret of ours comes in a header of the HTTP integration.

https://docs.gorgias.com/en-US/http-integrations-81822 for the integration, whose body we write
ourselves, and https://developers.gorgias.com/reference/get-ticket for asking back, which is done
before anything is deleted. Of the body we read `id` and `status`.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Final

from bot.hooks.hook import Delivery, Heard, Resolved
from bot.hooks.payload import derived, external, iso, parsed_object, word
from bot.hooks.signing import Secrets
from bot.hooks.ticket_api import TicketApi
from bot.lifting import string
from storage.external import HelpDesk

SECRET_HEADER: Final = "x-care-secret"  # noqa: S105 - the header's name
RESOLVED: Final = "closed"


class Gorgias:
    """Deliveries of an HTTP integration.

    Raises:
        SettingsError: A secret, the API's address or its token is missing or malformed.
    """

    def __init__(self, secrets: Sequence[str], url: str, token: str) -> None:
        self._secrets: Final = Secrets(HelpDesk.GORGIAS, secrets)
        headers = {"Authorization": f"Basic {base64.b64encode(token.encode()).decode()}"}
        self._api: Final = TicketApi(HelpDesk.GORGIAS, url, token, headers)

    def read(self, delivery: Delivery) -> Heard:
        """Verify, read and ask back. Raises HookRefused, PayloadRefused, HelpDeskAway."""
        self._secrets.verify_plain(delivery.header(SECRET_HEADER))
        content = parsed_object(delivery.body)
        ticket = external(HelpDesk.GORGIAS, word(content, "id"))
        if string(content, "status") != RESOLVED:
            return Heard()
        found = self._api.ticket(f"api/tickets/{ticket.number}") or {}
        if word(found, "id") != ticket.number or string(found, "status") != RESOLVED:
            return Heard(unconfirmed=1)
        at = iso(found, "closed_datetime") or iso(found, "updated_datetime") or delivery.at
        news = Resolved(event=derived(ticket, RESOLVED, at), at=at, external=ticket)
        return Heard(resolved=(news,))
