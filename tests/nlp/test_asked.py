"""What a message asks for, and which question the next one answers."""

from __future__ import annotations

import pytest

from nlp.asked import asked_for, asks, last_question
from nlp.text import ScrubbedText
from tests.growth import growth

KINDS = {
    "person": "PERSON",
    "street": "STREET_ADDRESS",
    "phone": "PHONE_NUMBER",
    "email": "EMAIL_ADDRESS",
}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("what's the name on the order?", "person"),
        ("What’s the name on the box", "person"),
        ("Name?", "person"),
        ("name pls", "person"),
        ("who is it for", "person"),
        ("whose order is this?", "person"),
        ("which customer?", "person"),
        ("We need the customer's name.", "person"),
        ("¿cuál es el nombre?", "person"),
        ("Hi <PERSON_1>! Could you give me the buyer's full name?", "person"),
        ("can you share the buyer's full name and address", "person street"),
        ("full name and street address", "person street"),
        ("what's the address?", "street"),
        ("need the street please", "street"),
        ("Where should we ship it?", "street"),
        ("which apt. number is it?", "street"),
        ("Can I get the phone number?", "phone"),
        ("what's <PERSON_1>'s phone?", "phone"),
        ("what number can we reach them at?", "phone"),
        ("what's your name and the best number to call", "person phone"),
        ("email?", "email"),
        ("what's the e-mail address?", "email"),
        ("what is the product name?", ""),
        ("what's the name of the store?", ""),
        ("what is your file name?", ""),
        ("what's the username?", ""),
        ("who's the carrier?", ""),
        ("who delivers it?", ""),
        ("what's the order number?", ""),
        ("where is my order?", ""),
        ("what's the ip address?", ""),
        ("the name is wrong", ""),
        ("The name on the label is wrong. Where is it?", ""),
        ("we sent it to the address on the label", ""),
        ("I will check with <PERSON_1>.", ""),
        ("ok thanks", ""),
        ("", ""),
    ],
)
def test_asked_for(text: str, wanted: str) -> None:
    """A question for PII is known by its words; names of things and statements ask for none."""
    assert asked_for(ScrubbedText(text)) == {KINDS[word] for word in wanted.split()}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("where is my order?", True),
        ("name pls", True),
        ("it shipped today", False),
        ("", False),
    ],
)
def test_asks(text: str, expected: bool) -> None:
    """A question mark asks, and so does a wish for PII without one."""
    assert asks(ScrubbedText(text)) is expected


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ([], None),
        (["what's the name?"], 0),
        (["what's the name?", "one sec"], 0),
        (["what's the name?", "one sec", "let me look"], 0),
        (["what's the name?", "one sec", "let me look", "still looking"], None),
        (["what's the name?", "<PERSON_1>"], None),
        (["what's the name?", "and the address?"], 1),
        (["what's the name?", "<PERSON_1>", "phone?"], 2),
        (["what's <PERSON_1>'s address?"], 0),
        (["my order is late"], None),
    ],
)
def test_last_question(said: list[str], found: int | None) -> None:
    """The newest question of the last three messages is open until PII answers it."""
    texts = [ScrubbedText(text) for text in said]

    assert last_question(texts) == (None if found is None else texts[found])


@pytest.mark.parametrize("part", ["who ", "the name ", "number can ", "where is ", "apt. ", "? "])
def test_long_texts_take_no_longer(part: str) -> None:
    """The end of a message is read and no more, however long it is."""

    def ask(size: int) -> object:
        return asked_for(ScrubbedText(part * (size // len(part))))

    assert growth(ask, 4_000, 400_000) < 30
