"""Care's channel: a ticket's card, and the thread below it that reaches the merchant and back."""

from __future__ import annotations

import re
import time
from threading import Thread
from typing import Any

import pytest

from bot.cards.triage import ANSWER, ASSIGN, CLAIM, REOPEN, RESOLVE
from bot.care.agents import REFUSED
from bot.replies import AGENTS_ONLY
from bot.sandbox.slack.messages import Message, View
from bot.sandbox.slack.person import Person
from bot.sandbox.stage import PATIENCE, Stage
from bot.slack.views import ANSWER_VIEW, TRY_AGAIN
from storage.audit import AuditKind
from storage.ids import SlackTs
from storage.outbox_records import ReplyState
from storage.tables import ReplyRow
from storage.tickets import TicketState
from tests.journeys.acting import (
    BIRCH,
    ORDER,
    UNKNOWN,
    agent,
    asks,
    cards,
    idle,
    kept,
    link,
    merchant,
    ref,
    state,
    ticket,
)

TRIAGE = "care-triage"


@pytest.fixture(scope="module")
def house(home_of: Stage) -> Stage:
    """A running bot with both merchants' channels linked."""
    link(home_of)
    return home_of


def second(house: Stage) -> Person:
    """Return Noor, another agent of Care."""
    return house.slack.person("Noor Vance")


def handed_over(house: Stage, text: str = UNKNOWN) -> tuple[Message, Message]:
    """Let the merchant ask what the bot does not know. Returns the message and its card."""
    sent = asks(house, merchant(house), text)
    number = ref(house, sent.message)
    found = house.slack.workspace.wait_for(
        lambda: [each for each in cards(house) if each.text.startswith(f"*{number}*")], PATIENCE
    )
    return sent.message, found[0]


def now(house: Stage, card: Message) -> Message:
    """Return a card as it stands now."""
    idle(house)
    return house.slack.workspace.messages[card.channel, card.ts]


def said(house: Stage, message: Message) -> list[str]:
    """Return the bot's words below a message, once all is said."""
    idle(house)
    thread = house.slack.workspace.replies_in(message.channel, message.ts)
    return [each.text for each in thread if each.is_reply]


def whispered(house: Stage, person: Person, since: int) -> list[str]:
    """Return what a person alone was told since."""
    idle(house)
    return [each.text for each in house.slack.workspace.seen_only_by(person.user.id)[since:]]


def heard(house: Stage, person: Person) -> int:
    """Return how much a person alone was told so far."""
    return len(house.slack.workspace.seen_only_by(person.user.id))


def buttons(card: Message) -> list[str]:
    """Return the action ids that a card shows."""
    rows: Any = [block["elements"] for block in card.blocks if block["type"] == "actions"]
    return [element["action_id"] for row in rows for element in row]


def test_from_the_question_to_the_receipt(house: Stage) -> None:
    """The agent claims, replies in the card's thread, reads the merchant's word, resolves."""
    asked, card = handed_over(house)
    assert "nobody has it yet" in card.text

    agent(house).presses(card, CLAIM)
    assert f"<@{agent(house).user.id}> has it" in now(house, card).text
    assert CLAIM not in buttons(now(house, card))

    agent(house).writes("It is 12 dollars a pallet.", TRIAGE, card.ts)
    assert said(house, asked)[-1] == "*Jetpack Care:* It is 12 dollars a pallet."
    assert state(house, asked) is TicketState.WAITING_ON_MERCHANT

    merchant(house).writes("thanks, and per month?", BIRCH, asked.ts)
    assert said(house, card)[-1] == "*The merchant wrote:*\n> thanks, and per month?"
    assert said(house, asked)[-1] == "*Jetpack Care:* It is 12 dollars a pallet."
    assert "Waiting on Care since" in now(house, card).text

    agent(house).presses(now(house, card), RESOLVE)
    assert now(house, card).text.count("Resolved <!date^") == 1
    assert buttons(now(house, card)) == [REOPEN]
    assert "is resolved" in said(house, asked)[-1]
    receipt = house.receipt(ref(house, asked))
    assert receipt is not None
    assert (receipt.trigger, receipt.by) == ("card", agent(house).user.id)


def test_a_card_is_claimed_once(house: Stage) -> None:
    """Of two agents the second one is told, alone, who has it."""
    _, card = handed_over(house)
    before = heard(house, second(house))

    agent(house).presses(card, CLAIM)
    second(house).presses(card, CLAIM)

    assert f"<@{agent(house).user.id}> has it" in now(house, card).text
    (told,) = whispered(house, second(house), before)
    assert f"<@{agent(house).user.id}> has " in told


