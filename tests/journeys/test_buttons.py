"""The buttons and the message shortcut, as merchants press them and as somebody may forge them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.blocks import PERSON, QUESTION, SOLVED
from bot.sandbox.slack.delivery import Ack, Kind
from bot.sandbox.slack.interactions import block_actions
from bot.sandbox.slack.messages import Message, View
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.text import Json
from bot.sandbox.slack.writing import Sent
from bot.sandbox.stage import Stage, stage
from bot.slack.views import REPORT_VIEW
from storage.tickets import TicketState
from tests.journeys.acting import (
    BIRCH,
    CEDAR,
    DID_YOU_MEAN,
    UNKNOWN,
    agent,
    asks,
    cards,
    care,
    idle,
    kept,
    link,
    merchant,
    other_merchant,
    outsider,
    ref,
    replies,
    state,
    ticket,
    tickets,
)
from tests.journeys.acting import QUESTION as WORDS


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, over_http: bool) -> Iterator[Stage]:
    """A running bot with both merchants' channels linked."""
    with stage(tmp_path_factory.mktemp("house"), over_http=over_http) as opened:
        link(opened)
        yield opened


def _answered(house: Stage, person: Person, text: str = WORDS, place: str = BIRCH) -> Message:
    """Ask, and return the answer with its buttons."""
    return replies(house, asks(house, person, text, place))[-1]


def _pressed(house: Stage, person: Person, where: Message, action: str) -> None:
    ack = person.presses(where, action)
    assert ack is not None
    assert ack.ok
    idle(house)


def _forged(house: Stage, person: Person, where: Message, action: str, value: str) -> Ack | None:
    """Deliver a press of a button that says something else than the one that is shown."""
    workspace = house.slack.workspace
    pressed: Json = {"type": "button", "action_id": action, "value": value, "action_ts": "1.1"}
    payload = block_actions(
        workspace.home,
        person.user,
        workspace.channels[where.channel],
        where,
        pressed,
        trigger_id=f"1.2.{len(workspace.lines)}{workspace.next_ts()}",
    )
    ack = house.slack.delivery.deliver(payload, Kind.INTERACTIVE, timeout=10.0)
    idle(house)
    return ack


def _said(house: Stage, message: Message) -> list[str]:
    found = house.slack.workspace.replies_in(message.channel, message.thread)
    return [each.text for each in found]


def test_that_solved_it_resolves_with_a_receipt(house: Stage) -> None:
    """The button resolves the ticket; what it held is gone, and the thread hears how much."""
    found = _answered(house, merchant(house), f"call 415-555-0111. {WORDS}")

    _pressed(house, merchant(house), found, SOLVED)

    assert state(house, found) is TicketState.RESOLVED
    assert "is resolved. The 1 sensitive value that it held is deleted." in _said(house, found)[-1]
    receipt = house.receipt(ref(house, found))
    assert receipt is not None
    assert (receipt.trigger, receipt.by, receipt.found) == ("button", "U0MARAQUILL", 0)


def test_talk_to_care_hands_over(house: Stage) -> None:
    """The button hands the ticket to a person, with a card in Care's channel."""
    found = _answered(house, merchant(house))
    before = len(cards(house))

    _pressed(house, merchant(house), found, PERSON)

    assert state(house, found) is TicketState.WAITING_ON_CARE
    assert ref(house, found) in _said(house, found)[-1]
    (card,) = cards(house)[before:]
    assert f"*{ref(house, found)}* from *birch-and-brook*: asked for a person" in card.text


def test_a_section_of_several_is_answered(house: Stage) -> None:
    """Of "did you mean" the pressed section is answered, with its source."""
    found = _answered(house, merchant(house), DID_YOU_MEAN)
    assert "which of these" in found.text

    _pressed(house, merchant(house), found, f"{QUESTION}.0")

    assert "Source:" in _said(house, found)[-1]
    assert state(house, found) is TicketState.ANSWERED


