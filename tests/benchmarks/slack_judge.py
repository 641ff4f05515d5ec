"""What became of the messages of a load: answered once, in order, or not. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

Thread = tuple[str, str]
"""A channel and the root of a thread."""
SLACKS_SECONDS: Final = 3.0
"""Slack waits so long for an acknowledgement."""


@dataclass(kw_only=True)
class Verdict:
    """What was seen.

    Attributes:
        asked: How many messages were written.
        lost: Those without an answer.
        doubled: Answers too many.
        disordered: Threads whose answers do not come in the order of the messages.
        acks: Seconds until each delivery was acknowledged, copies too.
        unacknowledged: Deliveries that were not, by the last try.
        waits: Seconds from each message to its answer.
    """

    asked: int = 0
    lost: int = 0
    doubled: int = 0
    disordered: int = 0
    acks: list[float] = field(default_factory=list)
    unacknowledged: int = 0
    waits: list[float] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether nothing was lost, doubled, out of order, or acknowledged too late for Slack."""
        late = sum(ack > SLACKS_SECONDS for ack in self.acks)
        return not (self.lost or self.doubled or self.disordered or self.unacknowledged or late)


def judge(
    asked: Mapping[Thread, Sequence[tuple[str, float]]],
    answered: Mapping[Thread, Sequence[tuple[str, float]]],
) -> Verdict:
    """Hold the answers of each thread against its messages.

    Args:
        asked: For each thread, in order, what the answer has to hold and when it was asked.
        answered: For each thread, in order, the bot's words and when they came.
    """
    verdict = Verdict(asked=sum(map(len, asked.values())))
    for thread, messages in asked.items():
        answers = answered.get(thread, ())
        places: list[int] = []
        for mark, at in messages:
            found = [place for place, (words, _) in enumerate(answers) if mark in words]
            if not found:
                verdict.lost += 1
                continue
            places.append(found[0])
            verdict.waits.append(answers[found[0]][1] - at)
        verdict.disordered += places != sorted(places)
        # What is beside the answers is too much of them, of whatever it tells.
        verdict.doubled += max(0, len(answers) - len(places))
    return verdict


def part(values: Sequence[float], share: float) -> float:
    """Return the value below which a share of them lies; NaN of none."""
    if not values:
        return math.nan
    return sorted(values)[min(len(values) - 1, math.ceil(share * len(values)) - 1)]
