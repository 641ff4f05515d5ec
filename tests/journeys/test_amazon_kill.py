"""kill -9 while orders are read: what comes out is what an undisturbed run gives, row by row."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from bot import app
from bot.sandbox.amazon import SandboxAmazon
from bot.settings import from_environment
from storage.ids import OrderId
from storage.orders import Order
from storage.returns import Return
from storage.store import Store
from storage.tables import OrderRow, ReturnRow
from tests.house_rules import ROOT

KILLS = 6
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def amazon() -> Iterator[SandboxAmazon]:
    """A seller with thirty pages of orders, whose world stands still."""
    now = datetime.now(UTC)
    with SandboxAmazon(clock=lambda: now) as running:
        running.add_seller("birch-and-brook", orders=3_000, returns=300, seed=5)
        running.limits.set("searchOrders", rate=900, burst=900)
        running.reports.queue_seconds = running.reports.run_seconds = 0
        yield running


@pytest.fixture(scope="module")
def calm(
    amazon: SandboxAmazon, tmp_path_factory: pytest.TempPathFactory
) -> tuple[list[Order], list[Return]]:
    """What a run that nobody disturbs gives."""
    home = tmp_path_factory.mktemp("calm")
    settings = environment(amazon, home, f"sqlite:///{home}/care.db")
    assert begin(settings).wait(120) == 0
    return kept(settings)


def environment(amazon: SandboxAmazon, home: Path, url: str) -> dict[str, str]:
    """Return the settings of a process that reads the seller, with its buyers."""
    return {
        **{name: value for name, value in os.environ.items() if "proxy" not in name.lower()},
        **amazon.environment(),
        "CARE_HOME": str(home),
        "DATABASE_URL": url,
        "SP_API_PII": "true",
    }


def begin(settings: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start reading in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "bot", "orders", "sync"],
        cwd=ROOT,
        env=dict(settings),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def kept(settings: Mapping[str, str]) -> tuple[list[Order], list[Return]]:
    """Return every order, its PII opened, and every return; without the times of our own clock."""
    told = from_environment(settings)
    store = Store.open(told.database_url, told.keyring)
    try:
        with store.read() as records:
            ids = records.session.scalars(select(OrderRow.order_id).order_by(OrderRow.order_id))
            found = [records.orders.get(OrderId(each), datetime.now(UTC), 30) for each in ids.all()]
            of_orders = records.session.scalars(select(ReturnRow.order_id).distinct())
            returns = [
                each
                for order_id in sorted(of_orders)
                for each in records.returns.for_order(order_id)
            ]
    finally:
        store.close()
    orders = [replace(order, known_at=BEGIN) for order in found if order is not None]
    return orders, [replace(each, known_at=None) for each in returns]


@pytest.mark.timeout(300)
def test_a_killed_run_ends_like_one_that_ran_through(
    amazon: SandboxAmazon,
    calm: tuple[list[Order], list[Return]],
    bare_database_url: str,
    tmp_path: Path,
) -> None:
    """Killed again and again at any point, then run to its end: the same rows, none twice."""
    settings = environment(amazon, tmp_path, bare_database_url)
    app.migrate(from_environment(settings))
    chance = random.Random(7)
    pages = len(amazon.calls_of("searchOrders"))
    for number in range(KILLS):
        process = begin(settings)
        until = pages + 1 + chance.randrange(4)
        while len(amazon.calls_of("searchOrders")) < until and process.poll() is None:
            time.sleep(0.002)
        time.sleep(chance.random() * 0.15)
        process.send_signal(signal.SIGKILL)
        assert process.wait(30) == -signal.SIGKILL, f"run {number} was over before it was killed"
        pages = len(amazon.calls_of("searchOrders"))
    assert begin(settings).wait(120) == 0

    orders, returns = calm
    assert len(orders) == 3_000 == len(amazon.sellers["birch-and-brook"].orders())
    assert len(returns) > 100
    assert kept(settings) == calm
