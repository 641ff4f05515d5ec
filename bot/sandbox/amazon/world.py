"""The state of the sandbox Amazon. One lock guards it all; whoever reads or changes it holds it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from threading import RLock

from bot.sandbox.amazon.calls import UNKNOWN, Call
from bot.sandbox.amazon.documents import Documents
from bot.sandbox.amazon.faults import Faults
from bot.sandbox.amazon.limits import Limits
from bot.sandbox.amazon.marketplaces import MARKETPLACES
from bot.sandbox.amazon.moments import seconds
from bot.sandbox.amazon.notifications import Notifications
from bot.sandbox.amazon.reports import Reports
from bot.sandbox.amazon.seller import Seller
from bot.sandbox.amazon.tokens import Tokens
from bot.sandbox.errors import SandboxBroken, SandboxMisused, UnknownMethodCalled


def real_time() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


class World:
    """Sellers, their orders, and what the application was given to ask for them.

    Attributes:
        clock: Returns the time, aware and in UTC. Nothing runs beside it: what happens
            happens when somebody looks.
        client_id: The application's LWA client id.
        client_secret: Its LWA client secret.
        checks_dates: Whether `x-amz-date` must be within five minutes of the clock.
        sellers: By account name.
        calls: Every request, in order.
        failures: `operation: ErrorClass` where the sandbox itself failed.
        origin: Address of the server, set when it starts.
    """

    def __init__(self, *, clock: Callable[[], datetime] = real_time) -> None:
        self.clock = clock
        self.lock = RLock()
        self.client_id = "amzn1.application-oa2-client.sandbox"
        self.client_secret = f"amzn1.oa2-cs.v1.{secrets.token_hex(16)}"
        self.checks_dates = False
        self.sellers: dict[str, Seller] = {}
        self.tokens = Tokens()
        self.limits = Limits(self.lock)
        self.faults = Faults(self.lock)
        self.documents = Documents()
        self.reports = Reports(self.documents)
        self.notifications = Notifications()
        self.calls: list[Call] = []
        self.failures: list[str] = []
        self.origin = ""

    def now(self) -> int:
        """Return the clock's time in whole seconds since 1970."""
        return seconds(self.clock())

    def add_seller(
        self,
        name: str,
        *,
        orders: int = 0,
        returns: int = 0,
        seed: int = 0,
        marketplace: str = "US",
        days: float = 60,
        v0_only: bool = False,
        afn_share: float = 0.1,
        prime_share: float = 0.05,
    ) -> Seller:
        """Add a seller who has authorised the application.

        Args:
            name: What the bot calls the account, such as `birch-and-brook`.
            orders: How many were purchased in the `days` before now. More arrive at that pace.
            returns: How many of these orders come back, sooner or later.
            marketplace: A code of `MARKETPLACES`.
            days: How far back the first order lies.
            seed: What all that is invented follows from, with the name.
            v0_only: Whether version 2026-01-01 of the Orders API is refused.
            afn_share: The share of orders that Amazon fulfils, 0 to 1.
            prime_share: The share of the merchant's orders that are Seller Fulfilled Prime.

        Raises SandboxMisused for a name that is there, or a marketplace that is not.
        """
        with self.lock:
            if name in self.sellers or marketplace not in MARKETPLACES:
                raise SandboxMisused("There is a seller of that name, or no such marketplace.")
            seller = Seller(
                name,
                lock=self.lock,
                clock=self.clock,
                marketplace=MARKETPLACES[marketplace],
                orders=orders,
                returns=returns,
                days=days,
                seed=seed,
                v0_only=v0_only,
                afn_share=afn_share,
                prime_share=prime_share,
            )
            self.sellers[name] = seller
            return seller

    def environment(self) -> Mapping[str, str]:
        """Return the settings that point the bot here, for all sellers."""
        with self.lock:
            settings = {
                "SP_API_ENDPOINT": self.origin,
                "LWA_APP_ID": self.client_id,
                "LWA_CLIENT_SECRET": self.client_secret,
            }
            for seller in self.sellers.values():
                account = seller.name.upper().replace("-", "_")
                settings[f"SP_API_REFRESH_TOKEN_{account}"] = seller.refresh_token
                settings[f"SP_API_SELLER_ID_{account}"] = seller.seller_id
                settings.setdefault("SP_API_DEFAULT_MARKETPLACE", seller.marketplace.code)
            return settings

    def calls_of(self, operation: str) -> tuple[Call, ...]:
        """Return the requests of one operation, oldest first."""
        with self.lock:
            return tuple(call for call in self.calls if call.operation == operation)

    def check(self) -> None:
        """Raise UnknownMethodCalled or SandboxBroken where the sandbox could not serve the bot."""
        with self.lock:
            if any(call.operation == UNKNOWN for call in self.calls):
                raise UnknownMethodCalled("The sandbox Amazon lacks an operation that was called.")
            if self.failures:
                raise SandboxBroken(f"The sandbox Amazon failed in {', '.join(self.failures)}.")
