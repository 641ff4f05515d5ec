"""The sandbox Amazon's returns reports and notifications, asked by the unmodified library."""

from __future__ import annotations

import csv
import gzip
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sp_api.api import Notifications
from sp_api.base.exceptions import (
    SellingApiBadRequestException,
    SellingApiForbiddenException,
    SellingApiNotFoundException,
    SellingApiStateConflictException,
)

from bot.sandbox.amazon import SandboxAmazon
from bot.sandbox.amazon.documents import DocumentStyle
from bot.sandbox.amazon.notifications import order_change
from bot.sandbox.amazon.reports import RETURNS
from bot.sandbox.amazon.returned import REASONS, Return
from bot.sandbox.amazon.returns_table import COLUMNS
from bot.sandbox.amazon.seller import Seller
from tests.bot.test_sandbox_amazon import START, Clock, Library, faults_of

QUEUE = "arn:aws:sqs:us-east-1:000000000000:orders"
RANGE = {"dataStartTime": "2026-10-01T00:00:00Z", "dataEndTime": "2026-11-01T00:00:00Z"}


@pytest.fixture(scope="module", autouse=True)
def _no_proxy() -> Iterator[None]:
    """Take the environment's proxies away, which httpx would use for the loopback too."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "SP_API_DEFAULT_MARKETPLACE"):
            patch.delenv(name, raising=False)
            patch.delenv(name.lower(), raising=False)
        yield


@pytest.fixture
def clock() -> Clock:
    """The sandbox's clock."""
    return Clock()


@pytest.fixture
def amazon(clock: Clock) -> Iterator[SandboxAmazon]:
    """A sandbox without limits, whose tokens outlive every test."""
    with SandboxAmazon(clock=clock) as running:
        running.limits.enforced = False
        running.tokens.seconds = 10**9
        yield running


@pytest.fixture
def seller(amazon: SandboxAmazon) -> Seller:
    """A seller to whom every fifth order comes back."""
    return amazon.add_seller("birch-and-brook", orders=300, returns=60, seed=7)


@pytest.fixture
def library(amazon: SandboxAmazon, seller: Seller) -> Iterator[Library]:
    """The library in the seller's name."""
    library = Library(amazon, seller)
    yield library
    library.close()


def ordered(library: Library, **fields: object) -> str:
    """Ask for a returns report of October and return its id."""
    answer = library.reports.create_report(**{"reportType": RETURNS, **RANGE, **fields})
    return str(answer.payload["reportId"])


def made(library: Library, clock: Clock, style: DocumentStyle | None = None) -> dict[str, Any]:
    """Return where the document of a new report lies."""
    library.amazon.documents.next = style or DocumentStyle()
    report = ordered(library)
    clock.wait(seconds=60)
    document = library.reports.get_report(report).payload["reportDocumentId"]
    found: dict[str, Any] = library.reports.get_report_document(document).payload
    return found


def download(url: str) -> httpx.Response:
    """Fetch a document."""
    with httpx.Client(verify=False, trust_env=False) as client:
        return client.get(url)


def table(content: bytes, encoding: str = "utf-8") -> list[dict[str, str]]:
    """Return the rows of an unpacked document."""
    lines = content.decode(encoding).splitlines()
    return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


# Reports


def test_a_report_goes_from_the_queue_to_a_document(library: Library, clock: Clock) -> None:
    """A report is queued for 10 s, runs for 30 s, and is done with a document."""
    client = library.reports
    report = ordered(library)
    seen = []
    for _ in range(5):
        found = client.get_report(report).payload
        seen.append((found["processingStatus"], "reportDocumentId" in found))
        clock.wait(seconds=10)

    assert seen == [
        ("IN_QUEUE", False),
        ("IN_PROGRESS", False),
        ("IN_PROGRESS", False),
        ("IN_PROGRESS", False),
        ("DONE", True),
    ]


def test_a_report_has_the_models_structure(library: Library, clock: Clock) -> None:
    """A finished report has the times and the range that the model names."""
    report = ordered(library)
    clock.wait(seconds=60)

    found = library.reports.get_report(report).payload

    document = found.pop("reportDocumentId")
    assert document
    assert found == {
        "reportId": report,
        "reportType": RETURNS,
        "marketplaceIds": ["ATVPDKIKX0DER"],
        **RANGE,
        "createdTime": "2026-11-01T12:00:00Z",
        "processingStatus": "DONE",
        "processingStartTime": "2026-11-01T12:00:10Z",
        "processingEndTime": "2026-11-01T12:00:40Z",
    }


