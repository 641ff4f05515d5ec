"""The sandbox Slack in front of several web processes."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle

from bot.sandbox.slack.delivery import ACK_SECONDS, Ack, Delivery, Kind


class InTurns:
    """Hands each payload to the next of several web processes, as a router does."""

    def __init__(self, deliveries: list[Delivery]) -> None:
        self._turns = cycle(deliveries)
        self.late = deliveries[0].late

    def deliver(
        self,
        payload: Mapping[str, object],
        kind: Kind = Kind.EVENTS_API,
        *,
        retry_attempt: int = 0,
        retry_reason: str = "",
        timeout: float = ACK_SECONDS,
    ) -> Ack | None:
        """Send a payload once."""
        return next(self._turns).deliver(
            payload,
            kind,
            retry_attempt=retry_attempt,
            retry_reason=retry_reason,
            timeout=timeout,
        )
