"""A ticket's card in Care's channel: who asks what, since when it waits, who has it, what to do.

Forms and limits are those of Slack's Block Kit reference.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from bot.blocks import Block, Reply, context, escaped, section
from bot.cards.moments import moment
from nlp.text import ScrubbedText
from storage.ids import ticket_ref
from storage.tickets import Ticket, TicketState

CLAIM: Final = "care_claim"
ASSIGN: Final = "care_assign"
ANSWER: Final = "care_answer"
RESOLVE: Final = "care_resolve"
REOPEN: Final = "care_reopen"
ACTIONS: Final = (CLAIM, ASSIGN, ANSWER, RESOLVE, REOPEN)
"""The action ids of the card. Each means the ticket of the card that it is on."""
QUOTED: Final = 8_000
"""Characters of the conversation that a card quotes; the ticket has all of it."""


def triage_card(ticket: Ticket, *, lines: Iterable[ScrubbedText], reason: str, link: str) -> Reply:
    """Show a hand-over to Care's agents.

    Args:
        ticket: As it stands now.
        lines: What was said last, oldest first.
        reason: Why a person is needed, in our own words.
        link: To the merchant's message; empty where there is none.
    """
    number = ticket_ref(ticket.ticket_id)
    quoted = "\n".join(f"> {escaped(line)}" for text in lines for line in text.split("\n"))
    if len(quoted) > QUOTED:
        quoted = f"{quoted[:QUOTED]}\n> … `/care ticket {number}` shows all of it"
    head = f"*{number}* from *{ticket.merchant or 'an unlinked conversation'}*: {reason}"
    stands = standing(ticket)
    foot = " · ".join(part for part in (link, f"`/care ticket {number}`", _how(ticket)) if part)
    return Reply(
        text=f"{head}\n{quoted}\n{stands}\n{foot}",
        blocks=(*section(f"{head}\n{quoted}"), *section(stands), _buttons(ticket), context(foot)),
    )


def standing(ticket: Ticket) -> str:
    """Say where a ticket stands: its state, since when somebody waits, who has it."""
    state = ticket.state.value.replace("_", " ").replace("care", "Care")
    if ticket.state is TicketState.RESOLVED and ticket.resolved_at is not None:
        return f"Resolved {moment(ticket.resolved_at)}"
    since = "" if ticket.waiting_since is None else f" since {moment(ticket.waiting_since)}"
    has = "nobody has it yet" if ticket.assignee is None else f"<@{ticket.assignee}> has it"
    return f"{state.capitalize().replace('care', 'Care')}{since}; {has}"


def _how(ticket: Ticket) -> str:
    if ticket.state is TicketState.RESOLVED:
        return ""
    return "what is written in this thread reaches the merchant, but for lines that begin with //"


def _buttons(ticket: Ticket) -> Block:
    number = ticket_ref(ticket.ticket_id)
    if ticket.state is TicketState.RESOLVED:
        return {"type": "actions", "elements": [_button("Reopen", REOPEN, number)]}
    claim = [] if ticket.assignee else [_button("Claim", CLAIM, number)]
    assign: Block = {
        "type": "users_select",
        "action_id": ASSIGN,
        "placeholder": _plain("Assign to"),
        **({"initial_user": ticket.assignee} if ticket.assignee else {}),
    }
    resolve: Block = {
        **_button("Resolve", RESOLVE, number),
        "confirm": {
            "title": _plain(f"Resolve {number}?"),
            "text": _plain(
                "Its sensitive values and their key are deleted for good. The scrubbed "
                "conversation and a receipt stay."
            ),
            "confirm": _plain("Resolve"),
            "deny": _plain("Not yet"),
        },
    }
    return {
        "type": "actions",
        "elements": [*claim, _button("Reply", ANSWER, number), assign, resolve],
    }


def _button(label: str, action: str, value: str) -> Block:
    return {"type": "button", "text": _plain(label), "action_id": action, "value": value}


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}
