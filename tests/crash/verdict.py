"""What is left after a run, and what is wrong with it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import inspect, select, table, text

from storage.audit import AuditKind
from storage.errors import KeyDestroyed, SealBroken, StorageError
from storage.ids import OrderId, Owner, TicketId, order_owner, ticket_owner
from storage.keyring import FileKeyring
from storage.orders import REDACTED
from storage.redaction import PII
from storage.sealing import Sealing, WrappedKey, disclose
from storage.store import Store, Transaction
from storage.tables import AuditRow, DataKeyRow, OrderRow, OrderTraceRow
from storage.tickets import TicketState
from tests.crash.place import Place
from tests.crash.slack import posted
from tests.crash.world import World
from tests.storage.samples import DAYS

_SEALED: Final = re.compile(rb"v1\.[A-Za-z0-9_-]{40,}={0,2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """Something that is not as it was promised.

    Attributes:
        kind: `lost` (a deletion), `double` (a receipt, verification or notice), `recoverable` (a
            value), or `harm` to anything else.
        what: What it is, by ids.
    """

    kind: str
    what: str


def judged(place: Place, world: World, now: datetime) -> list[Wrong]:
    """Return all that is wrong after a run: nothing is what it should be."""
    # Before anything is connected, since a connection may empty the log.
    left = list(_left_in_files(place, world))
    store = Store.open(place.url, place.keyring, now)
    with store.read() as tx:
        resolved = _resolved(tx, world)
        found = [
            *_tickets(tx, place, world, resolved),
            *_orders(tx, world, now),
            *_keys(tx, world, resolved),
            *_chain(tx),
        ]
        gone = {ticket_owner(TicketId(each)) for each in resolved}
        gone |= {order_owner(OrderId(each)) for each in world.due}
        files = [f"{owner} ({what})" for owner, what in left if owner in gone]
        found += _some("recoverable", "owners with bytes in the files", files)
    return [*found, *_keyring(place, world), *_engine(store), *_notices(place, resolved)]


def stored(place: Place, world: World) -> set[str]:
    """Return the owners of whom the database's files hold a key or a value."""
    return {owner for owner, _ in _left_in_files(place, world)}


def _left_in_files(place: Place, world: World) -> Iterator[tuple[str, str]]:
    if not place.is_sqlite:
        return
    for path in sorted(place.folder.glob("care.db*")):
        content = path.read_bytes()
        values = {each.decode() for each in _SEALED.findall(content)}
        for owner, key in world.wrapped.items():
            if bytes.fromhex(key) in content:
                yield owner, f"wrapped key in {path.name}"
        for owner, sealed in world.sealed.items():
            if not values.isdisjoint(sealed):
                yield owner, f"sealed value in {path.name}"


def _resolved(tx: Transaction, world: World) -> set[int]:
    tickets = (*world.asked, *world.quiet, *world.untouched)
    return {t for t in tickets if tx.tickets.get(TicketId(t)).state is TicketState.RESOLVED}


def _tickets(tx: Transaction, place: Place, world: World, resolved: set[int]) -> Iterator[Wrong]:
    lines = place.accepted.read_text().splitlines() if place.accepted.exists() else []
    accepted = {int(line.removeprefix("accepted JC-")) for line in lines if "JC-" in line}
    for ticket in (accepted | set(world.quiet)) - resolved:
        yield Wrong(kind="lost", what=f"JC-{ticket} is not resolved")
    for ticket in resolved & set(world.untouched):
        yield Wrong(kind="harm", what=f"JC-{ticket} is resolved, and nobody asked")
    query = select(AuditRow.subject, AuditRow.kind)
    entries = Counter((row.subject, row.kind) for row in tx.session.execute(query))
    for ticket in (*world.asked, *world.quiet, *world.untouched):
        owner = ticket_owner(TicketId(ticket))
        expected = int(ticket in resolved)
        for kind in (AuditKind.TICKET_RESOLVED, AuditKind.TICKET_VERIFIED):
            count = entries[owner, kind.value]
            if count != expected:
                worse = "double" if count > expected else "lost"
                yield Wrong(kind=worse, what=f"JC-{ticket} has {count} entries {kind.value}")
        receipt = tx.receipts.of(TicketId(ticket))
        if expected and receipt is not None and (receipt.found, receipt.frames_left) != (0, 0):
            yield Wrong(kind="lost", what=f"JC-{ticket}: the search found something")
        opened: dict[str, str] | None = None
        with suppress(KeyDestroyed):
            opened = {name: disclose(raw) for name, raw in tx.tickets.reveal(TicketId(ticket))}
        if expected and (opened is not None or tx.tickets.residue(TicketId(ticket))):
            yield Wrong(kind="recoverable", what=f"JC-{ticket} still has rows or opens")
        if not expected and opened != world.values[str(ticket)]:
            yield Wrong(kind="harm", what=f"JC-{ticket} is open, and its values do not open")


