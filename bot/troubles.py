"""When something fails for a person: a reference for them, the same in the log and for Care."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.log import Event, failure
from bot.telling import Telling
from storage.errors import StorageError
from storage.ids import Reference

QUIET_MINUTES: Final = 10
"""Care is told once in so many minutes of failures of one class; the log has them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Troubles:
    """Notes failures.

    Attributes:
        telling: How Care is told.
        clock: Tells the time.
    """

    telling: Telling
    clock: Callable[[], datetime]

    def note(self, error: Exception) -> Reference:
        """Log a failure under a new reference, tell Care, and return the reference."""
        reference = Reference(secrets.token_hex(4).upper())
        failure(Event.LISTENER_FAILED, error, reference=reference)
        now = self.clock()
        kind = type(error).__name__
        span = int(now.timestamp()) // (QUIET_MINUTES * 60)
        text = (
            f"Something failed for a person ({kind}), who was given the reference *{reference}*. "
            f"The log has it. More of the kind within {QUIET_MINUTES} minutes are there alone."
        )
        try:
            self.telling.tell(f"trouble:{kind}:{span}", text, now, lane="trouble")
        except StorageError as unstored:
            # What failed may be the database itself.
            failure(Event.LISTENER_FAILED, unstored, reference=reference)
        return reference
