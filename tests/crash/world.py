"""The world that every run begins with: tickets with sealed values, orders due and not due."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Self

from sqlalchemy import select

from bot.jobs import prepare
from nlp.text import RawText
from storage.ids import OrderId, SlackTs, TicketId, order_owner, ticket_owner
from storage.redaction import PII
from storage.store import Store, Transaction
from storage.tables import DataKeyRow, OrderRow, SealedValueRow
from tests.crash.place import Place
from tests.storage.samples import DAYS, open_ticket, order_news, say, value

DUE: Final = 55
"""Orders whose time is up: more than SQLite redacts in one transaction."""
KEPT: Final = 2
"""Orders whose time is not up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What stood in the database at first. Its values are random, so that none is anywhere else.

    Attributes:
        asked: Tickets that somebody resolves.
        quiet: Tickets that resolve by themselves.
        untouched: Tickets that stay as they are.
        values: Ticket -> placeholder -> value.
        due: Orders whose time is up.
        kept: Order whose time is not up -> column -> value.
        sealed: Owner (a ticket or an order) -> its sealed values as they were stored.
        wrapped: Owner -> its wrapped key as it was stored, in hexadecimal.
        epoch_keys: The keyring's keys, in base64.
    """

    asked: tuple[int, ...]
    quiet: tuple[int, ...]
    untouched: tuple[int, ...]
    values: Mapping[str, Mapping[str, str]]
    due: tuple[str, ...]
    kept: Mapping[str, Mapping[str, str]]
    sealed: Mapping[str, tuple[str, ...]]
    wrapped: Mapping[str, str]
    epoch_keys: tuple[str, ...]

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a world from a file."""
        return cls(**json.loads(path.read_text()))

    def save(self, path: Path) -> None:
        """Write it to a file."""
        path.write_text(json.dumps(asdict(self)))


def build(place: Place, now: datetime) -> World:
    """Fill an empty database, with the tables of records and engine, and return what is in it."""
    store = Store.open(place.url, place.keyring, now)
    store.migrate()
    prepare(store.database.url)
    with store.begin() as tx:
        old = now - timedelta(days=20)
        values = dict(_tickets(tx, (now, now, old, now)))
    asked, quiet, untouched = tuple(values)[:2], tuple(values)[2:3], tuple(values)[3:]
    with store.begin() as tx:
        due = {_order(n): _pii() for n in range(DUE)}
        kept = {_order(n): _pii() for n in range(DUE, DUE + KEPT)}
        for order, pii in due.items():
            _arrives(tx, order, pii, now - timedelta(days=DAYS + 1))
        for order, pii in kept.items():
            _arrives(tx, order, pii, now - timedelta(days=1))
    with store.read() as tx:
        sealed: dict[str, tuple[str, ...]] = {}
        for ticket in values:
            rows = select(SealedValueRow.sealed).where(SealedValueRow.ticket_id == ticket)
            sealed[ticket_owner(ticket)] = tuple(tx.session.scalars(rows))
        for row in tx.session.scalars(select(OrderRow)):
            columns = (getattr(row, name) for name in PII)
            sealed[order_owner(row.order_id)] = tuple(each for each in columns if each)
        keys = tx.session.scalars(select(DataKeyRow)).all()
        wrapped: dict[str, str] = {
            key.owner: key.wrapped.hex() for key in keys if key.owner in sealed
        }
    store.close()
    epochs = json.loads(place.keyring.read_text())["epochs"].values()
    return World(
        asked=asked,
        quiet=quiet,
        untouched=untouched,
        values={str(ticket): told for ticket, told in values.items()},
        due=tuple(due),
        kept=kept,
        sealed=sealed,
        wrapped=wrapped,
        epoch_keys=tuple(each["key"] for each in epochs),
    )


def _tickets(
    tx: Transaction, opened: tuple[datetime, ...]
) -> Iterator[tuple[TicketId, dict[str, str]]]:
    for number, at in enumerate(opened):
        ticket = open_ticket(tx, at, SlackTs(f"17723664{number:02}.000100"))
        values = {
            "<PERSON_1>": f"Wilhelmina {secrets.token_hex(8)}",
            "<EMAIL_ADDRESS_1>": f"{secrets.token_hex(8)}@example.com",
        }
        for place, (placeholder, text) in enumerate(values.items()):
            kind = placeholder.strip("<>").removesuffix("_1")
            say(tx, ticket, at, value(text, kind), ts=f"17723664{number:02}.0002{place:02}")
        yield ticket, values


def _order(number: int) -> str:
    return f"111-{number:07}-5550142"


def _pii() -> dict[str, str]:
    return {
        "first_name": f"Wilhelmina{secrets.token_hex(6)}",
        "street_1": f"4821 {secrets.token_hex(8)} Rd",
        "email": f"{secrets.token_hex(8)}@example.com",
    }


def _arrives(tx: Transaction, order: str, pii: Mapping[str, str], delivered: datetime) -> None:
    told = {name: RawText(text) for name, text in pii.items()}
    rest = {"last_name": None, "phone": None}
    news = order_news(delivered, order_id=OrderId(order), **rest, **told)
    tx.orders.upsert(news, now=delivered, retention_days=DAYS)
