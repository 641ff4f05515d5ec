"""What Slack lends for a short time: trigger ids, response URLs, Socket Mode tickets."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import Final

TRIGGER_SECONDS: Final = 3.0
"""https://docs.slack.dev/interactivity/handling-user-interaction/: a trigger lives 3 seconds."""
RESPONSE_SECONDS: Final = 1800.0
"""A response URL lives 30 minutes."""
RESPONSE_USES: Final = 5
"""A response URL takes 5 messages."""


def new_id(prefix: str) -> str:
    """Return an id of Slack's form, never the same twice, also across runs."""
    return f"{prefix}{secrets.token_hex(5).upper()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """The right to open one modal for a person."""

    user: str
    until: float
    used: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseUrl:
    """The right to answer where a person acted.

    Attributes:
        channel: Where the answer goes.
        user: Who sees an ephemeral answer.
        message_ts: The message that was acted on, which the answer may replace or delete.
        thread_ts: The thread it is in.
    """

    channel: str
    user: str
    until: float
    message_ts: str | None = None
    thread_ts: str | None = None
    left: int = RESPONSE_USES


class Grants:
    """Everything that is lent out. The workspace's lock guards it; time is an argument."""

    def __init__(self) -> None:
        self._triggers: dict[str, Trigger] = {}
        self._responses: dict[str, ResponseUrl] = {}
        self._tickets: set[str] = set()

    def lend_trigger(self, user: str, now: float) -> str:
        """Return a new trigger id."""
        trigger = f"{int(now * 1000)}.{secrets.randbelow(10**10)}.{secrets.token_hex(16)}"
        self._triggers[trigger] = Trigger(user=user, until=now + TRIGGER_SECONDS)
        return trigger

    def take_trigger(self, trigger_id: str, now: float) -> str | Trigger:
        """Use a trigger up. Returns it, or Slack's error code as a str."""
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            return "invalid_trigger_id"
        if trigger.used:
            return "exchanged_trigger_id"
        if now > trigger.until:
            return "expired_trigger_id"
        self._triggers[trigger_id] = replace(trigger, used=True)
        return trigger

    def lend_response(
        self,
        *,
        channel: str,
        user: str,
        now: float,
        message_ts: str | None = None,
        thread_ts: str | None = None,
    ) -> str:
        """Return the last part of a new response URL."""
        key = secrets.token_urlsafe(18)
        self._responses[key] = ResponseUrl(
            channel=channel,
            user=user,
            until=now + RESPONSE_SECONDS,
            message_ts=message_ts,
            thread_ts=thread_ts,
        )
        return key

    def take_response(self, key: str, now: float) -> ResponseUrl | None:
        """Use a response URL once. None where it is unknown, used up or too old."""
        response = self._responses.get(key)
        if response is None or response.left < 1 or now > response.until:
            return None
        self._responses[key] = replace(response, left=response.left - 1)
        return response

    def lend_ticket(self) -> str:
        """Return a ticket for one Socket Mode connection."""
        ticket = secrets.token_urlsafe(18)
        self._tickets.add(ticket)
        return ticket

    def take_ticket(self, ticket: str) -> bool:
        """Use a ticket up. Returns whether it was good."""
        if ticket not in self._tickets:
            return False
        self._tickets.remove(ticket)
        return True
