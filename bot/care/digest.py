"""Care's day in figures, told in its channel when the support hours begin. Counts and ids alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.cards.moments import moment
from bot.telling import Telling
from storage.ids import ticket_ref
from storage.service_levels import ServiceLevels
from storage.store import Store, Transaction
from storage.tickets import LIVE, TicketState

DAY: Final = timedelta(days=1)
OLDEST: Final = 5
"""Tickets that are named, those that wait longest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """Tells the day's digest.

    Attributes:
        retention_days: Days after delivery until an order is redacted.
    """

    store: Store
    telling: Telling
    levels: ServiceLevels
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
        waiting = [
            each for each in records.tickets.queue(states=LIVE) if each.waiting_since is not None
        ]
        standings = [self.levels.standing(each, at) for each in waiting]
        missed = sum(each is not None and each.share >= 1 for each in standings)
        sealed = sum(records.census.sealed_values().values())
        due = records.orders.count_due(at, self.retention_days, DAY)
        live = sum(states.get(state.value, 0) for state in LIVE)
        oldest = ", ".join(
            f"{ticket_ref(each.ticket_id)} since {moment(each.waiting_since)}"
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
            f"The last day: {day.opened} opened, {day.resolved} resolved, {day.handed_over} handed "
            f"over to a person",
            f"Waiting longest: {oldest or 'nobody'}",
            f"{sealed} sensitive values are kept, sealed, until their tickets resolve",
            f"{due.due} orders are redacted within a day",
            f"Amazon: {', '.join(troubled)} cannot be read" if troubled else "Amazon: all is read",
            f"{failed} replies were not taken by Slack" if failed else "Slack took every reply",
        )
        return "\n".join(lines)
