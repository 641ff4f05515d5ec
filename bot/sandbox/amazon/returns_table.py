"""The columns of GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE, separated by tabs.

https://developer-docs.amazon.com/sp-api/docs/report-type-values-returns. Dates are dd-Mon-yyyy.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from bot.sandbox.amazon.rendering_2026 import amount
from bot.sandbox.amazon.returned import Return

COLUMNS: Final = (
    "Order ID",
    "Order date",
    "Return request date",
    "Return request status",
    "Amazon RMA ID",
    "Merchant RMA ID",
    "Label type",
    "Label cost",
    "Currency code",
    "Return carrier",
    "Tracking ID",
    "Label to be paid by",
    "A-to-Z Claim",
    "Is prime",
    "ASIN",
    "Merchant SKU",
    "Item Name",
    "Return quantity",
    "Return Reason",
    "In policy",
    "Return type",
    "Resolution",
    "Invoice number",
    "Return delivery date",
    "Order Amount",
    "Order quantity",
    "SafeT Action reason",
    "SafeT claim id",
    "SafeT claim state",
    "SafeT claim creation time",
    "SafeT claim reimbursement amount",
    "Refunded Amount",
)
# Amazon's months are English in every marketplace, whatever the locale of this machine is.
_MONTHS: Final = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)


def cells(row: Return) -> Mapping[str, str]:
    """Return what stands in each column of a row."""
    order = row.order
    currency = order.currency
    return {
        **dict.fromkeys(COLUMNS, ""),
        "Order ID": order.id,
        "Order date": _date(order.created),
        "Return request date": _date(row.requested),
        "Return request status": row.status,
        "Amazon RMA ID": row.rma,
        "Merchant RMA ID": row.merchant_rma,
        "Label type": row.label,
        "Label cost": amount(row.label_cost, currency),
        "Currency code": currency,
        "Return carrier": row.carrier if row.tracking else "",
        "Tracking ID": row.tracking,
        "Label to be paid by": row.paid_by,
        "A-to-Z Claim": _flag(row.claim),
        "Is prime": _flag("PRIME" in order.programs),
        "ASIN": row.item.asin,
        "Merchant SKU": row.item.sku,
        "Item Name": row.item.title,
        "Return quantity": str(row.quantity),
        "Return Reason": row.reason,
        "In policy": _flag(row.in_policy),
        "Return type": "C-Returns",
        "Resolution": row.resolution,
        "Return delivery date": _date(row.delivered) if row.delivered else "",
        "Order Amount": amount(order.total, currency),
        "Order quantity": str(order.units),
        "Refunded Amount": amount(row.refunded, currency) if row.refunded is not None else "",
    }


def _date(moment: datetime) -> str:
    return f"{moment.day:02d}-{_MONTHS[moment.month - 1]}-{moment.year}"


def _flag(value: bool) -> str:
    return "Y" if value else "N"
