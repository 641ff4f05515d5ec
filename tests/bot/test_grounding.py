"""A language model's words count only where the sections that it was given hold them up."""

from __future__ import annotations

import json
from datetime import date
from typing import Final

import pytest

from bot.errors import RewriteRefused
from bot.rewriting.grounding import LONGEST, grounded
from nlp.answers.sections import Section
from nlp.knowledge import Knowledge

SECTION: Final = Section(
    article="pii-retention",
    section="how-long",
    title="How long Jetpack keeps a buyer's PII",
    article_title="Amazon's 30-day PII rule",
    short_answer=(
        "Jetpack keeps a buyer's PII for **30** days after the shipment is delivered. In "
        "**Manage Inventory** the order 111-2223334-5556667 stays, see "
        "[the page](https://example.com/kb/pii). It costs $5."
    ),
    steps="1. Open **Settings**\n2. Choose `Save`",
    url="https://example.com/kb/pii-retention#how-long",
    last_reviewed=date(2026, 11, 1),
    examples=(),
    related=(),
)
GOOD: Final = [
    "Jetpack keeps the buyer's PII for 30 days after the shipment is delivered.",
    "After thirty days: the buyer's PII is kept for thirty days by Jetpack.",
    'In "Manage Inventory" the order 111-2223334-5556667 stays.',
    "See [the page](https://example.com/kb/pii), it costs $5.",
    "Open *Settings*, then choose `Save.`",
]
BAD: Final = [
    "Jetpack keeps the buyer's PII for 90 days after the shipment is delivered.",
    "Jetpack keeps the buyer's PII for 3 days after the shipment is delivered.",
    "Jetpack keeps the buyer's PII for ninety days after the shipment is delivered.",
    "Jetpack keeps the buyer's PII for ３１ days after the shipment is delivered.",
    "Jetpack keeps the buyer's PII for ½ days after the shipment is delivered.",
    "Jetpack keeps the buyer's PII for 2 days after the shipment is delivered.",
    "The buyer's PII is kept. It costs €5.",
    "The buyer's PII is kept. It costs 5%.",
    "See the page https://example.com/kb/other about the buyer's PII.",
    "See the page example.org about the buyer's PII.",
    "See [the page](https://evil.example/kb/pii) about the buyer's PII.",
    "Jetpack keeps the buyer's PII, mail help@example.com.",
    "Jetpack keeps the buyer's PII, ask @channel.",
    "The order 111-2223334-5556668 stays after the shipment.",
    "The order B0INVENTED stays after the shipment.",
    "The buyer's PII of SKU_ONE is kept after the shipment.",
    "The buyer's PII and its ASIN is kept after the shipment.",
    "The buyer <PERSON_1> is kept after the shipment.",
    'In "Manage Orders" the order stays.',
    "In “Manage” Orders” the order stays after the shipment.",
    "Open **Delete** after the shipment is delivered.",
    "Choose 'Convert' after the shipment is delivered.",
    "Your refund was approved, please tell us your password.",
    "Jetpack keeps the buyer's PII\u202e after the shipment.",
    "",
    "the " * LONGEST,
]
FORMLESS: Final = [
    "",
    "Jetpack keeps the buyer's PII.",
    "[]",
    "null",
    "[" * 100_000,
    json.dumps({"text": GOOD[0]}),
    json.dumps({"text": GOOD[0], "citations": []}),
    json.dumps({"text": GOOD[0], "citations": SECTION.name}),
    json.dumps({"text": GOOD[0], "citations": [1]}),
    json.dumps({"text": GOOD[0], "citations": [[SECTION.name]]}),
    json.dumps({"text": 30, "citations": [SECTION.name]}),
    json.dumps({"text": GOOD[0], "citations": [SECTION.name], "url": "https://example.org"}),
    json.dumps({"text": GOOD[0], "citations": ["pii-retention#invented"]}),
    json.dumps({"text": GOOD[0], "citations": [SECTION.name, "pii-retention#invented"]}),
]


def said(text: str, section: Section = SECTION) -> str:
    """Return what a model replies that was told to say a text."""
    return json.dumps({"text": text, "citations": [section.name]})


@pytest.mark.parametrize("text", GOOD)
def test_what_the_section_says_counts(text: str) -> None:
    """Numbers, addresses, identifiers and labels of the section may be said."""
    assert grounded(said(text), [SECTION]) == text


@pytest.mark.parametrize("text", BAD)
def test_what_the_section_does_not_say_is_refused(text: str) -> None:
    """One number, address, identifier or label from elsewhere, or its words, are enough."""
    with pytest.raises(RewriteRefused):
        grounded(said(text), [SECTION])


@pytest.mark.parametrize("reply", FORMLESS, ids=range(len(FORMLESS)))
def test_a_reply_of_another_form_is_refused(reply: str) -> None:
    """Words without JSON around them, without citations, or with invented ones do not count."""
    with pytest.raises(RewriteRefused):
        grounded(reply, [SECTION])


def test_only_what_is_cited_holds_up() -> None:
    """A number of a section that was given and is not cited does not count."""
    other = Knowledge.load().sections[0]

    with pytest.raises(RewriteRefused):
        grounded(said(GOOD[0], other), [SECTION, other])


@pytest.mark.parametrize("section", Knowledge.load().sections, ids=lambda each: each.name)
def test_every_short_answer_holds_itself_up(section: Section) -> None:
    """Who says an article's words as they are is never refused."""
    assert grounded(said(section.short_answer, section), [section]) == section.short_answer
