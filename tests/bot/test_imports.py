"""Files of orders and returns: good rows are kept, each bad one is named, nobody's are mixed."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

import bot.sandbox
from bot.errors import ImportRefused
from bot.imports import BATCH, Imports, Taken
from bot.news import ORDER_COLUMNS
from nlp.text import RawText
from storage.ids import MerchantId, OrderId
from storage.orders import Order
from storage.redaction_batch import Terms
from storage.store import Store

SAMPLES: Final = Path(bot.sandbox.__file__).parent / "samples"
NOW: Final = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
DAYS: Final = 30
FIRST: Final = OrderId("113-5550142-5550142")
SQLITE: Final = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what does not depend on the kind of database."""
HEADER: Final = "order_id,merchant,status,city,first_name\n"


def imports(store: Store, now: datetime = NOW) -> Imports:
    """Return the imports of a store, at a moment."""
    return Imports(store=store, clock=lambda: now, retention_days=DAYS, redact_postal_code=False)


def take(found: Callable[[Iterator[str]], Iterator[Taken]], text: str | bytes) -> list[Taken]:
    """Import a file with this content as the command line does."""
    content = text.encode() if isinstance(text, str) else text
    return list(found(line.decode("utf-8") for line in io.BytesIO(content)))


def order(store: Store, order_id: str = FIRST, now: datetime = NOW) -> Order | None:
    """Return an order as it is shown at a moment."""
    with store.read() as records:
        return records.orders.get(OrderId(order_id), now, DAYS)


def kept(store: Store, order_id: str = FIRST, now: datetime = NOW) -> Order:
    """Return an order that is there."""
    found = order(store, order_id, now)
    assert found is not None
    return found


def bad(found: list[Taken]) -> list[tuple[int, str]]:
    """Return line and reason of each row that was not taken."""
    return [(each.line, each.problem) for each in found if each.problem]


def sample(name: str) -> bytes:
    """Return the content of a sample file."""
    return (SAMPLES / name).read_bytes()


def as_json_lines(content: bytes) -> str:
    """Return a CSV file's rows as JSON lines, empty fields left out."""
    rows = csv.DictReader(io.StringIO(content.decode()))
    kept_fields = ({k: v for k, v in row.items() if v} for row in rows)
    return "".join(json.dumps(row) + "\n" for row in kept_fields)


def everything(store: Store) -> list[object]:
    """Return all that a sample file brings in: every order and every return."""
    ids = sorted({row["order_id"] for row in csv.DictReader(io.StringIO(_orders()))})
    with store.read() as records:
        return [
            *(records.orders.get(OrderId(each), NOW, DAYS) for each in ids),
            *(records.returns.for_order(OrderId(each)) for each in ids),
        ]


def _orders() -> str:
    return sample("orders.csv").decode()


def test_the_samples_import_cleanly(store: Store) -> None:
    """Each row of the sample files is taken, and the orders are not due yet at their moment."""
    assert bad(take(imports(store).orders, sample("orders.csv"))) == []
    assert bad(take(imports(store).returns, sample("returns.csv"))) == []
    found = kept(store)
    assert found.pii["first_name"] == RawText("Odalys")
    assert found.redacted is False
    assert (found.city, found.state, found.zip) == ("Portland", "OR", "97214-2231")
    assert [each.tracking_id for each in found.packages] == ["1Z999AA10123456784"]


def test_several_rows_of_an_order_are_its_packages(store: Store) -> None:
    """A second row of an order adds its package and keeps what the first one said."""
    take(imports(store).orders, sample("orders.csv"))
    found = kept(store, "114-5550161-5550161")
    assert len(found.packages) == 2
    assert isinstance(found.pii["first_name"], RawText)


def test_csv_and_json_lines_give_the_same(store: Store, tmp_path: Path) -> None:
    """The same rows as JSON lines make the same orders and returns."""
    take(imports(store).orders, sample("orders.csv"))
    take(imports(store).returns, sample("returns.csv"))
    from_csv = everything(store)
    other = Store.open(f"sqlite:///{tmp_path}/other.db", tmp_path / "other.json")
    try:
        other.migrate()
        assert bad(take(imports(other).orders, as_json_lines(sample("orders.csv")))) == []
        assert bad(take(imports(other).returns, as_json_lines(sample("returns.csv")))) == []
        assert everything(other) == from_csv
    finally:
        other.close()
    assert None not in from_csv


