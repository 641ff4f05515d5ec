"""An order in the making: what is kept of it, and how news change it. Pure rules.

None overwrites nothing. News of Amazon's say when Amazon changed the order, so that pages that come
twice, late or out of order end in the same state: what is older fills gaps and no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from nlp.text import RawText
from storage.deliveries import Delivery, DeliverySource, settled
from storage.ids import MerchantId, OrderId
from storage.orders import REDACTED, OrderNews, Package
from storage.redaction import ORDERS, PII, pii_columns, redacted_values
from storage.retention import clock_start, is_due, utc

Columns = dict[str, object]
"""A row of a table in the making, by column."""

_FIELDS: Final = (
    "status",
    "channel",
    "is_prime",
    "purchased_at",
    "promised_at",
    "shipped_at",
    "delivered_at",
    "cancelled_at",
    "amount",
    "currency",
    "city",
    "state",
    "country",
)
_PACKAGE_FIELDS: Final = ("carrier", "status", "shipped_at")
_ITEM_FIELDS: Final = ("asin", "title", "quantity", "price")
_PII_COLUMNS: Final = pii_columns(ORDERS)


@dataclass(slots=True, kw_only=True)
class OrderState:
    """One order while news of it are taken. The caller holds the lock on its row.

    Attributes:
        row: Its columns.
        packages: Its packages' columns, by tracking id.
        items: Its items' columns, by SKU.
        is_new: Whether it is not kept yet.
        is_blank: Whether nothing was ever told of it.
        is_open: Whether its time is not up, once news were taken.
        told: The PII that is to be sealed, by column.
    """

    row: Columns
    packages: dict[str, Columns] = field(default_factory=dict)
    items: dict[str, Columns] = field(default_factory=dict)
    is_new: bool = False
    is_blank: bool = False
    is_open: bool = False
    told: dict[str, RawText] = field(default_factory=dict)

    @classmethod
    def blank(cls, order_id: OrderId, merchant: MerchantId, now: datetime) -> OrderState:
        """Return an order of which nothing is known. Raises ValueError for a naive time."""
        row: Columns = dict.fromkeys(column.name for column in ORDERS.columns)
        row.update(order_id=order_id, merchant_id=merchant)
        row.update(dict.fromkeys(("first_seen_at", "updated_at", "clock_at"), utc(now)))
        return cls(row=row, is_new=True, is_blank=True)

    def take(self, news: OrderNews, *, now: datetime, days: int, postal_code: bool) -> None:
        """Take news; PII only while the order's time is not up. Raises ValueError for naive times.

        The clock of an order whose time is up stands still. An order that is new and whose time is
        up is redacted from the start.
        """
        is_first, self.is_blank = self.is_blank, False
        closed = not is_first and is_closed(self.row, days, now)
        delivered_before = _moment(self.row, "delivered_at")
        is_late = _is_before(news.changed_at, _moment(self.row, "changed_at"))
        self._take_fields(news, is_late=is_late)
        for item in news.items:
            known = self.items.setdefault(item.sku, dict.fromkeys(_ITEM_FIELDS))
            copy_known(known, item, _ITEM_FIELDS, only_gaps=is_late)
        self._take_packages(news, delivered_before, is_late=is_late)
        self._settle_times(now)
        if news.changed_at is not None:
            self.row["checked_at"] = utc(now)
            self.row["changed_at"] = self.row["changed_at"] if is_late else utc(news.changed_at)
        if not closed:
            self._start_clock(now)
            closed = is_closed(self.row, days, now)
        self.is_open = not closed
        if self.is_open:
            self._take_pii(news, is_late=is_late)
        elif is_first:
            self.row.update(redacted_values(_PII_COLUMNS, now, postal_code=postal_code))

    def _take_pii(self, news: OrderNews, *, is_late: bool) -> None:
        for name in PII:
            value: RawText | None = getattr(news, name)
            is_known = self.row[name] is not None or name in self.told
            if value and not (is_late and is_known):
                self.told[name] = value

    def _take_fields(self, news: OrderNews, *, is_late: bool) -> None:
        """Take what is free of PII. A postal code that was redacted stays so."""
        cancelled = _moment(self.row, "cancelled_at")
        copy_known(self.row, news, _FIELDS, only_gaps=is_late)
        if news.changed_at is not None and news.cancelled_at and cancelled:
            # Amazon gives no time of cancellation, only bounds of it.
            self.row["cancelled_at"] = min(cancelled, utc(news.cancelled_at))
        if self.row["zip"] != REDACTED:
            copy_known(self.row, news, ("zip",), only_gaps=is_late)

    def _take_packages(self, news: OrderNews, before: datetime | None, *, is_late: bool) -> None:
        """Take the packages of the news, by tracking id.

        A delivery of the order as a whole is the delivery of each package without one of its own,
        whichever of the two was told first; what corrects it corrects theirs. `before` is the
        delivery that the order had before the news.
        """
        whole = news.delivered_at
        if whole is None and not self.packages:
            whole = before
        elif whole is None:
            of_whole = (
                _moment(each, "delivered_at")
                for each in self.packages.values()
                if each["delivery_source"] == DeliverySource.ORDER
            )
            whole = next(of_whole, None)
        for package in news.packages:
            known = self.packages.setdefault(
                package.tracking_id,
                dict.fromkeys((*_PACKAGE_FIELDS, "delivered_at", "delivery_source")),
            )
            copy_known(known, package, _PACKAGE_FIELDS, only_gaps=is_late)
            _deliver(known, _delivery(package))
        if whole is not None:
            for known in self.packages.values():
                _deliver(known, Delivery(at=utc(whole), source=DeliverySource.ORDER))

    def _settle_times(self, now: datetime) -> None:
        self.row["delivered_at"] = (
            _latest(self.packages.values(), "delivered_at") or (self.row["delivered_at"])
        )
        self.row["shipped_at"] = self.row["shipped_at"] or _latest(
            self.packages.values(), "shipped_at"
        )
        self.row["updated_at"] = utc(now)

    def _start_clock(self, now: datetime) -> None:
        first_seen = _moment(self.row, "first_seen_at")
        self.row["clock_at"] = clock_start(
            now=now,
            first_seen_at=now if first_seen is None else first_seen,
            deliveries=[_moment(each, "delivered_at") for each in self.packages.values()],
            delivered_at=_moment(self.row, "delivered_at"),
            cancelled_at=_moment(self.row, "cancelled_at"),
            promised_at=_moment(self.row, "promised_at"),
            shipped_at=_moment(self.row, "shipped_at"),
            purchased_at=_moment(self.row, "purchased_at"),
        )


def is_closed(row: Mapping[str, object], days: int, now: datetime) -> bool:
    """Return whether an order's time is up, swept or not. Raises ValueError for a naive time."""
    clock = _moment(row, "clock_at")
    return row["redacted_at"] is not None or (clock is not None and is_due(clock, days, now))


