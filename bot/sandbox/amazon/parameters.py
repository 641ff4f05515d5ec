"""The query parameters of the models, and what Amazon refuses of them.

Names, values and bounds are those of orders_2026-01-01.json, ordersV0.json and
reports_2021-06-30.json. Lists come joined by commas or as a repeated parameter.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from bot.sandbox.amazon.answers import Refused
from bot.sandbox.amazon.moments import read

SETTLED: Final = timedelta(minutes=2)
"""The end of a window lies this long before the request at least."""
LIBRARY_EXTRAS: Final = frozenset(
    {"MarketplaceId", "MarketplaceIds", "marketplace_ids", "marketplaceIds"}
)
"""What python-amazon-sp-api adds to a query without a marketplace; the wrong ones do nothing."""
RESTRICTED_EXTRAS: Final = frozenset({"RestrictedResources", "path"})
"""What it adds besides with its shortcut for restricted data."""


class Kind(Enum):
    """What a parameter holds."""

    TEXT = "text"
    TIME = "time"
    LIST = "list"
    NUMBER = "number"
    FLAG = "flag"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of a model.

    Attributes:
        values: The only ones allowed, none for any.
        most: The most entries of a list, or the greatest number.
    """

    kind: Kind
    values: Collection[str] = ()
    most: int = 0


_TEXT: Final = Parameter(kind=Kind.TEXT)
_TIME: Final = Parameter(kind=Kind.TIME)
_LIST: Final = Parameter(kind=Kind.LIST)
_FIFTY: Final = Parameter(kind=Kind.LIST, most=50)
_TEN: Final = Parameter(kind=Kind.LIST, most=10)
_HUNDRED: Final = Parameter(kind=Kind.NUMBER, most=100)

STATUSES_2026: Final = (
    "PENDING_AVAILABILITY",
    "PENDING",
    "UNSHIPPED",
    "PARTIALLY_SHIPPED",
    "SHIPPED",
    "CANCELLED",
    "UNFULFILLABLE",
)
DATASETS: Final = (
    "BUYER",
    "RECIPIENT",
    "PROCEEDS",
    "EXPENSE",
    "PROMOTION",
    "CANCELLATION",
    "FULFILLMENT",
    "PACKAGES",
    "TAX",
    "PAYMENT",
    "FULFILLMENT_ORDERS",
)
STATUSES_V0: Final = (
    "PendingAvailability",
    "Pending",
    "Unshipped",
    "PartiallyShipped",
    "Shipped",
    "InvoiceUnconfirmed",
    "Canceled",
    "Unfulfillable",
)
PROCESSING: Final = ("CANCELLED", "DONE", "FATAL", "IN_PROGRESS", "IN_QUEUE")
_INCLUDED: Final = Parameter(kind=Kind.LIST, values=DATASETS)

SEARCH_ORDERS: Final[Mapping[str, Parameter]] = {
    "createdAfter": _TIME,
    "createdBefore": _TIME,
    "lastUpdatedAfter": _TIME,
    "lastUpdatedBefore": _TIME,
    "fulfillmentStatuses": Parameter(kind=Kind.LIST, values=STATUSES_2026),
    "marketplaceIds": _FIFTY,
    "fulfilledBy": Parameter(kind=Kind.LIST, values=("MERCHANT", "AMAZON")),
    "maxResultsPerPage": _HUNDRED,
    "paginationToken": _TEXT,
    "includedData": _INCLUDED,
}
GET_ORDER: Final[Mapping[str, Parameter]] = {"includedData": _INCLUDED}
GET_ORDERS_V0: Final[Mapping[str, Parameter]] = {
    "CreatedAfter": _TIME,
    "CreatedBefore": _TIME,
    "LastUpdatedAfter": _TIME,
    "LastUpdatedBefore": _TIME,
    "OrderStatuses": Parameter(kind=Kind.LIST, values=STATUSES_V0),
    "MarketplaceIds": _FIFTY,
    "FulfillmentChannels": Parameter(kind=Kind.LIST, values=("AFN", "MFN")),
    "PaymentMethods": Parameter(kind=Kind.LIST, values=("COD", "CVS", "Other")),
    "BuyerEmail": _TEXT,
    "SellerOrderId": _TEXT,
    "MaxResultsPerPage": _HUNDRED,
    "EasyShipShipmentStatuses": _LIST,
    "ElectronicInvoiceStatuses": _LIST,
    "NextToken": _TEXT,
    "AmazonOrderIds": _FIFTY,
    "ActualFulfillmentSupplySourceId": _TEXT,
    "IsISPU": Parameter(kind=Kind.FLAG),
    "StoreChainStoreId": _TEXT,
    "EarliestDeliveryDateBefore": _TIME,
    "EarliestDeliveryDateAfter": _TIME,
    "LatestDeliveryDateBefore": _TIME,
    "LatestDeliveryDateAfter": _TIME,
}
GET_ORDER_ITEMS_V0: Final[Mapping[str, Parameter]] = {"NextToken": _TEXT}
NONE: Final[Mapping[str, Parameter]] = {}
GET_REPORTS: Final[Mapping[str, Parameter]] = {
    "reportTypes": _TEN,
    "processingStatuses": Parameter(kind=Kind.LIST, values=PROCESSING),
    "marketplaceIds": _TEN,
    "pageSize": _HUNDRED,
    "createdSince": _TIME,
    "createdUntil": _TIME,
    "nextToken": _TEXT,
}
GET_REPORT_DOCUMENT: Final[Mapping[str, Parameter]] = {
    "enableContentEncodingUrlHeader": Parameter(kind=Kind.FLAG)
}
GET_SUBSCRIPTION: Final[Mapping[str, Parameter]] = {"payloadVersion": _TEXT}