def test_importing_again_changes_nothing(store: Store) -> None:
    """An import can be repeated: the second time it leaves everything as it was."""
    for _ in range(2):
        assert bad(take(imports(store).orders, sample("orders.csv"))) == []
        assert bad(take(imports(store).returns, sample("returns.csv"))) == []
        found = everything(store)
    assert found == everything(store)
    assert sum(len(each) for each in found if isinstance(each, tuple)) == 2


MIXED: Final = (
    HEADER
    + "113-5550142-5550142,birch,Shipped,Portland,Odalys\n"
    + "Quackenbush,birch,Shipped,Salem,Quackenbush\n"
    + '113-5550143-5550143,birch,Shipped,"New\nYork",Thaddeus\n'
    + "113-5550144-5550144,Quackenbush & Sons,Shipped,Duluth,x\n"
    + "113-5550145-5550145,birch\n"
    + '"Quack"enbush,birch,Shipped,Duluth,x\n'
    + "113-5550147-5550147,birch,Shipped,Qua\x00ck,x\n"
    + "113-5550146-5550146,birch,Shipped,Duluth,x\n"
)


def test_bad_rows_are_named_and_good_ones_are_taken(store: Store) -> None:
    """Each bad row is named by its line and a reason without content; the others are kept."""
    found = take(imports(store).orders, MIXED)
    assert bad(found) == [
        (3, "order_id is not 3-7-7 digits"),
        (6, "merchant is not up to 40 lower-case letters, digits and -"),
        (7, "2 fields where the header has 5"),
        (8, "the quoting is broken"),
        (9, "city holds a character that is none"),
    ]
    assert [each.line for each in found if not each.problem] == [2, 5, 10]
    assert kept(store, "113-5550143-5550143").city == "New\nYork"
    assert order(store, "113-5550144-5550144") is None
    assert order(store, "113-5550147-5550147") is None


JSON_MIXED: Final = (
    '{"order_id": "113-5550142-5550142", "merchant": "birch", "city": "Portland"}\n'
    '{"order_id": "113-5550143-5550143", "merchant": "birch", "city": "\\ud800 Quack"}\n'
    '{"order_id": "113-5550144-5550144", "merchant": "birch", "city": "\\u0000 Quack"}\n'
    '{"order_id": "113-5550145-5550145", "merchant": "birch", "city": ["Quack"]}\n'
    '{"order_id": "113-5550146-5550146", "merchant": "birch", "quack": 1}\n'
    "Quack\n"
    '{"order_id": "113-5550147-5550147", "merchant": "birch", "zip": 97214}\n'
)


@SQLITE
def test_bad_json_lines_are_named_and_good_ones_are_taken(store: Store) -> None:
    """Lone surrogates, null bytes, wrong types, unknown names: each its own line and reason."""
    found = take(imports(store).orders, JSON_MIXED)
    assert bad(found) == [
        (2, "city holds a character that is none"),
        (3, "city holds a character that is none"),
        (4, "city is not a text or a number"),
        (5, "a field has an unknown name"),
        (6, "not valid JSON"),
    ]
    assert kept(store, "113-5550147-5550147").zip == "97214"


REFUSED: Final[dict[str, str | bytes]] = {
    "an empty file": "",
    "an unknown column": "order_id,Quack\n113-5550142-5550142,x\n",
    "a column twice": "order_id,merchant,order_id\n",
    "Latin-1": (HEADER + "113-5550142-5550142,birch,Shipped,Québec,x\n").encode("latin-1"),
}


@pytest.mark.parametrize("name", REFUSED)
@SQLITE
def test_a_file_of_another_kind_brings_nothing_in(name: str, store: Store) -> None:
    """A file that cannot be read is refused and changes nothing."""
    with pytest.raises(ImportRefused):
        take(imports(store).orders, REFUSED[name])
    assert order(store) is None


@pytest.mark.parametrize(
    "content",
    [
        MIXED.replace("\n", "\r\n"),
        "\ufeff" + MIXED,
        "\n".join(MIXED.split("\n")),
    ],
)
@SQLITE
def test_line_ends_and_marks_make_no_difference(content: str, store: Store) -> None:
    """CRLF and a byte order mark change neither what is taken nor what is named."""
    found = take(imports(store).orders, content)
    assert [line for line, _ in bad(found)] == [3, 6, 7, 8, 9]
    assert kept(store).city == "Portland"


def test_another_merchants_order_is_refused(store: Store) -> None:
    """A row that claims an order of another merchant is refused, and the order stays as it was."""
    take(imports(store).orders, HEADER + "113-5550142-5550142,birch,Shipped,Portland,Odalys\n")
    found = take(imports(store).orders, HEADER + "113-5550142-5550142,cedar,Lost,Salem,Quack\n")
    assert bad(found) == [(2, "it belongs to another merchant")]
    assert (kept(store).status, kept(store).merchant_id) == ("Shipped", "birch")
    assert kept(store).pii["first_name"] == RawText("Odalys")


