"""The App Home, opened."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from slack_bolt import Ack, App

from bot.lifting import string
from bot.slack.doors import Doors
from storage.ids import TeamId, UserId


def register(app: App, doors: Doors) -> None:
    """Listen to `app_home_opened`."""
    app.event("app_home_opened")(ack=_acknowledge, lazy=[partial(_opened, doors)])


def _opened(doors: Doors, event: Mapping[str, object], body: Mapping[str, object]) -> None:
    """Show the tab that was opened."""
    if string(event, "tab") in ("", "home"):
        user, team = UserId(string(event, "user")), TeamId(string(body, "team_id"))
        doors.slack.publish_home(team=team, user=user, view=doors.home.view(team, user))


def _acknowledge(ack: Ack) -> None:
    ack()
