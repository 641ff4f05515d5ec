"""A file that only its owner may read: written whole or not at all, read only where it is so."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path


class NotPrivate(Exception):
    """Others may read the file."""


def read_private(path: Path) -> bytes:
    """Read a file. Raises OSError, and NotPrivate where others than its owner may read it."""
    with path.open("rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        content = file.read()
    if stat.S_IMODE(mode) & 0o077:
        raise NotPrivate
    return content


def write_new(path: Path, content: bytes) -> None:
    """Write a file with mode 0600, on disk when this returns, and never over one that is there.

    Raises FileExistsError and every other OSError.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)  # unlike a rename, this never replaces what is there
    finally:
        draft.unlink()
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Bring the names of a folder to disk, so that a new file outlasts a power failure."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
