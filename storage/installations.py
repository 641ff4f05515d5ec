"""What is known of a workspace that installed the app."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from storage.ids import TeamId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What Slack lets the bot act with in a workspace.

    Attributes:
        token: The bot's token.
        refresh_token: What the next token is asked for with, None where the app rotates none.
        expires_at: When the token ends, None where it does not.
    """

    token: str = field(repr=False)
    refresh_token: str | None = field(repr=False, default=None)
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """A workspace that installed the app.

    Attributes:
        team: The workspace.
        app_id: The app that was installed.
        bot_user: Who the bot is there.
        bot_id: The same as a bot, as `bot_id` of its messages.
        url: Where the workspace is, for links to messages.
        scopes: What the bot may do there, with commas between.
        installed_by: Who installed it.
        installed_at: When, for the last time.
        expires_at: When the token ends, None where it does not.
    """

    team: TeamId
    app_id: str
    bot_user: UserId
    bot_id: str
    url: str
    scopes: str
    installed_by: UserId
    installed_at: datetime
    expires_at: datetime | None = None
