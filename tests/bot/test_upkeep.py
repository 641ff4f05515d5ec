"""What happens by the clock: quiet tickets resolve, due orders are redacted, deletions verified."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot import app
from bot.records import Records
from bot.settings import from_environment
from nlp.text import RawText
from storage.errors import StorageError
from storage.external import ExternalTicket, HelpDesk
from storage.ids import (
    ChannelId,
    EventId,
    MerchantId,
    OrderId,
    SlackTs,
    TeamId,
    TicketId,
    UserId,
)
from storage.orders import REDACTED, OrderNews
from storage.tickets import Actor, Step, TicketState

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ORDER = OrderId("113-5550142-5550142")


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    """The records in a folder of their own, with a clock that stands still."""
    settings = from_environment({"CARE_HOME": str(tmp_path / "home")})
    with app.records(settings, clock=lambda: NOW) as opened:
        yield opened


def _ticket(records: Records, at: datetime) -> TicketId:
    with records.store.begin() as kept:
        opened = kept.tickets.open(
            team=TeamId("T1"),
            channel=ChannelId("C1"),
            thread_ts=SlackTs("1.1"),
            merchant=None,
            user=UserId("U1"),
            at=at,
        )
    return opened.ticket_id


def _state(records: Records, ticket: TicketId) -> TicketState:
    with records.store.read() as kept:
        return kept.tickets.get(ticket).state


def test_a_quiet_ticket_resolves_by_itself(records: Records) -> None:
    """After the quiet time, and not a minute before, with the clock named as who did it."""
    ticket = _ticket(records, NOW)

    records.upkeep.hourly(NOW + timedelta(days=14) - timedelta(minutes=1))
    assert _state(records, ticket) is TicketState.OPEN

    records.upkeep.hourly(NOW + timedelta(days=14))
    assert _state(records, ticket) is TicketState.RESOLVED
    with records.store.read() as kept:
        receipt = kept.receipts.of(ticket)
    assert receipt is not None
    assert receipt.trigger == "quiet"


def test_a_word_starts_the_quiet_time_anew(records: Records) -> None:
    """Fourteen days after the opening a ticket in which somebody wrote since stays open."""
    ticket = _ticket(records, NOW)
    with records.store.begin() as kept:
        kept.tickets.advance(
            ticket, Step.MERCHANT_WROTE, NOW + timedelta(days=1), by=Actor.MERCHANT
        )

    records.upkeep.hourly(NOW + timedelta(days=14))

    assert _state(records, ticket) is TicketState.OPEN


def test_the_hour_redacts_what_falls_due_before_the_next(records: Records) -> None:
    """The sweep half an hour before an order's time redacts it; one two hours before does not."""
    with records.store.begin() as kept:
        news = OrderNews(order_id=ORDER, merchant_id=MerchantId("birch"), delivered_at=NOW)
        kept.orders.upsert(news, now=NOW, retention_days=30)
    due = NOW + timedelta(days=30)

    assert records.upkeep.redact(due - timedelta(hours=2)).redacted == 0
    records.upkeep.hourly(due - timedelta(minutes=30))

    with records.store.read() as kept:
        order = records.lookup.order(kept, ORDER)
    assert order is not None
    assert set(order.pii.values()) == {REDACTED}


def test_the_hour_indexes_what_is_not_indexed(records: Records) -> None:
    """An open order without traces is in the index after the hour, and the next hour adds none."""
    birch = MerchantId("birch")
    with records.store.begin() as kept:
        news = OrderNews(
            order_id=ORDER,
            merchant_id=birch,
            delivered_at=NOW,
            first_name=RawText("Odalys"),
            last_name=RawText("Fennimore"),
        )
        kept.orders.upsert(news, now=NOW, retention_days=30)
        kept.session.execute(text("DELETE FROM order_traces"))
        kept.session.execute(text("UPDATE orders SET trace_key = NULL"))
    window = [RawText("odalys fennimore")]
    with records.store.read() as kept:
        assert kept.orders.traced(birch, window, NOW, 30) == ()

    records.upkeep.hourly(NOW)

    with records.store.read() as kept:
        assert kept.orders.traced(birch, window, NOW, 30) == (ORDER,)
    assert records.upkeep.index(NOW) == 0


def test_a_deletion_is_verified_once(records: Records) -> None:
    """The receipt says how many tables were searched and that nothing was found, once."""
    ticket = _ticket(records, NOW)
    records.upkeep.hourly(NOW + timedelta(days=14))
    with records.store.read() as kept:
        resolved = kept.receipts.of(ticket)
        entries = kept.audit.verify()
    assert resolved is not None

    records.upkeep.erase(resolved.seq)
    records.upkeep.erase(resolved.seq)

    with records.store.read() as kept:
        receipt = kept.receipts.of(ticket)
        assert kept.audit.verify() == entries + 1
    assert receipt is not None
    assert (receipt.searched, receipt.found, receipt.frames_left) == (3, 0, 0)


def test_old_deliveries_are_forgotten(records: Records) -> None:
    """A delivery is known for fourteen days, and a ticket that nobody linked for one."""
    external = ExternalTicket(desk=HelpDesk.ZENDESK, number="4711")
    with records.store.begin() as kept:
        assert kept.inbox.first_time("slack:T1", EventId("Ev1"), NOW)
        kept.tickets.early.remember(external, resolved_at=NOW, heard_at=NOW)

    assert records.upkeep.purge(NOW + timedelta(hours=23)) == 0
    assert records.upkeep.purge(NOW + timedelta(hours=25)) == 1
    records.upkeep.hourly(NOW + timedelta(days=14, minutes=1))

    with records.store.begin() as kept:
        assert kept.inbox.first_time("slack:T1", EventId("Ev1"), NOW)


def test_what_fails_keeps_nothing_else_from_being_done(records: Records) -> None:
    """Quiet tickets resolve in the hour in which the sweep fails, and the hour counts as failed."""
    ticket = _ticket(records, NOW)
    with records.store.begin() as kept:
        news = OrderNews(order_id=ORDER, merchant_id=MerchantId("birch"), delivered_at=NOW)
        kept.orders.upsert(news, now=NOW, retention_days=30)
        kept.session.execute(text("ALTER TABLE order_traces RENAME TO elsewhere"))

    with pytest.raises(StorageError):
        records.upkeep.hourly(NOW + timedelta(days=40))

    assert _state(records, ticket) is TicketState.RESOLVED
