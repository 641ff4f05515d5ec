"""python-amazon-sp-api, imported without the variables that it reads while it is imported.

With an AWS_ENV that it does not know, or an SP_API_DEFAULT_MARKETPLACE that is none, its import
fails; with one that is, it takes that marketplace whatever it is told.
"""

from __future__ import annotations

from bot.settings import hidden

with hidden("AWS_ENV", "SP_API_"):
    from sp_api.api import Notifications, Reports, Tokens
    from sp_api.api.orders.orders_2026_01_01 import OrdersV20260101
    from sp_api.api.orders.orders_v0 import OrdersV0
    from sp_api.auth import AccessTokenClient, AccessTokenResponse
    from sp_api.base import Client, Marketplaces
    from sp_api.base._transport_httpx import HttpxTransport

__all__ = [
    "AccessTokenClient",
    "AccessTokenResponse",
    "Client",
    "HttpxTransport",
    "Marketplaces",
    "Notifications",
    "OrdersV0",
    "OrdersV20260101",
    "Reports",
    "Tokens",
]
