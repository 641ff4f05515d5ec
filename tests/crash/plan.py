"""Which runs to do, in which order."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Final

from tests.crash.run import Kind, Run

MARGIN: Final = 3
"""Points that may come on top of those of the rehearsal, by the way threads took turns."""
EVERY: Final = 25
"""Each so many runs there is one without a kill, in which the database is in trouble."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Makes the runs of one database.

    Attributes:
        database: `sqlite` or `postgresql`.
        seed: Where the chances come from.
        span: Seconds that the work takes if nothing is in its way.
        points: Points that it has then.
        asked: How many tickets somebody resolves.
    """

    database: str
    seed: int
    span: float
    points: int
    asked: int

    def without_end(self) -> Iterator[Run]:
        """Yield runs: three at boundaries for two at random moments; each boundary in turn."""
        boundaries = self._boundaries()
        randoms, troubles = count(1), count(1)
        for number in count():
            place = number % EVERY
            if place == EVERY - 1:
                yield self.run(Kind.TROUBLE, next(troubles))
            elif place % 5 < 3:
                cycle, boundary = next(boundaries)
                yield self.run(Kind.BOUNDARY, boundary, cycle)
            else:
                yield self.run(Kind.RANDOM, next(randoms))

    def every_boundary(self) -> Iterator[Run]:
        """Yield one run of each other kind, and one for each boundary."""
        yield from self._others()
        yield from (self.run(Kind.BOUNDARY, number) for number in self._shuffled(0))

    def sample(self, size: int) -> Iterator[Run]:
        """Yield one run of each other kind, and some at boundaries."""
        yield from self._others()
        yield from (self.run(Kind.BOUNDARY, number) for number in self._shuffled(0)[:size])

    def run(self, kind: Kind, number: int, cycle: int = 0) -> Run:
        """Return one run."""
        return Run(
            database=self.database,
            kind=kind,
            number=number,
            seed=self.seed + cycle,
            span=self.span,
            points=self.points,
            asked=self.asked,
        )

    def _others(self) -> Iterator[Run]:
        yield from (self.run(kind, 1) for kind in (Kind.TROUBLE, Kind.RANDOM))

    def _boundaries(self) -> Iterator[tuple[int, int]]:
        for cycle in count():
            yield from ((cycle, boundary) for boundary in self._shuffled(cycle))

    def _shuffled(self, cycle: int) -> list[int]:
        order = list(range(1, self.points + MARGIN))
        random.Random(self.seed + cycle).shuffle(order)
        return order
