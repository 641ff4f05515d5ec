"""Linking a help desk's ticket to one of ours, so that its resolution there is one here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from bot.blocks import Reply
from bot.interactions import TicketLink
from bot.log import Event, log
from bot.resolving import Resolver
from storage.external import HelpDesk
from storage.ids import ticket_ref
from storage.store import Store
from storage.tickets import Trigger

USAGE: Final = (
    "To link a help desk's ticket, give its name and its own id of the ticket, such as "
    f"`/care link JC-12 zendesk 4711`. Help desks: {', '.join(HelpDesk)}."
)


def link_ticket(
    store: Store, resolver: Resolver, wanted: TicketLink, clock: Callable[[], datetime]
) -> Reply:
    """Link a ticket; where its help desk said within a day that it is resolved, resolve it.

    Both in one transaction. Raises UnknownTicket.
    """
    external, number = wanted.external, wanted.ticket
    shown = f"{ticket_ref(number)} is linked to {external.desk} {external.number}."
    with store.begin() as records:
        records.tickets.early.hold(external)
        records.tickets.link_external(external.desk, external.number, number)
        early = records.tickets.early.recall(external, clock())
        if early is not None:
            by = f"hook:{external.desk}"
            resolver.resolve(records, number, by=by, trigger=Trigger.HOOK)
    log(Event.TICKET_LINKED, ticket=number, desk=external.desk)
    if early is None:
        return Reply(text=f"{shown} When it is resolved there, it is resolved here.", private=True)
    receipt = f"`/care receipt {ticket_ref(number)}` shows what went."
    return Reply(
        text=f"{shown} It was resolved there already, so now it is here. {receipt}", private=True
    )
