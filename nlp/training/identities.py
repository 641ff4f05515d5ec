"""Invented people: a name, what it is written with, and an address of one country's form."""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Final

from nlp.training import made_up_names, name_pools
from nlp.training.contacts import email, phone, username
from nlp.training.places import Locality, locality
from nlp.training.streets import street_in, unit
from nlp.training.word_stock import words

US_SHARE: Final = 0.62
"""Most of the orders go to the United States, whatever the name."""


@dataclass(frozen=True, slots=True)
class Identity:
    """One invented person.

    Attributes:
        first: Given name; may be of two words.
        last: Surname; may be of several words.
        middle: A second given name.
        nick: What friends say; the given name where it has no short form.
        email: Built from the name.
        phone: In a form of the country.
        street: The street line, sometimes with the unit.
        unit: Flat, suite, floor.
        city: In the country.
        state: State or province, name or code; the country where it has none.
        zip: Postal code in the country's form.
        country: Name or code.
        username: Built from the name.
        family_first: Whether the surname stands first and unspaced, as in Chinese writing.
    """

    first: str
    last: str
    middle: str
    nick: str
    email: str
    phone: str
    street: str
    unit: str
    city: str
    state: str
    zip: str
    country: str
    username: str
    family_first: bool = False


def identity(rng: random.Random) -> Identity:
    """Return a new person."""
    chance = rng.random()
    native = chance < 0.04
    origin = name_pools.origin(rng, native=native)
    first, last = _drawn(rng, origin.locale, chance)
    country = "US" if rng.random() < US_SHARE else origin.country
    place = locality(rng, country)
    if not native and rng.random() < 0.35:
        first, last = without_accents(first), without_accents(last)
    return _made(rng, first, last, origin.locale, place, native)


def _made(
    rng: random.Random, first: str, last: str, locale: str, place: Locality, native: bool
) -> Identity:
    plain_first, plain_last = (
        made_up_names.pair(rng) if native else (without_accents(first), without_accents(last))
    )
    return Identity(
        first=first,
        last=last,
        middle=first if native else rng.choice(name_pools.pool(locale).givens),
        nick=_nick(rng, first, native),
        email=email(rng, plain_first, plain_last),
        phone=phone(rng, place.country),
        street=street_in(rng, place.country, native=native and rng.random() < 0.6),
        unit=unit(rng),
        city=place.city,
        state=place.state,
        zip=place.zip,
        country=place.country_name,
        username=username(rng, plain_first, plain_last),
        family_first=locale in name_pools.FAMILY_NAME_FIRST,
    )


def _drawn(rng: random.Random, locale: str, chance: float) -> tuple[str, str]:
    """Return given name and surname; `chance` decides the kind, its first 0.04 being native."""
    pool = name_pools.pool(locale)
    first, last = rng.choice(pool.givens), rng.choice(pool.surnames)
    if chance < 0.04:
        return first, last
    if chance < 0.16:
        made_first, made_last = made_up_names.pair(rng)
        kind = rng.random()
        if kind < 0.6:
            return made_first, made_last
        return (made_first, last) if kind < 0.8 else (first, made_last)
    if chance < 0.25:
        kind = rng.random()
        word = rng.choice(words("word_names"))
        if kind < 0.4:
            return word, last
        return (first, word) if kind < 0.8 else (word, rng.choice(words("word_names")))
    if chance < 0.30:
        return made_up_names.short_pair(rng)
    if chance < 0.38:
        return rng.choice(words("world_givens")), rng.choice(words("world_surnames"))
    return first, _composed(rng, last, locale)


def _composed(rng: random.Random, last: str, locale: str) -> str:
    chance = rng.random()
    surnames = name_pools.pool(locale).surnames
    if locale.startswith(("es_", "pt_")) and chance < 0.3:
        joint = rng.choice((" ", " ", " y ", "-"))
        return f"{last}{joint}{rng.choice(surnames)}"
    if chance < 0.035:
        return f"{last}-{rng.choice(surnames)}"
    if chance < 0.075:
        return rng.choice(words("particle_surnames"))
    if chance < 0.085 and locale.startswith("en"):
        return rng.choice(("Mc", "Mac", "O'", "Fitz", "St. ", "Van ", "De ")) + last
    return last


@cache
def _short_forms() -> dict[str, tuple[str, ...]]:
    forms: dict[str, tuple[str, ...]] = {}
    for entry in words("nicknames"):
        name, _, short = entry.partition(" ")
        forms[name] = (*forms.get(name, ()), short)
    return forms


def _nick(rng: random.Random, first: str, native: bool) -> str:
    forms = _short_forms().get(first)
    if forms:
        return rng.choice(forms)
    if native or len(first) < 5 or not first.isalpha() or rng.random() < 0.3:
        return first
    stem = first[: rng.choice((3, 3, 4))]
    while len(stem) < len(first) - 1 and stem[-1] in "aeiou":
        stem = first[: len(stem) + 1]
    return stem + rng.choice(("", "", "", "ie", "y", "o", "i"))


def without_accents(name: str) -> str:
    """Return a name as an English keyboard writes it."""
    if name.isascii():
        return name
    decomposed = unicodedata.normalize("NFKD", name)
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    return plain.translate(_LETTERS)


_LETTERS: Final = str.maketrans(
    {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "ß": "ss", "æ": "ae", "ı": "i", "đ": "d", "ð": "d"}
    | {"þ": "th", "Þ": "Th", "ə": "e", "Ə": "E", "Đ": "D", "’": "'", "ʻ": "'", "œ": "oe"}
)
