"""The App Home: for agents the queue and what falls due, for merchants their own tickets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.blocks import Block, Reply
from bot.cards.home import PAGE, Page, Queued, Which, agents_home, merchants_home
from bot.care.agents import Agents
from bot.log import Event, warn
from bot.lookup import LookUp
from bot.people import Roster
from bot.resolving import Resolver
from bot.triage import Triage
from nlp.answers.listing import Period, Wish
from nlp.answers.listing import Which as Wanted
from storage.audit import AuditKind
from storage.errors import MalformedId, UnknownTicket
from storage.ids import ChannelId, MerchantId, SlackTs, TeamId, UserId, ticket_id
from storage.service_levels import ServiceLevels
from storage.store import Store, Transaction
from storage.tickets import LIVE, Ticket, TicketState, Trigger

OWN: Final = 20
"""Tickets that a merchant's person sees."""
OWN_ORDERS: Final = 5
"""Orders of a list that they see; asking for the list shows more."""
_SHOWN: Final = re.compile(r"(all|waiting|mine)\.([0-9]{1,4})")
_ACT: Final = re.compile(r"(claim|resolve):(JC-[1-9][0-9]{0,17}):([a-z]+\.[0-9]{1,4})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Builds App Home views, and does what is pressed in them.

    Attributes:
        permalink: Builds a link to a message.
        health: Tells how the parts are, see `bot.health`.
        quiet_days: Days without a word until a ticket resolves by itself.
        retention_days: Days after delivery until an order is redacted.
    """

    store: Store
    roster: Roster
    agents: Agents
    resolver: Resolver
    triage: Triage
    lookup: LookUp
    levels: ServiceLevels
    permalink: Callable[[TeamId, ChannelId, SlackTs], str]
    health: Callable[[], Mapping[str, object]]
    clock: Callable[[], datetime]
    quiet_days: int
    retention_days: int

    def view(self, team: TeamId, user: UserId, shown: str = "all.0") -> Block:
        """Return the home view of a person.

        Args:
            team: The person's own workspace.
            user: The person.
            shown: Which tickets and which page an agent sees, such as `mine.2`; anything else
                is the first page of all.
        """
        help_text = self.agents.help(by_agent=self.roster.is_agent(team, user))
        with self.store.read() as records:
            if self.roster.is_agent(team, user):
                page = self._page(records, user, shown)
                facts = [*self._facts(records), *self._health()]
                return agents_home(page, facts=facts, help_text=help_text)
            # A person's own link alone: their channels' tickets may be those of colleagues.
            merchant = records.merchants.merchant_of(team, ChannelId(""), user)
            tickets = records.tickets.opened_by(team, user, merchant, limit=OWN)
            orders = () if merchant is None else self._orders(records, merchant)
        return merchants_home(
            tickets,
            self._link,
            orders=orders,
            help_text=help_text,
            retention_days=self.retention_days,
        )

    def act(self, team: TeamId, user: UserId, value: str) -> str:
        """Do what an agent pressed, such as `claim:JC-12:mine.2`; refuse others, on record.

        Returns what is shown then.
        """
        match = _ACT.fullmatch(value)
        with self.store.begin() as records:
            if not self.roster.is_agent(team, user) or match is None:
                warn(Event.COMMAND_REFUSED, team=team, user=user)
                records.audit.append(
                    AuditKind.ACTION_REFUSED,
                    at=self.clock(),
                    by=f"{team}/{user}",
                    subject="button:home",
                )
                return ""
            try:
                ticket = ticket_id(match[2])
                if match[1] == "resolve":
                    self.resolver.resolve(records, ticket, by=user, trigger=Trigger.CARD)
                elif records.tickets.get(ticket).assignee is None:
                    records.tickets.assign(ticket, user)
                    self.triage.refresh(records, ticket)
            except (MalformedId, UnknownTicket):
                warn(Event.COMMAND_REFUSED, team=team, user=user)
        return match[3]

    def _orders(self, records: Transaction, merchant: MerchantId) -> tuple[Reply, ...]:
        """Return what a merchant looks for first: what is late, and what has not left."""
        wishes = (Wish(which=which, period=Period.ANY) for which in (Wanted.LATE, Wanted.UNSHIPPED))
        return tuple(self.lookup.list(records, merchant, wish, limit=OWN_ORDERS) for wish in wishes)

    def _page(self, records: Transaction, user: UserId, shown: str) -> Page:
        match = _SHOWN.fullmatch(shown)
        which, number = (Which(match[1]), int(match[2])) if match else (Which.ALL, 0)
        states = (TicketState.WAITING_ON_CARE,) if which is Which.WAITING else LIVE
        mine = user if which is Which.MINE else None
        many = max(1, -(-records.tickets.count(states=states, assignee=mine) // PAGE))
        number = min(number, many - 1)
        found = records.tickets.queue(states=states, assignee=mine, limit=PAGE, after=PAGE * number)
        sealed = records.tickets.sealed_counts([each.ticket_id for each in found])
        now = self.clock()
        queued = [
            Queued(
                ticket=each,
                standing=self.levels.standing(each, now),
                link=self._link(each),
                sealed=sealed.get(each.ticket_id, 0),
                until=each.changed_at + timedelta(days=self.quiet_days),
            )
            for each in found
        ]
        return Page(which=which, number=number, queued=queued, many=many)

    def _link(self, ticket: Ticket) -> str:
        return self.permalink(ticket.team, ticket.channel, ticket.thread_ts)

    def _facts(self, records: Transaction) -> Iterator[str]:
        sealed = records.census.sealed_values()
        kinds = ", ".join(f"{count} {kind}" for kind, count in sealed.items())
        yield (
            f"Sensitive values kept, sealed: {kinds or 'none'}. They go when their ticket "
            f"resolves, by itself after {self.quiet_days} quiet days"
        )
        due = records.orders.count_due(self.clock(), self.retention_days, timedelta(days=1))
        yield f"Orders that are redacted within a day: {due.due}"
        troubled = [each for each in records.feeds.all() if each.problem is not None]
        names = ", ".join(f"{each.merchant_id} {each.kind}" for each in troubled)
        yield f"Amazon: {names} cannot be read" if troubled else "Amazon: all is read"

    def _health(self) -> Iterator[str]:
        found = self.health()
        age = found.get("last_event_age_seconds")
        heard = "nothing yet" if age is None else f"{age} seconds ago"
        yield (
            f"Last heard of Slack: {heard}; replies on their way: "
            f"{found.get('replies_waiting', 'not known')}"
        )
