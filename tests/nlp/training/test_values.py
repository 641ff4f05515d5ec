"""The values of the slots of the templates."""

from __future__ import annotations

import random
import re
from dataclasses import replace

import pytest

from nlp.training import identifiers
from nlp.training.values import LABEL_OF, OF_SOMEBODY, SLOTS, SlotUnknown, value
from tests.nlp.training.test_identities import SOMEBODY

LABELS = {
    "PERSON": "person first last full initials lastfirst nick single longname wordname tiny",
    "STREET_ADDRESS": "street street_us street_bare street_abroad unit pobox",
    "LOCATION": "city state country place",
    "ORGANIZATION": "org brand carrier marketplace",
    None: "zip zip_abroad order tracking sku asin wro rma po qty num bignum price percent date "
    "birthdate year month day time email phone url username mention channel card ip product color "
    "size warehouse acronym currency word emoji work event eponym dish animal colorname "
    "language software job foreign ship",
}
SHAPES = {
    "order": r"\d{3}-\d{7}-\d{7}|[A-Z#-]*\d{4,6}",
    "asin": r"(?:B0[A-Z0-9]{8}|X00[A-Z0-9]{7})",
    "tracking": r"[A-Z0-9 ]{10,30}",
    "wro": r"WRO.{0,2}\d+",
    "rma": r"RM?A.{0,2}\d+",
    "num": r"\d{1,4}",
    "bignum": r"\d{5,12}",
    "year": r"\d{4}",
    "percent": r"\d+(?:\.\d)?%",
    "mention": r"<@U[A-Z0-9]{8,10}(?:\|chidinma7)?>",
    "channel": r"#[a-z-]+|<#C[A-Z0-9]{8,10}\|[a-z-]+>",
    "card": r"[\d -]{15,19}",
    "time": r"\d{1,2}.*",
    "zip": "89501",
    "email": "chidinma.delacruz@example.com",
    "username": "chidinma7",
    "street": "8800 Lakeshore",
}


def _values(slot: str, count: int = 60) -> list[str]:
    pytest.importorskip("faker")
    return [value(slot, random.Random(seed), SOMEBODY) for seed in range(count)]


def test_the_slots_and_labels_are_those_of_the_grammar() -> None:
    """Each slot has the label that the model is to learn."""
    assert {slot: label for label, slots in LABELS.items() for slot in slots.split()} == LABEL_OF
    assert SLOTS.keys() == LABEL_OF.keys()


@pytest.mark.parametrize("slot", SLOTS)
def test_every_slot_has_clean_values(slot: str) -> None:
    """No value is empty, has blanks around it or a field left in it."""
    for text in _values(slot):
        assert text
        assert text == text.strip()
        assert not set(text) & set("{}")


@pytest.mark.parametrize("slot", SLOTS)
def test_the_same_randomness_makes_the_same_value(slot: str) -> None:
    """Nothing but the given randomness decides."""
    assert _values(slot, 15) == _values(slot, 15)


@pytest.mark.parametrize("slot", sorted(SLOTS.keys() - OF_SOMEBODY))
def test_what_is_not_of_somebody_does_not_depend_on_the_person(slot: str) -> None:
    """For these slots any person will do."""
    pytest.importorskip("faker")
    other = replace(SOMEBODY, first="Other", last="Other", city="Other", street="Other")
    for seed in range(20):
        mine = value(slot, random.Random(seed), SOMEBODY)
        assert value(slot, random.Random(seed), other) == mine


@pytest.mark.parametrize(("slot", "shape"), SHAPES.items())
def test_identifiers_look_like_themselves(slot: str, shape: str) -> None:
    """What must survive has the form that it has in real messages."""
    for text in _values(slot, 200):
        assert re.fullmatch(shape, text), text


def test_card_numbers_pass_the_luhn_check() -> None:
    """A card number is one that a shop's form would take."""
    for seed in range(200):
        numbers = [int(char) for char in identifiers.card(random.Random(seed)) if char.isdigit()]
        doubled = [sum(divmod(2 * digit, 10)) for digit in numbers[-2::-2]]
        assert (sum(numbers[-1::-2]) + sum(doubled)) % 10 == 0


def test_a_birth_date_says_the_year() -> None:
    """A date of birth without its year would be an ordinary date."""
    for seed in range(100):
        text = identifiers.birthdate(random.Random(seed))
        assert re.search(r"(?:19|20)\d\d", text) or len(re.findall(r"\d+", text)) == 3, text


def test_an_unknown_slot_is_refused() -> None:
    """A slip in a template does not go unseen."""
    with pytest.raises(SlotUnknown):
        value("persons", random.Random(1), SOMEBODY)
