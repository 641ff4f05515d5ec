"""Slack over a WebSocket: Socket Mode, for workspaces that cannot reach us over HTTP."""

from __future__ import annotations

import threading
import time
from typing import Final

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk.errors import SlackClientError

from bot.log import Event, failure, warn

CONCURRENCY: Final = 10
"""Envelopes worked on at once, the default of Slack's client."""
SILENCE_SECONDS: Final = 600.0
"""How long a connection may say nothing until another one is made. Slack's client notices a
connection that answers no ping; one that answers pings and delivers nothing looks sound to it."""


class Socket:
    """A connection that is kept up until it is closed.

    Args:
        app: What the envelopes are for.
        app_token: The app-level token, `xapp-...`.
        silence: Seconds without a message after which the connection is made anew. In a workspace
            where nobody writes that is done for nothing, and harms nobody.
    """

    def __init__(self, app: App, app_token: str, *, silence: float = SILENCE_SECONDS) -> None:
        self._handler = SocketModeHandler(app, app_token, concurrency=CONCURRENCY)
        self._handler.client.on_message_listeners.append(self._heard)
        self._silence = silence
        self._last = time.monotonic()
        self._closed = threading.Event()
        self._listener = threading.Thread(target=self._listen, name="socket-silence", daemon=True)

    def connect(self) -> None:
        """Connect, and stay connected: Slack renews the connection every few hours."""
        self._handler.connect()  # type: ignore[no-untyped-call]
        self._last = time.monotonic()
        self._listener.start()

    def is_connected(self) -> bool:
        """Tell whether the connection stands."""
        return bool(self._handler.client.is_connected())

    def close(self) -> None:
        """Take nothing more, finish what is in hand, and disconnect."""
        self._closed.set()
        if self._listener.is_alive():
            # First, so that it makes no connection after the last one is closed.
            self._listener.join()
        self._handler.close()  # type: ignore[no-untyped-call]

    def _heard(self, _message: str) -> None:
        self._last = time.monotonic()

    def _listen(self) -> None:
        """Make another connection whenever this one has been silent for too long."""
        while not self._closed.wait(self._silence / 4):
            if time.monotonic() - self._last < self._silence:
                continue
            warn(Event.SOCKET_SILENT, seconds=round(time.monotonic() - self._last))
            self._last = time.monotonic()
            try:
                self._handler.client.connect_to_new_endpoint(force=True)
            except (SlackClientError, OSError) as error:
                # Slack's client tries by itself, too, and the next silence is another try.
                failure(Event.SOCKET_SILENT, error)
