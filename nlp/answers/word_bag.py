"""Which words a question holds, as a vector: what a sentence encoder of few numbers blurs.

Words count by their idf, and a vector has length 1 (TF-IDF; Manning, Raghavan and Schütze,
Introduction to Information Retrieval, 2008).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

FEWEST_TEXTS: Final = 2
"""A word of fewer texts tells nothing about others."""


class WordBag:
    """The words of some texts."""

    def __init__(self, texts: Sequence[Sequence[str]]) -> None:
        holders = Counter(word for text in texts for word in set(text))
        known = sorted(word for word, many in holders.items() if many >= FEWEST_TEXTS)
        self._places = {word: place for place, word in enumerate(known)}
        self._idf = np.array([math.log(len(texts) / holders[word]) for word in known], np.float32)

    def vector(self, words: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return a number for each known word; all are 0 where none of them is there."""
        found = np.zeros(len(self._places), np.float32)
        for word in words:
            if (place := self._places.get(word)) is not None:
                found[place] += self._idf[place]
        length = float(np.linalg.norm(found))
        return found / length if length else found
