"""The Reports API (`reports_2021-06-30.json`), as far as the returns report needs it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Final, final

import httpx

from bot.amazon import documents
from bot.amazon.calls import Calls
from bot.amazon.operations import Operation
from bot.amazon.orders_api import iso
from bot.amazon.problems import Problem, Problems
from bot.amazon.reading import Node
from bot.amazon.returns_table import REPORT, returns
from bot.errors import AmazonUnreadable
from storage.returns import Return

LONGEST: Final = timedelta(days=60)
"""The longest window that Amazon takes for this report."""


class ReportState(StrEnum):
    """How far a report is, in Amazon's words."""

    IN_QUEUE = "IN_QUEUE"
    IN_PROGRESS = "IN_PROGRESS"
    DONE = "DONE"
    CANCELLED = "CANCELLED"  # also where there was nothing to report
    FATAL = "FATAL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report that was asked for.

    Attributes:
        document: The number of its document, once it is done.
        made_at: When it was asked for, by Amazon's clock.
    """

    state: ReportState
    document: str | None
    made_at: datetime | None


@final
class ReturnsApi:
    """The returns of a seller. All raise NotYet and AmazonError."""

    def __init__(self, calls: Calls, http: httpx.Client) -> None:
        self._calls: Final = calls
        self._http: Final = http

    def ask(self, since: datetime, until: datetime) -> str:
        """Ask for the report of a window of return dates. Returns its number."""
        answer = self._calls.make(
            Operation.CREATE_REPORT,
            lambda: self._calls.clients.reports.create_report(
                reportType=REPORT,
                dataStartTime=iso(since),
                dataEndTime=iso(until),
                marketplaceIds=self._calls.clients.marketplace_ids,
            ),
        )
        number = answer.payload.get("reportId")
        if not isinstance(number, str) or not number:
            raise AmazonUnreadable
        return number

    def look(self, report: str, problems: Problems) -> Report:
        """Return how far a report is."""
        answer = self._calls.make(
            Operation.GET_REPORT, lambda: self._calls.clients.reports.get_report(report)
        )
        try:
            state = ReportState(str(answer.payload.get("processingStatus")))
        except ValueError:
            raise AmazonUnreadable from None
        node = Node(answer.payload, partial(problems.note, Operation.GET_REPORT))
        return Report(
            state=state,
            document=node.text("reportDocumentId"),
            made_at=node.moment("createdTime"),
        )

    def read(self, document: str, made_at: datetime, problems: Problems) -> Iterator[Return]:
        """Yield the returns of a document, as they come in.

        Raises CutOff where it ends in the middle, after those before were given.
        """
        answer = self._calls.make(
            Operation.GET_REPORT_DOCUMENT,
            lambda: self._calls.clients.reports.get_report_document(document),
        )
        url = answer.payload.get("url")
        if not isinstance(url, str):
            raise AmazonUnreadable
        is_gzip = answer.payload.get("compressionAlgorithm") == "GZIP"
        note = partial(problems.note, Operation.DOWNLOAD)
        lines = documents.lines(self._http, url, is_gzip=is_gzip)
        try:
            yield from returns(lines, self._calls.seller.merchant, made_at, note)
        except documents.CutOff:
            note(Problem.CUT_OFF)
            raise
