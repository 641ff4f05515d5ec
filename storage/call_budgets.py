"""How many calls of an operation a seller may make: Amazon's token bucket, counted by us.

Amazon counts calls for each pair of seller and application ("Usage Plans and Rate Limits in the
SP-API"). The bucket stands in the database, so that all workers together stay within it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, final

from sqlalchemy.orm import Session

from storage.database import insert_new
from storage.ids import MerchantId
from storage.retention import utc
from storage.tables import CallBudgetRow

SHORTEST_WAIT: Final = 0.1
"""Seconds that a wait takes at least."""
FAR_AHEAD: Final = timedelta(hours=1)
"""How far ahead of ours no honest clock of another worker is."""
_ONE: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A usage plan.

    Attributes:
        rate: Calls a second that come back.
        burst: Calls that there are at most.
    """

    rate: float
    burst: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What is left of a plan at a moment."""

    left: float
    rate: float
    at: datetime

    def at_time(self, now: datetime, burst: int) -> Budget:
        """Return what is left at another moment; a clock that went back brings nothing.

        Clocks of several workers differ a little, so that the later one counts. One that was far
        ahead was wrong, and is not waited for.
        """
        passed = max(0.0, (now - self.at).total_seconds())
        at = now if self.at - now > FAR_AHEAD else max(now, self.at)
        return replace(self, left=min(float(burst), self.left + passed * self.rate), at=at)

    def wait(self) -> float:
        """Return the seconds until a call may be made, 0 for now."""
        if self.left >= _ONE:
            return 0.0
        # No shorter than a clock tells apart: whoever waits for less waits for nothing, for ever.
        return max((_ONE - self.left) / self.rate, SHORTEST_WAIT)


@final
class CallBudgets:
    """The call budgets of one database, within one transaction, which should do nothing else."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def spend(self, merchant: MerchantId, operation: str, plan: Plan, now: datetime) -> float:
        """Take a call. Returns 0 where it may be made, else the seconds to wait, and takes none.

        Raises ValueError for a naive time.
        """
        row = self._row(merchant, operation, plan, now)
        budget = _budget(row).at_time(utc(now), plan.burst)
        wait = budget.wait()
        row.left, row.at = budget.left - (0.0 if wait else _ONE), budget.at
        self._session.flush()
        return wait

    def learn(
        self,
        merchant: MerchantId,
        operation: str,
        plan: Plan,
        now: datetime,
        *,
        rate: float | None = None,
        is_spent: bool = False,
    ) -> None:
        """Note what a reply told: the rate in its header, or that there was no call left."""
        row = self._row(merchant, operation, plan, now)
        budget = _budget(row).at_time(utc(now), plan.burst)
        row.left, row.at = 0.0 if is_spent else budget.left, budget.at
        row.rate = rate or row.rate
        self._session.flush()

    def _row(
        self, merchant: MerchantId, operation: str, plan: Plan, now: datetime
    ) -> CallBudgetRow:
        key = {"merchant_id": merchant, "operation": operation}
        full = {**key, "left": float(plan.burst), "rate": plan.rate, "at": utc(now)}
        insert_new(self._session, CallBudgetRow, full)
        return self._session.get_one(
            CallBudgetRow, key, with_for_update=True, populate_existing=True
        )


def _budget(row: CallBudgetRow) -> Budget:
    return Budget(left=row.left, rate=row.rate, at=row.at)
