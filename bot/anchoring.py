"""Anchoring the audit by the clock, and telling Care in Slack."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from bot.log import Event, failure, log
from bot.replies import when
from bot.telling import Telling
from storage.anchor_file import AnchorFile
from storage.anchoring import anchor
from storage.anchors import Anchor
from storage.errors import AnchorsUnreadable, AuditBroken, SigningKeyError, StorageError
from storage.store import Store

LANE: Final = "anchors"
RECENT: Final = timedelta(days=1)
"""How old an anchor may be for Slack to be told of it, where a crash came between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchoring:
    """Anchors the audit.

    Attributes:
        anchors: File of the anchors.
        key: File of the key that signs them.
    """

    store: Store
    telling: Telling
    anchors: Path
    key: Path

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
            key = f"unanchored:{at:%Y-%m-%d}"
            self.telling.tell(key, not_anchored(error), at, lane=LANE)
            return
        if made is not None:
            log(Event.AUDIT_ANCHORED, anchor=made.number, entry=made.seq)
        for each in last:
            if abs(at - each.at) <= RECENT:
                key = f"anchor:{each.key}:{each.number}"
                self.telling.tell(key, anchored(each), at, lane=LANE)


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