def test_a_ticket_is_assigned_to_agents_alone(house: Stage) -> None:
    """An agent can be chosen; a merchant cannot, whom the list shows, too."""
    _, card = handed_over(house)
    before = heard(house, agent(house))

    agent(house).presses(card, ASSIGN, value=merchant(house).user.id)
    assert "nobody has it yet" in now(house, card).text
    assert "not one of Jetpack Care's agents" in whispered(house, agent(house), before)[0]
    agent(house).presses(now(house, card), ASSIGN, value=second(house).user.id)

    assert f"<@{second(house).user.id}> has it" in now(house, card).text


def test_two_agents_resolve_at_once(house: Stage) -> None:
    """Both read the same receipt, and there is one."""
    _, card = handed_over(house)
    starts = [heard(house, person) for person in (agent(house), second(house))]

    agent(house).presses(card, RESOLVE)
    second(house).presses(card, RESOLVE)

    told = [
        whispered(house, person, start)[0]
        for person, start in zip((agent(house), second(house)), starts, strict=True)
    ]
    entries = {found[1] for each in told if (found := re.search(r"Audit entry (\d+)", each))}
    assert len(entries) == 1


def test_a_resolved_ticket_is_reopened(house: Stage) -> None:
    """The button of a resolved card opens the ticket again, on record."""
    asked, card = handed_over(house)
    agent(house).presses(card, RESOLVE)

    agent(house).presses(now(house, card), REOPEN)

    assert RESOLVE in buttons(now(house, card))
    assert state(house, asked) is TicketState.REOPENED
    with house.bot.records.store.read() as records:
        entries = records.audit.about(f"ticket:{ticket(house, asked).ticket_id}")
    assert AuditKind.TICKET_REOPENED in [entry.kind for entry in entries]


def test_a_note_stays_with_care(house: Stage) -> None:
    """What begins with two slashes is kept with the ticket, and the bot goes on answering."""
    asked, card = handed_over(house)
    heard_before = said(house, asked)

    agent(house).writes("// ask the warehouse", TRIAGE, card.ts)
    merchant(house).writes(f"where is {ORDER}", BIRCH, asked.ts)

    assert "// ask the warehouse" in kept(house, ticket(house, asked).ticket_id)
    assert not any("warehouse" in each for each in said(house, asked))
    assert len(said(house, asked)) == len(heard_before) + 1
    assert state(house, asked) is TicketState.WAITING_ON_CARE


def test_what_is_edited_and_deleted_changes_for_the_merchant(house: Stage) -> None:
    """An edit writes over what the merchant reads; a deletion takes it away."""
    asked, card = handed_over(house)
    sent = agent(house).writes("It is 13 dollars.", TRIAGE, card.ts)
    assert "*Jetpack Care:* It is 13 dollars." in said(house, asked)

    edited = agent(house).edits(sent.message, "It is 12 dollars.")
    assert said(house, asked)[-1] == "*Jetpack Care:* It is 12 dollars."
    assert not any("13" in each for each in said(house, asked))
    agent(house).deletes(edited.message)

    assert not any("dollars" in each for each in said(house, asked))


def test_an_edit_in_the_cards_thread_brings_no_pii_across(house: Stage) -> None:
    """What an agent's edit adds of PII stays out of the merchant's thread, and they are told."""
    asked, card = handed_over(house)
    ack = agent(house).writes("Ask the carrier.", TRIAGE, card.ts)
    idle(house)
    before = heard(house, agent(house))

    agent(house).edits(ack.message, "Ask the carrier, 415-555-0147.")

    (told,) = whispered(house, agent(house), before)
    assert told.startswith("Your message held a phone number, so the merchant reads it without")
    assert "*Jetpack Care:* Ask the carrier, &lt;PHONE_NUMBER_1&gt;." in said(house, asked)


def test_an_agent_in_the_merchants_thread_is_shown_to_care(house: Stage) -> None:
    """What an agent writes to the merchant directly stands in the card's thread, too."""
    asked, card = handed_over(house)

    agent(house).writes("I am on it.", BIRCH, asked.ts)

    assert said(house, card) == [f"*<@{agent(house).user.id}> wrote:*\n> I am on it."]
    assert "Waiting on merchant" in now(house, card).text


def test_pii_crosses_in_neither_direction(house: Stage) -> None:
    """Each side reads the other's words scrubbed; the agent is told what was taken out."""
    asked, card = handed_over(house)
    before = heard(house, agent(house))

    agent(house).writes("Call Peregrine Wainscott at 415-555-0177", TRIAGE, card.ts)
    merchant(house).writes("mail to zq.vexholm@example.org please", BIRCH, asked.ts)

    everything = [*said(house, asked), *said(house, card), now(house, card).text]
    assert not [each for each in everything if re.search("Wainscott|0177|vexholm", each)]
    assert "&lt;PHONE_NUMBER_1&gt;" in "".join(said(house, asked))
    assert "&lt;EMAIL_ADDRESS_1&gt;" in "".join(said(house, card))
    (told,) = whispered(house, agent(house), before)
    assert "a phone number" in told
    assert "0177" not in told


