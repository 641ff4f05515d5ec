"""The door of the help desks: verify, then "this ticket is resolved", once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.errors import HookRefused, PayloadRefused
from bot.hooks.hook import Delivery, Heard, HelpDeskAway, Hook, Resolved
from bot.log import Event, log, warn
from bot.resolving import Resolver
from storage.errors import UnknownTicket
from storage.external import HelpDesk
from storage.ids import TicketId
from storage.store import Store, Transaction
from storage.tickets import Trigger

BODY_BYTES: Final = 256 * 1024
"""The largest body that is taken: HubSpot's largest batch is a fifth of it."""
_JSON: Final = re.compile(r"application/(?:[a-z0-9.+-]+\+)?json *(?:;.*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a help desk is told.

    Attributes:
        status: The HTTP status: 200 when all is done, 202 when something is left undone on
            purpose, 503 when it is to come again.
        challenge: What the help desk wants to hear, where it tries our address.
    """

    status: int
    challenge: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HookDoor:
    """Takes hooks of the help desks that are configured."""

    store: Store
    resolver: Resolver
    hooks: Mapping[HelpDesk, Hook]

    def knows(self, provider: str) -> bool:
        """Return whether deliveries of this help desk are listened to."""
        return any(provider == desk for desk in self.hooks)

    def take(self, provider: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Do what a delivery says, once; 2xx when it is durable.

        Args:
            provider: The help desk's name, as the address has it.
            headers: In any case.
            body: As it came.
        """
        if not self.knows(provider):
            return Answer(status=404)
        desk = HelpDesk(provider)
        lower = {name.lower(): value for name, value in headers.items()}
        kind = lower.get("content-type", "")
        if kind and not _JSON.fullmatch(kind):
            warn(Event.PAYLOAD_REFUSED, desk=desk)
            return Answer(status=415)
        try:
            heard = self.hooks[desk].read(
                Delivery(headers=lower, body=body, at=self.resolver.clock())
            )
        except HookRefused:
            warn(Event.HOOK_REFUSED, desk=desk)
            return Answer(status=401)
        except PayloadRefused:
            warn(Event.PAYLOAD_REFUSED, desk=desk)
            return Answer(status=400)
        except HelpDeskAway:
            warn(Event.HOOK_UNANSWERED, desk=desk)
            return Answer(status=503)
        return self._answer(desk, heard)

    def _answer(self, desk: HelpDesk, heard: Heard) -> Answer:
        if heard.refused:
            warn(Event.PAYLOAD_REFUSED, desk=desk, events=heard.refused)
        if heard.unconfirmed:
            warn(Event.HOOK_UNCONFIRMED, desk=desk, events=heard.unconfirmed)
        done = [self._take(desk, each) for each in heard.resolved]
        is_done = all(done) and not heard.unconfirmed
        return Answer(status=200 if is_done else 202, challenge=heard.challenge)

    def _take(self, desk: HelpDesk, news: Resolved) -> bool:
        """Resolve what one event names. Returns False where it is no ticket of ours yet."""
        by = f"hook:{desk}"
        with self.store.begin() as records:
            now = self.resolver.clock()
            if not records.inbox.first_time(by, news.event, now):
                log(Event.DUPLICATE, event_id=news.event)
                return True
            ticket = _known(records, news)
            if ticket is not None:
                self.resolver.resolve(records, ticket, by=by, trigger=Trigger.HOOK)
            elif news.external is not None:
                records.tickets.early.remember(news.external, resolved_at=news.at, heard_at=now)
        event = Event.HOOK_REMEMBERED if ticket is None else Event.HOOK_ACCEPTED
        log(event, desk=desk, event_id=news.event, ticket=ticket)
        return ticket is not None


def _known(records: Transaction, news: Resolved) -> TicketId | None:
    """Return which ticket of ours it is, by a link before the help desk's own word."""
    if news.external is not None:
        records.tickets.early.hold(news.external)
        linked = records.tickets.by_external(news.external.desk, news.external.number)
        if linked is not None:
            return linked.ticket_id
    if news.ticket is None:
        return None
    try:
        return records.tickets.get(news.ticket).ticket_id
    except UnknownTicket:
        return None
