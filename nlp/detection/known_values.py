"""Values that are known to be PII, such as the buyer's name of an order that was named.

They are looked for in any casing, with any spacing or punctuation between their words, with
accents or without, abbreviated, in parts and with small typos. The cost grows with the text and
with what is known, not with the product of the two.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from nlp.detection.entities import (
    CREDIT_CARD,
    EMAIL_ADDRESS,
    PERSON,
    PHONE_NUMBER,
    STREET_ADDRESS,
    US_BANK_NUMBER,
    US_SSN,
)
from nlp.detection.known_names import find_names
from nlp.detection.known_numbers import find_numbers
from nlp.detection.known_streets import find_streets
from nlp.detection.normalize import for_detection
from nlp.detection.plain_words import PlainWord, beside, listed_words, plain_words

_NUMBERS: Final = frozenset({CREDIT_CARD, PHONE_NUMBER, US_BANK_NUMBER, US_SSN})
_UNSPACED: Final = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\ud7ff\uf900-\ufaff]")
"""Letters of writing that has no spaces between words."""
_MIN_LOCAL_PART: Final = 6


@dataclass(frozen=True, slots=True)
class KnownMatch:
    """Where a known value stands."""

    start: int
    end: int
    entity_type: str


def find_known(text: str, values: Iterable[tuple[str, str]]) -> Iterator[KnownMatch]:
    """Yield where known values (entity type, value) stand in the detection text.

    Matches may overlap. Of a person's name the parts count too, unless a part is also an
    ordinary word: the buyer Will Long must not take every "will" out of the message.
    """
    by_kind: dict[str, list[str]] = {}
    for entity_type, value in values:
        by_kind.setdefault(entity_type, []).append(for_detection(value).text)
    words = plain_words(text) if by_kind else []
    for entity_type, known in by_kind.items():
        for start, end in _find(entity_type, text, words, known):
            yield KnownMatch(start, end, entity_type)


def _find(
    entity_type: str, text: str, words: Sequence[PlainWord], known: Sequence[str]
) -> Iterator[tuple[int, int]]:
    if entity_type in _NUMBERS:
        yield from find_numbers(text, known, phones=entity_type == PHONE_NUMBER)
        known = [value for value in known if not any(map(str.isdecimal, value))]
    elif entity_type == PERSON:
        yield from find_names(text, words, known)
    elif entity_type == STREET_ADDRESS:
        yield from find_streets(text, words, known)
    sequences = {tuple(word.plain for word in plain_words(value)) for value in known}
    if entity_type == PERSON:
        sequences = set()
    elif entity_type == EMAIL_ADDRESS:
        for part in filter(None, map(_local_part, known)):
            sequences |= {part, ("".join(part),)}
    elif entity_type == STREET_ADDRESS:
        # A number or a word alone would be found everywhere.
        sequences = {parts for parts in sequences if len(parts) > 1}
    yield from _sequences(text, words, sequences)
    for value in known:
        if len(value) > 1 and _UNSPACED.search(value):
            yield from ((m.start(), m.end()) for m in re.finditer(re.escape(value), text))


def _local_part(address: str) -> tuple[str, ...]:
    """Return the words of what stands before the @, nothing where others may have the same."""
    words = tuple(word.plain for word in plain_words(address.partition("@")[0]))
    telling = len("".join(words)) >= _MIN_LOCAL_PART and any(
        char.isalpha() for word in words for char in word
    )
    return words if telling and not (len(words) == 1 and words[0] in listed_words()) else ()


def _sequences(
    text: str, words: Sequence[PlainWord], sequences: Iterable[tuple[str, ...]]
) -> Iterator[tuple[int, int]]:
    """Yield where words stand one beside the other; `at` and `dot` may be written out."""
    by_first: dict[str, list[tuple[str, ...]]] = {}
    for sequence in sequences:
        if sum(map(len, sequence)) > 1:
            by_first.setdefault(sequence[0], []).append(sequence)
    for place, word in enumerate(words):
        for sequence in by_first.get(word.plain, ()):
            last = _last(text, words, place, sequence)
            if last is not None:
                yield word.start, words[last].end


def _last(
    text: str, words: Sequence[PlainWord], place: int, sequence: tuple[str, ...]
) -> int | None:
    for wanted in sequence[1:]:
        if not beside(text, words, place):
            return None
        place += 1
        if words[place].plain != wanted and words[place].plain in ("at", "dot"):
            if not beside(text, words, place):
                return None
            place += 1
        if words[place].plain != wanted:
            return None
    return place
