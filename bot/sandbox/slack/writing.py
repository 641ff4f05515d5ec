"""What people write, edit, delete and upload."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from bot.sandbox.errors import SandboxMisused
from bot.sandbox.slack import payloads as payloads
from bot.sandbox.slack.actor import Actor
from bot.sandbox.slack.delivery import Ack, Kind
from bot.sandbox.slack.files import File, file_object, hidden_file
from bot.sandbox.slack.grants import new_id
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.objects import Channel
from bot.sandbox.slack.text import Json, message_text, rich_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A message that a person wrote, and how the bot took the events of it.

    Attributes:
        acks: One per event; empty where the bot is not in the conversation.
    """

    message: Message
    acks: tuple[Ack | None, ...]

    @property
    def ok(self) -> bool:
        """Whether the bot acknowledged every event."""
        return all(ack is not None and ack.ok for ack in self.acks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer(Actor):
    """Somebody who writes."""

    def writes(
        self,
        text: str,
        channel: Channel | str | None = None,
        thread_ts: str | None = None,
        *,
        broadcast: bool = False,
        files: tuple[File, ...] = (),
        hidden_files: bool = False,
        attachments: tuple[Json, ...] = (),
    ) -> Sent:
        """Write a message.

        Args:
            text: What is typed; `<@U…>` mentions somebody.
            channel: Where; the direct message with the bot if none.
            thread_ts: The message it replies to.
            broadcast: Whether a reply in a thread is also sent to the channel.
            files: Uploaded with it.
            hidden_files: Whether they come as `check_file_info`, as with Slack Connect.
            attachments: Such as of a forwarded message.
        """
        place = self.place(channel)
        subtype = "file_share" if files else "thread_broadcast" if broadcast else None
        shown = [
            hidden_file(file) if hidden_files else file_object(file, self.workspace.origin)
            for file in files
        ]
        root = self.workspace.messages.get((place.id, thread_ts or ""))
        extra: Json = {"upload": True, "display_as_bot": False} if files else {}
        if root:
            extra["parent_user_id"] = root.user
            if broadcast:
                extra["root"] = root.as_json()
        for file in files:
            self.workspace.files[file.id] = file
        message = self.workspace.post(
            Message(
                channel=place.id,
                ts=self.workspace.next_ts(),
                user=self.user.id,
                team=self.user.team_id,
                text=message_text(text),
                blocks=(rich_text(text),) if text else (),
                attachments=attachments,
                files=tuple(shown),
                thread_ts=thread_ts,
                subtype=subtype,
                client_msg_id=str(uuid4()),
                extra=extra,
            )
        )
        return Sent(message=message, acks=self._told(place, message))

    def mentions(self, text: str, channel: Channel | str, thread_ts: str | None = None) -> Sent:
        """Write a message that mentions the bot. Slack tells of it by two events."""
        return self.writes(f"<@{self.workspace.home.bot_user_id}> {text}", channel, thread_ts)

    def shares(
        self,
        name: str,
        content: bytes,
        channel: Channel | str | None = None,
        *,
        text: str = "",
        mimetype: str = "text/plain",
        hidden: bool = False,
    ) -> Sent:
        """Upload a file."""
        file = File(
            id=new_id("F"),
            name=name,
            mimetype=mimetype,
            content=content,
            user=self.user.id,
            user_team=self.user.team_id,
            created=int(self.workspace.clock()),
        )
        return self.writes(text, channel, files=(file,), hidden_files=hidden)

    def forwards(
        self, message: Message, channel: Channel | str | None = None, *, text: str = ""
    ) -> Sent:
        """Share somebody's message in another conversation."""
        link = f"https://{self.workspace.home.domain}.slack.example/archives/{message.channel}"
        link += f"/p{message.ts.replace('.', '')}"
        author = self.workspace.users[message.user]
        return self.writes(
            text, channel, attachments=(payloads.shared_attachment(message, author, link),)
        )

    def edits(self, message: Message, text: str) -> Sent:
        """Change the text of an own message."""
        self._own(message)
        changed = self.workspace.change(
            message, text=message_text(text), blocks=(rich_text(text),) if text else ()
        )
        channel = self.workspace.channels[message.channel]
        at = changed.edited or changed.ts
        event = payloads.changed_event(self.workspace.home, changed, message, channel, at)
        return Sent(message=changed, acks=self._events(channel, event))

    def deletes(self, message: Message) -> Sent:
        """Delete an own message."""
        self._own(message)
        self.workspace.remove(message)
        channel = self.workspace.channels[message.channel]
        at = self.workspace.next_ts()
        event = payloads.deleted_event(self.workspace.home, message, channel, at)
        return Sent(message=message, acks=self._events(channel, event))

    def _own(self, message: Message) -> None:
        if message.user != self.user.id:
            raise SandboxMisused("The message is somebody else's.")

    def _told(self, channel: Channel, message: Message) -> tuple[Ack | None, ...]:
        """Tell the bot of a message, and of the mention in it."""
        home = self.workspace.home
        events = [payloads.message_event(home, message, channel, self.user)]
        if channel.type != "im" and f"<@{home.bot_user_id}>" in message.text:
            events.append(payloads.mention_event(home, message, channel, self.user))
        return self._events(channel, *events)

    def _events(self, channel: Channel, *events: Json) -> tuple[Ack | None, ...]:
        if self.workspace.home.bot_user_id not in channel.members:
            return ()
        return tuple(self.deliver(event, Kind.EVENTS_API) for event in events)
