"""What an admin of Care's workspace lets the bot do in their name: delete messages of others."""

from __future__ import annotations

from dataclasses import dataclass

from slack_sdk import WebClient

from bot.errors import SlackRefused
from bot.log import Event, failure
from bot.slack.client import called
from storage.ids import ChannelId, SlackTs, TeamId


@dataclass(frozen=True, slots=True, kw_only=True)
class Admin:
    """Acts with an admin's token.

    Attributes:
        client: Has the token.
        team: The workspace that it is of; in others it may nothing.
    """

    client: WebClient
    team: TeamId

    def remove(self, team: TeamId, channel: ChannelId, ts: SlackTs) -> bool:
        """Delete a message. Returns whether it is gone. Raises SlackBusy."""
        if team != self.team:
            return False
        try:
            called(lambda: self.client.chat_delete(channel=channel, ts=ts))
        except SlackRefused as error:
            if error.code == "message_not_found":
                return True
            # In a direct message or of somebody of another workspace, or the admin is none.
            failure(Event.MESSAGE_NOT_CLEARED, error)
            return False
        return True
