"""How a payload reaches the bot: the interface of both transports, and the one over HTTP.

https://docs.slack.dev/authentication/verifying-requests-from-slack/ (the signature) and
https://docs.slack.dev/apis/events-api/#retries (three retries, with their headers).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from http.client import HTTPConnection, HTTPException
from threading import Event
from typing import Final, Protocol
from urllib.parse import urlencode, urlsplit

ACK_SECONDS: Final = 3.0
"""Slack waits 3 seconds for an acknowledgement."""
RETRY_WAITS: Final = (0.0, 0.05, 0.1)
"""Seconds before each retry; Slack itself waits almost nothing, one minute and five minutes."""


class Kind(StrEnum):
    """What a payload is, by Socket Mode's name of it."""

    EVENTS_API = "events_api"
    SLASH_COMMANDS = "slash_commands"
    INTERACTIVE = "interactive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ack:
    """The bot's answer to a delivery.

    Attributes:
        status: HTTP status; 200 for an acknowledged envelope.
        body: What came with it: the payload of a Socket Mode answer, the body of an HTTP one.
        seconds: How long it took.
        no_retry: Whether the header `X-Slack-No-Retry` asked not to send it again.
    """

    status: int
    body: Mapping[str, object]
    seconds: float
    no_retry: bool = False

    @property
    def ok(self) -> bool:
        """Whether Slack takes it for received."""
        return 200 <= self.status < 300


class Delivery(Protocol):
    """A way to the bot: Socket Mode or HTTP."""

    @property
    def late(self) -> str:
        """The `retry_reason` after an answer that did not come in time."""
        ...

    def deliver(
        self,
        payload: Mapping[str, object],
        kind: Kind = Kind.EVENTS_API,
        *,
        retry_attempt: int = 0,
        retry_reason: str = "",
        timeout: float = ACK_SECONDS,
    ) -> Ack | None:
        """Send a payload once. Returns the answer, None where none came in time."""
        ...


def deliver_with_retries(
    delivery: Delivery,
    payload: Mapping[str, object],
    kind: Kind = Kind.EVENTS_API,
    *,
    waits: Sequence[float] = RETRY_WAITS,
    timeout: float = ACK_SECONDS,
) -> tuple[Ack | None, ...]:
    """Send a payload as Slack does: again after each wait, until it is acknowledged.

    Returns every answer; the last one is good, or the bot never acknowledged.
    """
    answers = [delivery.deliver(payload, kind, timeout=timeout)]
    pause = Event()
    for attempt, wait in enumerate(waits, start=1):
        last = answers[-1]
        if last is not None and (last.ok or last.no_retry):
            break
        pause.wait(wait)
        answers.append(
            delivery.deliver(
                payload,
                kind,
                retry_attempt=attempt,
                retry_reason=delivery.late if last is None else "http_error",
                timeout=timeout,
            )
        )
    return tuple(answers)


class HttpDelivery:
    """Posts signed requests to the bot's events URL. No proxy of the environment is used.

    Attributes:
        url: Where events, commands and interactivity go, such as `…/slack/events`.
    """

    def __init__(
        self, url: str, signing_secret: str, *, clock: Callable[[], float] = time.time
    ) -> None:
        self.url = url
        self._secret = signing_secret
        self._clock = clock

    @property
    def late(self) -> str:
        """Slack's word for it over HTTP."""
        return "http_timeout"

    def signed(self, body: bytes) -> dict[str, str]:
        """Return the two headers that prove a body to be Slack's, as of now."""
        timestamp = str(int(self._clock()))
        basis = b"v0:" + timestamp.encode() + b":" + body
        digest = hmac.new(self._secret.encode(), basis, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}"}

    def deliver(
        self,
        payload: Mapping[str, object],
        kind: Kind = Kind.EVENTS_API,
        *,
        retry_attempt: int = 0,
        retry_reason: str = "",
        timeout: float = ACK_SECONDS,
    ) -> Ack | None:
        """Send a payload once, in the body that its kind has over HTTP."""
        form = "application/x-www-form-urlencoded"
        if kind is Kind.EVENTS_API:
            body, content_type = json.dumps(payload), "application/json"
        elif kind is Kind.SLASH_COMMANDS:
            body, content_type = urlencode(payload), form
        else:
            body, content_type = urlencode({"payload": json.dumps(payload)}), form
        headers = {"Content-Type": content_type, **self.signed(body.encode())}
        if retry_attempt:
            headers["X-Slack-Retry-Num"] = str(retry_attempt)
            headers["X-Slack-Retry-Reason"] = retry_reason
        return self.post(body.encode(), headers, timeout=timeout)

    def post(
        self, body: bytes, headers: Mapping[str, str], *, timeout: float = ACK_SECONDS
    ) -> Ack | None:
        """Send any body with any headers: forged, stale and broken requests too."""
        address = urlsplit(self.url)
        began = time.monotonic()
        connection = HTTPConnection(address.hostname or "", address.port, timeout=timeout)
        try:
            connection.request("POST", address.path or "/", body=body, headers=dict(headers))
            response = connection.getresponse()
            answer = response.read()
        except (OSError, HTTPException):
            return None
        finally:
            connection.close()
        return Ack(
            status=response.status,
            body=_answered(answer.decode(errors="replace")),
            seconds=time.monotonic() - began,
            no_retry=response.headers.get("X-Slack-No-Retry") == "1",
        )


def _answered(text: str) -> Mapping[str, object]:
    """Return a body as Slack reads it: a JSON object, or the text to show."""
    try:
        body = json.loads(text)
    except ValueError:
        body = None
    if isinstance(body, dict):
        return body
    return {"text": text} if text else {}
