"""A ticket's card: who, what, since when, who has it; within Slack's limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.blocks import Reply
from bot.cards.triage import ANSWER, ASSIGN, CLAIM, REOPEN, RESOLVE, triage_card
from bot.sandbox.slack.blocks import MAX_ALL_BLOCKS, characters, message_problems
from nlp.text import ScrubbedText
from storage.ids import ChannelId, MerchantId, SlackTs, TeamId, TicketId, UserId
from storage.tickets import Ticket, TicketState

AT = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
SHOWN = "<!date^1795194000^{date_short_pretty} at {time}|20 Nov 2026 17:00 UTC>"
TICKET = Ticket(
    ticket_id=TicketId(12),
    team=TeamId("T1"),
    channel=ChannelId("C1"),
    thread_ts=SlackTs("1.0"),
    merchant=MerchantId("birch-and-brook"),
    user=UserId("U1"),
    state=TicketState.WAITING_ON_CARE,
    opened_at=AT,
    changed_at=AT,
    resolved_at=None,
    waiting_since=AT,
)


def card(*lines: str, ticket: Ticket = TICKET, link: str = "") -> Reply:
    """Return a card."""
    said = [ScrubbedText(line) for line in lines]
    return triage_card(ticket, lines=said, reason="not known", link=link)


def actions(reply: Reply) -> list[str]:
    """Return the action ids of a card, in order."""
    (row,) = [block for block in reply.blocks if block["type"] == "actions"]
    elements: Any = row["elements"]
    return [each["action_id"] for each in elements]


def test_it_quotes_the_context_and_says_where_it_stands() -> None:
    """The card says who, why, what was said, since when it waits, and where to go on."""
    reply = card("hi <PERSON_1>", "two\nlines", link="https://x.example.com/archives/C1/p1")

    assert reply.text.split("\n")[:5] == [
        "*JC-12* from *birch-and-brook*: not known",
        "> hi &lt;PERSON_1&gt;",
        "> two",
        "> lines",
        f"Waiting on Care since {SHOWN}; nobody has it yet",
    ]
    foot = reply.text.split("\n")[5]
    assert foot.startswith("https://x.example.com/archives/C1/p1 · `/care ticket JC-12` · ")


def test_without_a_link_there_is_no_gap() -> None:
    """Where there is no message to link to, the small print begins with the command."""
    reply = card("x", ticket=replace(TICKET, merchant=None))

    assert reply.text.split("\n")[-1].startswith("`/care ticket JC-12`")
    assert "an unlinked conversation" in reply.text


def test_its_buttons_are_those_that_make_sense() -> None:
    """What is claimed cannot be claimed; what is resolved can be reopened alone."""
    taken = replace(TICKET, assignee=UserId("U2"))
    over = replace(TICKET, state=TicketState.RESOLVED, resolved_at=AT, waiting_since=None)

    assert actions(card("x")) == [CLAIM, ANSWER, ASSIGN, RESOLVE]
    assert actions(card("x", ticket=taken)) == [ANSWER, ASSIGN, RESOLVE]
    assert "<@U2> has it" in card("x", ticket=taken).text
    assert actions(card("x", ticket=over)) == [REOPEN]
    assert f"Resolved {SHOWN}" in card("x", ticket=over).text


@pytest.mark.parametrize("text", ["x" * 40_000, "\n" * 40_000, "word\n" * 8_000, "<&>" * 13_000])
def test_it_keeps_slacks_limits(text: str) -> None:
    """Six long messages make one card, which says where the rest is."""
    reply = card(*[text] * 6)

    assert message_problems(reply.blocks) == ()
    assert characters(reply.blocks) <= MAX_ALL_BLOCKS
    assert len(reply.text) <= 40_000
    assert "shows all of it" in reply.text
