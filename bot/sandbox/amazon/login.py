"""Login with Amazon: POST /auth/o2/token.

https://developer-docs.amazon.com/sp-api/docs/connect-to-the-selling-partner-api and, for the
errors, https://developer.amazon.com/docs/login-with-amazon/access-token.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.sandbox.amazon.answers import LwaRefused, Reply
from bot.sandbox.amazon.world import World

NOTIFICATIONS_SCOPE: Final = "sellingpartnerapi::notifications"


def request_token(world: World, form: Mapping[str, str]) -> Reply:
    """Return an access token for a refresh token, or a grantless one. Raises LwaRefused."""
    kind = form.get("grant_type", "")
    if kind not in ("refresh_token", "client_credentials"):
        raise LwaRefused(
            400,
            "unsupported_grant_type",
            "The authorization grant type is not supported by the authorization server",
        )
    if (form.get("client_id"), form.get("client_secret")) != (
        world.client_id,
        world.client_secret,
    ):
        raise LwaRefused(401, "invalid_client", "Client authentication failed")
    answer: dict[str, object] = {"token_type": "bearer", "expires_in": world.tokens.seconds}
    if kind == "client_credentials":
        if form.get("scope") != NOTIFICATIONS_SCOPE:
            raise LwaRefused(400, "invalid_scope", "The requested scope is invalid or unknown")
        return Reply(body={"access_token": world.tokens.lend(None, world.now()), **answer})
    refresh = form.get("refresh_token", "")
    for seller in world.sellers.values():
        if seller.refresh_token == refresh and not seller.revoked:
            token = world.tokens.lend(seller, world.now())
            return Reply(body={"access_token": token, "refresh_token": refresh, **answer})
    raise LwaRefused(
        400, "invalid_grant", "The request has an invalid grant parameter : refresh_token"
    )
