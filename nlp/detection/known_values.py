"""Values that are known to be PII, such as the buyer's name of an order that was named.

They are looked for as whole words, in any casing, with any spacing or punctuation between their
parts; numbers with any separators between their digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from nlp.detection.entities import CREDIT_CARD, PERSON, PHONE_NUMBER, US_BANK_NUMBER, US_SSN
from nlp.detection.normalize import OPAQUE, for_detection
from nlp.detection.word_lists import word_lists

_NUMBERS: Final = frozenset({PHONE_NUMBER, CREDIT_CARD, US_SSN, US_BANK_NUMBER})
_PART: Final = re.compile(r"[^\W_]+")
_BETWEEN: Final = rf"[^\w{OPAQUE}]{{1,4}}"
_MIN_LETTERS: Final = 2
_MIN_PART: Final = 3


@dataclass(frozen=True, slots=True)
class KnownMatch:
    """Where a known value stands."""

    start: int
    end: int
    entity_type: str


def find_known(text: str, values: Iterable[tuple[str, str]]) -> Iterator[KnownMatch]:
    """Yield where known values (entity type, value) stand in the detection text.

    Of a person's name the parts count too, unless a part is also an ordinary word: the buyer
    Will Long must not take every "will" out of the message.
    """
    patterns: dict[str, dict[str, None]] = {}
    for entity_type, value in values:
        for pattern in _patterns(entity_type, for_detection(value).text):
            patterns.setdefault(entity_type, {})[pattern] = None
    for entity_type, alternatives in patterns.items():
        longest_first = sorted(alternatives, key=len, reverse=True)
        whole = rf"(?<![^\W_])(?:{'|'.join(longest_first)})(?![^\W_])"
        for match in re.finditer(whole, text, re.IGNORECASE):
            yield KnownMatch(*match.span(), entity_type)


def _patterns(entity_type: str, value: str) -> Iterator[str]:
    if entity_type in _NUMBERS:
        digits = re.sub(r"\D", "", value)
        if len(digits) > _MIN_LETTERS:
            yield r"[ \t.()/-]{0,3}".join(digits)
            return
    parts = _PART.findall(value)
    if sum(len(part) for part in parts) < _MIN_LETTERS:
        return
    yield _BETWEEN.join(re.escape(part) for part in parts)
    if entity_type == PERSON and len(parts) > 1:
        lists = word_lists()
        ordinary = lists.common | lists.given_words | lists.surname_words
        yield _BETWEEN.join(re.escape(part) for part in (parts[-1], *parts[:-1]))
        for part in parts:
            if len(part) >= _MIN_PART and part.lower() not in ordinary:
                yield re.escape(part)
