"""What merchants asked and the articles did not answer, or not well: work for their authors.

Nothing is kept for it. The scrubbed messages are asked again, so that what an article answers by
now is no longer in the list.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.conversation import asks_articles
from nlp.answers.grouping import grouped
from nlp.knowledge import Kind, Knowledge
from nlp.questions import understand
from nlp.text import ScrubbedText
from storage.store import Store, Transaction
from storage.tickets import Author

MOST_SHOWN: Final = 3
"""How many questions of a group are shown."""


class Why(StrEnum):
    """Why a question is in the list."""

    UNKNOWN = "not known"
    UNSURE = "not sure"
    FAILED = "did not help"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Questions that mean the same.

    Attributes:
        why: What they have in common.
        section: The section that did not help, or that came nearest; empty where none did.
        count: How many there are.
        questions: Some of them, scrubbed.
    """

    why: Why
    section: str
    count: int
    questions: tuple[ScrubbedText, ...]


def backlog(store: Store, knowledge: Knowledge, *, since: datetime) -> tuple[Asked, ...]:
    """Return the questions since a moment that need an author, the most asked first."""
    asked: dict[tuple[Why, str], list[ScrubbedText]] = defaultdict(list)
    with store.read() as records:
        for text in records.tickets.said_by_merchants(since):
            if not asks_articles(text, understand(text)):
                continue
            found = knowledge.answer(text)
            if found.kind is Kind.HANDOFF:
                asked[Why.UNKNOWN, ""].append(text)
            elif found.kind is Kind.CLARIFY:
                asked[Why.UNSURE, found.sections[0].name].append(text)
        for section, text in _failed(records, knowledge, since):
            asked[Why.FAILED, section].append(text)
    groups = [
        Asked(why=why, section=section, count=len(group), questions=tuple(group[:MOST_SHOWN]))
        for (why, section), texts in asked.items()
        for group in grouped(texts)
    ]
    return tuple(sorted(groups, key=lambda group: -group.count))


def _failed(
    records: Transaction, knowledge: Knowledge, since: datetime
) -> Iterator[tuple[str, ScrubbedText]]:
    """Yield each section that was pressed not to have helped, with the question it answered."""
    for ticket, name in records.ratings.failed(since):
        for message in records.tickets.messages(ticket):
            if message.author is Author.MERCHANT:
                found = knowledge.answer(message.text)
                if name in {section.name for section in found.sections}:
                    yield name, message.text
