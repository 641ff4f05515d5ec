"""Socket Mode: the WebSocket over which Slack delivers envelopes to the bot.

https://docs.slack.dev/apis/events-api/using-socket-mode/. Every envelope is one text frame, not
compressed and not fragmented, because slack_sdk's built-in client reads no others.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from socket import SHUT_RDWR
from threading import Condition, Thread
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

from bot.http_server import LOOPBACK
from bot.sandbox.silence import Silence
from bot.sandbox.slack.delivery import ACK_SECONDS, Ack, Kind
from bot.sandbox.slack.text import Json
from bot.sandbox.slack.workspace import Workspace

if TYPE_CHECKING:
    from websockets.http11 import Request, Response
    from websockets.typing import LoggerLike

_CLOSE_SECONDS: Final = 1.0
_HOST: Final = "applink-sandbox"


@dataclass(slots=True)
class _Envelope:
    """An envelope on its way, and the answer once there is one."""

    sent: float
    answer: Ack | None = None


class SocketMode:
    """The server of Socket Mode, and the `Delivery` over it.

    Attributes:
        port: The port it listens on; 0 before `start()`.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._connections: list[ServerConnection] = []
        self._envelopes: dict[str, _Envelope] = {}
        self._changed = Condition()
        self._turn = 0
        self.port = 0

    @property
    def url(self) -> str:
        """The address, without a slash at its end."""
        return f"ws://{LOOPBACK}:{self.port}"

    @property
    def late(self) -> str:
        """Slack's word for it over Socket Mode."""
        return "timeout"

    def start(self) -> None:
        """Bind a free port and take connections in a thread of its own."""
        self._server: Server = serve(
            self._connected,
            LOOPBACK,
            self.port,
            compression=None,
            process_request=self._admit,
            ping_interval=None,
            close_timeout=_CLOSE_SECONDS,
            max_size=None,
            # At DEBUG the library's logger writes whole frames, people's words among them.
            logger=cast("LoggerLike", Silence()),
        )
        self.port = self._server.socket.getsockname()[1]
        self._thread = Thread(target=self._server.serve_forever, name="sandbox-socket-mode")
        self._thread.start()

    def stop(self) -> None:
        """Close every connection and end every thread."""
        self._server.shutdown()
        self._thread.join()

    @property
    def connections(self) -> int:
        """How many connections are open."""
        with self._changed:
            return len(self._connections)

    @property
    def unacknowledged(self) -> tuple[str, ...]:
        """The ids of envelopes that were sent and never acknowledged."""
        with self._changed:
            return tuple(key for key, sent in self._envelopes.items() if sent.answer is None)

    def wait_for_connections(self, count: int = 1, timeout: float = 10.0) -> bool:
        """Wait until at least `count` connections are open. Returns whether they are."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self._connections) >= count, timeout)

    def wait_for_silence(self, timeout: float = 10.0) -> bool:
        """Wait until no connection is open. Returns whether none is."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._connections, timeout)

    def deliver(
        self,
        payload: Mapping[str, object],
        kind: Kind = Kind.EVENTS_API,
        *,
        retry_attempt: int = 0,
        retry_reason: str = "",
        timeout: float = ACK_SECONDS,
    ) -> Ack | None:
        """Send a payload once, over the next connection in turn, waiting for one if need be."""
        envelope: Json = {
            "envelope_id": str(uuid4()),
            "payload": dict(payload),
            "type": kind.value,
            "accepts_response_payload": kind is not Kind.EVENTS_API,
        }
        if kind is Kind.EVENTS_API:
            envelope |= {"retry_attempt": retry_attempt, "retry_reason": retry_reason}
        until = time.monotonic() + timeout
        waiting = self._send(envelope, until)
        if waiting is None:
            return None
        with self._changed:
            self._changed.wait_for(
                lambda: waiting.answer is not None, max(0.0, until - time.monotonic())
            )
            if waiting.answer is not None:
                del self._envelopes[str(envelope["envelope_id"])]
            return waiting.answer

    def disconnect(self, reason: str = "refresh_requested") -> None:
        """Tell every client to connect anew: `warning`, `refresh_requested`, `link_disabled`.

        After anything but a warning the connection ends, as Slack's does.
        """
        for connection in self._open():
            self._transmit(
                connection,
                {"type": "disconnect", "reason": reason, "debug_info": {"host": _HOST}},
            )
            if reason != "warning":
                connection.close()

    def hang_up(self) -> None:
        """Close every connection in good order. A client that is about to stop stops at once."""
        for connection in self._open():
            connection.close()

    def drop(self) -> None:
        """Cut every connection without a word, as a network does that fails."""
        for connection in self._open():
            with suppress(OSError):
                connection.socket.shutdown(SHUT_RDWR)

    def _open(self) -> tuple[ServerConnection, ...]:
        with self._changed:
            return tuple(self._connections)

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        ticket = parse_qs(urlsplit(request.path).query).get("ticket", [""])[0]
        with self._workspace.lock:
            good = self._workspace.grants.take_ticket(ticket)
        return None if good else connection.respond(HTTPStatus.UNAUTHORIZED, "")

    def _connected(self, connection: ServerConnection) -> None:
        """Serve one connection until it closes."""
        with self._changed:
            self._connections.append(connection)
            count = len(self._connections)
            hello = {
                "type": "hello",
                "num_connections": count,
                "debug_info": {
                    "host": _HOST,
                    "build_number": 1,
                    "approximate_connection_time": 18060,
                },
                "connection_info": {"app_id": self._workspace.home.app_id},
            }
            self._transmit(connection, hello)
            self._changed.notify_all()
        try:
            # slack_sdk's client goes without a close frame, which ends in ConnectionClosed.
            with suppress(ConnectionClosed):
                for frame in connection:
                    self._answered(frame)
        finally:
            with self._changed:
                if connection in self._connections:
                    self._connections.remove(connection)
                self._changed.notify_all()

    def _send(self, envelope: Json, until: float) -> _Envelope | None:
        """Send an envelope over the first connection that takes it, before `until`."""
        key = str(envelope["envelope_id"])
        while True:
            with self._changed:
                left = max(0.0, until - time.monotonic())
                if not self._changed.wait_for(lambda: bool(self._connections), left):
                    return None
                connection = self._connections[self._turn % len(self._connections)]
                self._turn += 1
                waiting = self._envelopes[key] = _Envelope(sent=time.monotonic())
            if self._transmit(connection, envelope):
                return waiting
            with self._changed:
                del self._envelopes[key]
                if connection in self._connections:
                    self._connections.remove(connection)

    def _transmit(self, connection: ServerConnection, message: Mapping[str, object]) -> bool:
        try:
            connection.send(json.dumps(message))
        except ConnectionClosed:
            return False
        return True

    def _answered(self, frame: str | bytes) -> None:
        """Take an acknowledgement. What is none is passed over, as Slack does."""
        try:
            answer = json.loads(frame)
        except ValueError:
            return
        if not isinstance(answer, dict):
            return
        with self._changed:
            envelope = self._envelopes.get(str(answer.get("envelope_id")))
            if envelope is None or envelope.answer is not None:
                return
            payload = answer.get("payload")
            envelope.answer = Ack(
                status=200,
                body=payload if isinstance(payload, dict) else {},
                seconds=time.monotonic() - envelope.sent,
            )
            self._changed.notify_all()
