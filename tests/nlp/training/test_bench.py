"""The parts of `make bench` that measure nothing."""

from __future__ import annotations

import os
import random
from itertools import islice

import pytest
import spacy

from nlp.detection.known_values import find_known
from nlp.training.bench_figures import Times, in_turns, one_core, ratio, total
from nlp.training.bench_messages import LONGEST, SHORTEST, messages, new_people, person
from nlp.training.bench_presidio import presidio_as_it_comes
from nlp.training.bench_process import cores, resident
from nlp.training.bench_table import Figure, percentile

COUNT = 400


def _messages(seed: int) -> list[str]:
    rng = random.Random(seed)
    return messages(rng, COUNT, [person(rng) for _ in range(50)])


@pytest.mark.parametrize(
    ("figure", "line"),
    [
        (Figure(name="a", value=1.504, at_most=1.5), "| a | 1.5 x | ≤ 1.5 x | **no** |"),
        (Figure(name="b", value=2, at_least=2), "| b | 2 x | ≥ 2 x | yes |"),
        (Figure(name="c", value=1.9, at_least=2), "| c | 1.9 x | ≥ 2 x | **no** |"),
        (Figure(name="d", value=0.25), "| d | 0.25 x | – | – |"),
        (Figure(name="e", value=0, unit="MB", at_most=20), "| e | 0 MB | ≤ 20 MB | yes |"),
        (
            Figure(name="f", value=1234.5, unit="MB", at_most=300, note="once"),
            "| f | 1234 MB (once) | ≤ 300 MB | **no** |",
        ),
    ],
)
def test_row(figure: Figure, line: str) -> None:
    """A row shows what was measured, the target and whether it is met."""
    assert figure.line() == line


@pytest.mark.parametrize(
    ("values", "share", "found"),
    [
        (range(1, 101), 0.99, 99),
        (range(1, 101), 0.5, 50),
        (range(100, 0, -1), 1.0, 100),
        ([3, 1, 2], 0.5, 2),
        ([7], 0.0, 7),
    ],
)
def test_percentile(values: list[float], share: float, found: float) -> None:
    """A percentile is the smallest value that the share of the values does not exceed."""
    assert percentile(list(values), share) == found


def test_ratio_of_medians() -> None:
    """One slow round and one slow message move neither the ratio nor the total."""
    times: Times = {
        "a": [[2, 2, 90], [4, 4, 4], [6, 6, 6]],
        "b": [[1, 1, 1], [2, 2, 2], [1, 50, 1]],
    }
    assert (ratio(times, "a", "b"), total(times, "a")) == (2, 12)


def test_in_turns() -> None:
    """Each kind of work does each message in turn, and the first round is not counted."""
    done: list[tuple[str, int]] = []
    works = {name: lambda at, name=name: done.append((name, at)) for name in ("a", "b")}
    times = in_turns(works, 2, 1)
    assert done == [("a", 0), ("b", 0), ("a", 1), ("b", 1)] * 2
    assert {name: [len(each) for each in took] for name, took in times.items()} == {
        "a": [1, 1],
        "b": [1, 1],
    }


def test_messages_are_varied() -> None:
    """The messages are of the lengths promised, every one another, the same for the same seed."""
    found = _messages(1)
    assert len(set(found)) == COUNT
    assert min(map(len, found)) >= SHORTEST
    assert max(map(len, found)) <= LONGEST
    assert max(map(len, found)) > 5 * min(map(len, found))
    assert found == _messages(1) != _messages(2)


def test_half_of_the_messages_have_pii() -> None:
    """About half of the messages hold a value of somebody."""
    rng = random.Random(3)
    people = [person(rng) for _ in range(20)]
    known = [value for who in people for value in who.known_values()]
    found = [any(find_known(text, known)) for text in messages(rng, COUNT, people)]
    assert 0.45 <= sum(found) / COUNT <= 0.55


def test_people_are_ever_new() -> None:
    """The messages of the memory figure do not come back."""
    found = list(islice(new_people(random.Random(5)), 5_000))
    assert len(set(found)) > 4_950


def test_presidio_needs_no_network() -> None:
    """Presidio's default registry finds an e-mail address while no network may be used."""
    scrub = presidio_as_it_comes(spacy.blank("en"))
    assert scrub("write to kim@example.com") == "write to <EMAIL_ADDRESS>"


def test_one_core() -> None:
    """A process is on one core while it is measured, and on all of them afterwards."""
    before = cores()
    with one_core():
        assert cores() == (1 if hasattr(os, "sched_setaffinity") else before)
    assert cores() == before


def test_resident_memory() -> None:
    """The memory of a process is told in megabytes, and was never less than it is at the most."""
    assert 10 < resident() <= resident("VmHWM") < 100_000
