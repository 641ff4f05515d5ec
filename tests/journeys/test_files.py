"""Files that merchants share: looked into, nothing kept, their authors told in private."""

from __future__ import annotations

import pytest

from bot.care.leftovers import leftovers
from bot.sandbox.slack.writing import Sent
from bot.sandbox.stage import Stage
from tests.journeys.acting import (
    BIRCH,
    QUESTION,
    agent,
    care,
    held,
    idle,
    link,
    merchant,
    ref,
    ticket,
)

TABLE = b"name,street,phone\nPeregrine Wainscott,77 Undertow Lane,415-555-0171\n" * 3
WORDS = ("Wainscott", "Undertow", "415-555-0171")


@pytest.fixture(scope="module")
def house(home_of: Stage) -> Stage:
    """A running bot with both merchants' channels linked."""
    link(home_of)
    return home_of


def told(house: Stage, since: int) -> list[str]:
    """Return what Mara alone was told since, once all is done."""
    idle(house)
    return [each.text for each in house.slack.workspace.seen_only_by("U0MARAQUILL")[since:]]


def heard(house: Stage) -> int:
    """Return how much Mara alone was told so far."""
    return len(house.slack.workspace.seen_only_by("U0MARAQUILL"))


def shared(house: Stage, name: str, content: bytes, mimetype: str = "text/csv") -> Sent:
    """Share a file in the channel, with a question."""
    sent = merchant(house).shares(name, content, BIRCH, text=QUESTION, mimetype=mimetype)
    assert sent.ok
    return sent


@pytest.mark.parametrize("hidden", [False, True], ids=["own", "Slack Connect"])
def test_a_table_is_looked_into_and_nothing_of_it_is_kept(house: Stage, hidden: bool) -> None:
    """Its author hears which kinds it held; no file of ours holds any of it."""
    idle(house)
    since = heard(house)

    sent = merchant(house).shares(
        "orders.csv", TABLE * 40, BIRCH, text=QUESTION, mimetype="text/csv", hidden=hidden
    )

    said = [each for each in told(house, since) if each.startswith("What you shared held")]
    assert len(said) == 1
    assert "a phone number (" in said[0]
    assert "I kept nothing of it" in said[0]
    assert not any(word in said[0] for word in (*WORDS, "orders.csv"))
    assert house.search(*WORDS) == ()
    with house.bot.records.store.read() as records:
        place = leftovers(records, ticket(house, sent.message).ticket_id)
    assert (sent.message.channel, sent.message.ts) in {each[1:] for each in place}


def test_a_picture_is_named_as_not_looked_into(house: Stage) -> None:
    """Its author is warned; nothing is fetched."""
    since = heard(house)

    sent = shared(house, "label.png", b"\x89PNG", "image/png")

    (said,) = told(house, since)
    assert "could not look into a file" in said
    assert "label.png" not in said
    assert held(house, ticket(house, sent.message).ticket_id) == {}


def test_a_clean_file_needs_no_word(house: Stage) -> None:
    """Where nothing was found, nobody is told anything."""
    since = heard(house)

    shared(house, "skus.csv", b"sku,quantity\nBB-SOAP-1,3\n")

    assert told(house, since) == []


def test_a_file_of_another_kind_than_it_says_is_unreadable(house: Stage) -> None:
    """A picture under a text's name is not taken for clean."""
    since = heard(house)

    shared(house, "notes.txt", b"\x89PNG\r\n\x00\x00" * 50, "text/plain")

    assert any("could not look into" in each for each in told(house, since))


def test_the_receipt_links_what_slack_still_shows(house: Stage) -> None:
    """A message that held PII is linked until its writer deletes it."""
    sent = merchant(house).writes("mail to zq.vexholm@example.org please", BIRCH)
    idle(house)
    number = ref(house, sent.message)
    care(agent(house), f"resolve {number}")
    place = f"/archives/{sent.message.channel}/p{sent.message.ts.replace('.', '')}"
    assert place in care(agent(house), f"receipt {number}")

    merchant(house).deletes(sent.message)

    assert place not in care(agent(house), f"receipt {number}")
