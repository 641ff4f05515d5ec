"""BM25 over an inverted index. It ranks; it does not judge.

BM25 as in Robertson and Zaragoza, The Probabilistic Relevance Framework (2009), with the idf that
never goes below zero (Lucene's).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

K1: Final = 1.2
B: Final = 0.75

_NONE: Final = (np.zeros(0, np.int32), np.zeros(0, np.float32))


class Index:
    """Documents as weighted counts of words."""

    def __init__(self, documents: Sequence[Mapping[str, float]]) -> None:
        """Build the index.

        Args:
            documents: For each document, how often each word stands in it; a word in a title may
                count more than once, one in an example less.
        """
        self._size = len(documents)
        lengths = [sum(document.values()) for document in documents]
        mean = sum(lengths) / len(lengths) if lengths else 1.0
        gathered: dict[str, tuple[list[int], list[float]]] = defaultdict(lambda: ([], []))
        for number, document in enumerate(documents):
            damp = K1 * (1 - B + B * lengths[number] / (mean or 1.0))
            for word, count in document.items():
                numbers, weights = gathered[word]
                numbers.append(number)
                weights.append(count * (K1 + 1) / (count + damp))
        self._postings = {
            word: (np.array(numbers, np.int32), np.array(weights, np.float32))
            for word, (numbers, weights) in gathered.items()
        }

    def idf(self, word: str) -> float:
        """Return how telling a word is: the more, the fewer documents hold it."""
        holders = len(self._postings.get(word, _NONE)[0])
        return math.log(1 + (self._size - holders + 0.5) / (holders + 0.5))

    def scores(self, words: Iterable[str]) -> npt.NDArray[np.float32]:
        """Return BM25 of each document, in their order: 0 where it holds none of the words."""
        scores = np.zeros(self._size, np.float32)
        for word in dict.fromkeys(words):
            numbers, weights = self._postings.get(word, _NONE)
            scores[numbers] += self.idf(word) * weights
        return scores

    def weight(self, words: Iterable[str]) -> float:
        """Return how telling words are together.

        A word that no document holds weighs most: it is what the knowledge base does not know.
        """
        return sum(self.idf(word) for word in dict.fromkeys(words))

    def evidence(self, words: Iterable[str], document: int) -> float:
        """Return the weight of those words that a document holds."""
        return self.weight(word for word in words if self._holds(word, document))

    def _holds(self, word: str, document: int) -> bool:
        numbers = self._postings.get(word, _NONE)[0]
        at = int(np.searchsorted(numbers, document))
        return at < len(numbers) and int(numbers[at]) == document