def copy_known(
    row: Columns, news: object, names: Iterable[str], *, only_gaps: bool = False
) -> None:
    """Set the columns of a row to what the news know; with `only_gaps` those not known yet."""
    for name in names:
        value = getattr(news, name)
        if value is not None and not (only_gaps and row[name] is not None):
            row[name] = utc(value) if isinstance(value, datetime) else value


def _is_before(told: datetime | None, known: datetime | None) -> bool:
    return told is not None and known is not None and utc(told) < known


def _deliver(package: Columns, told: Delivery | None) -> None:
    if told is None:
        return
    at, source = _moment(package, "delivered_at"), package["delivery_source"]
    known = None if at is None else Delivery(at=at, source=None if source is None else str(source))
    counts = settled(known, told)
    package["delivered_at"], package["delivery_source"] = counts.at, counts.source


def _delivery(package: Package) -> Delivery | None:
    if package.delivered_at is None:
        return None
    return Delivery(at=utc(package.delivered_at), source=package.delivery_source)


def _latest(rows: Iterable[Columns], name: str) -> datetime | None:
    moments = (_moment(row, name) for row in rows)
    return max((moment for moment in moments if moment is not None), default=None)


def _moment(row: Mapping[str, object], name: str) -> datetime | None:
    value = row[name]
    return value if isinstance(value, datetime) else None
