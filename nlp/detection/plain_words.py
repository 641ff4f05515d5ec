"""The words of a text as known values are compared with them: folded, with their places."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rapidfuzz.distance import OSA

from nlp.detection.normalize import OPAQUE
from nlp.detection.word_lists import word_lists

_WORD: Final = re.compile(r"[^\W_]+")
_SENTENCE_END: Final = re.compile(r"[.!?;]\s")
_WITHOUT_MARKS: Final = str.maketrans(
    {"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ı": "i"}
)
_LONGEST: Final = 24
"""Letters of a word up to which typos are looked for. No name is longer in one word."""
_ONE_EDIT: Final = 5
_TWO_EDITS: Final = 9


@dataclass(frozen=True, slots=True)
class PlainWord:
    """A word of a text: letters and digits, nothing between them.

    Attributes:
        start: Offset of its first character.
        end: Offset after its last one.
        plain: Lower-case and without accents.
        capital: Whether it starts with an upper-case letter.
    """

    start: int
    end: int
    plain: str
    capital: bool


def plain(text: str) -> str:
    """Return the text lower-case and without accents."""
    lower = text.lower()
    if lower.isascii():
        return lower
    marks = unicodedata.normalize("NFKD", lower)
    bare = "".join(char for char in marks if not unicodedata.combining(char))
    return bare.translate(_WITHOUT_MARKS)


def plain_words(text: str) -> list[PlainWord]:
    """Return the words of a text, in order."""
    return [
        PlainWord(match.start(), match.end(), plain(match.group()), match.group()[0].isupper())
        for match in _WORD.finditer(text)
    ]


def beside(text: str, words: Sequence[PlainWord], left: int) -> bool:
    """Say whether the words at `left` and `left + 1` stand side by side.

    At most four characters lie between them, none of them opaque, and no sentence ends there:
    "how long. Will it" is not Will Long. After an initial a full stop ends nothing.
    """
    if not 0 <= left < len(words) - 1:
        return False
    first, second = words[left], words[left + 1]
    if second.start - first.end > 4 or OPAQUE in text[first.end : second.start]:
        return False
    ends = _SENTENCE_END.search(text, first.end, second.start)
    return ends is None or len(first.plain) <= 2


@lru_cache(maxsize=1)
def ordinary_words() -> frozenset[str]:
    """Return the words that are no names, or not only: "will", "long", "rose"."""
    lists = word_lists()
    return lists.common | lists.given_words | lists.surname_words


@lru_cache(maxsize=1)
def listed_words() -> frozenset[str]:
    """Return every word of the lists. Such a word is itself, and no misspelling of another."""
    lists = word_lists()
    return ordinary_words() | lists.given | lists.surnames


def edits_allowed(word: str) -> int:
    """Return how many typos a known word may have: one from 5 letters on, two from 9 on."""
    if not word.isalpha() or len(word) > _LONGEST:
        return 0
    return (len(word) >= _ONE_EDIT) + (len(word) >= _TWO_EDITS)


class Misspellings:
    """Known words, to be found by their misspellings.

    Two words are within one edit of each other only where leaving out at most one letter of
    each makes them equal. So each known word is kept under all that is left of it that way, and
    a word of the text is looked up by the same: the cost does not grow with the known words.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._by_rest: dict[str, set[str]] = {}
        self._lengths: dict[int, int] = {}
        for word in set(words):
            edits = edits_allowed(word)
            if not edits:
                continue
            for rest in _rests(word, edits):
                self._by_rest.setdefault(rest, set()).add(word)
            for length in range(len(word) - edits, len(word) + edits + 1):
                self._lengths[length] = max(edits, self._lengths.get(length, 0))
        self._seen: dict[str, tuple[str, ...]] = {}

    def of(self, word: str) -> tuple[str, ...]:
        """Return the known words of which the word is a misspelling."""
        edits = self._lengths.get(len(word), 0)
        if not edits or not word.isalpha():
            return ()
        if word not in self._seen:
            near = {
                known for rest in _rests(word, edits) for known in self._by_rest.get(rest, ())
            } - {word}
            self._seen[word] = tuple(
                sorted(known for known in near if distance(word, known) <= edits_allowed(known))
            )
        return self._seen[word]


def _rests(word: str, edits: int) -> Iterator[str]:
    """Yield what is left of a word when up to `edits` letters are left out."""
    rests = {word}
    yield word
    for _ in range(edits):
        rests = {rest[:at] + rest[at + 1 :] for rest in rests for at in range(len(rest))}
        yield from rests


def distance(one: str, other: str) -> int:
    """Return the number of edits between two words.

    An edit leaves out, adds or changes a letter, or swaps two neighbours (optimal string
    alignment).
    """
    return OSA.distance(one, other)
