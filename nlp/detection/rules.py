"""What a pattern of this floor is: data, with an optional check and optional context words.

Context is looked up here, in a window of fixed size, and not by Presidio's
`LemmaContextAwareEnhancer`: that one walks all tokens for every result, raises an error that
carries the match, and writes the surrounding words to its log.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from nlp.detection.normalize import OPAQUE

REACH_BEFORE: Final = 48
REACH_AFTER: Final = 28
"""How far context words reach, in characters. They never reach over a placeholder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One pattern.

    Attributes:
        pattern: The span is the group `value` where the pattern has one, else the whole match.
            Every repetition in it is bounded or runs over one class, so that it stays linear.
        score: Confidence, 0 to 1.
        check: Says of the matched text whether it is the real thing.
        context: Must be found near the span.
        against: Must not stand between the context word and the span.
    """

    pattern: re.Pattern[str]
    score: float
    check: Callable[[str], bool] | None = None
    context: re.Pattern[str] | None = None
    against: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """Where a rule holds, in the text it was asked about."""

    start: int
    end: int
    score: float


def find(rules: Iterable[Rule], text: str) -> Iterator[Match]:
    """Yield where the rules hold, rule by rule."""
    for rule in rules:
        group = "value" if "value" in rule.pattern.groupindex else 0
        for match in rule.pattern.finditer(text):
            start, end = match.span(group)
            if start == end or (rule.check is not None and not rule.check(text[start:end])):
                continue
            if rule.context is None or near(text, start, end, rule.context, rule.against):
                yield Match(start, end, rule.score)


def near(
    text: str,
    start: int,
    end: int,
    context: re.Pattern[str],
    against: re.Pattern[str] | None = None,
) -> bool:
    """Say whether a context word stands near, with no `against` word closer in front."""
    before = text[max(0, start - REACH_BEFORE) : start]
    before = before[max(before.rfind(OPAQUE), before.rfind("\n\n")) + 1 :]
    for cue in reversed(list(context.finditer(before))):
        return against is None or not against.search(before, cue.end())
    if against is not None and against.search(before):
        return False
    after = text[end : end + REACH_AFTER]
    return context.search(after[: _first(after)]) is not None


def _first(after: str) -> int:
    ends = [place for place in (after.find(OPAQUE), after.find("\n")) if place >= 0]
    return min(ends, default=len(after))


def words(*alternatives: str) -> re.Pattern[str]:
    """Compile a case-insensitive pattern of whole words."""
    return re.compile(r"(?<!\w)(?:" + "|".join(alternatives) + r")(?!\w)", re.IGNORECASE)
