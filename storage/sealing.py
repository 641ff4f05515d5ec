"""Seal and open: sensitive values are encrypted before they come near the database.

One fresh AES-256-GCM data key per ticket and per order, wrapped by the keyring. Deleting the
wrapped key is deleting every value of its owner.
"""

from __future__ import annotations

import base64
import hmac
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, NewType, NoReturn, final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from nlp.text import RawText
from storage.errors import KeyDestroyed, SealBroken
from storage.ids import MerchantId, Owner
from storage.keyring import KEY_BYTES, NONCE_BYTES, Keyring
from storage.traces import form, forms

SealedText = NewType("SealedText", str)
"""A sealed value: `v1.` and the base64url of nonce and ciphertext."""

FINGERPRINT_BYTES: Final = 32
"""Length of a fingerprint."""
TRACE_BYTES: Final = 16
"""Length of a trace. Two of different forms are the same by chance in one of 2^128 cases."""

_VERSION: Final = "v1"
_PREFIX: Final = f"{_VERSION}."


@final
class DataKey:
    """The key of one owner's values. It prints and pickles as nothing."""

    __slots__ = ("__key",)

    def __init__(self, key: bytes) -> None:
        self.__key = key

    def material(self) -> bytes:
        """Return the 32 bytes. For the seal alone."""
        return self.__key

    def __repr__(self) -> str:
        return "DataKey(withheld)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A data key is not serialized. Wrap it.")


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappedKey:
    """A data key as the database keeps it.

    Attributes:
        epoch: The keyring's epoch that wrapped it.
        wrapped: Its ciphertext.
    """

    epoch: int
    wrapped: bytes


@final
class Sealing:
    """Makes data keys and seals values with them."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring: Final = keyring

    def new_key(self, owner: Owner) -> tuple[DataKey, WrappedKey]:
        """Make the data key of an owner who has none."""
        key = AESGCM.generate_key(KEY_BYTES * 8)
        epoch, wrapped = self._keyring.wrap(key, _context(owner))
        return DataKey(key), WrappedKey(epoch=epoch, wrapped=wrapped)

    def open_key(self, owner: Owner, wrapped: WrappedKey | None) -> DataKey:
        """Unwrap an owner's data key. Raises KeyDestroyed (None, or its epoch) or SealBroken."""
        if wrapped is None:
            raise KeyDestroyed
        return DataKey(self._keyring.unwrap(wrapped.epoch, wrapped.wrapped, _context(owner)))

    def rewrap(self, owner: Owner, wrapped: WrappedKey) -> WrappedKey:
        """Wrap an owner's data key by the current epoch. Raises KeyDestroyed or SealBroken."""
        context = _context(owner)
        key = self._keyring.unwrap(wrapped.epoch, wrapped.wrapped, context)
        epoch, anew = self._keyring.wrap(key, context)
        return WrappedKey(epoch=epoch, wrapped=anew)

    def seal(self, key: DataKey, owner: Owner, field: str, value: RawText) -> SealedText:
        """Encrypt a value for one owner and one field; it opens in no other place."""
        nonce = os.urandom(NONCE_BYTES)
        # Lone surrogates come in JSON from the outside and are no reason to lose a message.
        plain = value.reveal().encode("utf-8", "surrogatepass")
        sealed = AESGCM(key.material()).encrypt(nonce, plain, _associated(owner, field))
        return SealedText(_PREFIX + base64.urlsafe_b64encode(nonce + sealed).decode("ascii"))

    def open_sealed(self, key: DataKey, owner: Owner, field: str, sealed: SealedText) -> RawText:
        """Decrypt a value. Raises SealBroken where owner, field, key or bytes are others."""
        if not sealed.startswith(_PREFIX):
            raise SealBroken
        try:
            content = base64.b64decode(sealed[len(_PREFIX) :], altchars=b"-_", validate=True)
            if base64.urlsafe_b64encode(content).decode("ascii") != sealed[len(_PREFIX) :]:
                # Bits that the last character has to spare were changed.
                raise SealBroken
            nonce, ciphertext = content[:NONCE_BYTES], content[NONCE_BYTES:]
            plain = AESGCM(key.material()).decrypt(nonce, ciphertext, _associated(owner, field))
        except (InvalidTag, ValueError):
            raise SealBroken from None
        return RawText(plain.decode("utf-8", "surrogatepass"))

    def seal_token(self, key: DataKey, owner: Owner, field: str, token: str) -> SealedText:
        """Encrypt a token of Slack's as a value is."""
        return self.seal(key, owner, field, RawText(token))

    def open_token(self, key: DataKey, owner: Owner, field: str, sealed: SealedText) -> str:
        """Decrypt a token. Raises as `open_sealed` does."""
        return self.open_sealed(key, owner, field, sealed).reveal()

    def traces(
        self, keys: Iterable[DataKey], merchant: MerchantId, windows: Iterable[RawText]
    ) -> frozenset[bytes]:
        """Return the traces, under each key, of pieces of a message of a merchant's.

        A trace is HMAC-SHA256 cut to 16 bytes, of a form that `storage.traces` describes; its
        key is derived from the data key. Pieces that tell nothing have none.
        """
        found = {form(window.reveal()) for window in windows}
        return frozenset().union(*(_traces(key, merchant, found) for key in keys))

    def order_traces(
        self, key: DataKey, merchant: MerchantId, values: Mapping[str, RawText]
    ) -> frozenset[bytes]:
        """Return the traces that an order's values leave, by column."""
        plain = {name: value.reveal() for name, value in values.items()}
        return _traces(key, merchant, forms(plain))

    def fingerprints(
        self, key: DataKey, entity_type: str, keys: Sequence[RawText]
    ) -> tuple[bytes, ...]:
        """Return what is equal for equal keys of a kind under one data key, and tells no more.

        HMAC-SHA256 (`FINGERPRINT_BYTES`) of each; its key is derived from the data key, so that
        the fingerprints of a destroyed key cannot be tried out.
        """
        hmac_key = _derived(key, b"care fingerprint v1")
        plain = (f"{entity_type}\0{each.reveal()}" for each in keys)
        return tuple(
            hmac.digest(hmac_key, each.encode("utf-8", "surrogatepass"), sha256) for each in plain
        )


def disclose(value: RawText) -> str:
    """Return an opened value to show it to a person who may see it.

    The one way out of the seal. The caller writes an audit entry first, in a transaction that
    is committed before the value is shown.
    """
    return value.reveal()


def joined(parts: Sequence[RawText]) -> RawText:
    """Return one raw text of several, with spaces between: a first and a last name."""
    return RawText(" ".join(part.reveal() for part in parts))


def _derived(key: DataKey, use: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=use).derive(key.material())


def _traces(key: DataKey, merchant: MerchantId, found: Iterable[str]) -> frozenset[bytes]:
    hmac_key = _derived(key, b"care trace v1")
    # The merchant is part of it, so that no trace of one merchant's order is one of another's.
    scope = f"{merchant}\0".encode()
    distinct = {each.encode("utf-8", "surrogatepass") for each in found if each}
    return frozenset(
        hmac.digest(hmac_key, scope + each, "sha256")[:TRACE_BYTES] for each in distinct
    )


def _context(owner: Owner) -> bytes:
    return f"data key|{owner}|{_VERSION}".encode()


def _associated(owner: Owner, field: str) -> bytes:
    return f"{owner}|{field}|{_VERSION}".encode()
