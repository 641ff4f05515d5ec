"""When two spellings are one value: the keys by which values of each kind are compared.

The first key of a value is its own, in one spelling; the others are the shorter forms by which
it may also be called. `nlp.text.numbered` says how they join.

What is not one value, on purpose: names that differ in a letter (Jon and John may be two), short
forms that are another word (Bob for Robert), a father and a son of one name (Jr., Sr., III), two
units of one house. Wrongly apart is untidy; wrongly together, an agent reads the wrong person.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from typing import Final

from nlp.detection import entities
from nlp.detection.same.same_person import person_keys
from nlp.detection.same.same_street import street_keys

_NUMBERS: Final = frozenset(
    {entities.CREDIT_CARD, entities.US_SSN, entities.US_ITIN, entities.US_BANK_NUMBER}
)
_CODES: Final = frozenset({entities.IBAN_CODE, entities.US_PASSPORT, entities.US_DRIVER_LICENSE})

_WORD: Final = re.compile(r"[^\W_]+")
_EXTENSION: Final = re.compile(r"\s*,?\s*(?:extension|extn?|durchwahl|x|#)[.:\s]*(\d{1,6})\s*$")
_LOCAL: Final = 7
_NATIONAL: Final = 10


def keys(entity_type: str, seen: str) -> tuple[str, ...]:
    """Return the value's own key, and the keys of the shorter forms that may mean it.

    Args:
        entity_type: Presidio's name of the kind.
        seen: The value as detection reads it.
    """
    folded = " ".join(unicodedata.normalize("NFKC", seen).casefold().split())
    if entity_type == entities.PERSON:
        return person_keys(folded)
    if entity_type == entities.PHONE_NUMBER:
        return _phone(folded)
    if entity_type == entities.STREET_ADDRESS:
        return street_keys(folded)
    if entity_type == entities.IP_ADDRESS:
        return (_ip(folded),)
    if entity_type in _NUMBERS:
        return (_digits(folded) or folded,)
    if entity_type in _CODES:
        return ("".join(_WORD.findall(folded)) or folded,)
    if entity_type == entities.DATE_OF_BIRTH:
        return (" ".join(_WORD.findall(folded)) or folded,)
    return (folded,)


def _digits(text: str) -> str:
    return "".join(str(unicodedata.decimal(char)) for char in text if char.isdecimal())


def _phone(folded: str) -> tuple[str, ...]:
    """Return the keys of a telephone number: digits without country code where it is +1.

    Another country's number may also be called without its code (one to three digits) and with
    the zero that stands for it; a North American one by its last seven digits.
    """
    extension = _EXTENSION.search(folded)
    number = folded[: extension.start()] if extension else folded
    digits = _digits(number)
    if not digits:
        return (folded,)
    shorter: list[str] = []
    if number.lstrip("( ").startswith("+") or digits.startswith("00"):
        digits = digits.lstrip("0")
        if not digits.startswith("1"):
            # +44 (0)20 7946 0018
            digits = re.sub(r"^(\d{1,3})0(?=\d{8,})", r"\1", digits) if "(0)" in number else digits
            shorter = [digits[cut:] for cut in (1, 2, 3) if len(digits) - cut > _LOCAL]
    elif digits.startswith("0"):
        return _extended(digits.lstrip("0") or digits, [], extension)
    if len(digits) == _NATIONAL + 1 and digits.startswith("1"):
        digits = digits[1:]
    if len(digits) == _NATIONAL:
        shorter.append(digits[-_LOCAL:])
    return _extended(digits, shorter, extension)


def _extended(digits: str, shorter: list[str], extension: re.Match[str] | None) -> tuple[str, ...]:
    if extension is None:
        return (digits, *shorter)
    return (f"{digits}x{extension[1]}", digits, *shorter)


def _ip(folded: str) -> str:
    try:
        return ipaddress.ip_address(folded).compressed
    except ValueError:
        return folded
