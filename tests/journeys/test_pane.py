"""The bot's own pane: prompts, status, streamed answers, and whether they helped."""

from __future__ import annotations

import re
import time
from dataclasses import replace

import pytest

from bot.blocks import FEEDBACK
from bot.replies import RATED
from bot.sandbox.slack.calls import Call
from bot.sandbox.slack.delivery import Kind
from bot.sandbox.slack.interactions import block_actions
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.writing import Sent
from bot.sandbox.stage import PATIENCE, Stage
from bot.slack.status import LOOKING
from storage.ids import ChannelId, SlackTs, TeamId
from storage.rating_records import Rated
from storage.tickets import TicketState
from tests.journeys.acting import (
    BIRCH,
    ORDER,
    QUESTION,
    agent,
    asks,
    care,
    idle,
    kept_of,
    link,
    merchant,
    other_merchant,
    ref,
    replies,
    state,
    ticket,
)


@pytest.fixture(scope="module")
def house(home_of: Stage) -> Stage:
    """A running bot, Mara linked as a person."""
    link(home_of)
    care(agent(home_of), "link <@U0MARAQUILL|mara> birch-and-brook")
    return home_of


def calls(house: Stage, method: str) -> tuple[Call, ...]:
    """Return the calls of a method so far."""
    return house.slack.workspace.calls_of(method)


def said(house: Stage, root: str) -> list[Message]:
    """Return what the bot said in a thread of Mara's direct message, once all is said."""
    idle(house)
    thread = house.slack.workspace.replies_in(merchant(house).dm.id, root)
    return [each for each in thread if each.is_reply]


def test_the_messages_tab_suggests_what_to_ask(house: Stage) -> None:
    """Opening the tab suggests four things, without a thread, as the agent's pane wants it."""
    before = len(calls(house, "assistant.threads.setSuggestedPrompts"))

    merchant(house).opens_home("messages")

    found = house.slack.workspace.wait_for(
        lambda: calls(house, "assistant.threads.setSuggestedPrompts")[before:], PATIENCE
    )
    prompts = found[0].arguments["prompts"]
    assert isinstance(prompts, list)
    assert len(prompts) == 4
    assert "thread_ts" not in found[0].arguments
    assert found[0].outcome == "ok"


def test_the_older_assistant_answers_in_its_thread(house: Stage) -> None:
    """Prompts for the chat, a status while it works, and a streamed answer with its source."""
    root = merchant(house).opens_assistant()
    house.slack.workspace.wait_for(
        lambda: any(
            call.arguments.get("thread_ts") == root
            for call in calls(house, "assistant.threads.setSuggestedPrompts")
        ),
        PATIENCE,
    )

    merchant(house).writes(QUESTION, thread_ts=root)

    (answer,) = said(house, root)
    assert "Source: [" in answer.text
    kinds = [block["type"] for block in answer.blocks]
    assert kinds == ["actions", "context_actions"]
    statuses = [call.arguments["status"] for call in calls(house, "assistant.threads.setStatus")]
    assert LOOKING in statuses
    streamed = [call for call in calls(house, "chat.startStream")
                if call.arguments["thread_ts"] == root]  # fmt: skip
    assert len(streamed) == 1


def test_each_chat_is_a_conversation_of_its_own(house: Stage) -> None:
    """Two chats of the pane are two tickets, and edits in them are taken."""
    first, second = merchant(house).opens_assistant(), merchant(house).opens_assistant()
    one = merchant(house).writes(QUESTION, thread_ts=first)
    other = merchant(house).writes(f"where is {ORDER}", thread_ts=second)
    idle(house)

    assert ticket(house, one.message).ticket_id != ticket(house, other.message).ticket_id
    edited = merchant(house).edits(one.message, "never mind")
    assert kept_of(house, edited.message) == "never mind"
    merchant(house).deletes(edited.message)
    assert kept_of(house, edited.message) is None