def _form(house: Stage, person: Person) -> View:
    views = house.slack.workspace.wait_for(
        lambda: [
            view
            for view in house.slack.workspace.views.values()
            if view.callback_id == ANSWER_VIEW and view.user == person.user.id
        ],
        PATIENCE,
    )
    return views[-1]


def test_the_form_reaches_the_merchant(house: Stage) -> None:
    """Reply opens a form; what is sent is scrubbed, relayed once and shown in the thread."""
    asked, card = handed_over(house)

    agent(house).presses(card, ANSWER)
    view = _form(house, agent(house))
    for _ in "12":
        agent(house).submits(view, {"text": "Write to zq.vexholm@example.org"})

    relayed = [each for each in said(house, asked) if each.startswith("*Jetpack Care:*")]
    assert relayed == ["*Jetpack Care:* Write to &lt;EMAIL_ADDRESS_1&gt;"]
    assert len(said(house, card)) == 1
    assert state(house, asked) is TicketState.WAITING_ON_MERCHANT


def test_a_form_that_opens_too_late_says_so(house: Stage) -> None:
    """Where Slack's trigger has expired, the agent is told to press again."""
    _, card = handed_over(house)
    before = heard(house, agent(house))
    house.slack.workspace.faults.add("views.open", error="expired_trigger_id")

    agent(house).presses(card, ANSWER)

    assert whispered(house, agent(house), before) == [TRY_AGAIN]


@pytest.mark.parametrize("action", [CLAIM, RESOLVE, ANSWER])
def test_a_merchant_who_presses_by_replay_is_refused(house: Stage, action: str) -> None:
    """An agent's button does nothing for anybody else; the attempt is on record, and told."""
    asked, card = handed_over(house)
    person, before = merchant(house), heard(house, merchant(house))
    workspace = house.slack.workspace
    channel = workspace.channel(TRIAGE)
    members = (*channel.members, person.user.id)
    workspace.put(type(channel)(id=channel.id, name=channel.name, members=members, type="group"))

    ack = person.presses(card, action)
    told = whispered(house, person, before)
    workspace.put(channel)

    assert ack is not None
    assert ack.ok
    assert told == [REFUSED]
    assert "nobody has it yet" in now(house, card).text
    assert state(house, asked) is TicketState.WAITING_ON_CARE
    with house.bot.records.store.read() as records:
        entries = records.audit.about(f"button:{action}")
    assert entries[-1].by == f"{person.user.team_id}/{person.user.id}"


def test_who_is_no_agent_reaches_nobody_from_the_thread(house: Stage) -> None:
    """Somebody else's words in a card's thread go nowhere and are not kept."""
    asked, card = handed_over(house)
    person, before = merchant(house), heard(house, merchant(house))
    workspace = house.slack.workspace
    channel = workspace.channel(TRIAGE)
    members = (*channel.members, person.user.id)
    workspace.put(type(channel)(id=channel.id, name=channel.name, members=members, type="group"))

    person.writes("let me in", TRIAGE, card.ts)
    told = whispered(house, person, before)
    workspace.put(channel)

    assert told == [AGENTS_ONLY]
    assert not any("let me in" in each for each in said(house, asked))
    assert "let me in" not in kept(house, ticket(house, asked).ticket_id)


def test_words_below_a_card_that_was_just_sent_are_not_lost(house: Stage) -> None:
    """A card is seen in Slack before it is noted where; who is that quick reaches the merchant."""
    asked, card = handed_over(house)
    idle(house)
    store = house.bot.records.store
    with store.read() as records:
        kept_card = records.outbox.card_of(ticket(house, asked).ticket_id)
    assert kept_card is not None
    with store.begin() as records:
        row = records.session.get(ReplyRow, kept_card.reply_id)
        assert row is not None
        row.state, row.slack_ts = ReplyState.SENDING.value, None

    writing = Thread(target=agent(house).writes, args=("So quick.", TRIAGE, card.ts))
    writing.start()
    time.sleep(0.3)
    with store.begin() as records:
        records.outbox.sent(kept_card.reply_id, SlackTs(card.ts))
    writing.join()

    assert "*Jetpack Care:* So quick." in said(house, asked)


def test_a_second_hand_over_is_told_below_the_card(house: Stage) -> None:
    """A ticket has one card; that it was handed over again stands in the card's thread."""
    asked, card = handed_over(house)
    agent(house).presses(card, RESOLVE)
    idle(house)

    merchant(house).writes(f"{UNKNOWN} again?", BIRCH, asked.ts)
    idle(house)

    number = ref(house, asked)
    assert len([each for each in cards(house) if each.text.startswith(f"*{number}*")]) == 1
    assert "Handed over again: " in said(house, card)[-1]
    assert "Waiting on Care" in now(house, card).text
