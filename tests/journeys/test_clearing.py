"""Messages that held PII are deleted in Slack itself, where an admin lends the bot a token."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.sandbox.slack.delivery import Kind
from bot.sandbox.slack.payloads import deleted_event
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.sample import HOME
from bot.sandbox.slack.writing import Sent
from bot.sandbox.stage import PATIENCE, Stage, stage
from storage.ids import ticket_ref
from tests.journeys.acting import (
    BIRCH,
    CEDAR,
    QUESTION,
    agent,
    answer,
    care,
    idle,
    link,
    merchant,
    outsider,
    replies,
    ticket,
)

TOLD = f"{QUESTION} call me at 555-0142"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, over_http: bool) -> Iterator[Stage]:
    """A running bot with an admin's token, and both merchants' channels linked."""
    lent = {"SLACK_ADMIN_USER_TOKEN": HOME.admin_token}
    home = tmp_path_factory.mktemp("house")
    with stage(home, over_http=over_http, environment=lent) as opened:
        link(opened)
        care(agent(opened), "link <@U0MARAQUILL|mara> birch-and-brook")
        yield opened


def warned(house: Stage, person: Person, before: int) -> str:
    """Return what somebody alone was told since, once they were told something."""
    seen = house.slack.workspace.seen_only_by
    found = house.slack.workspace.wait_for(lambda: seen(person.user.id)[before:], PATIENCE)
    idle(house)
    assert len(found) == 1
    return found[0].text


def tells(house: Stage, person: Person, place: str | None = BIRCH) -> tuple[Sent, str]:
    """Write something with PII, and return it and what its writer alone is told."""
    before = len(house.slack.workspace.seen_only_by(person.user.id))
    sent = person.writes(TOLD, place)
    answer(house, sent)
    return sent, warned(house, person, before)


def is_there(house: Stage, sent: Sent) -> bool:
    """Tell whether Slack still shows a message."""
    return (sent.message.channel, sent.message.ts) in house.slack.workspace.messages


def receipt(house: Stage, sent: Sent) -> str:
    """Resolve a message's ticket and return what the agent reads."""
    return care(agent(house), f"resolve {ticket_ref(ticket(house, sent.message).ticket_id)}")


def test_a_message_with_pii_is_deleted_in_slack(house: Stage) -> None:
    """It is answered first, then it goes, and its writer is told that it did."""
    sent, told = tells(house, merchant(house))

    assert not is_there(house, sent)
    assert "deleted your message in Slack" in told
    assert "555-0142" not in told
    assert "Source:" in replies(house, sent)[-1].text
    shown = receipt(house, sent)
    assert "Deleted in Slack, too: 1" in shown
    assert "still shows" not in shown


def test_slacks_word_of_it_deletes_nothing_here(house: Stage) -> None:
    """The event of our own deletion leaves the scrubbed words with the ticket."""
    sent, _ = tells(house, merchant(house))
    channel = house.slack.workspace.channel(BIRCH)
    at = house.slack.workspace.next_ts()
    stays = house.stored()

    ack = merchant(house).deliver(
        deleted_event(house.slack.workspace.home, sent.message, channel, at), Kind.EVENTS_API
    )

    assert ack is not None
    assert ack.ok
    assert house.stored() == stays


@pytest.mark.parametrize("where", ["direct message", "Slack Connect"])
def test_what_an_admin_cannot_reach_is_left_to_the_writer(house: Stage, where: str) -> None:
    """They are told how to delete it, and the receipt links it."""
    if where == "direct message":
        sent, told = tells(house, merchant(house), None)
    else:
        sent, told = tells(house, outsider(house), CEDAR)

    assert is_there(house, sent)
    assert "please delete it" in told
    assert "still shows" in receipt(house, sent)


def test_slack_busy_is_tried_again(house: Stage) -> None:
    """A deletion that fails for a while is done in the end, once."""
    house.slack.workspace.faults.add("chat.delete", status=500, times=2)

    sent, told = tells(house, merchant(house))

    assert not is_there(house, sent)
    assert "deleted your message in Slack" in told


def test_what_was_deleted_meanwhile_counts_as_deleted(house: Stage) -> None:
    """Killed between the deletion and the note of it, the bot does it again and is done."""
    house.slack.workspace.faults.add("chat.delete", status=500, applied=True)

    sent, told = tells(house, merchant(house))

    assert not is_there(house, sent)
    assert "deleted your message in Slack" in told


def test_a_message_without_pii_stays(house: Stage) -> None:
    """What holds none is not touched."""
    sent = merchant(house).writes(QUESTION, BIRCH)
    replies(house, sent)
    idle(house)

    assert is_there(house, sent)
