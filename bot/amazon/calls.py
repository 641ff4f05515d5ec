"""Calls of one seller: within the limits that all workers share, and each reply one of ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol, final

from bot.amazon.client import Clients
from bot.amazon.login import Login
from bot.amazon.operations import BELOW_RATE, Operation, plan
from bot.amazon.transport import AccessTokenExpired, rate
from bot.errors import AmazonBusy, AmazonError, AmazonUnreadable
from bot.sellers import Seller
from storage.store import Store

MOST_SKEW: Final = timedelta(minutes=5)
"""How far a request's time may be off."""


class NotYet(Exception):
    """The seller's limit allows no call now.

    Attributes:
        seconds: Until it does.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds


class ApiResponse(Protocol):
    """What the library returns, as far as it is used. Its text is the payload: never format it."""

    payload: object
    headers: Mapping[str, str]
    next_token: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What Amazon answered.

    Attributes:
        payload: The JSON object, of which nothing may be logged.
        next_token: What asks for the next page, None where there is none.
    """

    payload: Mapping[str, object] = field(repr=False)
    next_token: str | None


@final
class Calls:
    """Makes the calls of one seller.

    Attributes:
        seller: Whose calls they are.
        clients: The library's clients, to be called by way of `make` alone.
    """

    def __init__(
        self,
        seller: Seller,
        clients: Clients,
        login: Login,
        store: Store,
        clock: Callable[[], datetime],
    ) -> None:
        self.seller: Final = seller
        self.clients: Final = clients
        self._login: Final = login
        self._store: Final = store
        self._clock: Final = clock
        self._rates: Final[dict[Operation, float]] = {}
        self._skew = timedelta(0)

    def make(self, operation: Operation, call: Callable[[], ApiResponse]) -> Answer:
        """Make a call. An access token that ended meanwhile is replaced, once.

        Raises:
            NotYet: The limit allows none now.
            AmazonError: See its classes.
        """
        try:
            return _answer(self._asked(operation, call))
        except AmazonError as error:
            error.operation = operation
            raise

    def _asked(self, operation: Operation, call: Callable[[], ApiResponse]) -> ApiResponse:
        try:
            return self._made(operation, call)
        except AccessTokenExpired:
            self._login.forget(self.seller.refresh_token)
            return self._made(operation, call)

    def amazon_now(self) -> datetime:
        """Return the time by Amazon's clock, as far as its last reply told."""
        return self._clock() - self._skew

    def is_clock_off(self) -> bool:
        """Return whether, at Amazon's last reply, our clock was further off than Amazon takes."""
        return abs(self._skew) > MOST_SKEW

    def spend(self, operation: Operation) -> None:
        """Take a call of the seller's limit. Raises NotYet."""
        allowed = plan(operation)
        if allowed is None:
            return
        with self._store.begin() as records:
            wait = records.budgets.spend(self.seller.merchant, operation, allowed, self._clock())
        if wait:
            raise NotYet(wait)

    def _made(self, operation: Operation, call: Callable[[], ApiResponse]) -> ApiResponse:
        self.spend(operation)
        transport = self.clients.transport
        transport.amazon_at = None
        try:
            response = call()
        except AmazonBusy as busy:
            if busy.is_throttled:
                self._learn(operation, is_spent=True)
            raise
        except RecursionError:
            # The library reads a reply once more, from a little deeper.
            raise AmazonUnreadable from None
        finally:
            if transport.amazon_at is not None:
                self._skew = self._clock() - transport.amazon_at
        told = rate(response.headers)
        if told is not None and told != self._rates.get(operation):
            self._rates[operation] = told
            self._learn(operation, told=told)
        return response

    def _learn(
        self, operation: Operation, *, told: float | None = None, is_spent: bool = False
    ) -> None:
        allowed = plan(operation)
        if allowed is None:
            return
        with self._store.begin() as records:
            records.budgets.learn(
                self.seller.merchant,
                operation,
                allowed,
                self._clock(),
                rate=None if told is None else told * BELOW_RATE,
                is_spent=is_spent,
            )


def _answer(response: ApiResponse) -> Answer:
    payload, token = response.payload, response.next_token
    # A token that is none would be taken for the end of the pages.
    if not isinstance(payload, Mapping) or not isinstance(token, str | None):
        raise AmazonUnreadable
    return Answer(payload=payload, next_token=token or None)
