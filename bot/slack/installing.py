"""Installing the app in a workspace by OAuth: two pages, `/slack/install` and the way back.

Bolt's OAuth flow does it (https://docs.slack.dev/authentication/installing-with-oauth): the state
is bound to the browser by a cookie. What it keeps is kept here: a state counts once, and tokens
are sealed.
"""

from __future__ import annotations

import http.client
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from typing import Final

from flask import Request, Response
from slack_bolt import BoltResponse
from slack_bolt.adapter.flask.handler import to_bolt_request, to_flask_response
from slack_bolt.error import BoltError
from slack_bolt.oauth import OAuthFlow
from slack_bolt.oauth.callback_options import CallbackOptions, FailureArgs, SuccessArgs
from slack_bolt.oauth.oauth_settings import OAuthSettings
from slack_sdk.errors import SlackClientError
from slack_sdk.oauth import OAuthStateStore
from slack_sdk.oauth.installation_store import Installation as Installed
from slack_sdk.oauth.installation_store import InstallationStore

from bot.errors import PayloadRefused, SlackBusy, SlackRefused
from bot.log import Event, failure, log, warn
from bot.page import page, paragraph
from bot.payload_ids import slack_id
from bot.settings import hidden
from bot.slack.client import identity, web_client
from bot.slack.workspaces import Workspaces
from bot.telling import Telling
from storage.audit import AuditKind
from storage.ids import TeamId, UserId, workspace_owner
from storage.installations import Grant, Installation
from storage.store import Store

SCOPES: Final = (
    "app_mentions:read", "assistant:write", "channels:history", "channels:read", "chat:write",
    "commands", "files:read", "groups:history", "groups:read", "im:history", "im:read",
    "mpim:history", "mpim:read", "usergroups:read",
)  # fmt: skip
"""What is asked for, the scopes of manifest.json."""
STATE_SECONDS: Final = 600
"""How long somebody may take between the two pages."""
REDIRECT: Final = "slack/oauth_redirect"
_REASONS: Final = {
    "access_denied": "You did not allow it, so nothing was installed.",
    "invalid_browser": "This page was opened in another browser than the one that began.",
    "invalid_state": "This way back was used before, or it took longer than ten minutes.",
    "missing_code": "Slack did not say what was allowed.",
    "invalid_code": "Slack did not give the app what you allowed. That may pass.",
    "storage_error": "Jetpack Care is installed in single workspaces, not in a whole organization.",
}


