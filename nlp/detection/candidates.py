"""What of a text may be a value of an order that nobody named: name, street, phone, e-mail.

These are windows over the words of the text, found by their shape alone and in time that grows
with the text. Whether one of them is a value of an order is for the keyed index to say; see
`storage.traces`, which compares them with the same forms of what it knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Final

from nlp.detection.normalize import OPAQUE
from nlp.detection.word_lists import word_lists

MIN_JOINED: Final = 6
"""Letters from which on one word may be a whole name: "annlee"."""
_WORD: Final = re.compile(r"[^\W_]+(?:['][^\W_]+)*")
_EMAIL: Final = re.compile(
    r"(?<![\w.+'-])[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}(?![\w-])"
)
_GROUP: Final = re.compile(r"\d+")
_GAP: Final = re.compile(r"[ \t.()/+-]{1,4}")
_PHONE_DIGITS: Final = 7
_REACH: Final = 4
"""Characters that may lie between two words of one value."""


def candidates(text: str) -> Iterator[str]:
    """Yield the windows of a detection text, each once."""
    seen: set[str] = set()
    for window in _windows(text):
        if window not in seen:
            seen.add(window)
            yield window


def _windows(text: str) -> Iterator[str]:
    yield from (match.group() for match in _EMAIL.finditer(text))
    yield from _phones(text)
    matches = list(_WORD.finditer(text))
    words = [match.group().lower().removesuffix("'s") for match in matches]
    linked = [
        second.start() - first.end() <= _REACH and OPAQUE not in text[first.end() : second.start()]
        for first, second in pairwise(matches)
    ]
    dull, particles = _dull_words(), word_lists().particles
    for place, word in enumerate(words):
        if len(word) >= MIN_JOINED and word not in dull and not word.isdecimal():
            yield word
        if "-" in text[matches[place].end() : matches[place].end() + 1]:
            yield from _hyphenated(words, linked, place)
        for pair in _pairs(words, linked, place, particles):
            if not dull.issuperset(pair):
                yield " ".join(pair)


@lru_cache(maxsize=1)
def _dull_words() -> frozenset[str]:
    """Return the ordinary words that are never names. Two of them are no value of an order."""
    lists = word_lists()
    return lists.common - lists.given - lists.given_words - lists.surnames - lists.surname_words


def _pairs(
    words: list[str], linked: list[bool], place: int, particles: frozenset[str]
) -> Iterator[tuple[str, str]]:
    """Yield the word with the next one, and with the one after a particle or an initial.

    A house number goes with both of the next two: "12 N Oak".
    """
    word = words[place]
    number = word[0].isdecimal()
    for other in range(place + 1, min(place + 4, len(words))):
        if not linked[other - 1]:
            return
        after = words[other]
        if not (number and after.isdecimal()):
            yield word, after
        passed = len(after) == 1 or after in particles or (number and other == place + 1)
        if not passed:
            return


def _hyphenated(words: list[str], linked: list[bool], place: int) -> Iterator[str]:
    """Yield "maryann smith" and "smith maryann" of a name with a hyphen: Mary-Ann Smith."""
    if not (place + 1 < len(words) and linked[place]):
        return
    joined = words[place] + words[place + 1]
    yield joined
    if place + 2 < len(words) and linked[place + 1]:
        yield f"{joined} {words[place + 2]}"
    if place and linked[place - 1]:
        yield f"{words[place - 1]} {joined}"


def _phones(text: str) -> Iterator[str]:
    """Yield, for each group of digits, the seven or more digits that end with it."""
    held: list[str] = []
    end = -1
    for match in _GROUP.finditer(text):
        if end < 0 or not _GAP.fullmatch(text, end, match.start()):
            held.clear()
        end = match.end()
        held.append(match.group())
        digits = "".join(held[-_PHONE_DIGITS:])
        if len(digits) >= _PHONE_DIGITS:
            yield digits[-_PHONE_DIGITS:]
