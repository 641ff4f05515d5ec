"""The App Home: for agents the queue, for merchants their tickets. No text of anybody.

A view of Slack's has 100 blocks at most (Block Kit reference, "Views").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.blocks import Block, Reply, section
from bot.cards.moments import moment
from bot.cards.triage import standing as stands
from storage.ids import ticket_ref
from storage.service_levels import SOON, Standing
from storage.tickets import Ticket, TicketState

ACT: Final = "care_home_act"
SHOW: Final = "care_home_show"
"""The action ids of the App Home. SHOW carries what is shown then, `mine.2`, and ACT what is done
and shown then, `claim:JC-12:mine.2`."""
PAGE: Final = 20
"""Tickets on a page."""


class Which(StrEnum):
    """Which tickets an agent looks at."""

    ALL = "all"
    WAITING = "waiting"
    MINE = "mine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """A ticket of the queue.

    Attributes:
        standing: How it stands against its service level, None where none runs.
        link: To its conversation.
        sealed: How many sensitive values it holds.
        until: When they go by themselves if nobody writes.
    """

    ticket: Ticket
    standing: Standing | None
    link: str
    sealed: int
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of the queue.

    Attributes:
        which: Of which tickets.
        number: Its number, 0 for the first.
        many: How many pages there are, 1 where there is nothing.
    """

    which: Which
    number: int
    queued: Sequence[Queued]
    many: int

    @property
    def shown(self) -> str:
        """What a button carries that shows this page again."""
        return f"{self.which}.{self.number}"


def agents_home(page: Page, *, facts: Sequence[str], help_text: str) -> Block:
    """Return the view of an agent.

    Args:
        page: The queue.
        facts: What is kept, what falls due, how the parts are: a line each.
        help_text: The commands.
    """
    heads = {Which.ALL: "Open tickets", Which.WAITING: "Waiting for Care", Which.MINE: "Yours"}
    place = f", page {page.number + 1} of {page.many}" if page.many > 1 else ""
    blocks: list[Block] = [_header(f"{heads[page.which]}{place}"), _shows(page)]
    for each in page.queued:
        blocks += _row(each, page.shown)
    if not page.queued:
        blocks += section("No tickets here.")
    blocks += [_divider(), _header("Now"), *section("\n".join(facts))]
    blocks += [_divider(), _header("Commands"), *section(help_text)]
    return {"type": "home", "blocks": blocks}


def merchants_home(
    tickets: Sequence[Ticket],
    link: Callable[[Ticket], str],
    *,
    orders: Sequence[Reply],
    help_text: str,
    retention_days: int,
) -> Block:
    """Return the view of anybody else: their own tickets and orders, how to ask, what is kept.

    A view has no tables, so the lists of orders are shown as their plain text.
    """
    lines = [f"<{link(each)}|{ticket_ref(each.ticket_id)}>: {_told(each)}" for each in tickets] or [
        "You have no tickets."
    ]
    blocks: list[Block] = [
        *section(help_text),
        _divider(),
        _header("Your tickets"),
        *section("\n".join(lines)),
        *_orders(orders),
        _divider(),
        _header("What is kept of you"),
        *section(
            "Your messages, without the personal data that was in them. What Care may need of it "
            "is encrypted and deleted when the ticket resolves. Buyers' names and addresses of "
            f"your orders are redacted {retention_days} days after delivery; tracking, zip, city "
            "and state stay."
        ),
    ]
    return {"type": "home", "blocks": blocks}


def _orders(lists: Sequence[Reply]) -> tuple[Block, ...]:
    if not lists:
        return ()
    shown = [block for each in lists for block in section(each.text)]
    return (_divider(), _header("Your orders"), *shown)


def _row(queued: Queued, shown: str) -> tuple[Block, ...]:
    ticket = queued.ticket
    number = ticket_ref(ticket.ticket_id)
    level = _level(queued.standing)
    text = (
        f"*<{queued.link}|{number}>* {ticket.merchant or 'not linked'}: {stands(ticket)}"
        f"{f'. {level}' if level else ''}{_holds(queued)}"
    )
    (block,) = section(text)
    acts = ("Resolve", "resolve") if ticket.assignee else ("Claim", "claim")
    return ({**block, "accessory": _button(*acts, number, shown)},)


def _level(standing: Standing | None) -> str:
    """Say in words how a ticket stands against its level."""
    if standing is None:
        return ""
    used, limit = round(standing.used), standing.limit
    name = str(standing.level).capitalize()
    if standing.share >= 1:
        return f"*{name} overdue*: {used} minutes of support waited, {limit} allowed"
    due = " *due soon*" if standing.share >= SOON else ""
    return f"{name}{due}: {used} of {limit} minutes of support"


def _holds(queued: Queued) -> str:
    """Say how much sensitive a ticket holds, and until when at most."""
    if not queued.sealed:
        return ""
    values = "1 sensitive value" if queued.sealed == 1 else f"{queued.sealed} sensitive values"
    return f". Holds {values}, without a word until {moment(queued.until)}"


def _told(ticket: Ticket) -> str:
    """Say where a ticket stands, to its merchant."""
    if ticket.state is TicketState.RESOLVED:
        return "resolved"
    if ticket.state is TicketState.WAITING_ON_CARE:
        return "a person at Jetpack Care will answer"
    if ticket.state is TicketState.WAITING_ON_MERCHANT:
        return "answered, your turn"
    return "answered" if ticket.state is TicketState.ANSWERED else "open"


def _shows(page: Page) -> Block:
    choices = [(label, f"{which.value}.0") for label, which in (
        ("All", Which.ALL), ("Waiting", Which.WAITING), ("Mine", Which.MINE)
    )]  # fmt: skip
    choices.append(("Refresh", page.shown))
    if page.number:
        choices.append(("Earlier", f"{page.which}.{page.number - 1}"))
    if page.number + 1 < page.many:
        choices.append(("More", f"{page.which}.{page.number + 1}"))
    return {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "text": {"type": "plain_text", "text": label},
                "action_id": f"{SHOW}.{place}",
                "value": value,
            }
            for place, (label, value) in enumerate(choices)
        ],
    }


def _button(label: str, act: str, number: str, shown: str) -> Block:
    button: dict[str, object] = {
        "type": "button",
        "text": {"type": "plain_text", "text": label},
        "action_id": f"{ACT}.{number}",
        "value": f"{act}:{number}:{shown}",
    }
    if act == "resolve":
        button["confirm"] = {
            "title": {"type": "plain_text", "text": f"Resolve {number}?"},
            "text": {
                "type": "plain_text",
                "text": "Its sensitive values and their key are deleted for good.",
            },
            "confirm": {"type": "plain_text", "text": "Resolve"},
            "deny": {"type": "plain_text", "text": "Not yet"},
        }
    return button


def _header(text: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": text}}


def _divider() -> Block:
    return {"type": "divider"}
