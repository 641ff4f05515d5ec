"""A file of shipments: good rows are taken or wait for their order, each bad one is named."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import bot.sandbox
from bot import log
from bot.cli import main
from bot.errors import ImportRefused
from bot.imports import BATCH, Imports, Taken
from bot.news import SHIPMENT_COLUMNS, BadRow, shipment_news
from storage.deliveries import DeliverySource
from storage.ids import OrderId
from storage.orders import Order, Package
from storage.shipments import Shipment
from storage.store import Store

SAMPLES: Final = Path(bot.sandbox.__file__).parent / "samples"
NOW: Final = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
PACIFIC: Final = timezone(timedelta(hours=-8))
SQLITE: Final = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what does not depend on the kind of database."""
ROW: Final[dict[str, object]] = {
    "tracking_id": "1Z999AA10123456784",
    "order_id": "113-5550142-5550142",
    "carrier": "UPS",
    "status": "DELIVERED",
    "shipped_at": "2026-11-14T15:30:00-08:00",
    "delivered_at": "2026-11-17T13:05:00-08:00",
    "source": "carrier",
}
ORDERS: Final = ("113-5550143-5550143", "113-5550144-5550144", "114-5550160-5550160",
                 "114-5550161-5550161")  # fmt: skip


def sample(name: str) -> str:
    """Return the content of a sample file."""
    return (SAMPLES / name).read_text(encoding="utf-8")


def take(store: Store, what: str, content: str) -> list[Taken]:
    """Import a file with this content as the command line does."""
    imports = Imports(store=store, clock=lambda: NOW, retention_days=30, redact_postal_code=False)
    return list(getattr(imports, what)(iter(io.StringIO(content))))


def bad(found: list[Taken]) -> list[tuple[int, str]]:
    """Return line and reason of each row that was not taken."""
    return [(each.line, each.problem) for each in found if each.problem]


def order(store: Store, order_id: str) -> Order:
    """Return an order that is there."""
    with store.read() as records:
        found = records.orders.get(OrderId(order_id), NOW, 30)
    assert found is not None
    return found


def as_json_lines(content: str) -> str:
    """Return a CSV file's rows as JSON lines, empty fields left out."""
    rows = csv.DictReader(io.StringIO(content))
    return "".join(json.dumps({k: v for k, v in row.items() if v}) + "\n" for row in rows)


def test_a_row_is_a_shipment() -> None:
    """The columns of a row become what is said of a package, and who says so."""
    assert shipment_news(ROW) == Shipment(
        tracking_id="1Z999AA10123456784",
        source=DeliverySource.CARRIER,
        order_id=OrderId("113-5550142-5550142"),
        carrier="UPS",
        status="DELIVERED",
        shipped_at=datetime(2026, 11, 14, 15, 30, tzinfo=PACIFIC),
        delivered_at=datetime(2026, 11, 17, 13, 5, tzinfo=PACIFIC),
    )


def test_all_but_the_tracking_id_may_be_left_out() -> None:
    """A row of a tracking id alone is taken; the file itself is then the source."""
    expected = Shipment(tracking_id="1Z1", source=DeliverySource.IMPORT)
    assert shipment_news({"tracking_id": "1Z1"}) == expected
    assert shipment_news({**dict.fromkeys(SHIPMENT_COLUMNS, " "), "tracking_id": "1Z1"}) == expected


@pytest.mark.parametrize("source", ["carrier", "jetpack", "import"])
def test_a_file_may_name_who_says_so(source: str) -> None:
    """Of the sources those that know of the package itself may be named."""
    assert shipment_news({**ROW, "source": source}).source == source


CODE: Final = "is not a code of up to 64 letters, digits and . _ / -"
TIME: Final = "is not an ISO 8601 time with its offset"
SOURCES: Final = "source is not one of import, carrier, jetpack"
BAD: Final = [
    ("tracking_id", "", "tracking_id is missing"),
    ("tracking_id", "Quackenbush & Sons", f"tracking_id {CODE}"),
    ("tracking_id", True, "tracking_id is not a text or a number"),
    ("order_id", "Quackenbush", "order_id is not 3-7-7 digits"),
    ("carrier", "x" * 101, "carrier is longer than 100 characters"),
    ("status", "Quack\x00", "status holds a character that is none"),
    ("shipped_at", "2026-11-14", f"shipped_at {TIME}"),
    ("delivered_at", "2026-11-17T13:05:00", f"delivered_at {TIME}"),
    ("source", "order", SOURCES),
    ("source", "amazon", SOURCES),
    ("source", "Quackenbush", SOURCES),
]


@pytest.mark.parametrize(("column", "value", "reason"), BAD)
def test_a_bad_value_is_refused_by_its_column(column: str, value: object, reason: str) -> None:
    """The reason names the column and what it should hold, never what it held."""
    with pytest.raises(BadRow) as refused:
        shipment_news({**ROW, column: value})
    assert str(refused.value) == reason


VALUES: Final = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(st.characters(), max_size=30),
    st.sampled_from(list(DeliverySource)), st.lists(st.integers(), max_size=2),
    st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat),
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(SHIPMENT_COLUMNS), VALUES))
def test_any_row_is_a_shipment_or_refused(changed: dict[str, object]) -> None:
    """Values of any type in any column make a shipment or a bad row, never a crash."""
    try:
        found = shipment_news({**ROW, **changed})
    except BadRow as error:
        assert str(error).split(" ")[0] in changed  # noqa: PT017
    else:
        assert found.source in ("import", "carrier", "jetpack")


