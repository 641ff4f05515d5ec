"""The sandbox Slack: a workspace with its Web API and Socket Mode on this machine alone.

with SandboxSlack(sample_workspace()) as slack:
    …start the bot with slack.environment()…
    slack.socket.wait_for_connections()
    mara = slack.person("Mara Quill")
    asked = mara.writes("where is 113-5551234-5551234?")
    reply = slack.workspace.wait_for(
        lambda: slack.workspace.replies_in(asked.message.channel, asked.message.ts)
    )
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.http_server import HttpServer
from bot.sandbox.slack.actor import PATIENCE
from bot.sandbox.slack.delivery import Delivery, HttpDelivery
from bot.sandbox.slack.installing import Installer
from bot.sandbox.slack.oauth import OAuth
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.socket import SocketMode
from bot.sandbox.slack.web_api import WebApi
from bot.sandbox.slack.workspace import Workspace


class SandboxSlack:
    """A Slack to run the unmodified bot against.

    Attributes:
        workspace: Who is there and what was said.
        others: Further workspaces, which may install the app.
        oauth: How they do, and which tokens count.
        socket: Socket Mode, which is how people's acts reach the bot at first.
        delivery: How they reach it now; see `deliver_over_http`.
    """

    def __init__(self, workspace: Workspace, *others: Workspace) -> None:
        self.workspace = workspace
        self.others = others
        self.oauth = OAuth((workspace, *others), workspace.clock)
        self.socket = SocketMode(workspace)
        self.delivery: Delivery = self.socket

    @property
    def api_url(self) -> str:
        """The base URL of the Web API, for `SLACK_API_URL`."""
        return f"{self.workspace.origin}/api/"

    def environment(self) -> Mapping[str, str]:
        """Return the settings that point the bot here."""
        home = self.workspace.home
        return {
            "SLACK_API_URL": self.api_url,
            "SLACK_BOT_TOKEN": home.bot_token,
            "SLACK_APP_TOKEN": home.app_token,
            "SLACK_SIGNING_SECRET": home.signing_secret,
            "CARE_TEAM_ID": home.team_id,
            **(self._oauth_environment() if self.others else {}),
        }

    def _oauth_environment(self) -> Mapping[str, str]:
        return {
            "SLACK_CLIENT_ID": self.oauth.client_id,
            "SLACK_CLIENT_SECRET": self.oauth.client_secret,
        }

    def deliver_over_http(self, url: str) -> HttpDelivery:
        """Send what people do from now on to the bot's events URL. Returns the delivery."""
        delivery = HttpDelivery(url, self.workspace.home.signing_secret, clock=self.workspace.clock)
        self.delivery = delivery
        return delivery

    def person(self, name: str, *, patience: float = PATIENCE) -> Person:
        """Return somebody by id, name or real name. Raises SandboxMisused."""
        workspace = self._workspace_of(name)
        return Person(
            user=workspace.user(name),
            workspace=workspace,
            delivery=self.delivery,
            patience=patience,
        )

    def installer(self, name: str, *, patience: float = PATIENCE) -> Installer:
        """Return somebody as who looks after the apps of their workspace. SandboxMisused."""
        workspace = self._workspace_of(name)
        return Installer(
            user=workspace.user(name),
            workspace=workspace,
            delivery=self.delivery,
            patience=patience,
            oauth=self.oauth,
        )

    def start(self) -> None:
        """Listen on two free ports of the loopback interface."""
        self.socket.start()
        self._api = WebApi(self.workspace, self.oauth, self.socket.url)
        self._server = HttpServer(self._api.app)
        self._server.start()
        for workspace in (self.workspace, *self.others):
            workspace.origin = self._server.url

    def stop(self) -> None:
        """Close every socket and end every thread."""
        self._api.stopping.set()
        self._server.stop()
        self.socket.stop()

    def __enter__(self) -> SandboxSlack:
        self.start()
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        """Stop, and fail loudly where the bot asked for what the sandbox does not have."""
        self.stop()
        if error is None:
            for workspace in (self.workspace, *self.others):
                workspace.check()

    def _workspace_of(self, name: str) -> Workspace:
        """Return the workspace that somebody is in, the first where nobody is."""
        for workspace in self.others:
            if any(
                name in (user.id, user.name, user.real_name) for user in workspace.users.values()
            ):
                return workspace
        return self.workspace
