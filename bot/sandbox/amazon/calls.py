"""What the bot asked of the sandbox Amazon."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

UNKNOWN = "unknown"
"""Stands for the operation of a path that the sandbox does not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request as it came in.

    Attributes:
        operation: A name of `operations`, or `unknown`.
        seller: The account's name, empty where the token named none.
        status: The HTTP status of the answer, 0 where the connection was cut instead.
        at: When, by the sandbox's clock.
        parameters: Path variables, query and body, without tokens and secrets.
    """

    operation: str
    seller: str
    status: int
    at: datetime
    parameters: Mapping[str, object]
