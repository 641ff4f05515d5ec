"""The marketplaces that the sandbox knows.

https://developer-docs.amazon.com/sp-api/docs/marketplace-ids
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Marketplace:
    """A place where a seller sells.

    Attributes:
        code: What python-amazon-sp-api calls it, such as `US`.
        id: Amazon's identifier.
        name: The name that orders carry.
        currency: ISO 4217.
    """

    code: str
    id: str
    name: str
    currency: str


MARKETPLACES: Final[Mapping[str, Marketplace]] = {
    place.code: place
    for place in (
        Marketplace(code="US", id="ATVPDKIKX0DER", name="Amazon.com", currency="USD"),
        Marketplace(code="CA", id="A2EUQ1WTGCTBG2", name="Amazon.ca", currency="CAD"),
        Marketplace(code="UK", id="A1F83G8C2ARO7P", name="Amazon.co.uk", currency="GBP"),
        Marketplace(code="DE", id="A1PA6795UKMFR9", name="Amazon.de", currency="EUR"),
        Marketplace(code="JP", id="A1VC38T7YXB528", name="Amazon.co.jp", currency="JPY"),
    )
}