def _orders(tx: Transaction, world: World, now: datetime) -> Iterator[Wrong]:
    traced = set(tx.session.scalars(select(OrderTraceRow.order_id)))
    open_ones = [
        row.order_id
        for row in tx.session.scalars(select(OrderRow).where(OrderRow.order_id.in_(world.due)))
        if row.redacted_at is None or {getattr(row, name) for name in PII} != {REDACTED}
    ]
    yield from _some("lost", "orders that are due and not redacted", open_ones)
    yield from _some("recoverable", "redacted orders that have traces", traced & set(world.due))
    for order, pii in world.kept.items():
        shown = tx.orders.get(OrderId(order), now, DAYS)
        told = {} if shown is None else shown.pii
        opened = {
            name: disclose(value)
            for name, value in told.items()
            if value is not None and not isinstance(value, str)
        }
        if opened != pii:
            yield Wrong(kind="harm", what=f"order {order} is not due, and does not open")


def _keys(tx: Transaction, world: World, resolved: set[int]) -> Iterator[Wrong]:
    gone = {ticket_owner(TicketId(ticket)) for ticket in resolved}
    gone |= {order_owner(OrderId(order)) for order in world.due}
    kept = set(tx.session.scalars(select(DataKeyRow.owner)))
    yield from _some("recoverable", "owners that still have a key", gone & kept)


def _chain(tx: Transaction) -> Iterator[Wrong]:
    try:
        tx.audit.verify()
    except StorageError:
        yield Wrong(kind="harm", what="the audit chain is broken")


def _keyring(place: Place, world: World) -> Iterator[Wrong]:
    """After a rotation was finished, an old copy of every row and today's keyring open nothing."""
    lines = place.accepted.read_text() if place.accepted.exists() else ""
    if "retired" not in lines:
        return
    sealing = Sealing(FileKeyring.open(place.keyring))
    for owner, key in world.wrapped.items():
        try:
            sealing.open_key(Owner(owner), WrappedKey(epoch=1, wrapped=bytes.fromhex(key)))
        except (KeyDestroyed, SealBroken):
            continue
        yield Wrong(kind="recoverable", what=f"{owner}: an old copy of its key opens")
    for path in place.keyring.parent.iterdir():
        content = path.read_text(errors="replace")
        if any(key in content for key in world.epoch_keys):
            yield Wrong(kind="recoverable", what=f"the destroyed epoch's key is in {path.name}")


def _engine(store: Store) -> Iterator[Wrong]:
    """The engine is done with every job, and its tables hold ids, counts and times alone."""
    schema = None if store.database.is_sqlite else "dbos"
    with store.database.engine.connect() as connection:
        for name in inspect(connection).get_table_names(schema=schema):
            rows = connection.execute(select(text("*")).select_from(table(name, schema=schema)))
            for row in rows.mappings():
                if "status" in row and name == "workflow_status" and row["status"] != "SUCCESS":
                    job = f"{row['workflow_uuid']} is {row['status']}"
                    yield Wrong(kind="lost", what=job)
                for column in {"inputs", "output", "error"} & set(row):
                    if row[column] is not None and not _is_ids(json.loads(row[column])):
                        yield Wrong(kind="harm", what=f"{name}.{column} holds more than ids")


def _some(kind: str, what: str, of: Iterable[str]) -> Iterator[Wrong]:
    """Yield one wrong for all of them, if any, naming the first."""
    found = sorted(of)
    if found:
        yield Wrong(kind=kind, what=f"{len(found)} {what}, first {found[0]}")


def _is_ids(value: object) -> bool:
    if isinstance(value, dict):
        return set(value) <= {"args", "kwargs", "error", "time"} and all(
            map(_is_ids, value.values())
        )
    if isinstance(value, list):
        return all(map(_is_ids, value))
    if isinstance(value, str):
        return value.isidentifier() or _is_time(value)
    return value is None or isinstance(value, (int, float))


def _is_time(value: str) -> bool:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _notices(place: Place, resolved: Iterable[int]) -> Iterator[Wrong]:
    """Who asked is told once that a ticket is resolved: a reply for each, each posted once."""
    replies = Counter(each["metadata"]["event_payload"]["reply"] for each in posted(place.slack))
    for reply, count in replies.items():
        if count > 1:
            yield Wrong(kind="double", what=f"reply {reply} was posted {count} times")
    missing = len(set(resolved)) - len(replies)
    if missing > 0:
        yield Wrong(kind="lost", what=f"{missing} notices were not posted")
    elif missing < 0:
        yield Wrong(kind="double", what=f"{-missing} notices too many were posted")
