"""What is known of a question before words are chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from nlp.answers.sections import Section

ENOUGH_TO_ASK_BACK: Final = 0.2
"""Probability from which sections are offered to choose from."""
ENOUGH_IN_SPITE: Final = 0.45
"""The same where the question holds a phrase of what is not covered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What is known of a question before words are chosen; `jetpack-care ask --explain` shows it.

    Attributes:
        words: What is left of the question: meanings for phrases, stems for the rest.
        sections: Those that come nearest, the best first.
        confidence: 0 to 1: how probable it is that the first one answers.
        enough: The confidence from which we answer, as this index was calibrated.
        not_covered: The subject, where it is one that no article covers.
        measures: What the confidence was made of, by name.
        is_vague: Whether it is one word that stands in many sections.
        has_foreign_phrase: Whether it holds a phrase of what is not covered.
    """

    words: tuple[str, ...]
    sections: tuple[Section, ...]
    confidence: float
    enough: float
    not_covered: str | None
    measures: Mapping[str, float]
    is_vague: bool
    has_foreign_phrase: bool

    @property
    def is_enough(self) -> bool:
        """Whether we answer."""
        return bool(self.sections) and not self.is_vague and self.confidence >= self.enough

    @property
    def enough_to_ask_back(self) -> float:
        """The confidence from which we offer sections to choose from."""
        return ENOUGH_IN_SPITE if self.has_foreign_phrase else ENOUGH_TO_ASK_BACK

    @property
    def is_enough_to_ask_back(self) -> bool:
        """Whether we do."""
        return bool(self.sections) and self.confidence >= self.enough_to_ask_back
