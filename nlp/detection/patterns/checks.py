"""Check digits and other tests that tell a real number from a lookalike.

Every function takes the matched text and says whether it holds. None of them raises.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Final

_NOT_ALPHANUMERIC: Final = re.compile(r"[^0-9A-Za-z]")

# Issuer prefixes and lengths after ISO/IEC 7812; length ends are inclusive.
_CARD_ISSUERS: Final = (
    (re.compile(r"4"), (13, 16, 19)),  # Visa
    (re.compile(r"5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)"), (16,)),  # Mastercard
    (re.compile(r"3[47]"), (15,)),  # American Express
    (re.compile(r"6(?:011|5|4[4-9]|22)"), (16, 17, 18, 19)),  # Discover
    (re.compile(r"3(?:0[0-5]|095|6|8|9)"), (14, 15, 16, 17, 18, 19)),  # Diners Club
    (re.compile(r"35(?:2[89]|[3-8])"), (16, 17, 18, 19)),  # JCB
    (re.compile(r"62|81"), (16, 17, 18, 19)),  # UnionPay
    (re.compile(r"5[06-8]|6"), (13, 14, 15, 16, 17, 18, 19)),  # Maestro
)

# ISO 13616: who issues IBANs, as the registry of SWIFT lists them.
IBAN_COUNTRIES: Final = (
    "ad ae al at az ba be bg bh bi br by ch cr cy cz de dj dk do ee eg es fi fk fo fr gb ge gi gl gr gt hn hr"
    " hu ie il iq is it jo kw kz lb lc li lt lu lv ly mc md me mk mn mr mt mu ni nl no om pk pl ps pt qa ro rs"
    " ru sa sc sd se si sk sm so st sv tl tn tr ua va vg xk ye"
)


def compact(text: str) -> str:
    """Return the letters and digits alone, upper-case."""
    return _NOT_ALPHANUMERIC.sub("", text).upper()


def luhn(digits: str) -> bool:
    """Say whether the last digit is right (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit)
        if place % 2:
            value = value * 2 - 9 * (value > 4)
        total += value
    return total % 10 == 0


def card(digits: str) -> bool:
    """Say whether the digits are a payment card's: a known issuer, its length, the Luhn sum."""
    if digits[0] in "0179":
        return False
    known = any(len(digits) in sizes and issuer.match(digits) for issuer, sizes in _CARD_ISSUERS)
    return known and len(set(digits)) > 1 and luhn(digits)


def iban(text: str) -> bool:
    """Say whether the sum modulo 97 is 1 (ISO 13616)."""
    code = compact(text)
    if not (15 <= len(code) <= 34 and code[:2].isalpha() and code[2:4].isdigit()):
        return False
    return int("".join(str(int(char, 36)) for char in code[4:] + code[:4])) % 97 == 1


def ssn(text: str) -> bool:
    """Say whether the Social Security Administration could have given it out."""
    digits = compact(text)
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    return area not in {"000", "666"} and area < "900" and group != "00" and serial != "0000"


def itin(text: str) -> bool:
    """Say whether it lies in the ranges of the IRS: 9xx with 50-65, 70-88, 90-92, 94-99."""
    group = int(compact(text)[3:5])
    return 50 <= group <= 65 or 70 <= group <= 88 or 90 <= group <= 92 or 94 <= group <= 99


def ip_address(text: str) -> bool:
    """Say whether the standard library reads it as an IPv4 or IPv6 address."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not address.is_unspecified


def ups(text: str) -> bool:
    """Say whether the check digit of a UPS number (1Z and 16 more) is right.

    Letters count as numbers, every second place twice.
    """
    code = compact(text)[2:]
    values = [int(c) if c.isdigit() else (ord(c) - 63) % 10 for c in code]
    total = sum(value * (1, 2)[place % 2] for place, value in enumerate(values[:-1]))
    return (10 - total % 10) % 10 == values[-1]


def fedex(text: str) -> bool:
    """Say whether a number has the check digit of FedEx Express (12) or FedEx Ground (15)."""
    digits = compact(text)
    if not digits.isdigit() or len(set(digits)) == 1:
        return False
    body = [int(digit) for digit in digits[:-1]]
    match len(digits):
        case 12:
            weighted = sum(d * (3, 1, 7)[place % 3] for place, d in enumerate(body))
            expected = weighted % 11 % 10
        case 15:
            weighted = sum(d * (1, 3)[place % 2] for place, d in enumerate(body))
            expected = (10 - weighted % 10) % 10
        case _:
            return False
    return expected == int(digits[-1])


def usps(text: str) -> bool:
    """Say whether the check digit of a 20 or 22 digit USPS number is right (weights 3 and 1)."""
    digits = compact(text)
    total = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(digits[-2::-1]))
    return (10 - total % 10) % 10 == int(digits[-1])


def postal_union(text: str) -> bool:
    """Say whether the check digit of an international number such as `RB123456785GB` is right.

    The weights are those of the Universal Postal Union's standard S10.
    """
    digits = compact(text)[2:-2]
    weights = (8, 6, 4, 2, 3, 5, 9, 7)
    rest = 11 - sum(int(d) * w for d, w in zip(digits, weights, strict=False)) % 11
    return {10: 0, 11: 5}.get(rest, rest) == int(digits[-1])
