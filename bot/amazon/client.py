"""The library's clients for a seller, built once, with our transport and our access tokens.

The library would take credentials and the marketplace from the environment, and build a connection
of its own for each client.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import Final, TypeVar

import httpx

from bot.amazon.library import (
    Client,
    Marketplaces,
    Notifications,
    OrdersV0,
    OrdersV20260101,
    Reports,
    Tokens,
)
from bot.amazon.login import Application, Login, token_client
from bot.amazon.transport import TIMEOUT_SECONDS, CheckedTransport
from bot.errors import SettingsError
from bot.sellers import Seller
from bot.settings import hidden

C = TypeVar("C", bound=Client)


def http_client() -> httpx.Client:
    """Return what sends all requests to Amazon. It follows no redirect and knows no proxy file."""
    return httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False)


@dataclass(frozen=True, slots=True)
class Marketplace:
    """What the library wants of a marketplace; the endpoint may be a stand-in."""

    endpoint: str
    marketplace_id: str
    region: str


def marketplaces(codes: tuple[str, ...], endpoint: str = "") -> tuple[Marketplace, ...]:
    """Return marketplaces by their country codes. Raises SettingsError for one that is not."""
    try:
        found = [Marketplaces[code] for code in codes]
    except KeyError:
        known = ", ".join(sorted(Marketplaces.__members__))
        raise SettingsError(
            f"SP_API_DEFAULT_MARKETPLACE or SP_API_DEFAULT_MARKETPLACE_... is none of: {known}."
        ) from None
    if not found:
        raise SettingsError("SP_API_DEFAULT_MARKETPLACE names no marketplace.")
    if len({each.endpoint for each in found}) > 1:
        raise SettingsError("The marketplaces of a seller must lie in one region of Amazon's.")
    return tuple(
        Marketplace(
            endpoint=endpoint or each.endpoint,
            marketplace_id=each.marketplace_id,
            region=each.region,
        )
        for each in found
    )


class Clients:
    """The library's clients of one seller.

    Attributes:
        transport: What they all send their requests by.

    Raises:
        SettingsError: A marketplace is none that the library knows.
    """

    def __init__(
        self,
        seller: Seller,
        application: Application,
        login: Login,
        http: httpx.Client,
        *,
        endpoint: str = "",
    ) -> None:
        self._seller: Final = seller
        self.transport: Final = CheckedTransport(client=http)
        self._keys: Final = {
            "refresh_token": seller.refresh_token,
            "lwa_app_id": application.client_id,
            "lwa_client_secret": application.client_secret,
        }
        self._token_client: Final = token_client(login, seller.refresh_token)
        self.marketplaces: Final = marketplaces(seller.marketplaces, endpoint)
        self.orders: Final = self._built(OrdersV20260101)
        self.orders_v0: Final = self._built(OrdersV0)
        self.tokens: Final = self._built(Tokens)
        self.reports: Final = self._built(Reports)
        self.notifications: Final = self._built(Notifications)

    @property
    def marketplace_ids(self) -> list[str]:
        """Amazon's ids of the marketplaces."""
        return [each.marketplace_id for each in self.marketplaces]

    def restricted(self, token: str) -> OrdersV0:
        """Return a client for calls with a restricted token, and for no others."""
        client = copy(self.orders_v0)
        client.restricted_data_token = token
        return client

    def _built(self, kind: type[C]) -> C:
        with hidden("SP_API_"):
            client = kind(
                self.marketplaces[0],
                credentials=self._keys,
                auth_token_client_class=self._token_client,
                verify=False,  # of the transport that it builds, which is let go at once
            )
        client._transport.close()
        client._transport = self.transport
        return client  # type: ignore[no-any-return]
