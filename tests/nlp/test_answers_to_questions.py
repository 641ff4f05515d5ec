"""What only the question before it gives away."""

from __future__ import annotations

import pytest

from nlp.detection.answers_to_questions import MAX_CHARACTERS, answers
from nlp.text import ScrubbedText
from tests.growth import growth

NAME = "what's the name on the order?"
ADDRESS = "what's the address?"
BOTH = "name and address?"
PHONE = "phone?"
UNIT = "which apt number is it?"


@pytest.mark.parametrize(
    ("question", "text", "found"),
    [
        (NAME, "bertrand oyelaran", ["bertrand oyelaran"]),
        (NAME, "sara lee", ["sara lee"]),
        (NAME, "it's Sara Lee, thanks!", ["Sara Lee"]),
        (NAME, "name is bertrand oyelaran :slight_smile:", ["bertrand oyelaran"]),
        (NAME, "Mr. Okonkwo-Bell", ["Okonkwo-Bell"]),
        (NAME, "o'brien", ["o'brien"]),
        (NAME, "thandi?", ["thandi"]),
        (NAME, "J. Smith", ["J. Smith"]),
        (NAME, "John  A.  Smith", ["John  A.  Smith"]),
        (NAME, "will", ["will"]),
        (NAME, "sara lee and tom berg", ["sara lee", "tom berg"]),
        (NAME, "sara lee\ntom berg", ["sara lee", "tom berg"]),
        (NAME, "sara lee, order 113-5550142-5550142", ["sara lee"]),
        (NAME, "sure one sec", []),
        (NAME, "idk", []),
        (NAME, "i'll check", []),
        (NAME, "blue shoes", []),
        (NAME, "where is my refund", []),
        (NAME, "x", []),
        (NAME, "", []),
        (NAME, "113-5550142-5550142", []),
        (NAME, "5 main", []),
        (NAME, "\ufffc", []),
        (ADDRESS, "5 main", ["5 main"]),
        (ADDRESS, "its 8800 lakeshore", ["8800 lakeshore"]),
        (ADDRESS, "12 oak apt 3", ["12 oak apt 3"]),
        (ADDRESS, "12 oak, Austin, TX 78701", ["12 oak"]),
        (ADDRESS, "5 main austin tx 78701", ["5 main"]),
        (ADDRESS, "5 main st, austin tx", ["5 main st"]),
        (ADDRESS, "12 boxes", []),
        (ADDRESS, "3 units of the blue one", []),
        (ADDRESS, "12", []),
        (ADDRESS, "bertrand oyelaran", []),
        (UNIT, "3b", ["3b"]),
        (UNIT, "#12", ["#12"]),
        (PHONE, "4155550132", ["4155550132"]),
        (PHONE, "sure, 415 555 0132 thanks", ["415 555 0132"]),
        (PHONE, "113-5550142-5550142", []),
        (PHONE, "2", []),
        (BOTH, "bertrand oyelaran, 5 main, austin tx", ["bertrand oyelaran", "5 main"]),
        (BOTH, "bertrand oyelaran\n5 main\nAustin, TX", ["bertrand oyelaran", "5 main"]),
        ("where is my order?", "sara lee", []),
        ("what's the product name?", "sara lee", []),
    ],
)
def test_answers(question: str, text: str, found: list[str]) -> None:
    """A message that is little but what was asked for is that, and ordinary words are not."""
    spans = answers(text, ScrubbedText(question))

    assert [text[span.start : span.end] for span in spans] == found


def test_a_long_message_is_no_bare_answer() -> None:
    """A message of many words is not taken for a list of names."""
    names = "sara lee, " * (MAX_CHARACTERS // 10)

    assert answers(names[:-2], ScrubbedText(NAME))
    assert not answers(names + "tom", ScrubbedText(NAME))


@pytest.mark.parametrize("part", ["ok ", "a ", "a, ", "1 ", "1-", "thanks ", ".", "and "])
def test_odd_answers_take_no_longer(part: str) -> None:
    """What repeats within an answer costs in proportion to its length."""
    question = ScrubbedText(f"{NAME} {ADDRESS} {PHONE}")

    assert growth(lambda size: answers((part * size)[:size], question), 20, MAX_CHARACTERS) < 30
