"""Renewing the tokens of workspaces where the app rotates them (Slack: token rotation).

A token lives twelve hours; the one before stays good until its end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.errors import SlackBusy, SlackRefused
from bot.log import Event, failure, log
from bot.slack.client import called, web_client
from bot.slack.workspaces import Workspaces
from bot.telling import Telling
from storage.ids import TeamId
from storage.installations import Grant
from storage.store import Store

AHEAD: Final = timedelta(hours=3)
"""How long before its end a token is renewed: several tries, one an hour, before it is late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewing:
    """Renews tokens.

    Attributes:
        client_id: Id of the app.
        client_secret: Its secret.
    """

    store: Store
    workspaces: Workspaces
    telling: Telling
    client_id: str
    client_secret: str
    api_url: str
    clock: Callable[[], datetime]

    def renew(self, at: datetime) -> int:
        """Renew what ends soon. Returns how many. Raises SlackBusy when all were tried."""
        with self.store.read() as records:
            ending = records.installations.ending_before(at + AHEAD)
        renewed = 0
        busy: SlackBusy | None = None
        for team in ending:
            try:
                renewed += self._renew(team)
            except SlackBusy as error:
                failure(Event.TOKEN_NOT_RENEWED, error, team=team)
                busy = error
            except SlackRefused as error:
                failure(Event.TOKEN_NOT_RENEWED, error, team=team)
                self._tell(team, error.code)
        if busy is not None:
            raise busy
        return renewed

    def _renew(self, team: TeamId) -> bool:
        with self.store.read() as records:
            grant = records.installations.grant(team)
        if grant is None or grant.refresh_token is None:
            return False
        found = called(
            lambda: web_client(None, self.api_url).oauth_v2_access(
                client_id=self.client_id,
                client_secret=self.client_secret,
                grant_type="refresh_token",
                refresh_token=grant.refresh_token,
            )
        )
        new = Grant(
            token=str(found["access_token"]),
            refresh_token=str(found["refresh_token"]),
            expires_at=self.clock() + timedelta(seconds=int(str(found["expires_in"]))),
        )
        with self.store.begin() as records:
            done = records.installations.renew(team, new)
        self.workspaces.forget(team)
        log(Event.TOKEN_RENEWED, team=team)
        return done

    def _tell(self, team: TeamId, code: str) -> None:
        """Tell Care once a day that a workspace will be out of reach."""
        now = self.clock()
        self.telling.tell(
            f"not renewed:{team}:{now.date().isoformat()}",
            f"Slack does not renew the bot's token in workspace `{team}` ({code}). It ends within "
            "three hours; then the app has to be installed there again, at `/slack/install`.",
            now,
            lane=f"workspace:{team}",
        )
