"""Cities with their states and postal codes, and how countries are called."""

from __future__ import annotations

import random
from functools import cache
from typing import Final, NamedTuple

from nlp.training.word_stock import sections, words


class Locality(NamedTuple):
    """A place where mail is delivered.

    Attributes:
        city: Its name.
        state: State or province; the country's name where addresses have none.
        zip: Postal code, in the country's form.
        country: ISO code.
        country_name: Name or code, as somebody may write it.
    """

    city: str
    state: str
    zip: str
    country: str
    country_name: str


_LETTERS: Final = "ABCDEGHJKLMNPRSTVWXYZ"


@cache
def state_names() -> dict[str, str]:
    """Return code and name of the states of the United States."""
    pairs = (entry.rpartition(" ") for entry in words("us_states"))
    return {code: name for name, _, code in pairs}


@cache
def cities_of(country: str) -> tuple[tuple[str, str], ...]:
    """Return the cities of a country, each with its state where one is written."""
    entries = ",".join(sections("cities_abroad")[country]).split(",")
    return tuple(
        (city.strip(), state.strip())
        for city, _, state in (entry.partition("/") for entry in entries)
    )


def postal_code(rng: random.Random, country: str) -> str:
    """Return a postal code in the form of a country outside the United States."""
    forms = sections("postal_codes")
    form = rng.choice(forms.get(country, forms[""]))
    return "".join(
        str(rng.randrange(10)) if char == "#" else rng.choice(_LETTERS) if char == "@" else char
        for char in form
    )


def postal_code_abroad(rng: random.Random) -> str:
    """Return a postal code of some country outside the United States."""
    return postal_code(rng, rng.choice(list(sections("postal_codes"))))


def locality(rng: random.Random, country: str) -> Locality:
    """Return a place in a country."""
    name = rng.choice(sections("country_names")[country])
    if country != "US":
        city, state = rng.choice(cities_of(country))
        return Locality(city, state or name, postal_code(rng, country), country, name)
    city, code, prefix = rng.choice(words("us_cities")).rsplit(" ", 2)
    state = code if rng.random() < 0.7 else state_names()[code]
    digits = f"{prefix}{rng.randrange(100):02d}"
    if rng.random() < 0.12:
        digits += f"-{rng.randrange(10000):04d}"
    return Locality(city, state, digits, country, name)
