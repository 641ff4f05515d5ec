"""The workspaces that the bot is in: who it is there, and the token that it acts with.

One by SLACK_BOT_TOKEN, and any number that installed the app by OAuth.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Final

from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from bot.errors import SlackRefused
from bot.slack.client import Identity, identity, web_client
from storage.ids import ChannelId, SlackTs, TeamId, UserId
from storage.store import Store

SECONDS: Final = 30.0
"""How long what the database says is taken for known. A token that is renewed stays good for two
hours; one that was revoked Slack refuses."""
MOST: Final = 10_000
"""Workspaces that are remembered."""
NOT_INSTALLED: Final = "not_installed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """A workspace that the bot is in.

    Attributes:
        who: Who the bot is there.
        client: Acts with its token there.
    """

    who: Identity
    client: WebClient


class Workspaces:
    """Finds the token of a workspace. Safe to use from many threads.

    Args:
        store: Where the installations are.
        api_url: Slack's Web API, or a stand-in for it.
        token: The token of the one workspace that needs no installation, empty for none.
        is_open: Whether other workspaces may install the app.

    Raises:
        SlackRefused, SlackBusy: Slack does not take the token, or cannot be reached.
    """

    def __init__(self, store: Store, *, api_url: str, token: str, is_open: bool) -> None:
        self._store: Final = store
        self._api_url: Final = api_url
        self._is_open: Final = is_open
        self._known: Final[dict[TeamId, tuple[float, Workspace | None]]] = {}
        self._lock: Final = threading.Lock()
        self.own: Final = self._by_token(token) if token else None

    def find(self, team: TeamId) -> Workspace | None:
        """Return a workspace, None where the bot is not (any more). Raises StorageError."""
        if self.own is not None and (not self._is_open or team == self.own.who.team):
            # The one token serves whatever Slack tells of: a shared channel goes by other names.
            return self.own
        with self._lock:
            known = self._known.get(team)
        if known is not None and time.monotonic() - known[0] < SECONDS:
            return known[1]
        found = self._installed(team)
        with self._lock:
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[team] = (time.monotonic(), found)
        return found

    def client(self, team: TeamId) -> WebClient:
        """Return the client of a workspace. Raises SlackRefused where the bot is not there."""
        found = self.find(team)
        if found is None:
            raise SlackRefused(NOT_INSTALLED)
        return found.client

    def permalink(self, team: TeamId, channel: ChannelId, ts: SlackTs) -> str:
        """Return the link that Slack gives a message, without asking for it; empty where none."""
        found = self.find(team)
        if found is None:
            return ""
        return f"{found.who.url.rstrip('/')}/archives/{channel}/p{ts.replace('.', '')}"

    def bot_user(self, team: TeamId) -> UserId | None:
        """Return who the bot is in a workspace, None where it is not."""
        found = self.find(team)
        return None if found is None else found.who.bot_user

    def forget(self, team: TeamId) -> None:
        """Look anew the next time, after an installation or its end."""
        with self._lock:
            self._known.pop(team, None)

    def authorize(
        self, enterprise_id: str | None, team_id: str | None, user_id: str | None
    ) -> AuthorizeResult | None:
        """Tell Bolt with which token a request is answered, None where the bot is not there."""
        found = self.find(TeamId(team_id or ""))
        if found is None:
            return None
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=found.who.team,
            bot_user_id=found.who.bot_user,
            bot_id=found.who.bot_id,
            bot_token=found.client.token,
            user_id=user_id,
        )

    def _by_token(self, token: str) -> Workspace:
        client = web_client(token, self._api_url)
        return Workspace(who=identity(client), client=client)

    def _installed(self, team: TeamId) -> Workspace | None:
        with self._store.read() as records:
            found, grant = records.installations.find(team), records.installations.grant(team)
        if found is None or grant is None:
            return None
        return Workspace(
            who=Identity(team=team, bot_user=found.bot_user, bot_id=found.bot_id, url=found.url),
            client=web_client(grant.token, self._api_url),
        )
