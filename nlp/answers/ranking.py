"""BM25 over an inverted index in plain Python. It ranks; it does not judge.

BM25 as in Robertson and Zaragoza, The Probabilistic Relevance Framework (2009), with the idf that
never goes below zero (Lucene's).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

K1: Final = 1.2
B: Final = 0.75


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One document that holds at least one of the words.

    Attributes:
        document: Its number, in the order given to the index.
        score: BM25, above 0; comparable within one question only.
    """

    document: int
    score: float


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
        self._postings: dict[str, dict[int, float]] = defaultdict(dict)
        for number, document in enumerate(documents):
            damp = K1 * (1 - B + B * lengths[number] / (mean or 1.0))
            for word, count in document.items():
                self._postings[word][number] = count * (K1 + 1) / (count + damp)
        self._postings.default_factory = None

    def idf(self, word: str) -> float:
        """Return how telling a word is: the more, the fewer documents hold it."""
        holders = len(self._postings.get(word, ()))
        return math.log(1 + (self._size - holders + 0.5) / (holders + 0.5))

    def rank(self, words: Iterable[str]) -> tuple[Hit, ...]:
        """Return the documents that hold any of the words, the best first, ties in their order."""
        scores: dict[int, float] = defaultdict(float)
        for word in dict.fromkeys(words):
            idf = self.idf(word)
            for number, weight in self._postings.get(word, {}).items():
                scores[number] += idf * weight
        hits = [Hit(document=number, score=score) for number, score in scores.items()]
        return tuple(sorted(hits, key=lambda hit: (-hit.score, hit.document)))

    def weight(self, words: Iterable[str]) -> float:
        """Return how telling words are together.

        A word that no document holds weighs most: it is what the knowledge base does not know.
        """
        return sum(self.idf(word) for word in dict.fromkeys(words))

    def evidence(self, words: Iterable[str], document: int) -> float:
        """Return the weight of those words that a document holds."""
        return self.weight(word for word in words if document in self._postings.get(word, ()))
