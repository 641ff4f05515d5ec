"""Repair of typing errors: an unknown word becomes the known word that it nearly is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from rapidfuzz.distance import OSA

SHORTEST: Final = 5
"""Words of fewer letters are left alone: "cost", "lost" and "list" are one letter apart."""
LONG: Final = 8
"""From this length on, two errors are repaired instead of one."""


class Spelling:
    """The known words, filed so that a repair looks at few of them."""

    def __init__(self, known: Iterable[str]) -> None:
        self._known = frozenset(known)
        self._shelves: dict[tuple[str, int], list[str]] = defaultdict(list)
        for word in sorted(self._known):
            if len(word) >= SHORTEST and word.isalpha():
                self._shelves[word[0], len(word)].append(word)

    def repair(self, word: str) -> str:
        """Return the nearest known word with the same first letter, or the word itself.

        One insertion, deletion, replacement or exchange of neighbours is forgiven, two in long
        words. Where two known words are equally near, nothing is guessed.
        """
        if word in self._known or len(word) < SHORTEST or not word.isalpha():
            return word
        most = 2 if len(word) >= LONG else 1
        nearest, best, tied = word, most + 1, False
        for length in range(len(word) - most, len(word) + most + 1):
            for candidate in self._shelves.get((word[0], length), ()):
                errors = OSA.distance(word, candidate, score_cutoff=most)
                if errors < best:
                    nearest, best, tied = candidate, errors, False
                elif errors == best <= most:
                    tied = True
        return word if tied else nearest
