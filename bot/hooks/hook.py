"""What every help desk's hook comes down to: this ticket is resolved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from storage.ids import EventId, TicketId


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """A help desk says that a ticket is resolved.

    Attributes:
        event: The delivery's own id, the key of idempotency.
        ticket: Our ticket, where the help desk names it.
        external: The help desk's own id of it, where it does not.
    """

    event: EventId
    ticket: TicketId | None
    external: str | None


class Hook(Protocol):
    """A help desk's way to tell us."""

    def read(self, headers: Mapping[str, str], body: bytes) -> tuple[Resolved, ...]:
        """Verify a delivery and read what it resolves; nothing for other news.

        Raises:
            HookRefused: Signature or time do not verify.
            PayloadRefused: It is genuine, but not of the documented form.
        """
