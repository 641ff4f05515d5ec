"""The Bolt app: its listeners, by file in `bot.slack.listeners`, and what becomes of their errors.

Every listener reads its payload into our own values, calls once, and translates errors. It runs
before the acknowledgement (`process_before_response`), so that nothing is acknowledged that is not
stored; what takes longer is on the engine.
"""

from __future__ import annotations

from slack_bolt import App as App  # Re-exported: the type of what is built here.
from slack_bolt import BoltResponse
from slack_bolt.error import BoltUnhandledRequestError
from slack_sdk import WebClient

from bot.errors import PayloadRefused
from bot.log import Event, failure, log, warn
from bot.settings import hidden
from bot.slack.doors import Doors
from bot.slack.listeners import commands, homes, messages, presses, reports
from nlp.errors import ScrubbingFailed


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
    app.error(_on_error)
    for listeners in (messages, commands, presses, reports, homes):
        listeners.register(app, doors)
    return app


def _on_error(error: Exception) -> BoltResponse:
    """Answer for a listener that failed. Bolt's own handler prints the message and the trace."""
    if isinstance(error, BoltUnhandledRequestError):
        log(Event.EVENT_IGNORED)
        return BoltResponse(status=200, body="")
    if isinstance(error, PayloadRefused):
        warn(Event.PAYLOAD_REFUSED)
        return BoltResponse(status=200, body="")
    if not isinstance(error, ScrubbingFailed):  # That one was logged with its ids.
        failure(Event.LISTENER_FAILED, error)
    return BoltResponse(status=500, body="")
