"""What `make bench` reads: invented support messages of invented people. Seeded.

They are made here and not from the templates of training, so that the benchmark stays the same
when those change, and needs none of what training needs.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from nlp.detection.entities import EMAIL_ADDRESS, PERSON, PHONE_NUMBER, STREET_ADDRESS
from nlp.training.made_up_names import pair

SHORTEST: Final = 20
LONGEST: Final = 300
"""Characters of a message."""
MOST_SENTENCES: Final = 4

WITH_PII: Final = (
    "Hi, this is {first} {last} from the warehouse team.",
    "Please send the replacement to {first} {last}, {street}, {city}, {state} {zip}.",
    "The buyer {first} {last} says nothing arrived yet.",
    "Can you call {first} back at {phone} today?",
    "My e-mail is {email} if you need the invoice.",
    "{first} {last} asked for a refund of {price} on {order}.",
    "Ship to:\n{first} {last}\n{street}\n{city}, {state} {zip}",
    "The label for {order} shows {street} and the customer moved away from there.",
    "customer is {first} {last}, phone {phone}, order {order}",
    "pls change the address to {street}, {city} {state} {zip}",
    "I talked to {first} about tracking {tracking}, no luck so far.",
    "Ms. {last} wrote from {email} and is quite upset.",
    "Thanks, {first}! That is all for today.",
    "FW: {last}, {first} <{email}> reports a crushed box.",
    "our carrier left it at {street}, but {first} lives next door",
    "Who is {first} {last}? The name on {order} does not match.",
    "Reach {first} at {email} or {phone}, either is fine.",
    "Buyer: {first} {last} / {phone} / {qty} x {sku}",
)
WITHOUT_PII: Final = (
    "Where is my order {order}?",
    "Tracking {tracking} has not moved since {day}.",
    "We are out of {sku} in {city}, only {qty} left on the shelf.",
    "The carrier says the parcel is in {city}, {state}.",
    "Please cancel {order} before it goes out.",
    "How much is storage for {qty} pallets per month?",
    "The listing shows {price}, yet the invoice says more.",
    "any update on this?",
    "It was marked as delivered on {day}, the buyer disagrees.",
    "We sent {qty} units of {sku} and you received fewer.",
    "Do you ship to {city} on weekends?",
    "The scanner at the {city} warehouse is down again.",
    "Late shipment rate is at {qty} percent this week, can we look into it?",
    "I need the proof of delivery for {order}, please.",
    "Box dimensions of {sku} are wrong in the system.",
    "Returns go back to {city}, {state} {zip}, right?",
    "the same thing happened on {day} with {order}",
    "Amazon flagged {qty} orders as late although the labels were printed in time.",
    "Could you split {order} into two packages?",
    "We would like to switch to a faster service for everything above {price}.",
    "The item was wrapped badly and came apart on the way.",
    "Which cut-off time applies on {day}?",
    "Please hold all orders with {sku} until we have checked the batch.",
    "Good morning, a quick question about our invoice.",
)

_STREETS: Final = ("Oak", "Maple", "Cedar", "Mill", "River", "Orchard", "Hill", "Canyon")
_SUFFIXES: Final = ("St", "Street", "Ave", "Road", "Lane", "Blvd", "Dr", "Court")
_UNITS: Final = ("", "", ", Apt {}", " Unit {}", " #{}")
_CITIES: Final = (("Reno", "NV"), ("Columbus", "OH"), ("Tampa", "FL"), ("Boise", "ID"))
_DAYS: Final = ("Monday", "Tuesday", "Friday", "March 3", "05/14", "the 12th")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who does not exist."""

    first: str
    last: str
    street: str
    email: str
    phone: str

    def known_values(self) -> Iterator[tuple[str, str]]:
        """Yield what is known of an order of this person, as the records would tell it."""
        yield PERSON, f"{self.first} {self.last}"
        yield PERSON, self.first
        yield PERSON, self.last
        yield STREET_ADDRESS, self.street
        yield EMAIL_ADDRESS, self.email
        yield PHONE_NUMBER, self.phone


def person(rng: random.Random) -> Person:
    """Make somebody up."""
    first, last = pair(rng)
    unit = rng.choice(_UNITS).format(rng.randrange(1, 99))
    address = f"{first}.{last}{rng.randrange(100)}".lower()
    return Person(
        first=first,
        last=last,
        street=f"{rng.randrange(1, 9999)} {rng.choice(_STREETS)} {rng.choice(_SUFFIXES)}{unit}",
        email=f"{address}@example.{rng.choice(('com', 'org', 'net'))}",
        phone=f"({rng.randrange(212, 989)}) 555-01{rng.randrange(100):02d}",
    )


def filled(template: str, rng: random.Random, who: Person) -> str:
    """Return a sentence about somebody."""
    city, state = rng.choice(_CITIES)
    return template.format(
        first=who.first,
        last=who.last,
        street=who.street,
        email=who.email,
        phone=who.phone,
        city=city,
        state=state,
        zip=f"{rng.randrange(10_000, 99_999)}",
        order=f"1{rng.randrange(10, 99)}-{rng.randrange(10**7):07d}-{rng.randrange(10**7):07d}",
        tracking=f"1Z{rng.randrange(10**6):06d}03{rng.randrange(10**8):08d}",
        sku=f"{rng.choice(('MUG', 'LAMP', 'TEE', 'BAG'))}-{rng.randrange(100, 999)}-BLK",
        qty=rng.randrange(2, 400),
        price=f"${rng.randrange(4, 300)}.{rng.randrange(100):02d}",
        day=rng.choice(_DAYS),
    )


def messages(rng: random.Random, count: int, people: Sequence[Person]) -> list[str]:
    """Return messages of `SHORTEST` to `LONGEST` characters, half with PII, no two the same."""
    result: dict[str, None] = {}
    while len(result) < count:
        with_pii = len(result) % 2 == 0
        templates = [rng.choice(WITH_PII)] if with_pii else [rng.choice(WITHOUT_PII)]
        templates += rng.sample(WITHOUT_PII, rng.randrange(MOST_SENTENCES))
        rng.shuffle(templates)
        who = rng.choice(people)
        text = " ".join(filled(template, rng, who) for template in templates)
        if SHORTEST <= len(text) <= LONGEST:
            result[text] = None
    return list(result)


def new_people(rng: random.Random) -> Iterator[str]:
    """Yield short messages without end, each about somebody who was not heard of before."""
    while True:
        yield filled(rng.choice(WITH_PII), rng, person(rng))
