"""The Web API's `conversations.*` methods.

https://docs.slack.dev/reference/methods: the error codes are the ones listed there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypeVar

from bot.sandbox.slack.arguments import Arguments, Refused
from bot.sandbox.slack.chat import Method, joined_channel, known_channel
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.text import Json
from bot.sandbox.slack.workspace import Workspace

Item = TypeVar("Item")

_MAX_PAGE: Final = 1000


def open_direct(workspace: Workspace, given: Arguments) -> Json:
    """`conversations.open` of one person; group conversations are not in the sandbox."""
    if given.text("channel"):
        channel = known_channel(workspace, given)
        if channel.type != "im":
            raise Refused("channel_not_found")
    else:
        users = [user for user in given.required("users").split(",") if user]
        if len(users) != 1:
            raise Refused("too_many_users")
        user = workspace.users.get(users[0])
        if user is None:
            raise Refused("user_not_found")
        if user.is_bot:
            raise Refused("cannot_dm_bot")
        channel = workspace.direct(user.id)
    if given.flag("return_im"):
        return {"no_op": False, "already_open": False, "channel": channel.as_json(workspace.home)}
    return {"channel": {"id": channel.id}}


def info(workspace: Workspace, given: Arguments) -> Json:
    """`conversations.info`."""
    channel = known_channel(workspace, given)
    about = channel.as_json(workspace.home)
    if given.flag("include_num_members"):
        about["num_members"] = len(channel.members)
    return {"channel": about}


def members(workspace: Workspace, given: Arguments) -> Json:
    """`conversations.members`, in pages."""
    channel = known_channel(workspace, given)
    page, more = _page(channel.members, given, 100)
    return {"members": list(page)} | more


def replies(workspace: Workspace, given: Arguments) -> Json:
    """`conversations.replies`: a thread with its first message, oldest first, in pages."""
    channel = joined_channel(workspace, given)
    named = workspace.messages.get((channel.id, given.required("ts", "thread_not_found")))
    if named is None:
        raise Refused("thread_not_found")
    thread = workspace.thread(channel.id, named.thread)
    parent, rest = thread[:1], _between(thread[1:], given)
    page, more = _page((*parent, *rest), given, _MAX_PAGE)
    return _messages(workspace, page, given) | more


def history(workspace: Workspace, given: Arguments) -> Json:
    """`conversations.history`: what stands outside of threads, newest first, in pages."""
    channel = joined_channel(workspace, given)
    newest_first = _between(workspace.history(channel.id), given)[::-1]
    page, more = _page(newest_first, given, 100)
    return _messages(workspace, page, given) | more


CONVERSATION_METHODS: Final[Mapping[str, Method]] = {
    "conversations.open": open_direct,
    "conversations.info": info,
    "conversations.members": members,
    "conversations.replies": replies,
    "conversations.history": history,
}


def _between(messages: Sequence[Message], given: Arguments) -> tuple[Message, ...]:
    """Return what lies between `oldest` and `latest`, the ends with `inclusive` alone."""
    low = _time(given.text("oldest") or "0", "invalid_ts_oldest")
    high = _time(given.text("latest") or "inf", "invalid_ts_latest")
    ends = given.flag("inclusive")
    return tuple(
        message
        for message in messages
        if low < float(message.ts) < high or (ends and float(message.ts) in (low, high))
    )


def _time(text: str, code: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise Refused(code) from None


def _page(items: Sequence[Item], given: Arguments, default: int) -> tuple[Sequence[Item], Json]:
    limit = given.number("limit", default)
    if not 1 <= limit <= _MAX_PAGE:
        raise Refused("invalid_limit")
    cursor = given.text("cursor").removeprefix("next:")
    if cursor and not cursor.isdecimal():
        raise Refused("invalid_cursor")
    start = int(cursor or 0)
    more = len(items) > start + limit
    following = f"next:{start + limit}" if more else ""
    return items[start : start + limit], {
        "has_more": more,
        "response_metadata": {"next_cursor": following},
    }


def _messages(workspace: Workspace, messages: Sequence[Message], given: Arguments) -> Json:
    metadata = given.flag("include_all_metadata")
    found = []
    for message in messages:
        whole = message.as_json(metadata=metadata)
        below = [m for m in workspace.thread(message.channel, message.ts) if m.is_reply]
        if below:
            whole |= {
                "thread_ts": message.ts,
                "reply_count": len(below),
                "reply_users": sorted({m.user for m in below}),
                "reply_users_count": len({m.user for m in below}),
                "latest_reply": below[-1].ts,
            }
        if message.is_reply:
            parent = workspace.messages.get((message.channel, message.thread))
            if parent:
                whole["parent_user_id"] = parent.user
        found.append(whole)
    return {"messages": found}
