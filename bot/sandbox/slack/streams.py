"""The Web API's streams: `chat.startStream`, `chat.appendStream`, `chat.stopStream`.

https://docs.slack.dev/reference/methods: the error codes are the ones listed there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from bot.sandbox.slack.arguments import Arguments, Refused
from bot.sandbox.slack.blocks import MAX_MARKDOWN, message_problems
from bot.sandbox.slack.chat import Method, joined_channel
from bot.sandbox.slack.grants import new_id
from bot.sandbox.slack.messages import Message, with_block_ids
from bot.sandbox.slack.text import Json
from bot.sandbox.slack.workspace import Workspace

_STREAMING: Final = "streaming"
"""The mark, among a message's extra fields, of one that still grows."""


def start(workspace: Workspace, given: Arguments) -> Json:
    """`chat.startStream`: a message that grows, in a thread."""
    channel = joined_channel(workspace, given)
    thread_ts = given.required("thread_ts", "invalid_thread_ts")
    if (channel.id, thread_ts) not in workspace.messages:
        raise Refused("thread_not_found")
    if channel.type != "im" and not given.text("recipient_user_id"):
        raise Refused("missing_recipient_user_id")
    home = workspace.home
    message = workspace.post(
        Message(
            channel=channel.id,
            ts=workspace.next_ts(),
            user=home.bot_user_id,
            team=home.team_id,
            text=_markdown(given),
            bot_id=home.bot_id,
            app_id=home.app_id,
            thread_ts=thread_ts,
            extra={_STREAMING: True},
        )
    )
    return {"channel": channel.id, "ts": message.ts}


def append(workspace: Workspace, given: Arguments) -> Json:
    """`chat.appendStream`."""
    message = _growing(workspace, given)
    workspace.messages[message.channel, message.ts] = replace(
        message, text=message.text + _markdown(given)
    )
    return {"channel": message.channel, "ts": message.ts}


def stop(workspace: Workspace, given: Arguments) -> Json:
    """`chat.stopStream`, with blocks below what was said."""
    message = _growing(workspace, given)
    blocks = given.items("blocks", "invalid_blocks_format")
    problems = message_problems(blocks)
    if problems:
        raise Refused("invalid_blocks", problems)
    whole = replace(message, extra={})
    changed = workspace.change(
        whole,
        text=message.text + _markdown(given),
        blocks=with_block_ids(blocks, new_id("")),
    )
    return {"channel": changed.channel, "ts": changed.ts, "message": changed.as_json()}


STREAM_METHODS: Final[Mapping[str, Method]] = {
    "chat.startStream": start,
    "chat.appendStream": append,
    "chat.stopStream": stop,
}


def _growing(workspace: Workspace, given: Arguments) -> Message:
    channel = joined_channel(workspace, given)
    message = workspace.messages.get((channel.id, given.required("ts", "message_not_found")))
    if message is None:
        raise Refused("message_not_found")
    if not message.extra.get(_STREAMING):
        raise Refused("message_not_in_streaming_state")
    return message


def _markdown(given: Arguments) -> str:
    text = given.text("markdown_text")
    if len(text) > MAX_MARKDOWN:
        raise Refused("msg_too_long")
    return text
