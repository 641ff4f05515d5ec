"""The life of a ticket: its states, the steps between them, and what a ticket is. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from nlp.text import ScrubbedText
from storage.errors import TransitionRefused
from storage.ids import ChannelId, MerchantId, MessageId, SlackTs, TeamId, TicketId, UserId


class TicketState(StrEnum):
    """Where a ticket stands."""

    OPEN = "open"  # the merchant wrote, nobody answered yet
    ANSWERED = "answered"  # the bot answered
    WAITING_ON_MERCHANT = "waiting_on_merchant"  # an agent wrote last
    WAITING_ON_CARE = "waiting_on_care"  # a person of Care has to write
    RESOLVED = "resolved"  # nothing sensitive is kept
    REOPENED = "reopened"  # as open, after a resolution


LIVE: Final = tuple(state for state in TicketState if state is not TicketState.RESOLVED)
"""The states of a ticket that is not over."""


class Step(StrEnum):
    """What happens to a ticket."""

    MERCHANT_WROTE = "merchant_wrote"
    BOT_ANSWERED = "bot_answered"
    HANDED_OVER = "handed_over"
    AGENT_WROTE = "agent_wrote"
    RESOLVE = "resolve"  # by an agent, the merchant's "solved", or a hook
    QUIET = "quiet"  # by itself, after the quiet time
    REOPEN = "reopen"


class Actor(StrEnum):
    """Who acts on a ticket."""

    MERCHANT = "merchant"
    AGENT = "agent"
    BOT = "bot"
    HELP_DESK = "help_desk"
    CLOCK = "clock"


class Trigger(StrEnum):
    """What made a ticket resolve."""

    COMMAND = "command"
    BUTTON = "button"
    CARD = "card"
    HOOK = "hook"
    QUIET = "quiet"
    CLI = "cli"
    LEFT = "left"  # its workspace removed the app

    @property
    def actor(self) -> Actor:
        """Whose doing it is: the button stands with the merchant, the card with Care."""
        return _ACTORS[self]

    @property
    def step(self) -> Step:
        """The step that it is."""
        return Step.QUIET if self.actor is Actor.CLOCK else Step.RESOLVE


_ACTORS: Final[Mapping[Trigger, Actor]] = MappingProxyType(
    {
        Trigger.COMMAND: Actor.AGENT,
        Trigger.BUTTON: Actor.MERCHANT,
        Trigger.CARD: Actor.AGENT,
        Trigger.HOOK: Actor.HELP_DESK,
        Trigger.QUIET: Actor.CLOCK,
        Trigger.CLI: Actor.AGENT,
        Trigger.LEFT: Actor.MERCHANT,
    }
)

WHO: Final[Mapping[Step, frozenset[Actor]]] = MappingProxyType(
    {
        Step.MERCHANT_WROTE: frozenset({Actor.MERCHANT}),
        Step.BOT_ANSWERED: frozenset({Actor.BOT}),
        Step.HANDED_OVER: frozenset({Actor.MERCHANT, Actor.BOT}),
        Step.AGENT_WROTE: frozenset({Actor.AGENT}),
        Step.RESOLVE: frozenset({Actor.MERCHANT, Actor.AGENT, Actor.HELP_DESK}),
        Step.QUIET: frozenset({Actor.CLOCK}),
        # A help desk's word ends a ticket and never brings one back.
        Step.REOPEN: frozenset({Actor.MERCHANT, Actor.AGENT}),
    }
)
"""Who may take which step, in whatever state the ticket is."""

_S: Final = TicketState

TRANSITIONS: Final[Mapping[TicketState, Mapping[Step, TicketState]]] = MappingProxyType(
    {
        _S.OPEN: {
            Step.MERCHANT_WROTE: _S.OPEN,
            Step.BOT_ANSWERED: _S.ANSWERED,
            Step.HANDED_OVER: _S.WAITING_ON_CARE,
            Step.AGENT_WROTE: _S.WAITING_ON_MERCHANT,
            Step.RESOLVE: _S.RESOLVED,
            Step.QUIET: _S.RESOLVED,
        },
        _S.ANSWERED: {
            Step.MERCHANT_WROTE: _S.OPEN,
            Step.BOT_ANSWERED: _S.ANSWERED,
            Step.HANDED_OVER: _S.WAITING_ON_CARE,
            Step.AGENT_WROTE: _S.WAITING_ON_MERCHANT,
            Step.RESOLVE: _S.RESOLVED,
            Step.QUIET: _S.RESOLVED,
        },
        # A person of Care is on it, so what the merchant writes waits for that person.
        _S.WAITING_ON_MERCHANT: {
            Step.MERCHANT_WROTE: _S.WAITING_ON_CARE,
            Step.BOT_ANSWERED: _S.WAITING_ON_MERCHANT,
            Step.HANDED_OVER: _S.WAITING_ON_CARE,
            Step.AGENT_WROTE: _S.WAITING_ON_MERCHANT,
            Step.RESOLVE: _S.RESOLVED,
            Step.QUIET: _S.RESOLVED,
        },
        # The bot's word does not end the wait for a person; the quiet time does, since nothing
        # sensitive is kept for ever because somebody forgot a ticket.
        _S.WAITING_ON_CARE: {
            Step.MERCHANT_WROTE: _S.WAITING_ON_CARE,
            Step.BOT_ANSWERED: _S.WAITING_ON_CARE,
            Step.HANDED_OVER: _S.WAITING_ON_CARE,
            Step.AGENT_WROTE: _S.WAITING_ON_MERCHANT,
            Step.RESOLVE: _S.RESOLVED,
            Step.QUIET: _S.RESOLVED,
        },
        # "Thanks" does not reopen a ticket, only the step that says so.
        _S.RESOLVED: {
            Step.MERCHANT_WROTE: _S.RESOLVED,
            Step.BOT_ANSWERED: _S.RESOLVED,
            Step.AGENT_WROTE: _S.RESOLVED,
            Step.RESOLVE: _S.RESOLVED,
            Step.QUIET: _S.RESOLVED,
            Step.REOPEN: _S.REOPENED,
        },
        _S.REOPENED: {
            Step.MERCHANT_WROTE: _S.REOPENED,
            Step.BOT_ANSWERED: _S.ANSWERED,
            Step.HANDED_OVER: _S.WAITING_ON_CARE,
            Step.AGENT_WROTE: _S.WAITING_ON_MERCHANT,
            Step.RESOLVE: _S.RESOLVED,
            Step.QUIET: _S.RESOLVED,
        },
    }
)


def after(state: TicketState, step: Step, actor: Actor) -> TicketState:
    """Return where a ticket stands after a step of somebody's. Raises TransitionRefused."""
    following = TRANSITIONS[state].get(step)
    if following is None or actor not in WHO[step]:
        raise TransitionRefused
    return following


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """One conversation of a merchant with Care: a thread of Slack.

    Attributes:
        ticket_id: Its number.
        team: The workspace in which it was opened.
        channel: The conversation of it.
        thread_ts: The message that the thread hangs on.
        merchant: Whose it is, None where the channel is not linked.
        user: Who opened it.
        state: Where it stands.
        opened_at: When it was opened.
        changed_at: When its last step was.
        resolved_at: When it was resolved, None while it is not.
        is_shared: Whether people of other workspaces write there, too (Slack Connect).
        assignee: The agent who took it, None while nobody did.
        needed_since: Since when it is up to a person of Care to end it, None while it is not.
        waiting_since: Since when somebody waits for a person of Care, None while nobody does.
        first_reply_at: When a person of Care first wrote, None while nobody did.
    """

    ticket_id: TicketId
    team: TeamId
    channel: ChannelId
    thread_ts: SlackTs
    merchant: MerchantId | None
    user: UserId
    state: TicketState
    opened_at: datetime
    changed_at: datetime
    resolved_at: datetime | None
    is_shared: bool = False
    assignee: UserId | None = None
    needed_since: datetime | None = None
    waiting_since: datetime | None = None
    first_reply_at: datetime | None = None


class Author(StrEnum):
    """Who wrote a message."""

    MERCHANT = "merchant"
    AGENT = "agent"
    BOT = "bot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a ticket, as it is kept: scrubbed.

    Attributes:
        message_id: Its number.
        ticket_id: The ticket it belongs to.
        channel: Where it was written.
        ts: Slack's id of it, None for what has none (a command, a form).
        user: Who wrote it, None for the bot.
        author: In which part.
        source: The kind of payload that brought it, a constant of the caller.
        text: Its words with placeholders for what is sensitive.
        at: When it was written.
        edited_at: When it was last edited, None if never.
        is_cleared: Whether it was deleted in Slack for its writer, since it held PII.
    """

    message_id: MessageId
    ticket_id: TicketId
    channel: ChannelId
    ts: SlackTs | None
    user: UserId | None
    author: Author
    source: str
    text: ScrubbedText
    at: datetime
    edited_at: datetime | None
    is_cleared: bool = False
