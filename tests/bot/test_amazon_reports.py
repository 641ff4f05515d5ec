"""The returns report: in every encoding, with every column, cut off, and very large."""

from __future__ import annotations

import codecs
import gzip
import json
import subprocess
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.amazon import returns_feed
from bot.amazon.documents import LINE_BYTES, CutOff, _unpacked, decoded
from bot.amazon.problems import Problem
from bot.amazon.returns_table import COLUMNS, NEEDED, returns
from bot.errors import AmazonBusy, AmazonError, AmazonNotFound, AmazonUnreadable
from bot.sandbox.amazon.documents import DocumentStyle
from storage.feeds import FeedKind
from storage.ids import MerchantId, OrderId, ReturnId
from storage.returns import Return
from storage.store import Store
from tests.selling import BIRCH, CEDAR, START, Selling, birch, rows, selling, sqlite_store

MADE = datetime(2026, 11, 20, tzinfo=UTC)
ROW = {
    "Order ID": "111-5550123-5550199",
    "Return request date": "05-Oct-2026",
    "Return request status": "Approved",
    "Amazon RMA ID": "Dw1x2y3zRRMA",
    "Currency code": "USD",
    "Return carrier": "UPS",
    "Tracking ID": "1ZE5550199",
    "ASIN": "B0TESTAAA1",
    "Merchant SKU": "MUG+BLUE (2)",
    "Item Name": "Otter mug, blue",
    "Return quantity": "2",
    "Return Reason": "CR-DEFECTIVE",
    "Return delivery date": "09-Oct-2026",
    "Refunded Amount": "25.00",
}


@pytest.fixture
def shop(store: Store) -> Iterator[Selling]:
    """A seller to whom a dozen orders come back."""
    with selling(store, orders=60, returns=12) as opened:
        opened.amazon.reports.queue_seconds = 0
        opened.amazon.reports.run_seconds = 5
        yield opened


@pytest.fixture
def quick_shop(sqlite_template: Path, tmp_path: Path) -> Iterator[Selling]:
    """The same on SQLite alone, for long tables of cases."""
    with (
        sqlite_store(sqlite_template, tmp_path) as store,
        selling(store, orders=60, returns=12) as opened,
    ):
        opened.amazon.reports.queue_seconds = 0
        opened.amazon.reports.run_seconds = 5
        yield opened


def table(
    *changes: dict[str, str], columns: list[str] | None = None
) -> tuple[list[Return], Counter[Problem]]:
    """Return what a report of rows, each changed as given, is read as, and what was noted."""
    names = sorted(COLUMNS) if columns is None else columns
    noted: Counter[Problem] = Counter()

    def note(problem: Problem) -> None:
        noted[problem] += 1

    lines = ["\t".join(names)]
    lines += ["\t".join({**ROW, **each}.get(name, "") for name in names) for each in changes]
    return list(returns(lines, MerchantId("birch-and-brook"), MADE, note)), noted


def read(shop: Selling, style: DocumentStyle | None = None) -> list[str]:
    """Read the returns to the end and return what was said of them, each line once."""
    shop.amazon.documents.next = style or DocumentStyle()
    turns = shop.read(FeedKind.RETURNS)
    return sorted({line for turn in turns for line in turn.problems})


def expected(shop: Selling) -> set[tuple[str, str]]:
    """Return RMA ids and SKUs of all returns that the sandbox has."""
    return {(row.rma, row.item.sku) for row in birch(shop).returns()}


def found(store: Store) -> set[tuple[str, str]]:
    """Return RMA ids and SKUs of all returns that are kept."""
    return {(row["return_id"], row["sku"]) for row in rows(store, "returns")}


# The table


