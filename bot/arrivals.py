"""What stands at the door: a Slack payload read into ids and raw text.

Pure. Ids that do not have Slack's form are refused, so that nothing else travels as an id.
Field names are those of Slack's Events API and interactivity reference.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from bot.errors import PayloadRefused
from bot.lifting import lift_command, lift_message, lift_view, mapping, string
from nlp.text import RawText
from storage.errors import MalformedId
from storage.external import ExternalTicket, external_ticket, help_desk
from storage.ids import ChannelId, EventId, FileId, SlackTs, TeamId, TicketId, UserId, ticket_id

_TS: Final = re.compile(r"[0-9]{1,12}\.[0-9]{1,9}")
_ID: Final = re.compile(r"[A-Z][A-Z0-9]{1,30}")
_EVENT: Final = re.compile(r"[A-Za-z0-9._:#-]{1,200}")
_TICKET_LINK: Final = re.compile(
    r"\s*link\s+(\S{1,30})\s+(\S{1,30})\s+(\S{1,128})\s*", re.IGNORECASE
)

_NOTE: Final = re.compile(r"\s*note\s+\S{1,30}\s+(?=\S)", re.IGNORECASE)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketLink:
    """`link JC-12 zendesk 4711`: two ids and nothing else."""

    ticket: TicketId
    external: ExternalTicket


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A slash command, as an agent or a merchant typed it.

    Attributes:
        direct: Whether it was typed in a direct message with the bot.
        text: What was typed after its name, raw.
        link: What it links, where it is one of tickets. It is read here, because to the scrubber
            a help desk's name with a number looks like an address.
        note: What it notes with a ticket, raw, where it does: the words behind the number.
    """

    event: EventId
    team: TeamId
    channel: ChannelId
    user: UserId
    direct: bool
    text: RawText
    link: TicketLink | None = None
    note: RawText | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """A button of ours, pressed. `value` is checked by whoever takes it: it came from outside.

    Attributes:
        team: The workspace of our message with the button; that of the person where it is not told.
        ts: Our message.
        thread_ts: The root of the thread that our message stands in, if it is a reply in one.
    """

    event: EventId
    team: TeamId
    user_team: TeamId
    channel: ChannelId
    ts: SlackTs
    thread_ts: SlackTs | None
    user: UserId
    action: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePlace:
    """A message that a shortcut was used on, and who used it."""

    team: TeamId
    user_team: TeamId
    user: UserId
    channel: ChannelId
    ts: SlackTs
    thread_ts: SlackTs | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePress:
    """A button of the App Home, pressed. `value` is checked by whoever takes it."""

    team: TeamId
    user_team: TeamId
    user: UserId
    action: str
    value: str


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


def read_command(body: Mapping[str, object]) -> Command:
    """Read a slash command. Raises PayloadRefused, PayloadTooLarge."""
    return Command(
        event=_event_id(string(body, "trigger_id")),
        team=TeamId(_id(string(body, "team_id"))),
        channel=ChannelId(_id(string(body, "channel_id"))),
        user=UserId(_id(string(body, "user_id"))),
        direct=string(body, "channel_name") == "directmessage",
        text=lift_command(body),
        link=_ticket_link(string(body, "text")),
        note=_note(body),
    )


def read_press(body: Mapping[str, object]) -> Press:
    """Read a `block_actions` payload of one button. Raises PayloadRefused."""
    actions = body.get("actions")
    action = actions[0] if isinstance(actions, list) and actions else {}
    if not isinstance(action, Mapping):
        raise PayloadRefused
    team, user_team = _teams(body)
    message, container = mapping(body, "message"), mapping(body, "container")
    ts = string(message, "ts") or string(container, "message_ts")
    thread = string(message, "thread_ts") or string(container, "thread_ts")
    # A message that others replied to names itself as its thread.
    thread = "" if thread == ts else thread
    return Press(
        event=_event_id(string(body, "trigger_id") or string(action, "action_ts")),
        # With Slack Connect the payload's team is the person's; our message names our own.
        team=TeamId(_id(string(message, "team") or team)),
        user_team=user_team,
        channel=ChannelId(_id(string(mapping(body, "channel"), "id"))),
        ts=SlackTs(_ts(ts)),
        thread_ts=SlackTs(_ts(thread)) if thread else None,
        user=UserId(_id(string(mapping(body, "user"), "id"))),
        action=_event_id(string(action, "action_id")),
        # A list of people says who was chosen where a button says its value.
        value=_event_id(string(action, "value") or string(action, "selected_user")),
    )


def read_place(body: Mapping[str, object]) -> MessagePlace:
    """Read where a message shortcut was used, and by whom. Raises PayloadRefused."""
    team, user_team = _teams(body)
    message = mapping(body, "message")
    thread = string(message, "thread_ts")
    return MessagePlace(
        team=team,
        user_team=user_team,
        user=UserId(_id(string(mapping(body, "user"), "id"))),
        channel=ChannelId(_id(string(mapping(body, "channel"), "id"))),
        ts=SlackTs(_ts(string(message, "ts"))),
        thread_ts=SlackTs(_ts(thread)) if thread else None,
    )


