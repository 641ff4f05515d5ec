"""Slack over a WebSocket: Socket Mode, for workspaces that cannot reach us over HTTP."""

from __future__ import annotations

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler

CONCURRENCY = 10
"""Envelopes worked on at once, the default of Slack's client."""


class Socket:
    """A connection that is kept up until it is closed."""

    def __init__(self, app: App, app_token: str) -> None:
        self._handler = SocketModeHandler(app, app_token, concurrency=CONCURRENCY)

    def connect(self) -> None:
        """Connect, and stay connected: Slack renews the connection every few hours."""
        self._handler.connect()  # type: ignore[no-untyped-call]

    def is_connected(self) -> bool:
        """Tell whether the connection stands."""
        return bool(self._handler.client.is_connected())

    def close(self) -> None:
        """Take nothing more, finish what is in hand, and disconnect."""
        self._handler.close()  # type: ignore[no-untyped-call]
