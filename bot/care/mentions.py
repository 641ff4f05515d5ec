"""`@Jetpack Care resolve` in a thread, where Slack takes no slash command.

Agents alone command this way; what anybody else says to the bot is a question. The ticket of the
thread is meant where no other one is named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bot.blocks import Reply, context
from bot.care.agents import Agents
from bot.interactions import Mention, read_mention
from bot.jobs import Job, Jobs
from bot.outgoing import put
from bot.people import Roster
from bot.replies import NOT_STORED
from bot.triage import Triage
from nlp.errors import ScrubbingFailed
from storage.ids import ChannelId, SlackTs, TeamId, UserId, ticket_ref
from storage.store import Store

SEEN: Final = (
    "You alone see this. What you typed is seen by everybody here: where the merchant should not "
    "read it, type it in the card's thread, or use `/care`."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentions:
    """Runs commands that are said to the bot.

    Attributes:
        bot_user: Who the bot is in a workspace, None where it is not there.
    """

    store: Store
    jobs: Jobs
    agents: Agents
    roster: Roster
    triage: Triage
    bot_user: Callable[[TeamId], UserId | None]
    clock: Callable[[], datetime]

    def read(self, body: Mapping[str, object]) -> Mention | None:
        """Return the command that an agent says to the bot, None for all else.

        Raises:
            PayloadRefused: An id is missing or malformed.
        """
        found = read_mention(body, self.bot_user, self.agents.names(), self._ticket_of)
        if found is None or not self.roster.is_agent(found.user_team, found.command.user):
            return None
        return found

    def run(self, mention: Mention) -> None:
        """Do what is said, once, and answer the agent alone, in the thread.

        Slack tells of a mention twice, as a message and as a mention: only the second counts.
        """
        source = f"slack:{mention.command.team}"
        with self.store.read() as records:
            if not mention.is_told_as_one or records.inbox.is_known(source, mention.command.event):
                return
        try:
            reply = self.agents.run(mention.command)
        except ScrubbingFailed:
            reply = Reply(text=NOT_STORED, private=True)
        if mention.command.channel != self.triage.channel:
            blocks = (*reply.blocks, context(SEEN)) if reply.blocks else ()
            reply = replace(reply, text=f"{reply.text}\n{SEEN}", blocks=blocks)
        with self.store.begin() as records:
            now = self.clock()
            if not records.inbox.first_time(source, mention.command.event, now):
                return
            for each in put(
                records,
                replace(reply, form=None),
                key=f"mention:{mention.command.team}:{mention.command.event}",
                ticket=None,
                team=mention.command.team,
                channel=mention.command.channel,
                thread_ts=mention.thread_ts,
                ephemeral_to=mention.command.user,
                at=now,
            ):
                self.jobs.enqueue(records.session, Job.SEND, each, lane=mention.command.channel)

    def _ticket_of(self, team: TeamId, channel: ChannelId, thread_ts: SlackTs) -> str:
        """Return the ticket of a thread, or of a card's thread; empty where it has none."""
        with self.store.read() as records:
            number = self.triage.ticket_of(records, team, channel, thread_ts)
            if number is None:
                latest = records.tickets.latest(team, channel, thread_ts)
                number = None if latest is None else latest.ticket_id
        return "" if number is None else ticket_ref(number)
