"""How the cost of work grows with its input: a ratio within one run, not a time."""

from __future__ import annotations

import time
from collections.abc import Callable

ROUNDS = 3
FLOOR = 0.002
"""Seconds below which a cost is noise."""


def growth(work: Callable[[int], object], small: int, large: int) -> float:
    """Return how many times the processor time of `work(small)` `work(large)` takes.

    The best of a few rounds each, of this thread alone.
    """
    return _best(work, large) / max(_best(work, small), FLOOR)


def _best(work: Callable[[int], object], size: int) -> float:
    costs = []
    for _ in range(ROUNDS):
        started = time.thread_time()
        work(size)
        costs.append(time.thread_time() - started)
    return min(costs)
