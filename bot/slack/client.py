"""Calls to Slack's Web API: what we need of it, with two kinds of failure.

`SlackBusy` asks to try again later, `SlackRefused` is final. Neither carries what was sent or what
came back. Nothing waits here: the engine does the waiting.
"""

from __future__ import annotations

import copy
import http.client
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from bot.errors import SlackBusy, SlackRefused
from storage.ids import ChannelId, SlackTs, TeamId, UserId

TIMEOUT_SECONDS: Final = 15
STATUS_SECONDS: Final = 2
"""How long a status may take, since the answer waits for it meanwhile."""
BUSY_SECONDS: Final = 1.0
"""How long to wait after a failure for which Slack names no time."""
_PASSING: Final = frozenset(
    {"ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable",
     "request_timeout", "team_added_to_org"}
)  # fmt: skip
_CODE: Final = re.compile(r"[a-z][a-z0-9_]{1,80}")


def web_client(token: str | None, api_url: str) -> WebClient:
    """Build the SDK's client, without a token for calls that need none.

    Its retry handlers sleep in the calling thread, so it has none.
    """
    return WebClient(token=token, base_url=api_url, timeout=TIMEOUT_SECONDS, retry_handlers=[])


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who the bot is: `auth.test`."""

    team: TeamId
    bot_user: UserId
    bot_id: str
    url: str


def identity(client: WebClient) -> Identity:
    """Return who a client's token belongs to. Raises SlackBusy, SlackRefused."""
    found = called(client.auth_test)
    return Identity(
        team=TeamId(str(found.get("team_id"))),
        bot_user=UserId(str(found.get("user_id"))),
        bot_id=str(found.get("bot_id") or ""),
        url=str(found.get("url") or "https://slack.com/"),
    )


