"""Keeping what Amazon tells: the terms of retention that go with every order that is taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.amazon.operations import Operation
from bot.amazon.problems import Problem, Problems
from storage.orders import OrderNews
from storage.returns import Return
from storage.store import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """Takes news into the records.

    Attributes:
        retention_days: Days after delivery until PII is redacted.
        redact_postal_code: Whether the zip goes, too.
    """

    clock: Callable[[], datetime]
    retention_days: int
    redact_postal_code: bool

    def orders(
        self,
        records: Transaction,
        news: Sequence[OrderNews],
        operation: Operation,
        problems: Problems,
    ) -> None:
        """Take news of orders. Those that are kept for another merchant are noted."""
        refused = records.orders.upsert_all(
            news,
            now=self.clock(),
            retention_days=self.retention_days,
            postal_code=self.redact_postal_code,
        )
        if refused:
            problems.note(operation, Problem.OF_ANOTHER, len(refused))

    def returns(self, records: Transaction, news: Sequence[Return], problems: Problems) -> None:
        """Take news of returns. Those that are kept for another merchant are noted."""
        refused = records.returns.upsert_all(news, now=self.clock())
        if refused:
            problems.note(Operation.DOWNLOAD, Problem.OF_ANOTHER, len(refused))
