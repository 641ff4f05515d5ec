"""The epoch keys rotate by the clock and by hand, and nothing shows a key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from dbos import DBOS

from bot import app, engine, log
from bot.cli import main
from bot.engine import Engine, Work
from bot.jobs import prepare
from bot.records import Records
from bot.settings import from_environment
from nlp.text import RawText
from storage.errors import KeyringUnwritable
from storage.ids import MerchantId, OrderId
from storage.keyring import FileKeyring
from storage.orders import OrderNews
from storage.store import Store

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
DAY = timedelta(days=1)
ORDER = OrderId("113-5550142-5550142")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A `CARE_HOME`."""
    return tmp_path / "home"


@pytest.fixture
def records(home: Path) -> Iterator[Records]:
    """The records, with an order in them and a clock that stands still."""
    settings = from_environment({"CARE_HOME": str(home)})
    with app.records(settings, clock=lambda: NOW) as opened:
        with opened.store.begin() as kept:
            news = OrderNews(
                order_id=ORDER, merchant_id=MerchantId("birch"), first_name=RawText("Odalys")
            )
            kept.orders.upsert(news, now=NOW, retention_days=30)
        yield opened


def first_name(records: Records) -> object:
    """Return what opens of the order."""
    with records.store.read() as kept:
        order = kept.orders.get(ORDER, NOW, 30)
    assert order is not None
    return order.pii["first_name"]


def test_the_epoch_turns_once_a_day(records: Records) -> None:
    """Looked at each hour it turns after a day; after a day that was missed, at the next look."""
    turned = []
    for hour in [*range(1, 49), 100, 101]:
        epoch = records.upkeep.rotate(NOW + timedelta(hours=hour))
        if epoch:
            records.upkeep.retire(epoch)
            turned.append(hour)

    assert turned == [24, 48, 100]
    assert records.store.rotation.state().epoch == 4
    assert first_name(records) == RawText("Odalys")


def test_a_rotation_that_stopped_is_taken_up_at_the_next_look(records: Records) -> None:
    """The epoch is young, and its predecessor goes all the same."""
    records.store.rotation.advance(NOW)

    epoch = records.upkeep.rotate(NOW + timedelta(hours=1))
    assert epoch == 2
    records.upkeep.retire(epoch)

    assert records.upkeep.rotate(NOW + timedelta(hours=2)) == 0
    assert records.store.rotation.state().older == 0


@pytest.fixture
def care(records: Records, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """Nothing but the environment of the command line."""
    monkeypatch.chdir(home)
    monkeypatch.setenv("CARE_HOME", str(home))
    for name in ("DATABASE_URL", "CARE_KEYRING", "LOG_LEVEL"):
        monkeypatch.delenv(name, raising=False)
    restore = log.preserved()
    yield None
    restore()


def run(*arguments: str) -> Result:
    """Run the command line."""
    return CliRunner().invoke(main, arguments, prog_name="jetpack-care")


@pytest.mark.usefixtures("care")
def test_keys_are_shown_without_a_key(home: Path) -> None:
    """The command tells epoch, age and counts, as JSON and for people."""
    [key] = json.loads((home / "keyring.json").read_text())["epochs"].values()
    as_json, plain = run("keys", "show", "--json"), run("keys", "show")

    shown = json.loads(as_json.stdout)
    assert shown.pop("age_seconds") is not None
    assert shown == {
        "epoch": 1,
        "made_at": NOW.isoformat(),
        "older_epochs": 0,
        "keys": 2,
        "waiting": 0,
        "lost": 0,
    }
    assert "epoch: 1" in plain.stdout
    assert key["key"] not in as_json.output + plain.output


@pytest.mark.usefixtures("care")
def test_a_rotation_by_hand_waits_and_destroys(records: Records, home: Path) -> None:
    """The command turns the epoch however young it is; this process goes on opening what lives."""
    before = (home / "keyring.json").read_text()
    done = run("keys", "rotate", "--grace", "0.1", "--json")

    assert done.exit_code == 0, done.stderr
    shown = json.loads(done.stdout)
    assert (shown["epoch"], shown["older_epochs"], shown["keys"]) == (2, 0, 2)
    assert "Waiting 0.1 s" in done.stderr
    assert first_name(records) == RawText("Odalys")
    key = json.loads(before)["epochs"]["1"]["key"]
    assert not any(key in each.read_text() for each in home.glob("*keyring*"))
    with records.store.read() as kept:
        assert {entry.by for entry in kept.audit.about("keyring")} == {"cli"}


@pytest.mark.usefixtures("care")
def test_a_keyring_that_cannot_be_written_is_one_line(home: Path) -> None:
    """Exit 1 and one line; the keyring stays as it is."""
    (home / "keyring.json.lock").mkdir()

    done = run("keys", "rotate", "--grace", "0")

    assert done.exit_code == 1
    assert done.stderr.splitlines()[-1] == f"jetpack-care: {KeyringUnwritable()}"
    assert FileKeyring.open(home / "keyring.json").current == 1


def _nothing(_: object) -> list[int]:
    return []


def test_the_worker_rotates_by_its_schedule(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The scheduled work turns the epoch, waits, and destroys the one before; failures are told."""
    done: list[object] = []
    fails = [KeyringUnwritable()]

    def rotate(at: datetime) -> int:
        done.append("rotate")
        if fails:
            raise fails.pop()
        return 2

    monkeypatch.setattr(engine, "GRACE_SECONDS", 0.3)
    restore, written = log.preserved(), StringIO()
    log.configure("INFO", written)
    prepare(store.database.url)
    work = Work(
        answer=_nothing,
        apologise=_nothing,
        send=lambda _: None,
        give_up=lambda _: None,
        erase=lambda _: None,
        hourly=lambda _: None,
        rotate=rotate,
        retire=done.append,
        scan=lambda _: [],
        leave=lambda _: None,
        clear=lambda _: [],
        not_cleared=lambda _: [],
        renew=lambda _: 0,
        service=lambda _: None,
        anchor=lambda _: None,
        read=lambda _feed, _turn: None,
        feeds=lambda _: None,
        notices=None,
    )
    working = Engine(store.database.engine, work, worker="worker-1")
    try:
        DBOS.trigger_schedule("rotation").get_result()
    finally:
        working.close()
        restore()

    assert done == ["rotate", "rotate", 2]
    assert "event=job_failed error=KeyringUnwritable" in written.getvalue()