class Slack:
    """The calls that the bot makes, each in a workspace that installed it.

    Args:
        client_of: Returns the client with the token of a workspace. Raises SlackRefused where
            the workspace has none (any more).
    """

    def __init__(self, client_of: Callable[[TeamId], WebClient]) -> None:
        self._client_of = client_of

    def post(
        self,
        *,
        team: TeamId,
        channel: ChannelId,
        thread_ts: SlackTs | None,
        text: str,
        blocks: Sequence[Mapping[str, object]],
        reply: int,
    ) -> SlackTs:
        """Post a message; its metadata names the reply, so that it can be found again."""
        found = called(
            lambda: self._client_of(team).chat_postMessage(
                channel=channel,
                thread_ts=thread_ts,
                text=text,
                blocks=list(blocks) or None,  # type: ignore[arg-type]
                metadata={"event_type": "care_reply", "event_payload": {"reply": reply}},
                unfurl_links=False,
                unfurl_media=False,
            )
        )
        return SlackTs(str(found.get("ts")))

    def update(
        self,
        *,
        team: TeamId,
        channel: ChannelId,
        ts: SlackTs,
        text: str,
        blocks: Sequence[Mapping[str, object]],
    ) -> None:
        """Write over a message of ours. Doing it again changes nothing."""
        called(
            lambda: self._client_of(team).chat_update(
                channel=channel,
                ts=ts,
                text=text,
                blocks=list(blocks),  # type: ignore[arg-type]
            )
        )

    def delete(self, *, team: TeamId, channel: ChannelId, ts: SlackTs) -> None:
        """Take a message of ours away. One that is gone already is no error."""
        try:
            called(lambda: self._client_of(team).chat_delete(channel=channel, ts=ts))
        except SlackRefused as error:
            if error.code != "message_not_found":
                raise

    def start_stream(self, *, team: TeamId, channel: ChannelId, thread_ts: SlackTs) -> SlackTs:
        """Begin a message that grows, in a thread of a direct message. Returns its timestamp."""
        found = called(
            lambda: self._client_of(team).chat_startStream(channel=channel, thread_ts=thread_ts)
        )
        return SlackTs(str(found.get("ts")))

    def append_stream(
        self, *, team: TeamId, channel: ChannelId, ts: SlackTs, markdown: str
    ) -> None:
        """Let a message grow, by up to 12,000 characters of Markdown."""
        called(
            lambda: self._client_of(team).chat_appendStream(
                channel=channel, ts=ts, markdown_text=markdown
            )
        )

    def stop_stream(
        self,
        *,
        team: TeamId,
        channel: ChannelId,
        ts: SlackTs,
        blocks: Sequence[Mapping[str, object]],
    ) -> None:
        """End a message that grows, with blocks below its words."""
        called(
            lambda: self._client_of(team).chat_stopStream(
                channel=channel,
                ts=ts,
                blocks=[dict(block) for block in blocks] or None,
            )
        )

    def set_status(
        self, *, team: TeamId, channel: ChannelId, thread_ts: SlackTs, status: str
    ) -> None:
        """Say what the bot is doing, until its next message or for two minutes."""
        hasty = copy.copy(self._client_of(team))
        hasty.timeout = STATUS_SECONDS
        called(
            lambda: hasty.assistant_threads_setStatus(
                channel_id=channel, thread_ts=thread_ts, status=status
            )
        )

    def suggest(
        self,
        *,
        team: TeamId,
        channel: ChannelId,
        thread_ts: SlackTs | None,
        prompts: Sequence[tuple[str, str]],
    ) -> None:
        """Suggest up to four things to ask, by title and message.

        The thread is for the older assistant alone; for an agent the call would fail silently.
        """
        called(
            lambda: self._client_of(team).assistant_threads_setSuggestedPrompts(
                channel_id=channel,
                thread_ts=thread_ts,
                prompts=[{"title": title, "message": message} for title, message in prompts],
            )
        )

    def whisper(
        self,
        *,
        team: TeamId,
        channel: ChannelId,
        thread_ts: SlackTs | None,
        user: UserId,
        text: str,
        blocks: Sequence[Mapping[str, object]],
    ) -> SlackTs:
        """Post a message that only `user` sees."""
        found = called(
            lambda: self._client_of(team).chat_postEphemeral(
                channel=channel,
                thread_ts=thread_ts,
                user=user,
                text=text,
                blocks=list(blocks) or None,  # type: ignore[arg-type]
            )
        )
        return SlackTs(str(found.get("message_ts")))

    def find_reply(
        self, *, team: TeamId, channel: ChannelId, thread_ts: SlackTs | None, reply: int
    ) -> SlackTs | None:
        """Look for a message of ours that carries `reply`, among the latest of its conversation."""
        if thread_ts is not None:
            found = called(
                lambda: self._client_of(team).conversations_replies(
                    channel=channel, ts=thread_ts, include_all_metadata=True, limit=200
                )
            )
        else:
            found = called(
                lambda: self._client_of(team).conversations_history(
                    channel=channel, include_all_metadata=True, limit=100
                )
            )
        messages = found.get("messages")
        for message in messages if isinstance(messages, list) else []:
            payload = message.get("metadata", {}).get("event_payload", {})
            if payload.get("reply") == reply and message.get("ts"):
                return SlackTs(str(message["ts"]))
        return None

    def connected_teams(self, *, team: TeamId, channel: ChannelId) -> frozenset[TeamId]:
        """Return the workspaces that a channel is shared with, its own among them or not."""
        found = called(lambda: self._client_of(team).conversations_info(channel=channel)).get(
            "channel"
        )
        about = found if isinstance(found, dict) else {}
        return frozenset(
            TeamId(str(each))
            for name in ("connected_team_ids", "shared_team_ids")
            for each in about.get(name) or ()
        )

    def group_members(self, team: TeamId, group: str) -> frozenset[UserId]:
        """Return the members of a user group."""
        found = called(lambda: self._client_of(team).usergroups_users_list(usergroup=group))
        users = found.get("users")
        return (
            frozenset(UserId(str(user)) for user in users)
            if isinstance(users, list)
            else frozenset()
        )

    def open_view(self, *, team: TeamId, trigger_id: str, view: Mapping[str, object]) -> None:
        """Open a modal. Slack takes the trigger for three seconds, so this call is not put off."""
        called(lambda: self._client_of(team).views_open(trigger_id=trigger_id, view=dict(view)))

    def update_view(self, *, team: TeamId, view_id: str, view: Mapping[str, object]) -> None:
        """Show another view in the place of a modal that is open."""
        called(lambda: self._client_of(team).views_update(view_id=view_id, view=dict(view)))

    def publish_home(self, *, team: TeamId, user: UserId, view: Mapping[str, object]) -> None:
        """Show `view` as the App Home of a person."""
        called(lambda: self._client_of(team).views_publish(user_id=user, view=dict(view)))


def called(call: Callable[[], SlackResponse]) -> SlackResponse:
    """Make a call; turn the SDK's errors, which carry whole responses, into ours."""
    try:
        return call()
    except SlackApiError as error:
        raise _translated(error) from None
    except (SlackClientError, OSError, http.client.HTTPException, ValueError):
        # No connection, a broken one, or an answer that is not JSON.
        raise SlackBusy(BUSY_SECONDS) from None


def _translated(error: SlackApiError) -> SlackBusy | SlackRefused:
    response = error.response
    code = str(response.get("error") or "")
    if response.status_code == 429 or response.status_code >= 500 or code in _PASSING:
        headers = {name.lower(): value for name, value in response.headers.items()}
        after = str(headers.get("retry-after", ""))
        return SlackBusy(float(after) if after.isdigit() else BUSY_SECONDS)
    # For a body that is no JSON the SDK puts its beginning where the error code stands.
    return SlackRefused(code) if _CODE.fullmatch(code) else SlackBusy(BUSY_SECONDS)
