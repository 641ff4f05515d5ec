"""The tokens of the sandbox Amazon: LWA's access tokens and restricted data tokens.

Both live for 3,600 seconds of the sandbox's clock.
https://developer-docs.amazon.com/sp-api/docs/connect-to-the-selling-partner-api and
https://developer-docs.amazon.com/sp-api/docs/tokens-api-use-case-guide
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.sandbox.amazon.answers import DENIED, EXPIRED, Refused
from bot.sandbox.amazon.operations import Operation, path_pattern
from bot.sandbox.amazon.seller import Seller

TOKEN_SECONDS: Final = 3600
"""How long Amazon's tokens are good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """What a restricted data token opens: a path, in which `{orderId}` is any, and the data."""

    method: str
    path: str
    elements: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a token stands for.

    Attributes:
        seller: None for a grantless token.
        until: When it expires, in seconds since 1970.
        resources: What a restricted data token opens, None for other tokens.
    """

    seller: Seller | None
    until: int
    resources: tuple[Resource, ...] | None = None

    def elements(self, method: str, path: str) -> frozenset[str] | None:
        """Return the personal data that a restricted token opens at a path, None for nothing."""
        matching = [
            resource.elements
            for resource in self.resources or ()
            if resource.method == method and path_pattern(resource.path).fullmatch(path)
        ]
        return frozenset().union(*matching) if matching else None


class Tokens:
    """Every token that was given out. The world's lock guards it; time is an argument.

    Attributes:
        seconds: How long tokens given out from now on are good. The library keeps a token for
            the better part of an hour of real time, so that a test which moves the clock by
            hours wants them to live longer.
    """

    def __init__(self) -> None:
        self.seconds = TOKEN_SECONDS
        self._grants: dict[str, Grant] = {}

    def lend(
        self, seller: Seller | None, now: int, resources: Sequence[Resource] | None = None
    ) -> str:
        """Return a new token: grantless without a seller, restricted with resources."""
        kind = "Atza|" if resources is None else "Atz.sprdt|"
        token = kind + secrets.token_urlsafe(64)
        self._grants[token] = Grant(
            seller=seller,
            until=now + self.seconds,
            resources=None if resources is None else tuple(resources),
        )
        return token

    def find(self, token: str) -> Grant | None:
        """Return what a token stands for, good or not; None where it was never given out."""
        return self._grants.get(token)

    def use(self, token: str, operation: Operation, path: str, now: int) -> Grant:
        """Return what a token stands for. Raises Refused where it is not good for a call."""
        grant = self._grants.get(token)
        if grant is None or (grant.seller is not None and grant.seller.revoked):
            raise Refused(403, DENIED)
        if now >= grant.until:
            raise Refused(403, EXPIRED)
        if operation.grantless != (grant.seller is None):
            raise Refused(403)
        if grant.seller is not None and operation.role and operation.role not in grant.seller.roles:
            raise Refused(403)
        if grant.resources is not None and (
            not operation.restricted or grant.elements(operation.method, path) is None
        ):
            raise Refused(403)
        return grant
