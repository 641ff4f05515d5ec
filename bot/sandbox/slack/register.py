"""Who is in the sandbox Slack and where they talk."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Condition

from bot.sandbox.errors import SandboxMisused
from bot.sandbox.slack.grants import new_id
from bot.sandbox.slack.objects import Channel, Home, User, UserGroup


class Register:
    """The users, conversations and user groups of a workspace; the bot is always among them.

    Attributes:
        home: The workspace's own ids and secrets.
        lock: Guards the state; whoever changes it notifies.
    """

    def __init__(
        self,
        *,
        home: Home,
        users: Iterable[User],
        channels: Iterable[Channel],
        groups: Iterable[UserGroup],
    ) -> None:
        bot = User(
            id=home.bot_user_id,
            name=home.bot_name,
            real_name=home.bot_real_name,
            team_id=home.team_id,
            is_bot=True,
        )
        self.home = home
        self.users = {user.id: user for user in (bot, *users)}
        self.channels = {channel.id: channel for channel in channels}
        self.groups = {group.id: group for group in groups}
        self.lock = Condition()

    @property
    def bot(self) -> User:
        """The bot's own user."""
        return self.users[self.home.bot_user_id]

    def user(self, name: str) -> User:
        """Return a user by id, name or real name. Raises SandboxMisused."""
        for user in self.users.values():
            if name in (user.id, user.name, user.real_name):
                return user
        raise SandboxMisused("There is no such person in the sandbox.")

    def channel(self, name: str) -> Channel:
        """Return a conversation by id or name, with or without `#`. Raises SandboxMisused."""
        with self.lock:
            for channel in self.channels.values():
                if name.removeprefix("#") in (channel.id, channel.name):
                    return channel
        raise SandboxMisused("There is no such channel in the sandbox.")

    def direct(self, user_id: str) -> Channel:
        """Return the direct message conversation of a person with the bot, opened if need be."""
        with self.lock:
            members = (self.home.bot_user_id, user_id)
            for channel in self.channels.values():
                if channel.type == "im" and channel.members == members:
                    return channel
            user = self.users[user_id]
            teams = () if user.team_id == self.home.team_id else (user.team_id,)
            channel = Channel(id=new_id("D"), name="", members=members, type="im", teams=teams)
            self.channels[channel.id] = channel
            return channel

    def put(self, channel: Channel) -> None:
        """Put a conversation in, or replace it: invite, archive, share."""
        with self.lock:
            self.channels[channel.id] = channel
            self.lock.notify_all()

    def place(self, channel_id: str) -> str:
        """Return a conversation's name as the transcript shows it."""
        channel = self.channels[channel_id]
        if channel.type != "im":
            return f"#{channel.name}"
        return f"DM {self.users[channel.members[-1]].real_name}"
