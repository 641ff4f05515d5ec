"""The invariants: what has to hold after each step, by the rows themselves and by the program."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, final

import pytest
from sqlalchemy import select, text

from nlp.text import RawText
from storage.audit import AuditKind
from storage.errors import KeyDestroyed, SealBroken
from storage.ids import TRACES, OrderId, Owner, TicketId, order_owner, ticket_owner
from storage.key_records import DataKeys
from storage.keyring import FileKeyring
from storage.orders import REDACTED
from storage.receipts import Receipt
from storage.redaction import ORDERS, PII, pii_columns
from storage.sealing import SealedText, Sealing
from storage.store import Store, Transaction
from storage.tables import (
    AuditRow,
    DataKeyRow,
    EarlyResolutionRow,
    ExternalTicketRow,
    MessageRow,
    OrderTraceRow,
    PlaceholderRow,
    ReplyRow,
    SealedValueRow,
)
from tests.machines.model import Model, Ticket
from tests.machines.order_model import Order
from tests.machines.words import KINDS, VALUES
from tests.storage.samples import DAYS

ERASE_JOBS: Final = "SELECT workflow_uuid FROM {}workflow_status WHERE name = 'erase'"
Placeholder = tuple[str, int]


@dataclass(slots=True)
class _Rows:
    """The rows of one ticket, as they are stored."""

    texts: dict[str | None, str | None] = field(default_factory=dict)
    sealed: dict[tuple[str | None, str, int], tuple[str, str]] = field(default_factory=dict)
    placeholders: set[Placeholder] = field(default_factory=set)


@final
class Judge:
    """Compares the program with the model, and with what it said before."""

    def __init__(self) -> None:
        self._entries: list[tuple[int, str]] = []
        self._receipts: dict[int, Receipt] = {}
        self._seen: defaultdict[TicketId, dict[str, str]] = defaultdict(dict)
        self._lost: defaultdict[TicketId, dict[str, str]] = defaultdict(dict)
        self._resolved: dict[TicketId, int] = {}

    def check(self, store: Store, model: Model, keyring: FileKeyring) -> None:
        """Check everything that has to hold at every time."""
        assert {each.number for each in keyring.epochs} == model.epochs
        with store.read() as tx:
            rows = _rows(tx)
            epochs = {row.owner: row.epoch for row in tx.session.scalars(select(DataKeyRow))}
            stored = tx.tickets.list()
            assert [each.ticket_id for each in stored] == [each.number for each in model.tickets]
            for ticket, known in zip(stored, model.tickets, strict=True):
                assert (ticket.state, ticket.changed_at) == (known.state, known.changed_at)
                check_rows(known, rows[known.number])
                check_opened(tx, known)
                self._check_lost(tx, known, rows[known.number], Sealing(keyring))
            for order_id, order in model.orders.items():
                check_order(tx, order_id, order, model.now)
            self._check_audit(tx, model)
            check_keys(epochs, model)
            check_help_desks(tx, model)
            for body in tx.session.scalars(select(ReplyRow.body)):
                assert not any(value in body for value in VALUES)

    def _check_audit(self, tx: Transaction, model: Model) -> None:
        """The chain is whole and has grown; each resolution has one receipt, as it was, one job."""
        entries = [
            (row.seq, row.hash)
            for row in tx.session.execute(select(AuditRow.seq, AuditRow.hash).order_by("seq"))
        ]
        assert entries[: len(self._entries)] == self._entries
        assert tx.audit.verify() == len(entries)
        self._entries = entries
        seqs: list[int] = []
        for ticket in model.tickets:
            about = tx.audit.about(ticket_owner(ticket.number))
            resolved = [each for each in about if each.kind is AuditKind.TICKET_RESOLVED]
            assert len(resolved) == len(ticket.resolutions)
            assert all(
                each.facts.get("found", 0) == 0
                for each in about
                if each.kind is AuditKind.TICKET_VERIFIED
            )
            seqs += [each.seq for each in resolved]
            self._check_receipt(tx.receipts.of(ticket.number), ticket, model)
        schema = "" if tx.session.get_bind().dialect.name == "sqlite" else "dbos."
        jobs = tx.session.scalars(text(ERASE_JOBS.format(schema)))
        assert sorted(jobs) == sorted(f"erase-{seq:012}" for seq in seqs)

    def _check_receipt(self, receipt: Receipt | None, ticket: Ticket, model: Model) -> None:
        """The receipt says what went; it never changes but for what happens later."""
        if not ticket.resolutions:
            assert receipt is None
            return
        last = ticket.resolutions[-1]
        assert receipt is not None
        assert (receipt.trigger, receipt.by, receipt.shredded_at) == (
            last.trigger,
            last.by,
            last.at,
        )
        assert (dict(receipt.rows), receipt.key_epoch) == (last.rows, last.epoch)
        was_destroyed = last.epoch is not None and last.epoch not in model.epochs
        assert (receipt.epoch_destroyed_at is not None) == was_destroyed
        assert (receipt.verified_at is not None) == (len(ticket.resolutions) - 1 in ticket.verified)
        assert receipt.found in (None, 0)
        before = self._receipts.setdefault(receipt.seq, receipt)
        for name in ("epoch_destroyed_at", "verified_at"):
            if getattr(before, name) is not None:
                assert getattr(receipt, name) == getattr(before, name)
        later = {
            name: getattr(receipt, name)
            for name in ("epoch_destroyed_at", "verified_at", "searched", "found", "frames_left")
        }
        assert replace(before, **later) == receipt
        self._receipts[receipt.seq] = receipt

    def _check_lost(self, tx: Transaction, ticket: Ticket, rows: _Rows, sealing: Sealing) -> None:
        """What was sealed before a resolution is opened by no key that the ticket has since."""
        number = ticket.number
        seen, lost = self._seen[number], self._lost[number]
        if len(ticket.resolutions) > self._resolved.get(number, 0):
            self._resolved[number] = len(ticket.resolutions)
            lost |= seen
            seen.clear()
        seen |= dict(rows.sealed.values())
        assert not seen.keys() & lost.keys()
        if ticket.epoch is not None:
            key = DataKeys(tx.session, sealing).open(ticket_owner(number))
            for sealed, where in lost.items():
                with pytest.raises(SealBroken):
                    sealing.open_sealed(key, ticket_owner(number), where, SealedText(sealed))


def _rows(tx: Transaction) -> defaultdict[TicketId, _Rows]:
    found: defaultdict[TicketId, _Rows] = defaultdict(_Rows)
    ts = {}
    for message in tx.session.scalars(select(MessageRow)):
        ts[message.message_id] = message.ts
        found[message.ticket_id].texts[message.ts] = message.text
    for value in tx.session.scalars(select(SealedValueRow)):
        placeholder = value.entity_type, value.number
        where = f"message:{value.message_id}:{value.entity_type}_{value.number}"
        key = (ts[value.message_id], *placeholder)
        found[value.ticket_id].sealed[key] = value.sealed, where
    for row in tx.session.scalars(select(PlaceholderRow)):
        found[row.ticket_id].placeholders.add((row.entity_type, row.number))
    return found


def check_rows(ticket: Ticket, rows: _Rows) -> None:
    """The texts have the ticket's numbers; of a resolved ticket nothing else is there."""
    assert rows.texts == {ts: message.text for ts, message in ticket.messages.items()}
    assert rows.sealed.keys() == {
        (ts, KINDS[value], ticket.numbers[value])
        for ts, message in ticket.messages.items()
        for value in message.sealed
    }
    assert rows.placeholders == {(KINDS[each], n) for each, n in ticket.numbers.items()}
    if ticket.is_over:
        assert (rows.sealed, rows.placeholders) == ({}, set())