def checked(
    query: Mapping[str, str],
    model: Mapping[str, Parameter],
    extras: Collection[str] = LIBRARY_EXTRAS,
) -> Mapping[str, str]:
    """Return what of a query the model knows. Raises Refused where Amazon would refuse it."""
    known: dict[str, str] = {}
    for name, value in query.items():
        parameter = model.get(name)
        if parameter is not None:
            _check(name, value, parameter)
            known[name] = value
        elif name not in extras:
            raise Refused(400, f"The parameter {name} is not known.")
    return known


def _check(name: str, value: str, parameter: Parameter) -> None:
    if parameter.kind is Kind.TIME:
        if read(value) is None:
            raise Refused(400, f"{name} is not a date in ISO 8601 format.")
    elif parameter.kind is Kind.NUMBER:
        if not value.isdecimal() or not 1 <= int(value) <= parameter.most:
            raise Refused(400, f"{name} must be between 1 and {parameter.most}.")
    elif parameter.kind is Kind.FLAG:
        if value not in ("true", "false"):
            raise Refused(400, f"{name} must be true or false.")
    elif parameter.kind is Kind.LIST:
        entries = listed(value)
        if not entries:
            raise Refused(400, f"{name} is empty.")
        if parameter.most and len(entries) > parameter.most:
            raise Refused(400, f"{name} takes at most {parameter.most} values.")
        if parameter.values and not set(entries) <= set(parameter.values):
            raise Refused(400, f"{name} has a value that is not known.")


def listed(value: str) -> tuple[str, ...]:
    """Return the entries of a list."""
    return tuple(entry for entry in value.split(",") if entry)


def window(
    query: Mapping[str, str], names: tuple[str, str, str, str], now: datetime
) -> tuple[bool, datetime, datetime]:
    """Return whether the window is one of updates, its first moment and its last.

    Args:
        query: The parameters, checked.
        names: What the version calls createdAfter, createdBefore, lastUpdatedAfter,
            lastUpdatedBefore.
        now: When the request came.

    Raises Refused for anything but exactly one kind of window that ends two minutes ago at the
    latest; without an end it ends there.
    """
    created_after, created_before, updated_after, updated_before = names
    if (created_after in query) == (updated_after in query):
        raise Refused(400, f"Exactly one of {created_after} and {updated_after} is needed.")
    by_update = updated_after in query
    first, last = (updated_after, updated_before) if by_update else (created_after, created_before)
    wrong = created_before if by_update else updated_before
    if wrong in query:
        raise Refused(400, f"{wrong} does not go with {first}.")
    latest = now - SETTLED
    after = read(query[first])
    before = read(query[last]) if last in query else latest
    # Both were read once before, when the parameters were checked.
    assert after is not None  # noqa: S101
    assert before is not None  # noqa: S101
    if before > latest:
        raise Refused(400, f"{last} must be at least two minutes before the request.")
    if last in query and before < after:
        raise Refused(400, f"{last} must be equal to or after {first}.")
    return by_update, after, before