def test_none_of_several_asks_a_person(house: Stage) -> None:
    """Of "did you mean" the last button hands over."""
    found = _answered(house, merchant(house), DID_YOU_MEAN)

    _pressed(house, merchant(house), found, PERSON)

    assert state(house, found) is TicketState.WAITING_ON_CARE


@pytest.mark.parametrize(
    ("text", "action"),
    [(WORDS, SOLVED), (WORDS, PERSON), (DID_YOU_MEAN, f"{QUESTION}.0")],
    ids=["solved", "person", "section"],
)
def test_a_double_click_does_it_once(house: Stage, text: str, action: str) -> None:
    """Pressing a button twice in a row says one thing in the thread, and one to Care at most."""
    found = _answered(house, merchant(house), text)
    shown = len(cards(house))

    merchant(house).presses(found, action)
    _pressed(house, merchant(house), found, action)

    assert len(_said(house, found)) == 2
    assert len(cards(house)) - shown == (action == PERSON)


def test_a_press_that_slack_delivers_again_is_done_once(house: Stage) -> None:
    """The same press delivered twice is acknowledged twice and done once."""
    found = _answered(house, merchant(house), DID_YOU_MEAN)
    button: Json = {"type": "button", "action_id": PERSON, "value": ref(house, found)}
    workspace = house.slack.workspace
    payload = block_actions(
        workspace.home,
        merchant(house).user,
        workspace.channels[found.channel],
        found,
        button,
        trigger_id="1.2.again",
    )

    acks = [house.slack.delivery.deliver(payload, Kind.INTERACTIVE, timeout=10.0) for _ in "12"]
    idle(house)

    assert [ack.status for ack in acks if ack] == [200, 200]
    assert len(_said(house, found)) == 2


def test_a_person_can_be_asked_for_after_the_resolution(house: Stage) -> None:
    """The old answer's button opens the resolved ticket again and hands it over."""
    found = _answered(house, merchant(house))
    care(agent(house), f"resolve {ref(house, found)}")

    _pressed(house, merchant(house), found, PERSON)

    assert state(house, found) is TicketState.WAITING_ON_CARE
    assert len(tickets(house, found)) == 1


@pytest.mark.parametrize(
    ("forged", "action"),
    [
        ("another thread's", SOLVED),
        ("another thread's", PERSON),
        ("another thread's", f"{QUESTION}.0"),
        ("another merchant's", SOLVED),
        ("unknown", SOLVED),
        ("junk", PERSON),
    ],
)
def test_a_forged_value_changes_nothing(house: Stage, action: str, forged: str) -> None:
    """A value that is not of the conversation's own ticket is acknowledged and does nothing."""
    here = _answered(house, merchant(house))
    there = _answered(house, merchant(house))
    theirs = _answered(house, other_merchant(house), place=CEDAR)
    value = {
        "another thread's": ref(house, there),
        "another merchant's": ref(house, theirs),
        "unknown": "JC-999999",
        "junk": "JC-1;DROP",
    }[forged]
    shown = len(cards(house))

    ack = _forged(house, merchant(house), here, action, value)

    assert ack is not None
    assert ack.ok
    for message in (here, there, theirs):
        assert state(house, message) is TicketState.ANSWERED
        assert len(_said(house, message)) == 1
    assert len(cards(house)) == shown


def test_a_section_that_is_none_is_handed_over(house: Stage) -> None:
    """A button of an article that is gone by now brings a person instead of an error."""
    found = _answered(house, merchant(house))

    _forged(house, merchant(house), found, f"{QUESTION}.0", f"{ref(house, found)}:no#such")

    assert state(house, found) is TicketState.WAITING_ON_CARE


def test_a_button_in_a_direct_message_is_taken(house: Stage) -> None:
    """The ticket of a direct message, which has no thread, is resolved by its button."""
    sent = merchant(house).writes(WORDS)
    workspace = house.slack.workspace
    found = workspace.wait_for(lambda: workspace.said_by_bot(sent.message.channel), 30.0)[-1]
    idle(house)

    _pressed(house, merchant(house), found, SOLVED)

    assert state(house, sent.message) is TicketState.RESOLVED


