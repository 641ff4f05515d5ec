"""The MFN returns report, row by row: GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE.

Columns by "Returns Reports" of the Selling Partner API; they may come in any order. A row is what
comes back of one SKU under one RMA. It holds no name and no address; what we do not need is not
read. The reason is Amazon's code, and what is none is left out: it might be a buyer's own words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from bot.amazon.problems import Problem
from bot.amazon.reading import is_amount, rounded
from bot.errors import AmazonUnreadable
from storage.errors import MalformedId
from storage.ids import MerchantId, ReturnId, order_id
from storage.returns import Return

REPORT: Final = "GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE"
NEEDED: Final = frozenset({"Order ID", "Amazon RMA ID", "Return request status"})
"""Without these columns a report tells nothing."""
COLUMNS: Final = frozenset(
    {
        "Order ID", "Order date", "Return request date", "Return request status",
        "Amazon RMA ID", "Merchant RMA ID", "Label type", "Label cost", "Currency code",
        "Return carrier", "Tracking ID", "Label to be paid by", "A-to-Z Claim", "Is prime", "ASIN",
        "Merchant SKU", "Item Name", "Return quantity", "Return Reason", "In policy",
        "Return type", "Resolution", "Invoice number", "Return delivery date", "Order Amount",
        "Order quantity", "SafeT Action reason", "SafeT claim id", "SafeT claim state",
        "SafeT claim creation time", "SafeT claim reimbursement amount", "Refunded Amount",
    }
)  # fmt: skip
_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._/-]{0,63}")
_LONGEST_SKU: Final = 100
_REASON: Final = re.compile(r"[A-Z0-9][A-Z0-9_-]{0,63}")
_COMMA: Final = re.compile(r"[0-9.]+,[0-9]{1,2}")
_DAY: Final = re.compile(r"(\d{1,2})-([A-Za-z]{3})-(\d{4})")
_MONTHS: Final = (
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
)  # fmt: skip
_YEARS: Final = range(1996, 2100)

Note = Callable[[Problem], None]


def returns(
    lines: Iterable[str], merchant: MerchantId, told_at: datetime, note: Note
) -> Iterator[Return]:
    """Read the lines of a report. Rows that cannot be read are noted and left out.

    Args:
        lines: Its lines, the first with the names of the columns.
        merchant: Whose report it is.
        told_at: When Amazon made it.
        note: Takes what is wrong.

    Raises:
        AmazonUnreadable: A column that is needed is not there, or there is no line at all.
    """
    rows = iter(lines)
    header = [name.strip().strip('"') for name in next(rows, "").split("\t")]
    if not set(header) >= NEEDED:
        note(Problem.NO_COLUMN)
        raise AmazonUnreadable
    for name in header:
        if name and name not in COLUMNS:
            note(Problem.ODD_COLUMN)
    for line in rows:
        if not line.strip():
            continue
        values = line.split("\t")
        if len(values) != len(header):
            note(Problem.SHORT_ROW)
            continue
        found = _return(dict(zip(header, values, strict=True)), merchant, told_at, note)
        if found is not None:
            yield found


def _return(
    row: Mapping[str, str], merchant: MerchantId, told_at: datetime, note: Note
) -> Return | None:
    def field(name: str) -> str:
        return row.get(name, "").strip()

    try:
        order = order_id(field("Order ID"))
    except MalformedId:
        order = None
    rma = field("Amazon RMA ID")
    if order is None or not _CODE.fullmatch(rma):
        note(Problem.BAD_ROW)
        return None
    reason, status = field("Return Reason"), field("Return request status")
    return Return(
        return_id=ReturnId(rma),
        order_id=order,
        merchant_id=merchant,
        status=status if _CODE.fullmatch(status) else None,
        reason=reason if _REASON.fullmatch(reason) else None,
        carrier=_code(field("Return carrier")),
        tracking_id=_code(field("Tracking ID")),
        requested_at=_day(field("Return request date"), note),
        received_at=_day(field("Return delivery date"), note),
        sku=_sku(field("Merchant SKU")) or _code(field("ASIN")),
        quantity=_quantity(field("Return quantity"), note),
        refund_amount=_amount(field("Refunded Amount"), note),
        currency=_code(field("Currency code")),
        told_at=told_at,
    )


def _sku(text: str) -> str | None:
    """Return a merchant's own number of an article, in which any character may be."""
    return text if 0 < len(text) <= _LONGEST_SKU and text.isprintable() else None


def _code(text: str) -> str | None:
    return text if _CODE.fullmatch(text) else None


def _day(text: str, note: Note) -> datetime | None:
    """Read `05-Oct-2026`, or a time in ISO 8601; a day begins in UTC."""
    if not text:
        return None
    match = _DAY.fullmatch(text)
    moment = None
    try:
        if match is None:
            moment = datetime.fromisoformat(text)
        elif match[2].lower() in _MONTHS:
            month = _MONTHS.index(match[2].lower()) + 1
            moment = datetime(int(match[3]), month, int(match[1]), tzinfo=UTC)
    except ValueError:
        moment = None
    if moment is None or moment.year not in _YEARS:
        note(Problem.BAD_TIME)
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _quantity(text: str, note: Note) -> int | None:
    if text and not re.fullmatch(r"[0-9]{1,9}", text):
        note(Problem.BAD_QUANTITY)
        return None
    return int(text) if text else None


def _amount(text: str, note: Note) -> Decimal | None:
    if not text:
        return None
    # A comma parts thousands, or stands before cents, as in `1.234,56` and `12,99`.
    if _COMMA.fullmatch(text):
        text = text.replace(".", "").replace(",", ".")
    try:
        amount = Decimal(text.replace(",", ""))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not is_amount(amount):
        note(Problem.BAD_AMOUNT)
        return None
    return rounded(amount)
