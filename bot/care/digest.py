"""Care's day in figures, told in its channel when the support hours begin. Counts and ids alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.cards.moments import moment
from bot.telling import Telling
from storage.ids import ChannelId, SlackTs, TeamId, ticket_ref
from storage.service_levels import ServiceLevels
from storage.store import Store, Transaction
from storage.tickets import LIVE, Ticket, TicketState

DAY: Final = timedelta(days=1)
OLDEST: Final = 5
"""Tickets that are named, those that wait longest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """Tells the day's digest.

    Attributes:
        permalink: Builds a link to a message; empty where there is none.
        retention_days: Days after delivery until an order is redacted.
    """

    store: Store
    telling: Telling
    levels: ServiceLevels
    permalink: Callable[[TeamId, ChannelId, SlackTs], str]
    retention_days: int

    def tell(self, at: datetime) -> bool:
        """Tell it, once in each day's support hours. Returns whether they are now."""
        hours = self.levels.hours
        began = hours.opening(at)
        if began is None:
            return False
        # The day is that of the zone: in UTC two openings can share one.
        key = f"digest:{began.astimezone(hours.zone).date()}"
        with self.store.read() as records:
            if records.outbox.by_key(key) is not None:
                return True
            text = self._text(records, at)
        self.telling.tell(key, text, at, lane="triage")
        return True

    def _text(self, records: Transaction, at: datetime) -> str:
        states = records.census.tickets()
        day = records.census.service(at - DAY)
        waiting = [each for each in records.tickets.needing() if each.waiting_since is not None]
        standings = [self.levels.standing(each, at) for each in waiting]
        missed = sum(each is not None and each.share >= 1 for each in standings)
        sealed = sum(records.census.sealed_values().values())
        due = records.orders.count_due(at, self.retention_days, DAY)
        live = sum(states.get(state.value, 0) for state in LIVE)
        oldest = ", ".join(
            f"{self._named(each)} since {moment(each.waiting_since)}"
            for each in waiting[:OLDEST]
            if each.waiting_since is not None
        )
        troubled = [
            f"{feed.merchant_id} {feed.kind}"
            for feed in records.feeds.all()
            if feed.problem is not None
        ]
        failed = records.census.replies().get("failed", 0)
        lines = (
            "*Jetpack Care today*",
            f"{live} tickets are open, {states.get(TicketState.WAITING_ON_CARE.value, 0)} wait for "
            f"a person, {missed} of them longer than promised",
            f"The last day: {day.opened} opened, {day.opened - day.handed_over} of them answered "
            f"by the bot alone, {day.handed_over} handed over; {day.resolved} resolved",
            f"Waiting longest: {oldest or 'nobody'}",
            f"{sealed} sensitive values are kept, sealed, until their tickets resolve",
            f"{records.census.redacted(at - DAY)} orders were redacted in the last day, {due.due} "
            "are within the next",
            f"Amazon: {', '.join(troubled)} cannot be read" if troubled else "Amazon: all is read",
            f"{failed} replies were not taken by Slack" if failed else "Slack took every reply",
        )
        return "\n".join(lines)

    def _named(self, ticket: Ticket) -> str:
        """Return a ticket's number, as a link where its conversation has a message to lead to."""
        number = ticket_ref(ticket.ticket_id)
        link = ticket.thread_ts and self.permalink(ticket.team, ticket.channel, ticket.thread_ts)
        return f"<{link}|{number}>" if link else number
