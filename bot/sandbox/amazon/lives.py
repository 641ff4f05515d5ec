"""The life of an invented order: when it is bought, paid, shipped, delivered, or none of it.

A life is a pure function of a seed and an index, and it is worked out without the people and
things in it, so that a hundred thousand take a second or two; see `details` for those.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from bot.sandbox.amazon.chance import Chance
from bot.sandbox.amazon.moments import DAY, HOUR, MINUTE


class Event(StrEnum):
    """What happens to an order."""

    PURCHASED = "purchased"
    PAID = "paid"
    CANCELLED = "cancelled"
    SHIPPED = "shipped"
    OUT = "out for delivery"
    DELIVERED = "delivered"
    LOST = "lost"
    UNDELIVERABLE = "undeliverable"


class Step(NamedTuple):
    """One event of a life, in seconds since 1970; `package` counts from 0."""

    at: int
    event: Event
    package: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """All that will ever happen to an order.

    Attributes:
        steps: What happens, no two at one time, in order.
        packages: How many packages it goes in; 0 for Amazon's own shipping.
        return_at: When its buyer asks to send it back, None for most.
    """

    index: int
    order_id: str
    steps: tuple[Step, ...]
    by_amazon: bool
    prime: bool
    packages: int
    return_at: int | None

    @property
    def purchased(self) -> int:
        """When it was bought."""
        return self.steps[0].at

    def until(self, now: int) -> tuple[Step, ...]:
        """Return what has happened by now."""
        return tuple(step for step in self.steps if step.at <= now)

    def status(self, now: int) -> str:
        """Return the status of the order, as the Orders API 2026-01-01 names it."""
        status = "PENDING"
        for step in self.steps:
            if step.at > now:
                break
            if step.event is Event.PAID:
                status = "UNSHIPPED"
            elif step.event is Event.CANCELLED:
                status = "CANCELLED"
            elif step.event is Event.SHIPPED:
                last = step.package + 1 >= self.packages
                status = "SHIPPED" if last else "PARTIALLY_SHIPPED"
        return status


SHIP_BY: Final = 2 * DAY
"""After its purchase an order ought to be handed over within this time."""
DELIVER_FROM: Final = 3 * DAY
DELIVER_BY: Final = 7 * DAY
"""After its purchase an order ought to arrive within this time. Some do not."""

_CANCELLED: Final = 0.04
_NEVER: Final = 0.025
_LOST: Final = 0.01
_UNDELIVERABLE: Final = 0.005
_TWO_PACKAGES: Final = 1 / 3
_PRIME_BUYERS: Final = 0.6
"""The share of Amazon's own shipping that goes to members of Prime."""


def life(
    seed: str,
    index: int,
    *,
    earliest: int,
    within: float,
    afn_share: float,
    prime_share: float,
    returned: bool,
) -> Life:
    """Return the life of one order.

    Args:
        seed: What its chances follow from, with the index.
        index: Its number among the seller's orders.
        earliest: The purchase lies at or after this moment.
        within: The purchase lies less than so many seconds after it.
        afn_share: The chance that Amazon fulfils it, 0 to 1.
        prime_share: The chance that the merchant fulfils it as Prime, 0 to 1.
        returned: Whether it comes back: then it is the merchant's and is delivered.
    """
    draw = Chance(f"{seed}/{index}").random
    purchased = earliest + int(draw() * within)
    by_amazon = draw() < afn_share and not returned
    prime = draw() < (_PRIME_BUYERS if by_amazon else prime_share)
    fate = draw()
    steps = [Step(purchased, Event.PURCHASED)]
    paid = purchased + 20 * MINUTE + int(draw() * 80 * MINUTE)
    cancelled = fate > 1 - _CANCELLED and not returned
    packages = 0
    return_at = None
    if cancelled:
        # Half of the buyers think better of it before Amazon has their money.
        early = draw() < 0.5
        if not early:
            steps.append(Step(paid, Event.PAID))
        wait = int(draw() * (10 * MINUTE if early else 3 * HOUR)) + MINUTE
        steps.append(Step((purchased if early else paid) + wait, Event.CANCELLED))
    elif by_amazon:
        steps.append(Step(paid, Event.PAID))
        steps.append(Step(paid + 6 * HOUR + int(draw() * DAY), Event.SHIPPED))
    else:
        steps.append(Step(paid, Event.PAID))
        packages = 2 if draw() < _TWO_PACKAGES else 1
        shipped = paid + 4 * HOUR + int(draw() * 40 * HOUR)
        for package in range(packages):
            steps.append(Step(shipped, Event.SHIPPED, package))
            is_last = package + 1 == packages
            ill = fate if is_last and not returned else 1.0
            out = shipped + DAY + int(draw() * 5 * DAY)
            if ill >= _NEVER:
                steps.append(Step(out, Event.OUT, package))
            arrived = out + HOUR + int(draw() * 9 * HOUR)
            if ill < _NEVER:
                pass
            elif ill < _NEVER + _LOST:
                steps.append(Step(arrived + 6 * DAY, Event.LOST, package))
            elif ill < _NEVER + _LOST + _UNDELIVERABLE:
                steps.append(Step(arrived + DAY, Event.UNDELIVERABLE, package))
            else:
                steps.append(Step(arrived, Event.DELIVERED, package))
            shipped += HOUR + int(draw() * 19 * HOUR)
    steps = _apart(steps)
    if returned:
        return_at = steps[-1].at + DAY + int(draw() * 19 * DAY)
    return Life(
        index=index,
        order_id=_order_id(index, draw()),
        steps=tuple(steps),
        by_amazon=by_amazon,
        prime=prime,
        packages=packages,
        return_at=return_at,
    )


def _apart(steps: list[Step]) -> list[Step]:
    """Return the steps in order, each at least a second after the one before."""
    ordered: list[Step] = []
    last = -1
    for step in sorted(steps):
        at = max(step.at, last + 1)
        ordered.append(step if at == step.at else step._replace(at=at))
        last = at
    return ordered


def _order_id(index: int, chance: float) -> str:
    """Return an order id that no other index has, below ten million of them."""
    # A multiplication by a number prime to 10 ** 7 visits every number of seven digits once.
    middle = (index * 7_368_787 + 1_234_567) % 10_000_000
    return f"{111 + index % 4}-{middle:07d}-{int(chance * 10_000_000):07d}"
