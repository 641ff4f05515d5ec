"""Known names in a text: whole, in parts, turned round, with initials, joined, misspelt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from nlp.detection.plain_words import (
    Misspellings,
    PlainWord,
    beside,
    distance,
    listed_words,
    ordinary_words,
    plain_words,
)
from nlp.detection.word_lists import word_lists

_MIN_PART: Final = 3
_MIN_JOINED: Final = 5
_LONG_ENOUGH: Final = 8
"""Letters from which on a lower-case word may be a misspelling with a letter changed."""
_MAX_BETWEEN: Final = 3
"""Particles or middle initials that may stand between two parts of a name."""


def find_names(
    text: str, words: Sequence[PlainWord], values: Iterable[str]
) -> Iterator[tuple[int, int]]:
    """Yield where known names stand, as offsets. They may overlap.

    A part of a name counts by itself, unless it is also an ordinary word: the buyer Will Long
    must not take every "will" out of the message. Beside another part it counts.
    """
    names = _names(values)
    if not names:
        return
    places = _places(text, words, names)
    for number, marks in places.items():
        run = _Run(text, words, names[number], marks)
        at = -1
        for place in sorted(marks):
            if place > at:
                first, last, taken = run.around(place, at)
                at = last
                if taken:
                    yield words[first].start, words[last].end


@dataclass(frozen=True, slots=True)
class _Name:
    parts: tuple[str, ...]
    joined: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class _Mark:
    """What of a name a word of the text is.

    Attributes:
        part: The part, None for several parts in one word.
        size: How many words of the text it takes: "Mac Donald" takes two.
        exact: Whether it is spelt as known.
    """

    part: str | None
    size: int = 1
    exact: bool = True


def _names(values: Iterable[str]) -> list[_Name]:
    """Return the names, without those that are but a part of another one."""
    all_parts = {tuple(word.plain for word in plain_words(value)) for value in values}
    within = {part for parts in all_parts if len(parts) > 1 for part in parts}
    names = []
    for parts in sorted(all_parts):
        if sum(map(len, parts)) < 2 or (len(parts) == 1 and parts[0] in within):
            continue
        names.append(_Name(parts, frozenset(_joined_forms(parts))))
    return names


def _joined_forms(parts: tuple[str, ...]) -> Iterator[str]:
    """Yield what the parts are when written as one word: "johnsmith", "jsmith", "maryann"."""
    if len(parts) < 2:
        return
    first, last = parts[0], parts[-1]
    forms = ["".join(parts), first + last, last + first, first[:1] + last, last + first[:1]]
    forms += [one + two for one, two in pairwise(parts)]
    forms.append("".join(parts[:-1]) + last)
    yield from (form for form in forms if len(form) >= _MIN_JOINED and form not in parts)


def _places(
    text: str, words: Sequence[PlainWord], names: Sequence[_Name]
) -> dict[int, dict[int, _Mark]]:
    """Return, for each name, the places of its words in the text."""
    by_part: dict[str, list[int]] = {}
    by_joined: dict[str, list[int]] = {}
    for number, name in enumerate(names):
        for part in set(name.parts):
            if len(part) > 1:
                by_part.setdefault(part, []).append(number)
        for form in name.joined:
            by_joined.setdefault(form, []).append(number)
    misspelt = Misspellings(by_part)
    ordinary = ordinary_words()
    places: dict[int, dict[int, _Mark]] = {}

    def mark(numbers: Iterable[int], place: int, found: _Mark) -> None:
        for number in numbers:
            places.setdefault(number, {}).setdefault(place, found)

    for place, word in enumerate(words):
        bare = word.plain.rstrip("0123456789") or word.plain
        mark(by_part.get(bare, ()), place, _Mark(bare))
        if bare not in ordinary:
            mark(by_joined.get(bare, ()), place, _Mark(None))
        for part in misspelt.of(bare):
            mark(by_part[part], place, _Mark(part, exact=False))
        if beside(text, words, place) and words[place + 1].start - word.end == 1:
            both = bare + words[place + 1].plain
            known = by_part.get(both) if len(both) >= _MIN_JOINED else None
            if known and not {bare, words[place + 1].plain} <= ordinary:
                mark(known, place, _Mark(both, size=2))
    return places


class _Run:
    """The words of one name that stand side by side."""

    def __init__(
        self,
        text: str,
        words: Sequence[PlainWord],
        name: _Name,
        marks: dict[int, _Mark],
    ) -> None:
        self._text = text
        self._words = words
        self._name = name
        self._marks = marks

    def around(self, place: int, floor: int) -> tuple[int, int, bool]:
        """Return the first and the last word of the run at a place, and whether to take it.

        Args:
            place: The first word of the run that is a part of the name.
            floor: The last word before it that is taken already.
        """
        marks = [self._marks[place]]
        initials = []
        first, last = place, place + marks[0].size - 1
        while step := self._next(first, marks, -1, floor):
            first, found = step
            initials += [first] if found is None else []
            marks += [] if found is None else [found]
        while step := self._next(last, marks, 1, floor):
            last, found = step
            initials += [last] if found is None else []
            marks += [] if found is None else [found]
        return first, last, self._counts(place, (first, last), marks, initials)

    def _next(
        self, place: int, marks: Sequence[_Mark], way: int, floor: int
    ) -> tuple[int, _Mark | None] | None:
        """Return the next word that belongs to the name, and what it is; None for an initial.

        A part that the run has ends it: what follows is the name once more.
        """
        used = [mark.part for mark in marks]
        unused = [part for part in self._name.parts if part not in used]
        here = place
        for _ in range(_MAX_BETWEEN):
            if here + way <= floor or not beside(self._text, self._words, min(here, here + way)):
                return None
            here += way
            word = self._words[here].plain
            found = self._marks.get(here) if way > 0 else None
            if found is not None:
                return (here + found.size - 1, found) if found.part in unused else None
            if len(word) > 2 and (near := [part for part in unused if _nearly(word, part)]):
                return here, _Mark(near[0], exact=False)
            if len(word) == 1:
                if self._is_initial(here, way, unused):
                    return here, None
            elif word not in word_lists().particles:
                return None
            if way < 0:
                return None
        return None

    def _is_initial(self, place: int, way: int, unused: Sequence[str]) -> bool:
        word = self._words[place]
        # The "s" of "John's" is no initial.
        owned = way > 0 and self._text[self._words[place - 1].end : word.start] == "'"
        return not owned and any(part.startswith(word.plain) for part in unused)

    def _counts(
        self,
        place: int,
        run: tuple[int, int],
        marks: Sequence[_Mark],
        initials: Sequence[int],
    ) -> bool:
        first, last = run
        ordinary = ordinary_words()
        if any(mark.part is None for mark in marks):
            return True
        sure = [
            m.part
            for m in marks
            if m.exact and m.part and len(m.part) >= _MIN_PART and m.part not in ordinary
        ]
        if sure:
            return True
        if len({mark.part for mark in marks}) > 1:
            # Two ordinary words are a name where they stand in its order, or are written as one.
            return self._in_order(first, last) or self._written_as_name(first, last)
        if initials and self._words[place].capital and all(map(self._written_so, initials)):
            return True
        return not marks[0].exact and self._misspelt(self._words[place], marks[0].part or "")

    def _in_order(self, first: int, last: int) -> bool:
        order = [
            self._name.parts.index(mark.part)
            for place in range(first, last + 1)
            if (mark := self._marks.get(place)) and mark.part in self._name.parts
        ]
        return len(order) > 1 and order == sorted(order)

    def _written_as_name(self, first: int, last: int) -> bool:
        return any(word.capital for word in self._words[first : last + 1])

    def _written_so(self, place: int) -> bool:
        """Say whether an initial beside an ordinary word is one: "W. Long", not "a long"."""
        word = self._words[place]
        dotted = self._text[word.end : word.end + 1] == "."
        return word.capital and (dotted or word.plain not in "ai")

    def _misspelt(self, word: PlainWord, part: str) -> bool:
        """Say whether a word by itself is a misspelling of a part rather than another word."""
        if part in ordinary_words() or word.plain in listed_words():
            return False
        if word.plain[0] != part[0] and word.plain[:2] != part[1::-1]:
            return False
        changed = len(word.plain) == len(part) and sorted(word.plain) != sorted(part)
        return word.capital or not changed or len(part) >= _LONG_ENOUGH


def _nearly(word: str, part: str) -> bool:
    """Say whether a word beside a part of a name is a short other part with one typo."""
    if len(part) < _MIN_PART or word[0] != part[0] or abs(len(word) - len(part)) > 1:
        return False
    return word.isalpha() and distance(word, part) <= 1
