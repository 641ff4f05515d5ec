"""A seller's calls are counted in the database, by a bucket that all workers share."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.call_budgets import Budget, Plan
from storage.store import Store
from tests.storage.samples import ACME, BOLT

PLAN = Plan(rate=0.5, burst=3)
OPERATION = "getOrder"


def spend(store: Store, now: datetime, plan: Plan = PLAN, operation: str = OPERATION) -> float:
    """Ask for a call of Acme's. Returns the seconds to wait."""
    with store.begin() as tx:
        return tx.budgets.spend(ACME, operation, plan, now)


def test_a_burst_may_be_made_at_once_and_then_one_by_one(store: Store, now: datetime) -> None:
    """Three calls at once, then one each two seconds; a longer wait never gives more than three."""
    assert [spend(store, now) for _ in range(4)] == [0, 0, 0, pytest.approx(2.0)]
    assert spend(store, now + timedelta(seconds=1)) == pytest.approx(1.0)
    assert spend(store, now + timedelta(seconds=2)) == 0
    later = now + timedelta(days=1)
    assert [spend(store, later) for _ in range(4)] == [0, 0, 0, pytest.approx(2.0)]


def test_budgets_are_apart(store: Store, now: datetime) -> None:
    """What one seller spends on one operation costs no other seller and no other operation."""
    for _ in range(3):
        spend(store, now)
    assert spend(store, now) > 0
    assert spend(store, now, operation="getReport") == 0
    with store.begin() as tx:
        assert tx.budgets.spend(BOLT, OPERATION, PLAN, now) == 0


def test_amazons_header_sets_the_pace(store: Store, now: datetime) -> None:
    """A rate that a reply tells counts from then on, whatever the documented one is."""
    for _ in range(3):
        spend(store, now)
    with store.begin() as tx:
        tx.budgets.learn(ACME, OPERATION, PLAN, now, rate=2.0)
    assert spend(store, now) == pytest.approx(0.5)


def test_a_429_empties_the_bucket(store: Store, now: datetime) -> None:
    """When Amazon says that there is no call left, there is none here either."""
    with store.begin() as tx:
        tx.budgets.learn(ACME, OPERATION, PLAN, now, is_spent=True)
    assert spend(store, now) == pytest.approx(2.0)


def test_a_clock_that_goes_back_brings_no_calls(store: Store, now: datetime) -> None:
    """Nor does it take those away that there are."""
    spend(store, now)
    earlier = now - timedelta(hours=1)
    assert [spend(store, earlier) for _ in range(3)] == [0, 0, pytest.approx(2.0)]
    assert spend(store, now) > 0


def test_a_clock_that_was_far_ahead_is_not_waited_for(store: Store, now: datetime) -> None:
    """After a call that was counted years ahead calls come back as ever."""
    spend(store, now + timedelta(days=1_000))
    for _ in range(2):
        spend(store, now)
    assert spend(store, now) > 0
    assert spend(store, now + timedelta(seconds=4)) == 0


def test_many_workers_together_make_no_more_calls(store: Store, now: datetime) -> None:
    """Of twenty who ask at once, three may."""
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda _: spend(store, now), range(20)))
    assert waits.count(0) == 3


@given(
    waits=st.lists(st.floats(0, 20, allow_nan=False), min_size=1, max_size=60),
    rate=st.floats(0.001, 5),
    burst=st.integers(1, 30),
)
def test_no_window_has_more_calls_than_the_plan(
    waits: list[float], rate: float, burst: int
) -> None:
    """However calls are spread, from any moment on there are at most burst + rate x time."""
    at = datetime.fromisoformat("2026-11-20T12:00:00+00:00")
    budget = Budget(left=float(burst), rate=rate, at=at)
    made: list[datetime] = []
    for wait in waits:
        at += timedelta(seconds=wait)
        budget = budget.at_time(at, burst)
        if budget.wait() == 0:
            budget = Budget(left=budget.left - 1, rate=rate, at=budget.at)
            made.append(at)
    for first, begin in enumerate(made):
        for last, end in enumerate(made[first:], start=1):
            assert last <= burst + rate * (end - begin).total_seconds() + 1e-6
