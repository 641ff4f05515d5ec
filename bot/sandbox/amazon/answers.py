"""What an operation of the sandbox Amazon is asked, and what it answers or refuses.

Errors have the form of every SP-API model, `{"errors": [{"code", "message", "details"}]}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

Json = dict[str, object]

_MESSAGES: Final[Mapping[int, tuple[str, str]]] = {
    400: ("InvalidInput", "Request has missing or invalid parameters and cannot be parsed."),
    401: ("Unauthorized", "Access to requested resource is denied."),
    403: ("Unauthorized", "Access to requested resource is denied."),
    404: ("NotFound", "The resource specified does not exist."),
    409: ("Conflict", "The resource specified conflicts with the current state."),
    413: ("RequestTooLarge", "The request size exceeded the maximum accepted size."),
    415: ("UnsupportedMediaType", "The request payload is in an unsupported format."),
    429: ("QuotaExceeded", "You exceeded your quota for the requested resource."),
    500: ("InternalFailure", "We encountered an internal error. Please try again."),
    503: ("ServiceUnavailable", "Service is temporarily unavailable. Please try again later."),
    504: ("GatewayTimeout", "The gateway timed out."),
}

DENIED: Final = "The access token you provided is revoked, malformed or invalid."
EXPIRED: Final = "The access token you provided has expired."


def error_body(status: int, details: str = "", code: str = "", message: str = "") -> Json:
    """Return Amazon's error body for an HTTP status."""
    usual, sentence = _MESSAGES.get(status, _MESSAGES[500])
    return {"errors": [{"code": code or usual, "message": message or sentence, "details": details}]}


class Refused(Exception):
    """Amazon's refusal of a call.

    Attributes:
        status: The HTTP status.
        body: The whole JSON body.
    """

    def __init__(
        self, status: int, details: str = "", *, code: str = "", message: str = ""
    ) -> None:
        super().__init__(status)
        self.status = status
        self.body: Json = error_body(status, details, code, message)


class LwaRefused(Refused):
    """A refusal of Login with Amazon, whose errors have a form of their own.

    https://developer.amazon.com/docs/login-with-amazon/access-token.html
    """

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(status)
        self.body = {"error": error, "error_description": description}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A good answer."""

    body: Json
    status: int = 200