def test_a_row_is_read_whole() -> None:
    """What the model names and we need becomes a return; a name of an article is not read."""
    (row,), noted = table({})

    assert noted == Counter()
    assert row == Return(
        return_id=ReturnId("Dw1x2y3zRRMA"),
        order_id=OrderId("111-5550123-5550199"),
        merchant_id=MerchantId("birch-and-brook"),
        status="Approved",
        reason="CR-DEFECTIVE",
        carrier="UPS",
        tracking_id="1ZE5550199",
        requested_at=datetime(2026, 10, 5, tzinfo=UTC),
        received_at=datetime(2026, 10, 9, tzinfo=UTC),
        sku="MUG+BLUE (2)",
        quantity=2,
        refund_amount=Decimal("25.00"),
        currency="USD",
        told_at=MADE,
    )


ODD: dict[str, tuple[dict[str, str], Counter[Problem], str, object]] = {
    "no order number": ({"Order ID": ""}, Counter({Problem.BAD_ROW: 1}), "", None),
    "order number of words": ({"Order ID": "mine"}, Counter({Problem.BAD_ROW: 1}), "", None),
    "no RMA": ({"Amazon RMA ID": " "}, Counter({Problem.BAD_ROW: 1}), "", None),
    "RMA of words": ({"Amazon RMA ID": "<b>"}, Counter({Problem.BAD_ROW: 1}), "", None),
    "quantity below zero": (
        {"Return quantity": "-1"},
        Counter({Problem.BAD_QUANTITY: 1}),
        "quantity",
        None,
    ),
    "quantity in words": (
        {"Return quantity": "two"},
        Counter({Problem.BAD_QUANTITY: 1}),
        "quantity",
        None,
    ),
    "absurd quantity": (
        {"Return quantity": "9" * 30},
        Counter({Problem.BAD_QUANTITY: 1}),
        "quantity",
        None,
    ),
    "NaN": ({"Refunded Amount": "NaN"}, Counter({Problem.BAD_AMOUNT: 1}), "refund_amount", None),
    "below zero": (
        {"Refunded Amount": "-1"},
        Counter({Problem.BAD_AMOUNT: 1}),
        "refund_amount",
        None,
    ),
    "long amount": ({"Refunded Amount": "1e-60"}, Counter(), "refund_amount", Decimal(0)),
    "thousands": ({"Refunded Amount": "1,234.50"}, Counter(), "refund_amount", Decimal("1234.5")),
    "decimal comma": ({"Refunded Amount": "12,99"}, Counter(), "refund_amount", Decimal("12.99")),
    "both": ({"Refunded Amount": "1.234,56"}, Counter(), "refund_amount", Decimal("1234.56")),
    "no day": (
        {"Return request date": "31-Feb-2026"},
        Counter({Problem.BAD_TIME: 1}),
        "requested_at",
        None,
    ),
    "no month": (
        {"Return request date": "01-Okt-2026"},
        Counter({Problem.BAD_TIME: 1}),
        "requested_at",
        None,
    ),
    "no year": (
        {"Return request date": "01-Oct-0000"},
        Counter({Problem.BAD_TIME: 1}),
        "requested_at",
        None,
    ),
    "ISO 8601": (
        {"Return request date": "2026-10-05T02:00:00+02:00"},
        Counter(),
        "requested_at",
        datetime(2026, 10, 5, tzinfo=UTC),
    ),
    "end of time": (
        {"Return request date": "9999-12-31T23:59:59-10:00"},
        Counter({Problem.BAD_TIME: 1}),
        "requested_at",
        None,
    ),
    "reason in words": ({"Return Reason": "It never fitted my wife"}, Counter(), "reason", None),
    "status in words": ({"Return request status": "<i>"}, Counter(), "status", None),
    "no SKU": ({"Merchant SKU": ""}, Counter(), "sku", "B0TESTAAA1"),
    "endless SKU": ({"Merchant SKU": "x" * 101}, Counter(), "sku", "B0TESTAAA1"),
}


