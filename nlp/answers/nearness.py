"""How near a question is in meaning to each section, and to each subject that is not covered.

Two measures over the same vectors, summed: the nearest text of a section, which serves sections
with few texts, and a ridge regression from vectors to sections, which learns what tells those
apart of which many questions are known (both in Hastie, Tibshirani and Friedman, The Elements
of Statistical Learning, 2009).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from nlp.answers.encoder import SIZE, Vectors

RIDGE: Final = 0.5
"""The ridge's penalty."""
SCALE: Final = 10.0
"""What either measure is multiplied with before the two are summed."""

Numbers = npt.NDArray[np.float32]


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
    """Texts as vectors, each of one owner. Safe to share between threads."""

    def __init__(
        self, vectors: Vectors, owners: Sequence[int], count: int, learned: Collection[int]
    ) -> None:
        """Build it.

        Args:
            vectors: A row of length 1 for each text.
            owners: The number of its owner for each, ascending; each owner has one at least.
            count: How many owners there are.
            learned: The owners that the regression tells apart. It knows nothing of the others,
                so that thousands of them take nothing from these.
        """
        self._vectors = vectors
        self._owners = np.asarray(owners, np.int64)
        self._firsts = np.searchsorted(self._owners, np.arange(count))
        self._is_learned = np.isin(self._owners, list(learned))
        rows = vectors[self._is_learned]
        self._inverse = np.linalg.inv(
            (rows.T @ rows).astype(np.float64) + RIDGE * np.eye(SIZE)
        ).astype(np.float32)
        sums = np.zeros((count, SIZE), np.float32)
        np.add.at(sums, self._owners[self._is_learned], rows)
        self._weights: Numbers = sums @ self._inverse

    def near(self, vector: Numbers) -> Near:
        """Return how near a vector of length 1 is to each owner."""
        return self._near(self._vectors @ vector, self._weights @ vector)

    def without(self, text: int) -> Near:
        """Return the same for one of the texts, as if it were not there.

        The regression without one row is known in closed form: the leave-one-out of linear
        smoothers.
        """
        vector, owner = self._vectors[text], self._owners[text]
        cosines = self._vectors @ vector
        cosines[text] = -1.0
        if not self._is_learned[text]:
            return self._near(cosines, self._weights @ vector)
        leverage = float(vector @ self._inverse @ vector)
        regressed = self._weights @ vector
        regressed[owner] -= leverage
        return self._near(cosines, regressed / (1 - leverage))

    def _near(self, cosines: Numbers, regressed: Numbers) -> Near:
        return Near(np.maximum.reduceat(cosines, self._firsts), regressed)
