"""The Web API's `chat.*` methods and what is sent to a response URL.

https://docs.slack.dev/reference/methods: the error codes are the ones listed there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from bot.sandbox.slack.arguments import Arguments, Refused
from bot.sandbox.slack.blocks import MAX_ALL_BLOCKS, MAX_TEXT, characters, message_problems
from bot.sandbox.slack.grants import ResponseUrl, new_id
from bot.sandbox.slack.messages import Ephemeral, Message, with_block_ids
from bot.sandbox.slack.objects import Channel
from bot.sandbox.slack.text import Json
from bot.sandbox.slack.workspace import Workspace

Method = Callable[[Workspace, Arguments], Json]


def known_channel(workspace: Workspace, given: Arguments) -> Channel:
    """Return the conversation that `channel` names, or refuse as Slack does."""
    channel = workspace.channels.get(given.required("channel", "channel_not_found"))
    bot = workspace.home.bot_user_id
    if channel is None or (channel.type != "channel" and bot not in channel.members):
        # To an app that was not invited, a private conversation does not exist.
        raise Refused("channel_not_found")
    return channel


def joined_channel(workspace: Workspace, given: Arguments) -> Channel:
    """Return the conversation that `channel` names and that the bot may write in."""
    channel = known_channel(workspace, given)
    if channel.is_archived:
        raise Refused("is_archived")
    if workspace.home.bot_user_id not in channel.members:
        raise Refused("not_in_channel")
    return channel


def post_message(workspace: Workspace, given: Arguments) -> Json:
    """`chat.postMessage`; a user id as `channel` opens the direct message."""
    user = workspace.users.get(given.text("channel"))
    if user and not user.is_bot:
        channel = workspace.direct(user.id)
    else:
        channel = joined_channel(workspace, given)
    text, blocks = _words(given)
    thread_ts = given.text("thread_ts") or None
    if thread_ts and not workspace.has_thread(channel.id, thread_ts):
        raise Refused("thread_not_found")
    broadcast = bool(thread_ts) and given.flag("reply_broadcast")
    message = workspace.post(
        replace(
            _from_bot(workspace, channel, text, blocks),
            attachments=given.items("attachments", "invalid_attachments"),
            thread_ts=thread_ts,
            subtype="thread_broadcast" if broadcast else None,
            metadata=given.object("metadata", "invalid_metadata_format"),
        )
    )
    return {"channel": channel.id, "ts": message.ts, "message": message.as_json(metadata=True)}


def post_ephemeral(workspace: Workspace, given: Arguments) -> Json:
    """`chat.postEphemeral`."""
    channel = joined_channel(workspace, given)
    if given.required("user", "user_not_in_channel") not in channel.members:
        raise Refused("user_not_in_channel")
    text, blocks = _words(given)
    shown = workspace.whisper(
        Ephemeral(
            channel=channel.id,
            ts=workspace.next_ts(),
            user=given.text("user"),
            text=text,
            blocks=with_block_ids(blocks, new_id("")),
            thread_ts=given.text("thread_ts") or None,
        )
    )
    return {"message_ts": shown.ts}


def update(workspace: Workspace, given: Arguments) -> Json:
    """`chat.update`, of the bot's own messages."""
    message = _own(workspace, given, "cant_update_message")
    text, blocks = _words(given)
    if "blocks" not in given.given:
        blocks = message.blocks
    changed = workspace.change(message, text=text or message.text, blocks=blocks)
    return {
        "channel": changed.channel,
        "ts": changed.ts,
        "text": changed.text,
        "message": changed.as_json(),
    }


def delete(workspace: Workspace, given: Arguments) -> Json:
    """`chat.delete`. With a bot token only the bot's own messages can go."""
    message = _own(workspace, given, "cant_delete_message")
    workspace.remove(message)
    return {"channel": message.channel, "ts": message.ts}


def delete_any(workspace: Workspace, given: Arguments) -> Json:
    """`chat.delete` with an admin's token: what people of their workspace wrote in channels."""
    channel = workspace.channels.get(given.required("channel", "channel_not_found"))
    if channel is None or channel.type == "im":
        # Nobody sees the direct messages of others.
        raise Refused("channel_not_found")
    message = workspace.messages.get((channel.id, given.required("ts", "message_not_found")))
    if message is None:
        raise Refused("message_not_found")
    if message.team != workspace.home.team_id:
        raise Refused("cant_delete_message")
    workspace.remove(message)
    return {"channel": message.channel, "ts": message.ts}


def permalink(workspace: Workspace, given: Arguments) -> Json:
    """`chat.getPermalink`."""
    channel = known_channel(workspace, given)
    message = workspace.messages.get((channel.id, given.required("message_ts")))
    if message is None:
        raise Refused("message_not_found")
    link = f"https://{workspace.home.domain}.slack.example/archives/{channel.id}"
    link += "/p" + message.ts.replace(".", "")
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


CHAT_METHODS: Final[Mapping[str, Method]] = {
    "chat.postMessage": post_message,
    "chat.postEphemeral": post_ephemeral,
    "chat.update": update,
    "chat.delete": delete,
    "chat.getPermalink": permalink,
}


def respond(workspace: Workspace, response: ResponseUrl, given: Arguments) -> None:
    """Do what the body sent to a response URL, or the answer to a slash command, asks for.

    https://docs.slack.dev/interactivity/handling-user-interaction/#message_responses
    """
    original = workspace.messages.get((response.channel, response.message_ts or ""))
    if given.flag("delete_original"):
        if original:
            workspace.remove(original)
        return
    text, blocks = _words(given)
    channel = workspace.channels[response.channel]
    thread_ts = given.text("thread_ts") or response.thread_ts
    if given.flag("replace_original") and original:
        workspace.change(original, text=text, blocks=blocks)
    elif given.text("response_type") == "in_channel":
        said = _from_bot(workspace, channel, text, blocks)
        workspace.post(replace(said, thread_ts=thread_ts))
    else:
        workspace.whisper(
            Ephemeral(
                channel=channel.id,
                ts=workspace.next_ts(),
                user=response.user,
                text=text,
                blocks=with_block_ids(blocks, new_id("")),
                thread_ts=thread_ts,
            )
        )


def _words(given: Arguments) -> tuple[str, tuple[Json, ...]]:
    text = given.text("text")
    blocks = given.items("blocks", "invalid_blocks_format")
    if not text and not blocks and not given.given.get("attachments"):
        raise Refused("no_text")
    if len(text) > MAX_TEXT:
        raise Refused("msg_too_long")
    problems = message_problems(blocks)
    if problems:
        raise Refused("invalid_blocks", problems)
    if sum(map(characters, blocks)) > MAX_ALL_BLOCKS:
        raise Refused("msg_blocks_too_long")
    return text, blocks


def _from_bot(
    workspace: Workspace, channel: Channel, text: str, blocks: tuple[Json, ...]
) -> Message:
    home = workspace.home
    return Message(
        channel=channel.id,
        ts=workspace.next_ts(),
        user=home.bot_user_id,
        team=home.team_id,
        text=text,
        blocks=with_block_ids(blocks, new_id("")),
        bot_id=home.bot_id,
        app_id=home.app_id,
    )


def _own(workspace: Workspace, given: Arguments, code: str) -> Message:
    channel = known_channel(workspace, given)
    message = workspace.messages.get((channel.id, given.required("ts", "message_not_found")))
    if message is None:
        raise Refused("message_not_found")
    if message.bot_id != workspace.home.bot_id:
        raise Refused(code)
    return message