@pytest.mark.parametrize(("change", "problems", "name", "value"), ODD.values(), ids=ODD)
def test_a_row_that_is_odd(
    change: dict[str, str], problems: Counter[Problem], name: str, value: object
) -> None:
    """A row without its numbers is left out, a field that is none likewise; the rest is read."""
    good = {"Amazon RMA ID": "Dgood0001RRMA"}

    read, noted = table(change, good)

    assert noted == problems
    assert len(read) == (2 if name else 1)
    assert read[-1].return_id == "Dgood0001RRMA"
    if name:
        assert getattr(read[0], name) == value


@pytest.mark.parametrize("change", [lambda row: row[:-1], lambda row: [*row, "more"]])
def test_a_row_of_another_length_is_left_out(change: Any) -> None:
    """A row with more or fewer fields than there are columns could mean anything."""
    names = sorted(NEEDED)
    values = [ROW[name] for name in names]
    noted: list[Problem] = []
    lines = ["\t".join(names), "\t".join(change(values)), "\t".join(values), "", "\t\t"]

    read = list(returns(lines, MerchantId("birch-and-brook"), MADE, noted.append))

    assert len(read) == 1
    assert noted == [Problem.SHORT_ROW]


@pytest.mark.parametrize("missing", sorted(NEEDED))
def test_a_column_that_is_needed(missing: str) -> None:
    """Without one of three columns a report is unreadable, and is said to lack one."""
    noted: list[Problem] = []
    lines = ["\t".join(sorted(COLUMNS - {missing}))]

    with pytest.raises(AmazonUnreadable):
        list(returns(lines, MerchantId("birch-and-brook"), MADE, noted.append))
    assert noted == [Problem.NO_COLUMN]


@given(lines=st.lists(st.text(st.characters()) | st.sampled_from(["\t".join(COLUMNS)]), max_size=5))
def test_any_lines_are_a_report_or_unreadable(lines: list[str]) -> None:
    """No lines, however wrong, raise anything else than that they are unreadable."""
    try:
        list(returns(lines, MerchantId("birch-and-brook"), MADE, lambda _problem: None))
    except AmazonUnreadable as error:
        assert len(str(error)) < 120  # noqa: PT017 - either outcome is right


_CELLS = st.text(st.characters(blacklist_characters="\t\n\r")) | st.sampled_from(
    [*ROW.values(), "1e999", "١٢", "9999-12-31", "0001-01-01T00:00:00+23:59", "1" * 5000]
)


@given(cells=st.dictionaries(st.sampled_from(sorted(COLUMNS)), _CELLS))
def test_any_cells_are_a_return_or_left_out(cells: dict[str, str]) -> None:
    """No row, whatever stands in its cells, raises an error or keeps another from being read."""
    read, _ = table(cells, {"Amazon RMA ID": "Dgood0001RRMA"})

    assert read[-1].return_id == "Dgood0001RRMA"
    for row in read:
        assert row.refund_amount is None or len(f"{row.refund_amount:f}") <= 40


# The bytes

PLAIN = "Order ID\tItem Name\r\n111\tGrünes Glas\r\n222\tÎle\n333\tZoë"
ENCODED: dict[str, tuple[bytes, str | None]] = {
    "utf-8": (PLAIN.encode(), None),
    "utf-8, said": (PLAIN.encode(), "utf-8"),
    "utf-8 with a mark": (PLAIN.encode("utf-8-sig"), None),
    "utf-8 with a mark, called Latin-1": (PLAIN.encode("utf-8-sig"), "ISO-8859-1"),
    "utf-16 little": (codecs.BOM_UTF16_LE + PLAIN.encode("utf-16-le"), None),
    "utf-16 without a mark": (PLAIN.encode("utf-16-le"), "utf-16"),
    "utf-16 without a mark, big": (PLAIN.encode("utf-16-be"), "UTF-16"),
    "utf-16 big": (codecs.BOM_UTF16_BE + PLAIN.encode("utf-16-be"), None),
    "latin-1": (PLAIN.encode("latin-1"), None),
    "latin-1, said": (PLAIN.encode("latin-1"), "ISO-8859-1"),
    "utf-8, called Latin-1": (PLAIN.encode(), "ISO-8859-1"),
    "cp1252": (PLAIN.encode("cp1252"), None),
    "cp1252, said": (PLAIN.encode("cp1252"), "windows-1252"),
    "no encoding of that name": (PLAIN.encode(), "klingon"),
    "no encoding, but a codec": (PLAIN.encode(), "zlib"),
    "a codec that takes no errors": (PLAIN.encode(), "idna"),
    "a name that is none": (PLAIN.encode(), "\0"),
}


