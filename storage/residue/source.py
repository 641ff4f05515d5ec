"""Where bytes are read from: a file in pieces, or what a container held."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol, final

PAGE: Final = 8192
"""Bytes of a page of PostgreSQL. Pieces begin at a multiple of it."""


class Source(Protocol):
    """Bytes that are read from any place on."""

    def read(self, start: int, size: int) -> bytes:
        """Return up to `size` bytes from `start` on, fewer at the end."""


@final
class FileSource:
    """An open file, by its descriptor."""

    def __init__(self, number: int) -> None:
        self._number: Final = number

    def read(self, start: int, size: int) -> bytes:
        """Return up to `size` bytes from `start` on, fewer at the end."""
        return os.pread(self._number, size, start)


@final
class BytesSource:
    """What a container held."""

    def __init__(self, data: bytes) -> None:
        self._data: Final = data

    def read(self, start: int, size: int) -> bytes:
        """Return up to `size` bytes from `start` on, fewer at the end."""
        return self._data[start : start + size]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of a source. What begins in its home is this piece's to tell of, and no other's.

    Attributes:
        source: Where it is from.
        start: Where it begins there.
        data: Its bytes; those after the home begin the next piece again.
        home: How many of its bytes are its home.
        is_whole: Whether it is all that the source holds.
    """

    source: Source
    start: int
    data: bytes
    home: int
    is_whole: bool


def pieces(source: Source, size: int, overlap: int) -> Iterator[Piece]:
    """Yield a source in pieces of about `size` bytes that overlap by `overlap` bytes or more."""
    start, data = 0, b""
    while read := source.read(start + len(data), size):
        data += read
        home = max(0, len(data) - overlap) // PAGE * PAGE
        if home and len(data) >= size + overlap:
            yield Piece(source=source, start=start, data=data, home=home, is_whole=False)
            start, data = start + home, data[home:]
    if data:
        yield Piece(source=source, start=start, data=data, home=len(data), is_whole=start == 0)
