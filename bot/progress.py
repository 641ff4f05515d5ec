"""A file read line by line, with a progress bar where somebody is watching."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tqdm import tqdm


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
    with (
        Path(path).open("rb") as file,
        tqdm(total=size, desc=what, unit="B", unit_scale=True, disable=None) as bar,
    ):

        def lines() -> Iterator[str]:
            for line in file:
                bar.update(len(line))
                yield line.decode("utf-8")

        yield lines()
