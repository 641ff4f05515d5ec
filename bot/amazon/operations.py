"""The operations that we call, and how often they may be called.

Rates and bursts are the defaults of Amazon's models ("Usage Plan" of each operation); the header
`x-amzn-RateLimit-Limit` tells a seller's own. We stay a little below, since Amazon counts when a
call arrives and we when it leaves.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from storage.call_budgets import Plan

BELOW_RATE: Final = 0.98
BELOW_BURST: Final = 0.9


class Operation(StrEnum):
    """An operation by its name in Amazon's model."""

    LOGIN = "login"  # Login with Amazon; it has no documented limit
    SEARCH_ORDERS = "searchOrders"
    GET_ORDER = "getOrder"
    GET_ORDERS_V0 = "getOrders.v0"
    GET_ORDER_V0 = "getOrder.v0"
    GET_ORDER_ITEMS_V0 = "getOrderItems.v0"
    CREATE_RESTRICTED_DATA_TOKEN = "createRestrictedDataToken"  # noqa: S105 - a name
    CREATE_REPORT = "createReport"
    GET_REPORT = "getReport"
    GET_REPORT_DOCUMENT = "getReportDocument"
    DOWNLOAD = "reportDownload"
    CREATE_DESTINATION = "createDestination"
    GET_DESTINATIONS = "getDestinations"
    CREATE_SUBSCRIPTION = "createSubscription"
    GET_SUBSCRIPTION = "getSubscription"
    NOTIFICATION = "ORDER_CHANGE"


_PLANS: Final[Mapping[Operation, tuple[float, int]]] = {
    Operation.SEARCH_ORDERS: (0.0056, 20),
    Operation.GET_ORDER: (0.5, 30),
    Operation.GET_ORDERS_V0: (0.0167, 20),
    Operation.GET_ORDER_V0: (0.5, 30),
    Operation.GET_ORDER_ITEMS_V0: (0.5, 30),
    Operation.CREATE_RESTRICTED_DATA_TOKEN: (1.0, 10),
    Operation.CREATE_REPORT: (0.0167, 15),
    Operation.GET_REPORT: (2.0, 15),
    Operation.GET_REPORT_DOCUMENT: (0.0167, 15),
    Operation.CREATE_DESTINATION: (1.0, 5),
    Operation.GET_DESTINATIONS: (1.0, 5),
    Operation.CREATE_SUBSCRIPTION: (1.0, 5),
    Operation.GET_SUBSCRIPTION: (1.0, 5),
}


def plan(operation: Operation) -> Plan | None:
    """Return the plan that we keep to, None for an operation without a limit."""
    found = _PLANS.get(operation)
    if found is None:
        return None
    rate, burst = found
    return Plan(rate=rate * BELOW_RATE, burst=int(burst * BELOW_BURST))
