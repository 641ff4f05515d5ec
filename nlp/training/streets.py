"""Street lines of many countries: what of an address the bot removes, without city and zip."""

from __future__ import annotations

import random
from typing import Final

from nlp.training import made_up_names, name_pools
from nlp.training.word_stock import Maker, filled, patterns, sections, words

_JOINTS: Final = (", ", ", ", " ", " ", " ", "\n", " - ", ",")
_LETTERS: Final = "ABCDEFGHJKLMNPRSTW"


def house_number(rng: random.Random) -> str:
    """Return a house number of one to five digits."""
    chance = rng.random()
    if chance < 0.3:
        return str(rng.randrange(1, 100))
    if chance < 0.6:
        return str(rng.randrange(100, 1000))
    return str(rng.randrange(1000, 10000 if chance < 0.93 else 40000))


def ordinal(rng: random.Random) -> str:
    """Return the name of a numbered street: 5th, 42nd."""
    number = rng.choice((rng.randrange(1, 30), rng.randrange(1, 220)))
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def street_name(rng: random.Random) -> str:
    """Return what a street is named for, without Street or Road."""
    chance = rng.random()
    if chance < 0.58:
        return rng.choice(words("street_words"))
    if chance < 0.76:
        return name_pools.any_surname(rng)
    if chance < 0.83:
        return name_pools.any_given(rng)
    if chance < 0.87:
        return rng.choice(words("word_names"))
    return made_up_names.surname(rng)


def _unit_number(rng: random.Random) -> str:
    chance = rng.random()
    if chance < 0.3:
        return str(rng.randrange(1, 30))
    if chance < 0.6:
        return str(rng.randrange(100, 2500))
    letter = rng.choice(_LETTERS)
    if chance < 0.75:
        return f"{rng.randrange(1, 30)}{letter}"
    if chance < 0.85:
        return letter
    return f"{letter}{rng.choice(('', '-'))}{rng.randrange(1, 400)}"


def _maybe_unit(rng: random.Random) -> str:
    return rng.choice(_JOINTS) + unit(rng) if rng.random() < 0.22 else ""


MAKERS: Final[dict[str, Maker]] = {
    "n": house_number,
    "ord": ordinal,
    "name": street_name,
    "suffix": lambda rng: rng.choice(words("street_suffixes")),
    "suf": lambda rng: _suffix(rng),
    "uksuf": lambda rng: rng.choice(words("uk_suffixes")),
    "dir": lambda rng: rng.choice(words("directions")),
    "given": name_pools.any_given,
    "surname": name_pools.any_surname,
    "made_up": made_up_names.surname,
    "hundreds": lambda rng: str(rng.randrange(1, 130) * 100),
    "num": lambda rng: str(rng.choice((rng.randrange(1, 100), rng.randrange(1, 1000)))),
    "bign": lambda rng: str(rng.randrange(1000, 30000)),
    "bignum": lambda rng: str(rng.randrange(100, 100000)),
    "d": lambda rng: str(rng.randrange(1, 10)),
    "dd": lambda rng: str(rng.randrange(1, 150)),
    "A": lambda rng: rng.choice(_LETTERS),
    "u": _maybe_unit,
    "unit": lambda rng: unit(rng),
    "unum": _unit_number,
}


def _suffix(rng: random.Random) -> str:
    chance = rng.random()
    if chance < 0.45:
        return rng.choice(("St", "Ave", "Rd", "Dr", "Ln", "Ct", "Blvd", "Way", "Pl"))
    if chance < 0.75:
        return rng.choice(("Street", "Avenue", "Road", "Drive", "Lane", "Court", "Circle"))
    if chance < 0.9:
        return rng.choice(words("street_abbreviations"))
    return rng.choice(words("street_suffixes"))


def _made(rng: random.Random, file: str, section: str = "") -> str:
    return filled(rng.choice(patterns(file, section)), rng, MAKERS).strip()


def unit(rng: random.Random) -> str:
    """Return a flat, suite, floor or building: Apt 4B."""
    return _made(rng, "units")


def pobox(rng: random.Random) -> str:
    """Return a post office box in one of its forms."""
    return _made(rng, "poboxes")


def street_bare(rng: random.Random) -> str:
    """Return a street line without Street or Road: 8800 Lakeshore."""
    return _made(rng, "streets_bare")


def street_us(rng: random.Random) -> str:
    """Return a street line of the United States."""
    return _made(rng, "streets_us")


def street_in(rng: random.Random, country: str, *, native: bool = False) -> str:
    """Return a street line in the form of a country, by its ISO code.

    Args:
        rng: Where the randomness comes from.
        country: ISO code; one without patterns of its own gets the British form.
        native: Whether to write it in the country's own script, where that is not Latin.
    """
    if country == "US":
        chance = rng.random()
        if chance < 0.15:
            return street_bare(rng)
        return pobox(rng) if chance < 0.2 else street_us(rng)
    if rng.random() < 0.03:
        return pobox(rng)
    known = sections("streets_abroad")
    if native and f"{country} native" in known:
        return _made(rng, "streets_abroad", f"{country} native")
    return _made(rng, "streets_abroad", country if country in known else "GB")


def street_abroad(rng: random.Random) -> str:
    """Return a street line of some country other than the United States, in Latin script."""
    return street_in(
        rng, rng.choice([name for name in sections("streets_abroad") if name.isupper()])
    )


def street(rng: random.Random, style: str | None = None) -> str:
    """Return a street line, often with the unit.

    Args:
        rng: Where the randomness comes from.
        style: `us`, `bare`, `pobox` or the ISO code of a country; anything when None.
    """
    if style == "us":
        return street_us(rng)
    if style == "bare":
        return street_bare(rng)
    if style == "pobox":
        return pobox(rng)
    if style is not None:
        return street_in(rng, style)
    if rng.random() < 0.6:
        return street_in(rng, "US")
    country = rng.choice([name for name in sections("streets_abroad") if " " not in name])
    return street_in(rng, country, native=False)
