"""The audit chain and the receipts that are read off it, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import delete, update

from storage.audit import GENESIS, AuditKind
from storage.errors import AuditBroken, UnknownTicket
from storage.ids import TicketId
from storage.store import Store
from storage.tables import AuditRow
from storage.tickets import Step
from tests.storage.samples import AGENT, PERSON, open_ticket, say, value


def fill(store: Store, now: datetime, entries: int = 5) -> None:
    """Write some entries."""
    with store.begin() as tx:
        for number in range(entries):
            tx.audit.append(
                AuditKind.VALUES_REVEALED,
                at=now + timedelta(microseconds=number),
                by=AGENT,
                subject=f"ticket:{number}",
                facts={"values": number, "reason": "call-back"},
            )


def test_a_chain_verifies(store: Store, now: datetime) -> None:
    """Entries hold the hash of the one before, the first one zeros."""
    with store.read() as tx:
        assert tx.audit.verify() == 0
    fill(store, now)

    with store.read() as tx:
        assert tx.audit.verify() == 5
        [first], [second] = tx.audit.about("ticket:0"), tx.audit.about("ticket:1")
    assert (first.seq, first.previous) == (1, GENESIS)
    assert (second.seq, second.previous) == (2, first.hash)
    assert second.at == now + timedelta(microseconds=1)
    assert second.facts == {"values": 1, "reason": "call-back"}


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "ticket_resolved"},
        {"by": "U6666"},
        {"subject": "ticket:99"},
        {"facts": "{}"},
        {"previous": GENESIS},
        {"hash": GENESIS},
    ],
)
def test_a_changed_entry_breaks_the_chain(
    store: Store, now: datetime, change: dict[str, str]
) -> None:
    """Whatever column is changed, the first bad entry is named."""
    fill(store, now)
    with store.begin() as tx:
        tx.session.execute(update(AuditRow).where(AuditRow.seq == 3).values(change))
    with pytest.raises(AuditBroken, match="at entry 3"), store.read() as tx:
        tx.audit.verify()


def test_a_changed_time_breaks_the_chain(store: Store, now: datetime) -> None:
    """A microsecond is enough."""
    fill(store, now)
    with store.begin() as tx:
        later = now + timedelta(microseconds=9)
        tx.session.execute(update(AuditRow).where(AuditRow.seq == 2).values(at=later))
    with pytest.raises(AuditBroken, match="at entry 2"), store.read() as tx:
        tx.audit.verify()


def test_a_removed_entry_breaks_the_chain(store: Store, now: datetime) -> None:
    """An entry that is taken out is missed where it was."""
    fill(store, now)
    with store.begin() as tx:
        tx.session.execute(delete(AuditRow).where(AuditRow.seq == 2))
    with pytest.raises(AuditBroken, match="at entry 2"), store.read() as tx:
        tx.audit.verify()


def test_moved_entries_break_the_chain(store: Store, now: datetime) -> None:
    """Two entries that change places are found."""
    fill(store, now)
    with store.begin() as tx:
        for old, new in ((2, 99), (3, 2), (99, 3)):
            tx.session.execute(update(AuditRow).where(AuditRow.seq == old).values(seq=new))
    with pytest.raises(AuditBroken, match="at entry 2"), store.read() as tx:
        tx.audit.verify()


@pytest.mark.parametrize("text", ["", "Ada Finch", "ada@example.com", "x" * 129, "a\nb", "é"])
def test_the_audit_takes_no_text(store: Store, now: datetime, text: str) -> None:
    """What has the characters of a text is refused wherever an id belongs, and not repeated."""
    for by, subject, facts in (
        (text, "ticket:1", {}),
        (AGENT, text, {}),
        (AGENT, "ticket:1", {"reason": text}),
        (AGENT, "ticket:1", {text: 1}),
    ):
        with pytest.raises(ValueError, match="never text") as caught, store.begin() as tx:
            tx.audit.append(AuditKind.ACTION_REFUSED, at=now, by=by, subject=subject, facts=facts)
        assert not text or text not in str(caught.value)


def test_entries_written_at_once_are_one_chain(store: Store, now: datetime) -> None:
    """Four writers at the same moment leave a chain without a gap or a fork."""
    start = Barrier(4)

    def write(_: int) -> None:
        start.wait()
        fill(store, now)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))

    with store.read() as tx:
        assert tx.audit.verify() == 20


def test_a_receipt_tells_what_a_search_found(store: Store, now: datetime) -> None:
    """A receipt is complete once the search after the deletion is written down."""
    asked, searched = now - timedelta(seconds=2), now + timedelta(seconds=1)
    with store.begin() as tx:
        ticket = open_ticket(tx, now)
        say(tx, ticket, now, value(PERSON))
        before = tx.tickets.resolve(
            ticket, by="hook:standard", trigger="hook", now=now, requested_at=asked
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
        tx.tickets.resolve(ticket, by=AGENT, trigger="agent", now=now)
        tx.receipts.verified(ticket, at=now, by="worker", searched=3, found=0, frames=0)
        tx.tickets.advance(ticket, Step.REOPEN, now)
        receipt = tx.tickets.resolve(ticket, by=AGENT, trigger="agent", now=now)

    assert receipt.verified_at is None
    assert receipt.key_epoch is None


def test_an_entry_leads_to_its_ticket(store: Store, now: datetime) -> None:
    """The number of a deletion's entry gives the ticket; another entry's number none."""
    fill(store, now, entries=1)
    with store.begin() as tx:
        ticket = open_ticket(tx, now)
        receipt = tx.tickets.resolve(ticket, by=AGENT, trigger="agent", now=now)

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
