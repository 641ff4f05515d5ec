"""The file of the anchors: a line for each, added at the end and brought to disk at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import Final, final

from storage.anchors import Anchor
from storage.errors import AnchorsUnreadable, AuditBroken
from storage.private_file import sync_folder


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What the file holds.

    Attributes:
        anchors: The anchors, oldest first, not verified.
        torn: Whether the last line is a half one, which a process left that died while writing.
    """

    anchors: tuple[Anchor, ...]
    torn: bool


@final
class AnchorFile:
    """Anchors in a file of JSON lines."""

    def __init__(self, path: Path) -> None:
        self._path: Final = path

    def read(self) -> Kept:
        """Return what the file holds; nothing where there is none. A half last line is left out.

        Raises:
            AuditBroken: A whole line is no anchor.
            AnchorsUnreadable: The file cannot be read.
        """
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            content = b""
        except OSError:
            raise AnchorsUnreadable from None
        anchors, end = _parse(content)
        return Kept(anchors=anchors, torn=end < len(content))

    def add(self, make: Callable[[tuple[Anchor, ...]], Anchor | None]) -> Anchor | None:
        """Add what `make` returns of the anchors that are there; nothing where that is None.

        One process at a time. What is added is on disk when this returns. A half last line of
        before says nothing that could be verified, so it is cut off first; one that lacks its
        line end alone gets it.

        Raises:
            AuditBroken, AnchorsUnreadable: As `read` does.
        """
        with self._locked() as descriptor:
            content = self._path.read_bytes()
            anchors, end = _parse(content)
            made = make(anchors)
            if end < len(content):
                os.ftruncate(descriptor, end)
            missing = b"\n" if content[:end] and not content[:end].endswith(b"\n") else b""
            added = b"" if made is None else made.line.encode() + b"\n"
            if missing or added:
                _write(descriptor, missing + added)
            if missing or added or end < len(content):
                os.fsync(descriptor)
                sync_folder(self._path.parent)
        return made

    @contextmanager
    def _locked(self) -> Iterator[int]:
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            flags = os.O_CREAT | os.O_RDWR | os.O_APPEND
            descriptor = os.open(self._path, flags, 0o600)
            try:
                flock(descriptor, LOCK_EX)  # let go when the file is closed, also by a kill
                yield descriptor
            finally:
                os.close(descriptor)
        except OSError:
            raise AnchorsUnreadable from None


def _write(descriptor: int, content: bytes) -> None:
    while content:
        content = content[os.write(descriptor, content) :]


def _parse(content: bytes) -> tuple[tuple[Anchor, ...], int]:
    """Return the anchors and where the last whole one ends."""
    *lines, tail = content.split(b"\n")
    anchors = []
    for number, line in enumerate(lines, 1):
        try:
            anchors.append(Anchor.parse(line))
        except ValueError:
            raise AuditBroken(f"Line {number} is no anchor.", anchor=number) from None
    try:
        anchors.append(Anchor.parse(tail))
    except ValueError:
        return tuple(anchors), len(content) - len(tail)
    return tuple(anchors), len(content)
