"""What authors read of the records, on both databases: what was said, and what did not help."""

from __future__ import annotations

from datetime import datetime, timedelta

from storage.ids import SlackTs, UserId
from storage.store import Store
from storage.tickets import Author
from tests.storage.samples import CHANNEL, TEAM, USER, open_ticket, scrubbed

SECTION = "umbrellas#drying"


def test_what_merchants_said_is_read_since_a_moment(store: Store, now: datetime) -> None:
    """In order; not what an agent said, what is older, and what was deleted in Slack."""
    said = [
        (Author.MERCHANT, "too old", now - timedelta(seconds=1)),
        (Author.MERCHANT, "second", now + timedelta(minutes=2)),
        (Author.MERCHANT, "first", now),
        (Author.AGENT, "an answer", now + timedelta(minutes=1)),
        (Author.MERCHANT, "deleted", now + timedelta(minutes=3)),
    ]
    with store.begin() as tx:
        ticket = open_ticket(tx, now)
        for number, (author, text, at) in enumerate(said):
            tx.tickets.add_message(
                ticket,
                channel=CHANNEL,
                ts=SlackTs(f"1772366400.00010{number}"),
                user=UserId("U0AGENT") if author is Author.AGENT else USER,
                author=author,
                source="message",
                text=scrubbed(text),
                at=at,
            )
        tx.tickets.delete_message(TEAM, CHANNEL, SlackTs("1772366400.000104"), at=now)

    with store.read() as tx:
        assert list(tx.tickets.said_by_merchants(now)) == ["first", "second"]


def test_what_did_not_help_is_read_since_a_moment(store: Store, now: datetime) -> None:
    """A ticket and its section once, however many pressed; not what helped, not what is older."""
    with store.begin() as tx:
        ticket, helped, old = (open_ticket(tx, now) for _ in range(3))
        for number, user, is_helpful, at in (
            (ticket, "U0ONE", False, now),
            (ticket, "U0TWO", False, now + timedelta(hours=1)),
            (helped, "U0ONE", True, now),
            (old, "U0ONE", False, now - timedelta(days=1)),
        ):
            tx.ratings.rate(
                number, SECTION, UserId(user), reviewed=now.date(), is_helpful=is_helpful, at=at
            )

    with store.read() as tx:
        assert tx.ratings.failed(now) == ((ticket, SECTION),)
