"""Known street lines in a text: in any casing, abbreviated or not, with and without their ends.

A line is looked for from its house number on, word by word in both directions. What may be left
out or added is the direction, the suffix and the designator of a unit; what must be there is a
word of the street's name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from nlp.detection.plain_words import (
    PlainWord,
    beside,
    distance,
    edits_allowed,
    plain_words,
)
from nlp.detection.street_forms import DESIGNATORS, DIRECTIONS, FORMS, SUFFIXES
from nlp.detection.word_lists import word_lists

_OPTIONAL: Final = frozenset({*DIRECTIONS.values(), *SUFFIXES.values(), *DESIGNATORS.values()})
_ORDINALS: Final = ("st", "nd", "rd", "th")
_MAX_ADDED: Final = 2
"""Words in a row that a text may have more than the known line: "West", "Avenue", "Apt"."""


def find_streets(
    text: str, words: Sequence[PlainWord], values: Iterable[str]
) -> Iterator[tuple[int, int]]:
    """Yield where known street lines stand, as offsets. They may overlap."""
    lines = {tuple(map(_form, plain_words(value))) for value in values}
    forms = [_form(word) for word in words]
    by_anchor: dict[str, list[tuple[tuple[str, ...], int]]] = {}
    for line in sorted(lines):
        for at in _anchors(line):
            by_anchor.setdefault(line[at], []).append((line, at))
    for place, form in enumerate(forms):
        for line, at in by_anchor.get(form, ()):
            span = _Alignment(text, words, forms, line).around(place, at)
            if span is not None:
                start = words[span[0]].start
                # The sign of a unit belongs to it.
                yield start - _signed(text, start), words[span[1]].end


def _form(word: PlainWord) -> str:
    found = word.plain
    for ending in ("strasse", "str"):
        # Hauptstr. 12 is Hauptstrasse 12.
        if found.endswith(ending) and len(found) > len(ending) + 1:
            return found.removesuffix(ending) + "str"
    return FORMS.get(found, found)


def is_number(word: str) -> bool:
    """Say whether a word of a street line is a number such as `12` or `12b`, and not `12th`."""
    return word[:1].isdecimal() and not word.endswith(_ORDINALS)


def _signed(text: str, start: int) -> bool:
    return text[max(0, start - 1) : start] == "#"


def _anchors(line: Sequence[str]) -> Iterator[int]:
    """Yield the words of a line to look for: its numbers, and the first word of its name."""
    yield from (at for at, word in enumerate(line) if is_number(word))
    named = [at for at, word in enumerate(line) if _is_name(word)]
    yield from named[:1]


def _is_name(word: str) -> bool:
    return word not in _OPTIONAL and not is_number(word)


@dataclass(frozen=True, slots=True)
class _Alignment:
    """One known line against one text."""

    text: str
    words: Sequence[PlainWord]
    forms: Sequence[str]
    line: Sequence[str]

    def around(self, place: int, at: int) -> tuple[int, int] | None:
        """Return the first and last word that the line takes at a place, None for nothing.

        Args:
            place: A word of the text.
            at: The same word in the line.
        """
        pairs = {place: at, **self._walk(place, at, 1), **self._walk(place, at, -1)}
        if not any(map(_is_name, self.line)):
            return self._unit(pairs)
        if not self._counts(pairs):
            return None
        first, last = min(pairs), max(pairs)
        # "Apt" of another unit than the known one.
        while self.forms[last] in DESIGNATORS.values():
            last -= 1
        while self.forms[first] in DESIGNATORS.values():
            first += 1
        named = any(_is_name(self.line[pairs[p]]) for p in (last, last - 1) if p in pairs)
        for _ in range(_MAX_ADDED):
            # "12 Oak Street" where only "12 Oak" is known.
            form = self.forms[last + 1] if last + 1 < len(self.forms) else ""
            added = form in SUFFIXES.values() or form in DIRECTIONS.values()
            if not (named and added and self._spaced(last)):
                break
            last += 1
        return first, last

    def _walk(self, place: int, at: int, way: int) -> dict[int, int]:
        """Pair the words of the text with those of the line, from one pair on, in one way."""
        pairs: dict[int, int] = {}
        here, known, added = place + way, at + way, 0
        while 0 <= here < len(self.words) and 0 <= known < len(self.line):
            if not beside(self.text, self.words, min(here, here - way)) and not self._dotted(
                min(here, here - way)
            ):
                break
            step = self._match(here, known, way)
            if step is not None:
                pairs[here] = step
                here, known, added = here + way, step + way, 0
            elif self.forms[here] in _OPTIONAL and added < _MAX_ADDED:
                here, added = here + way, added + 1
            else:
                break
        return pairs

    def _match(self, here: int, known: int, way: int) -> int | None:
        """Return which word of the line a word of the text is, at `known` or after it."""
        while 0 <= known < len(self.line):
            word = self.line[known]
            if self._equal(self.forms[here], word):
                return known
            if word not in _OPTIONAL and not (way > 0 and self._after_name(known)):
                return None
            known += way
        return None

    def _after_name(self, known: int) -> bool:
        """Say whether a word may be missing: one of the name after the first, not a number."""
        return not is_number(self.line[known]) and any(map(_is_name, self.line[:known]))

    def _dotted(self, left: int) -> bool:
        """Say whether only the full stop of an abbreviation stands between: "N. Oak", "St. 4"."""
        if not 0 <= left < len(self.words) - 1:
            return False
        if self.forms[left] not in _OPTIONAL and not self.forms[left].endswith("str"):
            return False
        return self.text[self.words[left].end : self.words[left + 1].start] in (". ", ".\n")

    def _spaced(self, left: int) -> bool:
        between = self.text[self.words[left].end : self.words[left + 1].start]
        return between in (" ", "  ", "\t", "-", "")

    @staticmethod
    def _equal(form: str, known: str) -> bool:
        edits = edits_allowed(known)
        if form == known:
            return True
        if not edits or abs(len(form) - len(known)) > edits or form[0] != known[0]:
            return False
        return form.isalpha() and distance(form, known) <= edits

    def _counts(self, pairs: dict[int, int]) -> bool:
        """Say whether what was found is the line and no chance.

        A number and a word of the name; or two words of the name, or one and its suffix. An
        ordinary word alone is one of the name only where it is written as such: "5 Day St",
        not "5 day shipping".
        """
        found = [self.line[at] for at in pairs.values()]
        numbered = any(map(is_number, found))
        names = [place for place, at in pairs.items() if _is_name(self.line[at])]
        telling = [place for place in names if self._tells(place)]
        suffixed = any(word in SUFFIXES.values() for word in found)
        if not any(map(is_number, self.line)):
            numbered = numbered or len(found) == len(self.line) > 1
        enough = suffixed or len(names) > 1
        return bool(telling and (numbered or enough)) or bool(names and numbered and enough)

    def _tells(self, place: int) -> bool:
        word = self.words[place]
        return word.capital or word.plain not in word_lists().common

    def _unit(self, pairs: dict[int, int]) -> tuple[int, int] | None:
        """Return the words of a line that is only a unit: "Apt 4B", "#4B", "Suite 4B"."""
        place = next((p for p, at in pairs.items() if is_number(self.line[at])), None)
        if place is None:
            return None
        if _signed(self.text, self.words[place].start):
            return place, place
        if place and self.forms[place - 1] in DESIGNATORS.values():
            return (place - 1, place) if beside(self.text, self.words, place - 1) else None
        return None
