"""The keyring's file: its form, and how it is changed so that no moment has half a keyring.

Format 2 is a JSON object: `format`, `id`, `current` and `epochs`, by number the `key` (base64)
and `made_at` (ISO 8601, null where that is not known). Format 1 had the key alone in the place of
each epoch; it is read, and written as format 2 when something changes.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, final

from storage.errors import KeyringMissing, KeyringUnreadable
from storage.private_file import (
    NotPrivate,
    beside,
    read_private,
    sync_folder,
    write_draft,
    write_new,
)
from storage.retention import utc

KEY_BYTES: Final = 32
_FORMAT: Final = 2
_FIRST_FORMAT: Final = 1

Stamp = tuple[int, int, int]
"""What tells one state of a file from the next: inode, time of change in ns, size."""


@final
@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class EpochKey:
    """The key of one epoch. It does not print.

    Attributes:
        key: Its 32 bytes.
        made_at: When the epoch began; None where that is not known.
    """

    key: bytes
    made_at: datetime | None


@final
@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class KeyringContent:
    """What a keyring's file holds. It does not print.

    Attributes:
        id: What tells this keyring from others.
        current: The epoch that wraps today.
        epochs: The keys that are left, by epoch.
    """

    id: str
    current: int
    epochs: Mapping[int, EpochKey]


def stamp(path: Path) -> Stamp:
    """Return the stamp of the file as it is. Raises KeyringMissing or KeyringUnreadable."""
    try:
        return _stamp(os.stat(path))
    except FileNotFoundError:
        raise KeyringMissing from None
    except OSError:
        raise KeyringUnreadable from None


def read(path: Path) -> tuple[Stamp, KeyringContent]:
    """Return what the file holds, and its stamp. Raises KeyringMissing or KeyringUnreadable."""
    while True:
        try:
            content, status = read_private(path)
        except FileNotFoundError:
            raise KeyringMissing from None
        except NotPrivate:
            raise KeyringUnreadable(
                "Others may read the keyring file. Give it mode 0600."
            ) from None
        except OSError:
            raise KeyringUnreadable from None
        try:
            return _stamp(status), _parse(content)
        except (ValueError, KeyError, TypeError, AttributeError):
            # Where it was replaced while it was read, what was read is overwritten already and
            # there is another one to read. Else it is damaged. The parser's exception quotes the
            # file, which is nothing but keys.
            if stamp(path) == _stamp(status):
                raise KeyringUnreadable from None


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Let no other process or thread change the file meanwhile. Raises OSError.

    The lock is on a file beside it, `keyring.json.lock`, since the file itself is replaced.
    """
    descriptor = os.open(
        path.with_name(f"{path.name}.lock"), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600
    )
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def create(path: Path, content: KeyringContent) -> bool:
    """Write a file where there is none, whole or not at all, on disk when this returns.

    Returns False where another process came first. Raises OSError.
    """
    try:
        write_new(path, _formatted(content))
    except FileExistsError:
        return False
    return True


def replace(path: Path, content: KeyringContent) -> None:
    """Put a new content in the place of the old, within `locked`. Raises OSError.

    The new one is on disk before it takes the old one's name, in one step. Then the old file is
    overwritten with random bytes and let go; one that a process was killed before, at the next
    change. This reaches the blocks that the file system overwrites in place, as ext4 and XFS do. It
    does not reach older copies that a solid-state disk keeps when it writes elsewhere, file
    systems that copy on write (Btrfs, ZFS, APFS), snapshots, or backups of the file: an epoch is
    gone from those when they are.
    """
    _clear_away(path)
    draft = write_draft(path, _formatted(content))
    os.link(path, beside(path))
    draft.replace(path)
    sync_folder(path.parent)
    _clear_away(path)


def _clear_away(path: Path) -> None:
    """Overwrite and delete drafts and replaced files, also those of processes that were killed."""
    name = re.compile(rf"\.{re.escape(path.name)}\.[0-9a-f]{{16}}")
    for left in [each for each in path.parent.iterdir() if name.fullmatch(each.name)]:
        # Another name of the keyring itself, where a process was killed at the wrong moment.
        if not left.samefile(path):
            with left.open("r+b", buffering=0) as file:
                file.write(os.urandom(os.fstat(file.fileno()).st_size))
                os.fsync(file.fileno())
        left.unlink()
    sync_folder(path.parent)


def _stamp(status: os.stat_result) -> Stamp:
    return status.st_ino, status.st_mtime_ns, status.st_size


def _formatted(content: KeyringContent) -> bytes:
    epochs = {
        str(number): {
            "key": base64.b64encode(each.key).decode(),
            "made_at": None if each.made_at is None else each.made_at.isoformat(),
        }
        for number, each in sorted(content.epochs.items())
    }
    whole = {"format": _FORMAT, "id": content.id, "current": content.current, "epochs": epochs}
    return json.dumps(whole, indent=2).encode() + b"\n"


def _parse(content: bytes) -> KeyringContent:
    parsed = json.loads(content)
    form, keyring_id, current = parsed["format"], parsed["id"], parsed["current"]
    if form not in (_FIRST_FORMAT, _FORMAT):
        raise ValueError
    epochs = {
        int(number): _epoch_key(each, None)
        if form == _FIRST_FORMAT
        else _epoch_key(each["key"], each["made_at"])
        for number, each in parsed["epochs"].items()
    }
    well_formed = (
        isinstance(keyring_id, str)
        and isinstance(current, int)
        and current in epochs
        and current == max(epochs)
        and all(len(each.key) == KEY_BYTES for each in epochs.values())
    )
    if not well_formed:
        raise ValueError
    return KeyringContent(id=keyring_id, current=current, epochs=epochs)


def _epoch_key(key: str, made_at: str | None) -> EpochKey:
    return EpochKey(
        key=base64.b64decode(key, validate=True),
        made_at=None if made_at is None else utc(datetime.fromisoformat(made_at)),
    )
