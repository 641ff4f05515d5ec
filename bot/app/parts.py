"""The parts that a setting brings in, and what stands in their place without it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bot.clearing import Clearing
from bot.errors import SettingsError
from bot.records import Records
from bot.rewriting.endpoint import Endpoint
from bot.rewriting.rewriter import Rewriter, Verbatim
from bot.settings import Settings
from bot.slack.admin import Admin
from bot.slack.client import web_client
from bot.slack.installing import Installing, installing
from bot.slack.renewing import Renewing
from bot.slack.workspaces import Workspaces
from bot.telling import Telling
from storage.ids import TeamId


def care_team(workspaces: Workspaces) -> TeamId:
    """Return the workspace of the one token. Raises SettingsError where there is none."""
    if workspaces.own is None:
        raise SettingsError("Not set: CARE_TEAM_ID. README.md says where to find it.")
    return workspaces.own.who.team


def clearing_of(settings: Settings, kept: Records, team: TeamId) -> Clearing | None:
    """Return what deletes messages in Slack, None where no admin lends a token for it."""
    if not settings.slack_admin_user_token:
        return None
    client = web_client(settings.slack_admin_user_token, settings.slack_api_url)
    admin = Admin(client=client, team=team)
    return Clearing(store=kept.store, remove=admin.remove, clock=kept.clock)


@contextmanager
def rewriter_of(settings: Settings) -> Iterator[Rewriter]:
    """Open what words answers anew: nothing, unless a language model is configured."""
    if not settings.llm_url:
        yield Verbatim()
        return
    endpoint = Endpoint(
        url=settings.llm_url,
        model=settings.llm_model,
        api_key=settings.llm_api_key,
        timeout=settings.llm_timeout,
    )
    try:
        yield endpoint
    finally:
        endpoint.close()


def installing_of(
    settings: Settings, kept: Records, workspaces: Workspaces, telling: Telling
) -> Installing | None:
    """Return the pages of the installation, None where the app is for one workspace alone."""
    if not settings.is_open:
        return None
    return installing(
        kept.store,
        workspaces,
        telling,
        client_id=settings.slack_client_id,
        client_secret=settings.slack_client_secret,
        api_url=settings.slack_api_url,
        public_url=settings.public_url,
        clock=kept.clock,
    )


def renewing_of(
    settings: Settings, kept: Records, workspaces: Workspaces, telling: Telling
) -> Renewing | None:
    """Return what renews tokens, None where no workspace installs the app."""
    if not settings.is_open:
        return None
    return Renewing(
        store=kept.store,
        workspaces=workspaces,
        telling=telling,
        client_id=settings.slack_client_id,
        client_secret=settings.slack_client_secret,
        api_url=settings.slack_api_url,
        clock=kept.clock,
    )
