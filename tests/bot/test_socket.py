"""The connection of Socket Mode: a silent one is replaced, a closed one stays closed."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from slack_bolt import App
from slack_sdk import WebClient

from bot.sandbox.slack import SandboxSlack
from bot.sandbox.slack.sample import sample_workspace
from bot.sandbox.slack.web_api import CONNECTIONS_OPEN
from bot.slack.socket import Socket

PATIENCE = 20.0


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[SandboxSlack]:
    """A sandbox Slack."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    with SandboxSlack(sample_workspace()) as running:
        yield running


def _app(slack: SandboxSlack) -> App:
    client = WebClient(token=slack.workspace.home.bot_token, base_url=slack.api_url)
    return App(client=client, signing_secret="x", token_verification_enabled=False)


def _asked(slack: SandboxSlack) -> int:
    """Return how often a connection was asked for."""
    return len(slack.workspace.calls_of(CONNECTIONS_OPEN))


def test_a_silent_connection_is_replaced_and_delivers_again(slack: SandboxSlack) -> None:
    """A connection that stands and says nothing is made anew, and events come through it."""
    app, heard = _app(slack), threading.Event()
    app.event("app_home_opened")(lambda: heard.set())
    socket = Socket(app, slack.workspace.home.app_token, silence=0.4)
    socket.connect()
    try:
        slack.workspace.wait_for(lambda: _asked(slack) >= 2, PATIENCE)
        assert slack.socket.wait_for_connections()
        ack = slack.person("Mara Quill").opens_home()

        assert ack is not None
        assert heard.wait(PATIENCE)
        assert socket.is_connected()
    finally:
        socket.close()
    assert slack.socket.wait_for_silence()


def test_a_connection_that_is_used_is_left_alone(slack: SandboxSlack) -> None:
    """While something comes through it, no other connection is made."""
    app = _app(slack)
    app.event("app_home_opened")(lambda: None)
    socket = Socket(app, slack.workspace.home.app_token, silence=60.0)
    socket.connect()
    try:
        assert slack.socket.wait_for_connections()
        assert slack.person("Mara Quill").opens_home() is not None
        assert _asked(slack) == 1
    finally:
        socket.close()


def test_slack_out_of_reach_is_tried_again(slack: SandboxSlack) -> None:
    """Where the new connection is refused, the next silence is another try."""
    socket = Socket(_app(slack), slack.workspace.home.app_token, silence=0.4)
    socket.connect()
    try:
        slack.workspace.faults.add(CONNECTIONS_OPEN, error="internal_error", times=2)
        slack.workspace.wait_for(lambda: _asked(slack) >= 4, PATIENCE)
        assert slack.socket.wait_for_connections()
    finally:
        socket.close()
