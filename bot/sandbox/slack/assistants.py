"""The Web API's `assistant.threads.*` methods: status and suggested prompts.

https://docs.slack.dev/reference/methods: the error codes are the ones listed there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.sandbox.slack.arguments import Arguments, Refused
from bot.sandbox.slack.blocks import objects
from bot.sandbox.slack.chat import Method, joined_channel
from bot.sandbox.slack.text import Json
from bot.sandbox.slack.workspace import Workspace

_PROMPTS: Final = 4


def set_status(workspace: Workspace, given: Arguments) -> Json:
    """`assistant.threads.setStatus`. What was set is among the workspace's calls."""
    given = _channel(workspace, given)
    if not given.text("thread_ts"):
        raise Refused("invalid_thread_ts")
    if "status" not in given.given:
        raise Refused("invalid_arguments")
    return {}


def set_suggested_prompts(workspace: Workspace, given: Arguments) -> Json:
    """`assistant.threads.setSuggestedPrompts`: up to four, each with title and message."""
    given = _channel(workspace, given)
    prompts = objects(given.given.get("prompts"))
    whole = [each for each in prompts if each.get("title") and each.get("message")]
    if not prompts or len(whole) != len(prompts) or len(prompts) > _PROMPTS:
        raise Refused("invalid_arguments")
    return {}


ASSISTANT_METHODS: Final[Mapping[str, Method]] = {
    "assistant.threads.setStatus": set_status,
    "assistant.threads.setSuggestedPrompts": set_suggested_prompts,
}


def _channel(workspace: Workspace, given: Arguments) -> Arguments:
    """Check the channel, whose argument has another name than elsewhere."""
    channel = given.required("channel_id", "channel_not_found")
    joined_channel(workspace, Arguments({**given.given, "channel": channel}))
    return given
