"""Patterns of what must survive: order ids, tracking numbers, references, dates, prices, places.

Carriers' check digits are used where the digits alone could also be a telephone or account number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from importlib.resources import files
from string import ascii_lowercase
from typing import Final

from nlp.detection.patterns import checks
from nlp.detection.patterns.numbers import MONTH, MONTH_WORDS
from nlp.detection.patterns.rules import Cues, Needs, Rule, alternation, cues, listed, words
from nlp.detection.patterns.street_words import STATE_CODES

_I: Final = re.IGNORECASE
ORDER_ID: Final = re.compile(r"\d(?<!\d\d)(?<!\d-\d)\d{2}-\d{7}-\d{7}(?!\d|-\d)")
"""An Amazon order id: 3, 7 and 7 digits."""

_TRACKING: Final = cues(
    "tracking", "tracked", "track", "trk", "awb", "air waybill", "waybill", "consignment", "shipment", "shipment id",
    "parcel id", "parcel number", "parcel no", "label id", "label number", "label no", "pro number", "pro no",
    "ups", "usps", "fed ex", "dhl", "dhl express", "ontrac", "lasership", "dpd", "gls", "canada post", "royal mail",
    "hermes", "evri", "yodel", "purolator", "amazon logistics", "swiship", "veeqo", "sendungsnummer", "suivi",
)  # fmt: skip
# With the right check digit a weaker word will do.
_PARCEL: Final = cues(
    "package", "parcel", "label", "labels", "shipped", "ship", "scan", "scanned", "delivered", "delivery", "carrier",
    "transit", "courier", "shipment", "express",
)  # fmt: skip
_PERSONAL: Final = words(
    "phone", "tel", "telephone", "call", "called", "cell", "mobile", "fax", "text", "sms", "ssn", "card", "account",
    "acct", "routing", "passport", "license", "licence", "dob", "bank", "whats app",
)  # fmt: skip
_POSTCODE_AREAS: Final = listed(
    "ab al b ba bb bd bh bl bn br bs bt ca cb cf ch cm co cr ct cv cw da dd de dg dh dl dn dt dy e ec eh en ex fk fy g"
    " gl gu gy ha hd hg hp hr hs hu hx ig im ip iv je ka kt kw ky l la ld le ll ln ls lu m me mk ml n ne ng nn np nr"
    " nw ol ox pa pe ph pl po pr rg rh rm s sa se sg sk sl sm sn so sp sr ss st sw sy ta td tf tn tq tr ts tw ub w wa"
    " wc wd wf wn wr ws wv yo ze"
)
_S10_SERVICES: Final = frozenset(
    a + b for a in "abcdeghlmnpqrsuvz" for b in ascii_lowercase
)  # S10 of the Universal Postal Union
_UNITS: Final = (
    "x unit units pc pcs piece pieces item items order orders box boxs boxes case cases carton cartons pallet pallets"
    " pack packs set sets pair pairs ct count day days week weeks month months year years hour hours hr hrs minute"
    " minutes min mins lb lbs oz kg g km kms cm mm inch inches ft ml gb tb mb v w mah"
)
_CURRENCIES: Final = "usd|eur|gbp|cad|aud"


def _rule(
    pattern: str,
    check: Callable[[str], bool] | None = None,
    *,
    starts: str | frozenset[str] = "",
    digits: int = 0,
    parts: str | tuple[str, ...] = (),
    context: Cues | None = None,
    cased: bool = False,
) -> Rule:
    return Rule(
        pattern=re.compile(pattern, 0 if cased else _I),
        score=1.0,
        starts=frozenset(starts.split()) if isinstance(starts, str) else starts,
        needs=Needs(digits=digits, parts=tuple(parts)),
        check=check,
        context=context,
        against=_PERSONAL if context is not None else None,
    )


@lru_cache(maxsize=1)
def _lists() -> dict[str, tuple[str, ...]]:
    """Read `places.txt`: sections of names, separated by commas and lines."""
    sections: dict[str, list[str]] = {}
    for line in (files("nlp.detection.patterns") / "places.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            current = sections.setdefault(line.strip("[]"), [])
        elif line and not line.startswith("#"):
            current.extend(name.strip() for name in line.split(","))
    return {section: tuple(names) for section, names in sections.items()}


def _first_words(names: Iterable[str]) -> frozenset[str]:
    return frozenset(re.split(r"[\W\d_]", name.lower(), maxsplit=1)[0] for name in names)


def _has_digits(text: str) -> bool:
    return any(char.isdigit() for char in text)


def order_id_rules() -> tuple[Rule, ...]:
    """Compile Amazon's order ids, as they are written and as they are pasted."""
    return (
        Rule(pattern=ORDER_ID, score=1.0, needs=Needs(digits=19)),
        _rule(r"(?<!-)[SDP]\d{2}-\d{7}-\d{7}(?![\w-])", starts="s d p", digits=18),
        _rule(r"\d(?<![\w-]\d)\d{2} \d{7} \d{7}(?![\w-])", digits=19),
        _rule(r"order #?(?P<value>\d{17})(?!\d)", starts="order", digits=17),
    )


