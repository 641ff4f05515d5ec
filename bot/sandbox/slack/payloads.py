"""The event payloads that Slack sends, as it sends them.

https://docs.slack.dev/apis/events-api/ and the reference of `message` and its subtypes. Pure:
what a payload tells comes from the workspace's objects, ids of deliveries are new each time.
"""

from __future__ import annotations

import base64
import json
from typing import Final

from bot.sandbox.slack.grants import new_id
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.objects import Channel, Home, User
from bot.sandbox.slack.text import Json

VERIFICATION_TOKEN: Final = "sandbox-verification-token"  # noqa: S105
"""The `token` that Slack still sends and asks nobody to check any more."""


def event_callback(home: Home, event: Json, channel: Channel | None = None) -> Json:
    """Return the outer payload of an event, with an event id of its own."""
    context = {"tid": home.team_id, "aid": home.app_id, "cid": channel.id if channel else ""}
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": home.team_id,
        "context_team_id": home.team_id,
        "context_enterprise_id": None,
        "api_app_id": home.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": new_id("Ev"),
        "event_time": int(float(str(event["event_ts"]))),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": home.team_id,
                "user_id": home.bot_user_id,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": bool(channel and channel.teams),
        "event_context": f"4-{base64.b64encode(json.dumps(context).encode()).decode()}",
    }


def message_event(home: Home, message: Message, channel: Channel, user: User) -> Json:
    """Return the `message` event of what a person wrote, of whatever subtype."""
    event = message.as_json() | {
        "channel": channel.id,
        "event_ts": message.ts,
        "channel_type": channel.type,
    }
    return event_callback(home, event | _outsider(home, user), channel)


def mention_event(home: Home, message: Message, channel: Channel, user: User) -> Json:
    """Return the `app_mention` event, which comes besides the `message` event."""
    event = message.as_json() | {
        "type": "app_mention",
        "channel": channel.id,
        "event_ts": message.ts,
    }
    event.pop("subtype", None)
    return event_callback(home, event | _outsider(home, user), channel)


def changed_event(
    home: Home, message: Message, previous: Message, channel: Channel, at: str
) -> Json:
    """Return the `message_changed` event of an edit."""
    return event_callback(
        home,
        {
            "type": "message",
            "subtype": "message_changed",
            "message": message.as_json() | {"source_team": message.team, "user_team": message.team},
            "previous_message": previous.as_json(),
            "channel": channel.id,
            "hidden": True,
            "ts": at,
            "event_ts": at,
            "channel_type": channel.type,
        },
        channel,
    )


def deleted_event(home: Home, previous: Message, channel: Channel, at: str) -> Json:
    """Return the `message_deleted` event."""
    return event_callback(
        home,
        {
            "type": "message",
            "subtype": "message_deleted",
            "previous_message": previous.as_json(),
            "channel": channel.id,
            "hidden": True,
            "deleted_ts": previous.ts,
            "ts": at,
            "event_ts": at,
            "channel_type": channel.type,
        },
        channel,
    )


def home_opened_event(home: Home, user: User, channel: Channel, tab: str, at: str) -> Json:
    """Return the `app_home_opened` event of the tab `home` or `messages`."""
    event: Json = {
        "type": "app_home_opened",
        "user": user.id,
        "channel": channel.id,
        "tab": tab,
        "event_ts": at,
    }
    return event_callback(home, event, channel)


def assistant_started_event(home: Home, user: User, channel: Channel, thread: str) -> Json:
    """Return the `assistant_thread_started` event of the older assistant."""
    about: Json = {
        "user_id": user.id,
        "channel_id": channel.id,
        "thread_ts": thread,
        "context": {},
    }
    event: Json = {"type": "assistant_thread_started", "assistant_thread": about}
    return event_callback(home, event | {"event_ts": thread}, channel)


def uninstalled_event(home: Home, at: str) -> Json:
    """Return the `app_uninstalled` event, which no authorization comes with."""
    return event_callback(home, {"type": "app_uninstalled", "event_ts": at}) | {
        "authorizations": []
    }


def revoked_event(home: Home, at: str) -> Json:
    """Return the `tokens_revoked` event of the bot's token."""
    tokens: Json = {"oauth": [], "bot": [home.bot_user_id]}
    event: Json = {"type": "tokens_revoked", "tokens": tokens, "event_ts": at}
    return event_callback(home, event) | {"authorizations": []}


def url_verification(challenge: str) -> Json:
    """Return what Slack sends once when an events URL is entered."""
    return {"token": VERIFICATION_TOKEN, "challenge": challenge, "type": "url_verification"}


def shared_attachment(message: Message, author: User, link: str) -> Json:
    """Return the attachment that a forwarded message travels in."""
    return {
        "ts": message.ts,
        "author_id": author.id,
        "channel_id": message.channel,
        "channel_team": message.team,
        "is_msg_unfurl": True,
        "is_share": True,
        "message_blocks": [
            {
                "team": message.team,
                "channel": message.channel,
                "ts": message.ts,
                "message": {"blocks": list(message.blocks)},
            }
        ],
        "color": "D0D0D0",
        "from_url": link,
        "fallback": f"[{message.ts}] {author.name}: {message.text}",
        "text": message.text,
        "author_name": author.real_name,
        "author_subname": author.name,
        "mrkdwn_in": ["text"],
        "footer": "Slack Conversation",
    }


def _outsider(home: Home, user: User) -> Json:
    """Return what Slack Connect adds to the event of another team's person."""
    if user.team_id == home.team_id:
        return {}
    return {
        "user_team": user.team_id,
        "source_team": user.team_id,
        "user_profile": user.profile(),
    }
