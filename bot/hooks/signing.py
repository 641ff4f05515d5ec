"""Secrets of hooks: several at once while one is being replaced, compared in constant time."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.errors import HookRefused, SettingsError
from storage.external import HelpDesk

WINDOW: Final = timedelta(minutes=5)
"""How far a delivery's time may be off, either way; more is a replay."""
_SHORTEST: Final = 16
"""Characters of a secret that people choose themselves; the providers' own are longer."""


class Secrets:
    """The secrets of one help desk.

    Raises:
        SettingsError: There is none, or one is too short to be a secret.
    """

    def __init__(self, desk: HelpDesk, secrets: Sequence[str]) -> None:
        if not secrets or any(len(secret) < _SHORTEST for secret in secrets):
            raise SettingsError(
                f"HOOK_{desk.name}_SECRET holds a secret of fewer than {_SHORTEST} characters."
            )
        self._keys: Final = tuple(secret.encode() for secret in secrets)

    def verify_base64(self, signature: str, message: bytes) -> None:
        """Verify a base64 HMAC-SHA256 over `message`. Raises HookRefused."""
        digests = (hmac.digest(key, message, "sha256") for key in self._keys)
        _one_of(signature, (base64.b64encode(digest) for digest in digests))

    def verify_sha1(self, signature: str, message: bytes) -> None:
        """Verify `sha1=` and a hexadecimal HMAC-SHA1 over `message`. Raises HookRefused."""
        digests = (hmac.digest(key, message, "sha1") for key in self._keys)
        _one_of(signature, (b"sha1=" + digest.hex().encode() for digest in digests))

    def verify_plain(self, secret: str) -> None:
        """Verify a secret that comes as it is. Raises HookRefused."""
        _one_of(secret, self._keys)


def in_milliseconds(value: str) -> datetime:
    """Read a header's time, given in milliseconds. Raises HookRefused."""
    if not (value.isascii() and value.isdigit() and len(value) <= 15):
        raise HookRefused
    try:
        return datetime.fromtimestamp(int(value) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        raise HookRefused from None


def in_iso(value: str) -> datetime:
    """Read a header's time, ISO 8601 with its offset. Raises HookRefused."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise HookRefused from None
    if moment.tzinfo is None:
        raise HookRefused
    return moment


def verify_time(signed_at: datetime, now: datetime) -> None:
    """Refuse what was not signed just now. Raises HookRefused."""
    if abs(now - signed_at) > WINDOW:
        raise HookRefused


def _one_of(given: str, right: Iterable[bytes]) -> None:
    # All are compared, so that the time taken does not tell which one it was.
    sent = given.encode("utf-8", "replace")
    if not any([hmac.compare_digest(sent, each) for each in right]):  # noqa: C419
        raise HookRefused
