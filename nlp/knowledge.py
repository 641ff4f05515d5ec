"""From a question to an answer, a "did you mean" or an honest "I don't know".

What is answered is the section's curated text, word for word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from nlp.answers import index_file, question_bank
from nlp.answers.article_files import read_articles
from nlp.answers.judgement import Judgement
from nlp.answers.judging import Judge
from nlp.answers.question_bank import QuestionBank
from nlp.answers.sections import Problem, Section
from nlp.answers.vocabulary import FILE, Vocabulary
from nlp.errors import ArticleBroken
from nlp.text import ScrubbedText

__all__ = ["ARTICLES", "Answer", "Kind", "Knowledge", "Problem", "Section"]

ARTICLES: Final = Path(__file__).parent / "articles"
"""The folder that ships with the program."""
MOST_SUGGESTIONS: Final = 3


class Kind(StrEnum):
    """What the merchant gets."""

    ANSWER = "answer"
    CLARIFY = "clarify"
    HANDOFF = "handoff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is said to a question.

    Attributes:
        kind: Whether we know, are unsure or do not know.
        text: The words, in plain text with an ordered list where there are steps.
        sections: Where they come from: one for each question answered, up to three to choose from,
            or none.
        confidence: 0 to 1; the higher, the surer that the first section answers.
    """

    kind: Kind
    text: str
    sections: tuple[Section, ...]
    confidence: float

    @property
    def leads_on(self) -> Section | None:
        """The section that the next question may lean on: the last said, or the first offered."""
        if not self.sections:
            return None
        return self.sections[-1 if self.kind is Kind.ANSWER else 0]


class Knowledge:
    """The articles, indexed. Safe to share between threads.

    Attributes:
        sections: Every section of the published articles.
        problems: What could not be read and is therefore left out.
    """

    def __init__(self, judge: Judge, problems: Sequence[Problem] = ()) -> None:
        self.sections: Final = judge.sections
        self.problems: Final = tuple(problems)
        self._judge = judge

    @classmethod
    def load(cls, folder: Path | None = None) -> Knowledge:
        """Read the articles of a folder, by default those that ship with the program.

        A broken article is named in `problems` and left out. A folder without a vocabulary or
        questions of its own is read with the shipped ones.

        Raises:
            ModelUnavailable: The sentence encoder is missing or damaged.
        """
        chosen = folder or ARTICLES
        articles, problems = read_articles(chosen)
        try:
            vocabulary = Vocabulary.load(chosen if (chosen / FILE).exists() else ARTICLES)
        except ArticleBroken as broken:
            problems += (Problem(file=FILE, line=broken.line, reason=broken.reason),)
            vocabulary = Vocabulary.load(ARTICLES)
        try:
            has_own = (chosen / question_bank.FILE).exists()
            bank = QuestionBank.load(chosen if has_own else ARTICLES)
        except ArticleBroken as broken:
            problems += (Problem(file=question_bank.FILE, line=broken.line, reason=broken.reason),)
            bank = QuestionBank.load(ARTICLES)
        published = [article for article in articles if article.front.status == "published"]
        sections = [section for article in published for section in article.sections]
        saved = [folder / index_file.FILE for folder in (chosen, ARTICLES)]
        return cls(Judge(sections, vocabulary, bank, saved), problems)

    def save(self, path: Path) -> None:
        """Write the index, for the next start to read."""
        self._judge.save(path)

    def section(self, name: str) -> Section | None:
        """Return the section named `article#section`, None where it is gone."""
        return next((section for section in self.sections if section.name == name), None)

    def answer(self, question: ScrubbedText, previous: Section | None = None) -> Answer:
        """Answer a question from the articles, or say that they do not answer it.

        A message with several questions is answered with a section for each that we know.

        Args:
            question: What is asked.
            previous: The section that was answered with or offered first before in the same
                conversation; a short question may lean on it.
        """
        parts = self._judge.judge(question, previous)
        judged = max(parts, key=_confidence)
        if judged.is_enough:
            known = dict.fromkeys(each.sections[0] for each in parts[1:] if each.is_enough)
            several = tuple(known)[:MOST_SUGGESTIONS]
            return _answer(several if len(several) > 1 else judged.sections[:1], judged.confidence)
        if judged.is_enough_to_ask_back:
            return _clarify(judged.sections[:MOST_SUGGESTIONS], judged.confidence)
        about = "I found nothing about that in my articles"
        if judged.not_covered is not None:
            about = f"my articles do not cover {judged.not_covered}"
        return _handoff(f"I don't know: {about}.", judged.confidence)

    def judge(self, question: ScrubbedText, previous: Section | None = None) -> Judgement:
        """Rank the sections for a question and tell how sure it is that the first one answers."""
        return max(self._judge.judge(question, previous), key=_confidence)


def _confidence(judged: Judgement) -> float:
    return judged.confidence


def _answer(sections: tuple[Section, ...], confidence: float) -> Answer:
    return Answer(
        kind=Kind.ANSWER,
        text="\n\n".join(map(_said, sections)),
        sections=sections,
        confidence=confidence,
    )


def _said(section: Section) -> str:
    source = (
        f"Source: {section.article_title} > {section.title}, "
        f"reviewed {section.last_reviewed.isoformat()}\n{section.url}"
    )
    return "\n\n".join(part for part in (section.short_answer, section.steps, source) if part)


def _clarify(sections: tuple[Section, ...], confidence: float) -> Answer:
    titles = "\n".join(f"{n}. {section.title}" for n, section in enumerate(sections, 1))
    return Answer(
        kind=Kind.CLARIFY,
        text=f"I am not sure what you are asking. Did you mean:\n{titles}",
        sections=sections,
        confidence=confidence,
    )


def _handoff(text: str, confidence: float = 0.0) -> Answer:
    return Answer(kind=Kind.HANDOFF, text=text, sections=(), confidence=confidence)