def test_the_library_downloads_the_rows_of_the_range(
    library: Library, seller: Seller, clock: Clock
) -> None:
    """The document holds every return that was asked for in the range, in all 32 columns."""
    rows = [row for row in seller.returns() if row.requested.strftime("%Y-%m") == "2026-10"]
    where = made(library, clock)

    answer = library.reports.get_report_document(
        where["reportDocumentId"], download=True, character_code="utf-8"
    )

    found = table(answer.payload["document"].encode())
    assert len(rows) > 20
    assert tuple(found[0]) == COLUMNS
    assert len(COLUMNS) == 32
    assert Counter((one["Amazon RMA ID"], one["Merchant SKU"]) for one in found) == Counter(
        (row.rma, row.item.sku) for row in rows
    )
    assert {one["Item Name"] for one in found} == {row.item.title for row in rows}


def test_rows_are_as_amazon_writes_them(library: Library, clock: Clock) -> None:
    """Dates are dd-Mon-yyyy, reasons are Amazon's codes, statuses are words."""
    found = table(gzip.decompress(download(made(library, clock)["url"]).content))

    for one in found:
        assert re.fullmatch(r"[0-3]\d-Oct-2026", one["Return request date"])
        assert re.fullmatch(r"[0-3]\d-[A-Z][a-z]{2}-2026", one["Order date"])
        assert one["Return request status"] in {"Pending", "Approved", "Denied", "Closed"}
        assert one["Return Reason"] in REASONS
        assert one["Currency code"] == "USD"
        assert (one["Refunded Amount"] != "") == (one["Return request status"] == "Closed")
    assert len({one["Return request status"] for one in found}) > 1


def test_a_return_changes_with_time(clock: Clock) -> None:
    """A pending return is approved, comes back, and is closed with a refund, or is denied."""
    seller = SandboxAmazon(clock=clock).add_seller("elm", orders=900, returns=450)
    young = {(row.rma, row.item.sku) for row in seller.returns() if row.status != "Closed"}
    clock.wait(days=30)

    old = [row for row in seller.returns() if (row.rma, row.item.sku) in young]

    assert len(old) == len(young) > 20
    assert {row.status for row in old} == {"Closed", "Denied"}
    for row in old:
        closed = row.status == "Closed"
        assert (row.delivered is not None, row.refunded is not None) == (closed, closed)


def test_as_many_orders_come_back_as_were_asked_for(seller: Seller, clock: Clock) -> None:
    """All returns of the first orders are there after some weeks, some with two items."""
    first = set(seller.order_ids())
    clock.wait(days=60)

    rows = [row for row in seller.returns() if row.order.id in first]

    assert len({row.rma for row in rows}) == 60
    assert len(rows) > 60


def test_a_return_can_be_put(library: Library, seller: Seller, clock: Clock) -> None:
    """A row that a test puts is in the next report, once, as it was put last."""
    order = next(order for order in seller.orders() if order.packages)
    row = Return(
        order=order,
        item=order.items[0],
        requested=START - timedelta(days=3),
        status="Pending",
        rma="DputRRMA",
    )
    seller.put_return(row)
    seller.put_return(replace(row, status="Approved", reason="AMZ-PG-BAD-DESC"))

    found = table(gzip.decompress(download(made(library, clock)["url"]).content))

    mine = [one for one in found if one["Amazon RMA ID"] == "DputRRMA"]
    assert [(one["Return request status"], one["Return Reason"]) for one in mine] == [
        ("Approved", "AMZ-PG-BAD-DESC")
    ]


def test_an_empty_report_is_cancelled(library: Library, clock: Clock) -> None:
    """Where no return was asked for in the range there is no document."""
    report = ordered(library, dataStartTime="2020-01-01", dataEndTime="2020-01-31")
    clock.wait(seconds=60)

    found = library.reports.get_report(report).payload

    assert found["processingStatus"] == "CANCELLED"
    assert "reportDocumentId" not in found


