"""A progress bar where somebody is watching, and a file read line by line with one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tqdm import tqdm


@contextmanager
def bar(size: int | None, what: str) -> Iterator[Callable[[int], object]]:
    """Show how many bytes of `size` are done, where standard error is a terminal.

    None for a size that is not known shows nothing. Yields what is to be told of bytes done.
    """
    disable = True if size is None else None
    with tqdm(total=size, desc=what, unit="B", unit_scale=True, disable=disable) as shown:
        yield shown.update


@contextmanager
def lines_of(path: str, what: str) -> Iterator[Iterator[str]]:
    """Open a UTF-8 file, `-` for standard input, and yield its lines one by one.

    On a terminal a bar on standard error shows how far it is read. The lines raise
    UnicodeDecodeError where the file is not UTF-8.
    """
    if path == "-":
        yield (line.decode("utf-8") for line in sys.stdin.buffer)
        return
    size = Path(path).stat().st_size
    with Path(path).open("rb") as file, bar(size, what) as done:

        def lines() -> Iterator[str]:
            for line in file:
                done(len(line))
                yield line.decode("utf-8")

        yield lines()
