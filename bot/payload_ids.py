"""Slack's ids as payloads name them, each held against Slack's form. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from bot.errors import PayloadRefused
from bot.lifting import mapping, string
from storage.ids import EventId, SlackTs, TeamId

_TS: Final = re.compile(r"[0-9]{1,12}\.[0-9]{1,9}")
_ID: Final = re.compile(r"[A-Z][A-Z0-9]{1,30}")
_EVENT: Final = re.compile(r"[A-Za-z0-9._:#-]{1,200}")


def is_slack_id(value: str) -> bool:
    """Tell whether a text has the form of an id of a workspace, person, channel or file."""
    return _ID.fullmatch(value) is not None


def slack_id(value: str) -> str:
    """Return an id of a workspace, a person, a channel or a file. Raises PayloadRefused."""
    return _checked(_ID, value)


def slack_ts(value: str) -> SlackTs:
    """Return a message's timestamp. Raises PayloadRefused."""
    return SlackTs(_checked(_TS, value))


def event_id(value: str) -> EventId:
    """Return what makes a delivery unique, or the name or value of a button. PayloadRefused."""
    return EventId(_checked(_EVENT, value))


def installed_team(body: Mapping[str, object]) -> TeamId:
    """Return the workspace whose installation an event came by. Raises PayloadRefused.

    In a channel of several workspaces it is told among the authorizations, while `team_id` may be
    another one's (https://docs.slack.dev/apis/events-api/, "authorizations").
    """
    given = body.get("authorizations")
    first = given[0] if isinstance(given, list) and given else None
    named = string(first, "team_id") if isinstance(first, Mapping) else ""
    return TeamId(slack_id(named or string(body, "team_id")))


def teams(body: Mapping[str, object]) -> tuple[TeamId, TeamId]:
    """Return the workspace of an interaction and that of the person who acts."""
    user_team = string(mapping(body, "user"), "team_id")
    team = string(mapping(body, "team"), "id") or user_team
    return TeamId(slack_id(team)), TeamId(slack_id(user_team or team))


def _checked(pattern: re.Pattern[str], value: str) -> str:
    if not pattern.fullmatch(value):
        raise PayloadRefused
    return value
