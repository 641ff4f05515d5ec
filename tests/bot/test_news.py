"""A row of an import becomes news of an order or a return, or is refused by column and reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.news import ORDER_COLUMNS, PII_COLUMNS, RETURN_COLUMNS, BadRow, order_news, return_news
from nlp.text import RawText
from storage.ids import MerchantId, OrderId
from storage.orders import Item, Package
from storage.redaction import NON_PII

ORDER: Final[dict[str, object]] = {
    "order_id": "113-5550142-5550142",
    "merchant": "birch-and-brook",
    "status": "Shipped",
    "shipped_at": "2026-11-14T15:30:00-08:00",
    "delivered_at": "2026-11-17T13:05:00-08:00",
    "carrier": "UPS",
    "tracking_id": "1Z999AA10123456784",
    "package_status": "DELIVERED",
    "sku": "BB-CANDLE-3",
    "quantity": "1",
    "price": "28.50",
    "amount": "28.50",
    "zip": "97214-2231",
    "first_name": "Odalys",
}
RETURN: Final[dict[str, object]] = {
    "return_id": "RMA-55501",
    "order_id": "113-5550142-5550142",
    "merchant": "birch-and-brook",
    "reason": "DAMAGED_BY_CARRIER",
    "requested_at": "2026-11-18T09:00:00-08:00",
    "quantity": "1",
    "refund_amount": "28.50",
}
PACIFIC: Final = timezone(timedelta(hours=-8))


def nobody(order: OrderId) -> MerchantId | None:
    """Know no order."""
    return None


def test_a_row_is_an_order_with_its_package_and_item() -> None:
    """The columns of a row become the order, one package and one item."""
    news = order_news(ORDER)
    assert (news.order_id, news.merchant_id) == ("113-5550142-5550142", "birch-and-brook")
    assert (news.status, news.amount, news.zip) == ("Shipped", Decimal("28.50"), "97214-2231")
    assert news.packages == (
        Package(
            tracking_id="1Z999AA10123456784",
            carrier="UPS",
            status="DELIVERED",
            shipped_at=datetime(2026, 11, 14, 15, 30, tzinfo=PACIFIC),
            delivered_at=datetime(2026, 11, 17, 13, 5, tzinfo=PACIFIC),
            delivery_source="import",
        ),
    )
    assert news.items == (Item(sku="BB-CANDLE-3", quantity=1, price=Decimal("28.50")),)
    assert news.delivered_at is None


def test_without_a_package_the_delivery_is_the_orders() -> None:
    """A row without a tracking id tells of the order as a whole."""
    news = order_news({**ORDER, "tracking_id": ""})
    assert news.packages == ()
    assert news.delivered_at == datetime(2026, 11, 17, 21, 5, tzinfo=UTC)


@pytest.mark.parametrize("column", PII_COLUMNS)
def test_what_is_pii_is_raw_at_once(column: str) -> None:
    """Each PII column becomes text that does not print."""
    value = getattr(order_news({**ORDER, column: "Quackenbush"}), column)
    assert value == RawText("Quackenbush")


def test_no_pii_column_is_kept_open() -> None:
    """No PII column of the import stands among those that the records keep for ever."""
    assert set(PII_COLUMNS) & NON_PII == set()


def test_every_pii_column_can_be_imported() -> None:
    """The import's columns cover all the PII that an order can hold."""
    assert set(PII_COLUMNS) <= set(ORDER_COLUMNS)


@pytest.mark.parametrize("column", sorted(set(ORDER_COLUMNS) - {"order_id", "merchant"}))
def test_an_empty_field_says_nothing(column: str) -> None:
    """An empty field, and one of spaces, is the same as none."""
    without = {name: value for name, value in ORDER.items() if name != column}
    for empty in ("", "  ", None):
        assert order_news({**ORDER, column: empty}) == order_news(without)


def test_json_numbers_read_like_their_text() -> None:
    """A number of a JSON line and the same as text give the same news."""
    numbers = {**ORDER, "quantity": 1, "price": 28.5, "amount": 28.5}
    texts = {**ORDER, "quantity": "1", "price": "28.5", "amount": "28.5"}
    assert order_news(numbers) == order_news(texts)


