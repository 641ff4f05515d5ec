"""Who says when a package was delivered, and whose word counts. Pure rules.

In order of trust: the carrier's or Jetpack's own feed and import, a delivery told of the order as
a whole, and what Amazon shows. Amazon gives no time of delivery (Orders API 2026-01-01): the first
time that a package is seen as DELIVERED bounds it from above.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final


class DeliverySource(StrEnum):
    """Who told of a delivery."""

    CARRIER = "carrier"
    JETPACK = "jetpack"
    IMPORT = "import"
    ORDER = "order"  # told of the order as a whole
    AMAZON = "amazon"  # seen as DELIVERED in the Orders API


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """When a package was delivered, and who says so.

    Attributes:
        source: Of `DeliverySource`; None for somebody who knew and did not say who.
    """

    at: datetime
    source: str | None


_TRUST: Final[Mapping[str, int]] = {DeliverySource.ORDER: 1, DeliverySource.AMAZON: 0}
_MOST: Final = 2


def settled(known: Delivery | None, told: Delivery) -> Delivery:
    """Return which of two words on a delivery counts.

    The one of more trust. Of the same trust the later word, which corrects the one before; of what
    Amazon shows the earliest, since each is no more than a bound.
    """
    if known is None:
        return told
    if _trust(told) != _trust(known):
        return max(known, told, key=_trust)
    if told.source == DeliverySource.AMAZON:
        return min(known, told, key=lambda delivery: delivery.at)
    return told


def _trust(delivery: Delivery) -> int:
    return _TRUST.get(delivery.source or "", _MOST)