@pytest.mark.parametrize("size", [1, 7, 10_000])
@pytest.mark.parametrize(("content", "charset"), ENCODED.values(), ids=ENCODED)
def test_a_document_is_decoded(content: bytes, charset: str | None, size: int) -> None:
    """Whatever its encoding, and wherever the pieces part, a document is the same lines."""
    pieces = [content[at : at + size] for at in range(0, len(content), size)]

    assert list(decoded(pieces, charset)) == [line.removesuffix("\r") for line in PLAIN.split("\n")]


def test_shift_jis_is_read_where_it_is_said() -> None:
    """A Japanese document is read by the charset that its sender names."""
    content = "注文\t商品名\r\n１\tマグカップ①".encode("cp932")

    assert list(decoded([content], "cp932")) == ["注文\t商品名", "１\tマグカップ①"]
    assert len(list(decoded([content], None))) == 2


def test_one_bad_line_spoils_no_other() -> None:
    """A line that is no UTF-8 is Windows-1252, and the lines beside it stay UTF-8."""
    content = b"Z\xc3\xbcrich\nZ\xfcrich\n\x81\nZ\xc3\xbcrich"

    assert list(decoded([content])) == ["Zürich", "Zürich", "�", "Zürich"]


def test_a_line_without_end_is_no_report() -> None:
    """A line of more than a megabyte is refused before it is held whole."""
    taken = 0

    def pieces() -> Iterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield b"x" * 65_536

    with pytest.raises(AmazonUnreadable):
        list(decoded(pieces()))
    assert taken * 65_536 < 2 * LINE_BYTES


@given(
    pieces=st.lists(st.binary(max_size=40), max_size=6),
    charset=st.none() | st.sampled_from(["utf-16", "shift_jis", "gbk", "hex", "x"]) | st.text(),
)
def test_any_bytes_are_decoded(pieces: list[bytes], charset: str | None) -> None:
    """No bytes, whatever they are called, raise an error."""
    assert all(isinstance(line, str) for line in decoded(pieces, charset))


@given(
    content=st.binary(max_size=3_000),
    size=st.integers(1, 500),
    cut=st.integers(0, 3_000),
    times=st.integers(1, 3),
)
def test_gzip_is_unpacked_or_cut_off(content: bytes, size: int, cut: int, times: int) -> None:
    """A gzip of one or several members is what was packed; one that is cut says so at its end."""
    packed = gzip.compress(content, 1) * times
    short = packed[: len(packed) - cut]
    unpacked = b""
    error: AmazonError | None = None

    try:
        for piece in _unpacked(short[at : at + size] for at in range(0, len(short), size)):
            unpacked += piece
    except AmazonError as raised:
        error = raised

    assert (content * times).startswith(unpacked)
    is_whole = len(short) % len(gzip.compress(content, 1)) == 0 and short != b""
    assert isinstance(error, CutOff) is not is_whole


def test_what_unpacks_to_very_much_comes_in_pieces() -> None:
    """A small gzip of a great many zeros is never held whole."""
    packed = gzip.compress(b"\0" * 20_000_000)

    sizes = [len(piece) for piece in _unpacked([packed])]

    assert sum(sizes) == 20_000_000
    assert max(sizes) <= 65_536


