"""What stands at the door: a Slack payload read into ids and raw text.

Pure. Ids that do not have Slack's form are refused, so that nothing else travels as an id.
Field names are those of Slack's Events API and interactivity reference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.lifting import lift_message, mapping, string
from bot.payload_ids import event_id, installed_team, is_slack_id, slack_id, slack_ts
from nlp.text import RawText
from storage.ids import ChannelId, EventId, FileId, SlackTs, TeamId, UserId

MOST_FILES: Final = 10
"""Files of a message that are looked into. Slack's clients take ten in one."""
_WRITTEN: Final = frozenset({"", "file_share", "thread_broadcast", "me_message"})
"""The subtypes of `message` that a person wrote. Others tell of joins, topics, bots."""


class Kind(StrEnum):
    """What a person did."""

    MESSAGE = "message"
    MENTION = "mention"
    EDIT = "edit"
    DELETION = "deletion"
    REPORT = "report"
    ANSWER = "answer"  # of an agent, by the form of a ticket's card


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Something that a person wrote, changed or took back in Slack.

    Attributes:
        event: What makes the delivery unique; with the team, the key of de-duplication.
        user_team: The writer's own workspace; differs from `team` for Slack Connect users.
        ts: The message's timestamp; of an edit or a deletion, that of the message it is about.
        thread_ts: The thread's root, if the message stands in one.
        direct: Whether the channel is a direct message with the bot.
        text: All lifted text, raw. Empty for a deletion.
        files: What was shared with it, by Slack's ids.
        is_shared: Whether people of other workspaces are in the channel (Slack Connect).
    """

    kind: Kind
    event: EventId
    team: TeamId
    user_team: TeamId
    channel: ChannelId
    user: UserId
    ts: SlackTs
    thread_ts: SlackTs | None
    direct: bool
    text: RawText
    files: tuple[FileId, ...] = ()
    is_shared: bool = False


Lift = Callable[[Mapping[str, object]], RawText]


def read_event(body: Mapping[str, object], lift: Lift = lift_message) -> Arrival | None:
    """Read an Events API callback of type `message` or `app_mention`.

    Args:
        body: The callback.
        lift: How the text is taken out of a message.

    Returns:
        None for what nobody wrote: joins, topics, the words of bots.

    Raises:
        PayloadRefused: An id is missing or malformed.
        PayloadTooLarge: It holds more text than can be scrubbed in time.
    """
    event = mapping(body, "event")
    subtype = string(event, "subtype")
    if subtype == "message_changed":
        return _edit(body, event, lift)
    if subtype == "message_deleted":
        return _deletion(body, event)
    if subtype not in _WRITTEN or string(event, "bot_id") or not string(event, "user"):
        return None
    kind = Kind.MENTION if string(event, "type") == "app_mention" else Kind.MESSAGE
    return _arrival(body, event, event, kind, lift(event))


def _edit(body: Mapping[str, object], event: Mapping[str, object], lift: Lift) -> Arrival | None:
    message = mapping(event, "message")
    if string(message, "bot_id") or not string(message, "user"):
        return None
    if string(message, "subtype") == "tombstone":
        return _deletion(body, {**event, "deleted_ts": string(message, "ts")})
    return _arrival(body, event, message, Kind.EDIT, lift(message))


def _deletion(body: Mapping[str, object], event: Mapping[str, object]) -> Arrival | None:
    previous = mapping(event, "previous_message")
    if string(previous, "bot_id"):
        return None
    gone = {"ts": string(event, "deleted_ts") or string(previous, "ts")}
    user = string(previous, "user") or "USLACK"
    return _arrival(body, event, {**gone, "user": user}, Kind.DELETION, RawText(""))


def _arrival(
    body: Mapping[str, object],
    event: Mapping[str, object],
    message: Mapping[str, object],
    kind: Kind,
    text: RawText,
) -> Arrival:
    channel = slack_id(string(event, "channel"))
    team = installed_team(body)
    thread = string(message, "thread_ts")
    return Arrival(
        kind=kind,
        event=event_id(string(body, "event_id")),
        team=team,
        user_team=TeamId(slack_id(string(message, "user_team") or string(message, "team") or team)),
        channel=ChannelId(channel),
        user=UserId(slack_id(string(message, "user"))),
        ts=slack_ts(string(message, "ts")),
        thread_ts=slack_ts(thread) if thread else None,
        direct=string(event, "channel_type") == "im" or channel.startswith("D"),
        text=text,
        files=_files(message),
        is_shared=body.get("is_ext_shared_channel") is True,
    )


def _files(message: Mapping[str, object]) -> tuple[FileId, ...]:
    """Return the ids of a message's files, as many as a message is looked into for."""
    files = message.get("files")
    found = (
        [string(each, "id") for each in files if isinstance(each, Mapping)]
        if (isinstance(files, list))
        else []
    )
    return tuple(FileId(each) for each in found if is_slack_id(each))[:MOST_FILES]