def tracking_rules() -> tuple[Rule, ...]:
    """Compile tracking numbers: shapes that nothing else has, check digits, and words beside."""
    bare = r"\d(?<![\w+(.-]\d)"
    return (
        _rule(r"1(?<![\w-]1)Z ?[0-9A-Z]{3}(?: ?[0-9A-Z]){13}(?![\w-])", _has_digits, parts=("1z",)),
        _rule(r"9(?<![\w-]9)[1-5]\d{2}(?:[ -]?\d){16,18}(?![\w-])", checks.usps, digits=20),
        _rule(r"9(?<![\w-]9)[2-5]\d{2}(?:[ -]?\d){18}(?![\w-])", digits=22),
        _rule(r"(?<!-)[A-Z]{2} ?\d{3} ?\d{3} ?\d{3} ?[A-Z]{2}(?!\w)", checks.postal_union, starts=_S10_SERVICES, digits=9),
        _rule(r"TBA ?\d{9,15}(?!\w)", starts="tba", digits=9),
        _rule(r"(?:LS|LX|JJD|JD|GM|RR|SF|YT|LP|CN|DD)\d{8,20}[A-Z]{0,2}(?!\w)", starts="ls lx jjd jd gm rr sf yt lp cn dd", digits=8),
        _rule(r"1(?<!\w1)LS\d{8,20}[A-Z]{0,2}(?!\w)", parts=("1ls",)),
        _rule(r"(?<!-)[CD]\d{14}(?!\w)", starts="c d", digits=14),
        _rule(rf"{bare}\d{{8,33}}[A-Z]{{0,2}}(?![\w-])", digits=9, context=_TRACKING),
        _rule(rf"{bare}\d{{3}}(?: \d{{4}}){{1,7}}(?: \d{{1,3}})?(?![\w-])", digits=9, context=_TRACKING),
        _rule(r"(?<![\w+(.-])[A-Z]{1,4}\d{9,34}[A-Z]{0,2}(?![\w-])", digits=9, context=_TRACKING),
        _rule(rf"{bare}\d{{11}}(?:\d{{3}})?(?![\w-])", checks.fedex, digits=12, context=_PARCEL),
    )  # fmt: skip


def asin_rules() -> tuple[Rule, ...]:
    """Compile Amazon's product numbers: ASIN, FNSKU, and the ten digits of a book."""
    return (
        _rule(r"(?<!-)B0[0-9A-Z]{8}(?![\w-])", starts="b"),
        _rule(r"(?<!-)X00[0-9A-Z]{7}(?![\w-])", starts="x"),
        _rule(r"asin (?P<value>\d{9}[\dX])(?!\w)", starts="asin", digits=9),
    )


def _reference(text: str) -> bool:
    """Say whether a labelled reference is one, rather than a number of a person."""
    personal = re.fullmatch(r"\d{3}-?\d{2}-?\d{4}|\d{3}-\d{3,4}(?:-\d{4})?", text)
    return _has_digits(text) and personal is None


