"""What a pattern of this floor is: data, with an optional check and optional context words.

A message is read once (`Reading`): its words, its characters, its longest run of digits. Most rules
can be ruled out by that alone, and those that start with certain words are tried only where such
a word stands, so that a hundred rules cost about as much as one search of the text.

Context is looked up here, in a window of fixed size, and not by Presidio's
`LemmaContextAwareEnhancer`: that one walks all tokens for every result, raises an error that
carries the match, and writes the surrounding words to its log.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Generic, NamedTuple, TypeVar

from nlp.detection.normalize import OPAQUE

REACH_BEFORE: Final = 48
REACH_AFTER: Final = 28
"""How far context words reach, in characters. They never reach over a placeholder."""

_LETTERS: Final = re.compile(r"\b[^\W\d_]+")
_DIGIT_RUN: Final = re.compile(r"\d(?:[ \t.\-/()]{0,3}\d)*")

Tag = TypeVar("Tag", bound=Hashable)


class Reading:
    """What is known of a text before any pattern is tried.

    Attributes:
        text: The text.
        lower: The same in lower case, at the same offsets.
        words: The leading letters of each word, in lower case ("apt" of "Apt4B"), each once.
        digits: The length of the longest run of digits, with the separators between them.
    """

    __slots__ = ("digits", "lower", "text", "words")

    def __init__(self, text: str) -> None:
        self.text = text
        # The dotted capital I is the one letter that gets longer in lower case.
        self.lower = text.replace("\u0130", "I").lower()
        self.words = set(_LETTERS.findall(self.lower))
        self.digits = max(map(len, _DIGIT_RUN.findall(text)), default=0)

    def places(self, word: str) -> Iterator[int]:
        """Yield where one of `words` starts."""
        lower, size = self.lower, len(word)
        place = lower.find(word)
        while place >= 0:
            end = place + size
            if (place == 0 or not _in_word(lower[place - 1])) and not lower[
                end : end + 1
            ].isalpha():
                yield place
            place = lower.find(word, end)


def _in_word(char: str) -> bool:
    return char.isalnum() or char == "_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What a text must hold for a rule to match at all.

    Attributes:
        digits: How long a run of digits must be, with the separators between them.
        parts: One of these in the text in lower case. Empty: none needed.
        words: Of each set one, in lower case.
    """

    digits: int = 0
    parts: tuple[str, ...] = ()
    words: tuple[frozenset[str], ...] = ()

    def met(self, reading: Reading) -> bool:
        """Say whether the text holds all of it."""
        if reading.digits < self.digits:
            return False
        for words in self.words:
            if words.isdisjoint(reading.words):
                return False
        if not self.parts:
            return True
        lower = reading.lower
        for part in self.parts:  # noqa: SIM110  # any() takes three times as long here
            if part in lower:
                return True
        return False


_NOTHING: Final = Needs()


