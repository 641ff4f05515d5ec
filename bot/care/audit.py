"""`/care` about what was done: the audit's entries, and figures. Ids and counts alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.blocks import Reply
from bot.cards.moments import moment
from bot.care.asked import Action, Asked, private
from storage.audit import Entry
from storage.errors import MalformedId
from storage.ids import order_id, order_owner, ticket_id, ticket_owner
from storage.rating_records import Rated
from storage.store import Store

SHOWN: Final = 15
"""Entries in an answer."""
DAYS: Final = 7
MOST_DAYS: Final = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditCommands:
    """The commands about what was done."""

    store: Store
    clock: Callable[[], datetime]

    def actions(self) -> Iterator[Action]:
        """Yield the commands."""
        yield Action(
            name="audit",
            usage="[JC-12|111-2223334-5556667]",
            tells="shows the last entries of the audit, or those of a ticket or an order",
            run=self._audit,
        )
        yield Action(
            name="stats",
            usage="[DAYS]",
            tells="shows figures of the last days, 7 without a number",
            run=self._stats,
        )

    def _audit(self, asked: Asked) -> Reply:
        about = asked.word(0)
        with self.store.read() as records:
            if about:
                found = records.audit.about(_subject(about))[-SHOWN:]
            else:
                found = records.audit.latest(SHOWN)
        return private("\n".join(map(_line, found)) or "The audit has no such entry.")

    def _stats(self, asked: Asked) -> Reply:
        text = asked.word(0) or str(DAYS)
        if not text.isdigit() or not 1 <= int(text) <= MOST_DAYS:
            return private(f"`/care stats` takes a number of days, up to {MOST_DAYS}.")
        now = self.clock()
        with self.store.read() as records:
            figures = records.census.service(now - timedelta(days=int(text)))
            states = records.census.tickets()
            sealed = records.census.sealed_values()
            rated = records.ratings.all()
        median = "none yet" if figures.first_reply is None else _span(figures.first_reply)
        lines = (
            f"*The last {text} days*",
            f"Tickets: {figures.opened} opened, {figures.resolved} resolved, "
            f"{figures.handed_over} handed over to a person, "
            f"{figures.opened - figures.handed_over} answered by the bot alone",
            f"First reply of a person, half of them within: {median}",
            "*Now*",
            f"Tickets: {_counts(states)}",
            f"Sealed values: {_counts(sealed)}",
            *_ratings(rated),
        )
        return private("\n".join(lines))


def _ratings(rated: Sequence[Rated]) -> Iterator[str]:
    """Say which sections of articles helped, those that failed most first."""
    if rated:
        yield "*Answers from articles, ever*"
    for each in sorted(rated, key=lambda one: (-one.failed, -one.helped))[:SHOWN]:
        yield (
            f"{each.section}, reviewed {each.reviewed}: helped {each.helped}, "
            f"did not help {each.failed}"
        )


def _subject(text: str) -> str:
    """Return what the audit calls a ticket or an order. Raises MalformedId."""
    try:
        return ticket_owner(ticket_id(text))
    except MalformedId:
        return order_owner(order_id(text))


def _line(entry: Entry) -> str:
    facts = ", ".join(f"{name} {value}" for name, value in entry.facts.items())
    kind = entry.kind.value.replace("_", " ")
    tail = f": {facts}" if facts else ""
    return f"{entry.seq}. {moment(entry.at)} {kind}, {entry.subject}, by {entry.by}{tail}"


def _counts(counts: dict[str, int]) -> str:
    found = (f"{count} {name.replace('_', ' ')}" for name, count in counts.items())
    return ", ".join(found) or "none"


def _span(span: timedelta) -> str:
    minutes = round(span.total_seconds() / 60)
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if hours else f"{rest} min"
