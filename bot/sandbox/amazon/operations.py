"""The operations that the sandbox Amazon has: where they lie, what they need, how often they go.

Names are the models' operation ids (those of Orders v0 with the suffix V0, as two versions share
them). Rates and bursts are the usage plans in the models, in calls per second and calls.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

REQUEST_TOKEN: Final = "requestToken"  # noqa: S105 - the name of an operation
DOWNLOAD_DOCUMENT: Final = "downloadDocument"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation.

    Attributes:
        path: With variables in braces.
        role: What the seller must let the application do; empty where no role is needed.
        grantless: Whether it takes a token of the application itself and no seller's.
        restricted: Whether a restricted data token may be used for it.
        rate: Calls a second that the bucket fills by; 0 where there is no limit.
        burst: Calls that the bucket holds.
    """

    name: str
    method: str
    path: str
    role: str = ""
    grantless: bool = False
    restricted: bool = False
    rate: float = 0.0
    burst: int = 0

    @property
    def pattern(self) -> re.Pattern[str]:
        """What a path of this operation looks like."""
        return path_pattern(self.path)


def path_pattern(path: str) -> re.Pattern[str]:
    """Return an expression for a path in which each `{variable}` stands for one segment."""
    parts = re.split(r"\{(\w+)\}", path)
    drawn = [
        f"(?P<{part}>[^/]+)" if number % 2 else re.escape(part) for number, part in enumerate(parts)
    ]
    return re.compile("".join(drawn))


_V0: Final = "/orders/v0/orders"
_V2026: Final = "/orders/2026-01-01/orders"
_REPORTS: Final = "/reports/2021-06-30"
_NOTES: Final = "/notifications/v1"
_SUBSCRIPTIONS: Final = _NOTES + "/subscriptions/{notificationType}"

OPERATIONS: Final[Mapping[str, Operation]] = {
    operation.name: operation
    for operation in (
        Operation(name=REQUEST_TOKEN, method="POST", path="/auth/o2/token"),
        Operation(
            name="searchOrders",
            method="GET",
            path=_V2026,
            role="orders",
            rate=0.0056,
            burst=20,
        ),
        Operation(
            name="getOrder",
            method="GET",
            path=_V2026 + "/{orderId}",
            role="orders",
            rate=0.5,
            burst=30,
        ),
        Operation(
            name="getOrdersV0",
            method="GET",
            path=_V0,
            role="orders",
            restricted=True,
            rate=0.0167,
            burst=20,
        ),
        *(
            Operation(
                name=name,
                method="GET",
                path=_V0 + "/{orderId}" + rest,
                role="orders",
                restricted=True,
                rate=0.5,
                burst=30,
            )
            for name, rest in (
                ("getOrderV0", ""),
                ("getOrderItemsV0", "/orderItems"),
                ("getOrderAddressV0", "/address"),
                ("getOrderBuyerInfoV0", "/buyerInfo"),
            )
        ),
        Operation(
            name="createRestrictedDataToken",
            method="POST",
            path="/tokens/2021-03-01/restrictedDataToken",
            rate=1,
            burst=10,
        ),
        Operation(
            name="createReport",
            method="POST",
            path=_REPORTS + "/reports",
            role="reports",
            rate=0.0167,
            burst=15,
        ),
        Operation(
            name="getReports",
            method="GET",
            path=_REPORTS + "/reports",
            role="reports",
            rate=0.0222,
            burst=10,
        ),
        Operation(
            name="getReport",
            method="GET",
            path=_REPORTS + "/reports/{reportId}",
            role="reports",
            rate=2,
            burst=15,
        ),
        Operation(
            name="getReportDocument",
            method="GET",
            path=_REPORTS + "/documents/{reportDocumentId}",
            role="reports",
            rate=0.0167,
            burst=15,
        ),
        *(
            Operation(
                name=name,
                method=method,
                path=_NOTES + "/destinations",
                grantless=True,
                rate=1,
                burst=5,
            )
            for name, method in (("createDestination", "POST"), ("getDestinations", "GET"))
        ),
        *(
            Operation(name=name, method=method, path=path, role="notifications", rate=1, burst=5)
            for name, method, path in (
                ("createSubscription", "POST", _SUBSCRIPTIONS),
                ("getSubscription", "GET", _SUBSCRIPTIONS),
            )
        ),
        Operation(
            name="deleteSubscriptionById",
            method="DELETE",
            path=_SUBSCRIPTIONS + "/{subscriptionId}",
            grantless=True,
            rate=1,
            burst=5,
        ),
        Operation(name=DOWNLOAD_DOCUMENT, method="GET", path="/download/{documentId}"),
    )
}
