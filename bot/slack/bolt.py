"""The Bolt app: its listeners, by file in `bot.slack.listeners`; `bot.slack.failing` for errors.

Every listener reads its payload into our own values, calls once, and translates errors. It runs
before the acknowledgement (`process_before_response`), so that nothing is acknowledged that is not
stored; what takes longer is on the engine.
"""

from __future__ import annotations

from typing import Final

from slack_bolt import App as App  # Re-exported: the type of what is built here.
from slack_bolt.authorization import AuthorizeResult

from bot.settings import hidden
from bot.slack import failing
from bot.slack.client import web_client
from bot.slack.doors import Doors
from bot.slack.listeners import (
    cards,
    commands,
    departures,
    homes,
    messages,
    panes,
    presses,
    reports,
    tickets,
)
from bot.slack.workspaces import Workspaces

_LISTENERS: Final = (
    messages,
    commands,
    presses,
    cards,
    tickets,
    reports,
    homes,
    panes,
    departures,
)
_NOT_INSTALLED: Final = (
    "Jetpack Care is not installed in this workspace any more. Ask whoever looks after its apps to "
    "install it again."
)


def build(workspaces: Workspaces, *, api_url: str, signing_secret: str, doors: Doors) -> App:
    """Build the Bolt app over workspaces whose tokens are known already."""

    def authorize(
        enterprise_id: str | None, team_id: str | None, user_id: str | None
    ) -> AuthorizeResult | None:
        # A function, since Bolt hands arguments over by name and knows no methods.
        return workspaces.authorize(enterprise_id, team_id, user_id)

    with hidden("SLACK_"):
        app = App(
            name="care",
            client=web_client(None, api_url),
            # None is Bolt's own word for a workspace without a token; its types forget that.
            authorize=authorize,  # type: ignore[arg-type]
            user_facing_authorize_error_message=_NOT_INSTALLED,
            signing_secret=signing_secret,
            process_before_response=True,
            raise_error_for_unhandled_request=True,
        )
    failing.register(app, doors.troubles)
    for listeners in _LISTENERS:
        listeners.register(app, doors)
    return app
