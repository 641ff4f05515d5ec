"""Login with Amazon: a seller's refresh token for an access token, one request an hour.

The library keeps ten tokens for all sellers and threads, without a lock; an eleventh seller would
have it ask again and again. Here each application has its own, under a lock.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, final

import httpx

from bot.amazon.library import AccessTokenClient, AccessTokenResponse
from bot.amazon.transport import status_error, unreached
from bot.errors import AmazonBusy, AmazonKeysRefused, AmazonRevoked, AmazonUnreadable

AMAZON: Final = "https://api.amazon.com"
_PATH: Final = "/auth/o2/token"
_MARGIN: Final = 60.0
"""Seconds before its end from which a token is not used any more."""
_LONGEST: Final = 10**9
_KEYS: Final = frozenset({"invalid_client", "unauthorized_client"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """The application that sellers have authorized.

    Attributes:
        client_id: `LWA_APP_ID`.
        endpoint: Where tokens are asked for.
    """

    client_id: str
    client_secret: str = field(repr=False)
    endpoint: str = AMAZON


@final
class Login:
    """Access tokens, kept until they end."""

    def __init__(self, application: Application, client: httpx.Client) -> None:
        self._application: Final = application
        self._client: Final = client
        self._lock: Final = threading.Lock()
        self._kept: Final[dict[str, tuple[str, float]]] = {}

    def seller_token(self, refresh_token: str) -> str:
        """Return an access token for a seller.

        Raises:
            AmazonRevoked: The authorization is not good any more.
            AmazonKeysRefused: The application's own keys are not good.
            AmazonBusy, AmazonUnreadable: Amazon does not answer properly.
        """
        return self._token(
            refresh_token, {"grant_type": "refresh_token", "refresh_token": refresh_token}
        )

    def scope_token(self, scope: str) -> str:
        """Return an access token for what needs no seller. Raises as `seller_token` does."""
        return self._token(scope, {"grant_type": "client_credentials", "scope": scope})

    def forget(self, refresh_token: str) -> None:
        """Use a seller's access token no longer."""
        with self._lock:
            self._kept.pop(refresh_token, None)

    def _token(self, key: str, form: Mapping[str, str]) -> str:
        with self._lock:
            token, until = self._kept.get(key, ("", 0.0))
            if time.monotonic() < until:
                return token
        asked_at = time.monotonic()
        token, seconds = self._asked(form)
        with self._lock:
            self._kept[key] = (token, asked_at + seconds - _MARGIN)
        return token

    def _asked(self, form: Mapping[str, str]) -> tuple[str, float]:
        keys = {
            "client_id": self._application.client_id,
            "client_secret": self._application.client_secret,
        }
        with unreached():
            response = self._client.post(
                f"{self._application.endpoint}{_PATH}", data={**form, **keys}
            )
        try:
            content = response.json()
        except (ValueError, RecursionError):
            content = None
        found = content if isinstance(content, dict) else {}
        if response.status_code != 200:
            raise _refusal(response, str(found.get("error", "")))
        return lent(found.get("access_token"), found.get("expires_in"))


def lent(token: object, seconds: object) -> tuple[str, float]:
    """Return a token that can be sent, and how long it is good. Raises AmazonUnreadable."""
    if not isinstance(token, str) or not re.fullmatch(r"[!-~]{1,8192}", token):
        raise AmazonUnreadable
    if not isinstance(seconds, int) or not 0 <= seconds <= _LONGEST:
        raise AmazonUnreadable
    return token, float(seconds)


def _refusal(response: httpx.Response, code: str) -> Exception:
    if code == "invalid_grant":
        return AmazonRevoked()
    if code in _KEYS:
        return AmazonKeysRefused()
    error = status_error(response.status_code, response.headers)
    return error if isinstance(error, AmazonBusy) else AmazonKeysRefused()


def token_client(login: Login, refresh_token: str) -> type[AccessTokenClient]:
    """Return what the library asks for access tokens, with ours behind it."""

    class OfLogin(AccessTokenClient):  # type: ignore[misc]
        """The library's way to ask, which it builds by itself."""

        def __init__(self, **_: object) -> None:
            pass

        def get_auth(self) -> AccessTokenResponse:
            """Return the seller's access token."""
            return AccessTokenResponse(access_token=login.seller_token(refresh_token))

        def get_grantless_auth(self, scope: str) -> AccessTokenResponse:
            """Return an access token of the application alone."""
            return AccessTokenResponse(access_token=login.scope_token(scope))

    return OfLogin
