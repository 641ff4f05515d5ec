"""The sellers that are read, each with its ways into Amazon. Built once, from the settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, final

import httpx

from bot.amazon.calls import Calls
from bot.amazon.client import Clients, http_client, marketplaces
from bot.amazon.login import AMAZON, Application, Login
from bot.amazon.orders_2026 import Orders2026
from bot.amazon.orders_api import OrdersApi
from bot.amazon.orders_v0 import OrdersV0Api
from bot.amazon.returns_api import ReturnsApi
from bot.sellers import OrdersVersion, Seller
from bot.settings import Settings
from storage.ids import MerchantId
from storage.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A seller and the ways to its orders and returns."""

    seller: Seller
    calls: Calls
    orders: OrdersApi
    returns: ReturnsApi


@final
class Accounts(Mapping[MerchantId, Account]):
    """The accounts of every seller, by merchant, and the connections that they share."""

    def __init__(
        self, found: Mapping[MerchantId, Account], http: httpx.Client | None = None
    ) -> None:
        self._found: Final = found
        self._http: Final = http

    def __getitem__(self, merchant: MerchantId) -> Account:
        return self._found[merchant]

    def __iter__(self) -> Iterator[MerchantId]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def close(self) -> None:
        """Close the connections."""
        if self._http is not None:
            self._http.close()


def accounts(settings: Settings, store: Store, clock: Callable[[], datetime]) -> Accounts:
    """Return the accounts of every seller that the settings name. Asks Amazon for nothing.

    Raises:
        SettingsError: A marketplace is none that the library knows.
    """
    if not settings.sellers:
        return Accounts({})
    endpoint, application = settings.sp_api_endpoint, _application(settings)
    http = http_client()
    login = Login(application, http)

    def account(seller: Seller) -> Account:
        clients = Clients(seller, application, login, http, endpoint=endpoint)
        calls = Calls(seller, clients, login, store, clock)
        is_old = seller.orders is OrdersVersion.V0
        return Account(
            seller=seller,
            calls=calls,
            orders=OrdersV0Api(calls) if is_old else Orders2026(calls),
            returns=ReturnsApi(calls, http),
        )

    return Accounts({seller.merchant: account(seller) for seller in settings.sellers}, http)


def log_in(settings: Settings, seller: Seller) -> None:
    """Find out whether a seller's authorization stands. Raises AmazonError and SettingsError."""
    marketplaces(seller.marketplaces)
    with http_client() as http:
        Login(_application(settings), http).seller_token(seller.refresh_token)


def _application(settings: Settings) -> Application:
    return Application(
        client_id=settings.lwa_app_id,
        client_secret=settings.lwa_client_secret,
        endpoint=settings.sp_api_endpoint or AMAZON,
    )
