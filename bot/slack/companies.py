"""How many other workspaces are in a channel (Slack Connect), remembered for some minutes."""

from __future__ import annotations

import threading
import time
from typing import Final

from bot.errors import SlackBusy, SlackRefused
from bot.log import Event, failure
from bot.slack.client import Slack
from storage.ids import ChannelId, TeamId

SECONDS: Final = 300.0
"""How long an answer of Slack's counts. Who is invited meanwhile reads along for so long."""
MOST: Final = 10_000
"""Channels that are remembered."""


class Companies:
    """Asks Slack, and remembers. Safe to use from many threads."""

    def __init__(self, slack: Slack) -> None:
        self._slack: Final = slack
        self._known: Final[dict[tuple[TeamId, ChannelId], tuple[float, int]]] = {}
        self._lock: Final = threading.Lock()

    def count(self, team: TeamId, channel: ChannelId) -> int | None:
        """Return how many workspaces besides `team` a channel is shared with.

        None where Slack cannot be asked: whoever asks takes the channel for shared by many.
        """
        with self._lock:
            known = self._known.get((team, channel))
        if known is not None and time.monotonic() - known[0] < SECONDS:
            return known[1]
        try:
            others = self._slack.connected_teams(team=team, channel=channel) - {team}
        except (SlackBusy, SlackRefused) as error:
            failure(Event.CHANNEL_UNREADABLE, error, channel=channel)
            return None
        with self._lock:
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[team, channel] = (time.monotonic(), len(others))
        return len(others)
