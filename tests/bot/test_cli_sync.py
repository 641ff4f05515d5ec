"""`orders sync` reads Amazon by hand, names what goes wrong, exits 1 for a seller not read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot import app, log
from bot.cli import main
from bot.sandbox.amazon import SandboxAmazon
from bot.sandbox.amazon.documents import DocumentStyle
from bot.settings import from_environment
from storage.ids import OrderId

Sync = Callable[..., Result]


@pytest.fixture
def amazon() -> Iterator[SandboxAmazon]:
    """Two sellers, one of them with v0 alone, whose world stands still."""
    now = datetime.now(UTC)
    with SandboxAmazon(clock=lambda: now) as running:
        running.add_seller("birch-and-brook", orders=130, returns=20, seed=1)
        running.add_seller("cedar-kettle", orders=6, returns=1, seed=2, v0_only=True)
        running.reports.queue_seconds = running.reports.run_seconds = 0
        yield running


@pytest.fixture
def sync(amazon: SandboxAmazon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sync]:
    """Runs `orders sync` in a home of its own, pointed at the sandbox."""
    monkeypatch.chdir(tmp_path)
    told = {
        **amazon.environment(),
        "CARE_HOME": str(tmp_path / "home"),
        "SP_API_ORDERS_VERSION_CEDAR_KETTLE": "v0",
    }
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    restore = log.preserved()

    def run(*arguments: str) -> Result:
        done = CliRunner().invoke(main, ["orders", "sync", *arguments])
        restore()
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done

    yield run
    restore()


def kept() -> int:
    """Return how many orders are kept."""
    with app.records(from_environment()) as records, records.store.read() as tx:
        rows = tx.session.connection().exec_driver_sql("SELECT count(*) FROM orders")
        return int(rows.scalar_one())


def test_everything_is_read_and_counted(sync: Sync, amazon: SandboxAmazon) -> None:
    """Both sellers are read whole; what was taken is told, and so is the end of v0."""
    done = sync()
    assert done.exit_code == 0
    assert done.stdout == ""
    assert "birch-and-brook orders: 130 taken" in done.stderr
    assert "cedar-kettle: the Orders API v0 ends on 2027-03-27" in done.stderr
    assert kept() == sum(len(each.orders()) for each in amazon.sellers.values())
    number = amazon.sellers["cedar-kettle"].order_ids()[0]
    with app.records(from_environment()) as records, records.store.read() as tx:
        order = records.lookup.order(tx, OrderId(number))
    assert order is not None
    assert order.items


def test_again_there_is_nothing_to_do(sync: Sync, amazon: SandboxAmazon) -> None:
    """Right after it was read a seller is left alone, and asked for nothing."""
    sync("--merchant", "birch-and-brook")
    before = len(amazon.calls)
    again = sync("--merchant", "birch-and-brook")
    assert again.exit_code == 0
    assert "birch-and-brook orders: 0 taken" in again.stderr
    assert len(amazon.calls) == before


def test_one_merchant_alone(sync: Sync) -> None:
    """Of the merchants that are named, and of no other, is anything read or said."""
    done = sync("--merchant", "birch-and-brook")
    assert done.exit_code == 0
    assert "cedar" not in done.stderr
    assert kept() == 130


def test_a_merchant_without_authorization_is_named(sync: Sync) -> None:
    """A merchant that no setting authorizes is a clear error, and nothing is read."""
    done = sync("--merchant", "acme")
    assert done.exit_code == 1
    assert "SP_API_REFRESH_TOKEN_... for merchant acme" in done.stderr


def test_without_sellers_the_setting_is_named(
    sync: Sync, monkeypatch: pytest.MonkeyPatch, amazon: SandboxAmazon
) -> None:
    """Where no seller is set, the line says what to set."""
    for name in amazon.environment():
        monkeypatch.delenv(name)
    done = sync()
    assert done.exit_code == 1
    assert "SP_API_REFRESH_TOKEN_<MERCHANT>" in done.stderr


def test_a_seller_who_withdrew_fails_alone(sync: Sync, amazon: SandboxAmazon) -> None:
    """Its line says what to do, the exit code is 1, the other seller is read."""
    amazon.sellers["cedar-kettle"].revoke()
    done = sync()
    assert done.exit_code == 1
    said = "cedar-kettle orders: getOrders.v0: The seller's authorization was revoked"
    assert said in done.stderr
    assert "birch-and-brook orders: 130 taken" in done.stderr
    again = sync()
    assert again.exit_code == 1
    assert "cedar-kettle orders: paused" in again.stderr


def test_what_is_odd_is_named_by_seller_and_operation(sync: Sync, amazon: SandboxAmazon) -> None:
    """A bad row of a report is counted in a line that quotes nothing; the rest is taken."""
    amazon.documents.next = DocumentStyle(bad_rows=("Wilhelmina Quackenbush\tx",))
    done = sync("--merchant", "birch-and-brook")
    assert done.exit_code == 0
    assert "birch-and-brook returns: reportDownload: 1 x a row with more or fewer" in done.stderr
    assert "Quackenbush" not in done.stderr


def test_passing_faults_are_waited_for(sync: Sync, amazon: SandboxAmazon) -> None:
    """A page of HTML with 429 and an empty 503 are errors, tried again, and nothing is lost."""
    amazon.faults.add("searchOrders", status=503, body="", times=1)
    done = sync("--merchant", "birch-and-brook")
    assert done.exit_code == 0
    assert "birch-and-brook orders: searchOrders: Amazon asks to wait" in done.stderr
    assert kept() == 130
