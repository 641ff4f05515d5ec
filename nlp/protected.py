"""Spans that must survive: without them Care cannot help the merchant.

They are found before any PII. A firm span is cut out of whatever overlaps it. A soft one only
speaks against findings that lie inside it: `Chase` is a bank, `Chase Miller` is a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from nlp.detection.patterns import protected_rules as patterns
from nlp.detection.patterns.rules import Reading, RuleBook


class ProtectedKind(StrEnum):
    """What a protected span is."""

    ORDER_ID = "order_id"
    TRACKING = "tracking"
    ASIN = "asin"
    REFERENCE = "reference"
    MENTION = "mention"
    URL = "url"
    SKU = "sku"
    DATE = "date"
    PRICE = "price"
    QUANTITY = "quantity"
    ZIP = "zip"
    PLACE = "place"
    COMPANY = "company"


FIRM: Final = frozenset(
    {
        ProtectedKind.ORDER_ID,
        ProtectedKind.TRACKING,
        ProtectedKind.ASIN,
        ProtectedKind.REFERENCE,
        ProtectedKind.MENTION,
        ProtectedKind.URL,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectedSpan:
    """A span that must survive, in code points of the text given."""

    kind: ProtectedKind
    start: int
    end: int

    @property
    def firm(self) -> bool:
        """Whether no finding may take a part of it."""
        return self.kind in FIRM


@lru_cache(maxsize=1)
def rule_book() -> RuleBook[ProtectedKind]:
    """Compile the rules once, on first use: nothing is built at import."""
    kind = ProtectedKind
    return RuleBook(
        {
            kind.ORDER_ID: patterns.order_id_rules(),
            kind.TRACKING: patterns.tracking_rules(),
            kind.ASIN: patterns.asin_rules(),
            kind.REFERENCE: patterns.reference_rules(),
            kind.MENTION: patterns.mention_rules(),
            kind.URL: patterns.url_rules(),
            kind.SKU: patterns.sku_rules(),
            kind.DATE: patterns.date_rules(),
            kind.PRICE: patterns.price_rules(),
            kind.QUANTITY: patterns.quantity_rules(),
            kind.ZIP: patterns.zip_rules(),
            kind.PLACE: patterns.place_rules(),
            kind.COMPANY: patterns.company_rules(),
        }
    )


def protected_spans(text: str) -> tuple[ProtectedSpan, ...]:
    """Return the spans that must survive, in order of their start. They may overlap."""
    spans = [
        ProtectedSpan(kind=kind, start=match.start, end=match.end)
        for kind, match in rule_book().find(Reading(text))
    ]
    return tuple(sorted(spans, key=lambda span: (span.start, -span.end)))


def order_ids(text: str) -> tuple[str, ...]:
    """Return the Amazon order ids (3-7-7 digits) that the text names, in order, each once."""
    return tuple(dict.fromkeys(match.group() for match in patterns.ORDER_ID.finditer(text)))
