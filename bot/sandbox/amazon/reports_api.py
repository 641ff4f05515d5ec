"""createReport, getReport, getReports and getReportDocument, model reports_2021-06-30.json."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from bot.sandbox.amazon.answers import Json, Refused, Reply
from bot.sandbox.amazon.asked import Asked, Handler
from bot.sandbox.amazon.moments import DAY, moment, read, seconds, written
from bot.sandbox.amazon.paging import TOKEN_SECONDS, Cursor, read_cursor
from bot.sandbox.amazon.parameters import (
    GET_REPORT_DOCUMENT,
    GET_REPORTS,
    LIBRARY_EXTRAS,
    NONE,
    checked,
    listed,
)
from bot.sandbox.amazon.reports import MOST_DAYS, RETURNS, Report

_KNOWN: Final = frozenset(
    # The last is what python-amazon-sp-api adds; Amazon does not mind.
    {"reportType", "marketplaceIds", "dataStartTime", "dataEndTime", "reportOptions"}
    | {"MarketplaceIds"}
)


def create_report(asked: Asked) -> Reply:
    """Queue a report of returns. Its range ends now and begins a day before, by default."""
    body = asked.body
    unknown = body.keys() - _KNOWN
    if unknown:
        raise Refused(400, f"{min(unknown)} is not known.")
    if body.get("reportType") != RETURNS:
        raise Refused(400, "reportType is missing or not one of the sandbox's.")
    places = body.get("marketplaceIds")
    if (
        not isinstance(places, list)
        or not places
        or any(one != asked.seller.marketplace_id for one in places)
    ):
        raise Refused(400, "marketplaceIds is missing or has one that is not the seller's.")
    end = _time(body, "dataEndTime") or asked.time
    start = _time(body, "dataStartTime")
    first = seconds(start) if start else seconds(end) - DAY
    last = seconds(end)
    reports = asked.world.reports
    if first > last:
        raise Refused(400, "dataStartTime is after dataEndTime.")
    too_long = last - first > MOST_DAYS * DAY
    if too_long and not reports.long_window_is_fatal:
        raise Refused(400, f"The range is longer than {MOST_DAYS} days.")
    report = reports.create(asked.seller, first, last, asked.now, fails=too_long)
    return Reply(status=202, body={"reportId": report.id})


def get_report(asked: Asked) -> Reply:
    """Answer how far a report is."""
    checked(asked.query, NONE)
    report = asked.world.reports.get(asked.seller, asked.variables["reportId"])
    if report is None:
        raise Refused(404)
    return Reply(body=_render(asked, report))


def get_reports(asked: Asked) -> Reply:
    """Answer a page of reports, the newest first."""
    query = dict(checked(asked.query, GET_REPORTS))
    token = query.pop("nextToken", None)
    skip = 0
    if token is not None:
        if asked.query.keys() - {"nextToken"} - (LIBRARY_EXTRAS - {"marketplaceIds"}):
            raise Refused(400, "nextToken goes with no other parameter.")
        cursor = read_cursor(token, owner=asked.owner, given={}, now=asked.now)
        query, skip = dict(cursor.query), cursor.place[0]
    elif "reportTypes" not in query:
        raise Refused(400, "Either reportTypes or nextToken is needed.")
    since, until = (read(query.get(name, "")) for name in ("createdSince", "createdUntil"))
    statuses = listed(query.get("processingStatuses", ""))
    places = listed(query.get("marketplaceIds", "")) or (asked.seller.marketplace_id,)
    found = [
        report
        for report in asked.world.reports.of(asked.seller, asked.now)
        if RETURNS in listed(query["reportTypes"])
        and asked.seller.marketplace_id in places
        and (since is None or report.created >= seconds(since))
        and (until is None or report.created <= seconds(until))
        and (not statuses or asked.world.reports.status(report, asked.now) in statuses)
    ]
    size = int(query.get("pageSize", "10"))
    body: Json = {"reports": [_render(asked, one) for one in found[skip : skip + size]]}
    if len(found) > skip + size:
        following = Cursor(
            owner=asked.owner,
            query=query,
            until=asked.now,
            place=(skip + size, ""),
            expires=asked.now + TOKEN_SECONDS,
        )
        body["nextToken"] = following.token()
    return Reply(body=body)


def get_report_document(asked: Asked) -> Reply:
    """Answer where a document lies, for the next five minutes."""
    checked(asked.query, GET_REPORT_DOCUMENT)
    documents = asked.world.documents
    document = documents.get(asked.variables["reportDocumentId"])
    if document is None or document.seller != asked.seller.name:
        raise Refused(404)
    body: Json = {
        "reportDocumentId": document.id,
        "url": documents.link(document, asked.world.origin, asked.now),
    }
    if document.style.gzip:
        body["compressionAlgorithm"] = "GZIP"
    return Reply(body=body)


def _time(body: Mapping[str, object], name: str) -> datetime | None:
    value = body.get(name)
    if value is None:
        return None
    found = read(value) if isinstance(value, str) else None
    if found is None:
        raise Refused(400, f"{name} is not a date in ISO 8601 format.")
    return found


def _render(asked: Asked, report: Report) -> Json:
    status = asked.world.reports.status(report, asked.now)
    drawn: Json = {
        "reportId": report.id,
        "reportType": RETURNS,
        "marketplaceIds": [report.seller.marketplace_id],
        "dataStartTime": written(moment(report.start)),
        "dataEndTime": written(moment(report.end)),
        "createdTime": written(moment(report.created)),
        "processingStatus": status,
    }
    if status != "IN_QUEUE":
        drawn["processingStartTime"] = written(moment(report.begins))
    if status not in ("IN_QUEUE", "IN_PROGRESS"):
        drawn["processingEndTime"] = written(moment(report.ends))
    if report.document is not None:
        drawn["reportDocumentId"] = report.document.id
    return drawn


REPORTS: Final[Mapping[str, Handler]] = {
    "createReport": create_report,
    "getReport": get_report,
    "getReports": get_reports,
    "getReportDocument": get_report_document,
}
