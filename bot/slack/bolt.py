"""The Bolt app: which payload goes where.

Every listener reads its payload into our own values, calls once, and translates errors. It runs
before the acknowledgement (`process_before_response`), so that nothing is acknowledged that is not
stored; what takes longer is on the engine.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from slack_bolt import Ack, BoltRequest, BoltResponse
from slack_bolt import App as App  # Re-exported: the type of what is built here.
from slack_bolt.error import BoltUnhandledRequestError
from slack_sdk import WebClient

from bot.agents import Agents
from bot.arrivals import Arrival, read_command, read_event, read_press, read_report, report_place
from bot.blocks import PERSON, QUESTION, SOLVED
from bot.errors import PayloadRefused, PayloadTooLarge, SlackBusy, SlackRefused
from bot.home import Home
from bot.intake import Intake
from bot.lifting import lift_message, mapping, string
from bot.log import Event, failure, log, warn
from bot.presses import Presses
from bot.replies import NOT_STORED
from bot.settings import hidden
from bot.slack.client import Slack
from bot.slack.views import REPORT_VIEW, report_view
from nlp.errors import ScrubbingFailed, TextTooLong
from nlp.text import RawText
from storage.errors import StorageError
from storage.ids import UserId

LAST_RETRY: Final = 3
"""Slack sends an event at most three times again."""
COMMAND: Final = "/care"
REPORT: Final = "care_report"
UNAVAILABLE: Final = "Sorry, that didn't work just now and nothing was changed. Please try again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """Where the listeners hand things over."""

    intake: Intake
    agents: Agents
    presses: Presses
    home: Home
    slack: Slack


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
    listeners = _Listeners(doors)
    app.event("message")(listeners.message)
    app.event("app_mention")(listeners.message)
    app.event("app_home_opened")(ack=_acknowledge, lazy=[listeners.home_opened])
    app.command(COMMAND)(listeners.command)
    app.action(re.compile(rf"^({SOLVED}|{PERSON}|{QUESTION}\.\d)$"))(listeners.press)
    app.shortcut(REPORT)(listeners.shortcut)
    app.view(REPORT_VIEW)(listeners.report)
    return app


class _Listeners:
    """The listeners, as methods over the doors."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors

    def message(self, body: Mapping[str, object], req: BoltRequest, ack: Ack) -> None:
        """Take in `message` and `app_mention` events."""
        intake = self._doors.intake
        try:
            arrival = read_event(body)
        except PayloadTooLarge as error:
            failure(Event.PAYLOAD_REFUSED, error)
            refused = read_event(body, lift=_nothing)
            if refused is not None:
                intake.refuse(refused)
            ack()
            return
        except PayloadRefused as error:
            failure(Event.PAYLOAD_REFUSED, error)
            ack()
            return
        if arrival is None:
            log(Event.EVENT_IGNORED)
        else:
            _received(intake, arrival, _retries(req))
        ack()

    def home_opened(self, event: Mapping[str, object], body: Mapping[str, object]) -> None:
        """Show the App Home."""
        if string(event, "tab") in ("", "home"):
            user = UserId(string(event, "user"))
            view = self._doors.home.view(string(body, "team_id"), user)
            self._doors.slack.publish_home(user=user, view=view)

    def command(self, body: Mapping[str, object], ack: Ack) -> None:
        """Run `/care`; the answer is the acknowledgement, seen by its author alone."""
        try:
            reply = self._doors.agents.run(read_command(body))
        except (ScrubbingFailed, PayloadRefused) as error:
            failure(Event.SCRUBBING_FAILED, error)
            ack(text=NOT_STORED, response_type="ephemeral")
        except StorageError as error:
            failure(Event.LISTENER_FAILED, error)
            ack(text=UNAVAILABLE, response_type="ephemeral")
        else:
            ack(text=reply.text, response_type="ephemeral")

    def press(self, body: Mapping[str, object], ack: Ack) -> None:
        """Take a button press."""
        self._doors.presses.take(read_press(body))
        ack()

    def shortcut(self, body: Mapping[str, object], ack: Ack) -> None:
        """Open the form of the message shortcut, filled with the scrubbed message."""
        scrubbed = self._doors.intake.scrub(lift_message(mapping(body, "message")), None)
        ack()
        view = report_view(report_place(body), scrubbed.text)
        try:
            self._doors.slack.open_view(trigger_id=string(body, "trigger_id"), view=view)
        except (SlackBusy, SlackRefused) as error:
            # The trigger is good for three seconds and once, so there is nothing to try again.
            failure(Event.REPLY_FAILED, error)

    def report(self, body: Mapping[str, object], req: BoltRequest, ack: Ack) -> None:
        """Take in the form of the message shortcut."""
        place = string(mapping(body, "view"), "private_metadata")
        _received(self._doors.intake, read_report(body, place), _retries(req))
        ack()


def _received(intake: Intake, arrival: Arrival, retries: int) -> None:
    """Take an arrival in.

    If it cannot be scrubbed, nothing is acknowledged until Slack's last try; then the writer is
    told.
    """
    try:
        intake.receive(arrival)
    except ScrubbingFailed as error:
        failure(Event.SCRUBBING_FAILED, error, team=arrival.team, event_id=arrival.event)
        if retries < LAST_RETRY and not isinstance(error, TextTooLong):
            raise
        intake.refuse(arrival)


def _retries(req: BoltRequest) -> int:
    number = (req.headers.get("x-slack-retry-num") or ["0"])[0]
    return int(number) if number.isdigit() else 0


def _nothing(_message: Mapping[str, object]) -> RawText:
    return RawText("")


def _acknowledge(ack: Ack) -> None:
    ack()


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