def test_a_report_fails_on_demand(amazon: SandboxAmazon, library: Library, clock: Clock) -> None:
    """As many reports as are to fail end FATAL."""
    amazon.reports.fail_next = 1
    reports = [ordered(library), ordered(library)]
    clock.wait(seconds=60)

    statuses = [library.reports.get_report(one).payload["processingStatus"] for one in reports]

    assert statuses == ["FATAL", "DONE"]


def test_a_range_of_more_than_sixty_days(
    amazon: SandboxAmazon, library: Library, clock: Clock
) -> None:
    """Sixty days are taken; more are refused, or fatal where a test wants it so."""
    exactly = {"dataStartTime": "2026-09-02T00:00:00Z", "dataEndTime": "2026-11-01T00:00:00Z"}
    longer = {**exactly, "dataStartTime": "2026-09-01T23:59:59Z"}
    assert ordered(library, **exactly)
    with pytest.raises(SellingApiBadRequestException):
        ordered(library, **longer)
    amazon.reports.long_window_is_fatal = True

    report = ordered(library, **longer)
    clock.wait(seconds=60)

    assert library.reports.get_report(report).payload["processingStatus"] == "FATAL"


@pytest.mark.parametrize(
    "fields",
    [
        {"reportType": "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"},
        {"marketplaceIds": ["A1PA6795UKMFR9"]},
        {"marketplaceIds": []},
        {"dataStartTime": "yesterday"},
        {"dataStartTime": "2026-11-02T00:00:00Z"},
        {"colour": "red"},
    ],
)
def test_wrong_reports_are_refused(library: Library, fields: dict[str, object]) -> None:
    """A report is of the sandbox's one type, for the seller's marketplace and a range."""
    with pytest.raises(SellingApiBadRequestException):
        ordered(library, **fields)


def test_reports_are_listed_newest_first(library: Library, clock: Clock) -> None:
    """The list of reports has pages, and a filter by status."""
    ids = []
    for _ in range(5):
        ids.append(ordered(library))
        clock.wait(seconds=15)
    client = library.reports

    first = client.get_reports(reportTypes=[RETURNS], pageSize=3)
    second = client.get_reports(nextToken=first.next_token)
    done = client.get_reports(reportTypes=[RETURNS], processingStatuses=["DONE"])

    found = [one["reportId"] for page in (first, second) for one in page.payload["reports"]]
    assert found == ids[::-1]
    assert second.next_token is None
    assert [one["reportId"] for one in done.payload["reports"]] == ids[:3][::-1]


def test_another_sellers_report_is_not_found(amazon: SandboxAmazon, library: Library) -> None:
    """A report is its seller's alone."""
    report = ordered(library)
    other = Library(amazon, amazon.add_seller("cedar", orders=5))

    with pytest.raises(SellingApiNotFoundException):
        other.reports.get_report(report)
    other.close()


def test_reports_need_their_role(library: Library, seller: Seller) -> None:
    """Without the role there is no report."""
    seller.roles.remove("reports")

    with pytest.raises(SellingApiForbiddenException):
        ordered(library)


# Documents


def test_a_link_is_good_for_five_minutes(library: Library, clock: Clock) -> None:
    """The download is refused in S3's XML after 300 seconds."""
    url = made(library, clock)["url"]
    clock.wait(seconds=299)
    assert download(url).status_code == 200
    clock.wait(seconds=1)

    answer = download(url)

    assert answer.status_code == 403
    assert answer.headers["Content-Type"] == "application/xml"
    assert "<Code>AccessDenied</Code>" in answer.text


def test_a_link_is_signed(amazon: SandboxAmazon, library: Library, clock: Clock) -> None:
    """A download with another signature or date is refused, and its signature is not recorded."""
    url = made(library, clock)["url"]
    assert "X-Amz-Expires=300" in url

    assert "SignatureDoesNotMatch" in download(url[:-1] + "!").text
    assert "SignatureDoesNotMatch" in download(url.replace("20261101T", "20261102T")).text
    assert "X-Amz-Signature" not in amazon.calls_of("downloadDocument")[0].parameters