def reference_rules() -> tuple[Rule, ...]:
    """Compile references: by their own letters, or by the word in front."""
    letters = "wro rma sro asn inv fba jc bol tkt lpn"
    return (
        _rule(rf"(?:{alternation(letters.split())})[-#_: ]{{0,2}}[A-Z]{{0,4}}\d[\w-]{{0,24}}", starts=letters, digits=1),
        _rule(r"(?<!\w)(?:WRO|RMA|FBA|LPN|TKT)[A-Z]{1,4}\d[\w-]{0,24}", digits=1, parts=("wro", "rma", "fba", "lpn", "tkt")),
        _rule(r"P\.?O\.? ?(?:#|no\.?|number)? ?[-#:]? ?\d{3,12}(?!\w)", starts="p po", digits=3),
        _rule(
            r"(?:order|case log|case|ticket|invoice|return|rma|wro|claim|batch|lot|sku|msku|fnsku"
            r"|upc|ean|gtin|isbn|asin|reference|ref|shipment|item|model|part|serial|seller|merchant"
            r"|listing|transaction|settlement|report|job|warehouse)(?: (?:id|ids|number|no|nr|num|code|is)"
            r"\.?)?(?: ?[#:=] ?| )#?(?P<value>[A-Z0-9](?:[\w-]{3,39}[A-Z0-9]))(?!\w|@|-\d|\.\w)",
            _reference,
            starts="order case ticket invoice return rma wro claim batch lot sku msku fnsku upc ean gtin isbn asin"
            " reference ref shipment item model part serial seller merchant listing transaction settlement report"
            " job warehouse",
            digits=1,
        ),
        # The whole of an agent's command: link birch-and-brook. A merchant may sound like a person.
        _rule(
            r"link(?<=\Alink) (?:<[@#][^<>]{1,80}> )?(?P<value>[a-z0-9]{1,40}(?:-[a-z0-9]{1,40}){1,19})\s{0,3}\Z",
            starts="link",
            parts="-",
            cased=True,
        ),
    )  # fmt: skip


def mention_rules() -> tuple[Rule, ...]:
    """Compile Slack's mentions of people, channels and groups."""
    return (_rule(r"<(?:[@#][A-Z0-9]{1,20}(?:\|[^<>]{0,80})?|![^<>]{1,80})>", parts="<"),)


def url_rules() -> tuple[Rule, ...]:
    """Compile web addresses."""
    return (
        _rule(r"(?<!@)(?:https?|ftp)://[^\s<>|\"\ufffc]{1,2048}", starts="http https ftp"),
        _rule(r"(?<![@.])www\.[a-z0-9-]{1,63}\.[^\s<>|\"\ufffc]{1,2048}", starts="www"),
    )


def sku_rules() -> tuple[Rule, ...]:
    """Compile the merchant's own product codes."""
    return (
        _rule(
            r"(?:m?skus?|fnsku)(?: (?:is|no|number|code))?[:=#]? ?(?P<value>[\w./-]{2,40})",
            starts="sku skus msku mskus fnsku",
        ),
        _rule(
            r"[A-Z](?<![\w@.-].)[A-Z0-9]{0,11}(?:-[A-Z0-9]{1,12}){1,6}(?![\w@-])",
            _has_digits,
            digits=1,
            parts="-",
            cased=True,
        ),
        # Without a digit it takes three parts: PILLOW-Q-WHT, and not SMITH-JONES.
        _rule(
            r"[A-Z](?<![\w@.-].)[A-Z0-9]{0,11}(?:-[A-Z0-9]{1,12}){2,6}(?![\w@-])",
            parts="-",
            cased=True,
        ),
    )