@pytest.mark.parametrize("asked_for", [f"where is {ORDER}", "which orders are not shipped yet?"])
def test_cards_and_tables_come_whole(house: Stage, asked_for: str) -> None:
    """An order and a list are posted with their blocks, not streamed."""
    root = merchant(house).opens_assistant()

    merchant(house).writes(asked_for, thread_ts=root)

    (answer,) = said(house, root)
    assert answer.blocks[0]["type"] == "section"
    assert not [call for call in calls(house, "chat.startStream")
                if call.arguments["thread_ts"] == root]  # fmt: skip


@pytest.mark.parametrize("error", ["feature_not_enabled", "missing_scope"])
def test_where_streams_are_refused_the_answer_is_posted(house: Stage, error: str) -> None:
    """A workspace without streams gets the same answer as a message."""
    root = merchant(house).opens_assistant()
    house.slack.workspace.faults.add("chat.startStream", error=error)

    merchant(house).writes(QUESTION, thread_ts=root)

    (answer,) = said(house, root)
    assert "Source: <" in answer.text


def test_no_status_is_left_where_no_answer_takes_it_away(house: Stage) -> None:
    """Thanks for a resolved ticket, and a message outside of any thread, show none."""
    root = merchant(house).opens_assistant()
    sent = merchant(house).writes(QUESTION, thread_ts=root)
    idle(house)
    care(agent(house), f"resolve {ref(house, sent.message)}")
    idle(house)
    before = len(calls(house, "assistant.threads.setStatus"))

    merchant(house).writes("thank you!", thread_ts=root)
    merchant(house).writes(QUESTION)
    idle(house)

    assert state(house, sent.message) is TicketState.RESOLVED
    assert len(calls(house, "assistant.threads.setStatus")) == before


def test_a_status_that_hangs_holds_no_answer_up(house: Stage) -> None:
    """The answer does not wait until Slack has taken the status."""
    house.slack.workspace.faults.add("assistant.threads.setStatus", delay=8.0)
    root = merchant(house).opens_assistant()
    asked_at = time.monotonic()

    merchant(house).writes(QUESTION, thread_ts=root)

    assert len(said(house, root)) == 1
    assert time.monotonic() - asked_at < 8


def test_a_status_that_is_refused_stops_no_answer(house: Stage) -> None:
    """The answer comes all the same."""
    house.slack.workspace.faults.add("assistant.threads.setStatus", error="access_denied")
    root = merchant(house).opens_assistant()

    merchant(house).writes(QUESTION, thread_ts=root)

    assert len(said(house, root)) == 1


@pytest.mark.parametrize("method", ["chat.appendStream", "chat.stopStream"])
def test_a_stream_that_is_cut_becomes_one_whole_message(house: Stage, method: str) -> None:
    """When Slack fails in the middle, the message is finished, and there is no second one."""
    root = merchant(house).opens_assistant()
    house.slack.workspace.faults.add(method, status=503, times=1)

    merchant(house).writes(QUESTION, thread_ts=root)

    (answer,) = said(house, root)
    assert "Source: <" in answer.text
    assert "streaming" not in answer.extra
    assert answer.blocks[0]["type"] == "section"


def test_what_began_as_a_stream_is_finished_when_streams_are_off(house: Stage) -> None:
    """A process that dies in a stream, and starts again without streams, says nothing twice."""
    root = merchant(house).opens_assistant()
    merchant(house).writes(QUESTION, thread_ts=root)
    (answer,) = said(house, root)
    home = house.slack.workspace.home
    with house.bot.records.store.read() as records:
        kept = records.outbox.at(
            TeamId(home.team_id), ChannelId(answer.channel), SlackTs(answer.ts)
        )
    assert kept is not None
    off = replace(house.bot.poster.streaming, is_on=False)

    assert off.takes(kept)
    assert not off.takes(replace(kept, slack_ts=None))


def asked(house: Stage) -> tuple[Sent, Message]:
    """Ask in the channel. Returns the question and its answer."""
    sent = asks(house, merchant(house), QUESTION)
    return sent, replies(house, sent)[-1]