@dataclass(frozen=True, slots=True)
class Cues:
    """Context words: a pattern of them, and the words of which one must be in the text."""

    pattern: re.Pattern[str]
    words: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One pattern.

    Attributes:
        pattern: The span is the group `value` where the pattern has one, else the whole match.
            Every repetition in it is bounded or runs over one class, so that it stays linear.
        score: Confidence, 0 to 1.
        starts: The words, in lower case, that a match starts with, where these are known. The
            pattern is then tried at such words and nowhere else.
        needs: What the text must hold.
        check: Says of the matched text whether it is the real thing.
        parts: Yields the spans within the matched text that are the real thing.
        context: Must be found near the span.
        against: Must not stand between the context word and the span.
    """

    pattern: re.Pattern[str]
    score: float
    starts: frozenset[str] = frozenset()
    needs: Needs = _NOTHING
    check: Callable[[str], bool] | None = None
    parts: Callable[[str], Iterable[tuple[int, int]]] | None = None
    context: Cues | None = None
    against: re.Pattern[str] | None = None

    def spans(self, match: re.Match[str]) -> Iterator[Match]:
        """Yield what of one match of the pattern holds."""
        text = match.string
        start, end = match.span("value" if "value" in self.pattern.groupindex else 0)
        if start == end or (self.check is not None and not self.check(text[start:end])):
            return
        if self.context is not None and not near(
            text, start, end, self.context.pattern, self.against
        ):
            return
        if self.parts is None:
            yield Match(start, end, self.score)
        else:
            for first, last in self.parts(text[start:end]):
                yield Match(start + first, start + last, self.score)


class Match(NamedTuple):
    """Where a rule holds, in the text it was asked about."""

    start: int
    end: int
    score: float


_Group = list[tuple[Tag, Rule]]


class RuleBook(Generic[Tag]):
    """Rules by what they find, sorted by how they are found.

    Attributes:
        rules: All of them, each with what it finds.
    """

    def __init__(self, rules: Mapping[Tag, Iterable[Rule]]) -> None:
        self.rules = tuple((tag, rule) for tag, several in rules.items() for rule in several)
        by_needs: dict[Needs, _Group[Tag]] = {}
        self._led: dict[str, _Group[Tag]] = {}
        for tag, rule in self.rules:
            for word in rule.starts:
                self._led.setdefault(word, []).append((tag, rule))
            if not rule.starts:
                by_needs.setdefault(_all_needs(rule), []).append((tag, rule))
        # Those that need a word are looked up by the words of the text and not asked one by one.
        wordless = [item for item in by_needs.items() if not item[0].words]
        self._asked = sorted(wordless, key=lambda item: item[0].digits)
        self._called = [item for item in by_needs.items() if item[0].words]
        self._by_word: dict[str, list[int]] = {}
        for place, (needs, _) in enumerate(self._called):
            for word in min(needs.words, key=len):
                self._by_word.setdefault(word, []).append(place)

    def find(self, reading: Reading) -> Iterator[tuple[Tag, Match]]:
        """Yield what holds in the text that was read. Spans may overlap."""
        text, words = reading.text, reading.words
        groups = []
        for needs, rules in self._asked:
            if needs.digits > reading.digits:
                break
            if not needs.parts or needs.met(reading):
                groups.append(rules)
        for place in sorted({place for word in words for place in self._by_word.get(word, ())}):
            needs, rules = self._called[place]
            if needs.met(reading):
                groups.append(rules)
        for rules in groups:
            for tag, rule in rules:
                for match in rule.pattern.finditer(text):
                    for span in rule.spans(match):
                        yield tag, span
        for word in words & self._led.keys():
            able = [item for item in self._led[word] if item[1].needs.met(reading)]
            for start in reading.places(word) if able else ():
                for tag, rule in able:
                    led = rule.pattern.match(text, start)
                    if led is not None:
                        for span in rule.spans(led):
                            yield tag, span


def _all_needs(rule: Rule) -> Needs:
    """Return what a rule needs, its context words among them."""
    if rule.context is None or not rule.context.words:
        return rule.needs
    return replace(rule.needs, words=(*rule.needs.words, rule.context.words))


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
    cue = None
    for cue in context.finditer(before):  # noqa: B007  # the last one
        pass
    if cue is not None:
        return against is None or not against.search(before, cue.end())
    if against is not None and against.search(before):
        return False
    after = text[end : end + REACH_AFTER]
    return context.search(after[: _first(after)]) is not None


def _first(after: str) -> int:
    ends = [place for place in (after.find(OPAQUE), after.find("\n")) if place >= 0]
    return min(ends, default=len(after))


def cues(*phrases: str) -> Cues:
    """Compile context words: whole words in any casing, a space in them being optional."""
    first: set[str] = set()
    for phrase in phrases:
        parts = phrase.lower().split(" ")
        # "birth day" may be written "birthday": then that is the first word.
        joined = ("".join(parts[: size + 1]) for size in range(len(parts)))
        first.update(_LETTERS.findall(word)[0] for word in joined)
    return Cues(words(*phrases), frozenset(first))


def listed(words: str) -> frozenset[str]:
    """Return the words of a list written with spaces between them."""
    return frozenset(words.split())


def words(*phrases: str) -> re.Pattern[str]:
    """Compile a pattern of whole words in any casing, a space in them being optional."""
    spaced = alternation(phrases).replace(r"\ ", " ?")
    return re.compile(rf"(?<!\w)(?:{spaced})(?!\w)", re.IGNORECASE)


def alternation(names: Iterable[str]) -> str:
    """Return a pattern of the names, longest first, grouped by first letter so that it is fast."""
    by_letter: dict[str, list[str]] = {}
    for name in sorted(filter(None, names), key=len, reverse=True):
        by_letter.setdefault(name[0].lower(), []).append(re.escape(name[1:]))
    return "|".join(
        f"{re.escape(letter)}(?:{'|'.join(rests)})" for letter, rests in sorted(by_letter.items())
    )
