"""The Ed25519 key that signs the audit's anchors, and the public key that checks them.

The signing key lies outside the database, so that whoever can rewrite the whole chain cannot sign
a head of it. Ed25519 is RFC 8032; files are PEM, as OpenSSL and ssh-keygen read them.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Final, Self, final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from storage.errors import SigningKeyMissing, SigningKeyUnreadable
from storage.private_file import NotPrivate, read_private, write_new

_UNPARSED: Final = (ValueError, TypeError, UnsupportedAlgorithm)


@final
class PublicKey:
    """What checks a signature. Not secret."""

    def __init__(self, key: Ed25519PublicKey) -> None:
        self._key: Final = key

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a public key in PEM. Raises SigningKeyUnreadable."""
        try:
            key = load_pem_public_key(path.read_bytes())
        except (OSError, *_UNPARSED):
            key = None
        if not isinstance(key, Ed25519PublicKey):
            raise SigningKeyUnreadable("That is no Ed25519 public key in PEM.")
        return cls(key)

    @property
    def id(self) -> str:
        """What tells this key from others: the first 16 hexadecimal digits of its SHA-256."""
        raw = self._key.public_bytes(Encoding.Raw, PublicFormat.Raw)
        return sha256(raw).hexdigest()[:16]

    @property
    def pem(self) -> str:
        """The key as OpenSSL reads it, with a line end."""
        form = PublicFormat.SubjectPublicKeyInfo
        return self._key.public_bytes(Encoding.PEM, form).decode()

    def verifies(self, signature: bytes, signed: bytes) -> bool:
        """Return whether the signature is of these bytes by this key."""
        try:
            self._key.verify(signature, signed)
        except InvalidSignature:
            return False
        return True


@final
class SigningKey:
    """What signs: a PEM file that only its owner may read."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key: Final = key

    @classmethod
    def open(cls, path: Path) -> Self:
        """Read the key. Raises SigningKeyMissing or SigningKeyUnreadable."""
        try:
            content, _ = read_private(path)
        except FileNotFoundError:
            raise SigningKeyMissing from None
        except NotPrivate:
            raise SigningKeyUnreadable(
                "Others may read the file of the audit's key. Give it mode 0600."
            ) from None
        except OSError:
            raise SigningKeyUnreadable from None
        # Raised outside of the handler: the parser's exception may quote the file.
        try:
            key = load_pem_private_key(content, password=None)
        except _UNPARSED:
            key = None
        if not isinstance(key, Ed25519PrivateKey):
            raise SigningKeyUnreadable
        return cls(key)

    @classmethod
    def create(cls, path: Path) -> Self:
        """Make a key, on disk before it is used, and never over one that is there.

        Where another process made the file in the meantime, that one is opened.
        Raises SigningKeyUnreadable.
        """
        made = Ed25519PrivateKey.generate()
        pem = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        try:
            write_new(path, pem)
        except FileExistsError:
            return cls.open(path)
        except OSError:
            raise SigningKeyUnreadable from None
        return cls(made)

    @property
    def public(self) -> PublicKey:
        """The public key that belongs to it."""
        return PublicKey(self._key.public_key())

    def sign(self, content: bytes) -> bytes:
        """Return the signature of these bytes, 64 bytes."""
        return self._key.sign(content)

    def __repr__(self) -> str:
        return f"SigningKey(id={self.public.id!r})"
