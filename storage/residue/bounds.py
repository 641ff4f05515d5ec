"""How much a search may unpack and how long it may take: a small file can unpack to any size."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final, final

from storage.errors import StorageError


class SearchUnfinished(StorageError):
    """Nothing was found, but the search gave up on a file before its end."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a search may spend.

    Attributes:
        depth: Containers within containers that are opened: 2 is base64 of zlib of the value.
        container: Bytes that one container may unpack to.
        unpacked: Bytes that all containers of one file may unpack to.
        anywhere: Bytes of a source up to which raw deflate, which has no header to be found by,
            is tried at each byte. In what is larger it is tried at the start alone.
        seconds: Time for the whole search.
    """

    depth: int = 2
    container: int = 1 << 26
    unpacked: int = 1 << 30
    anywhere: int = 1 << 16
    seconds: float = 600.0


@final
class Budget:
    """What is left of the bounds.

    Attributes:
        is_short: Whether something was left unread because a bound was reached.
    """

    def __init__(self, bounds: Bounds) -> None:
        self.bounds: Final = bounds
        self.is_short = False
        self._end: Final = time.monotonic() + bounds.seconds
        self._unpacked = 0

    def begin_file(self) -> None:
        """Grant the bytes of another file."""
        self._unpacked = 0
        self.is_short = False

    def room(self) -> int:
        """Return how many bytes the next container may unpack to; 0 ends the unpacking."""
        if self.is_over():
            return 0
        left = min(self.bounds.container, self.bounds.unpacked - self._unpacked)
        if left <= 0:
            self.is_short = True
        return max(left, 0)

    def spend(self, unpacked: int) -> None:
        """Note bytes that were unpacked."""
        self._unpacked += unpacked

    def is_over(self) -> bool:
        """Return whether the time is up."""
        if time.monotonic() < self._end:
            return False
        self.is_short = True
        return True