@pytest.mark.parametrize(
    ("encoding", "marketplace"),
    [("utf-8", "US"), ("utf-8-sig", "US"), ("utf-16", "US"), ("latin-1", "DE"), ("cp932", "JP")],
)
def test_a_document_comes_in_many_encodings(
    amazon: SandboxAmazon, clock: Clock, encoding: str, marketplace: str
) -> None:
    """The rows are the same in every encoding that has their letters."""
    seller = amazon.add_seller("fir", orders=200, returns=60, marketplace=marketplace, seed=3)
    library = Library(amazon, seller)
    style = DocumentStyle(encoding=encoding, charset_in_header=True)

    answer = download(made(library, clock, style)["url"])
    library.close()

    assert answer.headers["Content-Type"] == f"text/plain; charset={encoding.replace('-sig', '')}"
    titles = {one["Item Name"] for one in table(gzip.decompress(answer.content), encoding)}
    known = {row.item.title for row in seller.returns()}
    if encoding == "cp932":
        known = {title.encode("cp932", "replace").decode("cp932") for title in known}
        assert all(title.startswith("檜") for title in titles)
    assert titles
    assert titles <= known
    assert any(not title.isascii() for title in titles)


def test_a_document_may_come_unpacked(library: Library, clock: Clock) -> None:
    """Without compression the download is the table, and the answer names no algorithm."""
    where = made(library, clock, DocumentStyle(gzip=False))

    assert "compressionAlgorithm" not in where
    answer = download(where["url"])
    assert tuple(table(answer.content)[0]) == COLUMNS
    assert answer.headers["Content-Type"] == "text/plain"


def test_a_truncated_document_cannot_be_unpacked(library: Library, clock: Clock) -> None:
    """A cut download has status 200 and lacks its end."""
    answer = download(made(library, clock, DocumentStyle(truncated=True))["url"])

    assert answer.status_code == 200
    with pytest.raises((EOFError, zlib.error)):
        gzip.decompress(answer.content)


def test_columns_can_change(library: Library, clock: Clock) -> None:
    """Columns are renamed, dropped, added and turned round as a style asks."""
    style = DocumentStyle(
        rename={"Order ID": "order-id"},
        drop={"SafeT claim id"},
        extra={"Category": "Home"},
        reordered=True,
    )

    found = table(gzip.decompress(download(made(library, clock, style)["url"]).content))

    names = list(found[0])
    assert names[0] == "Refunded Amount"
    assert names[-2:] == ["order-id", "Category"]
    assert "SafeT claim id" not in names
    assert {one["Category"] for one in found} == {"Home"}


def test_bad_rows_stand_behind_the_header(library: Library, clock: Clock) -> None:
    """Lines that a style brings along are in the document as they are."""
    style = DocumentStyle(bad_rows=["only\ttwo", ""])

    content = gzip.decompress(download(made(library, clock, style)["url"]).content)

    assert content.split(b"\r\n")[1:3] == [b"only\ttwo", b""]


def test_a_large_document_is_sent_in_pieces(
    amazon: SandboxAmazon, library: Library, clock: Clock
) -> None:
    """A document is drawn while it is sent, and every copy of a row has its own RMA id."""
    style = DocumentStyle(repeat=2000, gzip=False)
    where = made(library, clock, style)
    document = amazon.documents.get(where["reportDocumentId"])
    assert document is not None

    pieces = list(document.content())

    assert max(map(len, pieces)) < 200_000
    lines = b"".join(pieces).count(b"\r\n")
    assert lines == 1 + 2000 * len(document.rows)
    assert sum(map(len, pieces)) > 10_000_000
    column = COLUMNS.index("Amazon RMA ID")
    ids = Counter(
        (line.split(b"\t")[column], line.split(b"\t")[COLUMNS.index("Merchant SKU")])
        for line in b"".join(pieces).splitlines()[1:]
    )
    assert max(ids.values()) == 1


def test_a_download_can_fail(library: Library, clock: Clock) -> None:
    """A style's status is that of the download, with an error in XML."""
    answer = download(made(library, clock, DocumentStyle(status=503))["url"])

    assert answer.status_code == 503
    assert answer.text.startswith("<?xml")


# Notifications


def test_a_seller_is_subscribed_through_the_library(
    amazon: SandboxAmazon, library: Library
) -> None:
    """A destination, then a subscription; the second of either is a conflict."""
    client = library.notifications
    destination = client.create_destination(name="orders", arn=QUEUE).payload

    subscription = client.create_subscription(
        "ORDER_CHANGE", destination_id=destination["destinationId"]
    ).payload

    assert destination["resource"] == {"sqs": {"arn": QUEUE}}
    assert client.get_destinations().payload == [destination]
    assert client.get_subscription("ORDER_CHANGE").payload == subscription
    assert subscription["destinationId"] == destination["destinationId"]
    with pytest.raises(SellingApiStateConflictException):
        client.create_destination(name="orders", arn=QUEUE)
    with pytest.raises(SellingApiStateConflictException):
        client.create_subscription("ORDER_CHANGE", destination_id=destination["destinationId"])


