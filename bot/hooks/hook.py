"""What every help desk's hook comes down to: this ticket is resolved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.errors import CareError
from storage.external import ExternalTicket
from storage.ids import EventId, TicketId


class HelpDeskAway(CareError):
    """The help desk's own API does not tell how the ticket stands. Its delivery comes again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What came over HTTP. Nothing of it is kept or logged.

    Attributes:
        headers: By their names in lower case.
        body: As it came, since signatures are over its bytes.
        at: When it came.
    """

    headers: Mapping[str, str]
    body: bytes
    at: datetime

    def header(self, name: str) -> str:
        """Return a header, empty where it is missing."""
        return self.headers.get(name, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """A help desk says that a ticket is resolved.

    Attributes:
        event: What makes the news unique, the key of idempotency.
        at: When it was resolved, by the help desk's clock.
        external: The help desk's own id of the ticket, where it names it.
        ticket: Our ticket, where it names ours.
    """

    event: EventId
    at: datetime
    external: ExternalTicket | None = None
    ticket: TicketId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a genuine delivery says.

    Attributes:
        resolved: The tickets that are resolved; none for other news.
        refused: Events of a batch that are not of the documented form.
        unconfirmed: Tickets that are not resolved when their help desk is asked.
        challenge: What is to be said back, where the help desk tries our address.
    """

    resolved: tuple[Resolved, ...] = ()
    refused: int = 0
    unconfirmed: int = 0
    challenge: str = ""


class Hook(Protocol):
    """A help desk's way to tell us."""

    def read(self, delivery: Delivery) -> Heard:
        """Verify a delivery and read what it resolves.

        Raises:
            HookRefused: Signature, secret or time do not verify.
            PayloadRefused: It is genuine, but not of the documented form.
            HelpDeskAway: What it says has to be asked back, and nobody answers.
        """
