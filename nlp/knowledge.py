"""From a question to an answer, a "did you mean" or an honest "I don't know".

Ranking says which section is nearest, confidence whether it is near enough: the two are computed
apart. What is answered is the section's curated text, word for word.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from nlp.answers.article_files import read_articles
from nlp.answers.ranking import Hit, Index
from nlp.answers.sections import Problem, Section
from nlp.answers.spelling import Spelling
from nlp.answers.vocabulary import FILE, Vocabulary, split
from nlp.errors import ArticleBroken
from nlp.text import ScrubbedText

__all__ = ["ARTICLES", "Answer", "Kind", "Knowledge", "Problem", "Section"]

ARTICLES: Final = Path(__file__).parent / "articles"
"""The folder that ships with the program."""

TITLE_WEIGHT: Final = 2.0
ARTICLE_TITLE_WEIGHT: Final = 0.5
EXAMPLE_WEIGHT: Final = 0.5

# How sure we are: the weighted sum of how much of the question the section speaks of, how strongly
# it matches and how far it leads. Weights and thresholds were chosen on
# tests/nlp/questions/development.jsonl; they hold for the shipped articles and do not carry over to
# a knowledge base of another size.
COVERAGE_WEIGHT: Final = 0.6
STRENGTH_WEIGHT: Final = 0.25
MARGIN_WEIGHT: Final = 0.15
ENOUGH_TO_ANSWER: Final = 0.6
ENOUGH_TO_ASK_BACK: Final = 0.4
LEAST_EVIDENCE: Final = 1.5
"""Sum of idf below which the matching words, such as "fbm" alone, are too common to answer on."""
LEAST_MARGIN: Final = 0.05
"""Lead, as a share of the best score, below which two sections are equally near."""
FULL_STRENGTH: Final = 10.0
"""BM25 score from which a match counts as strong as can be."""

MOST_CHARACTERS: Final = 2_000
"""A question is understood from its first 2,000 characters, so that time is bounded."""
MOST_QUESTIONS: Final = 5
"""Of a message with several question marks, each of the first five is tried for itself."""
MOST_SUGGESTIONS: Final = 3

_QUESTION: Final = re.compile(r"[^.?!\n]+\?")


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
        sections: Where they come from: one for an answer, up to three to choose from, or none.
        confidence: 0 to 1; the higher, the surer that the first section answers.
    """

    kind: Kind
    text: str
    sections: tuple[Section, ...]
    confidence: float


class Knowledge:
    """The articles, indexed. Safe to share between threads.

    Attributes:
        sections: Every section of the published articles.
        problems: What could not be read and is therefore left out.
    """

    def __init__(
        self,
        sections: Sequence[Section],
        vocabulary: Vocabulary,
        problems: Sequence[Problem] = (),
    ) -> None:
        self.sections: Final = tuple(sections)
        self.problems: Final = tuple(problems)
        self._vocabulary = vocabulary
        texts = [text for section in self.sections for text, _ in _weighted(section)]
        words = {word for text in texts for word in split(text)}
        self._spelling = Spelling(words.union(vocabulary.known()))
        self._index = Index([self._counts(section) for section in self.sections])

    @classmethod
    def load(cls, folder: Path | None = None) -> Knowledge:
        """Read the articles of a folder, by default those that ship with the program.

        A broken article is named in `problems` and left out. A folder without a vocabulary of its
        own is read with the shipped one.
        """
        chosen = folder or ARTICLES
        articles, problems = read_articles(chosen)
        try:
            vocabulary = Vocabulary.load(chosen if (chosen / FILE).exists() else ARTICLES)
        except ArticleBroken as broken:
            problems += (Problem(file=FILE, line=broken.line, reason=broken.reason),)
            vocabulary = Vocabulary.load(ARTICLES)
        published = [article for article in articles if article.front.status == "published"]
        return cls(
            [section for article in published for section in article.sections],
            vocabulary,
            problems,
        )

    def section(self, name: str) -> Section | None:
        """Return the section named `article#section`, None where it is gone."""
        return next((section for section in self.sections if section.name == name), None)

    def answer(self, question: ScrubbedText) -> Answer:
        """Answer a question from the articles, or say that they do not answer it."""
        asked = question[:MOST_CHARACTERS]
        words = self._words(asked)
        if (subject := self._vocabulary.not_covered(words)) is not None:
            return _handoff(f"I don't know: my articles do not cover {subject}.")
        parts = [words, *map(self._words, _QUESTION.findall(asked)[:MOST_QUESTIONS])]
        hits, confidence = max(map(self._judge, parts), key=lambda judged: judged[1])
        found = tuple(self.sections[hit.document] for hit in hits[:MOST_SUGGESTIONS])
        if confidence >= ENOUGH_TO_ANSWER:
            return _answer(found[0], confidence)
        if confidence >= ENOUGH_TO_ASK_BACK:
            return _clarify(found, confidence)
        return _handoff("I don't know: I found nothing about that in my articles.", confidence)

    def _words(self, text: str) -> tuple[str, ...]:
        return tuple(self._spelling.repair(word) for word in split(text))

    def _counts(self, section: Section) -> Mapping[str, float]:
        counts: dict[str, float] = defaultdict(float)
        for text, weight in _weighted(section):
            for word in self._vocabulary.content(split(text)):
                counts[word] += weight
        return counts

    def _judge(self, words: Sequence[str]) -> tuple[tuple[Hit, ...], float]:
        """Rank the sections and tell how sure it is that the first one answers, 0 to 1."""
        asked = self._vocabulary.content(words)
        hits = self._index.rank(asked)
        if not hits:
            return (), 0.0
        best = hits[0]
        second = hits[1].score if len(hits) > 1 else 0.0
        margin = 1 - second / best.score
        evidence = self._index.evidence(asked, best.document)
        coverage = evidence / self._index.weight(asked)
        confidence = (
            COVERAGE_WEIGHT * coverage
            + STRENGTH_WEIGHT * min(1.0, best.score / FULL_STRENGTH)
            + MARGIN_WEIGHT * margin * coverage
        )
        if evidence < LEAST_EVIDENCE or margin < LEAST_MARGIN:
            confidence = min(confidence, ENOUGH_TO_ASK_BACK)
        return hits, confidence


def _weighted(section: Section) -> Iterator[tuple[str, float]]:
    """Yield the texts of a section and how much a word in each counts."""
    yield section.title, TITLE_WEIGHT
    yield section.article_title, ARTICLE_TITLE_WEIGHT
    yield section.short_answer, 1.0
    yield section.steps, 1.0
    for example in section.examples:
        yield example, EXAMPLE_WEIGHT


def _answer(section: Section, confidence: float) -> Answer:
    source = (
        f"Source: {section.article_title} > {section.title}, "
        f"reviewed {section.last_reviewed.isoformat()}\n{section.url}"
    )
    parts = [section.short_answer, section.steps, source]
    return Answer(
        kind=Kind.ANSWER,
        text="\n\n".join(part for part in parts if part),
        sections=(section,),
        confidence=confidence,
    )


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
