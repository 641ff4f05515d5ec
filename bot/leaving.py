"""A workspace that removed the app: all that is kept of it goes, with a receipt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.jobs import Job, Jobs
from bot.log import Event, log, warn
from bot.resolving import Resolver
from bot.telling import Telling
from bot.upkeep import ResidueLeft
from storage.departures import Departure
from storage.errors import StorageError
from storage.ids import EventId, ReplyId, TeamId
from storage.outbox_records import EMPTY
from storage.store import Store, Transaction
from storage.tickets import Trigger

SKEW: Final = timedelta(minutes=1)
"""By how much Slack's clock and ours may differ."""
LANE: Final = "leave"


class NeverLeft(StorageError):
    """That workspace never removed the app."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """Sees workspaces off.

    Attributes:
        own: Care's workspace. Its tickets are merchants', so they stay until they resolve.
        forget: Lets go of a workspace's token.
    """

    store: Store
    jobs: Jobs
    resolver: Resolver
    telling: Telling
    own: TeamId
    forget: Callable[[TeamId], None]
    clock: Callable[[], datetime]

    def uninstalled(self, team: TeamId, event: EventId, told_at: datetime | None) -> None:
        """Take in that a workspace removed the app, once.

        Args:
            team: The workspace.
            event: What makes the delivery unique.
            told_at: When that was, by Slack's clock, where it says so: what was done there later
                stays.
        """
        now = self.clock()
        with self.store.begin() as records:
            if not records.inbox.first_time(f"slack:{team}", event, now):
                return
            self._leave(records, team, until=_until(now, told_at), by="slack")
        self.forget(team)

    def revoked(self, team: TeamId, event: EventId, told_at: datetime | None) -> None:
        """Take in that the bot's token in a workspace was revoked, once. What it held stays."""
        now = self.clock()
        with self.store.begin() as records:
            if not records.inbox.first_time(f"slack:{team}", event, now):
                return
            until = _until(now, told_at)
            was_there = records.installations.forget(team, until=until)
        self.forget(team)
        warn(Event.TOKEN_REVOKED, team=team)
        if was_there:
            self.telling.tell(
                f"revoked:{event}",
                f"The bot's token in workspace `{team}` was revoked. Until the app is installed "
                "there again, at `/slack/install`, messages there go unanswered.",
                now,
                lane=f"workspace:{team}",
            )

    def remove(self, team: TeamId, *, by: str) -> int:
        """Let go of a workspace as if it had removed the app. Returns the audit entry of it."""
        with self.store.begin() as records:
            seq = self._leave(records, team, until=self.clock(), by=by)
        self.forget(team)
        return seq

    def receipt(self, team: TeamId) -> Departure:
        """Return what became of what was kept of a workspace. Raises NeverLeft."""
        with self.store.read() as records:
            found = records.departures.latest(team)
        if found is None:
            raise NeverLeft
        return found

    def leave(self, seq: int) -> None:
        """Delete everything of the workspace whose leaving an audit entry tells. Safe to repeat.

        Raises:
            ResidueLeft: The write-ahead log could not be emptied yet.
        """
        with self.store.read() as records:
            departure = records.departures.get(seq)
        if departure is None or departure.verified_at is not None:
            return
        if departure.team != self.own:
            while self._resolve_some(departure):
                pass
            while self._erase_some(departure):
                pass
        if self.store.database.clear_residue() > 0:
            raise ResidueLeft
        with self.store.begin() as records:
            found = records.departures.verified(departure, self.clock())
            told = records.departures.get(seq)
        log(Event.WORKSPACE_ERASED, team=departure.team, found=found)
        rows = {} if told is None else told.rows
        self.telling.tell(
            f"left:{seq}",
            f"Workspace `{departure.team}` removed Jetpack Care. Deleted: "
            f"{rows.get('tickets', 0)} tickets, {rows.get('messages', 0)} messages; left: {found}. "
            f"Receipt: `jetpack-care workspaces receipt {departure.team}`, audit entry {seq}.",
            self.clock(),
            lane=f"workspace:{departure.team}",
        )

    def _leave(self, records: Transaction, team: TeamId, *, until: datetime, by: str) -> int:
        records.installations.forget(team, until=until)
        seq = records.departures.begin(team, until=until, at=self.clock(), by=by)
        self.jobs.enqueue(records.session, Job.LEAVE, seq, lane=LANE)
        log(Event.WORKSPACE_LEFT, team=team)
        return seq

    def _resolve_some(self, departure: Departure) -> bool:
        """Resolve some tickets that are not, so that each has its receipt."""
        with self.store.begin() as records:
            live = records.departures.live(departure)
            for ticket in live:
                self.resolver.resolve(records, ticket, by="leave", trigger=Trigger.LEFT)
        return bool(live)

    def _erase_some(self, departure: Departure) -> bool:
        """Delete some resolved tickets, and take away what Care's channel shows of them."""
        with self.store.begin() as records:
            was_there, shown = records.departures.erase(departure, self.clock())
            for reply in shown:
                self._take_away(records, reply)
        return was_there

    def _take_away(self, records: Transaction, reply: ReplyId) -> None:
        there = records.outbox.get(reply)
        note = records.outbox.put(
            key=f"gone:{reply}",
            ticket=None,
            team=there.team,
            channel=there.channel,
            thread_ts=there.thread_ts,
            body=EMPTY,
            at=self.clock(),
            replaces=reply,
        )
        self.jobs.enqueue(records.session, Job.SEND, note, lane=LANE)


def _until(now: datetime, told_at: datetime | None) -> datetime:
    return now if told_at is None else min(now, told_at + SKEW)
