"""Subscribing a seller to ORDER_CHANGE, by the Notifications API (Amazon's `notifications.json`).

A destination belongs to the application and takes the application's own token; the subscription is
the seller's. Either is made where it is not there yet, and found where it is, so that all of this
may be repeated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, final

from bot.amazon.calls import ApiResponse, Calls, NotYet
from bot.amazon.operations import Operation
from bot.amazon.order_change import ORDER_CHANGE
from bot.errors import (
    AmazonBusy,
    AmazonError,
    AmazonNotFound,
    AmazonRefused,
    AmazonUnreadable,
)

QUEUE_ARN: Final = re.compile(r"arn:aws:sqs:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,80}")
"""The ARN of a standard queue. Amazon's notifications take no other kind."""
_VERSION: Final = "1.0"
_LIST: Final = "list"


class SubscribedElsewhere(AmazonError):
    """The seller's ORDER_CHANGE notifications go to another destination. End that one first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """Where a seller's notifications go.

    Attributes:
        destination: Amazon's id of the destination.
        subscription: Amazon's id of the subscription.
        is_new: Whether it was made just now.
    """

    destination: str
    subscription: str
    is_new: bool


@final
class Subscribing:
    """Subscribes one seller."""

    def __init__(self, calls: Calls) -> None:
        self._calls: Final = calls
        self._client: Final = calls.clients.notifications

    def subscribe(self, arn: str) -> Subscription:
        """Have the changes of the seller's orders put into a queue.

        Args:
            arn: The queue's, of the form of `QUEUE_ARN`.

        Raises:
            SubscribedElsewhere: They go somewhere else.
            AmazonError: See its classes.
        """
        destination = self._destination(arn)
        found = self._subscription()
        is_new = found is None
        if found is None:
            destination = destination or self._new_destination(arn)
            found = self._new_subscription(destination)
        if destination is None or found.get("destinationId") != destination:
            raise SubscribedElsewhere
        return Subscription(
            destination=destination,
            subscription=_id(found, "subscriptionId"),
            is_new=is_new,
        )

    def _destination(self, arn: str) -> str | None:
        found = self._made(
            Operation.GET_DESTINATIONS, lambda: _Listed.of(self._client.get_destinations())
        )
        for each in _objects(found.get(_LIST)):
            resource = each.get("resource")
            sqs = resource.get("sqs") if isinstance(resource, Mapping) else None
            if isinstance(sqs, Mapping) and sqs.get("arn") == arn:
                return _id(each, "destinationId")
        return None

    def _new_destination(self, arn: str) -> str:
        # The name has to be unique among the application's, as the queue's ARN is.
        name = "-".join(("jetpack-care", *arn.split(":")[3:]))
        try:
            made = self._made(
                Operation.CREATE_DESTINATION,
                lambda: self._client.create_destination(name=name, arn=arn),
            )
        except AmazonRefused:
            # 409: somebody else made it meanwhile.
            found = self._destination(arn)
            if found is None:
                raise
            return found
        return _id(made, "destinationId")

    def _subscription(self) -> Mapping[str, object] | None:
        try:
            return self._made(
                Operation.GET_SUBSCRIPTION,
                lambda: self._client.get_subscription(ORDER_CHANGE, payloadVersion=_VERSION),
            )
        except AmazonNotFound:
            return None

    def _new_subscription(self, destination: str) -> Mapping[str, object]:
        try:
            made = self._made(
                Operation.CREATE_SUBSCRIPTION,
                lambda: self._client.create_subscription(
                    ORDER_CHANGE, destination_id=destination, payload_version=_VERSION
                ),
            )
        except AmazonRefused:
            found = self._subscription()
            if found is None:
                raise
            return found
        return {"destinationId": destination, **made}

    def _made(self, operation: Operation, call: Callable[[], ApiResponse]) -> Mapping[str, object]:
        try:
            return self._calls.make(operation, call).payload
        except NotYet as later:
            raise AmazonBusy(later.seconds, is_throttled=True) from None


@dataclass(slots=True, kw_only=True)
class _Listed:
    """A reply whose payload is a list, as one whose payload is an object that holds it."""

    payload: object
    headers: Mapping[str, str]
    next_token: object = None

    @classmethod
    def of(cls, response: ApiResponse) -> _Listed:
        """Return a reply in this form. The library writes an empty list as an empty object."""
        return cls(payload={_LIST: response.payload}, headers=response.headers)


def _objects(found: object) -> Iterator[Mapping[str, object]]:
    for each in found if isinstance(found, list) else ():
        if isinstance(each, Mapping):
            yield each


def _id(found: Mapping[str, object], key: str) -> str:
    value = found.get(key)
    if not isinstance(value, str) or not value:
        raise AmazonUnreadable
    return value
