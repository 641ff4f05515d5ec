"""The figures of `make bench` that are measured on one core, in processor time.

Processor time leaves out what other work on the machine takes away. What is compared is measured
in turns, message by message, so that a slow moment of the machine is in both.
"""

from __future__ import annotations

import os
import random
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from tqdm import tqdm

from nlp.detection.known_values import find_known
from nlp.detection.normalize import for_detection
from nlp.detection.tagging.tagger import Tagger
from nlp.ner import pipeline, shared_tagger
from nlp.scrubber import PresidioScrubber
from nlp.text import RawText
from nlp.training.bench_messages import messages, person
from nlp.training.bench_presidio import presidio_as_it_comes
from nlp.training.bench_table import Figure, percentile

SEED: Final = 7
PEOPLE: Final = 200
KNOWN_ORDERS: Final = 20
LENGTHS: Final = (1_000, 10_000, 100_000)
"""Characters of the texts that show how the cost grows."""
MOST_LONG_ROUNDS: Final = 2
"""They take seconds each."""
TIME_LIMIT: Final = 3_600.0
"""Seconds of a text: a busy machine must not end the benchmark."""

Times = dict[str, list[list[float]]]
"""Seconds of each kind of work, for each message, for each round."""


@contextmanager
def one_core() -> Iterator[None]:
    """Keep this process on one core. Where the system cannot, it stays where it is."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    all_cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(all_cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, all_cores)


def seconds(work: Callable[[], object]) -> float:
    """Return the processor time of some work."""
    started = time.process_time()
    work()
    return time.process_time() - started


def in_turns(works: Mapping[str, Callable[[int], object]], count: int, rounds: int) -> Times:
    """Measure each kind of work for each of `count` messages, one after the other.

    One round more than is counted warms up.
    """
    times: Times = {name: [[] for _ in range(count)] for name in works}
    with tqdm(total=(1 + rounds) * count, desc="in turns", unit="text", disable=None) as bar:
        for number in range(1 + rounds):
            for at in range(count):
                for name, work in works.items():
                    took = seconds(lambda work=work, at=at: work(at))  # type: ignore[misc]
                    if number:
                        times[name][at].append(took)
                bar.update()
    return times


def ratio(times: Times, one: str, other: str) -> float:
    """Return the median over the messages of how many times as long one work takes as another."""
    return statistics.median(
        statistics.median(upper) / statistics.median(lower)
        for upper, lower in zip(times[one], times[other], strict=True)
    )


def total(times: Times, name: str) -> float:
    """Return the time that one work takes for all messages."""
    return sum(map(statistics.median, times[name]))


@dataclass(slots=True)
class _Recorder:
    """Stands before the model's session and keeps what goes in."""

    session: Any
    inputs: list[Mapping[str, Any]] = field(default_factory=list)

    def run(self, names: None, inputs: Mapping[str, Any]) -> Any:
        self.inputs.append(inputs)
        return self.session.run(names, inputs)


def forward_passes(tagger: Tagger, texts: Sequence[str]) -> Callable[[int], None]:
    """Return the bare forward pass of each text: the model's session on the tagger's own input."""
    session = tagger._session
    inputs = []
    for text in texts:
        recorder = _Recorder(session)
        tagger._session = recorder
        try:
            tagger.tag(text)
        finally:
            tagger._session = session
        inputs.append(recorder.inputs)

    def forward(at: int) -> None:
        for each in inputs[at]:
            session.run(None, each)

    return forward


def one_core_figures(count: int, rounds: int) -> Iterator[Figure]:
    """Yield the figures of one core over so many messages. Raises LanguageError."""
    rng = random.Random(SEED)  # noqa: S311  # reproducible, and no secret
    people = [person(rng) for _ in range(PEOPLE)]
    texts = messages(rng, count, people)
    raw = [RawText(text) for text in texts]
    known = [value for who in people[:KNOWN_ORDERS] for value in who.known_values()]
    read = [for_detection(text).text for text in texts]
    scrubber = PresidioScrubber(time_limit=TIME_LIMIT)
    default = presidio_as_it_comes(pipeline())
    works: dict[str, Callable[[int], object]] = {
        "forward": forward_passes(shared_tagger(), read),
        "scrub": lambda at: scrubber.scrub(raw[at]),
        "default": lambda at: default(texts[at]),
        "known": lambda at: list(find_known(read[at], known)),
    }
    times = in_turns(works, count, rounds)
    singles = [took for each in times["scrub"] for took in each]
    forward, scrub, default_scrub = (total(times, name) for name in ("forward", "scrub", "default"))
    yield Figure(
        name="whole scrub of a message, against the bare forward pass of the model",
        value=ratio(times, "scrub", "forward"),
        at_most=1.5,
        note=f"forward pass {1000 * forward / count:.2f} ms",
    )
    around = (default_scrub - forward) / (scrub - forward)
    yield Figure(
        name="throughput, against Presidio's default registry over the same model",
        value=default_scrub / scrub,
        at_least=2,
        note=f"{around:.2f} x in what is done around the forward pass",
    )
    half = percentile(singles, 0.5)
    yield Figure(
        name="slowest message in a hundred (p99), against the median (p50)",
        value=percentile(singles, 0.99) / half,
        at_most=4,
        note=f"p50 {1000 * half:.2f} ms",
    )
    yield Figure(
        name=f"finding the values of {KNOWN_ORDERS} known orders, against the forward pass",
        value=ratio(times, "known", "forward"),
    )
    yield from growth(scrubber, texts, min(rounds, MOST_LONG_ROUNDS))


def growth(scrubber: PresidioScrubber, texts: Sequence[str], rounds: int) -> Iterator[Figure]:
    """Yield how many times as long ten times the text takes."""
    text = "\n".join(texts)
    long = [RawText((text * (1 + size // len(text)))[:size]) for size in LENGTHS]
    times = in_turns({"scrub": lambda at: scrubber.scrub(long[at])}, len(long), rounds)["scrub"]
    for at in range(1, len(long)):
        yield Figure(
            name=f"{LENGTHS[at]:,} characters, against {LENGTHS[at - 1]:,}",
            value=statistics.median(times[at]) / statistics.median(times[at - 1]),
            at_most=11,
        )
