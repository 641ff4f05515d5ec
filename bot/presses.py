"""Our buttons, pressed: solved, ask a person, this section, it helped or not."""

from __future__ import annotations

from dataclasses import dataclass

from bot.blocks import FEEDBACK, PERSON, SOLVED
from bot.desk import Desk
from bot.interactions import Press
from bot.jobs import Job, Jobs
from bot.log import Event, log, warn
from bot.resolving import Resolver
from storage.errors import MalformedId, UnknownTicket
from storage.ids import SlackTs, ticket_id
from storage.store import Store, Transaction
from storage.tickets import Ticket, Trigger


@dataclass(frozen=True, slots=True, kw_only=True)
class Presses:
    """Takes presses. One counts only in the conversation of the ticket that it is about."""

    store: Store
    desk: Desk
    jobs: Jobs
    resolver: Resolver

    def take(self, press: Press) -> None:
        """Do what a press says, once."""
        with self.store.begin() as records:
            now = self.desk.clock()
            if not records.inbox.first_time(f"press:{press.team}", press.event, now):
                log(Event.DUPLICATE, team=press.team, event_id=press.event)
                return
            thread = press.thread_ts or SlackTs("")
            records.tickets.lock_conversation(press.team, press.channel, thread)
            ticket = _ticket(records, press, thread)
            if ticket is None:
                warn(Event.COMMAND_REFUSED, team=press.team, user=press.user)
                return
            if press.action == SOLVED:
                self.resolver.resolve(
                    records, ticket.ticket_id, by=press.user, trigger=Trigger.BUTTON
                )
                return
            about = press.value.partition(":")[2]
            if press.action == PERSON:
                replies = self.desk.call_person(records, ticket, press)
            elif press.action == FEEDBACK:
                answer, _, section = about.partition(":")
                if answer not in ("yes", "no"):
                    warn(Event.COMMAND_REFUSED, team=press.team, user=press.user)
                    return
                replies = self.desk.rate(records, ticket, press, section, helped=answer == "yes")
            else:
                replies = self.desk.show_section(records, ticket, press, about)
            lane = f"{ticket.channel}:{ticket.thread_ts}"
            for reply in replies:
                self.jobs.enqueue(records.session, Job.SEND, reply, lane=lane)


def _ticket(records: Transaction, press: Press, thread: SlackTs) -> Ticket | None:
    """Return the ticket of a press, if the press comes from that ticket's own conversation."""
    try:
        ticket = records.tickets.get(ticket_id(press.value.partition(":")[0]))
    except (MalformedId, UnknownTicket):
        return None
    here = (press.team, press.channel, thread)
    return ticket if (ticket.team, ticket.channel, ticket.thread_ts) == here else None
