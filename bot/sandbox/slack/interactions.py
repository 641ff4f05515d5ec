"""The payloads of slash commands, buttons, modals and shortcuts, as Slack sends them.

https://docs.slack.dev/reference/interaction-payloads. Pure; what Slack lends with each (trigger
id, response URL) is an argument.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.sandbox.errors import SandboxMisused
from bot.sandbox.slack.elements import Place, entered
from bot.sandbox.slack.messages import Ephemeral, Message, View
from bot.sandbox.slack.objects import Channel, Home, User
from bot.sandbox.slack.payloads import VERIFICATION_TOKEN
from bot.sandbox.slack.text import Json


def slash_command(
    home: Home,
    user: User,
    channel: Channel,
    command: str,
    text: str,
    *,
    trigger_id: str,
    response_url: str,
) -> Json:
    """Return the payload of a slash command; over HTTP it travels as a form."""
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": user.team_id,
        "team_domain": _domain(home, user),
        "channel_id": channel.id,
        "channel_name": "directmessage" if channel.type == "im" else channel.name,
        "user_id": user.id,
        "user_name": user.name,
        "command": command,
        "text": text,
        "api_app_id": home.app_id,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger_id,
    }


def block_actions(
    home: Home,
    user: User,
    channel: Channel | None,
    where: Place,
    action: Json,
    *,
    trigger_id: str,
    response_url: str = "",
) -> Json:
    """Return the payload of a press in a message, an ephemeral message, a modal or App Home."""
    payload = _interaction(home, user, "block_actions", trigger_id) | {"actions": [action]}
    if isinstance(where, View) or channel is None:
        if not isinstance(where, View):
            raise SandboxMisused("A message's button needs the channel of the message.")
        return payload | {
            "container": {"type": "view", "view_id": where.id},
            "view": where.as_json(home),
        }
    ephemeral = isinstance(where, Ephemeral)
    container: Json = {
        "type": "message",
        "message_ts": where.ts,
        "channel_id": channel.id,
        "is_ephemeral": ephemeral,
    }
    if where.thread_ts:
        container["thread_ts"] = where.thread_ts
    payload |= {
        "container": container,
        "channel": _named(channel),
        "state": {"values": {}},
        "response_url": response_url,
    }
    # Slack does not keep ephemeral messages, so it cannot send them back.
    return payload if isinstance(where, Ephemeral) else payload | {"message": where.as_json()}


def view_submission(
    home: Home, user: User, view: View, values: Mapping[str, str], *, trigger_id: str
) -> Json:
    """Return the payload of a modal that a person sends, with what was entered by action id."""
    return _interaction(home, user, "view_submission", trigger_id) | {
        "view": view.as_json(home, entered(view, values)),
        "response_urls": [],
    }


def view_closed(home: Home, user: User, view: View) -> Json:
    """Return the payload of a modal that a person closes; sent where `notify_on_close` is set."""
    payload = _interaction(home, user, "view_closed", "")
    payload.pop("trigger_id")
    return payload | {"view": view.as_json(home), "is_cleared": False}


def message_shortcut(
    home: Home,
    user: User,
    channel: Channel,
    message: Message,
    callback_id: str,
    *,
    at: str,
    trigger_id: str,
    response_url: str,
) -> Json:
    """Return the payload of a shortcut in a message's menu."""
    return _interaction(home, user, "message_action", trigger_id) | {
        "callback_id": callback_id,
        "action_ts": at,
        "channel": _named(channel),
        "message_ts": message.ts,
        "message": message.as_json(),
        "response_url": response_url,
    }


def global_shortcut(home: Home, user: User, callback_id: str, *, at: str, trigger_id: str) -> Json:
    """Return the payload of a shortcut in the search or the composer."""
    return _interaction(home, user, "shortcut", trigger_id) | {
        "callback_id": callback_id,
        "action_ts": at,
    }


def _interaction(home: Home, user: User, kind: str, trigger_id: str) -> Json:
    return {
        "type": kind,
        "team": {"id": user.team_id, "domain": _domain(home, user)},
        "user": {
            "id": user.id,
            "username": user.name,
            "name": user.name,
            "team_id": user.team_id,
        },
        "api_app_id": home.app_id,
        "token": VERIFICATION_TOKEN,
        "trigger_id": trigger_id,
        "enterprise": None,
        "is_enterprise_install": False,
    }


def _domain(home: Home, user: User) -> str:
    # With Slack Connect the team is that of the person who acts, not the app's.
    return home.domain if user.team_id == home.team_id else user.team_id.lower()


def _named(channel: Channel) -> Json:
    return {"id": channel.id, "name": "directmessage" if channel.type == "im" else channel.name}
