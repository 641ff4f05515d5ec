"""Where a list goes on: opaque tokens that hold the query, the window and the place.

A token is good for 24 hours, as Amazon's are in version 2026-01-01 of the Orders API, and only
for the query that it came from.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from bot.sandbox.amazon.answers import Refused
from bot.sandbox.amazon.moments import DAY
from bot.sandbox.amazon.timeline import Place

TOKEN_SECONDS: Final = DAY
_DIGEST: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """Where a list goes on.

    Attributes:
        owner: The seller's id: tokens are no good for another.
        query: What was asked for on the first page.
        until: The end of the window, in seconds since 1970, which stays.
        place: Behind what the next page begins.
        expires: In seconds since 1970.
    """

    owner: str
    query: Mapping[str, str]
    until: int
    place: Place
    expires: int

    def token(self) -> str:
        """Return the cursor as opaque text."""
        parts = [self.owner, dict(self.query), self.until, *self.place, self.expires]
        written = json.dumps(parts, sort_keys=True).encode()
        return urlsafe_b64encode(_digest(written) + written).decode()


def read_cursor(token: str, *, owner: str, given: Mapping[str, str], now: int) -> Cursor:
    """Return the cursor of a token.

    Args:
        token: What the last page ended with.
        owner: Who asks, and with what; see `Cursor`.
        given: The other parameters that came with the token. Those that are there must be as
            they were on the first page.
        now: In seconds since 1970.

    Raises Refused where the token is garbled, expired, or another query's.
    """
    try:
        raw = urlsafe_b64decode(token.encode())
        written = raw[_DIGEST:]
        if raw[:_DIGEST] != _digest(written):
            raise ValueError
        of, query, until, at, order_id, expires = json.loads(written)
    except ValueError:
        raise Refused(400, "The pagination token is not valid.") from None
    if of != owner:
        raise Refused(400, "The pagination token is not valid.")
    if now >= expires:
        raise Refused(400, "The pagination token has expired.")
    for name, value in given.items():
        if query.get(name) != value:
            raise Refused(400, f"{name} differs from the request that the token came from.")
    return Cursor(owner=of, query=query, until=until, place=(at, order_id), expires=expires)


def _digest(written: bytes) -> bytes:
    """Return what a garbled token does not have."""
    return sha256(b"sandbox amazon" + written).digest()[:_DIGEST]