class OrganizationRefused(BoltError):
    """The app was installed in a whole organization (Enterprise Grid), which is not offered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installing:
    """The two pages.

    Attributes:
        flow: Bolt's.
    """

    flow: OAuthFlow

    def begin(self, request: Request) -> Response:
        """Send the browser to Slack, which asks whether the app may do what it wants to."""
        return to_flask_response(self.flow.handle_installation(to_bolt_request(request)))

    def finish(self, request: Request) -> Response:
        """Take the browser back from Slack, and keep what was allowed."""
        try:
            return to_flask_response(self.flow.handle_callback(to_bolt_request(request)))
        except (
            SlackBusy,
            SlackRefused,
            SlackClientError,
            OSError,
            http.client.HTTPException,
            ValueError,
        ) as error:
            failure(Event.INSTALLATION_FAILED, error)
            return to_flask_response(_failed("Slack could not be reached.", 503))


@dataclass(frozen=True, slots=True, kw_only=True)
class _States(OAuthStateStore):
    """Gives states out, and takes each back once."""

    store: Store
    clock: Callable[[], datetime]

    def issue(self, *_: object, **__: object) -> str:
        state = secrets.token_urlsafe(32)
        until = self.clock() + timedelta(seconds=STATE_SECONDS)
        with self.store.begin() as records:
            records.installations.states.begin(state, until)
        return state

    def consume(self, state: str) -> bool:
        with self.store.begin() as records:
            return records.installations.states.take(state, self.clock())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Keeping(InstallationStore):
    """Keeps what Slack allowed. Reading is for `Workspaces`."""

    store: Store
    workspaces: Workspaces
    telling: Telling
    api_url: str
    clock: Callable[[], datetime]

    def save(self, installation: Installed) -> None:
        token = installation.bot_token
        if installation.is_enterprise_install or not installation.team_id or not token:
            raise OrganizationRefused
        try:
            team, user = slack_id(installation.team_id), slack_id(installation.user_id)
        except PayloadRefused as error:
            raise OrganizationRefused from error
        who, now = identity(web_client(token, self.api_url)), self.clock()
        ends = installation.bot_token_expires_at
        kept = Installation(
            team=TeamId(team),
            app_id=installation.app_id or "",
            bot_user=who.bot_user,
            bot_id=who.bot_id,
            url=who.url,
            scopes=",".join(installation.bot_scopes or ()),
            installed_by=UserId(user),
            installed_at=now,
        )
        grant = Grant(
            token=token,
            refresh_token=installation.bot_refresh_token,
            # The SDK has turned the seconds left into a time by the machine's clock.
            expires_at=None if ends is None else now + timedelta(seconds=ends - time.time()),
        )
        with self.store.begin() as records:
            records.installations.save(kept, grant)
            entry = records.audit.append(
                AuditKind.WORKSPACE_INSTALLED,
                at=now,
                by=kept.installed_by,
                subject=workspace_owner(kept.team),
            )
        self.workspaces.forget(kept.team)
        log(Event.WORKSPACE_INSTALLED, team=kept.team)
        self.telling.tell(
            f"installed:{entry.seq}",
            f"Workspace `{kept.team}` ({kept.url}) installed Jetpack Care. If all of it is one "
            f"merchant's, link it: `/care link {kept.team} MERCHANT`.",
            now,
            lane=f"workspace:{kept.team}",
        )


def installing(
    store: Store,
    workspaces: Workspaces,
    telling: Telling,
    *,
    client_id: str,
    client_secret: str,
    api_url: str,
    public_url: str,
    clock: Callable[[], datetime],
) -> Installing:
    """Build the two pages. Without a public URL Slack leads back to the first that it knows."""
    # Bolt would take what is missing here from the environment.
    with hidden("SLACK_"):
        settings = OAuthSettings(
            client_id=client_id,
            client_secret=client_secret,
            scopes=SCOPES,
            user_scopes=(),
            redirect_uri=f"{public_url}{REDIRECT}" if public_url else None,
            install_page_rendering_enabled=False,
            authorization_url=f"{api_url.removesuffix('api/')}oauth/v2/authorize",
            state_store=_States(store=store, clock=clock),
            state_expiration_seconds=STATE_SECONDS,
            installation_store=_Keeping(
                store=store, workspaces=workspaces, telling=telling, api_url=api_url, clock=clock
            ),
            callback_options=CallbackOptions(success=_installed, failure=_refused),
        )
        return Installing(flow=OAuthFlow(client=web_client(None, api_url), settings=settings))


def _installed(_args: SuccessArgs) -> BoltResponse:
    told = (
        "Open the app in Slack and ask it something. Until Care has linked your workspace to your "
        "orders, it answers questions and finds no order."
    )
    return _page("Jetpack Care is installed", told, 200)


def _refused(args: FailureArgs) -> BoltResponse:
    warn(Event.INSTALLATION_REFUSED)
    why = _REASONS.get(args.reason, "Slack did not allow it.")
    return _failed(why, args.suggested_status_code)


def _failed(why: str, status: int) -> BoltResponse:
    again = f'{escape(why)} <a href="/slack/install">Try again</a>, or ask Jetpack Care.'
    return _page("Jetpack Care is not installed", again, status)


def _page(title: str, shown: str, status: int) -> BoltResponse:
    return BoltResponse(
        status=status,
        body=page(title, shown, paragraph("You can close this page.")),
        headers={"Content-Type": "text/html; charset=utf-8"},
    )
