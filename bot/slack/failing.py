"""What Slack and a person are answered when a listener fails. No stack trace, no text of anybody.

An event is not acknowledged, so that Slack sends it again. A person who waits for the answer to a
command, a button or a form is told, with a reference that Care finds in the log.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial

from slack_bolt import App, BoltResponse, Respond
from slack_bolt.error import BoltUnhandledRequestError

from bot.errors import PayloadRefused
from bot.lifting import string
from bot.log import Event, failure, log, warn
from bot.slack.views import failed_view
from bot.troubles import Troubles
from nlp.errors import ScrubbingFailed
from storage.ids import Reference


def register(app: App, troubles: Troubles) -> None:
    """Answer for listeners that fail. Bolt's own handler prints the message and the trace."""
    app.error(partial(_answer, troubles))


def _answer(
    troubles: Troubles, error: Exception, body: Mapping[str, object], respond: Respond
) -> BoltResponse:
    if isinstance(error, BoltUnhandledRequestError):
        if string(body, "type") == "app_rate_limited":
            # Slack drops events of a workspace that sends more than 30,000 an hour.
            warn(Event.APP_RATE_LIMITED)
        else:
            log(Event.EVENT_IGNORED)
        return BoltResponse(status=200, body="")
    if isinstance(error, PayloadRefused):
        warn(Event.PAYLOAD_REFUSED)
        return BoltResponse(status=200, body="")
    if isinstance(error, ScrubbingFailed):  # It was logged with its ids.
        return BoltResponse(status=500, body="")
    reference = troubles.note(error)
    return _told(reference, body, respond)


def _told(
    reference: Reference, body: Mapping[str, object], respond: Callable[..., object]
) -> BoltResponse:
    """Tell the person who waits, by the way that their kind of payload has."""
    words = sorry(reference)
    kind = string(body, "type")
    if string(body, "command"):
        return _shown({"response_type": "ephemeral", "text": words})
    if kind == "view_submission":
        return _shown({"response_action": "update", "view": failed_view(words)})
    if kind in ("block_actions", "message_action"):
        if string(body, "response_url"):
            try:
                respond(text=words, response_type="ephemeral", replace_original=False)
            except Exception as unsent:  # The SDK raises what the network raised, of any kind.
                failure(Event.REPLY_FAILED, unsent, reference=reference)
        return BoltResponse(status=200, body="")
    return BoltResponse(status=500, body="")


def sorry(reference: Reference) -> str:
    """Say that something failed, in words for anybody."""
    return (
        "Sorry, that didn't work just now. Please try again. If it keeps failing, tell Jetpack "
        f"Care the reference {reference}."
    )


def _shown(body: Mapping[str, object]) -> BoltResponse:
    return BoltResponse(
        status=200, body=json.dumps(body), headers={"content-type": ["application/json"]}
    )
