"""Orders, returns and shipments from a file: good rows are taken, each bad one is named by line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final

from bot.news import (
    ORDER_COLUMNS,
    RETURN_COLUMNS,
    SHIPMENT_COLUMNS,
    BadRow,
    order_news,
    return_news,
    shipment_news,
)
from bot.tables import Row, rows
from storage.errors import OrderOfAnother, RecordRefused
from storage.store import Store, Transaction

BATCH: Final = 500
"""Rows in a transaction."""

Take = Callable[[Transaction, Mapping[str, object]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a row: its line, and why it was not taken, if so."""

    line: int
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Imports:
    """Takes import files in."""

    store: Store
    clock: Callable[[], datetime]
    retention_days: int
    redact_postal_code: bool

    def orders(self, lines: Iterator[str]) -> Iterator[Taken]:
        """Take a file of orders, a row an order, package or item. Raises ImportRefused."""
        return self._all(rows(lines, ORDER_COLUMNS), self._order)

    def returns(self, lines: Iterator[str]) -> Iterator[Taken]:
        """Take a file of returns. Raises ImportRefused."""
        return self._all(rows(lines, RETURN_COLUMNS), self._return)

    def shipments(self, lines: Iterator[str]) -> Iterator[Taken]:
        """Take a file of shipments, a row a package. Raises ImportRefused.

        A row whose order is not known yet is taken, too, and waits for it.
        """
        return self._all(rows(lines, SHIPMENT_COLUMNS), self._shipment)

    def _all(self, found: Iterable[Row], take: Take) -> Iterator[Taken]:
        found = iter(found)
        while batch := list(islice(found, BATCH)):
            try:
                yield from self._batch(batch, take)
            except RecordRefused:
                # One row spoils a transaction; alone, each of the others is taken.
                for row in batch:
                    try:
                        yield from self._batch([row], take)
                    except RecordRefused:
                        yield Taken(line=row.line, problem="the database refuses its values")

    def _batch(self, batch: list[Row], take: Take) -> list[Taken]:
        with self.store.begin() as records:
            return [Taken(line=row.line, problem=_taken(records, row, take)) for row in batch]

    def _order(self, records: Transaction, fields: Mapping[str, object]) -> None:
        records.orders.upsert(
            order_news(fields),
            now=self.clock(),
            retention_days=self.retention_days,
            postal_code=self.redact_postal_code,
        )

    def _return(self, records: Transaction, fields: Mapping[str, object]) -> None:
        news = return_news(fields, records.orders.merchant_of)
        records.returns.upsert(news, now=self.clock())

    def _shipment(self, records: Transaction, fields: Mapping[str, object]) -> None:
        records.orders.ship(
            shipment_news(fields),
            now=self.clock(),
            retention_days=self.retention_days,
            postal_code=self.redact_postal_code,
        )


def _taken(records: Transaction, row: Row, take: Take) -> str:
    """Take one row and return its problem, empty where there is none."""
    if row.fields is None:
        return row.problem
    try:
        take(records, row.fields)
    except BadRow as error:
        return str(error)
    except OrderOfAnother:
        return "it belongs to another merchant"
    except ValueError:
        return "a time lies before 1995 or after 2100"
    return ""