def test_a_return_of_another_merchants_order_is_refused(store: Store) -> None:
    """So is a return that claims an order of another merchant."""
    take(imports(store).orders, HEADER + "113-5550142-5550142,birch,Shipped,Portland,Odalys\n")
    found = take(
        imports(store).returns,
        "return_id,order_id,merchant\nRMA-1,113-5550142-5550142,cedar\n",
    )
    assert bad(found) == [(2, "it belongs to another merchant")]
    with store.read() as records:
        assert records.returns.for_merchant(MerchantId("cedar"), FIRST) == ()


def test_a_return_learns_its_merchant_from_the_order(store: Store) -> None:
    """A return that does not say whose it is belongs to the merchant of its order, if known."""
    take(imports(store).orders, HEADER + "113-5550142-5550142,birch,Shipped,Portland,Odalys\n")
    found = take(
        imports(store).returns,
        "return_id,order_id\nRMA-1,113-5550142-5550142\nRMA-2,113-5550143-5550143\n",
    )
    assert bad(found) == [(3, "merchant is missing and the order is not known")]
    with store.read() as records:
        (kept_return,) = records.returns.for_merchant(MerchantId("birch"), FIRST)
    assert kept_return.return_id == "RMA-1"


def test_a_redacted_order_takes_no_pii_from_a_later_import(store: Store) -> None:
    """After its time an import changes the status and brings no name back."""
    take(imports(store).orders, sample("orders.csv"))
    later = NOW + timedelta(days=40)
    with store.begin() as records:
        records.orders.redact_batch(Terms(now=later, days=DAYS), limit=10)
    changed = sample("orders.csv").replace(b",Shipped,", b",Closed,")
    assert bad(take(imports(store, later).orders, changed)) == []
    found = kept(store, now=later)
    assert found.status == "Closed"
    assert set(found.pii.values()) == {"Redacted"}


def test_an_old_order_comes_in_redacted(store: Store) -> None:
    """An order whose time is up when it is first imported is kept without its PII."""
    take(imports(store, NOW + timedelta(days=40)).orders, sample("orders.csv"))
    assert set(kept(store, now=NOW + timedelta(days=40)).pii.values()) == {"Redacted"}
    assert set(kept(store).pii.values()) == {"Redacted"}


@SQLITE
def test_a_file_of_several_batches_is_taken_whole(store: Store) -> None:
    """More rows than a transaction holds are all taken, bad ones named among them."""
    count = BATCH + 3
    rows = [f"111-{number:07}-0000000,birch,Shipped,Salem,x\n" for number in range(count)]
    rows[BATCH + 1] = "Quack,birch,Shipped,Salem,x\n"
    found = take(imports(store).orders, HEADER + "".join(rows))
    assert len(found) == count
    assert bad(found) == [(BATCH + 3, "order_id is not 3-7-7 digits")]
    with store.read() as records:
        assert records.orders.get(OrderId(f"111-{count - 1:07}-0000000"), NOW, DAYS) is not None


@pytest.mark.parametrize("amount", ["1e-400", "0E+100000", "12.345678", "9999999999.99"])
def test_odd_amounts_spoil_their_own_row_at_most(amount: str, store: Store) -> None:
    """An amount that the database may refuse does not take the rows around it with it."""
    content = (
        "order_id,merchant,amount\n"
        "113-5550142-5550142,birch,1.00\n"
        f"113-5550143-5550143,birch,{amount}\n"
        "113-5550144-5550144,birch,2.00\n"
    )
    found = take(imports(store).orders, content)
    assert {line for line, _ in bad(found)} <= {3}
    assert order(store) is not None
    assert order(store, "113-5550144-5550144") is not None


@pytest.mark.parametrize("moment", ["1996-01-01T00:00:00+14:00", "2099-12-31T23:59:59-12:00"])
def test_the_earliest_and_the_latest_time_can_be_kept(moment: str, store: Store) -> None:
    """The ends of the range of times that are taken make no trouble."""
    content = f"order_id,merchant,promised_at\n113-5550142-5550142,birch,{moment}\n"
    assert bad(take(imports(store).orders, content)) == []
    assert kept(store).promised_at == datetime.fromisoformat(moment)


def test_the_columns_of_the_sample_are_those_of_the_import() -> None:
    """The sample of orders shows every column that can be imported."""
    assert tuple(_orders().splitlines()[0].split(",")) == ORDER_COLUMNS
