"""Is the best section good enough? A logistic regression, fitted when the index is built.

It is fitted on the questions of the index itself, each judged as if it were not there: those that
sections answer against those that nobody answers. So its thresholds belong to this index and to no
other; they do not carry over to a knowledge base of another size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

MOST_WRONG: Final = 0.12
"""Of the answers, the share that may be wrong, on the questions that were left out.

Those are harder than what merchants ask, many of whom ask nearly as somebody did before: where one
in eight is wrong here, one or two in a hundred were on the development questions, which chose
this."""
STEPS: Final = 50
PENALTY: Final = 1e-3
LEAST_TO_ANSWER: Final = 0.6
MOST_TO_ANSWER: Final = 0.95
"""The threshold lies between these two, whatever the questions say: they may be few."""

Table = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Gate:
    """What was learned.

    Attributes:
        mean: Of each measure.
        scale: Standard deviation of each measure.
        weights: One for each measure, then the constant.
        enough: Probability from which we answer.
    """

    mean: Table
    scale: Table
    weights: Table
    enough: float

    def probability(self, measures: Table) -> float:
        """Return how probable it is that the first section answers, 0 to 1."""
        return float(_probabilities(self, measures[None])[0])


def fit(measures: Table, is_right: npt.NDArray[np.bool_]) -> Gate:
    """Learn from measures, a row for each question, and whether its first section was right."""
    mean, scale = measures.mean(0), measures.std(0) + 1e-6
    rows = np.c_[(measures - mean) / scale, np.ones(len(measures))]
    wanted, weights = is_right.astype(np.float64), np.zeros(rows.shape[1])
    for _ in range(STEPS):  # Newton's method
        found = _sigmoid(rows @ weights)
        slope = rows.T @ (found - wanted) / len(rows) + PENALTY * weights
        curve = (rows * (found * (1 - found))[:, None]).T @ rows / len(rows)
        weights = weights - np.linalg.solve(curve + PENALTY * np.eye(len(weights)), slope)
    gate = Gate(mean, scale, weights, MOST_TO_ANSWER)
    return Gate(mean, scale, weights, _enough(_probabilities(gate, measures), is_right))


def _enough(probabilities: Table, is_right: npt.NDArray[np.bool_]) -> float:
    """Return the lowest probability above which few enough are wrong."""
    order = np.argsort(-probabilities)
    wrong = np.cumsum(~is_right[order]) / np.arange(1, len(order) + 1)
    fine = np.flatnonzero(wrong <= MOST_WRONG)
    lowest = float(probabilities[order[fine[-1]]]) if len(fine) else 1.0
    return min(MOST_TO_ANSWER, max(LEAST_TO_ANSWER, lowest))


def _probabilities(gate: Gate, measures: Table) -> Table:
    rows = np.c_[(measures - gate.mean) / gate.scale, np.ones(len(measures))]
    return _sigmoid(rows @ gate.weights)


def _sigmoid(values: Table) -> Table:
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -50, 50))), np.float64)
