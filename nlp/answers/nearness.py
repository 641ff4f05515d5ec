"""How near a question is to each section, and to each subject that is not covered.

Two measures, summed. The nearest text of a section, by the cosine of their vectors, serves sections
of which few questions are known. A ridge regression from vectors and words to sections learns what
tells those apart of which many are known (both in Hastie, Tibshirani and Friedman, The Elements of
Statistical Learning, 2009).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from nlp.answers.word_bag import WordBag

RIDGE: Final = 0.5
"""The ridge's penalty."""
WORDS: Final = 0.5
"""How much words count in the regression, against 1 for the meaning."""
SCALE: Final = 10.0
"""What either measure is multiplied with before the two are summed."""
MOST_COMPARED: Final = 2_000
"""With more texts than these, not all are compared whole, but those that come nearest roughly."""
NEAREST: Final = 400
"""How many that are."""
ROUGHLY: Final = 64
"""Numbers of a vector in the rough comparison: along the axes on which most of the texts lie
(principal components, uncentred)."""

Numbers = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Meant:
    """A text as it is compared: the encoder's vector of length 1, and the words of it."""

    vector: Numbers
    words: Sequence[str]


@dataclass(frozen=True, slots=True)
class Near:
    """How near one question is to each owner of texts, in the order of their numbers.

    Attributes:
        nearest: Cosine of the nearest text, -1 to 1.
        regressed: What the regression says, about 1 for the owner and about 0 for the others.
    """

    nearest: Numbers
    regressed: Numbers

    @property
    def total(self) -> Numbers:
        """Both measures summed."""
        return SCALE * (self.nearest + self.regressed)


class Nearness:
    """Texts, each of one owner. Safe to share between threads."""

    def __init__(
        self, vectors: Numbers, owners: Sequence[int], words: Mapping[int, Sequence[str]]
    ) -> None:
        """Build it.

        Args:
            vectors: A row of length 1 for each text that is compared with, one at least.
            owners: The number of its owner for each, from 0 on, ascending, none left out.
            words: The words of every text, by its number, of the owners that the regression tells
                apart. It knows nothing of the others, so that thousands of them take nothing from
                these.
        """
        self._vectors = vectors
        self._owners = np.asarray(owners, np.int64)
        self._count = int(self._owners[-1]) + 1
        self._firsts = np.searchsorted(self._owners, np.arange(self._count))
        rows = sorted(words)
        self._learned = np.unique(self._owners[rows])
        self._bag = WordBag([words[row] for row in rows])
        self._places = {row: place for place, row in enumerate(rows)}
        self._features: Numbers = np.array(
            [self._of(Meant(vectors[row], words[row])) for row in rows], np.float32
        )
        wide = self._features.astype(np.float64)
        penalized = wide.T @ wide + RIDGE * np.eye(wide.shape[1])
        sums = np.zeros((len(self._learned), wide.shape[1]))
        np.add.at(sums, np.searchsorted(self._learned, self._owners[rows]), wide)
        self._weights: Numbers = np.linalg.solve(penalized, sums.T).T.astype(np.float32)

        self._axes: Numbers | None = None
        if len(vectors) > MOST_COMPARED:
            products = (vectors.T @ vectors).astype(np.float64)
            self._axes = np.linalg.eigh(products).eigenvectors[:, -ROUGHLY:].astype(np.float32)
            self._rough = vectors @ self._axes

    @cached_property
    def _inverse(self) -> Numbers:
        """What only calibration needs: not made where the gate was read from a file."""
        products = self._features.T @ self._features
        return np.linalg.inv(products + RIDGE * np.eye(len(products))).astype(np.float32)

    def near(self, text: Meant) -> Near:
        """Return how near a text is to each owner."""
        return self._near(self._cosines(text.vector), self._weights @ self._of(text))

    def without(self, number: int) -> Near:
        """Return the same for one of the texts, as if it were not there.

        The regression without one row is known in closed form: the leave-one-out of linear
        smoothers. A word that stands in this text and one other is not forgotten for it.
        """
        cosines = self._vectors @ self._vectors[number]
        cosines[number] = -1.0
        features = self._features[self._places[number]]
        leverage = float(features @ self._inverse @ features)
        regressed = self._weights @ features
        regressed[np.searchsorted(self._learned, self._owners[number])] -= leverage
        return self._near(cosines, regressed / (1 - leverage))

    def _cosines(self, vector: Numbers) -> Numbers:
        """Return the cosine of each text: of many, exactly for those alone that may be nearest."""
        if self._axes is None:
            return self._vectors @ vector
        cosines: Numbers = self._rough @ (vector @ self._axes)
        nearest = np.argpartition(-cosines, NEAREST)[:NEAREST]
        cosines[nearest] = self._vectors[nearest] @ vector
        return cosines

    def _of(self, text: Meant) -> Numbers:
        return np.concatenate([text.vector, WORDS * self._bag.vector(text.words)])

    def _near(self, cosines: Numbers, regressed: Numbers) -> Near:
        all_owners = np.zeros(self._count, np.float32)
        all_owners[self._learned] = regressed
        return Near(np.maximum.reduceat(cosines, self._firsts), all_owners)
