"""Telling Care's people something in their channel, once however often it is tried."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.blocks import Reply
from bot.jobs import Job, Jobs
from bot.outgoing import put
from storage.ids import ChannelId, TeamId
from storage.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """Says things in the triage channel.

    Attributes:
        team: Care's workspace.
        channel: Where Care is told, None for nowhere.
    """

    store: Store
    jobs: Jobs
    team: TeamId
    channel: ChannelId | None

    def tell(self, key: str, text: str, at: datetime, *, lane: str) -> None:
        """Say a text. The key makes it one message; what is of one lane comes in order."""
        if self.channel is None:
            return
        with self.store.begin() as records:
            for note in put(
                records,
                Reply(text=text),
                key=key,
                ticket=None,
                team=self.team,
                channel=self.channel,
                thread_ts=None,
                at=at,
            ):
                self.jobs.enqueue(records.session, Job.SEND, note, lane=lane)
