"""The App Home: opened, and pressed in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial

from slack_bolt import Ack, App

from bot.cards.home import ACT, SHOW
from bot.interactions import read_home_press
from bot.lifting import string
from bot.payload_ids import installed_team
from bot.slack.doors import Doors
from bot.slack.listeners.panes import suggest
from storage.ids import ChannelId, UserId


def register(app: App, doors: Doors) -> None:
    """Listen to `app_home_opened` and to the buttons of the App Home."""
    app.event("app_home_opened")(ack=_acknowledge, lazy=[partial(_opened, doors)])
    app.action(re.compile(rf"^(?:{ACT}|{SHOW})\."))(partial(_pressed, doors))


def _opened(doors: Doors, event: Mapping[str, object], body: Mapping[str, object]) -> None:
    """Show the tab that was opened; in that of the messages suggest what to ask."""
    user, team = UserId(string(event, "user")), installed_team(body)
    if string(event, "tab") in ("", "home"):
        doors.slack.publish_home(team=team, user=user, view=doors.home.view(team, user))
    elif string(event, "tab") == "messages" and string(event, "channel"):
        suggest(doors, team, ChannelId(string(event, "channel")))


def _pressed(doors: Doors, body: Mapping[str, object], ack: Ack) -> None:
    """Do what was pressed, and show the App Home as it is then."""
    press = read_home_press(body)
    shown = press.value
    if press.action.startswith(ACT):
        shown = doors.home.act(press.user_team, press.user, press.value)
    ack()
    view = doors.home.view(press.user_team, press.user, shown)
    doors.slack.publish_home(team=press.team, user=press.user, view=view)


def _acknowledge(ack: Ack) -> None:
    ack()
