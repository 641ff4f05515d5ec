"""A ticket in a modal: where it stands, what was said, what it holds, what to do. For agents.

Forms and limits are those of Slack's view and Block Kit references.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from bot.blocks import SECTION_LIMIT, Block, escaped, section
from bot.cards.triage import standing
from nlp.text import ScrubbedText
from storage.ids import ticket_ref
from storage.tickets import Ticket, TicketState

VIEW: Final = "care_ticket_view"
CLAIM: Final = "care_view_claim"
RESOLVE: Final = "care_view_resolve"
REOPEN: Final = "care_view_reopen"
ACTIONS: Final = (CLAIM, RESOLVE, REOPEN)
REASON: Final = "care_reveal_reason"
LINES: Final = 6
"""Messages that the modal quotes."""


def ticket_view(
    ticket: Ticket,
    *,
    lines: Sequence[ScrubbedText],
    held: Mapping[str, int],
    reasons: Sequence[str],
) -> Block:
    """Return the modal of a ticket.

    Args:
        ticket: As it stands now.
        lines: What was said, oldest first.
        held: How many values of each kind it has sealed.
        reasons: For which they may be shown.
    """
    number = ticket_ref(ticket.ticket_id)
    quoted = "\n".join(f"> {escaped(line)}" for text in lines[-LINES:] for line in text.split("\n"))
    if len(quoted) > SECTION_LIMIT - 100:
        quoted = f"{quoted[: SECTION_LIMIT - 100]}\n> … `/care ticket {number}` shows all of it"
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(held.items()))
    is_open = ticket.state is not TicketState.RESOLVED
    blocks = [
        *section(f"*{number}* from *{ticket.merchant or 'an unlinked conversation'}*"),
        *section(standing(ticket)),
        *section(quoted),
        *section(f"Sensitive values kept, sealed: {kinds or 'none'}"),
        {"type": "actions", "elements": _buttons(ticket)},
    ]
    view: dict[str, object] = {
        "type": "modal",
        "callback_id": VIEW,
        "private_metadata": number,
        "title": _plain(f"Ticket {number}"[:24]),
        "close": _plain("Close"),
        "blocks": blocks,
    }
    if is_open and held:
        blocks.append(_reasons(reasons))
        view["submit"] = _plain("Show the values")
    return view


def revealed_view(number: str, text: str) -> Block:
    """Return the modal that shows an agent what a ticket holds. Slack keeps no modal."""
    return {
        "type": "modal",
        "title": _plain(f"Ticket {number}"[:24]),
        "close": _plain("Close"),
        "blocks": list(section(text)),
    }


def _buttons(ticket: Ticket) -> list[Block]:
    if ticket.state is TicketState.RESOLVED:
        return [_button("Reopen", REOPEN)]
    resolve: Block = {
        **_button("Resolve", RESOLVE),
        "confirm": {
            "title": _plain("Resolve it?"),
            "text": _plain("Its sensitive values and their key are deleted for good."),
            "confirm": _plain("Resolve"),
            "deny": _plain("Not yet"),
        },
    }
    return [_button("Assign to me", CLAIM), resolve]


def _reasons(reasons: Sequence[str]) -> Block:
    return {
        "type": "input",
        "block_id": REASON,
        "label": _plain("Why do you need the values?"),
        "hint": _plain("They are shown to you alone; that you looked, and why, is on record."),
        "element": {
            "type": "static_select",
            "action_id": "reason",
            "options": [{"text": _plain(reason), "value": reason} for reason in reasons],
        },
    }


def _button(label: str, action: str) -> Block:
    return {"type": "button", "text": _plain(label), "action_id": action, "value": "1"}


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}
