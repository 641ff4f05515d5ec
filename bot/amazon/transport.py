"""Every reply of Amazon's is checked here, before the library reads it.

The library takes a reply without an `errors` list for a good one, whatever its status. Here
nothing but a 2xx with a JSON object passes; all else becomes one of our errors, which hold no
content. Throttling is 429, often with a body of HTML; 5xx pass by.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final, final

import httpx

from bot.amazon.library import HttpxTransport
from bot.errors import (
    AmazonBusy,
    AmazonForbidden,
    AmazonNotFound,
    AmazonRefused,
    AmazonUnreadable,
)

TIMEOUT_SECONDS: Final = 30.0
_RATE: Final = "x-amzn-RateLimit-Limit"
_LONGEST_WAIT: Final = 3_600.0
_PASSING: Final = frozenset({408, 425, 429})
_TAKEN: Final = frozenset({"headers", "self"})
"""Names that the library's own reply has, and trips over where Amazon's has them, too."""
_OF_TOKEN: Final = "access token"  # noqa: S105 - words of Amazon's


class AccessTokenExpired(AmazonForbidden):
    """The access token is over or void. Another one may be good."""


class NoReply(AmazonUnreadable):
    """What came is no reply of the API: a page of HTML, half a reply, or nothing at all."""


@final
class CheckedTransport(HttpxTransport):  # type: ignore[misc]
    """The library's transport, with a check of each reply.

    Attributes:
        amazon_at: The time of the last reply by Amazon's clock, None where it did not say.
    """

    amazon_at: datetime | None = None

    def request(self, *args: object, **options: object) -> httpx.Response:
        """Send a request. Raises AmazonError."""
        with unreached():
            response: httpx.Response = super().request(*args, **options)
        self.amazon_at = _time(response.headers)
        _check(response)
        return response

    def close(self) -> None:
        """Leave the connections open: they are another client's, too."""


@contextmanager
def unreached() -> Iterator[None]:
    """Turn the failures of a connection, whose messages hold addresses, into AmazonBusy."""
    try:
        yield
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError):
        raise AmazonBusy from None
    except UnicodeError:
        # A token or an address that Amazon gave holds what cannot be sent.
        raise AmazonUnreadable from None


def rate(headers: Mapping[str, str]) -> float | None:
    """Return the calls a second that a reply says the seller may make, None where it does not."""
    try:
        found = float(headers.get(_RATE, ""))
    except ValueError:
        return None
    return found if 1 / _LONGEST_WAIT <= found < 1_000 else None


def status_error(status: int, headers: Mapping[str, str], word: str = "") -> Exception | None:
    """Return the error of a status, None for a good one.

    Args:
        status: The HTTP status.
        headers: Of the reply.
        word: What the reply says of an access token; it is looked at and not kept.
    """
    if 200 <= status < 300:
        return None
    if status in _PASSING or status >= 500:
        return AmazonBusy(_retry_after(headers), is_throttled=status == 429)
    if status in (401, 403):
        return AccessTokenExpired() if _OF_TOKEN in word.lower() else AmazonForbidden()
    return AmazonNotFound() if status == 404 else AmazonRefused()


def _check(response: httpx.Response) -> None:
    try:
        content = json.loads(response.content)
    except (ValueError, RecursionError):
        content = None
    error = status_error(response.status_code, response.headers, _details(content))
    if error is not None:
        raise error
    if not isinstance(content, dict) or _trips_the_library(content):
        raise NoReply
    # The library reads it once more, and a page is large: it is given what was read already.
    response.json = lambda **_: content  # type: ignore[method-assign]


def _trips_the_library(content: Mapping[str, object]) -> bool:
    """Return whether it fails at a reply, or would take a page for the last that is not."""
    payload = content.get("payload")
    paginations = [content.get("pagination") or {}]
    if isinstance(payload, dict):
        paginations.append(payload.get("pagination", {}))
    return (
        bool(content.get("errors"))
        or not _TAKEN.isdisjoint(content)
        or not all(isinstance(each, dict) for each in paginations)
    )


def _details(content: object) -> str:
    """Return the details of the first error of a reply."""
    errors = content.get("errors") if isinstance(content, dict) else None
    first = errors[0] if isinstance(errors, list) and errors else None
    return str(first.get("details", "")) if isinstance(first, dict) else ""


def _retry_after(headers: Mapping[str, str]) -> float:
    value = headers.get("Retry-After", "")
    is_number = value.isascii() and value.isdigit()
    return min(float(value), _LONGEST_WAIT) if is_number else 0.0


def _time(headers: Mapping[str, str]) -> datetime | None:
    try:
        found = parsedate_to_datetime(headers.get("Date", ""))
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        return None
