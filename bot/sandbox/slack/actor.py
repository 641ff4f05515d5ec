"""Somebody in Slack, and their way to the bot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.sandbox.errors import SandboxMisused
from bot.sandbox.slack.delivery import Ack, Delivery, Kind
from bot.sandbox.slack.objects import Channel, User
from bot.sandbox.slack.text import Json
from bot.sandbox.slack.workspace import Workspace

PATIENCE: Final = 10.0
"""Seconds that a play waits for an acknowledgement. Slack waits 3; a busy test machine may need
more, and whoever tests the 3 seconds reads `Ack.seconds`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Somebody in Slack.

    Attributes:
        user: Who.
        workspace: Where.
        delivery: The transport to the bot.
        patience: Seconds to wait for each acknowledgement.
    """

    user: User
    workspace: Workspace
    delivery: Delivery
    patience: float = PATIENCE

    @property
    def dm(self) -> Channel:
        """The direct message conversation with the bot."""
        return self.workspace.direct(self.user.id)

    def place(self, channel: Channel | str | None) -> Channel:
        """Return the conversation, which the person must be a member of."""
        if channel is None:
            return self.dm
        name = channel if isinstance(channel, str) else channel.id
        found = self.workspace.channel(name)
        if self.user.id not in found.members:
            raise SandboxMisused("The person is not in that channel.")
        return found

    def deliver(self, payload: Json, kind: Kind) -> Ack | None:
        """Hand a payload to the transport and wait for the answer."""
        return self.delivery.deliver(payload, kind, timeout=self.patience)
