"""The judge of the load test sees what is lost, doubled, out of order, or late."""

from __future__ import annotations

import pytest

from tests.benchmarks.slack_judge import judge

THREAD = ("C1", "1.0")
ASKED = {THREAD: [("first", 1.0), ("second", 2.0)]}


@pytest.mark.parametrize(
    ("said", "lost", "doubled", "disordered"),
    [
        (["the first", "the second"], 0, 0, 0),
        (["the first"], 1, 0, 0),
        ([], 2, 0, 0),
        (["the first", "the second", "the first"], 0, 1, 0),
        (["the second", "the first"], 0, 0, 1),
        (["the first", "the second", "something else"], 0, 1, 0),
    ],
)
def test_each_message_has_one_answer_in_its_turn(
    said: list[str], lost: int, doubled: int, disordered: int
) -> None:
    """What misses, what is too much and what comes out of turn are counted apart."""
    found = judge(ASKED, {THREAD: [(words, 3.0) for words in said]})

    assert (found.lost, found.doubled, found.disordered) == (lost, doubled, disordered)
    assert found.is_good == (not lost and not doubled and not disordered)


def test_a_late_acknowledgement_is_no_good() -> None:
    """Slack takes what is acknowledged after three seconds for not received."""
    found = judge(ASKED, {THREAD: [("first", 3.0), ("second", 3.5)]})
    found.acks = [0.1, 3.1]

    assert not found.is_good
    assert found.waits == [2.0, 1.5]
