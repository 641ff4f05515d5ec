"""What is said and shown in the sandbox Slack: messages, ephemerals, views.

The names of the fields are Slack's (https://docs.slack.dev/reference/objects). Values are frozen;
a change puts a new value in the workspace.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field

from bot.sandbox.slack.objects import Home
from bot.sandbox.slack.text import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message as it stands in a conversation.

    Attributes:
        text: The `text` field, escaped as Slack does.
        metadata: What an app attached: `event_type` and `event_payload`.
        bot_id: Set where the bot wrote it.
        edited: The timestamp of the last edit.
    """

    channel: str
    ts: str
    user: str
    team: str
    text: str
    blocks: tuple[Json, ...] = ()
    attachments: tuple[Json, ...] = ()
    files: tuple[Json, ...] = ()
    thread_ts: str | None = None
    subtype: str | None = None
    client_msg_id: str | None = None
    bot_id: str | None = None
    app_id: str | None = None
    metadata: Json | None = None
    edited: str | None = None
    extra: Json = field(default_factory=dict)

    @property
    def thread(self) -> str:
        """The timestamp of the thread that this message is in or would start."""
        return self.thread_ts or self.ts

    @property
    def is_reply(self) -> bool:
        """Whether it stands in a thread below another message."""
        return self.thread_ts is not None and self.thread_ts != self.ts

    def as_json(self, *, metadata: bool = False) -> Json:
        """Return the message object, with its metadata where asked for."""
        given: Json = {
            "client_msg_id": self.client_msg_id,
            "subtype": self.subtype,
            "thread_ts": self.thread_ts,
            "bot_id": self.bot_id,
            "app_id": self.app_id,
            "blocks": list(self.blocks),
            "attachments": list(self.attachments),
            "files": list(self.files),
            "edited": {"user": self.user, "ts": self.edited} if self.edited else None,
            "metadata": self.metadata if metadata else None,
        }
        whole: Json = {
            "type": "message",
            "user": self.user,
            "ts": self.ts,
            "team": self.team,
            "text": self.text,
        }
        return deepcopy(whole | {key: value for key, value in given.items() if value} | self.extra)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ephemeral:
    """A message that only one person sees, and that Slack does not keep."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: tuple[Json, ...] = ()
    thread_ts: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A modal that is open, or a published App Home.

    Attributes:
        user: Who sees it.
        body: What the app gave: title, blocks, callback id, private metadata.
        hash: Changes with every update.
    """

    id: str
    user: str
    team_id: str
    hash: str
    body: Json

    @property
    def callback_id(self) -> str:
        """The name that the app gave the view."""
        return str(self.body.get("callback_id") or "")

    @property
    def external_id(self) -> str:
        """The app's own id of the view."""
        return str(self.body.get("external_id") or "")

    def as_json(self, home: Home, values: Json | None = None) -> Json:
        """Return the view object, with the values that a person has entered."""
        defaults: Json = {
            "callback_id": "",
            "private_metadata": "",
            "external_id": "",
            "title": None,
            "submit": None,
            "close": None,
            "clear_on_close": False,
            "notify_on_close": False,
        }
        return deepcopy(
            defaults
            | self.body
            | {
                "id": self.id,
                "team_id": self.team_id,
                "app_id": home.app_id,
                "app_installed_team_id": home.team_id,
                "bot_id": home.bot_id,
                "hash": self.hash,
                "root_view_id": self.id,
                "previous_view_id": None,
                "state": {"values": values or {}},
            }
        )


def with_block_ids(blocks: tuple[Json, ...], new_id: str) -> tuple[Json, ...]:
    """Return the blocks, each with a `block_id`, as Slack gives one to those without."""
    return tuple(
        {"block_id": f"{new_id[-6:]}{index}"} | deepcopy(block)
        for index, block in enumerate(blocks)
    )