@pytest.mark.parametrize(
    "content",
    [b"no gzip at all", gzip.compress(b"x")[:-8] + b"12345678"],
    ids=["no gzip", "wrong checksum"],
)
def test_what_is_no_gzip_is_unreadable(content: bytes) -> None:
    """Bytes that are no gzip, or whose checksum does not fit, are unreadable."""
    with pytest.raises(AmazonUnreadable):
        list(_unpacked([content]))


# The feed

STYLES: dict[str, tuple[DocumentStyle, list[str]]] = {
    "utf-8": (DocumentStyle(), []),
    "unpacked": (DocumentStyle(gzip=False), []),
    "utf-8 with a mark": (DocumentStyle(encoding="utf-8-sig"), []),
    "utf-16": (DocumentStyle(encoding="utf-16"), []),
    "latin-1": (DocumentStyle(encoding="latin-1"), []),
    "cp1252, said": (DocumentStyle(encoding="cp1252", charset_in_header=True), []),
    "cp932, said": (DocumentStyle(encoding="cp932", charset_in_header=True), []),
    "reordered": (DocumentStyle(reordered=True), []),
    "one column more": (
        DocumentStyle(extra={"Buyer mood": "fine"}),
        ["reportDownload: {} x a report with a column that is not documented"],
    ),
    "one of the others missing": (DocumentStyle(drop={"Return carrier", "Order date"}), []),
    "renamed": (
        DocumentStyle(rename={"Tracking ID": "Tracking Id"}),
        ["reportDownload: {} x a report with a column that is not documented"],
    ),
    "bad rows": (
        DocumentStyle(bad_rows=["no fields at all", "\t".join(["x"] * len(COLUMNS))]),
        [
            "reportDownload: {} x a row with more or fewer fields than there are columns",
            "reportDownload: {} x a row without an order number or an RMA number",
        ],
    ),
}


@pytest.mark.parametrize(("style", "problems"), STYLES.values(), ids=STYLES)
def test_every_return_is_read(
    quick_shop: Selling, style: DocumentStyle, problems: list[str]
) -> None:
    """However the report looks every row is kept once, and what is odd is said by operation."""
    said = read(quick_shop, style)

    assert found(quick_shop.store) == expected(quick_shop)
    assert len(found(quick_shop.store)) > 8
    assert said == [line.format(1) for line in problems]


@pytest.mark.parametrize("style", [{"drop": {"Amazon RMA ID"}}, {"rename": {"Order ID": "Order"}}])
def test_a_report_without_a_needed_column(quick_shop: Selling, style: dict[str, Any]) -> None:
    """It is unreadable, said so by operation, asked for again, and read once it has the column."""
    quick_shop.amazon.documents.next = DocumentStyle(**style)
    while not (turn := quick_shop.turn(FeedKind.RETURNS)).error:
        pass

    assert isinstance(turn.error, AmazonUnreadable)
    assert turn.problems == ("reportDownload: 1 x a report without a column that is needed",)
    assert turn.feed.problem == "unreadable"
    assert found(quick_shop.store) == set()
    read(quick_shop)
    assert found(quick_shop.store) == expected(quick_shop)


def test_a_cut_report_is_taken_and_asked_for_again(shop: Selling, store: Store) -> None:
    """The rows before the cut are kept, it is told to be cut off, and later nothing is missing."""
    shop.amazon.documents.next = DocumentStyle(truncated=True, repeat=150)
    turns = [shop.turn(FeedKind.RETURNS)]
    while not turns[-1].error:
        turns.append(shop.turn(FeedKind.RETURNS))

    assert isinstance(turns[-1].error, CutOff)
    assert turns[-1].problems == ("reportDownload: 1 x a report that is cut off",)
    before = found(store)
    assert before
    assert len(before) % returns_feed.BATCH  # the last rows before the cut were no whole batch
    assert turns[-1].feed.read_until == turns[-2].feed.read_until

    shop.amazon.documents.next = DocumentStyle(repeat=150)
    shop.read(FeedKind.RETURNS)
    assert before < found(store)
    assert expected(shop) <= found(store)
    assert shop.calls("createReport") > 3  # three windows, and one of them twice


