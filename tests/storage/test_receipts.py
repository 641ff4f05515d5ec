"""Receipts, read off the audit chain, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from storage.audit import AuditKind
from storage.chain import entry_hash
from storage.errors import UnknownTicket
from storage.ids import TicketId
from storage.store import Store
from storage.tickets import Actor, Step, Trigger
from tests.storage.samples import AGENT, PERSON, open_ticket, say, value


def test_a_receipt_tells_what_a_search_found(store: Store, now: datetime) -> None:
    """A receipt is complete once the search after the deletion is written down."""
    asked, searched = now - timedelta(seconds=2), now + timedelta(seconds=1)
    with store.begin() as tx:
        ticket = open_ticket(tx, now)
        say(tx, ticket, now, value(PERSON))
        before = tx.tickets.resolve(
            ticket, by="hook:standard", trigger=Trigger.HOOK, now=now, requested_at=asked
        )
    with store.begin() as tx:
        after = tx.receipts.verified(
            ticket, at=searched, by="worker", searched=3, found=0, frames=0
        )

    assert (before.requested_at, before.shredded_at) == (asked, now)
    assert (before.verified_at, before.found) == (None, None)
    assert (after.verified_at, after.searched, after.found, after.frames_left) == (
        searched,
        3,
        0,
        0,
    )
    assert (after.seq, after.hash, after.rows) == (before.seq, before.hash, before.rows)
    with store.read() as tx:
        assert tx.receipts.of(ticket) == after


def test_a_new_resolution_is_not_verified_by_the_old_search(store: Store, now: datetime) -> None:
    """A search counts for the deletion before it alone."""
    with store.begin() as tx:
        ticket = open_ticket(tx, now)
        tx.tickets.resolve(ticket, by=AGENT, trigger=Trigger.COMMAND, now=now)
        tx.receipts.verified(ticket, at=now, by="worker", searched=3, found=0, frames=0)
        tx.tickets.advance(ticket, Step.REOPEN, now, by=Actor.MERCHANT)
        receipt = tx.tickets.resolve(ticket, by=AGENT, trigger=Trigger.COMMAND, now=now)

    assert receipt.verified_at is None
    assert receipt.key_epoch is None


def test_an_entry_leads_to_its_ticket(store: Store, now: datetime) -> None:
    """The number of a deletion's entry gives the ticket; another entry's number none."""
    with store.begin() as tx:
        tx.audit.append(AuditKind.VALUES_REVEALED, at=now, by=AGENT, subject="ticket:9")
        ticket = open_ticket(tx, now)
        receipt = tx.tickets.resolve(ticket, by=AGENT, trigger=Trigger.COMMAND, now=now)

    with store.read() as tx:
        assert tx.receipts.ticket_of(receipt.seq) == ticket
        assert tx.receipts.ticket_of(1) is None
        assert tx.receipts.ticket_of(404) is None


def test_there_is_no_receipt_without_a_resolution(store: Store, now: datetime) -> None:
    """An open ticket has none, and a search for its residue is refused."""
    with store.begin() as tx:
        ticket = open_ticket(tx, now)
        assert tx.receipts.of(ticket) is None
    with pytest.raises(UnknownTicket), store.begin() as tx:
        tx.receipts.verified(TicketId(404), at=now, by="worker", searched=0, found=0, frames=0)


def test_a_receipt_is_checked_by_hand(store: Store, now: datetime) -> None:
    """Its hash is over the hash before and its content, which has ids, counts and times alone."""
    with store.begin() as tx:
        ticket = open_ticket(tx, now)
        say(tx, ticket, now, value(PERSON))
        receipt = tx.tickets.resolve(ticket, by=AGENT, trigger=Trigger.COMMAND, now=now)

    assert receipt.hash == entry_hash(receipt.previous, receipt.content)
    assert not any(part in receipt.content for part in PERSON.split())


def test_a_receipt_tells_when_the_epoch_ended(store: Store, now: datetime) -> None:
    """The key of the ticket's epoch is destroyed by the first later rotation, and by no other."""
    later = now + timedelta(hours=1)
    with store.begin() as tx:
        ticket, other = open_ticket(tx, now), open_ticket(tx, now)
        say(tx, ticket, now, value(PERSON))
        before = tx.tickets.resolve(ticket, by=AGENT, trigger=Trigger.COMMAND, now=now)
        nothing = tx.tickets.resolve(other, by=AGENT, trigger=Trigger.COMMAND, now=now)
    assert (before.key_epoch, before.epoch_destroyed_at) == (1, None)

    epoch = store.rotation.advance(now)
    store.rotation.rewrap(now, by="rotation")
    with store.read() as tx:
        assert tx.receipts.of(ticket) == before
    store.rotation.destroy(epoch, later, by="rotation")

    with store.read() as tx:
        after, untouched = tx.receipts.of(ticket), tx.receipts.of(other)
    assert after is not None
    assert after.epoch_destroyed_at == later
    assert untouched == nothing
    assert nothing.key_epoch is None
