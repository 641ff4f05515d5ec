"""The values of the slots of the templates, and the label that each has."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

from nlp.training import fillings, names, places, streets
from nlp.training import identifiers as ids
from nlp.training.identities import Identity
from nlp.training.word_stock import Maker, sections, words

SlotMaker = Callable[[random.Random, Identity], str]


class SlotUnknown(ValueError):
    """A template asks for a slot that there is not."""


def _city(rng: random.Random, who: Identity) -> str:
    chance = rng.random()
    if chance < 0.6:
        return who.city
    if chance < 0.8:
        return fillings.us_city(rng)
    return rng.choice(places.cities_of(rng.choice(list(sections("cities_abroad")))))[0]


def _state(rng: random.Random, who: Identity) -> str:
    chance = rng.random()
    if chance < 0.75:
        return who.state
    if chance < 0.9:
        name, _, code = rng.choice(words("us_states")).rpartition(" ")
        return rng.choice((name, code))
    return rng.choice(words("other_states"))


def _mention(rng: random.Random, who: Identity) -> str:
    if rng.random() < 0.8:
        return f"<@{ids.slack_id(rng)}>"
    return f"<@{ids.slack_id(rng)}|{who.username}>"


def _channel(rng: random.Random, _who: Identity) -> str:
    name = rng.choice(words("channels"))
    return f"#{name}" if rng.random() < 0.6 else f"<#{ids.slack_id(rng, 'C')}|{name}>"


def _percent(rng: random.Random) -> str:
    return rng.choice(
        (f"{rng.randrange(1, 100)}%", f"{rng.randrange(1, 100)}.{rng.randrange(10)}%")
    )


def _month(rng: random.Random) -> str:
    month = rng.choice(ids.MONTHS)
    return month if rng.random() < 0.8 else month[:3]


def _day(rng: random.Random) -> str:
    day = rng.choice(ids.WEEKDAYS)
    return day if rng.random() < 0.8 else day[:3]


def _alone(maker: Maker) -> SlotMaker:
    """Return a maker for a slot that has nothing to do with the person."""
    return lambda rng, _who: maker(rng)


def _listed(name: str) -> SlotMaker:
    return lambda rng, _who: rng.choice(words(name))


def _country(rng: random.Random, who: Identity) -> str:
    return who.country if rng.random() < 0.4 else rng.choice(words("countries"))


_PERSON: Final = "PERSON"
_STREET: Final = "STREET_ADDRESS"
_LOCATION: Final = "LOCATION"
_ORGANIZATION: Final = "ORGANIZATION"

_LABELLED: Final[dict[str, tuple[str, SlotMaker]]] = {
    "person": (_PERSON, names.person),
    "first": (_PERSON, names.first),
    "last": (_PERSON, names.last),
    "full": (_PERSON, names.full),
    "initials": (_PERSON, names.initials),
    "lastfirst": (_PERSON, names.lastfirst),
    "nick": (_PERSON, names.nick),
    "single": (_PERSON, names.single),
    "longname": (_PERSON, _alone(names.longname)),
    "wordname": (_PERSON, _alone(names.wordname)),
    "tiny": (_PERSON, _listed("tiny_names")),
    "street": (_STREET, lambda _rng, who: who.street),
    "street_us": (_STREET, _alone(streets.street_us)),
    "street_bare": (_STREET, _alone(streets.street_bare)),
    "street_abroad": (_STREET, _alone(streets.street_abroad)),
    "unit": (_STREET, lambda _rng, who: who.unit),
    "pobox": (_STREET, _alone(streets.pobox)),
    "city": (_LOCATION, _city),
    "state": (_LOCATION, _state),
    "country": (_LOCATION, _country),
    "place": (_LOCATION, _listed("places")),
    "org": (_ORGANIZATION, _alone(fillings.organization)),
    "brand": (_ORGANIZATION, _listed("brands")),
    "carrier": (_ORGANIZATION, _listed("carriers")),
    "marketplace": (_ORGANIZATION, _listed("marketplaces")),
}
_UNLABELLED: Final[dict[str, SlotMaker]] = {
    "zip": lambda _rng, who: who.zip,
    "zip_abroad": _alone(places.postal_code_abroad),
    "order": _alone(ids.order),
    "tracking": _alone(ids.tracking),
    "sku": _alone(ids.sku),
    "asin": _alone(ids.asin),
    "wro": _alone(lambda rng: ids.prefixed(rng, "WRO", "WRO", "WRO")),
    "rma": _alone(lambda rng: ids.prefixed(rng, "RMA", "RMA", "RA")),
    "po": _alone(lambda rng: ids.prefixed(rng, "PO", "PO", "P.O.", "4500")),
    "qty": _alone(lambda rng: str(rng.choice((rng.randrange(1, 12), rng.randrange(1, 500))))),
    "num": _alone(lambda rng: str(rng.randrange(1, 10 ** rng.randrange(1, 5)))),
    "bignum": _alone(lambda rng: ids.digits(rng, rng.randrange(5, 13))),
    "price": _alone(ids.price),
    "percent": _alone(_percent),
    "date": _alone(ids.some_date),
    "birthdate": _alone(ids.birthdate),
    "year": _alone(lambda rng: str(rng.randrange(1960, 2032))),
    "month": _alone(_month),
    "day": _alone(_day),
    "time": _alone(ids.time),
    "email": lambda _rng, who: who.email,
    "phone": lambda _rng, who: who.phone,
    "url": _alone(fillings.url),
    "username": lambda _rng, who: who.username,
    "mention": _mention,
    "channel": _channel,
    "card": _alone(ids.card),
    "ip": _alone(ids.ip),
    "product": _alone(fillings.product),
    "color": _listed("colors"),
    "size": _listed("sizes"),
    "warehouse": _listed("warehouses"),
    "acronym": _listed("acronyms"),
    "currency": _listed("currencies"),
    "word": _listed("nouns"),
    "emoji": _listed("emoji"),
    "work": _listed("works"),
    "event": _listed("events"),
    "eponym": _listed("eponyms"),
    "dish": _listed("dishes"),
    "animal": _listed("animals"),
    "colorname": _listed("colornames"),
    "language": _listed("languages"),
    "software": _listed("software"),
    "job": _listed("jobs"),
    "foreign": _listed("foreign_words"),
    "ship": _listed("ships"),
}

SLOTS: Final[dict[str, SlotMaker]] = {
    **{slot: maker for slot, (_, maker) in _LABELLED.items()},
    **_UNLABELLED,
}
"""The maker of each slot."""
LABEL_OF: Final[dict[str, str | None]] = {
    **{slot: label for slot, (label, _) in _LABELLED.items()},
    **dict.fromkeys(_UNLABELLED),
}
"""The entity type that a slot's value is, None for what is no entity of the model."""
OF_SOMEBODY: Final = frozenset(
    {"person", "first", "last", "full", "initials", "lastfirst", "nick", "single", "street", "unit"}
    | {"city", "state", "country", "zip", "email", "phone", "username", "mention"}
)
"""The slots whose value depends on the person; the others need none."""


def value(slot: str, rng: random.Random, who: Identity) -> str:
    """Return a value for a slot.

    Args:
        slot: One of the keys of `SLOTS`.
        rng: Where the randomness comes from.
        who: Whose name, address and e-mail it is, where the slot is about a person.

    Raises:
        SlotUnknown: There is no such slot.
    """
    maker = SLOTS.get(slot)
    if maker is None:
        raise SlotUnknown
    return maker(rng, who)
