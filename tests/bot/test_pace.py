"""A channel gets a burst at once, and then a message a second."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from bot.slack import pace as module
from bot.slack.pace import BURST, SECONDS, Pace
from storage.ids import ChannelId, ReplyId, TeamId

HERE: Final = (TeamId("T1"), ChannelId("C1"))
THERE: Final = (TeamId("T1"), ChannelId("C2"))


class Clock:
    """Tells the time that a test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Return seconds."""
        return self.now


def counted(pace: Pace, numbers: Iterator[int], place: tuple[TeamId, ChannelId] = HERE) -> float:
    """Ask for the turn of another message."""
    return pace.wait(*place, ReplyId(next(numbers)))


def test_a_burst_goes_at_once_and_the_next_wait() -> None:
    """After a rest a few go, then one a second, each told its own turn."""
    pace, new = Pace(Clock()), count()

    assert [counted(pace, new) for _ in range(BURST)] == [0.0] * BURST
    assert [counted(pace, new) for _ in range(3)] == [SECONDS, 2 * SECONDS, 3 * SECONDS]


def test_a_channel_rests() -> None:
    """After a rest as long as it takes, a burst goes again."""
    clock, new = Clock(), count()
    pace = Pace(clock)
    for _ in range(BURST):
        counted(pace, new)
    clock.now += BURST * SECONDS

    assert [counted(pace, new) for _ in range(BURST)] == [0.0] * BURST


def test_channels_do_not_wait_for_each_other() -> None:
    """What one channel has had keeps nothing from another."""
    pace, new = Pace(Clock()), count()
    for _ in range(BURST):
        counted(pace, new)

    assert counted(pace, new) > 0
    assert counted(pace, new, THERE) == 0.0


def test_who_waits_as_long_as_told_goes() -> None:
    """A turn is kept: those who come meanwhile go after it, and who comes early waits the rest."""
    clock, new = Clock(), count(100)
    pace = Pace(clock)
    for _ in range(BURST):
        counted(pace, new)
    waiting = ReplyId(1)
    told = pace.wait(*HERE, waiting)
    for _ in range(20):
        counted(pace, new)

    clock.now += told / 2
    assert pace.wait(*HERE, waiting) == told / 2
    clock.now += told / 2
    assert pace.wait(*HERE, waiting) == 0.0


@given(st.lists(st.floats(0, 3), min_size=1, max_size=60))
def test_no_more_goes_than_slack_takes(steps: list[float]) -> None:
    """In any stretch of time there go a burst and one for each second, no more."""
    clock, new, gone = Clock(), count(), list[float]()
    pace = Pace(clock)
    for step in steps:
        clock.now += step
        gone.append(clock.now + counted(pace, new))

    gone.sort()
    for first, began in enumerate(gone):
        for last in range(first, len(gone)):
            assert last - first + 1 <= BURST + (gone[last] - began) / SECONDS + 1e-6


def test_channels_at_rest_are_forgotten() -> None:
    """However many channels there are, the memory of them is bounded, and busy ones stay."""
    clock, new = Clock(), count()
    pace = Pace(clock)
    for number in range(module.MOST - 1):
        counted(pace, new, (TeamId("T1"), ChannelId(f"C{number}A")))
    clock.now += 10 * SECONDS
    for _ in range(BURST):
        counted(pace, new)

    counted(pace, new, THERE)

    assert counted(pace, new) > 0
