"""What `make bench` measures in a process of its own. Prints its figures as JSON.

    python -m nlp.training.bench_process cold
    python -m nlp.training.bench_process memory 200000
    python -m nlp.training.bench_process threads 400

The scrubber is imported within the functions: its import is part of what is measured.
"""

from __future__ import annotations

import gc
import json
import os
import random
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

SEED: Final = 11
WARM_UP: Final = 2_000
"""Messages before the memory is looked at first. What is loaded late and kept is there by then."""
ROUNDS: Final = 3
MOST_THREADS: Final = 8
TOO_LONG: Final = 600
"""Seconds of the memory figure from which on it is told beforehand."""
MEGABYTE: Final = 1e6


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def resident(line: str = "VmRSS") -> float:
    """Return the memory of this process in megabytes: `VmRSS` now, `VmHWM` at the most.

    Where there is no /proc it is the most it ever was.
    """
    try:
        status = Path("/proc/self/status").read_text("ascii")
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most * (1 if sys.platform == "darwin" else 1024) / MEGABYTE
    found = dict(each.split(":", 1) for each in status.splitlines() if ":" in each)
    return int(found[line].split()[0]) * 1024 / MEGABYTE


def cold(_: int) -> dict[str, float]:
    """Measure the time from the import to the first scrubbed message, and the memory then."""
    started = time.perf_counter()
    from nlp.scrubber import PresidioScrubber
    from nlp.text import RawText

    PresidioScrubber().scrub(RawText("Hi, I am Jamie Lindgard, order 112-3456789-0123456."))
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "resident": resident(), "most": resident("VmHWM")}


def memory(count: int) -> dict[str, float]:
    """Measure by how much the process grows over so many messages about ever new people."""
    from tqdm import tqdm

    from nlp.scrubber import PresidioScrubber
    from nlp.text import RawText
    from nlp.training.bench_messages import new_people

    scrubber = PresidioScrubber()
    texts = new_people(random.Random(SEED))  # noqa: S311  # reproducible, and no secret
    before, started = 0.0, time.perf_counter()
    with tqdm(total=WARM_UP + count, desc="memory", unit="text", disable=None) as bar:
        for number, text in zip(range(WARM_UP + count), texts, strict=False):
            if number == WARM_UP:
                gc.collect()
                before = resident()
                _tell_if_long(count, (time.perf_counter() - started) / WARM_UP)
            scrubber.scrub(RawText(text))
            bar.update()
    gc.collect()
    return {"growth": resident() - before, "resident": resident()}


def _tell_if_long(count: int, pace: float) -> None:
    if count * pace > TOO_LONG:
        print(  # noqa: T201
            f"{count:,} messages will take about {count * pace / 60:.0f} minutes;"
            " --memory-messages takes fewer.",
            file=sys.stderr,
        )


def threads(count: int) -> dict[str, float]:
    """Measure how many times the messages of one thread all cores scrub, a thread on each."""
    from concurrent.futures import ThreadPoolExecutor

    from nlp.scrubber import PresidioScrubber
    from nlp.text import RawText
    from nlp.training.bench_messages import messages, person

    scrubber = PresidioScrubber()
    rng = random.Random(SEED)  # noqa: S311  # reproducible, and no secret
    texts = [RawText(text) for text in messages(rng, count, [person(rng) for _ in range(count)])]
    many = min(cores(), MOST_THREADS)
    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(many) as all_cores:
        times: dict[ThreadPoolExecutor, list[float]] = {one: [], all_cores: []}
        # The first round warms up: each thread loads a detector of its own.
        for _ in range(1 + ROUNDS):
            for pool, measured in times.items():
                started = time.perf_counter()
                list(pool.map(scrubber.scrub, texts))
                measured.append(time.perf_counter() - started)
    return {"threads": many, "ratio": min(times[one][1:]) / min(times[all_cores][1:])}


PROCESSES: Final[dict[str, Callable[[int], dict[str, float]]]] = {
    "cold": cold,
    "memory": memory,
    "threads": threads,
}


def main(what: str, count: str = "0") -> None:
    """Measure and print. Ends with status 1 and one line where the scrubber cannot."""
    from nlp.errors import LanguageError

    try:
        print(json.dumps(PROCESSES[what](int(count))))  # noqa: T201
    except LanguageError as error:
        sys.exit(f"The benchmark could not run. {error}")


if __name__ == "__main__":
    main(*sys.argv[1:])
