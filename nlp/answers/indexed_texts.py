"""The texts that an index is made of: of each section, and of what no article covers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from nlp.answers.question_bank import QuestionBank
from nlp.answers.sections import Section

TITLE_WEIGHT: Final = 2.0
ARTICLE_TITLE_WEIGHT: Final = 0.5
EXAMPLE_WEIGHT: Final = 0.5


@dataclass(frozen=True, slots=True)
class IndexedText:
    """A text that is indexed by meaning.

    Attributes:
        text: Its words.
        owner: Number of the section, or, after the last of them, of the subject not covered.
        is_question: Whether somebody might ask just that; an index is calibrated on such.
    """

    text: str
    owner: int
    is_question: bool


def indexed_texts(sections: Sequence[Section], bank: QuestionBank) -> Iterator[IndexedText]:
    """Yield every text, by owner; nothing where there is nothing to answer with."""
    if not sections:
        return
    for owner, section in enumerate(sections):
        yield IndexedText(section.short_answer, owner, is_question=False)
        for text in (section.title, *section.examples, *bank.asked.get(section.name, ())):
            yield IndexedText(text, owner, is_question=True)
    for owner, questions in enumerate(bank.not_covered.values(), len(sections)):
        for text in questions:
            yield IndexedText(text, owner, is_question=True)


def weighted_texts(section: Section) -> Iterator[tuple[str, float]]:
    """Yield the texts of a section and how much a word in each counts."""
    yield section.title, TITLE_WEIGHT
    yield section.article_title, ARTICLE_TITLE_WEIGHT
    yield section.short_answer, 1.0
    yield section.steps, 1.0
    for example in section.examples:
        yield example, EXAMPLE_WEIGHT
