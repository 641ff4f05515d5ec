"""Who may say an article's words anew: nobody, unless a language model is configured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, final

from nlp.answers.sections import Section
from nlp.text import ScrubbedText


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewritten:
    """Words that stand in for a section's short answer.

    Attributes:
        section: The section that they were made from.
        text: Plain words in Markdown, held against the section.
    """

    section: Section
    text: str


class Rewriter(Protocol):
    """Says the short answer of sections in words that fit the question.

    Attributes:
        is_on: Whether it may say anything at all, so that nobody prepares a question for nothing.
    """

    is_on: bool

    def rewrite(self, question: ScrubbedText, sections: Sequence[Section]) -> str | None:
        """Return the new words, None where the curated ones stand. Never raises.

        It may take seconds, so that it is not asked within a transaction.
        """


@final
class Verbatim:
    """The default: the curated words stand."""

    is_on: bool = False

    def rewrite(self, question: ScrubbedText, sections: Sequence[Section]) -> str | None:
        """See `Rewriter`."""
        del question, sections
        return None