def pressed(house: Stage, answer: Message, choice: str) -> None:
    """Press one of the two buttons that rate an answer."""
    number = ref(house, answer)
    (row,) = [each for each in answer.blocks if each["type"] == "context_actions"]
    elements = row["elements"]
    assert isinstance(elements, list)
    name = {"yes": "positive_button", "no": "negative_button"}[choice]
    value = elements[0][name]["value"]
    assert value.startswith(f"{number}:{choice}:")
    ack = merchant(house).presses(answer, FEEDBACK, value=value)
    assert ack is not None
    assert ack.ok
    idle(house)


def rated(house: Stage) -> tuple[Rated, ...]:
    """Return the ratings so far."""
    with house.bot.records.store.read() as records:
        return records.ratings.all()


def test_an_answer_that_helped_is_counted(house: Stage) -> None:
    """Who presses is thanked in private, and once."""
    _, answer = asked(house)
    before = sum(each.helped for each in rated(house))
    heard = len(house.slack.workspace.seen_only_by("U0MARAQUILL"))

    pressed(house, answer, "yes")
    pressed(house, answer, "yes")

    assert sum(each.helped for each in rated(house)) == before + 1
    assert re.search(r"#\S+, reviewed 20\S+: helped [1-9]", care(agent(house), "stats"))
    told = house.slack.workspace.seen_only_by("U0MARAQUILL")[heard:]
    assert [each.text for each in told] == [RATED]
    assert state(house, answer) is TicketState.ANSWERED


def test_an_answer_that_did_not_help_brings_a_person(house: Stage) -> None:
    """The ticket is handed over, once, and the section is counted with its review's date."""
    sent, answer = asked(house)
    before = sum(each.failed for each in rated(house))

    pressed(house, answer, "no")
    pressed(house, answer, "no")

    assert state(house, answer) is TicketState.WAITING_ON_CARE
    assert len(replies(house, sent)) == 2
    assert sum(each.failed for each in rated(house)) == before + 1
    assert all(each.reviewed.startswith("20") for each in rated(house))


@pytest.mark.parametrize("value", ["JC-1:no:x#y", "JC-999999:no:prime#x", "no", "JC-1:no:"])
def test_a_forged_rating_changes_nothing(house: Stage, value: str) -> None:
    """A value of another ticket, or of no section, is acknowledged and does nothing."""
    _, answer = asked(house)
    before = rated(house)

    ack = house.slack.delivery.deliver(
        _rating(house, answer, value), Kind.INTERACTIVE, timeout=10.0
    )
    idle(house)

    assert ack is not None
    assert ack.ok
    assert rated(house) == before
    assert state(house, answer) is TicketState.ANSWERED


def test_a_rating_that_is_neither_yes_nor_no_changes_nothing(house: Stage) -> None:
    """A word of somebody else's making, on the right ticket and section, does nothing."""
    _, answer = asked(house)
    before = rated(house)
    (row,) = [each for each in answer.blocks if each["type"] == "context_actions"]
    elements = row["elements"]
    assert isinstance(elements, list)
    value = elements[0]["negative_button"]["value"].replace(":no:", ":maybe:")

    ack = house.slack.delivery.deliver(
        _rating(house, answer, value), Kind.INTERACTIVE, timeout=10.0
    )
    idle(house)

    assert ack is not None
    assert ack.ok
    assert rated(house) == before
    assert state(house, answer) is TicketState.ANSWERED


def _rating(house: Stage, answer: Message, value: str) -> dict[str, object]:
    """Return the payload of a press on the buttons below an answer, with any value."""
    workspace = house.slack.workspace
    return block_actions(
        workspace.home,
        other_merchant(house).user,
        workspace.channel(BIRCH),
        answer,
        {"type": "feedback_buttons", "action_id": FEEDBACK, "value": value},
        trigger_id=f"1.2.{workspace.next_ts()}",
    )
