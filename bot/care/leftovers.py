"""What Slack still shows of a ticket's personal data, by link: deleting it there is for people.

A message of ours is told by its placeholders, a file by what was found in it.
"""

from __future__ import annotations

from bot.clearing import kinds_in
from storage.ids import ChannelId, SlackTs, TeamId, TicketId
from storage.store import Transaction


def leftovers(records: Transaction, ticket: TicketId) -> list[tuple[TeamId, ChannelId, SlackTs]]:
    """Return the messages in Slack that held personal data and were not deleted, oldest first."""
    team = records.tickets.get(ticket).team
    with_files = {each.message for each in records.files.of_ticket(ticket) if each.found}
    return [
        (team, each.channel, each.ts)
        for each in records.tickets.messages(ticket)
        if each.ts is not None
        and (each.message_id in with_files or (kinds_in(each.text) and not each.is_cleared))
    ]
