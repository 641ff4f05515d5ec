"""The held-out questions stay as they are, and apart from what the answers are made of."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final

import pytest

from nlp.answers.question_bank import QuestionBank
from nlp.knowledge import ARTICLES, Knowledge
from tests.benchmarks.answers import HELD_OUT, Question, Share, distractors, held_out

FROZEN: Final = "bc6e02437e7ed633e30826eeb4e9df7173e8c6dc1218a68ae228f8bcb9ee37b5"
"""Whoever changes a question, since it was wrong, changes this, and says why in the commit."""
DEVELOPMENT: Final = Path(__file__).parent / "questions" / "development.jsonl"
FOLLOW_UPS: Final = DEVELOPMENT.with_name("follow_ups.jsonl")
_COMMON: Final = frozenset(
    re.findall(
        r"\w+",
        """a an the i we you he she it they me us my our your is are do does did can could will
        would should to of in on at for with from and or if so as that this what how when where who
        which be been was were have has had not no by about""",
    )
)


def words(text: str) -> frozenset[str]:
    """Return the telling words of a text."""
    return frozenset(re.findall(r"[a-z0-9]+", text.lower().replace("'", ""))) - _COMMON


def tuned_on() -> Iterator[str]:
    """Yield every question that the answers were made with."""
    for section in Knowledge.load().sections:
        yield from section.examples
        yield section.title
    bank = QuestionBank.load(ARTICLES)
    for questions in (*bank.asked.values(), *bank.not_covered.values()):
        yield from questions
    for file in (DEVELOPMENT, FOLLOW_UPS):
        yield from re.findall(r'"question": "([^"]+)"', file.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def questions() -> tuple[Question, ...]:
    """The held-out set."""
    return held_out()


def test_the_set_is_frozen() -> None:
    """Its hash is the one that it was written with."""
    assert sha256(HELD_OUT.read_bytes()).hexdigest() == FROZEN


def test_the_set_is_large_enough(questions: tuple[Question, ...]) -> None:
    """It has the questions that intervals of some points need, and no two of one id."""
    kinds = Counter(each.kind for each in questions)

    assert kinds["answerable"] >= 200
    assert kinds["unanswerable"] >= 80
    assert kinds["routing"] >= 60
    assert kinds["follow_up"] >= 40
    assert len({each.id for each in questions}) == len(questions)
    assert len({each.questions for each in questions}) == len(questions)


def test_every_section_is_asked_for(questions: tuple[Question, ...]) -> None:
    """Each section of the articles has at least nine questions, and no other is named."""
    there = {section.name for section in Knowledge.load().sections}
    asked = Counter(each.topic for each in questions if each.kind == "answerable")

    assert set(asked) == there
    assert min(asked.values()) >= 9
    assert all(each.sections <= there for each in questions)


def test_the_set_is_apart_from_what_was_tuned_on(questions: tuple[Question, ...]) -> None:
    """No question has the words of an example, a title or a development question."""
    known = [words(text) for text in tuned_on()]

    for each in questions:
        if each.kind in ("answerable", "unanswerable"):
            said = words(each.questions[0])
            near = max(
                (len(said & other) / len(said | other) for other in known if other), default=0
            )
            assert near < 0.8, each.questions[0]


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"), [(0, 100, 0.0, 0.037), (85, 100, 0.767, 0.907), (5, 5, 0.566, 1)]
)
def test_intervals_are_wilsons(hits: int, of: int, low: float, high: float) -> None:
    """As tables have them."""
    found = Share(hits=hits, of=of).interval

    assert found == pytest.approx((low, high), abs=0.001)


def test_distractors_are_the_same_each_time() -> None:
    """They are made, not drawn, and all of them differ in name."""
    made = list(distractors(300))

    assert made == list(distractors(300))
    assert len({section.name for section in made}) == 300
