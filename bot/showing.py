"""What the command line shows of the records, for people and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields as fields_of
from datetime import datetime
from decimal import Decimal

from bot.backlog import Asked
from bot.care.tickets import receipt_text
from bot.news import ORDER_COLUMNS
from bot.records import Records
from nlp.text import RawText
from storage.audit import AuditKind
from storage.errors import UnknownOrder, UnknownTicket
from storage.ids import order_id, order_owner, ticket_id, ticket_ref
from storage.orders import Item, Order, Package
from storage.receipts import Receipt
from storage.returns import Return
from storage.sealing import disclose
from storage.tickets import Ticket, Trigger

BY = "cli"
"""Who the audit says it was: somebody with a shell where the program runs."""


def order(records: Records, text: str) -> dict[str, object]:
    """Return one order, its fields named as in the import; that it was shown is audited.

    Raises:
        MalformedId: That is no order id.
        UnknownOrder: There is none.
    """
    number = order_id(text)
    with records.store.begin() as kept:
        found = records.lookup.order(kept, number)
        if found is None:
            raise UnknownOrder
        returns = kept.returns.for_order(number)
        kept.audit.append(
            AuditKind.ORDER_DISCLOSED,
            at=records.upkeep.clock(),
            by=BY,
            subject=order_owner(number),
        )
    shown = _order_fields(found)
    shown["returns"] = [_renamed(each, {"merchant_id": "merchant"}) for each in returns]
    return shown


def backlog(groups: Sequence[Asked]) -> Iterator[str]:
    """Yield groups of questions in lines for authors."""
    for group in groups:
        about = f"  {group.section}" if group.section else ""
        yield f"{group.count:4} x {group.why}{about}"
        for question in group.questions:
            yield f"       {' '.join(question.split())[:200]}"


def ratings(records: Records) -> list[str]:
    """Return a line for each section and review that was rated, the least helpful first."""
    with records.store.read() as kept:
        found = sorted(kept.ratings.all(), key=lambda each: each.helped - each.failed)
    return [
        f"{each.section}, reviewed {each.reviewed}: helped {each.helped}, did not {each.failed}"
        for each in found
    ]


def tickets(records: Records) -> list[dict[str, object]]:
    """Return all tickets, oldest first."""
    with records.store.read() as kept:
        return [_ticket_fields(each) for each in kept.tickets.list()]


def ticket(records: Records, text: str) -> dict[str, object]:
    """Return one ticket with its scrubbed messages. Raises MalformedId, UnknownTicket."""
    number = ticket_id(text)
    with records.store.read() as kept:
        shown = _ticket_fields(kept.tickets.get(number))
        shown["messages"] = [
            {"author": each.author.value, "text": each.text, "at": each.at.isoformat()}
            for each in kept.tickets.messages(number)
        ]
        shown["sealed"] = kept.tickets.sealed_kinds(number)
    return shown


def resolve(records: Records, text: str) -> Receipt:
    """Resolve a ticket and clear its residue. Raises MalformedId, UnknownTicket."""
    number = ticket_id(text)
    with records.store.begin() as kept:
        done = records.resolver.resolve(kept, number, by=BY, trigger=Trigger.CLI)
    # Here and now, since no worker may be running; one that is finds it done.
    records.upkeep.erase(done.seq)
    return receipt(records, text)


def receipt(records: Records, text: str) -> Receipt:
    """Return the receipt of a ticket. Raises MalformedId, UnknownTicket."""
    number = ticket_id(text)
    with records.store.read() as kept:
        kept.tickets.get(number)
        found = kept.receipts.of(number)
    if found is None:
        raise UnknownTicket(f"{ticket_ref(number)} is not resolved, so there is no receipt yet.")
    return found


def keys(records: Records) -> dict[str, object]:
    """Return how the epoch keys and the data keys stand; ages are in whole seconds."""
    state = records.store.rotation.state()
    age = None if state.made_at is None else records.upkeep.clock() - state.made_at
    return {
        "epoch": state.epoch,
        "made_at": None if state.made_at is None else state.made_at.isoformat(),
        "age_seconds": None if age is None else int(age.total_seconds()),
        "older_epochs": state.older,
        "keys": state.keys,
        "waiting": state.waiting,
        "lost": state.lost,
    }


def as_json(value: object) -> str:
    """Write a value as one line of JSON."""
    return json.dumps(_plain(value))


def receipt_lines(found: Receipt) -> str:
    """Write a receipt for people."""
    return receipt_text(found).replace("*", "").replace("`/care receipt`", "audit receipt")


def field_lines(fields: Mapping[str, object]) -> str:
    """Write fields for people, a line each; empty ones are left out."""
    lines = []
    for name, value in fields.items():
        if isinstance(value, list):
            lines += [f"{name.removesuffix('s')}: {inline(each)}" for each in value]
        elif value not in (None, "", {}):
            lines.append(f"{name}: {value}")
    return "\n".join(lines)


def inline(value: object) -> str:
    """Write a nested object in one line."""
    if not isinstance(value, Mapping):
        return str(value)
    return ", ".join(f"{name} {each}" for name, each in value.items() if each not in (None, ""))


def _order_fields(found: Order) -> dict[str, object]:
    """Return an order as the import has it: of several packages or items, the first at the top."""
    packages = [_renamed(each, {"status": "package_status"}) for each in found.packages]
    items = [_renamed(each, {}) for each in found.items]
    pii = {
        name: disclose(value) if isinstance(value, RawText) else value
        for name, value in found.pii.items()
    }
    own = _renamed(found, {"merchant_id": "merchant"}, without=("pii", "packages", "items"))
    first = {**(packages[0] if packages else {}), **(items[0] if items else {})}
    lists = {"packages": packages, "items": items}
    return {**dict.fromkeys(ORDER_COLUMNS), **first, **own, **pii, **lists}


def _renamed(
    value: Order | Package | Item | Return, names: Mapping[str, str], without: Sequence[str] = ()
) -> dict[str, object]:
    """Return the fields of a value under the names that the import has for them."""
    # Field by field: asdict would copy what may not be copied.
    return {
        names.get(field.name, field.name): _plain(getattr(value, field.name))
        for field in fields_of(value)
        if field.name not in without
    }


def _ticket_fields(found: Ticket) -> dict[str, object]:
    return {
        "id": ticket_ref(found.ticket_id),
        "state": found.state.value,
        "merchant": found.merchant,
        "opened_at": found.opened_at.isoformat(),
        "resolved_at": None if found.resolved_at is None else found.resolved_at.isoformat(),
    }


def _plain(value: object) -> object:
    """Return a value as JSON has it: times in ISO 8601, amounts as text."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if hasattr(value, "__dataclass_fields__"):
        return _plain({name: getattr(value, name) for name in value.__dataclass_fields__})
    return value
