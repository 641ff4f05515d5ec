"""How near a question is to each section, and how sure it is that the nearest one answers it.

Ranking says which section is nearest: by meaning (`nearness`) and by words (`ranking`), summed.
Confidence says whether it is near enough (`gate`). The two are computed apart.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from nlp.answers import index_file, question_bank
from nlp.answers.encoder import SIZE, Vectors, shared_encoder
from nlp.answers.gate import Gate, Table, fit
from nlp.answers.index_file import Saved
from nlp.answers.indexed_texts import indexed_texts, weighted_texts
from nlp.answers.judgement import Judgement
from nlp.answers.nearness import Meant, Near, Nearness
from nlp.answers.question_bank import QuestionBank
from nlp.answers.ranking import Index
from nlp.answers.sections import Section
from nlp.answers.spelling import Spelling
from nlp.answers.vocabulary import Vocabulary, split
from nlp.text import ScrubbedText

LEXICAL: Final = 2.0
"""What the strongest match of words adds to a section's nearness in meaning."""
FULL_STRENGTH: Final = 10.0
"""BM25 score from which a match of words counts as strong as can be."""
LEAST_EVIDENCE: Final = 1.5
"""A question of one word that says less than this (its idf), such as "skus", is not answered but
asked back, whatever it is near to."""
OF_THE_LAST: Final = 0.35
"""What the section that was said last adds where a question leans on it."""
TO_RELATED: Final = 0.2
"""What a section gains there for being related to the last one: that is where people ask on."""
FROM_THE_LAST: Final = 0.25
"""What the last section loses there: it has been read."""
LEANING: Final = 4
"""A question of so many words that say something, or fewer, may lean on the last answer."""
ENOUGH_QUESTIONS: Final = 10
"""An index learns from sections with so many questions, where there are such."""
MOST_LEFT_OUT: Final = 1_500
"""How many of its own questions an index is calibrated on, so that building it is bounded."""

MOST_CHARACTERS: Final = 2_000
"""A question is understood from its first 2,000 characters, so that time is bounded."""
MOST_QUESTIONS: Final = 5
"""Of a message with several question marks, each of the first five is tried for itself."""
MOST_SECTIONS: Final = 4
"""How many sections a judgement names."""

MEASURES: Final = (
    "lead over the second section",
    "lead over what is not covered",
    "nearest text of the section",
    "nearest text of what is not covered",
    "regression to the section",
    "regression to what is not covered",
    "match of words",
    "share of the words that the section has",
    "holds a phrase of what is not covered",
)
"""What the confidence is made of, in the order of the gate's weights."""

_QUESTION: Final = re.compile(r"[^.?!\n]+\?")


