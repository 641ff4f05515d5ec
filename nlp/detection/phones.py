"""Telephone numbers, as data and two small rules about digits.

No library of the world's numbering plans: what merchants paste has a plus sign, the groups of a
national form, or the word "phone" beside it, and a bare run of digits is more often an order, a
tracking or a case number.
"""

from __future__ import annotations

import re
from typing import Final

from nlp.detection.rules import Rule, words

_PHONE: Final = words(
    r"phone(?: ?(?:number|no|num|nr|#))?", r"telephone", r"tel(?:e?fono|efon)?", r"ph", r"cell(?:phone)?", r"mobile",
    r"mob", r"handy", r"whats ?app", r"viber", r"fax", r"sms", r"texts?", r"texted", r"texting", r"call(?:s|ed|ing)?", r"ring",
    r"dial", r"reach(?:ed|able)?", r"contact(?:s|ed)?", r"voicemail", r"landline", r"number", r"num", r"móvil",
    r"t[ée]l[ée]phone", r"numero", r"número", r"telefonnummer", r"wa\.me/", r"hotline", r"extension",
)  # fmt: skip
_OTHER_NUMBER: Final = words(
    r"order", r"orders", r"tracking", r"track", r"case", r"ticket", r"invoice", r"asin", r"sku", r"upc", r"ean", r"po", r"box",
    r"qty", r"quantity", r"ups", r"usps", r"fedex", r"dhl", r"zip", r"item", r"ref", r"reference", r"rma", r"wro", r"id",
    r"model", r"serial", r"account", r"acct", r"routing", r"card", r"ssn", r"passport", r"licen[cs]e", r"batch", r"lot",
    r"shipment", r"claim", r"confirmation", r"units?",
)  # fmt: skip
_EXTENSION: Final = (
    r"(?:[ \t]{0,2},?[ \t]{0,2}(?:x|ext|extn|extension|durchwahl|#)\.?[ \t:]{0,2}\d{1,6})?"
)
_START: Final = r"(?<![\w$€£¥#/=+-])(?<!\d[.,])"
_END: Final = r"(?![\w$€£%]|-\w|[.,]\d|/\d)"
_SEP: Final = r"[ \t.\-/]{1,3}"
_DIGIT_WORD: Final = r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple)"


def _digits(text: str) -> str:
    return re.sub(r"\D", "", re.split(r"[x#]|ext|dur", text, maxsplit=1, flags=re.IGNORECASE)[0])


def international(text: str) -> bool:
    """Say whether it has the 7 to 15 digits of E.164, not all the same."""
    digits = _digits(text)
    return 7 <= len(digits) <= 17 and len(set(digits)) > 1


def national(text: str) -> bool:
    """Say whether it may be a national number with a leading zero: 9 to 12 digits."""
    digits = _digits(text)
    return 9 <= len(digits) <= 12 and len(set(digits)) > 1


def north_american(text: str) -> bool:
    """Say whether area code and exchange start with 2 to 9, as the numbering plan has it."""
    digits = _digits(text)[-10:]
    return digits[0] in "23456789" and digits[3] in "23456789"


def phone_rules() -> tuple[Rule, ...]:
    """Compile the telephone patterns."""

    def rule(pattern: str, score: float = 0.75, **options: object) -> Rule:
        check = options.get("check")
        return Rule(
            pattern=re.compile(pattern, re.IGNORECASE | re.MULTILINE),
            score=score,
            check=check if callable(check) else None,
            context=_PHONE if options.get("cued") else None,
            against=_OTHER_NUMBER if options.get("cued") else None,
        )

    return (
        rule(
            rf"(?<![\w$€£¥#=+.-])(?:\+|00(?=[1-9])) ?\d{{1,3}}(?:[ \t.\-/()]{{0,3}}\d){{6,14}}{_EXTENSION}{_END}",
            0.9,
            check=international,
        ),
        # (212) 555-0147, 212-555-0147, 1.212.555.0147, 212 555 0147, (212)555-0147
        rule(
            rf"{_START}(?:1{_SEP})?(?:\(\d{{3}}\)[ \t.\-/]{{0,3}}|\d{{3}}{_SEP})\d{{3}}{_SEP}\d{{4}}{_EXTENSION}{_END}",
            0.85,
        ),
        rule(rf"{_START}(?:1{_SEP})?\(\d{{3}}\)[ \t]?\d{{7}}{_EXTENSION}{_END}", 0.8),
        rule(rf"{_START}\d{{3}}{_SEP}\d{{7}}{_EXTENSION}{_END}", 0.7, cued=True),
        # 07700 900123, 020 7946 0018, 06 12 34 56 78, 030/901820, (0)30 901820
        rule(rf"{_START}\(?0\)?\d{{1,4}}\)?(?:{_SEP}\d{{2,8}}){{1,5}}{_EXTENSION}{_END}", 0.7, check=national),
        # Grouped otherwise: 612 345 678, 98765 43210, 9123 4567
        rule(rf"{_START}\d{{2,5}}(?:{_SEP}\d{{2,5}}){{1,4}}{_EXTENSION}{_END}", 0.65, check=international, cued=True),
        rule(rf"{_START}\+?\d{{7,15}}{_EXTENSION}{_END}", 0.65, check=international, cued=True),
        rule(rf"{_START}[2-9]\d{{2}}[ .-]\d{{4}}{_EXTENSION}{_END}", 0.65, cued=True),
        # Alone on its line, as in a pasted label.
        rule(rf"^[ \t]{{0,4}}(?P<value>1?\d{{10}}{_EXTENSION})[ \t]{{0,4}}$", 0.6, check=north_american),
        rule(rf"^[ \t]{{0,4}}(?P<value>[2-9]\d{{2}}[-.]\d{{4}}{_EXTENSION})[ \t]{{0,4}}$", 0.6),
        # Read out: "five five five, oh one four seven"
        rule(rf"(?<!\w){_DIGIT_WORD}(?:[ ,.-]{{1,3}}{_DIGIT_WORD}){{6,14}}(?!\w)", 0.7),
    )  # fmt: skip
