"""Who is a Care agent: by list or by Slack user group, in Care's own workspace alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from bot.errors import CareError
from bot.log import Event, failure
from storage.ids import TeamId, UserId

GROUP_SECONDS: Final = 300.0
"""How long the members of the agents' group are taken for known."""


class Roster:
    """Tells agents from everybody else. When in doubt, somebody is not an agent.

    Args:
        team: Care's workspace; people of other workspaces (Slack Connect) are never agents.
        listed: The agents named in the settings.
        members: Fetches the members of the agents' user group; None when there is no group.
    """

    def __init__(
        self,
        *,
        team: TeamId,
        listed: frozenset[UserId],
        members: Callable[[], frozenset[UserId]] | None = None,
    ) -> None:
        self._team = team
        self._listed = listed
        self._members = members
        self._known: frozenset[UserId] = frozenset()
        self._fetched = float("-inf")
        self._lock = threading.Lock()

    def is_agent(self, team: TeamId, user: UserId) -> bool:
        """Tell whether `user`, whose own workspace is `team`, is one of Care's agents."""
        if team != self._team:
            return False
        return user in self._listed or user in self._group()

    def _group(self) -> frozenset[UserId]:
        if self._members is None:
            return frozenset()
        with self._lock:
            if time.monotonic() - self._fetched > GROUP_SECONDS:
                self._fetched = time.monotonic()
                try:
                    self._known = self._members()
                except CareError as error:
                    self._known = frozenset()
                    failure(Event.ROSTER_UNREADABLE, error)
            return self._known
