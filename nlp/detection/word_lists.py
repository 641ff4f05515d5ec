"""The word lists of names and of ordinary words: what a known name may be mistaken for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Final

WORD: Final = re.compile(r"(?<![^\W_])[^\W\d_]{1,40}(?:['-][^\W\d_]{1,40}){0,3}(?![^\W_])")
"""A word of letters, with apostrophes and hyphens inside."""


@dataclass(frozen=True, slots=True)
class WordLists:
    """The word lists of `names.txt` and `common_words.txt`."""

    given: frozenset[str]
    given_words: frozenset[str]
    surnames: frozenset[str]
    surname_words: frozenset[str]
    particles: frozenset[str]
    company_forms: frozenset[str]
    common: frozenset[str]


@lru_cache(maxsize=1)
def word_lists() -> WordLists:
    """Read the word lists, once."""
    sections: dict[str, set[str]] = {}
    for name in ("names.txt", "common_words.txt"):
        section = name
        for line in (files("nlp.detection") / name).read_text("utf-8").splitlines():
            if line.startswith("["):
                section = line.strip("[]")
            elif not line.startswith("#"):
                sections.setdefault(section, set()).update(line.split())
    return WordLists(
        given=frozenset(sections["given"]),
        given_words=frozenset(sections["given also words"]),
        surnames=frozenset(sections["surnames"]),
        surname_words=frozenset(sections["surnames also words"]),
        particles=frozenset(sections["particles"]),
        company_forms=frozenset(sections["company forms"]),
        common=frozenset(sections["common_words.txt"]),
    )


@lru_cache(maxsize=1)
def trade_words() -> frozenset[str]:
    """Return the words of this trade that are nobody's name: "hazmat", "sku", "carton"."""
    lists = word_lists()
    names = lists.given | lists.given_words | lists.surnames | lists.surname_words
    return lists.common - names