def date_rules() -> tuple[Rule, ...]:
    """Compile dates and times of day."""
    end = r"(?![\w/-]|\.\d)"
    return (
        _rule(
            r"\d(?<![\w/.-]\d)(?:"
            r"\d{3}[-/.]\d{1,2}[-/.]\d{1,2}(?:t\d{2}:\d{2}(?::\d{2})?(?:\.\d{1,9})?(?:z|[+-]\d{2}:?\d{2})?)?"
            r"|\d?[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})|\d?/\d{1,2}"
            rf"|\d?(?:st|nd|rd|th)?(?: of)? ?-?{MONTH}(?:[ ,-]{{1,2}}\d{{4}})?"
            rf"|\d?:\d{{2}}(?::\d{{2}})?(?: ?[ap]\.?m)?){end}",
            digits=1,
        ),
        _rule(
            rf"(?<![/.-]){MONTH}(?: \d{{1,2}}(?:st|nd|rd|th)?(?!\d)(?:,? \d{{4}})?|,? \d{{4}}){end}",
            starts=MONTH_WORDS,
            digits=1,
        ),
    )  # fmt: skip


def price_rules() -> tuple[Rule, ...]:
    """Compile prices and percentages."""
    return (
        _rule(r"[$€£¥₹] ?\d[\d,.]{0,20}(?!\w)", digits=1, parts="$€£¥₹"),
        _rule(
            rf"(?:{_CURRENCIES}) ?\d[\d,.]{{0,20}}(?!\w)", starts="usd eur gbp cad aud", digits=1
        ),
        _rule(
            rf"\d(?<![\w.-]\d)[\d,.]{{0,20}}+ ?(?:[$€£¥₹]|{_CURRENCIES}|dollars?|euros?|cents?|bucks)(?!\w)",
            digits=1,
        ),
        _rule(r"\d(?<![\w.-]\d)[\d,.]{0,12}+ ?%", digits=1, parts="%"),
    )


def quantity_rules() -> tuple[Rule, ...]:
    """Compile counted things and measures."""
    return (
        _rule(
            rf"\d(?<![\w.,-]\d)\d{{0,5}}+(?:,\d{{3}}){{0,3}}(?:\.\d{{1,3}})? ?(?:{alternation(listed(_UNITS))})(?!\w)",
            digits=1,
        ),
        _rule(r"(?:qty|quantity|x)[:=]? ?\d{1,7}(?!\w)", starts="qty quantity x", digits=1),
    )


def zip_rules() -> tuple[Rule, ...]:
    """Compile postal codes: of the US after a state, the UK, Canada, or after the word."""
    states = _lists()["states"]
    return (
        _rule(
            rf"(?:{STATE_CODES}|{alternation(states)}),? {{1,2}}(?P<value>\d{{5}}(?:-\d{{4}})?)(?![\w-])",
            starts=frozenset(STATE_CODES.lower().split("|")) | _first_words(states),
            digits=5,
        ),
        _rule(
            r"(?:zip|zipcode|postal|postcode|plz)(?: code)?(?: is)?[:=]? ?(?P<value>[\w-]{3,10})",
            _has_digits,
            starts="zip zipcode postal postcode plz",
            digits=1,
        ),
        _rule(r"\d(?<![\w-]\d)\d{4}-\d{4}(?![\w-])", digits=10),
        _rule(r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}(?!\w)", starts=_POSTCODE_AREAS, digits=1),
        _rule(r"[A-Z]\d[A-Z] ?\d[A-Z]\d(?!\w)", starts=" ".join("abceghjklmnprstvxy"), digits=1),
    )


def place_rules() -> tuple[Rule, ...]:
    """Compile the listed states, countries and cities that look like names."""
    return (
        _named((*_lists()["states"], *_lists()["countries"]), ""),
        _rule(
            rf"(?:{STATE_CODES})(?=,? {{1,2}}\d{{5}}(?:-\d{{4}})?(?![\w-]))",
            starts=frozenset(STATE_CODES.lower().split("|")),
            digits=5,
        ),
    )


def company_rules() -> tuple[Rule, ...]:
    """Compile the listed carriers and brands."""
    return (_named((*_lists()["carriers"], *_lists()["brands"]), "(?:'s|®|™)?"),)


def _named(names: tuple[str, ...], ending: str) -> Rule:
    return _rule(rf"(?:{alternation(names)}){ending}(?!\w)", starts=_first_words(names))
