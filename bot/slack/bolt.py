"""The Bolt app: its listeners, by file in `bot.slack.listeners`; `bot.slack.failing` for errors.

Every listener reads its payload into our own values, calls once, and translates errors. It runs
before the acknowledgement (`process_before_response`), so that nothing is acknowledged that is not
stored; what takes longer is on the engine.
"""

from __future__ import annotations

from slack_bolt import App as App  # Re-exported: the type of what is built here.
from slack_sdk import WebClient

from bot.settings import hidden
from bot.slack import failing
from bot.slack.doors import Doors
from bot.slack.listeners import cards, commands, homes, messages, panes, presses, reports, tickets


def build(client: WebClient, signing_secret: str, doors: Doors) -> App:
    """Build the Bolt app over a client whose token was checked already."""
    with hidden("SLACK_"):
        app = App(
            name="care",
            client=client,
            signing_secret=signing_secret,
            process_before_response=True,
            raise_error_for_unhandled_request=True,
            token_verification_enabled=False,
        )
    failing.register(app, doors.troubles)
    for listeners in (messages, commands, presses, cards, tickets, reports, homes, panes):
        listeners.register(app, doors)
    return app
