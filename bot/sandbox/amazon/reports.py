"""Reports on their way from the queue to a document.

https://developer-docs.amazon.com/sp-api/docs/reports-api-v2021-06-30-reference. Nothing runs: a
report's status follows from the time since it was created.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bot.sandbox.amazon.documents import Document, Documents
from bot.sandbox.amazon.moments import DAY
from bot.sandbox.amazon.seller import Seller

RETURNS: Final = "GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE"
MOST_DAYS: Final = 60
"""The longest range of a returns report; Airbyte's source-amazon-seller-partner keeps to it."""
KEPT: Final = 90 * DAY
"""Reports are retained for 90 days (the model, at `createdSince`)."""


@dataclass(slots=True, kw_only=True)
class Report:
    """One report.

    Attributes:
        start: The first moment of its data, in seconds since 1970, as are the other times.
        fails: Whether it ends FATAL.
        document: What it made, None until it is done, and where there was nothing to report.
        ended: Whether the document was looked for already.
    """

    id: str
    seller: Seller
    start: int
    end: int
    created: int
    begins: int
    ends: int
    fails: bool = False
    document: Document | None = None
    ended: bool = False


class Reports:
    """The reports of all sellers. The world's lock guards it; time is an argument.

    Attributes:
        fail_next: How many of the next reports end FATAL.
        queue_seconds: How long a report is IN_QUEUE.
        run_seconds: How long it is IN_PROGRESS after that.
        long_window_is_fatal: Whether a range of more than 60 days makes the report FATAL,
            where it is refused with 400 otherwise.
    """

    def __init__(self, documents: Documents) -> None:
        self.fail_next = 0
        self.queue_seconds = 10
        self.run_seconds = 30
        self.long_window_is_fatal = False
        self._documents = documents
        self._reports: dict[tuple[str, str], Report] = {}
        self._last_id = 50_000_020_000

    def create(self, seller: Seller, start: int, end: int, now: int, *, fails: bool) -> Report:
        """Queue a report."""
        self._last_id += 1
        if self.fail_next:
            self.fail_next -= 1
            fails = True
        report = Report(
            id=str(self._last_id),
            seller=seller,
            start=start,
            end=end,
            created=now,
            begins=now + self.queue_seconds,
            ends=now + self.queue_seconds + self.run_seconds,
            fails=fails,
        )
        self._reports[seller.name, report.id] = report
        return report

    def get(self, seller: Seller, report_id: str) -> Report | None:
        """Return a seller's report."""
        return self._reports.get((seller.name, report_id))

    def of(self, seller: Seller, now: int) -> Iterator[Report]:
        """Yield a seller's reports that are still retained, the newest first."""
        for report in reversed(self._reports.values()):
            if report.seller is seller and now - report.created < KEPT:
                yield report

    def status(self, report: Report, now: int) -> str:
        """Return a report's processing status, and make its document where it is time for it."""
        if now < report.begins:
            return "IN_QUEUE"
        if now < report.ends:
            return "IN_PROGRESS"
        if report.fails:
            return "FATAL"
        if not report.ended:
            report.ended = True
            rows = [
                row
                for row in report.seller.returns(at=report.ends)
                if report.start <= row.requested.timestamp() <= report.end
            ]
            if rows:
                report.document = self._documents.add(report.seller.name, rows)
        return "DONE" if report.document else "CANCELLED"