def test_deleting_a_subscription_is_grantless(amazon: SandboxAmazon, library: Library) -> None:
    """The library deletes with a seller's token, which is refused; a grantless one is right."""
    client = library.notifications
    destination = client.create_destination(name="orders", arn=QUEUE).payload["destinationId"]
    subscription = client.create_subscription("ORDER_CHANGE", destination_id=destination).payload
    path = f"/notifications/v1/subscriptions/ORDER_CHANGE/{subscription['subscriptionId']}"

    with pytest.raises(SellingApiForbiddenException):
        client.delete_notification_subscription("ORDER_CHANGE", subscription["subscriptionId"])
    answer = httpx.delete(
        amazon.url + path,
        headers={"x-amz-access-token": client.grantless_auth.access_token},
        trust_env=False,
    )

    assert answer.status_code == 200
    with pytest.raises(SellingApiNotFoundException):
        client.get_subscription("ORDER_CHANGE")


def test_destinations_are_grantless(amazon: SandboxAmazon, seller: Seller) -> None:
    """A seller's token is refused for the application's destinations."""
    answer = httpx.get(
        f"{amazon.url}/notifications/v1/destinations",
        headers={"x-amz-access-token": amazon.tokens.lend(seller, amazon.now())},
        trust_env=False,
    )

    assert answer.status_code == 403


@pytest.mark.parametrize(
    "ask",
    [
        lambda client: client.create_destination(name="orders", arn="orders"),
        lambda client: client.create_destination(name="", arn=QUEUE),
        lambda client: client.create_subscription("ORDER_CHANGE", destination_id="x"),
        lambda client: client.create_subscription("PRICE_CHANGE", destination_id="x"),
    ],
)
def test_wrong_notifications_are_refused(library: Library, ask: Any) -> None:
    """A destination is a named queue, a subscription is to ORDER_CHANGE for a destination."""
    with pytest.raises(SellingApiBadRequestException):
        ask(library(Notifications))


def test_a_notification_has_the_schemas_structure(seller: Seller) -> None:
    """ORDER_CHANGE 1.0 holds what its schema requires, with the postal code."""
    order = next(one for one in seller.orders() if one.packages and one.status == "SHIPPED")

    told = order_change(seller, order, START)

    text, number = str, int
    summary = {
        "MarketplaceId": text,
        "OrderStatus": text,
        "PurchaseDate": text,
        "DestinationPostalCode": text,
        "FulfillmentType": text,
        "OrderType": text,
        "NumberOfItemsShipped": number,
        "NumberOfItemsUnshipped": number,
        "EarliestDeliveryDate": text,
        "LatestDeliveryDate": text,
        "EarliestShipDate": text,
        "LatestShipDate": text,
        "OrderPrograms": list,
        "ShippingPrograms": list,
        "OrderItems": [
            {
                "OrderItemId": text,
                "SellerSKU": text,
                "SupplySourceId": type(None),
                "OrderItemStatus": text,
                "Quantity": number,
                "QuantityShipped": number,
            }
        ],
    }
    change = {
        "NotificationLevel": text,
        "SellerId": text,
        "AmazonOrderId": text,
        "OrderChangeType": text,
        "OrderChangeTrigger": {"TimeOfOrderChange": text, "ChangeReason": text},
        "Summary": summary,
    }
    assert (
        faults_of(
            told,
            {
                "NotificationVersion": text,
                "NotificationType": text,
                "PayloadVersion": text,
                "EventTime": text,
                "Payload": {"OrderChangeNotification": change},
                "NotificationMetadata": {
                    "ApplicationId": text,
                    "SubscriptionId": text,
                    "PublishTime": text,
                    "NotificationId": text,
                },
            },
        )
        == []
    )
    assert f"'DestinationPostalCode': '{order.address.postal_code}'" in str(told)
    assert order.buyer.name not in str(told)
    assert told == order_change(seller, order, START)