TIME: Final = "is not an ISO 8601 time with its offset"
MONEY: Final = "is not an amount such as 12.50"
BAD: Final = [
    ("order_id", "", "order_id is not 3-7-7 digits"),
    ("order_id", "113-5550142", "order_id is not 3-7-7 digits"),
    ("order_id", "Quackenbush", "order_id is not 3-7-7 digits"),
    ("order_id", ["113-5550142-5550142"], "order_id is not a text or a number"),
    ("merchant", "", "merchant is not up to 40 lower-case letters, digits and -"),
    ("merchant", "Quackenbush & Sons", "merchant is not up to 40 lower-case letters, digits and -"),
    ("delivered_at", "yesterday", f"delivered_at {TIME}"),
    ("delivered_at", "2026-11-17T13:05:00", f"delivered_at {TIME}"),
    ("delivered_at", "2026-11-17", f"delivered_at {TIME}"),
    ("delivered_at", "2026-02-30T00:00:00Z", f"delivered_at {TIME}"),
    ("delivered_at", "0001-01-01T00:00:00+14:00", f"delivered_at {TIME}"),
    ("delivered_at", "9999-12-31T23:59:59-10:00", f"delivered_at {TIME}"),
    ("delivered_at", 1795401886, f"delivered_at {TIME}"),
    ("cancelled_at", True, "cancelled_at is not a text or a number"),
    ("amount", "28,50", f"amount {MONEY}"),
    ("amount", "-1", f"amount {MONEY}"),
    ("amount", "NaN", f"amount {MONEY}"),
    ("amount", float("inf"), f"amount {MONEY}"),
    ("amount", "1e10", f"amount {MONEY}"),
    ("amount", "$28.50", f"amount {MONEY}"),
    ("quantity", "1.5", "quantity is not a whole number"),
    ("quantity", "-1", "quantity is not a whole number"),
    ("quantity", "9999999999", "quantity is not a whole number"),
    ("zip", "Quackenbush\nLane", "zip is not a code of up to 64 letters, digits and . _ / -"),
    ("tracking_id", "x" * 65, "tracking_id is not a code of up to 64 letters, digits and . _ / -"),
    ("status", "x" * 101, "status is longer than 100 characters"),
    ("title", "x" * 501, "title is longer than 500 characters"),
    ("notes", "x" * 2_001, "notes is longer than 2000 characters"),
    ("first_name", {"text": "Quackenbush"}, "first_name is not a text or a number"),
    ("first_name", "Quack\x00enbush", "first_name holds a character that is none"),
    ("city", "Quack\ud800enbush", "city holds a character that is none"),
]


@pytest.mark.parametrize(("column", "value", "reason"), BAD)
def test_a_bad_value_is_refused_by_its_column(column: str, value: object, reason: str) -> None:
    """The reason names the column and what it should hold, never what it held."""
    with pytest.raises(BadRow) as refused:
        order_news({**ORDER, column: value})
    assert str(refused.value) == reason


def test_a_return_is_read() -> None:
    """The columns of a row become a return."""
    found = return_news(RETURN, nobody)
    assert (found.return_id, found.order_id) == ("RMA-55501", "113-5550142-5550142")
    assert (found.merchant_id, found.reason) == ("birch-and-brook", "DAMAGED_BY_CARRIER")
    assert (found.quantity, found.refund_amount) == (1, Decimal("28.50"))


def test_the_merchant_of_a_return_is_that_of_its_order() -> None:
    """Where a row does not say whose it is, the order does."""
    found = return_news({**RETURN, "merchant": ""}, lambda order: MerchantId(f"of-{order[:3]}"))
    assert found.merchant_id == "of-113"


BAD_RETURNS: Final = [
    ("merchant", "", "merchant is missing and the order is not known"),
    ("return_id", "", "return_id is missing"),
    ("return_id", "RMA 1; Quackenbush", "return_id is not a code of up to 64 letters, digits and "
     ". _ / -"),
    ("reason", "Wilhelmina says: it broke!", "reason is not a code of up to 64 letters, digits "
     "and . _ / -"),
    ("order_id", "1", "order_id is not 3-7-7 digits"),
    ("refund_amount", "much", f"refund_amount {MONEY}"),
    ("requested_at", "today", f"requested_at {TIME}"),
]  # fmt: skip


@pytest.mark.parametrize(("column", "value", "reason"), BAD_RETURNS)
def test_a_bad_return_is_refused_by_its_column(column: str, value: object, reason: str) -> None:
    """A return is refused like an order; a buyer's own words are no reason code."""
    with pytest.raises(BadRow) as refused:
        return_news({**RETURN, column: value}, nobody)
    assert str(refused.value) == reason


def _column_of(read: Callable[[], object]) -> str:
    """Return the column that a bad row is refused for, empty where it is a good one."""
    try:
        read()
    except BadRow as error:
        return str(error).split(" ")[0]
    return ""


VALUES: Final = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(st.characters(), max_size=30),
    st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat),
    st.decimals(allow_nan=True).map(str), st.lists(st.integers(), max_size=2),
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(ORDER_COLUMNS), VALUES))
def test_any_row_is_an_order_or_refused(changed: dict[str, object]) -> None:
    """Values of any type in any column make an order or a bad row, never a crash."""
    assert _column_of(lambda: order_news({**ORDER, **changed})) in {"", *ORDER_COLUMNS}


@given(st.dictionaries(st.sampled_from(RETURN_COLUMNS), VALUES))
def test_any_row_is_a_return_or_refused(changed: dict[str, object]) -> None:
    """So for returns."""
    assert _column_of(lambda: return_news({**RETURN, **changed}, nobody)) in {"", *RETURN_COLUMNS}
