"""Freshdesk: nothing is signed; a secret of ours comes in a header of the automation rule.

https://support.freshdesk.com/support/solutions/articles/132589 for the webhook and
https://developers.freshdesk.com/api/#view_a_ticket for asking back, which is done before anything
is deleted. Of `freshdesk_webhook` we read `ticket_id` and nothing else, since its status is words
in the account's language; the status that counts is the API's, a number.
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Sequence
from typing import Final

from bot.hooks.hook import Delivery, Heard, Resolved
from bot.hooks.payload import derived, external, iso, parsed_object, word
from bot.hooks.signing import Secrets
from bot.hooks.ticket_api import TicketApi
from bot.lifting import mapping
from storage.external import HelpDesk

SECRET_HEADER: Final = "x-care-secret"  # noqa: S105 - the header's name
RESOLVED: Final = frozenset({"4", "5"})
"""Resolved and Closed. Statuses that an account makes itself have higher numbers."""


class Freshdesk:
    """Deliveries of an automation rule.

    Raises:
        SettingsError: A secret, the API's address or its token is missing or malformed.
    """

    def __init__(
        self, secrets: Sequence[str], url: str, token: str, statuses: Collection[str]
    ) -> None:
        self._secrets: Final = Secrets(HelpDesk.FRESHDESK, secrets)
        # The key stands in for the user's name; what stands in for the password does not matter.
        pair = base64.b64encode(f"{token}:X".encode()).decode()
        headers = {"Authorization": f"Basic {pair}"}
        self._api: Final = TicketApi(HelpDesk.FRESHDESK, url, token, headers)
        self._statuses: Final = frozenset(statuses) or RESOLVED

    def read(self, delivery: Delivery) -> Heard:
        """Verify, read and ask back. Raises HookRefused, PayloadRefused, HelpDeskAway."""
        self._secrets.verify_plain(delivery.header(SECRET_HEADER))
        hook = mapping(parsed_object(delivery.body), "freshdesk_webhook")
        ticket = external(HelpDesk.FRESHDESK, word(hook, "ticket_id"))
        found = self._api.ticket(f"api/v2/tickets/{ticket.number}?include=stats") or {}
        state = word(found, "status")
        if word(found, "id") != ticket.number or state not in self._statuses:
            return Heard(unconfirmed=1)
        stats = mapping(found, "stats")
        at = iso(stats, "closed_at") or iso(stats, "resolved_at") or iso(found, "updated_at")
        at = at or delivery.at
        return Heard(resolved=(Resolved(event=derived(ticket, state, at), at=at, external=ticket),))
