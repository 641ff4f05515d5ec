"""Showing an agent what a ticket holds: while it is open, for a reason, and on record.

The audit entry is committed before anything is shown. What is shown goes to the agent's own
eyes by the answer to the command and is kept nowhere.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from bot.blocks import Reply, escaped
from bot.log import Event, log
from bot.replies import within_limit
from storage.audit import AuditKind
from storage.errors import KeyDestroyed
from storage.ids import TicketId, UserId, ticket_owner, ticket_ref
from storage.sealing import disclose
from storage.store import Store

REASONS: Final = ("address", "claim", "delivery", "refund", "return", "merchant-asked")
"""Why an agent may need the values. A list and no free text, for the audit keeps no text."""

HOW: Final = f"Say why: `/care reveal JC-12 REASON`, where REASON is one of {', '.join(REASONS)}."


def reveal(
    store: Store,
    ticket: TicketId,
    reason: str,
    *,
    by: UserId,
    clock: Callable[[], datetime],
) -> Reply:
    """Return the sealed values of an open ticket, for its asker alone, or why there are none.

    Args:
        store: The records.
        ticket: Whose values.
        reason: One of `REASONS`.
        by: The agent who asks.
        clock: Tells the time.

    Raises:
        UnknownTicket: There is none.
        SealBroken: A value does not open.
    """
    if reason not in REASONS:
        return Reply(text=HOW, private=True)
    try:
        with store.begin() as records:
            values = records.tickets.reveal(ticket)
            records.audit.append(
                AuditKind.VALUES_REVEALED,
                at=clock(),
                by=by,
                subject=ticket_owner(ticket),
                facts={"values": len(values), "reason": reason},
            )
    except KeyDestroyed:
        gone = f"{ticket_ref(ticket)} is resolved. What it held is deleted, for everybody."
        return Reply(text=gone, private=True)
    log(Event.VALUES_REVEALED, ticket=ticket, values=len(values))
    if not values:
        return Reply(text=f"{ticket_ref(ticket)} holds nothing sensitive.", private=True)
    lines = (f"`{escaped(name)}` {escaped(disclose(value))}" for name, value in values)
    head = f"*{ticket_ref(ticket)}* holds, for your eyes only and on record:"
    return Reply(text=within_limit("\n".join([head, *lines])), private=True)
