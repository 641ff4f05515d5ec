"""Anchoring the audit by the clock, and telling Care in Slack."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from bot.blocks import Reply
from bot.jobs import Job, Jobs
from bot.log import Event, failure, log
from bot.replies import when
from storage.anchor_file import AnchorFile
from storage.anchoring import anchor
from storage.anchors import Anchor
from storage.errors import AnchorsUnreadable, AuditBroken, SigningKeyError, StorageError
from storage.ids import ChannelId, TeamId
from storage.store import Store

RECENT: Final = timedelta(days=1)
"""How old an anchor may be for Slack to be told of it, where a crash came between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchoring:
    """Anchors the audit.

    Attributes:
        anchors: File of the anchors.
        key: File of the key that signs them.
        team: Care's workspace.
        channel: Where Care is told, None for nowhere.
    """

    store: Store
    jobs: Jobs
    anchors: Path
    key: Path
    team: TeamId
    channel: ChannelId | None

    def daily(self, at: datetime) -> None:
        """Sign the audit's head, if that was not done today, and tell Care in Slack, once.

        It is safe to repeat, after a kill as well, so it may be called each hour. What keeps it
        from signing is logged and told once a day.

        Raises:
            StorageError: The database cannot be used at the moment.
        """
        file = AnchorFile(self.anchors)
        try:
            made = anchor(self.store, file, self.key, at)
            last = (made,) if made else file.read().anchors[-1:]
        except (AuditBroken, SigningKeyError, AnchorsUnreadable) as error:
            failure(Event.AUDIT_NOT_ANCHORED, error)
            self._tell(f"unanchored:{at:%Y-%m-%d}", not_anchored(error), at)
            return
        if made is not None:
            log(Event.AUDIT_ANCHORED, anchor=made.number, entry=made.seq)
        for each in last:
            if abs(at - each.at) <= RECENT:
                self._tell(f"anchor:{each.key}:{each.number}", anchored(each), at)

    def _tell(self, key: str, text: str, at: datetime) -> None:
        if self.channel is None:
            return
        with self.store.begin() as records:
            # The key makes it one message, however often this is repeated.
            note = records.outbox.put(
                key=key,
                ticket=None,
                team=self.team,
                channel=self.channel,
                thread_ts=None,
                body=Reply(text=text).encoded(),
                at=at,
            )
            self.jobs.enqueue(records.session, Job.SEND, note, lane="anchors")


def anchored(made: Anchor) -> str:
    """Say what was anchored, so that a chain or a file that says otherwise is found out."""
    return (
        f"Audit anchor {made.number}: entry {made.seq}, hash `{made.hash[:16]}`, "
        f"{when(made.at)}, key `{made.key}`"
    )


def not_anchored(error: StorageError) -> str:
    """Say that nothing was signed, and why; our errors hold no data."""
    return (
        f":warning: The audit was not anchored. {error} `jetpack-care audit verify` tells more, "
        "and docs/operations.md what to do."
    )
