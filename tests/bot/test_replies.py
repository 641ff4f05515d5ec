"""The words we say hold no PII by construction and keep Slack's limits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Final

import pytest

from bot import replies
from bot.blocks import PERSON, QUESTION, SOLVED, Block, Reply
from nlp.answers.sections import Section
from nlp.detection.entities import ENTITY_TYPES
from nlp.text import RawText, ScrubbedText
from storage.ids import TicketId

NOW: Final = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
TICKET: Final = TicketId(12)
SECTION: Final = Section(
    article="prime",
    section="can-jetpack",
    title="Can you <ship> Prime orders?",
    article_title="Prime & FBM",
    short_answer="**Yes**, with [Seller Fulfilled Prime](https://example.com/sfp).",
    steps="1. Open *Settings* > Shipping\n2. Save",
    url="https://example.com/prime#can-jetpack",
    last_reviewed=date(2026, 3, 1),
    examples=(),
    related=(),
)


def pressed(reply: Reply) -> list[tuple[str, str]]:
    """Return the action id and the value of each button."""
    return [
        (str(each["action_id"]), str(each["value"]))
        for block in reply.blocks
        if block["type"] == "actions"
        for each in elements(block)
    ]


def elements(block: Block) -> Iterator[Block]:
    """Return the elements of a block."""
    found = block["elements"]
    assert isinstance(found, list)
    yield from found


WARNINGS: Final = [
    (["PERSON"], "Your message held a person's name. "),
    (["PERSON", "EMAIL_ADDRESS"], "held a person's name and an e-mail address. "),
    (
        ["PERSON", "STREET_ADDRESS", "PHONE_NUMBER"],
        "held a person's name, a street address and a phone number. ",
    ),
    (["IBAN_CODE", "US_BANK_NUMBER"], "Your message held a bank account number. "),
    (["TOMORROW"], "Your message held personal data. "),
]


@pytest.mark.parametrize(("kinds", "words"), WARNINGS)
def test_the_warning_names_the_kinds(kinds: list[str], words: str) -> None:
    """The warning says what kinds of PII a message held, each once, in words."""
    assert words in replies.pii_warning(kinds).text


def test_the_warning_is_private() -> None:
    """Only the author is warned."""
    assert replies.pii_warning(["PERSON"]).private is True


def test_the_warning_says_whether_anything_is_kept() -> None:
    """In a resolved ticket nothing is kept, and the warning does not say that it is."""
    assert "kept encrypted" in replies.pii_warning(["PERSON"]).text
    assert "kept encrypted" not in replies.pii_warning(["PERSON"], sealed=False).text
    assert "nothing of it is kept" in replies.pii_warning(["PERSON"], sealed=False).text


@pytest.mark.parametrize("kind", ENTITY_TYPES)
def test_every_entity_type_has_words(kind: str) -> None:
    """Each kind that the scrubber finds has a name of its own in the warning."""
    assert kind in replies.KIND_NAMES


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("hello", replies.GREETING),
        ("thanks a lot", replies.WELCOME),
        ("THX!", replies.WELCOME),
        ("ty", replies.WELCOME),
        ("good morning", replies.GREETING),
        ("gentry is fine", replies.GREETING),
    ],
)
def test_smalltalk_is_answered_in_kind(text: str, reply: str) -> None:
    """Thanks are welcomed, everything else is greeted."""
    assert replies.smalltalk(ScrubbedText(text)).text == reply


def test_an_answer_has_its_source() -> None:
    """An answer ends with the article, the section, the link and the day of its review."""
    text = replies.answer(SECTION, TICKET).text
    assert text.startswith("*Yes*, with <https://example.com/sfp|Seller Fulfilled Prime>.\n\n1. ")
    assert text.endswith(
        "Source: <https://example.com/prime#can-jetpack|Prime &amp; FBM › "
        "Can you &lt;ship&gt; Prime orders?>, reviewed 01 March 2026"
    )


def test_an_answer_offers_the_end_and_a_person() -> None:
    """Below an answer stand two buttons with the ticket as their value."""
    assert pressed(replies.answer(SECTION, TICKET)) == [(SOLVED, "JC-12"), (PERSON, "JC-12")]


def test_an_answer_without_steps_is_short() -> None:
    """Where an article has no steps, nothing stands in their place."""
    text = replies.answer(replace(SECTION, steps=""), TICKET).text
    assert "\n\n\n" not in text
    assert "1. " not in text


def test_choices_have_ids_of_their_own() -> None:
    """Each offered section is a button that carries it, and a person is offered, too."""
    reply = replies.did_you_mean([SECTION, replace(SECTION, section="other")], TICKET)
    assert pressed(reply) == [
        (f"{QUESTION}.0", "JC-12:prime#can-jetpack"),
        (f"{QUESTION}.1", "JC-12:prime#other"),
        (PERSON, "JC-12"),
    ]
    assert reply.text.endswith("• Can you &lt;ship&gt; Prime orders?")


def test_a_hand_over_says_what_is_not_known() -> None:
    """Where nobody asked for a person, the bot says that it does not know."""
    assert "I don't know this one" in replies.handed_over(TICKET, asked=False).text
    assert "I don't know" not in replies.handed_over(TICKET, asked=True).text
    assert "JC-12" in replies.handed_over(TICKET, asked=True).text


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (0, "It held no sensitive values."),
        (1, "The 1 sensitive value that it held is deleted."),
        (3, "The 3 sensitive values that it held are deleted."),
    ],
)
def test_a_resolution_counts_what_was_deleted(values: int, words: str) -> None:
    """The merchant hears how many values are gone."""
    assert replies.resolved(TICKET, values).text == f"Ticket JC-12 is resolved. {words}"


def test_raw_text_cannot_get_into_a_reply() -> None:
    """Raw text that is formatted into a reply by mistake says nothing."""
    text = replies.handed_over(RawText("Odalys Fennimore"), asked=True).text  # type: ignore[arg-type]
    assert "Odalys" not in text


def test_times_are_written_for_people() -> None:
    """A day below ten has no zero in front."""
    assert replies.when(datetime(2026, 3, 1, 9, 5, tzinfo=UTC)) == "1 Mar 2026 09:05 UTC"
