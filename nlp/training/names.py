"""How a person is named in a message: the name slots of the templates."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import accumulate
from typing import Final

from nlp.training import made_up_names, name_pools
from nlp.training.identities import Identity
from nlp.training.word_stock import words

Form = Callable[[random.Random, Identity], str]


def first(_rng: random.Random, who: Identity) -> str:
    """Return the given name."""
    return who.first


def last(_rng: random.Random, who: Identity) -> str:
    """Return the surname."""
    return who.last


def nick(_rng: random.Random, who: Identity) -> str:
    """Return the short form of the given name."""
    return who.nick


def first_last(_rng: random.Random, who: Identity) -> str:
    """Return given name and surname, in the order of the script."""
    return f"{who.last}{who.first}" if who.family_first else f"{who.first} {who.last}"


def with_middle(rng: random.Random, who: Identity) -> str:
    """Return the name with a middle name or initial, or with Jr. behind it."""
    if who.family_first or not who.first[0].isascii():
        return first_last(rng, who)
    chance = rng.random()
    if chance < 0.4:
        return f"{who.first} {who.middle} {who.last}"
    if chance < 0.85:
        return f"{who.first} {who.middle[0]}{rng.choice(('.', ''))} {who.last}"
    return f"{who.first} {who.last}{rng.choice((' Jr.', ' Jr', ', Jr.', ' III', ' II', ' Sr.'))}"


def full(rng: random.Random, who: Identity) -> str:
    """Return given name and surname, sometimes with a middle name."""
    return with_middle(rng, who) if rng.random() < 0.12 else first_last(rng, who)


def initials(rng: random.Random, who: Identity) -> str:
    """Return the name with one part shortened to a letter: J. Smith, John S., JP Smith."""
    if who.family_first or not who.first[0].isascii():
        return first_last(rng, who)
    initial, middle = who.first[0], who.middle[0]
    chance = rng.random()
    if chance < 0.45:
        return f"{initial}. {who.last}"
    if chance < 0.6:
        return f"{initial} {who.last}"
    if chance < 0.75:
        return f"{who.first} {who.last[0].upper()}{rng.choice(('.', ''))}"
    if chance < 0.9:
        return f"{initial}.{rng.choice(('', ' '))}{middle}. {who.last}"
    return f"{initial}{middle} {who.last}"


def lastfirst(rng: random.Random, who: Identity) -> str:
    """Return the surname first, as a list of people has it: Smith, John."""
    if who.family_first:
        return first_last(rng, who)
    chance = rng.random()
    if chance < 0.7:
        return f"{who.last}, {who.first}"
    if chance < 0.8:
        return f"{who.last.upper()}, {who.first}"
    if chance < 0.9:
        return f"{who.last}, {who.first} {who.middle[0]}."
    return f"{who.last}, {who.first[0]}."


def nick_last(rng: random.Random, who: Identity) -> str:
    """Return the short form with the surname, or between the two names."""
    if who.family_first:
        return first_last(rng, who)
    if rng.random() < 0.2 and who.nick != who.first:
        opening, closing = rng.choice((('"', '"'), ("(", ")"), ("“", "”"), ("'", "'")))
        return f"{who.first} {opening}{who.nick}{closing} {who.last}"
    return f"{who.nick} {who.last}"


def single(rng: random.Random, who: Identity) -> str:
    """Return one given name, in half of the cases one that nobody has."""
    return made_up_names.given(rng) if rng.random() < 0.5 else who.first


def longname(rng: random.Random) -> str:
    """Return a name of three or four parts, as in Spain or Brazil, or a Korean one with hyphen."""
    if rng.random() < 0.25:
        given, family = rng.choice(words("korean_givens")), rng.choice(words("korean_surnames"))
        return f"{family} {given}" if rng.random() < 0.5 else f"{given} {family}"
    pool = name_pools.pool(rng.choice(("es_ES", "es_MX", "pt_BR", "pt_PT")))
    givens = [rng.choice(pool.givens) for _ in range(rng.choice((1, 1, 2)))]
    joint = rng.choice((" ", " ", " ", " y ", " de ", " da ", " e ", " dos ", " del ", "-"))
    return f"{' '.join(givens)} {rng.choice(pool.surnames)}{joint}{rng.choice(pool.surnames)}"


def wordname(rng: random.Random) -> str:
    """Return a name that is an ordinary word too: Hope, Chase, Rain."""
    while len(word := rng.choice(words("word_names"))) < 3:
        pass
    return word


_FORMS: Final[tuple[Form, ...]] = (
    *(first_last, first, last, with_middle, initials, lastfirst, nick_last, nick),
)
_CUMULATED: Final = tuple(accumulate((45, 30, 6, 7, 5, 3, 2, 2)))


def person(rng: random.Random, who: Identity) -> str:
    """Return the name in any of its forms."""
    return rng.choices(_FORMS, cum_weights=_CUMULATED)[0](rng, who)


class _KnownNames:
    """The names of the lists, read when the first word is looked up, for Faker is slow to load."""

    def __contains__(self, word: object) -> bool:
        return word in name_pools.known_names()


NAMES_SEEN_IN_PROSE: Final = _KnownNames()
"""Tells of a word in lower case whether it is a name of some list."""
