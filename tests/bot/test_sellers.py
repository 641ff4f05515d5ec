"""The sellers are named by the environment, in the names of python-amazon-sp-api."""

from __future__ import annotations

import pytest

from bot.errors import SettingsError
from bot.sellers import OrdersVersion
from bot.settings import from_environment

KEYS = {"LWA_APP_ID": "amzn1.application-oa2-client.invented", "LWA_CLIENT_SECRET": "invented-key"}
BIRCH = {**KEYS, "SP_API_REFRESH_TOKEN_BIRCH_AND_BROOK": "Atzr|invented-one"}
LONE = {**KEYS, "SP_API_REFRESH_TOKEN": "Atzr|invented-lone", "SP_API_MERCHANT": "acme"}


def test_without_a_token_there_is_no_seller() -> None:
    """No setting of Amazon's is needed by those who do not read it."""
    settings = from_environment({})
    assert settings.sellers == ()
    assert settings.sp_api_endpoint == settings.sqs_queue_url == ""


def test_a_token_names_its_merchant() -> None:
    """An account is the merchant in capitals; what is of no account is of all."""
    told = {
        **BIRCH,
        "SP_API_REFRESH_TOKEN_CEDAR": "Atzr|invented-two",
        "SP_API_DEFAULT_MARKETPLACE": "de, FR",
        "SP_API_DEFAULT_MARKETPLACE_CEDAR": "US",
        "SP_API_ORDERS_VERSION_CEDAR": "v0",
        "SP_API_SELLER_ID_CEDAR": "AINVENTED1",
        "SP_API_PII": "true",
    }
    birch, cedar = from_environment(told).sellers
    assert (birch.merchant, birch.marketplaces) == ("birch-and-brook", ("DE", "FR"))
    assert (birch.orders, birch.seller_id) == (OrdersVersion.V2026, "")
    assert (cedar.merchant, cedar.marketplaces) == ("cedar", ("US",))
    assert (cedar.orders, cedar.seller_id) == (OrdersVersion.V0, "AINVENTED1")
    assert birch.wants_pii
    assert birch.token_mark != cedar.token_mark


def test_buyers_are_not_asked_for_by_default() -> None:
    """PII is wanted by a setting, and not otherwise."""
    [seller] = from_environment(BIRCH).sellers
    assert not seller.wants_pii


def test_one_seller_needs_its_merchant_named() -> None:
    """A token without an account is that of the merchant that a setting names."""
    [seller] = from_environment(LONE).sellers
    assert (seller.merchant, seller.marketplaces) == ("acme", ("US",))


@pytest.mark.parametrize(
    ("told", "named"),
    [
        ({"SP_API_REFRESH_TOKEN_ACME": "Atzr|invented"}, "LWA_APP_ID and LWA_CLIENT_SECRET"),
        ({**KEYS, "SP_API_REFRESH_TOKEN": "Atzr|invented"}, "SP_API_MERCHANT"),
        ({**LONE, "SP_API_MERCHANT": "No Merchant!"}, "SP_API_MERCHANT"),
        ({**LONE, "SP_API_REFRESH_TOKEN_ACME": "Atzr|invented"}, "two settings"),
        ({**KEYS, "SP_API_REFRESH_TOKEN__": "Atzr|invented"}, "SP_API_REFRESH_TOKEN__"),
        ({**BIRCH, "SP_API_ORDERS_VERSION": "2025-01-01"}, "SP_API_ORDERS_VERSION"),
        ({**BIRCH, "SP_API_ENDPOINT": "amazon"}, "SP_API_ENDPOINT"),
        ({**BIRCH, "SP_API_PII": "perhaps"}, "SP_API_PII"),
    ],
)
def test_a_setting_that_is_wrong_is_named(told: dict[str, str], named: str) -> None:
    """Its name is told and what it should be, and no token nor key."""
    with pytest.raises(SettingsError) as raised:
        from_environment(told)
    assert named in str(raised.value)
    assert "invented" not in str(raised.value)


def test_tokens_are_not_shown() -> None:
    """Neither a seller nor the settings show an authorization or the application's secret."""
    settings = from_environment(BIRCH)
    assert "invented-one" not in repr(settings.sellers) + str(settings) + repr(settings)
    assert "invented-key" not in repr(settings)
