"""What companies, products and web pages of the training text are called."""

from __future__ import annotations

import random
from typing import Final

from nlp.training import identifiers as ids
from nlp.training import made_up_names, name_pools
from nlp.training.word_stock import Maker, filled, patterns, words


def us_city(rng: random.Random) -> str:
    """Return a city of the United States."""
    return rng.choice(words("us_cities")).rsplit(" ", 2)[0]


def _token(rng: random.Random, length: int) -> str:
    return ids.code(rng, length, "abcdefghijklmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ0123456789_-")


def _slug(rng: random.Random) -> str:
    return "-".join(rng.choice(words("nouns")) for _ in range(rng.randrange(1, 4)))


def _site(rng: random.Random) -> str:
    return (rng.choice(words("nouns")) + rng.choice(words("nouns"))).replace(" ", "")


def _model(rng: random.Random) -> str:
    return rng.choice(("", "X", "Pro ", "V", "GT-", "S")) + str(rng.randrange(1, 999))


MAKERS: Final[dict[str, Maker]] = {
    "given": name_pools.any_given,
    "surname": name_pools.any_surname,
    "us_city": us_city,
    "state_name": lambda rng: rng.choice(words("us_states")).rpartition(" ")[0],
    "middle": lambda rng: rng.choice(("", "", "o", "a", "i", "e", "ver", "lo", "na", "ti")),
    "invented": lambda rng: rng.choice(
        (
            made_up_names.given(rng).upper(),
            made_up_names.surname(rng),
            ids.code(rng, 6, "AEIOUKLNRSTVXZ"),
        )
    ),
    "model": _model,
    "number": lambda rng: str(rng.randrange(2, 48)),
    "site": _site,
    "slug": _slug,
    "order": ids.order,
    "asin": ids.asin,
    "ups": ids.ups,
    "usps": ids.usps,
    "fedex": ids.fedex,
    "slackid": lambda rng: ids.code(rng, 10),
    "bigdigits": lambda rng: ids.digits(rng, 16),
    "digits": lambda rng: ids.digits(rng, rng.randrange(3, 9)),
    "token": lambda rng: _token(rng, 32),
    "short": lambda rng: _token(rng, 7),
}


def organization(rng: random.Random) -> str:
    """Return a company, agency, school, team or bank; one in three is a well-known one."""
    if rng.random() < 0.35:
        return rng.choice(words("companies"))
    return filled(rng.choice(patterns("orgs")), rng, MAKERS)


def product(rng: random.Random) -> str:
    """Return the title of a product."""
    return filled(rng.choice(patterns("products")), rng, MAKERS)


def url(rng: random.Random) -> str:
    """Return the address of a web page, with or without the scheme."""
    return filled(rng.choice(patterns("urls")), rng, MAKERS)