@pytest.mark.parametrize(
    "fault",
    [
        {"operation": "createReport", "status": 500},
        {"operation": "createReport", "status": 200, "body": '{"reportId": 5}'},
        {"operation": "getReport", "status": 200, "body": '{"processingStatus": "DREAMING"}'},
        {"operation": "getReport", "status": 200, "body": '{"processingStatus": ["DONE"]}'},
        {"operation": "getReport", "status": 404},
        {"operation": "getReportDocument", "status": 200, "body": "{}"},
        {"operation": "getReportDocument", "status": 200, "body": '{"url": 5}'},
        {"operation": "getReportDocument", "status": 200, "body": '{"url": "gopher://x"}'},
        {"operation": "getReportDocument", "status": 200, "body": '{"url": "http://[::1"}'},
        {
            "operation": "getReportDocument",
            "status": 200,
            "body": '{"url": "http://127.0.0.1:9/\\ud800"}',
        },
        {"operation": "downloadDocument", "status": 403},
        {"operation": "downloadDocument", "status": 503},
        {"operation": "downloadDocument", "drop": True},
        {"operation": "downloadDocument", "status": 200, "body": ""},
        {"operation": "downloadDocument", "status": 200, "body": "<html>We are sorry</html>"},
    ],
    ids=str,
)
def test_a_report_that_fails_is_had_in_the_end(quick_shop: Selling, fault: dict[str, Any]) -> None:
    """Whatever fails on the way to a report is tried again soon, and no return is lost."""
    quick_shop.amazon.faults.add(**fault, times=4)

    turns = quick_shop.read(FeedKind.RETURNS)

    errors = [turn.error for turn in turns if turn.error]
    assert errors
    assert all(isinstance(e, AmazonBusy | AmazonUnreadable | AmazonNotFound) for e in errors)
    assert quick_shop.clock.now - START < timedelta(minutes=40)
    assert found(quick_shop.store) == expected(quick_shop)


def test_a_report_that_is_fatal_is_asked_for_again(quick_shop: Selling) -> None:
    """Reports that Amazon cannot make are asked for anew, a little later each time."""
    quick_shop.amazon.reports.fail_next = 3

    turns = quick_shop.read(FeedKind.RETURNS)

    failed = [turn for turn in turns if turn.error]
    assert [turn.feed.failures for turn in failed] == [1, 2, 3]
    assert found(quick_shop.store) == expected(quick_shop)


def test_a_report_that_never_comes_is_asked_for_again(quick_shop: Selling) -> None:
    """After twelve hours in the queue a report is given up for another one."""
    quick_shop.amazon.reports.queue_seconds = 10**9
    quick_shop.run(FeedKind.RETURNS, minutes=2)
    assert quick_shop.calls("createReport") == 1
    quick_shop.clock.wait(hours=12)
    quick_shop.amazon.reports.queue_seconds = 10

    turns = quick_shop.read(FeedKind.RETURNS)

    assert isinstance(turns[0].error, returns_feed.ReportFailed)
    assert found(quick_shop.store) == expected(quick_shop)


def test_no_returns_are_no_error(store: Store) -> None:
    """A report that Amazon cancels since there is nothing to report ends its window."""
    with selling(store, orders=5) as shop:
        turns = shop.read(FeedKind.RETURNS)

    assert not any(turn.error for turn in turns)
    assert turns[-1].feed.read_until == START


def test_returns_of_the_last_weeks_are_read_again_and_again(quick_shop: Selling) -> None:
    """Every six hours the last sixty days are read, so that a return is as it stands at Amazon."""
    shop, store = quick_shop, quick_shop.store
    read(shop)
    shop.run(FeedKind.RETURNS, days=3)

    held = {
        (row["return_id"], row["sku"]): (row["status"], row["received_at"], row["refund_amount"])
        for row in rows(store, "returns")
    }
    for row in birch(shop).returns(at=int((shop.clock.now - timedelta(hours=7)).timestamp())):
        status, received_at, refund = held[row.rma, row.item.sku]
        if row.status == "Closed":
            assert status == "Closed"
            assert (received_at is not None, refund) == (True, row.refunded)
    assert shop.calls("createReport") == 3 + 4 * 3 - 1