class Judge:
    """The index of some sections. Safe to share between threads.

    Attributes:
        sections: What can be answered with.
        key: Hash of all that the index was made of.
        gate: Says how sure it is that a section answers.
    """

    def __init__(
        self,
        sections: Sequence[Section],
        vocabulary: Vocabulary,
        bank: QuestionBank,
        saved: Sequence[Path] = (),
    ) -> None:
        """Index the sections.

        Args:
            sections: What can be answered with.
            vocabulary: The words of merchants.
            bank: How they ask, and what they ask that no article answers.
            saved: Where this index, or one with some of its texts, may have been saved.

        Raises:
            ModelUnavailable: The sentence encoder is missing or damaged.
        """
        self.sections: Final = tuple(sections)
        self._vocabulary = vocabulary
        texts = [text for section in self.sections for text, _ in weighted_texts(section)]
        words = {word for text in texts for word in split(text)}
        self._spelling = Spelling(words.union(vocabulary.known()))
        self._index = Index([self._counts(section) for section in self.sections])
        self._encoder = shared_encoder()
        self._subjects = tuple(bank.not_covered)
        self._texts = tuple(indexed_texts(self.sections, bank))
        self.key: Final = index_file.key(
            (self._encoder.digest, vocabulary.digest, *map(repr, (self.sections, self._texts)))
        )
        kept = [each for path in saved if (each := index_file.load(path)) is not None]
        names = [index_file.key((self._encoder.digest, text)) for text in self._plain_texts()]
        vectors = self._vectors(names, kept)
        self._calibrating = self._well_known()
        owners = [text.owner for text in self._texts]
        learned = {owners[at] for at in self._calibrating}
        compared = {
            at: self._compared(split(text.text))
            for at, text in enumerate(self._texts)
            if text.owner in learned
        }
        self._nearness = Nearness(vectors, owners, compared) if self.sections else None
        fitting = next((each for each in kept if each.key == self.key), None)
        self.gate: Final = fitting.gate if fitting is not None else self._calibrated()
        self._saved = Saved(key=self.key, names=names, vectors=vectors, gate=self.gate)

    def save(self, path: Path) -> None:
        """Write the index, for the next start to read."""
        index_file.save(path, self._saved)

    def judge(self, question: ScrubbedText, previous: Section | None) -> Sequence[Judgement]:
        """Judge a message as a whole, then each of the questions in it, if there are several.

        Args:
            question: What is asked.
            previous: The section that was answered with or offered first before in the same
                conversation; a short question may lean on it.
        """
        asked = question[:MOST_CHARACTERS]
        parts = (asked, *_QUESTION.findall(asked)[:MOST_QUESTIONS])
        return [self._judged(words, previous) for words in dict.fromkeys(map(self._words, parts))]

    def _judged(self, words: Sequence[str], previous: Section | None) -> Judgement:
        said = self._vocabulary.content(words)
        may_lean = previous is not None and len(said) <= LEANING
        if self._nearness is None or not words or not (said or may_lean):
            return self._judgement(said, (), 0.0, None, np.zeros(len(MEASURES)))
        near = self._nearness.near(self._meant(words))
        alone = self._weighed(words, said, near)
        if previous is None or not may_lean or alone.is_enough or alone.not_covered is not None:
            return alone
        last = self._nearness.near(self._meant(split(previous.title)))
        leant = self._weighed(words, said, self._leaning(near, previous, last))
        best = leant.sections[0]
        if best.article == previous.article or best.name in previous.related:
            # "And returns?" is one word that stands in many sections; what it leans on tells which.
            return replace(leant, is_vague=False)
        # What is far from the last section is offered at most: nobody came to it from there.
        return alone if leant.is_enough else leant

    def _leaning(self, near: Near, previous: Section, last: Near) -> Near:
        """Return how near a question is that leans on the section said before.

        Args:
            near: How near it is by itself.
            previous: The section that was said before.
            last: How near the title of that section is.
        """
        regressed = near.regressed + OF_THE_LAST * last.regressed
        for at, section in enumerate(self.sections):
            if section.name in previous.related:
                regressed[at] += TO_RELATED
            elif section.name == previous.name:
                regressed[at] -= FROM_THE_LAST
        return Near(near.nearest + OF_THE_LAST * last.nearest, regressed)

    def _weighed(self, words: Sequence[str], said: tuple[str, ...], near: Near) -> Judgement:
        order, measures, subject = self._measured(words, said, near)
        return self._judgement(
            said,
            tuple(self.sections[at] for at in order),
            self.gate.probability(measures),
            subject,
            measures,
        )

    def _measured(
        self, words: Sequence[str], said: tuple[str, ...], near: Near
    ) -> tuple[list[int], Table, str | None]:
        """Return the nearest sections, the measures of the first, and the subject nearest to it."""
        count, total = len(self.sections), near.total
        matches = np.minimum(1.0, self._index.scores(said) / FULL_STRENGTH)
        ours, foreign = total[:count] + LEXICAL * matches, total[count:]
        few = np.argpartition(-ours, min(MOST_SECTIONS, count) - 1)[:MOST_SECTIONS]
        order = [int(at) for at in sorted(few, key=lambda at: (-ours[at], at))]
        best = order[0]
        second = float(ours[order[1]]) if len(order) > 1 else 0.0
        other = int(np.argmax(foreign)) if len(foreign) else None
        phrase = self._vocabulary.not_covered(words)
        weight = self._index.weight(said)
        measures = np.array(
            [
                ours[best] - second,
                ours[best] - (foreign[other] if other is not None else 0.0),
                near.nearest[best],
                near.nearest[count + other] if other is not None else 0.0,
                near.regressed[best],
                near.regressed[count + other] if other is not None else 0.0,
                matches[best],
                self._index.evidence(said, best) / weight if weight else 0.0,
                float(phrase is not None),
            ],
            np.float64,
        )
        subject = phrase
        if subject is None and other is not None and foreign[other] > ours[best]:
            subject = self._subjects[other]
        return order, measures, None if subject == question_bank.UNNAMED else subject

    def _judgement(
        self,
        said: tuple[str, ...],
        sections: tuple[Section, ...],
        confidence: float,
        subject: str | None,
        measures: Table,
    ) -> Judgement:
        return Judgement(
            words=said,
            sections=sections,
            confidence=confidence,
            enough=self.gate.enough,
            not_covered=subject,
            measures=dict(zip(MEASURES, map(float, measures), strict=True)),
            is_vague=len(said) == 1 and self._index.weight(said) < LEAST_EVIDENCE,
            has_foreign_phrase=bool(measures[-1]),
        )

    def _calibrated(self) -> Gate:
        """Fit the gate on the index's own questions, each as if it were not there."""
        asked = self._calibrating
        step = max(1, math.ceil(len(asked) / MOST_LEFT_OUT))
        rows, is_right = [], []
        for at in asked[::step]:
            words = self._words(self._texts[at].text)
            said = self._vocabulary.content(words)
            if not said or self._nearness is None:
                continue
            order, measures, _ = self._measured(words, said, self._nearness.without(at))
            rows.append(measures)
            is_right.append(order[0] == self._texts[at].owner)
        # Without a question of its own an index answers nothing: there is no knowing when to.
        return fit(np.array(rows or [np.zeros(len(MEASURES))]), np.array(is_right or [False]))

    def _well_known(self) -> Sequence[int]:
        """Return the numbers of the questions of which there are enough to learn from.

        Where a section has few questions, leaving one out makes it another section.
        """
        asked = [at for at, text in enumerate(self._texts) if text.is_question]
        counts = Counter(self._texts[at].owner for at in asked)
        many = [at for at in asked if counts[self._texts[at].owner] >= ENOUGH_QUESTIONS]
        has_sections = any(self._texts[at].owner < len(self.sections) for at in many)
        return many if has_sections else asked

    def _plain_texts(self) -> Sequence[str]:
        return [" ".join(split(text.text)) for text in self._texts]

    def _vectors(self, names: Sequence[str], kept: Sequence[Saved]) -> Vectors:
        """Return the vector of each text: a kept one, else it is made."""
        known = {
            name: row for each in kept for name, row in zip(each.names, each.vectors, strict=True)
        }
        texts = self._plain_texts()
        new = [at for at, name in enumerate(names) if name not in known]
        made = self._encoder.encode([texts[at] for at in new])
        known |= {names[at]: row for at, row in zip(new, made, strict=True)}
        return np.array([known[name] for name in names], np.float32).reshape(-1, SIZE)

    def _meant(self, words: Sequence[str]) -> Meant:
        return Meant(self._encoder.encode([" ".join(words)])[0], self._compared(words))

    def _compared(self, words: Sequence[str]) -> Sequence[str]:
        """Return the words by which texts are compared: what they say, and each stem."""
        said = self._vocabulary.content(words)
        return (*said, *(f"={self._vocabulary.stem(word)}" for word in words))

    def _words(self, text: str) -> tuple[str, ...]:
        return tuple(self._spelling.repair(word) for word in split(text))

    def _counts(self, section: Section) -> Mapping[str, float]:
        counts: dict[str, float] = defaultdict(float)
        for text, weight in weighted_texts(section):
            for word in self._vocabulary.content(split(text)):
                counts[word] += weight
        return counts
