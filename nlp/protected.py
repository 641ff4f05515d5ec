"""Spans that must survive: without them Care cannot help the merchant.

They are found before any PII. A firm span is cut out of whatever overlaps it. A soft one only
speaks against findings that lie inside it: `Chase` is a bank, `Chase Miller` is a person.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Final

from nlp.detection import checks
from nlp.detection.rules import Rule, find, words


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


_ORDER_ID: Final = re.compile(r"(?<!\d)(?<!\d-)\d{3}-\d{7}-\d{7}(?!\d|-\d)")

_TRACKING_WORDS: Final = words(
    r"tracking", r"tracked", r"track", r"trk", r"awb", r"air ?waybill", r"waybill", r"consignment",
    r"shipment(?: id)?", r"parcel (?:id|number|no)", r"label (?:id|number|no)", r"pro (?:number|no)",
    r"ups", r"usps", r"fed ?ex", r"dhl(?: express)?", r"ontrac", r"lasership", r"dpd", r"gls",
    r"canada post", r"royal mail", r"hermes", r"evri", r"yodel", r"purolator", r"amazon logistics",
    r"swiship", r"veeqo", r"sendungsnummer", r"suivi",
)  # fmt: skip
_PHONE_WORDS: Final = words(
    r"phone", r"tel", r"telephone", r"call(?:ed)?", r"cell", r"mobile", r"fax", r"text", r"sms",
    r"ssn", r"card", r"account", r"acct", r"routing", r"passport", r"licen[cs]e", r"dob",
)  # fmt: skip

_MONTH: Final = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DATE: Final = re.compile(
    r"(?<![\w/.-])(?:"
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:t\d{2}:\d{2}(?::\d{2})?(?:\.\d{1,9})?(?:z|[+-]\d{2}:?\d{2})?)?"
    r"|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})|\d{1,2}/\d{1,2}"
    r"|\d{1,2}(?:st|nd|rd|th)?(?: of)? ?-?" + _MONTH + r"(?:[ ,-]{1,2}\d{4})?"
    r"|" + _MONTH + r" \d{1,2}(?:st|nd|rd|th)?(?!\d)(?:,? \d{4})?|" + _MONTH + r",? \d{4}"
    r"|\d{1,2}:\d{2}(?::\d{2})?(?: ?[ap]\.?m)?"
    r")(?![\w/-]|\.\d)",
    re.IGNORECASE,
)
_STATE_CODES: Final = (
    "AL|AK|AZ|AR|CA|CO|CT|DE|DC|FL|GA|HI|IA|ID|IL|IN|KS|KY|LA|MA|MD|ME|MI|MN|MO|MS|MT|NC|ND|NE|NH"
    "|NJ|NM|NV|NY|OH|OK|OR|PA|RI|SC|SD|TN|TX|UT|VA|VT|WA|WI|WV|WY|PR|VI|GU|AE|AA|AP"
)


@lru_cache(maxsize=1)
def _lists() -> dict[str, str]:
    """Read `places.txt`: sections of names, one a line, each as an alternation of patterns."""
    sections: dict[str, list[str]] = {}
    for line in (files("nlp.detection") / "places.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            current = sections.setdefault(line.strip("[]"), [])
        elif line and not line.startswith("#"):
            current.extend(name.strip() for name in line.split(","))
    return {section: _alternation(names) for section, names in sections.items()}


def _alternation(names: Iterable[str]) -> str:
    """Return a pattern of the names, longest first, grouped by first letter so that it is fast."""
    by_letter: dict[str, list[str]] = {}
    for name in sorted(filter(None, names), key=len, reverse=True):
        by_letter.setdefault(name[0].lower(), []).append(re.escape(name[1:]))
    return "|".join(
        f"{re.escape(letter)}(?:{'|'.join(rests)})" for letter, rests in sorted(by_letter.items())
    )


def _reference(text: str) -> bool:
    """Say whether a labelled reference is one, rather than a number of a person."""
    personal = re.fullmatch(r"\d{3}-?\d{2}-?\d{4}|\d{3}-\d{3,4}(?:-\d{4})?", text)
    return any(char.isdigit() for char in text) and personal is None


@lru_cache(maxsize=1)
def _rules() -> tuple[tuple[ProtectedKind, tuple[Rule, ...]], ...]:
    """Compile the rules once, on first use: nothing is built at import."""
    kind, lists = ProtectedKind, _lists()

    def rule(
        pattern: str,
        check: Callable[[str], bool] | None = None,
        context: re.Pattern[str] | None = None,
    ) -> Rule:
        against = _PHONE_WORDS if context is not None else None
        return Rule(
            pattern=re.compile(pattern, re.IGNORECASE),
            score=1.0,
            check=check,
            context=context,
            against=against,
        )

    places = f"{lists['states']}|{lists['countries']}"
    companies = f"{lists['carriers']}|{lists['brands']}"
    return (
        (
            kind.ORDER_ID,
            (
                Rule(pattern=_ORDER_ID, score=1.0),
                rule(r"(?<![\w-])[SDP]\d{2}-\d{7}-\d{7}(?![\w-])"),
                rule(r"(?<![\w-])\d{3} \d{7} \d{7}(?![\w-])"),
                rule(r"(?<=order )#?\d{17}(?!\d)"),
            ),
        ),
        (
            kind.TRACKING,
            (
                rule(r"(?<![\w-])1Z ?[0-9A-Z]{3}(?: ?[0-9A-Z]){13}(?![\w-])", _has_digits),
                rule(r"(?<![\w-])9[1-5]\d{2}(?:[ -]?\d){16,18}(?![\w-])", checks.usps),
                rule(r"(?<![\w-])9[2-5]\d{2}(?:[ -]?\d){18}(?![\w-])"),
                rule(r"(?<![\w-])[A-Z]{2} ?\d{3} ?\d{3} ?\d{3} ?[A-Z]{2}(?!\w)", checks.postal_union),
                rule(r"(?<!\w)TBA ?\d{9,15}(?!\w)"),
                rule(r"(?<!\w)(?:1LS|LS|LX|JJD|JD|GM|RR|SF|YT|LP|CN|DD)\d{8,20}[A-Z]{0,2}(?!\w)"),
                rule(r"(?<![\w-])[CD]\d{14}(?!\w)"),
                rule(
                    r"(?<![\w+(.-])(?:[A-Z]{0,4}\d{9,34}[A-Z]{0,2}|\d{4}(?: \d{4}){1,7}(?: \d{1,3})?)"
                    r"(?![\w-])",
                    context=_TRACKING_WORDS,
                ),
            ),
        ),
        (
            kind.ASIN,
            (
                rule(r"(?<![\w-])B0[0-9A-Z]{8}(?![\w-])"),
                rule(r"(?<![\w-])X00[0-9A-Z]{7}(?![\w-])"),
                rule(r"(?<=asin )\d{9}[\dX](?!\w)"),
            ),
        ),
        (
            kind.REFERENCE,
            (
                rule(r"(?<!\w)(?:WRO|RMA|SRO|ASN|INV|FBA|JC|BOL|TKT|LPN)[-#_: ]{0,2}[A-Z]{0,4}\d[\w-]{0,24}"),
                rule(r"(?<!\w)P\.?O\.? ?(?:#|no\.?|number)? ?[-#:]? ?\d{3,12}(?!\w)"),
                rule(
                    r"(?<!\w)(?:order|case|case log|ticket|invoice|return|rma|wro|claim|batch|lot|sku|msku|fnsku"
                    r"|upc|ean|gtin|isbn|asin|reference|ref|shipment|item|model|part|serial|seller|merchant"
                    r"|listing|transaction|settlement|report|job|warehouse)(?: (?:id|ids|number|no|nr|num|code|is)"
                    r"\.?)?(?: ?[#:=] ?| )#?(?P<value>[A-Z0-9](?:[\w-]{3,39}[A-Z0-9]))(?!\w|@|-\d|\.\w)",
                    _reference,
                ),
            ),
        ),
        (
            kind.MENTION,
            (rule(r"<(?:[@#][A-Z0-9]{1,20}(?:\|[^<>]{0,80})?|![^<>]{1,80})>"),),
        ),
        (
            kind.URL,
            (
                rule(r"(?<![\w@])(?:https?|ftp)://[^\s<>|\"\ufffc]{1,2048}"),
                rule(r"(?<![\w@.])www\.[a-z0-9-]{1,63}\.[^\s<>|\"\ufffc]{1,2048}"),
            ),
        ),
        (
            kind.SKU,
            (
                rule(r"(?<!\w)(?:m?skus?|fnsku)(?: (?:is|no|number|code))?[:=#]? ?(?P<value>[\w./-]{2,40})"),
                Rule(
                    pattern=re.compile(r"(?<![\w@.-])[A-Z][A-Z0-9]{0,11}(?:-[A-Z0-9]{1,12}){1,6}(?![\w@-])"),
                    score=1.0,
                    check=_has_digits,
                ),
            ),
        ),
        (kind.DATE, (Rule(pattern=_DATE, score=1.0),)),
        (
            kind.PRICE,
            (
                rule(r"(?:[$€£¥₹]|(?<!\w)(?:usd|eur|gbp|cad|aud)) ?\d[\d,.]{0,20}(?!\w)"),
                rule(r"(?<![\w.-])\d[\d,.]{0,20} ?(?:[$€£¥₹]|usd|eur|gbp|cad|aud|dollars?|euros?|cents?|bucks)(?!\w)"),
                rule(r"(?<![\w.-])\d[\d,.]{0,12} ?%"),
            ),
        ),
        (
            kind.QUANTITY,
            (
                rule(
                    r"(?<![\w.-])\d[\d,.]{0,12} ?(?:x|units?|pcs|pieces?|items?|orders?|boxe?s?|cases?|cartons?|pallets?"
                    r"|packs?|sets?|days?|weeks?|months?|years?|hours?|hrs?|minutes?|mins?|business days"
                    r"|lbs?|oz|kg|g|cm|mm|inch(?:es)?|ft|ml|gb|tb|mb|v|w|mah)(?!\w)"
                ),
                rule(r"(?<!\w)(?:qty|quantity|x)[:=]? ?\d{1,7}(?!\w)"),
            ),
        ),
        (
            kind.ZIP,
            (
                rule(
                    r"(?<!\w)(?=[a-z])(?:" + _STATE_CODES + "|" + lists["states"] + r"),? {1,2}(?P<value>\d{5}(?:-\d{4})?)(?![\w-])"
                ),
                rule(r"(?<!\w)(?:zip|zipcode|postal|postcode|plz)(?: code)?(?: is)?[:=]? ?(?P<value>[\w-]{3,10})"),
                rule(r"(?<![\w-])\d{5}-\d{4}(?![\w-])"),
                rule(r"(?<!\w)[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}(?!\w)"),
                rule(r"(?<!\w)[A-Z]\d[A-Z] ?\d[A-Z]\d(?!\w)"),
            ),
        ),
        (kind.PLACE, (rule(r"(?<!\w)(?=[^\W\d_])(?:" + places + r")(?!\w)"),)),
        (kind.COMPANY, (rule(r"(?<!\w)(?=[^\W\d_])(?:" + companies + r")(?:'s|®|™)?(?!\w)"),)),
    )  # fmt: skip


def _has_digits(text: str) -> bool:
    return any(char.isdigit() for char in text)


def protected_spans(text: str) -> tuple[ProtectedSpan, ...]:
    """Return the spans that must survive, in order of their start. They may overlap."""
    spans = [
        ProtectedSpan(kind=kind, start=match.start, end=match.end)
        for kind, rules in _rules()
        for match in find(rules, text)
    ]
    return tuple(sorted(spans, key=lambda span: (span.start, -span.end)))


def order_ids(text: str) -> tuple[str, ...]:
    """Return the Amazon order ids (3-7-7 digits) that the text names, in order, each once."""
    return tuple(dict.fromkeys(match.group() for match in _ORDER_ID.finditer(text)))