def test_a_person_of_slack_connect_can_press(house: Stage) -> None:
    """A merchant's person in a workspace of their own resolves their ticket by its button."""
    found = _answered(house, outsider(house), place=CEDAR)

    _pressed(house, outsider(house), found, SOLVED)

    assert state(house, found) is TicketState.RESOLVED


def _form(house: Stage, person: Person, message: Message) -> View:
    """Use the shortcut on a message and return the form that opens."""
    ack = person.shortcut("care_report", message)
    assert ack is not None
    assert ack.ok
    workspace = house.slack.workspace
    views = workspace.wait_for(
        lambda: [
            view
            for view in workspace.views.values()
            if view.callback_id == REPORT_VIEW and view.user == person.user.id
        ]
    )
    return views[-1]


def _prefilled(view: View) -> str:
    blocks = view.body["blocks"]
    assert isinstance(blocks, list)
    return str(blocks[0]["element"]["initial_value"])


def _reported(house: Stage, person: Person, sent: Sent, text: str | None = None) -> View:
    """Send a report about a message, with the text that the form offers if none is given."""
    view = _form(house, person, sent.message)
    ack = person.submits(view, {"text": _prefilled(view) if text is None else text})
    assert ack is not None
    assert ack.ok
    idle(house)
    return view


def test_the_shortcut_opens_a_form_with_scrubbed_text(house: Stage) -> None:
    """The form of the message shortcut offers the message without its PII."""
    sent = agent(house).writes("Mara said to call 415-555-0122 about it", BIRCH)

    view = _form(house, agent(house), sent.message)

    assert _prefilled(view).endswith("said to call <PHONE_NUMBER_1> about it")
    assert "0122" not in str(view)
    agent(house).closes(view)


def test_a_report_is_handed_over(house: Stage) -> None:
    """What was reported becomes a ticket of the message's thread that waits for Care."""
    sent = agent(house).writes("This one went wrong, 415-555-0133", BIRCH)
    before = len(cards(house))

    _reported(house, merchant(house), sent)

    assert state(house, sent.message) is TicketState.WAITING_ON_CARE
    assert ticket(house, sent.message).merchant == "birch-and-brook"
    assert "handed your question" in _said(house, sent.message)[-1]
    (card,) = cards(house)[before:]
    assert "This one went wrong, &lt;PHONE_NUMBER_1&gt;" in card.text
    assert "reported" in card.text


def test_what_is_typed_into_the_form_is_scrubbed(house: Stage) -> None:
    """PII that is put into the form is taken out like that of a message."""
    sent = agent(house).writes("And this one.", BIRCH)

    _reported(house, merchant(house), sent, "please call 415-555-0144")

    assert kept(house, ticket(house, sent.message).ticket_id) == ["please call <PHONE_NUMBER_1>"]


def test_a_form_that_is_sent_twice_counts_once(house: Stage) -> None:
    """The same form submitted again is acknowledged and does nothing."""
    sent = agent(house).writes("Look at this.", BIRCH)
    view = _reported(house, merchant(house), sent)
    before = len(cards(house))

    ack = merchant(house).submits(view, {"text": "Look at this."})
    idle(house)

    assert ack is not None
    assert ack.ok
    assert len(cards(house)) == before
    assert len(kept(house, ticket(house, sent.message).ticket_id)) == 1


def test_a_report_reopens_a_resolved_ticket_whatever_it_says(house: Stage) -> None:
    """A report is a request, also where its words are mere thanks."""
    sent = asks(house, merchant(house), UNKNOWN)
    care(agent(house), f"resolve {ref(house, sent.message)}")
    idle(house)

    _reported(house, merchant(house), sent, "thanks!")

    assert state(house, sent.message) is TicketState.WAITING_ON_CARE


def test_a_report_of_slack_connect_belongs_to_the_channels_merchant(house: Stage) -> None:
    """What a person of another workspace reports is a ticket of the channel's merchant."""
    sent = other_merchant(house).writes("it came broken", CEDAR)
    idle(house)

    _reported(house, outsider(house), sent)

    assert [each.merchant for each in tickets(house, sent.message)] == ["cedar-kettle"]
