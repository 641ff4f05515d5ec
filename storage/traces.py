"""By which forms of an order's values a message is recognised as one about that order.

Forms that many orders share, such as a first name or a city, are none of them. A form is
letters and digits only; what stands in a message comes to the same form whichever way it is
written, so that the two can be compared by a fingerprint.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Final

TRACED: Final = ("first_name", "last_name", "street_1", "street_2", "phone", "email")
"""The columns of an order whose values leave traces."""

_WORD: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_LETTERS: Final = str.maketrans(
    {
        "ß": "ss",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "æ": "ae",
        "œ": "oe",
        "ð": "d",
        "þ": "th",
        "ı": "i",
    }
)
_APOSTROPHE: Final = "\N{RIGHT SINGLE QUOTATION MARK}"
_LOCAL: Final = 7
"""Digits of a telephone number by which it is known, with or without country and area."""
_MIN_LOCAL_PART: Final = 8
_MOST_PARTS: Final = 3
_ORDINAL: Final = re.compile(r"\d+(?:st|nd|rd|th)")
_PARTICLES: Final = frozenset(
    {
        "al", "ap", "bin", "bint", "da", "dal", "de", "dei", "del", "della", "den", "der", "di",
        "do", "dos", "du", "e", "el", "ibn", "la", "las", "le", "los", "mac", "san", "santa",
        "st", "te", "ten", "ter", "the", "van", "vande", "vander", "vom", "von", "y", "zu",
        "zum", "zur",
    }
)  # fmt: skip
_NOT_A_STREET: Final = frozenset(
    {
        "apt", "apartment", "unit", "suite", "ste", "floor", "fl", "room", "rm", "bldg",
        "building", "lot", "no", "nr", "st", "street", "ave", "avenue", "rd", "road", "blvd",
        "boulevard", "ln", "lane", "dr", "drive", "ct", "court", "pl", "place", "way", "cir",
        "circle",
    }
)  # fmt: skip
_DIRECTIONS: Final = frozenset(
    {
        "n", "s", "e", "w", "ne", "nw", "se", "sw", "north", "south", "east", "west",
        "northeast", "northwest", "southeast", "southwest",
    }
)  # fmt: skip


def form(window: str) -> str:
    """Return the form of a piece of text, empty where it is too little to tell anything.

    Words are sorted, so that "Smith, John" and "John Smith" are one.
    """
    words = _words(window)
    if all(map(str.isdecimal, words)):
        digits = "".join(words)
        return digits[-_LOCAL:] if len(digits) >= _LOCAL else ""
    return "".join(sorted(words))


def forms(values: Mapping[str, str]) -> frozenset[str]:
    """Return the forms of an order's values by column. Missing columns leave none."""
    found = {
        *_name_forms(values.get("first_name", ""), values.get("last_name", "")),
        *_street_forms(values.get("street_1", "")),
        *_street_forms(values.get("street_2", "")),
        *_email_forms(values.get("email", "")),
    }
    digits = re.sub(r"\D", "", values.get("phone", ""))
    return frozenset({*found, form(digits)} - {""})


def _words(text: str) -> list[str]:
    words = (word.replace("'", "") for word in _WORD.findall(_plain(text)))
    # Hauptstr. 12 is Hauptstrasse 12.
    return [f"{word[:-7]}str" if word.endswith("strasse") else word for word in words]


def _plain(text: str) -> str:
    lower = text.casefold()
    if not lower.isascii():
        marks = unicodedata.normalize("NFKD", lower.replace(_APOSTROPHE, "'"))
        lower = "".join(c for c in marks if not unicodedata.combining(c)).translate(_LETTERS)
    return lower


def _name_forms(first: str, last: str) -> Iterator[str]:
    """Yield first and last name, the initial with the last name, and both in one word."""
    given, family = _words(first), _words(last)
    if not given or not family:
        # Amazon often gives the whole name in one field.
        *given, only = [*given, *family] or [""]
        family = [only]
    given = [word for word in given if word not in _PARTICLES] or given
    family = [word for word in family if word not in _PARTICLES] or family
    if not given or not family:
        return
    long = [word for word in given if len(word) > 1] or given
    for one, other in product(long[:_MOST_PARTS], family[-_MOST_PARTS:]):
        yield "".join(sorted((one, other)))
    for other in family[-_MOST_PARTS:]:
        yield "".join(sorted((given[0][:1], other)))
    for one in {"".join(given), given[0]}:
        joined = "".join(family)
        yield from {"".join(sorted((one, joined))), one + joined}


def _street_forms(line: str) -> Iterator[str]:
    """Yield each number of a street line with the word beside it that names the street."""
    words = _words(line)
    found = False
    for place, word in enumerate(words):
        if not word[0].isdecimal() or _ORDINAL.fullmatch(word):
            continue
        after = words[place + 1 : place + 3]
        if after[:1] and after[0] in _DIRECTIONS and len(after) > 1:
            after = after[1:]
        near = [*words[max(0, place - 1) : place], *after[:1]]
        for other in near:
            named = not other[0].isdecimal() and other not in _NOT_A_STREET
            if named or _ORDINAL.fullmatch(other):
                found = True
                yield "".join(sorted((word, other)))
    if not found and len(words) > 1 and not any(word[0].isdecimal() for word in words):
        yield "".join(sorted(words[:2]))


def _email_forms(address: str) -> Iterator[str]:
    yield form(address)
    local = form(address.partition("@")[0])
    if len(local) >= _MIN_LOCAL_PART:
        yield local
