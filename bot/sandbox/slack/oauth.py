"""The sandbox Slack's OAuth: the page that asks, the code for it, the tokens for the code.

https://docs.slack.dev/authentication/installing-with-oauth and …/using-token-rotation: a code
counts once and lives ten minutes, a refresh token counts once, a rotated token lives twelve hours.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from html import escape
from typing import Final
from urllib.parse import urlencode

from bot.sandbox.slack.arguments import Arguments, Refused
from bot.sandbox.slack.text import Json
from bot.sandbox.slack.workspace import Workspace

CODE_SECONDS: Final = 600.0
TOKEN_SECONDS: Final = 43_200


@dataclass(frozen=True, slots=True, kw_only=True)
class _Code:
    """What somebody allowed in a workspace, until the app asks for it."""

    workspace: Workspace
    user: str
    scopes: tuple[str, ...]
    redirect_uri: str
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Token:
    """A token, whose it is, and until when."""

    workspace: Workspace
    until: float | None


class OAuth:
    """Which tokens act in which workspaces. The home workspace's lock guards it.

    Attributes:
        client_id: Id of the app.
        client_secret: Its secret.
        rotates: Whether tokens are rotated.
        redirect_uri: Where the browser is led when the app does not say.
        workspaces: The workspaces of this Slack.
    """

    def __init__(self, workspaces: Iterable[Workspace], clock: Callable[[], float]) -> None:
        self.client_id = "1234567890.1234567890"
        self.client_secret = "sandbox-client-secret"  # noqa: S105
        self.rotates = False
        self.redirect_uri = ""
        self.workspaces = {each.home.team_id: each for each in workspaces}
        self._clock = clock
        self._codes: dict[str, _Code] = {}
        self._tokens: dict[str, _Token] = {}
        self._refresh: dict[str, Workspace] = {}

    def of_token(self, token: str) -> Workspace | None:
        """Return the workspace that a bot's token acts in, None where it is not good (any more)."""
        for workspace in self.workspaces.values():
            if token and token == workspace.home.bot_token:
                return workspace
        found = self._tokens.get(token)
        if found is None or (found.until is not None and found.until < self._clock()):
            return None
        return found.workspace

    def page(self, asked: Json) -> str:
        """Return the page that asks in which workspace the app may do what it wants to."""
        if asked.get("client_id") != self.client_id:
            return "<!DOCTYPE html><title>Slack</title><p>invalid_client_id</p>"
        rows = "".join(
            f"<li>{escape(workspace.home.team_name)}: "
            f'<a href="{escape(self._allow(workspace, asked))}">Allow</a></li>'
            for workspace in self.workspaces.values()
        )
        return f"<!DOCTYPE html><title>Slack</title><p>May the app have it?</p><ul>{rows}</ul>"

    def allow(self, team: str, asked: Json, user: str) -> str:
        """Allow what is asked for in a workspace. Returns the address to go on to."""
        workspace, code = self.workspaces[team], secrets.token_urlsafe(18)
        back = str(asked.get("redirect_uri") or "")
        self._codes[code] = _Code(
            workspace=workspace,
            user=user,
            scopes=tuple(str(asked.get("scope") or "").split(",")),
            redirect_uri=back,
            until=self._clock() + CODE_SECONDS,
        )
        told = urlencode({"code": code, "state": str(asked.get("state") or "")})
        return f"{back or self.redirect_uri}?{told}"

    def access(self, given: Arguments, authorization: str) -> Json:
        """`oauth.v2.access`: tokens for a code, or for a refresh token."""
        self._know(given, authorization)
        if given.text("grant_type") == "refresh_token":
            workspace = self._refresh.pop(given.required("refresh_token"), None)
            if workspace is None:
                raise Refused("invalid_refresh_token")
            return {**self._granted(workspace), "team": {"id": workspace.home.team_id}}
        code = self._codes.pop(given.required("code", "invalid_code"), None)
        if code is None or code.until < self._clock():
            raise Refused("invalid_code")
        if given.text("redirect_uri") != code.redirect_uri:
            raise Refused("bad_redirect_uri")
        home = replace(code.workspace.home, scopes=code.scopes)
        code.workspace.home = home
        return {
            **self._granted(code.workspace),
            "app_id": home.app_id,
            "authed_user": {"id": code.user},
            "team": {"id": home.team_id, "name": home.team_name},
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def revoke(self, workspace: Workspace) -> None:
        """Let no token of a workspace count any more."""
        workspace.home = replace(workspace.home, bot_token="")
        self._tokens = {
            token: each for token, each in self._tokens.items() if each.workspace is not workspace
        }
        self._refresh = {
            token: each for token, each in self._refresh.items() if each is not workspace
        }

    def _granted(self, workspace: Workspace) -> Json:
        home = workspace.home
        granted: Json = {
            "token_type": "bot",
            "access_token": f"xoxb-{secrets.token_hex(12)}",
            "scope": ",".join(home.scopes),
            "bot_user_id": home.bot_user_id,
        }
        until = None
        if self.rotates:
            until = self._clock() + TOKEN_SECONDS
            granted |= {
                "access_token": f"xoxe.xoxb-{secrets.token_hex(12)}",
                "refresh_token": f"xoxe-{secrets.token_hex(12)}",
                "expires_in": TOKEN_SECONDS,
            }
            self._refresh[str(granted["refresh_token"])] = workspace
        token = str(granted["access_token"])
        self._tokens[token] = _Token(workspace=workspace, until=until)
        return granted

    def _allow(self, workspace: Workspace, asked: Json) -> str:
        """Return the address behind the link of a workspace on the page."""
        return f"/oauth/v2/allow?{urlencode({**asked, 'team': workspace.home.team_id})}"

    def _know(self, given: Arguments, authorization: str) -> None:
        """Raise Refused where the app does not prove that it is the app."""
        try:
            basic = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        except (binascii.Error, UnicodeDecodeError):
            basic = ""
        client, _, secret = basic.partition(":")
        if (given.text("client_id") or client) != self.client_id:
            raise Refused("invalid_client_id")
        if (given.text("client_secret") or secret) != self.client_secret:
            raise Refused("bad_client_secret")
