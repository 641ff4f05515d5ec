"""Telephone numbers, as data and two small rules about digits.

No library of the world's numbering plans: what merchants paste has a plus sign, the groups of a
national form, or the word "phone" beside it, and a bare run of digits is more often an order, a
tracking or a case number.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from nlp.detection.patterns.rules import Cues, Needs, Rule, cues, words

_OTHER_NUMBERS: Final = (
    "order", "orders", "tracking", "track", "case", "ticket", "invoice", "asin", "sku", "upc", "ean", "po", "box",
    "qty", "quantity", "ups", "usps", "fedex", "dhl", "zip", "item", "ref", "reference", "rma", "wro", "id",
    "model", "serial", "account", "acct", "routing", "card", "ssn", "passport", "license", "licence", "batch", "lot",
    "shipment", "claim", "confirmation", "unit", "units",
)  # fmt: skip
_OTHER_NUMBER: Final = words(*_OTHER_NUMBERS)
_SAID: Final = cues(
    "phone", "telephone", "tel", "telefono", "teléfono", "telefon", "ph", "cell", "cellphone", "mobile", "mob",
    "handy", "whats app", "viber", "fax", "sms", "text", "texts", "texted", "texting", "call", "calls", "called",
    "calling", "ring", "dial", "reach", "reached", "reachable", "contact", "contacts", "contacted", "voicemail",
    "landline", "móvil", "téléphone", "telefonnummer", "wa.me/", "hotline", "extension",
)  # fmt: skip
# "my number is", but not "tracking number".
_NUMBER: Final = r"\b(?:number|numero|número)\b" + "".join(
    f"(?<!{thing} number)" for thing in _OTHER_NUMBERS
)
_PHONE: Final = Cues(
    re.compile(f"{_SAID.pattern.pattern}|{_NUMBER}", re.IGNORECASE),
    _SAID.words | {"number", "numero", "número"},
)
_EXTENSION: Final = (
    r"(?:[ \t]{0,2},?[ \t]{0,2}(?:x|ext|extn|extension|durchwahl|#)\.?[ \t:]{0,2}\d{1,6})?"
)


def _first(char: str) -> str:
    """Return a pattern for the first character, with what it may not follow said after it.

    A pattern that starts with a plain character is searched for many times faster than one that
    starts with a look behind.
    """
    return rf"{char}(?<![\w$€£¥#/=+-]{char})(?<!\d[.,]{char})"


_PLUS: Final = r"\+"
_DIGIT: Final = _first(r"\d")
_OPEN: Final = _first(r"\(")
_END: Final = r"(?![\w$€£%]|-\w|[.,]\d|/\d)"
_SEP: Final = r"[ \t.\-/]{1,3}"
_DIGIT_WORDS: Final = (
    "zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "double", "triple",
)  # fmt: skip


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
    word = f"(?:{'|'.join(_DIGIT_WORDS)})"
    rest = rf"\d{{3}}{_SEP}\d{{4}}{_EXTENSION}{_END}"
    abroad = rf" ?\d{{1,3}}(?:[ \t.\-/()]{{0,3}}\d){{6,14}}{_EXTENSION}{_END}"
    plus = r"(?<![\w$€£¥#=+.-]{0})"
    return (
        _rule(r"\+" + plus.replace("{0}", r"\+") + abroad, 0.9, 7, international, char="+"),
        _rule("0" + plus.replace("{0}", "0") + "0(?=[1-9])" + abroad, 0.9, 9, international),
        # 212-555-0147, 1.212.555.0147, 1 (212) 555-0147, (212) 555 0147, (212)555-0147
        _rule(rf"{_DIGIT}\d{{2}}{_SEP}{rest}", 0.85, 12),
        _rule(rf"{_first('1')}{_SEP}(?:\(\d{{3}}\)[ \t.\-/]{{0,3}}|\d{{3}}{_SEP}){rest}", 0.85, 12),
        _rule(rf"{_OPEN}\d{{3}}\)[ \t.\-/]{{0,3}}{rest}", 0.85, 12, char="("),
        _rule(rf"{_OPEN}\d{{3}}\)[ \t]?\d{{7}}{_EXTENSION}{_END}", 0.8, 11, char="("),
        _rule(rf"{_first('1')}{_SEP}\(\d{{3}}\)[ \t]?\d{{7}}{_EXTENSION}{_END}", 0.8, 11, char="("),
        _rule(rf"{_DIGIT}\d{{2}}{_SEP}\d{{7}}{_EXTENSION}{_END}", 0.7, 11, cued=True),
        # 07700 900123, 020 7946 0018, 06 12 34 56 78, 030/901820, (0)30 901820
        _rule(rf"{_first('0')}\)?\d{{1,4}}\)?(?:{_SEP}\d{{2,8}}){{1,5}}(?:-\d)?{_EXTENSION}{_END}", 0.7, 10, national),
        _rule(rf"{_OPEN}0\)?\d{{1,4}}\)?(?:{_SEP}\d{{2,8}}){{1,5}}(?:-\d)?{_EXTENSION}{_END}", 0.7, 10, national, char="("),
        # Grouped otherwise: 612 345 678, 98765 43210, 9123 4567
        _rule(rf"{_DIGIT}\d{{1,4}}(?:{_SEP}\d{{2,5}}){{1,4}}{_EXTENSION}{_END}", 0.65, 8, international, cued=True),
        _rule(rf"{_DIGIT}\d{{6,14}}{_EXTENSION}{_END}", 0.65, 7, international, cued=True),
        _rule(rf"{_first(_PLUS)}\d{{7,15}}{_EXTENSION}{_END}", 0.65, 7, international, cued=True, char="+"),
        _rule(rf"{_first('[2-9]')}\d{{2}}[ .-]\d{{4}}{_EXTENSION}{_END}", 0.65, 8, cued=True),
        # Alone on its line, as in a pasted label.
        _rule(rf"^[ \t]{{0,4}}(?P<value>1?\d{{10}}{_EXTENSION})[ \t]{{0,4}}$", 0.6, 10, north_american),
        _rule(rf"^[ \t]{{0,4}}(?P<value>[2-9]\d{{2}}[-.]\d{{4}}{_EXTENSION})[ \t]{{0,4}}$", 0.6, 8),
        # Read out: "five five five, oh one four seven"
        Rule(
            pattern=re.compile(rf"{word}(?:[ ,.-]{{1,3}}{word}){{6,14}}(?!\w)", re.IGNORECASE),
            score=0.7,
            starts=frozenset(_DIGIT_WORDS),
        ),
    )  # fmt: skip


def _rule(
    pattern: str,
    score: float,
    digits: int,
    check: Callable[[str], bool] | None = None,
    *,
    cued: bool = False,
    char: str = "",
) -> Rule:
    return Rule(
        pattern=re.compile(pattern, re.IGNORECASE | re.MULTILINE),
        score=score,
        needs=Needs(digits=digits, parts=tuple(char)),
        check=check,
        context=_PHONE if cued else None,
        against=_OTHER_NUMBER if cued else None,
    )
