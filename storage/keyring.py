"""The epoch keys that wrap data keys, kept outside the database and its backups.

Whoever has the database alone, in whatever state of its write-ahead log, opens nothing; and a
data key that was deleted stays lost once the epoch that wrapped it is destroyed.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Protocol, Self, final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.errors import KeyDestroyed, KeyringMissing, KeyringUnreadable, SealBroken

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
_FORMAT: Final = 1


class Keyring(Protocol):
    """What wraps data keys: a file, or a key management service."""

    @property
    def id(self) -> str:
        """What tells this keyring from others. Not secret."""

    @property
    def current(self) -> int:
        """The epoch that wraps today."""

    def wrap(self, key: bytes, context: bytes) -> tuple[int, bytes]:
        """Encrypt a data key for `context`. Returns the epoch and the wrapped key."""

    def unwrap(self, epoch: int, wrapped: bytes, context: bytes) -> bytes:
        """Decrypt a data key. Raises KeyDestroyed (no such epoch) or SealBroken."""


@final
class FileKeyring:
    """Epoch keys in a JSON file that only its owner may read."""

    def __init__(self, keyring_id: str, current: int, epochs: Mapping[int, bytes]) -> None:
        self._id = keyring_id
        self._current = current
        self._epochs = dict(epochs)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Read the keyring. Raises KeyringMissing or KeyringUnreadable."""
        try:
            with path.open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                content = file.read()
        except FileNotFoundError:
            raise KeyringMissing from None
        except OSError:
            raise KeyringUnreadable from None
        if stat.S_IMODE(mode) & 0o077:
            raise KeyringUnreadable("Others may read the keyring file. Give it mode 0600.")
        try:
            return cls(*_parse(content))
        except (ValueError, KeyError, TypeError, AttributeError):
            # The parser's exception quotes the file, which is nothing but keys.
            raise KeyringUnreadable from None

    @classmethod
    def create(cls, path: Path) -> Self:
        """Make a keyring with one epoch, on disk before it is used.

        Where another process made the file in the meantime, that one is opened.
        Raises KeyringUnreadable.
        """
        made = cls(secrets.token_hex(16), 1, {1: AESGCM.generate_key(KEY_BYTES * 8)})
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_new(path, made._content())
        except FileExistsError:
            return cls.open(path)
        except OSError:
            raise KeyringUnreadable from None
        return made

    @property
    def id(self) -> str:
        """What tells this keyring from others."""
        return self._id

    @property
    def current(self) -> int:
        """The epoch that wraps today."""
        return self._current

    def wrap(self, key: bytes, context: bytes) -> tuple[int, bytes]:
        """Encrypt a data key with AES-256-GCM; the context is the associated data."""
        nonce = os.urandom(NONCE_BYTES)
        wrapped = AESGCM(self._epochs[self._current]).encrypt(nonce, key, context)
        return self._current, nonce + wrapped

    def unwrap(self, epoch: int, wrapped: bytes, context: bytes) -> bytes:
        """Decrypt a data key. Raises KeyDestroyed (no such epoch) or SealBroken."""
        key = self._epochs.get(epoch)
        if key is None:
            raise KeyDestroyed
        try:
            return AESGCM(key).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], context)
        except (InvalidTag, ValueError):
            raise SealBroken from None

    def __repr__(self) -> str:
        return f"FileKeyring(id={self._id!r}, current={self._current})"

    def _content(self) -> bytes:
        epochs = {str(epoch): base64.b64encode(key).decode() for epoch, key in self._epochs.items()}
        content = {"format": _FORMAT, "id": self._id, "current": self._current, "epochs": epochs}
        return json.dumps(content, indent=2).encode() + b"\n"


def _parse(content: bytes) -> tuple[str, int, dict[int, bytes]]:
    parsed = json.loads(content)
    epochs = {int(e): base64.b64decode(key, validate=True) for e, key in parsed["epochs"].items()}
    keyring_id, current = parsed["id"], parsed["current"]
    well_formed = (
        parsed["format"] == _FORMAT
        and isinstance(keyring_id, str)
        and isinstance(current, int)
        and current in epochs
        and all(len(key) == KEY_BYTES for key in epochs.values())
    )
    if not well_formed:
        raise ValueError
    return keyring_id, current, epochs


def _write_new(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, on disk when this returns. Raises FileExistsError."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)  # unlike a rename, this never replaces a keyring that is there
    finally:
        draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
