"""What people do with commands, buttons, forms and shortcuts, read into ids and raw text.

Pure. Field names are those of Slack's interactivity reference.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from bot.arrivals import Arrival, Kind
from bot.errors import PayloadRefused
from bot.lifting import lift_command, lift_view, mapping, string
from bot.payload_ids import event_id, installed_team, slack_id, slack_ts, teams
from nlp.text import RawText
from storage.errors import MalformedId
from storage.external import ExternalTicket, external_ticket, help_desk
from storage.ids import (
    ChannelId,
    EventId,
    MerchantId,
    SlackTs,
    TeamId,
    TicketId,
    UserId,
    merchant_id,
    ticket_id,
)

_TICKET_LINK: Final = re.compile(
    r"\s*link\s+(\S{1,30})\s+(\S{1,30})\s+(\S{1,128})\s*", re.IGNORECASE
)
_MERCHANT_LINK: Final = re.compile(
    r"\s*link\s+(?:(?:<[@#][^>]{1,100}>|T[A-Z0-9]{2,30})\s+)?([a-z0-9-]{1,40})\s*", re.IGNORECASE
)
_SAID: Final = re.compile(r"\s*<@([UW][A-Z0-9]+)(?:\|[^>]*)?>\s+([A-Za-z]{1,20})\b(.*)", re.DOTALL)
_NUMBER: Final = re.compile(r"\s*(?:JC-)?\d", re.IGNORECASE)
_NOTE: Final = re.compile(r"\s*note\s+\S{1,30}\s+(?=\S)", re.IGNORECASE)


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
        merchant: The merchant that it links somebody to, where it does. Read here, too, because
            many a merchant has a person's name.
        note: What it notes with a ticket, raw, where it does: the words behind the number.
    """

    event: EventId
    team: TeamId
    channel: ChannelId
    user: UserId
    direct: bool
    text: RawText
    link: TicketLink | None = None
    merchant: MerchantId | None = None
    note: RawText | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A command that somebody says to the bot, such as `@Jetpack Care resolve` in a thread.

    Attributes:
        command: What it says, as a slash command would.
        user_team: The writer's own workspace.
        thread_ts: The root of the thread that it stands in, None where it stands in none.
        is_told_as_one: Whether this is the event of the mention, and not that of the message.
    """

    command: Command
    user_team: TeamId
    thread_ts: SlackTs | None
    is_told_as_one: bool


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


def read_command(body: Mapping[str, object]) -> Command:
    """Read a slash command. Raises PayloadRefused, PayloadTooLarge."""
    return Command(
        event=event_id(string(body, "trigger_id")),
        team=TeamId(slack_id(string(body, "team_id"))),
        channel=ChannelId(slack_id(string(body, "channel_id"))),
        user=UserId(slack_id(string(body, "user_id"))),
        direct=string(body, "channel_name") == "directmessage",
        text=lift_command(body),
        link=_ticket_link(string(body, "text")),
        merchant=_merchant(string(body, "text")),
        note=_note(body),
    )


def read_mention(
    body: Mapping[str, object],
    bot_user: Callable[[TeamId], UserId | None],
    names: Mapping[str, bool],
    ticket_of: Callable[[TeamId, ChannelId, SlackTs], str],
) -> Mention | None:
    """Read an event of a message that begins with the bot's mention and a command's name.

    Args:
        body: The callback.
        bot_user: Who the bot is in a workspace.
        names: The commands, and for each whether it is about a ticket.
        ticket_of: The number of a thread's ticket, as in `JC-12`, or nothing. It is put in where
            a command is about a ticket and names none.

    Returns:
        None for everything else.

    Raises:
        PayloadRefused: An id is missing or malformed.
    """
    event = mapping(body, "event")
    said = _SAID.match(string(event, "text"))
    name = said[2].lower() if said else ""
    if said is None or name not in names or string(event, "subtype") or string(event, "bot_id"):
        return None
    team = installed_team(body)
    if said[1] != bot_user(team):
        return None
    channel = ChannelId(slack_id(string(event, "channel")))
    thread = slack_ts(string(event, "thread_ts")) if string(event, "thread_ts") else None
    rest = said[3]
    if names[name] and thread is not None and not _NUMBER.match(rest):
        rest = f" {ticket_of(team, channel, thread)}{rest}"
    command = read_command(
        {
            "trigger_id": string(body, "event_id"),
            "team_id": team,
            "channel_id": channel,
            "user_id": string(event, "user"),
            "text": f"{name}{rest}",
        }
    )
    return Mention(
        command=command,
        user_team=TeamId(slack_id(string(event, "user_team") or string(event, "team") or team)),
        thread_ts=thread,
        is_told_as_one=string(event, "type") == "app_mention",
    )


def read_press(body: Mapping[str, object]) -> Press:
    """Read a `block_actions` payload of one button. Raises PayloadRefused."""
    actions = body.get("actions")
    action = actions[0] if isinstance(actions, list) and actions else {}
    if not isinstance(action, Mapping):
        raise PayloadRefused
    team, user_team = teams(body)
    message, container = mapping(body, "message"), mapping(body, "container")
    ts = string(message, "ts") or string(container, "message_ts")
    thread = string(message, "thread_ts") or string(container, "thread_ts")
    # A message that others replied to names itself as its thread.
    thread = "" if thread == ts else thread
    return Press(
        event=event_id(string(body, "trigger_id") or string(action, "action_ts")),
        # With Slack Connect the payload's team is the person's; our message names our own.
        team=TeamId(slack_id(string(message, "team") or team)),
        user_team=user_team,
        channel=ChannelId(slack_id(string(mapping(body, "channel"), "id"))),
        ts=slack_ts(ts),
        thread_ts=slack_ts(thread) if thread else None,
        user=UserId(slack_id(string(mapping(body, "user"), "id"))),
        action=event_id(string(action, "action_id")),
        # A list of people says who was chosen where a button says its value.
        value=event_id(string(action, "value") or string(action, "selected_user")),
    )


def read_place(body: Mapping[str, object]) -> MessagePlace:
    """Read where a message shortcut was used, and by whom. Raises PayloadRefused."""
    team, user_team = teams(body)
    message = mapping(body, "message")
    thread = string(message, "thread_ts")
    return MessagePlace(
        team=team,
        user_team=user_team,
        user=UserId(slack_id(string(mapping(body, "user"), "id"))),
        channel=ChannelId(slack_id(string(mapping(body, "channel"), "id"))),
        ts=slack_ts(string(message, "ts")),
        thread_ts=slack_ts(thread) if thread else None,
    )


def read_person(body: Mapping[str, object]) -> tuple[TeamId, UserId]:
    """Read who acts in an interaction: their own workspace and id. Raises PayloadRefused."""
    return teams(body)[1], UserId(slack_id(string(mapping(body, "user"), "id")))


def read_home_press(body: Mapping[str, object]) -> HomePress:
    """Read a `block_actions` payload of one button in the App Home. Raises PayloadRefused."""
    actions = body.get("actions")
    action = actions[0] if isinstance(actions, list) and actions else {}
    if not isinstance(action, Mapping):
        raise PayloadRefused
    team, user_team = teams(body)
    return HomePress(
        team=TeamId(slack_id(string(mapping(body, "view"), "app_installed_team_id") or team)),
        user_team=user_team,
        user=UserId(slack_id(string(mapping(body, "user"), "id"))),
        action=event_id(string(action, "action_id")),
        value=event_id(string(action, "value")),
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
    team, user_team = teams(body)
    view = mapping(body, "view")
    return Arrival(
        kind=Kind.REPORT,
        event=event_id(string(view, "id")),
        # With Slack Connect the payload's team is the person's; the view names our own.
        team=TeamId(slack_id(string(view, "app_installed_team_id") or team)),
        user_team=user_team,
        channel=ChannelId(slack_id(parts[0])),
        user=UserId(slack_id(string(mapping(body, "user"), "id"))),
        ts=slack_ts(parts[1]),
        thread_ts=slack_ts(parts[2]) if parts[2] else None,
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
    channel = slack_id(string(mapping(body, "channel"), "id"))
    thread = string(message, "thread_ts")
    return f"{channel}|{slack_ts(string(message, 'ts'))}|{slack_ts(thread) if thread else ''}"


def report_team(body: Mapping[str, object]) -> TeamId:
    """Return the workspace in which a shortcut was used."""
    return teams(body)[0]


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


def _merchant(text: str) -> MerchantId | None:
    """Return the merchant that a command links somebody to, None for one that does not."""
    match = _MERCHANT_LINK.fullmatch(text)
    try:
        return None if match is None else merchant_id(match[1])
    except MalformedId:
        return None


def _note(body: Mapping[str, object]) -> RawText | None:
    """Return what a command notes with a ticket, None for a command that does not."""
    match = _NOTE.match(string(body, "text"))
    return None if match is None else lift_command({"text": string(body, "text")[match.end() :]})