@pytest.mark.parametrize("made", ["9999-12-31T23:59:59-05:00", "2099-01-01T00:00:00Z"])
def test_a_report_of_a_time_to_come_counts_as_of_now(quick_shop: Selling, made: object) -> None:
    """News of a time that has not come yet do not keep later ones from counting."""
    shop, store = quick_shop, quick_shop.store
    read(shop)
    row = replace(birch(shop).returns()[0], rma="Dput00001RRMA", status="Pending")
    birch(shop).put_return(row)
    shop.clock.wait(hours=7)
    shop.turn(FeedKind.RETURNS)
    document = shop.amazon.documents.add(BIRCH, birch(shop).returns()).id
    body = {"processingStatus": "DONE", "reportDocumentId": document, "createdTime": made}
    shop.amazon.faults.add("getReport", body=json.dumps(body))
    shop.turn(FeedKind.RETURNS)
    assert _status(store, row.rma) == "Pending"
    birch(shop).put_return(replace(row, status="Denied"))

    shop.run(FeedKind.RETURNS, hours=7)

    assert _status(store, row.rma) == "Denied"


def _status(store: Store, rma: str) -> object:
    (status,) = {row["status"] for row in rows(store, "returns") if row["return_id"] == rma}
    return status


def test_a_return_that_is_anothers_here_is_noted(shop: Selling, store: Store) -> None:
    """A return that is kept for another merchant stays that merchant's, and the others come."""
    row = birch(shop).returns()[0]
    mine = Return(
        return_id=ReturnId(row.rma),
        order_id=OrderId("111-5550123-5550199"),
        merchant_id=CEDAR,
        sku="X",
    )
    with store.begin() as records:
        records.returns.upsert(mine, now=START)

    said = read(shop)

    assert "reportDownload: 1 x it belongs to another merchant here" in said
    assert {r["merchant_id"] for r in rows(store, "returns") if r["return_id"] == row.rma} == {
        CEDAR
    }
    assert len(found(store)) > 8


LARGE = """
    import gzip, resource, threading
    from datetime import UTC, datetime
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    import httpx

    from bot.amazon.documents import lines
    from bot.amazon.returns_table import COLUMNS, returns
    from tests.bot.test_amazon_reports import ROW

    names = sorted(COLUMNS)
    row = "\\t".join({**ROW, "Item Name": "mug " * 2000}.get(name, "") for name in names)
    some = f"{row}\\r\\n".encode() * 250
    sizes = {"/plain": 300, "/packed": 60}
    times = {path: size * 2**20 // len(some) for path, size in sizes.items()}

    class Store(BaseHTTPRequestHandler):
        def do_GET(self):
            header = "\\t".join(names).encode() + b"\\r\\n"
            packed = self.path == "/packed"
            piece = gzip.compress(some, 1) if packed else some
            self.send_response(200)
            self.end_headers()
            self.wfile.write(gzip.compress(header) if packed else header)
            for _ in range(times[self.path]):
                self.wfile.write(piece)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Store)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with httpx.Client(trust_env=False) as client:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for path in sizes:
            url = f"http://127.0.0.1:{server.server_port}{path}"
            read = lines(client, url, is_gzip=path == "/packed")
            count = sum(1 for _ in returns(read, "birch-and-brook", datetime.now(UTC), print))
            assert count == times[path] * 250 > 6_000, (path, count)
    print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


def test_a_report_of_300_megabytes_takes_little_memory() -> None:
    """A report of 300 MB, packed or not, is read row by row within 10 MB of memory."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(LARGE)],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )

    assert float(done.stdout) < 10