def read_person(body: Mapping[str, object]) -> tuple[TeamId, UserId]:
    """Read who acts in an interaction: their own workspace and id. Raises PayloadRefused."""
    return _teams(body)[1], UserId(_id(string(mapping(body, "user"), "id")))


def read_home_press(body: Mapping[str, object]) -> HomePress:
    """Read a `block_actions` payload of one button in the App Home. Raises PayloadRefused."""
    actions = body.get("actions")
    action = actions[0] if isinstance(actions, list) and actions else {}
    if not isinstance(action, Mapping):
        raise PayloadRefused
    team, user_team = _teams(body)
    return HomePress(
        team=TeamId(_id(string(mapping(body, "view"), "app_installed_team_id") or team)),
        user_team=user_team,
        user=UserId(_id(string(mapping(body, "user"), "id"))),
        action=_event_id(string(action, "action_id")),
        value=_event_id(string(action, "value")),
    )


def read_report(body: Mapping[str, object], place: str) -> Arrival:
    """Read the modal of the message shortcut: what the person added about a message.

    Args:
        body: The `view_submission` payload.
        place: The view's private metadata, `channel|ts|thread_ts`, which we wrote ourselves.
    """
    parts = place.split("|")
    if len(parts) != 3:
        raise PayloadRefused
    team, user_team = _teams(body)
    view = mapping(body, "view")
    return Arrival(
        kind=Kind.REPORT,
        event=_event_id(string(view, "id")),
        # With Slack Connect the payload's team is the person's; the view names our own.
        team=TeamId(_id(string(view, "app_installed_team_id") or team)),
        user_team=user_team,
        channel=ChannelId(_id(parts[0])),
        user=UserId(_id(string(mapping(body, "user"), "id"))),
        ts=SlackTs(_ts(parts[1])),
        thread_ts=SlackTs(_ts(parts[2])) if parts[2] else None,
        direct=parts[0].startswith("D"),
        text=lift_view(view),
    )


def read_answer(body: Mapping[str, object], place: str) -> Arrival:
    """Read the form of a ticket's card: what an agent writes to the merchant.

    Args:
        body: The `view_submission` payload.
        place: The view's private metadata, `channel|ts` of the card, which we wrote ourselves.
    """
    channel, _, ts = place.partition("|")
    return replace(read_report(body, f"{channel}|{ts}|{ts}"), kind=Kind.ANSWER)


def report_place(body: Mapping[str, object]) -> str:
    """Return what `read_report` needs to know of the message that a shortcut was used on."""
    message = mapping(body, "message")
    channel = _id(string(mapping(body, "channel"), "id"))
    thread = string(message, "thread_ts")
    return f"{channel}|{_ts(string(message, 'ts'))}|{_ts(thread) if thread else ''}"


def report_team(body: Mapping[str, object]) -> TeamId:
    """Return the workspace in which a shortcut was used."""
    return _teams(body)[0]


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
    channel = _id(string(event, "channel"))
    team = _id(string(body, "team_id"))
    thread = string(message, "thread_ts")
    return Arrival(
        kind=kind,
        event=_event_id(string(body, "event_id")),
        team=TeamId(team),
        user_team=TeamId(_id(string(message, "user_team") or string(message, "team") or team)),
        channel=ChannelId(channel),
        user=UserId(_id(string(message, "user"))),
        ts=SlackTs(_ts(string(message, "ts"))),
        thread_ts=SlackTs(_ts(thread)) if thread else None,
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
    return tuple(FileId(each) for each in found if _ID.fullmatch(each))[:MOST_FILES]


def _ticket_link(text: str) -> TicketLink | None:
    """Return what a command links, None for one that does not name a ticket of ours and theirs."""
    match = _TICKET_LINK.fullmatch(text)
    if match is None:
        return None
    try:
        external = external_ticket(help_desk(match[2]), match[3])
        return TicketLink(ticket=ticket_id(match[1]), external=external)
    except MalformedId:
        return None


def _note(body: Mapping[str, object]) -> RawText | None:
    """Return what a command notes with a ticket, None for a command that does not."""
    match = _NOTE.match(string(body, "text"))
    return None if match is None else lift_command({"text": string(body, "text")[match.end() :]})


def _teams(body: Mapping[str, object]) -> tuple[TeamId, TeamId]:
    """Return the workspace of an interaction and that of the person who acts."""
    user_team = string(mapping(body, "user"), "team_id")
    team = string(mapping(body, "team"), "id") or user_team
    return TeamId(_id(team)), TeamId(_id(user_team or team))


def _id(value: str) -> str:
    return _checked(_ID, value)


def _ts(value: str) -> str:
    return _checked(_TS, value)


def _event_id(value: str) -> EventId:
    return EventId(_checked(_EVENT, value))


def _checked(pattern: re.Pattern[str], value: str) -> str:
    if not pattern.fullmatch(value):
        raise PayloadRefused
    return value
