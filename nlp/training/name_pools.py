"""Given names and surnames of many languages.

Most come from Faker (MIT), a library that only the training needs; the lists beside this file add
what Faker leaves thin. Faker's methods per value are slow, so its tables are read directly.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from itertools import accumulate
from typing import Final, NamedTuple

from nlp.training.word_stock import words


class Pool(NamedTuple):
    """The names of one locale."""

    givens: tuple[str, ...]
    surnames: tuple[str, ...]


class Origin(NamedTuple):
    """Where a name comes from.

    Attributes:
        weight: How often, relative to the others.
        locale: Faker's name of the locale.
        country: ISO code of the country whose addresses go with it.
    """

    weight: float
    locale: str
    country: str


FAMILY_NAME_FIRST: Final = frozenset({"zh_CN", "zh_TW", "ja_JP", "ko_KR"})

_GIVENS: Final = ("first_names", "first_names_male", "first_names_female")
_SURNAMES: Final = (
    *("last_names", "last_names_male", "last_names_female"),
    *("unisex_last_names", "male_last_names", "last_names_without_suffix"),
)


@cache
def origins(*, native: bool = False) -> tuple[Origin, ...]:
    """Return where names come from that are written in Latin script, or in their own."""
    entries = (entry.split() for entry in words("origins_native" if native else "origins_latin"))
    return tuple(Origin(float(weight), locale, country) for weight, locale, country in entries)


@cache
def _cumulated(native: bool) -> tuple[float, ...]:
    return tuple(accumulate(origin.weight for origin in origins(native=native)))


def origin(rng: random.Random, *, native: bool = False) -> Origin:
    """Return where a name comes from; native ones are written in their own script."""
    return rng.choices(origins(native=native), cum_weights=_cumulated(native))[0]


@cache
def pool(locale: str) -> Pool:
    """Return the names of a locale. Raises ModuleNotFoundError without Faker."""
    provider = import_module(f"faker.providers.person.{locale}").Provider
    givens = _table(provider, _GIVENS)
    surnames = _table(provider, _SURNAMES) or pool("en_US").surnames
    return Pool(givens, surnames)


def _table(provider: type, attributes: Sequence[str]) -> tuple[str, ...]:
    stand_in = import_module("faker.providers.person").Provider
    found: dict[str, None] = {}
    for attribute in attributes:
        table = getattr(provider, attribute, None)
        # A locale that has only one of the tables inherits Faker's stand-in, John Doe.
        if table is not getattr(stand_in, attribute, None) and isinstance(
            table, list | tuple | dict
        ):
            found.update(dict.fromkeys(str(name).strip() for name in table))
    return tuple(unicodedata.normalize("NFC", name) for name in found if name)


def any_given(rng: random.Random) -> str:
    """Return a given name in Latin script, of anywhere."""
    if rng.random() < 0.12:
        return rng.choice(words("world_givens"))
    return rng.choice(pool(origin(rng).locale).givens)


def any_surname(rng: random.Random) -> str:
    """Return a surname in Latin script, of anywhere."""
    if rng.random() < 0.12:
        return rng.choice(words("world_surnames"))
    return rng.choice(pool(origin(rng).locale).surnames)


@cache
def known_names() -> frozenset[str]:
    """Return every name in Latin script that is drawn from a list, in lower case."""
    names = {*words("word_names"), *words("world_givens"), *words("world_surnames")}
    for place in origins():
        found = pool(place.locale)
        names.update(found.givens, found.surnames)
    return frozenset(name.lower() for name in names)
