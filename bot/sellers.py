"""The sellers: merchants' selling accounts at Amazon, and how the settings name them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from bot.errors import SettingsError
from storage.errors import MalformedId
from storage.ids import MerchantId, merchant_id

_TOKEN = "SP_API_REFRESH_TOKEN"  # noqa: S105 - a name


class OrdersVersion(StrEnum):
    """The version of the Orders API that an account has."""

    V2026 = "2026-01-01"
    V0 = "v0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """A seller that is read.

    Attributes:
        marketplaces: Country codes of the marketplaces, as python-amazon-sp-api names them; all
            of one region.
        orders: Which version of the Orders API it is read with.
        wants_pii: Whether buyers and recipients are asked for.
        seller_id: Amazon's id of the seller, as notifications give it; empty where not set.
        refresh_token: The seller's authorization.
    """

    merchant: MerchantId
    marketplaces: tuple[str, ...]
    orders: OrdersVersion = OrdersVersion.V2026
    wants_pii: bool = False
    seller_id: str = ""
    refresh_token: str = field(repr=False)

    @property
    def token_mark(self) -> str:
        """What tells this authorization from another, and is of no other use."""
        return hashlib.sha256(self.refresh_token.encode()).hexdigest()[:16]


def sellers(environ: Mapping[str, str], *, wants_pii: bool) -> tuple[Seller, ...]:
    """Read the sellers: one without a name, and one for each `SP_API_REFRESH_TOKEN_...`.

    The names are those of python-amazon-sp-api: what is of one account ends in the account's name,
    which is the merchant's in capitals, with _ for -. What is of no account is of all.

    Args:
        environ: The settings.
        wants_pii: Whether buyers and recipients are asked for, of all of them.

    Raises:
        SettingsError: A setting is missing or malformed.
    """
    tokens = {
        name.removeprefix(f"{_TOKEN}_"): value.strip()
        for name, value in environ.items()
        if name.startswith(f"{_TOKEN}_") and value.strip()
    }
    found = [
        _seller(environ, _account_merchant(account), account, token)
        for account, token in sorted(tokens.items())
    ]
    lone = environ.get(_TOKEN, "").strip()
    if lone:
        merchant = environ.get("SP_API_MERCHANT", "").strip()
        if not merchant:
            raise SettingsError(f"{_TOKEN} needs SP_API_MERCHANT, the merchant's short name.")
        found.append(_seller(environ, _merchant(merchant, "SP_API_MERCHANT"), "", lone))
    if len({seller.merchant for seller in found}) != len(found):
        raise SettingsError(f"A merchant has two settings {_TOKEN}.")
    missing = [name for name in ("LWA_APP_ID", "LWA_CLIENT_SECRET") if not environ.get(name)]
    if found and missing:
        raise SettingsError(f"{_TOKEN} needs {' and '.join(missing)}, of the same application.")
    return tuple(replace(seller, wants_pii=wants_pii) for seller in found)


def _seller(environ: Mapping[str, str], merchant: MerchantId, account: str, token: str) -> Seller:
    def of_account(name: str, default: str = "") -> str:
        """Return a setting of the account, or that of all accounts."""
        own = environ.get(f"{name}_{account}", "") if account else ""
        return own.strip() or environ.get(name, "").strip() or default

    version = of_account("SP_API_ORDERS_VERSION", OrdersVersion.V2026)
    if version not in list(OrdersVersion):
        raise SettingsError(f"SP_API_ORDERS_VERSION is one of: {', '.join(OrdersVersion)}.")
    codes = of_account("SP_API_DEFAULT_MARKETPLACE", "US").upper()
    return Seller(
        merchant=merchant,
        marketplaces=tuple(part for part in re.split(r"[,\s]+", codes) if part),
        orders=OrdersVersion(version),
        seller_id=of_account("SP_API_SELLER_ID"),
        refresh_token=token,
    )


def _account_merchant(account: str) -> MerchantId:
    return _merchant(account.replace("_", "-"), f"{_TOKEN}_{account}")


def _merchant(name: str, setting: str) -> MerchantId:
    try:
        return merchant_id(name)
    except MalformedId:
        raise SettingsError(f"{setting} does not name a merchant.") from None
