"""Backups, and what they open with today's keyring."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from nlp.text import RawText
from storage.errors import KeyDestroyed
from storage.ids import OrderId
from storage.orders import REDACTED
from storage.redaction import PII
from storage.store import Store
from tests.machines.model import Model
from tests.machines.places import Place
from tests.storage.samples import DAYS


@dataclass(frozen=True, kw_only=True)
class Backup:
    """A copy of the database, and the model of that time."""

    url: str
    then: Model


def check_backup(backup: Backup, place: Place, today: Model) -> None:
    """A backup opens, with today's keyring, what is wrapped by an epoch that still lives.

    So after a rotation nothing of it opens at all, be it resolved or redacted since or not; and
    what its keyring opens is what lived then.
    """
    then = backup.then
    rotated = min(today.epochs) > then.epoch
    store = Store.open(backup.url, place.keyring)
    try:
        with store.read() as tx:
            opened: list[object] = []
            for ticket in then.tickets:
                lives = not ticket.values or ticket.epoch in today.epochs
                if ticket.is_over or not lives:
                    with pytest.raises(KeyDestroyed):
                        tx.tickets.reveal(ticket.number)
                else:
                    values = tx.tickets.reveal(ticket.number)
                    opened += values
                    expected = {name: RawText(value) for name, value in ticket.values.items()}
                    assert dict(values) == expected
            for order_id, order in then.orders.items():
                # By the clock of then, as somebody with a clock of their own would read it.
                shown = tx.orders.get(OrderId(order_id), then.now, DAYS)
                assert shown is not None
                name = shown.pii["first_name"]
                opened += [name] if isinstance(name, RawText) else []
                if order.is_over(then.now) or (order.name and order.epoch not in today.epochs):
                    assert name == REDACTED
                else:
                    assert name == (None if order.name is None else RawText(order.name))
                if order.is_over(today.now):
                    late = tx.orders.get(OrderId(order_id), today.now, DAYS)
                    assert late is not None
                    assert late.pii == dict.fromkeys(PII, REDACTED)
            assert not (rotated and opened)
    finally:
        store.close()
