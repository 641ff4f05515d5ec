"""The epoch keys that wrap data keys, kept outside the database and its backups.

Whoever has the database alone, in whatever state of its write-ahead log, opens nothing; and a
data key that was deleted stays lost once the epoch that wrapped it is destroyed.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol, Self, final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage import keyring_file
from storage.errors import (
    KeyDestroyed,
    KeyringMismatch,
    KeyringOutdated,
    KeyringUnreadable,
    KeyringUnwritable,
    SealBroken,
)
from storage.keyring_file import KEY_BYTES, EpochKey, KeyringContent, Stamp
from storage.retention import utc

__all__ = ["KEY_BYTES", "NONCE_BYTES", "Epoch", "FileKeyring", "Keyring"]

NONCE_BYTES: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """An epoch, without its key.

    Attributes:
        number: Its number; later epochs have greater ones.
        made_at: When it began; None where that is not known.
    """

    number: int
    made_at: datetime | None


class Keyring(Protocol):
    """What wraps data keys: a file, or a key management service.

    Other processes may change it at any time, so `current` and `epochs` are asked for each time
    anew, and `current` is one of `epochs`, the last of them. A service would keep an epoch as a
    key of its own (or a version of one that it can destroy at once: where it makes one wait, as
    AWS KMS does for a week, what was deleted stays open to backups for as long), wrap and unwrap
    by a call, and answer the rest from a list of its keys. `advance` returns after the new key
    is durable, and `destroy_before` after the old ones are beyond recall.
    """

    @property
    def id(self) -> str:
        """What tells this keyring from others. Not secret."""

    @property
    def current(self) -> int:
        """The epoch that wraps now."""

    @property
    def epochs(self) -> tuple[Epoch, ...]:
        """The epochs that still open what they wrapped, oldest first."""

    def wrap(self, key: bytes, context: bytes) -> tuple[int, bytes]:
        """Encrypt a data key for `context`. Returns the current epoch and the wrapped key."""

    def unwrap(self, epoch: int, wrapped: bytes, context: bytes) -> bytes:
        """Decrypt a data key.

        Raises KeyDestroyed (no such epoch any more), SealBroken, or KeyringOutdated (no such
        epoch yet: who asks has seen a later state of the keyring than this one).
        """

    def advance(self, *, after: int, now: datetime) -> int:
        """Begin another epoch unless the current one is later than `after`. Returns the current.

        Raises KeyringUnwritable, and ValueError for a naive time.
        """

    def destroy_before(self, epoch: int) -> int:
        """Destroy the keys of the epochs before `epoch`. Returns how many there were.

        It asks nobody whether they are in use: `storage.rotation` does. Raises
        KeyringUnwritable, and ValueError for an epoch that has not begun.
        """


@final
class FileKeyring:
    """Epoch keys in a JSON file that only its owner may read.

    Any number of processes on one machine share the file. Each use looks whether it was replaced
    (one `stat`, about a microsecond) and reads it anew if so. Raised at any use: KeyringMissing,
    KeyringUnreadable, KeyringMismatch (another keyring has come in its place) and its kind
    KeyringOutdated (an older copy has).

    Made by its initializer, it is in memory alone and never changes.
    """

    def __init__(self, keyring_id: str, current: int, epochs: Mapping[int, bytes]) -> None:
        keys = {number: EpochKey(key=key, made_at=None) for number, key in epochs.items()}
        self._path: Path | None = None
        self._held = _Held(None, KeyringContent(id=keyring_id, current=current, epochs=keys))

    @classmethod
    def open(cls, path: Path) -> Self:
        """Read the keyring. Raises KeyringMissing or KeyringUnreadable."""
        stamp, content = keyring_file.read(path)
        opened = cls(content.id, content.current, {})
        # A link is followed once and for all: replacing it would leave the file itself behind.
        opened._path = path.resolve()
        opened._held = _Held(stamp, content)
        return opened

    @classmethod
    def create(cls, path: Path, now: datetime | None = None) -> Self:
        """Make a keyring with one epoch, on disk before it is used.

        Where another process made the file in the meantime, that one is opened. Without `now` it
        is not known how old the epoch is, and it counts as due for rotation.
        Raises KeyringUnreadable, and ValueError for a naive time.
        """
        first = KeyringContent(id=secrets.token_hex(16), current=1, epochs={1: _new_key(now)})
        try:
            keyring_file.create(path, first)
        except OSError:
            if not path.exists():
                raise KeyringUnreadable from None
        return cls.open(path)

    @property
    def id(self) -> str:
        """What tells this keyring from others."""
        return self._held.content.id

    @property
    def current(self) -> int:
        """The epoch that wraps now."""
        return self._fresh().content.current

    @property
    def epochs(self) -> tuple[Epoch, ...]:
        """The epochs whose keys are in the file, oldest first."""
        return tuple(
            Epoch(number=number, made_at=each.made_at)
            for number, each in sorted(self._fresh().content.epochs.items())
        )

    def wrap(self, key: bytes, context: bytes) -> tuple[int, bytes]:
        """Encrypt a data key with AES-256-GCM; the context is the associated data."""
        held = self._fresh()
        epoch = held.content.current
        nonce = os.urandom(NONCE_BYTES)
        return epoch, nonce + held.ciphers[epoch].encrypt(nonce, key, context)

    def unwrap(self, epoch: int, wrapped: bytes, context: bytes) -> bytes:
        """Decrypt a data key. Raises KeyDestroyed, SealBroken or KeyringOutdated."""
        held = self._fresh()
        cipher = held.ciphers.get(epoch)
        if cipher is None:
            raise KeyDestroyed if epoch < held.content.current else KeyringOutdated
        try:
            return cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], context)
        except (InvalidTag, ValueError):
            raise SealBroken from None

    def advance(self, *, after: int, now: datetime) -> int:
        """Begin another epoch unless the current one is later than `after`. Returns the current.

        Raises KeyringUnwritable, and ValueError for a naive time.
        """
        made = _new_key(now)

        def with_one_more(content: KeyringContent) -> KeyringContent:
            if content.current > after:
                return content
            current = content.current + 1
            return KeyringContent(
                id=content.id, current=current, epochs={**content.epochs, current: made}
            )

        return self._change(with_one_more)[1].current

    def destroy_before(self, epoch: int) -> int:
        """Destroy the keys of the epochs before `epoch`. Returns how many there were.

        What that reaches is told at `keyring_file.replace`. Other processes forget the keys at
        their next use of the keyring. Raises KeyringUnwritable, and ValueError for an epoch that
        has not begun.
        """

        def without_older(content: KeyringContent) -> KeyringContent:
            if epoch > content.current:
                raise ValueError("An epoch is destroyed after a later one has begun.")
            left = {number: each for number, each in content.epochs.items() if number >= epoch}
            return KeyringContent(id=content.id, current=content.current, epochs=left)

        before, after = self._change(without_older)
        return len(before.epochs) - len(after.epochs)

    def __repr__(self) -> str:
        return f"FileKeyring(id={self.id!r}, current={self._held.content.current})"

    def _fresh(self) -> _Held:
        """Return the keyring as the file has it now."""
        held = self._held
        if self._path is None or keyring_file.stamp(self._path) == held.stamp:
            return held
        stamp, content = keyring_file.read(self._path)
        if content.id != held.content.id:
            raise KeyringMismatch
        if content.current < held.content.current:
            raise KeyringOutdated
        self._held = fresh = _Held(stamp, content)
        return fresh

    def _change(
        self, change: Callable[[KeyringContent], KeyringContent]
    ) -> tuple[KeyringContent, KeyringContent]:
        """Change the file, one process at a time. Returns the content before and after."""
        path = self._path
        if path is None:
            raise KeyringUnwritable
        try:
            with keyring_file.locked(path):
                before = self._fresh().content
                after = change(before)
                if after.current != before.current or len(after.epochs) != len(before.epochs):
                    keyring_file.replace(path, after)
        except OSError:
            raise KeyringUnwritable from None
        self._fresh()
        return before, after


class _Held:
    """A state of the keyring, with its ciphers at hand."""

    __slots__ = ("ciphers", "content", "stamp")

    def __init__(self, stamp: Stamp | None, content: KeyringContent) -> None:
        self.stamp: Final = stamp
        self.content: Final = content
        self.ciphers: Final = {number: AESGCM(e.key) for number, e in content.epochs.items()}


def _new_key(now: datetime | None) -> EpochKey:
    key = AESGCM.generate_key(KEY_BYTES * 8)
    return EpochKey(key=key, made_at=None if now is None else utc(now))
