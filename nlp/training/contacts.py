"""E-mail addresses, user names and phone numbers that go with a name and a country."""

from __future__ import annotations

import random
import re
from typing import Final

from nlp.training.word_stock import sections, words

_NOT_A_LETTER: Final = re.compile(r"[^a-z]+")


def _letters(name: str) -> str:
    lower = name.lower()
    return lower if lower.isascii() and lower.isalpha() else _NOT_A_LETTER.sub("", lower) or "user"


def username(rng: random.Random, first: str, last: str) -> str:
    """Return what the person may be called on a website."""
    given, family = _letters(first), _letters(last)
    parts = {"f": given, "i": given[0], "l": family, "j": family[0]}
    return "".join(
        parts.get(sign) or _sign(rng, sign) for sign in rng.choice(words("usernames")).split()
    )


def _sign(rng: random.Random, sign: str) -> str:
    if sign == "n":
        return str(rng.choice((rng.randrange(1, 100), rng.randrange(1950, 2012))))
    return _letters(rng.choice(words("nouns"))) if sign == "w" else sign


def email(rng: random.Random, first: str, last: str) -> str:
    """Return an e-mail address made of the name."""
    local = username(rng, first, last)
    if rng.random() < 0.04:
        local += f"+{_letters(rng.choice(words('nouns')))}"
    domain = rng.choice(words("mail_domains"))
    if rng.random() < 0.2:
        kind = rng.choice(("", "group", "law", "co", "shop"))
        ending = rng.choice(("com", "net", "org", "co.uk", "de", "io"))
        domain = f"{_letters(last)}{kind}.{ending}"
    address = f"{local}@{domain}"
    return address.capitalize() if rng.random() < 0.05 else address


def phone(rng: random.Random, country: str) -> str:
    """Return a phone number in a form of the country; any digits."""
    forms = sections("phones")
    form = rng.choice(forms.get(country, forms[""]))
    # One number for all places is faster than one for each.
    digits = iter(f"{rng.randrange(10**20):020d}")
    return "".join(
        next(digits) if char == "#" else "23456789"[int(next(digits)) % 8] if char == "~" else char
        for char in form
    )