def check_opened(tx: Transaction, ticket: Ticket) -> None:
    """A live ticket opens exactly its values; a resolved one opens nothing and has no residue."""
    assert tx.tickets.residue(ticket.number) == 0
    if ticket.is_over:
        with pytest.raises(KeyDestroyed):
            tx.tickets.reveal(ticket.number)
        return
    opened = tx.tickets.reveal(ticket.number)
    assert dict(opened) == {name: RawText(value) for name, value in ticket.values.items()}
    assert len(opened) == len(ticket.values)


def check_order(tx: Transaction, order_id: str, order: Order, now: datetime) -> None:
    """It shows its name or `Redacted`; after a sweep there is nothing sealed of it."""
    shown = tx.orders.get(OrderId(order_id), now, DAYS)
    assert shown is not None
    known = tx.orders.known_values([OrderId(order_id)], now, DAYS)
    if order.is_over(now):
        assert shown.pii == dict.fromkeys(PII, REDACTED)
        assert known == ()
    else:
        name = None if order.name is None else RawText(order.name)
        assert shown.pii == {**dict.fromkeys(PII), "first_name": name}
        assert known == (() if name is None else (("PERSON", name),))
    if order.is_swept:
        row = select(*pii_columns(ORDERS)).where(ORDERS.c.order_id == order_id)
        assert set(tx.session.execute(row).one()) == {REDACTED}
        traces = select(OrderTraceRow).where(OrderTraceRow.order_id == order_id)
        assert tx.session.scalars(traces).first() is None


def check_keys(epochs: Mapping[Owner, int], model: Model) -> None:
    """There are the keys of what lives and no others, none under an epoch that is destroyed."""
    assert set(epochs.values()) <= model.epochs
    expected: dict[Owner, int | None] = {ticket_owner(t.number): t.epoch for t in model.tickets}
    expected |= {order_owner(OrderId(each)): o.epoch for each, o in model.orders.items()}
    others = {owner: epoch for owner, epoch in epochs.items() if not owner.startswith(TRACES)}
    assert others == {owner: epoch for owner, epoch in expected.items() if epoch is not None}


def check_help_desks(tx: Transaction, model: Model) -> None:
    """Links and early news are as they were told."""
    links = tx.session.scalars(select(ExternalTicketRow))
    assert {row.external_id: row.ticket_id for row in links} == model.links
    early = tx.session.scalars(select(EarlyResolutionRow))
    assert {row.external_id: row.heard_at for row in early} == model.early
