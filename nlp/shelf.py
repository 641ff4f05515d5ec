"""The articles of a folder as they stand now: read anew, without a restart, when they change."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from nlp.errors import LanguageError
from nlp.knowledge import ARTICLES, Knowledge

LOOKS_EVERY: Final = 5.0
"""Seconds between two looks at the folder."""

Stamp = tuple[tuple[str, int, int], ...]


class Shelf:
    """The articles of one folder. Safe to share between threads."""

    def __init__(
        self,
        folder: Path | None = None,
        *,
        left_out: Callable[[int], None] = lambda _many: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Read the articles.

        Args:
            folder: Where they are; by default those that ship with the program.
            left_out: Is told how many problems there are, each time that some are read.
            clock: Seconds that only grow.

        Raises:
            ModelUnavailable: The sentence encoder is missing or damaged.
        """
        self._folder = folder or ARTICLES
        self._left_out = left_out
        self._clock = clock
        self._reading = threading.Lock()
        self._looked = clock()
        self._stamp = self._stamped()
        self._knowledge = self._read()

    def __call__(self) -> Knowledge:
        """Return the articles; who comes while they are read anew gets those from before."""
        if self._clock() - self._looked >= LOOKS_EVERY and self._reading.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._reading.release()
        return self._knowledge

    def _look(self) -> None:
        self._looked = self._clock()
        stamp = self._stamped()
        # An empty folder is one that is being replaced: what was known goes on serving.
        if stamp and stamp != self._stamp:
            try:
                self._knowledge = self._read()
            except (OSError, LanguageError):
                return
            self._stamp = stamp

    def _read(self) -> Knowledge:
        found = Knowledge.load(self._folder)
        if found.problems:
            self._left_out(len(found.problems))
        return found

    def _stamped(self) -> Stamp:
        """Return what tells whether a file came, went or changed."""
        stamps = []
        for path in sorted((*self._folder.glob("*.md"), *self._folder.glob("*.yaml"))):
            try:
                status = path.stat()
            except OSError:  # it goes just now
                continue
            stamps.append((path.name, status.st_mtime_ns, status.st_size))
        return tuple(stamps)
