"""What can be wrong with what Amazon gives, a closed set: counted and named, never quoted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from bot.amazon.operations import Operation


class Problem(StrEnum):
    """What is wrong, in a word."""

    NO_ORDER = "no_order"
    NO_ITEMS = "no_items"
    UNKNOWN_STATUS = "unknown_status"
    UNKNOWN_CHANNEL = "unknown_channel"
    BAD_TIME = "bad_time"
    BAD_AMOUNT = "bad_amount"
    BAD_QUANTITY = "bad_quantity"
    TOO_LONG = "too_long"
    SHARED_TRACKING = "shared_tracking"
    OF_ANOTHER = "of_another"
    BAD_ROW = "bad_row"
    SHORT_ROW = "short_row"
    NO_COLUMN = "no_column"
    ODD_COLUMN = "odd_column"
    CUT_OFF = "cut_off"
    CLOCK = "clock"
    NO_NOTIFICATION = "no_notification"
    OTHER_TYPE = "other_type"
    NO_SELLER = "no_seller"


_SAYS: Final[Mapping[Problem, str]] = {
    Problem.NO_ORDER: "no readable order where one should stand",
    Problem.NO_ITEMS: "an order without items",
    Problem.UNKNOWN_STATUS: "a status that Amazon's model does not name",
    Problem.UNKNOWN_CHANNEL: "it is not said who fulfils the order",
    Problem.BAD_TIME: "a time that is none",
    Problem.BAD_AMOUNT: "an amount that is none",
    Problem.BAD_QUANTITY: "a quantity that is none, or below zero",
    Problem.TOO_LONG: "a text longer than it may be",
    Problem.SHARED_TRACKING: "two packages with one tracking number",
    Problem.OF_ANOTHER: "it belongs to another merchant here",
    Problem.BAD_ROW: "a row without an order number or an RMA number",
    Problem.SHORT_ROW: "a row with more or fewer fields than there are columns",
    Problem.NO_COLUMN: "a report without a column that is needed",
    Problem.ODD_COLUMN: "a report with a column that is not documented",
    Problem.CUT_OFF: "a report that is cut off",
    Problem.CLOCK: "this machine's clock is more than five minutes off Amazon's",
    Problem.NO_NOTIFICATION: "a notification that is not of Amazon's form",
    Problem.OTHER_TYPE: "a notification of another type",
    Problem.NO_SELLER: "a notification of a seller that the settings do not name",
}


@dataclass(slots=True)
class Problems:
    """The problems of one turn, counted by operation."""

    counts: Counter[tuple[Operation, Problem]] = field(default_factory=Counter)

    def note(self, operation: Operation, problem: Problem, times: int = 1) -> None:
        """Count a problem."""
        self.counts[operation, problem] += times

    def lines(self) -> list[str]:
        """Return a line for each kind: the operation, how often, and what."""
        return [
            f"{operation}: {times} x {_SAYS[problem]}"
            for (operation, problem), times in sorted(self.counts.items())
        ]
