"""What the client saw of the resolutions and messages, and the table of it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from storage.ids import TicketId


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What came of asking for one resolution.

    Attributes:
        ticket: Which ticket.
        by_agent: Whether by `/care resolve`, else by the hook.
        seconds: From the request to its answer, by the client's clock.
        accepted: Whether the answer was that it is done.
        accepted_at: Unix time of the answer.
        held: Whether the ticket's wrapped key lay in the database before the request.
        left: Whether it still did right after the answer.
    """

    ticket: TicketId
    by_agent: bool
    seconds: float
    accepted: bool
    accepted_at: float
    held: bool
    left: bool


@dataclass(kw_only=True)
class Outcome:
    """What the client saw.

    Attributes:
        tickets: How many tickets were opened.
        resolutions: One for each of them that there was to resolve.
        acks: Seconds until each message was acknowledged.
        unacknowledged: Messages that were not.
        verified: Unix time of each ticket's verified receipt.
        answers: How many answers each message has, except those that were overtaken.
        overtaken: Messages without an answer whose ticket was resolved early: the bot is silent.
        speed: Of the rate that was wanted, how much was reached.
    """

    tickets: int = 0
    resolutions: list[Resolution] = field(default_factory=list)
    acks: list[float] = field(default_factory=list)
    unacknowledged: int = 0
    verified: dict[TicketId, float] = field(default_factory=dict)
    answers: list[int] = field(default_factory=list)
    overtaken: int = 0
    speed: float = 0.0


def lines(outcome: Outcome, *, rate: float, tickets: int, target: float) -> Iterator[str]:
    """Return the table of an outcome.

    Args:
        outcome: What the client saw.
        rate: Messages a second that were wanted.
        tickets: Resolutions that were wanted.
        target: Seconds within which 99 of 100 keys are to be destroyed.
    """
    accepted = [each for each in outcome.resolutions if each.accepted]
    by_agent = sum(each.by_agent for each in accepted)
    yield (
        f"{len(outcome.answers) + outcome.overtaken} messages, "
        f"{rate * outcome.speed:.2f} of {rate:g} a second; "
        f"{len(accepted)} of {tickets} tickets resolved, {len(accepted) - by_agent} by the hook, "
        f"{by_agent} by an agent"
    )
    yield f"  {'seconds':<34}{'p50':>8}{'p95':>8}{'p99':>8}{'max':>8}"
    destroyed = [each.seconds for each in accepted]
    met = destroyed and _percentile(destroyed, 99) <= target
    yield _row("resolve sent -> key destroyed", destroyed) + (
        f"   p99 <= {target:g}: {'met' if met else 'missed'}"
    )
    verified = [
        max(0.0, outcome.verified[each.ticket] - each.accepted_at)
        for each in accepted
        if each.ticket in outcome.verified
    ]
    yield _row("accepted -> verified receipt", verified)
    yield _row("message written -> acknowledged", outcome.acks)
    yield (
        f"  keys left after the answer {sum(each.left for each in accepted)}; "
        f"tickets without a key before {sum(not each.held for each in accepted)}; "
        f"not accepted {outcome.tickets - len(accepted)}; "
        f"without a verified receipt {len(accepted) - len(verified)}"
    )
    yield (
        f"  messages answered once {outcome.answers.count(1)}, lost {outcome.answers.count(0)}, "
        f"doubled {sum(count > 1 for count in outcome.answers)}, "
        f"overtaken by the resolution {outcome.overtaken}; "
        f"not acknowledged in time {outcome.unacknowledged}"
    )


def _row(name: str, values: list[float]) -> str:
    if not values:
        return f"  {name:<34}{'none':>8}"
    shown = [_percentile(values, percent) for percent in (50, 95, 99, 100)]
    return f"  {name:<34}" + "".join(f"{value:>8.3f}" for value in shown)


def _percentile(values: list[float], percent: int) -> float:
    """Return the smallest value that so many in a hundred do not exceed."""
    return sorted(values)[math.ceil(len(values) * percent / 100) - 1]


def is_good(outcome: Outcome) -> bool:
    """Return whether every key went with its answer and every message has one answer."""
    accepted = [each for each in outcome.resolutions if each.accepted]
    return (
        0 < len(accepted) == outcome.tickets
        and all(each.held and not each.left for each in accepted)
        and {each.ticket for each in accepted} <= outcome.verified.keys()
        and all(count == 1 for count in outcome.answers)
    )