def test_the_sample_comes_in_after_the_orders(store: Store) -> None:
    """Each row is taken, and what it tells shows in the order that it belongs to."""
    take(store, "orders", sample("orders.csv"))
    assert bad(take(store, "shipments", sample("shipments.csv"))) == []

    underway, sent, corrected, delivered = (order(store, each) for each in ORDERS)
    assert underway.packages[0].status == "OUT_FOR_DELIVERY"
    assert sent.packages == (
        Package(
            tracking_id="1Z999AA10123456819",
            carrier="UPS",
            status="IN_TRANSIT",
            shipped_at=datetime(2026, 11, 20, 16, 40, tzinfo=UTC),
        ),
    )
    assert corrected.delivered_at == datetime(2026, 11, 19, 0, 52, tzinfo=UTC)
    assert [each.delivery_source for each in delivered.packages] == ["import", "carrier"]
    assert delivered.delivered_at == datetime(2026, 11, 20, 16, 15, tzinfo=UTC)


def test_the_sample_comes_in_before_the_orders(store: Store) -> None:
    """In the other order each row is taken as well, and each order comes with its packages."""
    assert bad(take(store, "shipments", sample("shipments.csv"))) == []
    assert bad(take(store, "orders", sample("orders.csv"))) == []

    assert order(store, ORDERS[1]).packages[0].tracking_id == "1Z999AA10123456819"
    assert order(store, ORDERS[3]).delivered_at == datetime(2026, 11, 20, 16, 15, tzinfo=UTC)


def test_csv_and_json_lines_give_the_same(store: Store) -> None:
    """The same rows as JSON lines leave the orders as the CSV left them."""
    take(store, "orders", sample("orders.csv"))
    take(store, "shipments", sample("shipments.csv"))
    from_csv = [order(store, each) for each in ORDERS]

    assert bad(take(store, "shipments", as_json_lines(sample("shipments.csv")))) == []
    assert [order(store, each) for each in ORDERS] == from_csv


def test_the_columns_of_the_sample_are_those_of_the_import() -> None:
    """The sample shows every column that can be imported."""
    assert tuple(sample("shipments.csv").splitlines()[0].split(",")) == SHIPMENT_COLUMNS


MIXED: Final = (
    "tracking_id,order_id,status,delivered_at\n"
    "1Z1,113-5550142-5550142,DELIVERED,2026-11-17T13:05:00Z\n"
    ",113-5550142-5550142,DELIVERED,\n"
    "1Z2,Quackenbush,DELIVERED,\n"
    "1Z3,113-5550142-5550142\n"
    "1Z4,113-5550142-5550142,LOST,today\n"
    '"1Z"5,113-5550142-5550142,LOST,\n'
    "1Z6,113-5550142-5550142,IN_TRANSIT,\n"
)


def test_bad_rows_are_named_and_good_ones_are_taken(store: Store) -> None:
    """Each bad row has its line and a reason without its content; the others are kept."""
    take(store, "orders", "order_id,merchant\n113-5550142-5550142,birch\n")
    assert bad(take(store, "shipments", MIXED)) == [
        (3, "tracking_id is missing"),
        (4, "order_id is not 3-7-7 digits"),
        (5, "2 fields where the header has 4"),
        (6, f"delivered_at {TIME}"),
        (7, "the quoting is broken"),
    ]
    packages = order(store, "113-5550142-5550142").packages
    assert [(each.tracking_id, each.status) for each in packages] == [
        ("1Z1", "DELIVERED"),
        ("1Z6", "IN_TRANSIT"),
    ]


@pytest.mark.parametrize("content", ["", "tracking_id,first_name\n1Z1,Quack\n"])
@SQLITE
def test_a_file_of_another_kind_is_refused(content: str, store: Store) -> None:
    """An empty file, and one with a column that is none, such as a name, bring nothing in."""
    with pytest.raises(ImportRefused):
        take(store, "shipments", content)


@SQLITE
def test_a_file_of_several_batches_is_taken_whole(store: Store) -> None:
    """More rows than a transaction holds are all taken, bad ones named among them."""
    rows = [f"T{number},113-5550142-5550142\n" for number in range(BATCH + 3)]
    rows[BATCH + 1] = "T1,Quack\n"
    found = take(store, "shipments", "tracking_id,order_id\n" + "".join(rows))
    take(store, "orders", "order_id,merchant\n113-5550142-5550142,birch\n")

    assert bad(found) == [(BATCH + 3, "order_id is not 3-7-7 digits")]
    assert len(order(store, "113-5550142-5550142").packages) == BATCH + 2


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CliRunner]:
    """Runs the command line in a home of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CARE_HOME", str(tmp_path / "home"))
    for name in ("DATABASE_URL", "CARE_KEYRING", "LOG_LEVEL", "RETENTION_DAYS"):
        monkeypatch.delenv(name, raising=False)
    restore = log.preserved()
    yield CliRunner()
    restore()


def test_the_command_takes_the_sample(command: CliRunner) -> None:
    """`shipments import FILE` takes the sample, says so on standard error and exits 0."""
    done = command.invoke(main, ["shipments", "import", str(SAMPLES / "shipments.csv")])
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr.endswith("4 rows of shipments taken, 0 refused\n")


def test_the_command_names_a_bad_row_and_exits_1(command: CliRunner) -> None:
    """A bad row of standard input is named by line and reason, without its content."""
    given = "tracking_id,source\n1Z1,Quackenbush\n1Z2,jetpack\n"
    done = command.invoke(main, ["shipments", "import", "-"], input=given)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == f"line 2: {SOURCES}\n1 rows of shipments taken, 1 refused\n"


def test_the_command_shows_an_example(command: CliRunner) -> None:
    """The help shows how it is called."""
    text = command.invoke(main, ["shipments", "import", "--help"]).stdout
    assert "jetpack-care shipments import " in text.split("Example")[1]
