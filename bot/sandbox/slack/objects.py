"""Who and where in the sandbox Slack: the workspace, its users, conversations and user groups.

The names of the fields are Slack's (https://docs.slack.dev/reference/objects). Values are frozen;
a change puts a new value in the workspace.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.sandbox.slack.text import Json

ChannelType = Literal["channel", "group", "im"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Who is who in the app's own workspace, and its secrets, all invented.

    Attributes:
        team_id: The workspace that installed the app.
        app_id: The app.
        bot_id: The bot of the app, as `bot_id` of its messages.
        bot_user_id: The user that people mention.
        bot_token: Token of the Web API.
        app_token: Token of `apps.connections.open`.
        admin_token: Token of an admin, who deletes what others wrote.
        signing_secret: Key of the signature of HTTP deliveries.
        scopes: What the bot token may do, as the header `x-oauth-scopes` tells.
    """

    team_id: str = "T0SANDBOX01"
    team_name: str = "Jetpack (sandbox)"
    domain: str = "jetpack-sandbox"
    app_id: str = "A0CAREAPP01"
    bot_id: str = "B0CAREBOT01"
    bot_user_id: str = "U0CAREBOT01"
    bot_name: str = "jetpack_care"
    bot_real_name: str = "Jetpack Care"
    bot_token: str = "xoxb-sandbox-bot"  # noqa: S105
    app_token: str = "xapp-sandbox-app"  # noqa: S105
    admin_token: str = "xoxp-sandbox-admin"  # noqa: S105
    signing_secret: str = "sandbox-signing-secret"  # noqa: S105
    scopes: tuple[str, ...] = (
        "app_mentions:read", "assistant:write", "channels:history", "channels:read", "chat:write",
        "commands", "files:read", "groups:history", "groups:read", "im:history", "im:read",
        "mpim:history", "mpim:read", "usergroups:read",
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person or the bot. `team_id` is another team's for a Slack Connect user."""

    id: str
    name: str
    real_name: str
    team_id: str
    is_bot: bool = False
    is_restricted: bool = False
    tz: str = "America/Chicago"
    tz_offset: int = -21600

    def as_json(self) -> Json:
        """Return the user object of `users.info`."""
        return {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name,
            "real_name": self.real_name,
            "deleted": False,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "is_restricted": self.is_restricted,
            "is_ultra_restricted": False,
            "is_admin": False,
            "is_owner": False,
            "is_stranger": False,
            "tz": self.tz,
            "tz_offset": self.tz_offset,
            "profile": self.profile(),
        }

    def profile(self) -> Json:
        """Return the part of the profile that Slack sends beside events of external users."""
        return {
            "real_name": self.real_name,
            "display_name": self.name,
            "name": self.name,
            "team": self.team_id,
            "is_restricted": self.is_restricted,
            "is_ultra_restricted": False,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A conversation: a public channel, a private one or a direct message.

    Attributes:
        members: User ids, the bot's among them where it was invited.
        teams: Ids of the other teams that a Slack Connect channel is shared with.
    """

    id: str
    name: str
    members: tuple[str, ...]
    type: ChannelType = "channel"
    teams: tuple[str, ...] = ()
    is_archived: bool = False

    def as_json(self, home: Home) -> Json:
        """Return the conversation object of `conversations.info`."""
        shared: Json = {
            "id": self.id,
            "is_archived": self.is_archived,
            "is_im": self.type == "im",
            "is_ext_shared": bool(self.teams),
            "is_shared": bool(self.teams),
            "is_org_shared": False,
            "context_team_id": home.team_id,
        }
        if self.type == "im":
            others = [member for member in self.members if member != home.bot_user_id]
            return shared | {"user": others[0] if others else home.bot_user_id, "is_open": True}
        return shared | {
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": self.type == "channel",
            "is_group": self.type == "group",
            "is_mpim": False,
            "is_private": self.type == "group",
            "is_member": home.bot_user_id in self.members,
            "shared_team_ids": [home.team_id, *self.teams],
            "connected_team_ids": list(self.teams),
            "topic": {"value": "", "creator": "", "last_set": 0},
            "purpose": {"value": "", "creator": "", "last_set": 0},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class UserGroup:
    """A user group such as @care, by whose members agents are known."""

    id: str
    handle: str
    users: tuple[str, ...]
