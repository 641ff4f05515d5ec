"""What can stop a feed: the word that is kept, what Care is told, when it is tried again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final

from bot.errors import (
    AmazonBusy,
    AmazonError,
    AmazonForbidden,
    AmazonKeysRefused,
    AmazonRefused,
    AmazonRevoked,
)
from storage.feeds import FeedKind
from storage.ids import MerchantId

LONGEST_BACKOFF: Final = timedelta(minutes=15)
_FIRST_BACKOFF: Final = 5.0


class Trouble(StrEnum):
    """Why a feed's last turn failed, in a word that is kept."""

    REVOKED = "revoked"
    KEYS = "keys_refused"
    FORBIDDEN = "forbidden"
    REFUSED = "refused"
    BUSY = "busy"
    UNREADABLE = "unreadable"
    CLOCK = "clock"


_TOLD: Final[Mapping[Trouble, str]] = {
    Trouble.REVOKED: (
        "has withdrawn Jetpack's authorization, or it has expired. Its orders and returns are "
        "paused until there is a new one: ask the merchant to authorize Jetpack again in Seller "
        "Central, and set the new refresh token."
    ),
    Trouble.KEYS: "cannot be read: Amazon refuses LWA_APP_ID and LWA_CLIENT_SECRET.",
    Trouble.FORBIDDEN: (
        "cannot be read: the application lacks a role, or the merchant did not grant it (403). "
        "An account without the Orders API 2026-01-01 is set to v0."
    ),
    Trouble.REFUSED: "cannot be read: Amazon refuses the request (400). Check the marketplace.",
    Trouble.CLOCK: (
        "cannot be read: this machine's clock is more than five minutes off Amazon's. Set it right."
    ),
    Trouble.BUSY: "has not been read for a while: Amazon is busy or cannot be reached.",
    Trouble.UNREADABLE: "has not been read for a while: Amazon's replies cannot be read.",
}


def told(merchant: MerchantId, kind: FeedKind, trouble: Trouble) -> str:
    """Say to Care what is wrong with a seller, and what to do."""
    what = "" if trouble is Trouble.REVOKED else f" ({kind})"
    return f":warning: Amazon: *{merchant}*{what} {_TOLD[trouble]}"


def backoff(failures: int, error: AmazonError) -> timedelta:
    """Return how long to wait after so many failures in a row: twice as long each time."""
    asked = error.retry_after if isinstance(error, AmazonBusy) else 0.0
    doubled = _FIRST_BACKOFF * 2.0 ** min(failures - 1, 12)
    return max(timedelta(seconds=asked), min(timedelta(seconds=doubled), LONGEST_BACKOFF))


def trouble_of(error: AmazonError, *, is_clock_off: bool) -> Trouble:
    """Return what an error comes to; a clock that is off explains many a refusal."""
    if isinstance(error, AmazonRevoked):
        return Trouble.REVOKED
    if isinstance(error, AmazonKeysRefused):
        return Trouble.KEYS
    if isinstance(error, AmazonForbidden | AmazonRefused) and is_clock_off:
        return Trouble.CLOCK
    if isinstance(error, AmazonForbidden):
        return Trouble.FORBIDDEN
    if isinstance(error, AmazonBusy):
        return Trouble.BUSY
    return Trouble.REFUSED if isinstance(error, AmazonRefused) else Trouble.UNREADABLE
