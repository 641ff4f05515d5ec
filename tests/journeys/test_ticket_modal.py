"""A ticket's modal: from a message's menu, for agents alone; the values for a reason, on record."""

from __future__ import annotations

import json

import pytest

from bot.cards.ticket import CLAIM, REOPEN, RESOLVE, VIEW
from bot.care.agents import NO_TICKET, REFUSED
from bot.sandbox.slack.messages import Message, View
from bot.sandbox.slack.person import Person
from bot.sandbox.stage import PATIENCE, Stage
from bot.slack.views import TRY_AGAIN
from storage.audit import AuditKind
from storage.tickets import TicketState
from tests.journeys.acting import (
    BIRCH,
    QUESTION,
    UNKNOWN,
    agent,
    asks,
    cards,
    care,
    idle,
    link,
    merchant,
    ref,
    state,
    ticket,
)

SHORTCUT = "care_ticket"
HELD = f"call 415-555-0181. {QUESTION}"


@pytest.fixture(scope="module")
def house(home_of: Stage) -> Stage:
    """A running bot with both merchants' channels linked."""
    link(home_of)
    return home_of


def modals(house: Stage, person: Person) -> list[View]:
    """Return the modals that a person has open."""
    return [each for each in house.slack.workspace.views.values() if each.user == person.user.id]


def opened(house: Stage, message: Message) -> View:
    """Use the shortcut as an agent, and return the modal."""
    before = len(modals(house, agent(house)))
    ack = agent(house).shortcut(SHORTCUT, message)
    assert ack is not None
    assert ack.ok
    return house.slack.workspace.wait_for(lambda: modals(house, agent(house))[before:], PATIENCE)[0]


def words(view: View) -> str:
    """Return what a modal says."""
    return json.dumps(view.body, ensure_ascii=False)


def test_an_agent_opens_a_ticket_from_its_thread(house: Stage) -> None:
    """The modal shows what was said, scrubbed, and what is held; its buttons act at once."""
    sent = asks(house, merchant(house), HELD)
    number = ref(house, sent.message)
    view = opened(house, sent.message)
    assert view.callback_id == VIEW
    assert f"*{number}* from *birch-and-brook*" in words(view)
    assert "call &lt;PHONE_NUMBER_1&gt;" in words(view)
    assert "1 PHONE_NUMBER" in words(view)
    assert "0181" not in words(view)

    agent(house).presses(view, CLAIM)
    idle(house)
    assert f"<@{agent(house).user.id}> has it" in words(house.slack.workspace.views[view.id])
    agent(house).presses(house.slack.workspace.views[view.id], RESOLVE)
    idle(house)
    assert state(house, sent.message) is TicketState.RESOLVED
    agent(house).presses(house.slack.workspace.views[view.id], REOPEN)
    idle(house)

    assert state(house, sent.message) is TicketState.REOPENED


def test_the_values_are_shown_for_a_reason_and_on_record(house: Stage) -> None:
    """They are in the modal of the one who asked, and nowhere else; why is audited."""
    sent = asks(house, merchant(house), HELD)
    view = opened(house, sent.message)

    ack = agent(house).submits(view, {"reason": "delivery"})

    assert ack is not None
    assert ack.body["response_action"] == "update"
    assert "`&lt;PHONE_NUMBER_1&gt;` 415-555-0181" in json.dumps(ack.body["view"])
    with house.bot.records.store.read() as records:
        entry = records.audit.about(f"ticket:{ticket(house, sent.message).ticket_id}")[-1]
    assert entry.kind is AuditKind.VALUES_REVEALED
    assert (entry.by, entry.facts["reason"]) == (agent(house).user.id, "delivery")
    assert house.search("415-555-0181") == ()


def test_reveal_without_a_reason_opens_the_modal(house: Stage) -> None:
    """`/care reveal JC-12` asks why in a modal, and says how to do without it."""
    sent = asks(house, merchant(house), HELD)
    before = len(modals(house, agent(house)))

    said = care(agent(house), f"reveal {ref(house, sent.message)}")

    assert said.startswith("Say why")
    (view,) = modals(house, agent(house))[before:]
    assert ref(house, sent.message) in words(view)


def test_the_cards_thread_has_the_same_ticket(house: Stage) -> None:
    """From a card in Care's channel the modal is that of the card's ticket."""
    sent = asks(house, merchant(house), UNKNOWN)
    number = ref(house, sent.message)
    (card,) = [each for each in cards(house) if each.text.startswith(f"*{number}*")]

    assert f"*{number}* from" in words(opened(house, card))


def told(house: Stage, person: Person, message: Message) -> str:
    """Use the shortcut and return what the person alone is told."""
    since = len(house.slack.workspace.seen_only_by(person.user.id))
    person.shortcut(SHORTCUT, message)
    idle(house)
    return house.slack.workspace.wait_for(
        lambda: house.slack.workspace.seen_only_by(person.user.id)[since:], PATIENCE
    )[0].text


def test_a_merchant_is_refused_on_record(house: Stage) -> None:
    """Nothing opens for who is no agent, neither the modal nor, by replay, its values."""
    sent = asks(house, merchant(house), HELD)
    view = opened(house, sent.message)
    opens = len(modals(house, merchant(house)))

    assert told(house, merchant(house), sent.message) == REFUSED
    ack = merchant(house).submits(view, {"reason": "delivery"})
    merchant(house).presses(view, RESOLVE)
    idle(house)

    assert ack is not None
    assert "0181" not in json.dumps(ack.body)
    assert len(modals(house, merchant(house))) == opens
    assert state(house, sent.message) is TicketState.ANSWERED
    with house.bot.records.store.read() as records:
        subjects = [entry.subject for entry in records.audit.latest(3)]
    assert subjects == ["modal:ticket", "modal:values", "modal:press"]


def test_a_message_without_a_ticket_says_so(house: Stage) -> None:
    """An agent's word that belongs to no ticket has no modal."""
    sent = agent(house).writes("good morning", BIRCH)

    assert told(house, agent(house), sent.message) == NO_TICKET


def test_a_trigger_that_expired_says_so(house: Stage) -> None:
    """Where the modal could not open in time, the agent is told to try again."""
    sent = asks(house, merchant(house), QUESTION)
    house.slack.workspace.faults.add("views.open", error="expired_trigger_id")

    assert told(house, agent(house), sent.message) == TRY_AGAIN
