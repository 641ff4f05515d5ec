"""Agents command in threads by a mention, where Slack takes no slash command."""

from __future__ import annotations

from typing import Final

import pytest

from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.sample import HOME, TRIAGE_CHANNEL
from bot.sandbox.slack.writing import Sent
from bot.sandbox.stage import PATIENCE, Stage
from storage.ids import ticket_ref
from storage.tickets import TicketState
from tests.journeys.acting import (
    BIRCH,
    CEDAR,
    ORDER,
    UNKNOWN,
    agent,
    asks,
    cards,
    idle,
    link,
    merchant,
    outsider,
    replies,
    ticket,
)

BOT: Final = f"<@{HOME.bot_user_id}>"


@pytest.fixture(autouse=True)
def _linked(home_of: Stage) -> None:
    """Both merchants' channels are linked."""
    link(home_of)


def says(house: Stage, person: Person, words: str, under: Message) -> list[str]:
    """Say something to the bot in a thread, and return what its author alone reads of it."""
    seen = house.slack.workspace.seen_only_by
    before = len(seen(person.user.id))
    assert person.writes(f"{BOT} {words}", under.channel, under.thread).ok
    house.eventually(lambda: len(seen(person.user.id)) > before)
    idle(house)
    return [each.text for each in seen(person.user.id)[before:]]


def asked(house: Stage) -> Sent:
    """Let the merchant ask what nobody knows."""
    return asks(house, merchant(house), UNKNOWN)


def test_an_agent_resolves_in_the_thread(home_of: Stage) -> None:
    """The ticket of the thread is resolved, once, and the receipt is for the agent alone."""
    sent = asked(home_of)

    told = says(home_of, agent(home_of), "resolve", sent.message)

    assert len(told) == 1
    assert f"{ticket_ref(ticket(home_of, sent.message).ticket_id)}" in told[0]
    assert "seen by everybody here" in told[0]
    assert ticket(home_of, sent.message).state is TicketState.RESOLVED
    assert not any("resolve" in text for text in home_of.stored())


def test_an_agent_resolves_in_the_cards_thread(home_of: Stage) -> None:
    """In the thread of a card its ticket is meant."""
    sent = asked(home_of)
    number = ticket_ref(ticket(home_of, sent.message).ticket_id)
    card = next(each for each in cards(home_of) if number in each.text)

    (told,) = says(home_of, agent(home_of), "Resolve", card)

    assert "seen by everybody" not in told
    assert ticket(home_of, sent.message).state is TicketState.RESOLVED


def test_another_ticket_is_named(home_of: Stage) -> None:
    """A number that is named counts before the thread's."""
    one, other = asked(home_of), asked(home_of)
    number = ticket_ref(ticket(home_of, other.message).ticket_id)

    assert says(home_of, agent(home_of), f"resolve {number}", one.message)

    assert ticket(home_of, one.message).state is not TicketState.RESOLVED
    assert ticket(home_of, other.message).state is TicketState.RESOLVED


def test_a_note_is_for_agents_alone(home_of: Stage) -> None:
    """A note in the card's thread is kept with the ticket; the merchant's says nothing of it."""
    sent = asked(home_of)
    number = ticket_ref(ticket(home_of, sent.message).ticket_id)
    card = next(each for each in cards(home_of) if number in each.text)
    before = len(replies(home_of, sent))

    (told,) = says(home_of, agent(home_of), "note asked the warehouse", card)

    assert told.startswith("Noted with")
    assert len(replies(home_of, sent)) == before
    assert "asked the warehouse" in home_of.stored()


def test_an_order_is_shown_to_the_agent(home_of: Stage) -> None:
    """A command that is of no ticket is as the slash command."""
    sent = asked(home_of)

    told = says(home_of, agent(home_of), f"order {ORDER}", sent.message)

    assert ORDER in told[0]


def test_nobody_else_commands(home_of: Stage) -> None:
    """What a merchant says to the bot is a question, whatever its first word."""
    sent = asked(home_of)
    number = ticket_ref(ticket(home_of, sent.message).ticket_id)

    merchant(home_of).writes(f"{BOT} resolve", BIRCH, sent.message.thread)
    outsider(home_of).writes(f"{BOT} resolve {number}", CEDAR)
    idle(home_of)

    assert ticket(home_of, sent.message).state is not TicketState.RESOLVED


def test_a_mention_that_is_no_command_is_a_message(home_of: Stage) -> None:
    """An agent who mentions the bot in a sentence writes to the merchant as ever."""
    sent = asked(home_of)

    assert agent(home_of).writes(f"{BOT} does not know, but I do", BIRCH, sent.message.thread).ok
    idle(home_of)

    assert any("does not know, but I do" in text for text in home_of.stored())


def test_a_command_outside_of_a_thread(home_of: Stage) -> None:
    """In a channel a mention is as the slash command."""
    seen = home_of.slack.workspace.seen_only_by
    before = len(seen(agent(home_of).user.id))

    agent(home_of).writes(f"{BOT} tickets", TRIAGE_CHANNEL)

    assert home_of.slack.workspace.wait_for(
        lambda: len(seen(agent(home_of).user.id)) > before, PATIENCE
    )
