"""A file that only its owner may read: written whole or not at all, read only where it is so."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path


class NotPrivate(Exception):
    """Others may read the file."""


def read_private(path: Path) -> tuple[bytes, os.stat_result]:
    """Read a file, and what the system knows of it.

    Raises OSError, and NotPrivate where others than its owner may read it.
    """
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        content = file.read()
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise NotPrivate
    return content, status


def write_new(path: Path, content: bytes) -> None:
    """Write a file with mode 0600, on disk when this returns, and never over one that is there.

    Raises FileExistsError and every other OSError.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = write_draft(path, content)
    try:
        os.link(draft, path)  # unlike a rename, this never replaces what is there
    finally:
        # Whoever came first may have cleared it away.
        draft.unlink(missing_ok=True)
    sync_folder(path.parent)


def write_draft(path: Path, content: bytes) -> Path:
    """Write a file with mode 0600 beside `path`, on disk when this returns. Raises OSError."""
    draft = beside(path)
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return draft


def beside(path: Path) -> Path:
    """Return a name of its own for a draft of a file: a full stop, the name, 16 digits."""
    return path.with_name(f".{path.name}.{secrets.token_hex(8)}")


def sync_folder(folder: Path) -> None:
    """Bring the names of a folder to disk, so that a new file outlasts a power failure."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
