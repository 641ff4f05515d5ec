"""The word lists of names and of ordinary words, and one word seen against them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Final

WORD: Final = re.compile(r"(?<![^\W_])[^\W\d_]{1,40}(?:['-][^\W\d_]{1,40}){0,3}(?![^\W_])")
"""A word of letters, with apostrophes and hyphens inside."""
_SURNAME_SHAPE: Final = re.compile(
    r"[^\W\d_]{2,20}(?:czyk|wski|wska|owicz|ewicz|enko|opoulos|opoulou|ashvili|uddin|ullah|swamy"
    r"|sson|stein|bauer|ovic|evic|escu|yan[ct]?z|guez|quez|inez)|mc[^\W\d_]{3,12}|o'[^\W\d_]{3,12}"
)


@dataclass(frozen=True)
class Word:
    """One word of a text and how it looks."""

    start: int
    end: int
    text: str
    lists: WordLists

    @cached_property
    def plain(self) -> str:
        """Lower-case without accents, as the lists are written."""
        lower = self.text.lower()
        if not lower.isascii():
            marks = unicodedata.normalize("NFKD", lower)
            lower = "".join(char for char in marks if not unicodedata.combining(char))
        return lower

    @property
    def capital(self) -> bool:
        """Starts with an upper-case letter (or is of a script without case)."""
        return self.text[0].isupper() or not (self.text[0].islower() or self.text.isascii())

    @property
    def shouted(self) -> bool:
        """All upper-case."""
        return len(self.text) > 1 and self.text.isupper()

    @property
    def given(self) -> bool:
        """A listed given name."""
        return self.sure_given or self.plain in self.lists.given_words

    @property
    def surname(self) -> bool:
        """A listed surname, or two joined by a hyphen."""
        return any(
            part in self.lists.surnames or part in self.lists.surname_words
            for part in re.split("[-']", self.plain)
            if len(part) > 1
        ) or bool(_SURNAME_SHAPE.fullmatch(self.plain))

    @property
    def listed(self) -> bool:
        """A listed name of either kind."""
        return self.given or self.surname

    @property
    def sure_given(self) -> bool:
        """A given name that is nothing else."""
        first, hyphen, _ = self.plain.partition("-")
        return self.plain in self.lists.given or (
            bool(hyphen) and (first in self.lists.given or first in self.lists.given_words)
        )

    @property
    def sure_surname(self) -> bool:
        """A surname that is nothing else."""
        return self.surname and self.plain not in self.lists.surname_words

    @property
    def common(self) -> bool:
        """An ordinary word of this trade, which no guess takes for a name."""
        return self.plain in self.lists.common


@dataclass(frozen=True, slots=True)
class WordLists:
    """The word lists of `names.txt` and `common_words.txt`."""

    given: frozenset[str]
    given_words: frozenset[str]
    surnames: frozenset[str]
    surname_words: frozenset[str]
    particles: frozenset[str]
    company_forms: frozenset[str]
    place_words: frozenset[str]
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
        place_words=frozenset(sections["places after a name"]),
        common=frozenset(sections["common_words.txt"]),
    )
