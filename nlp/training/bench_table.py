"""The rows of the table that `make bench` prints."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

HEAD: Final = "| figure | measured | target | met? |\n|---|---|---|---|"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One row of the table.

    Attributes:
        unit: `x` for a ratio, `s`, `MB`.
        at_most: The target, where the figure is to stay below one.
        at_least: The target, where the figure is to reach one.
        note: What to know about it.
    """

    name: str
    value: float
    unit: str = "x"
    at_most: float | None = None
    at_least: float | None = None
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        if self.at_most is not None:
            return self.value <= self.at_most
        return self.value >= self.at_least if self.at_least is not None else None

    def line(self) -> str:
        """Return the row in Markdown."""
        target = "–"
        if self.at_most is not None:
            target = f"≤ {self.at_most:g} {self.unit}"
        elif self.at_least is not None:
            target = f"≥ {self.at_least:g} {self.unit}"
        met = {True: "yes", False: "**no**", None: "–"}[self.met]
        note = f" ({self.note})" if self.note else ""
        measured = f"{self.value:.3g}" if self.value < 100 else f"{self.value:.0f}"
        return f"| {self.name} | {measured} {self.unit}{note} | {target} | {met} |"


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that this share (0 to 1) of the values does not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
