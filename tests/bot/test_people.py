"""Agents are known by list or by group, in Care's own workspace, and by nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO

import pytest

from bot import log
from bot.errors import CareError, SlackBusy, SlackRefused
from bot.people import Roster
from storage.ids import TeamId, UserId

CARE = TeamId("T0001")
LISTED = UserId("U0001")
MEMBER = UserId("U0002")
OTHER = UserId("U0003")


@pytest.fixture
def written() -> Iterator[StringIO]:
    """What the log says."""
    restore = log.preserved()
    stream = StringIO()
    log.configure("INFO", stream)
    yield stream
    restore()


class Group:
    """A user group that counts how often its members are fetched."""

    def __init__(self, *answers: frozenset[UserId] | CareError) -> None:
        self.answers = list(answers)
        self.fetched = 0

    def members(self) -> frozenset[UserId]:
        """Return the next answer."""
        answer = self.answers[min(self.fetched, len(self.answers) - 1)]
        self.fetched += 1
        if isinstance(answer, CareError):
            raise answer
        return answer


def roster(group: Group | None = None) -> Roster:
    """Return a roster with one listed agent."""
    return Roster(
        team=CARE, listed=frozenset({LISTED}), members=None if group is None else group.members
    )


@pytest.mark.parametrize(
    ("team", "user", "is_agent"),
    [
        (CARE, LISTED, True),
        (CARE, MEMBER, True),
        (CARE, OTHER, False),
        (TeamId("T0002"), LISTED, False),
        (TeamId("T0002"), MEMBER, False),
        (TeamId("E0001"), LISTED, False),
        (TeamId(""), LISTED, False),
        (CARE, UserId(""), False),
    ],
)
def test_who_is_an_agent(team: TeamId, user: UserId, is_agent: bool) -> None:
    """Only the listed and the group's members are agents, and only in Care's own workspace."""
    assert roster(Group(frozenset({MEMBER}))).is_agent(team, user) is is_agent


def test_without_a_group_the_list_decides() -> None:
    """Where no group is set, nobody is asked for one."""
    assert roster().is_agent(CARE, LISTED)
    assert not roster().is_agent(CARE, MEMBER)


def test_the_group_is_fetched_once_for_a_while() -> None:
    """Many questions at once ask Slack for the group once."""
    group = Group(frozenset({MEMBER}))
    who = roster(group)
    assert [who.is_agent(CARE, MEMBER) for _ in range(5)] == [True] * 5
    assert group.fetched == 1


def test_the_list_and_strangers_do_not_need_the_group() -> None:
    """Neither a listed agent nor somebody of another workspace makes a call to Slack."""
    group = Group(frozenset({MEMBER}))
    who = roster(group)
    who.is_agent(CARE, LISTED)
    who.is_agent(TeamId("T0002"), MEMBER)
    assert group.fetched == 0


@pytest.mark.parametrize("error", [SlackBusy(3.0), SlackRefused("missing_scope")])
def test_a_group_that_cannot_be_read_makes_nobody_an_agent(
    error: CareError, written: StringIO
) -> None:
    """When in doubt somebody is not an agent, the list still counts, and the log says why."""
    who = roster(Group(error))
    assert not who.is_agent(CARE, MEMBER)
    assert who.is_agent(CARE, LISTED)
    line = f"event=agent_roster_unreadable error={type(error).__name__}"
    assert line in written.getvalue()
