"""A stream of lines scrubbed: files larger than memory, on one core or on many.

The lines are handed to the processes in batches. What comes of a line does not depend on the
others, so the output is the same however many processes work.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import stat
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from typing import BinaryIO, Final, Protocol

from bot.errors import WorkersLost
from bot.lines import Answered, scrub_batch
from nlp.scrubber import PresidioScrubber

LINES: Final = 64
BYTES: Final = 1 << 18
"""A batch has at most so many lines, and ends with the line that brings it to so many bytes."""
LONGEST: Final = 1 << 24
"""Bytes of a line that are kept. No text that can be scrubbed has more, in JSON or not."""
PATIENCE: Final = 600.0
"""Seconds that one text may take. Nobody waits for an answer here, and a line may be a megabyte."""
_CHUNK: Final = 1 << 20
_IN_FLIGHT: Final = 2
"""Batches for each worker that are under way: one at work, one waiting."""

Batch = list[bytes]


class Source(Protocol):
    """What is read: a file or a pipe."""

    def read1(self, size: int = -1, /) -> bytes:
        """Return what is there, at most `size` bytes; nothing at the end."""
        ...


def scrub_stream(
    source: Source,
    *,
    as_json: bool,
    jobs: int,
    steady: bool,
    write: Callable[[str], None],
    done: Callable[[int], object],
) -> int:
    """Scrub each line and write it, in order. Returns how many lines could not be scrubbed.

    Args:
        source: The lines.
        as_json: Whether the lines are JSON, see `bot.lines`.
        jobs: Processes that work; 0 for one on each core.
        steady: Whether to wait for whole batches. Else one process holds no line back that has
            come; several wait until each has work.
        write: Takes the answers of a batch, a line each.
        done: Told of the bytes of a batch once it is written.

    Raises:
        ModelUnavailable: The scrubber could not be built.
        WorkersLost: A process was ended from outside.
    """
    found = batches(source, steady=steady)
    jobs = jobs or os.cpu_count() or 1
    bad = 0
    with closing(_here(found, as_json) if jobs == 1 else _apart(found, as_json, jobs)) as results:
        for batch, answered in results:
            write("\n".join(answered.lines))
            bad += answered.bad
            done(sum(map(len, batch)))
    return bad


def batches(source: Source, *, steady: bool) -> Iterator[Batch]:
    """Yield the lines, with their ends, in batches."""
    batch: Batch = []
    size = 0
    for arrived in _arriving(source):
        for line in arrived:
            batch.append(line)
            size += len(line)
            if len(batch) == LINES or size >= BYTES:
                yield batch
                batch, size = [], 0
        if batch and not steady:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def size_of(source: BinaryIO) -> int | None:
    """Return the size of a file, None for a pipe or a terminal, of which not all is there yet."""
    try:
        found = os.fstat(source.fileno())
    except OSError:
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None


def _arriving(source: Source) -> Iterator[Batch]:
    """Yield the whole lines of what has come, and at last what has no end."""
    rest = b""
    while chunk := source.read1(_CHUNK):
        *lines, rest = (rest + chunk).split(b"\n")
        rest = rest[: LONGEST + 1]
        yield [line + b"\n" for line in lines]
    if rest:
        yield [rest]


def _here(found: Iterable[Batch], as_json: bool) -> Generator[tuple[Batch, Answered], None, None]:
    scrubber = PresidioScrubber(time_limit=PATIENCE)
    for batch in found:
        yield batch, scrub_batch(batch, scrubber, as_json=as_json)


def _apart(
    found: Iterable[Batch], as_json: bool, jobs: int
) -> Generator[tuple[Batch, Answered], None, None]:
    """Let workers scrub, with few batches under way at a time, and keep the order."""
    # Spawned, not forked: the libraries of the scrubber have threads.
    context = multiprocessing.get_context("spawn")
    workers = ProcessPoolExecutor(jobs, mp_context=context, initializer=_start)
    waiting: deque[tuple[Batch, Future[Answered]]] = deque()
    try:
        for batch in found:
            waiting.append((batch, workers.submit(_scrub, batch, as_json)))
            if len(waiting) >= jobs * _IN_FLIGHT:
                yield _first(waiting)
        while waiting:
            yield _first(waiting)
    except BrokenProcessPool:
        raise WorkersLost from None
    finally:
        workers.shutdown(cancel_futures=True)


def _first(waiting: deque[tuple[Batch, Future[Answered]]]) -> tuple[Batch, Answered]:
    batch, answered = waiting.popleft()
    return batch, answered.result()


_scrubber: PresidioScrubber | None = None
"""A worker's own."""


def _start() -> None:
    """Begin a worker. It leaves Ctrl-C to the process that started it, and ends with that."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_parent, daemon=True).start()


def _end_with_the_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _scrub(batch: Batch, as_json: bool) -> Answered:
    global _scrubber
    # Built here and not in `_start`, whose errors nobody is told.
    _scrubber = _scrubber or PresidioScrubber(time_limit=PATIENCE)
    return scrub_batch(batch, _scrubber, as_json=as_json)
