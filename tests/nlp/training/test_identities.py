"""The invented people of the training text."""

from __future__ import annotations

import random
import re

import pytest

from nlp.training import made_up_names, name_pools, names, places
from nlp.training.contacts import email, phone, username
from nlp.training.identities import Identity, identity, without_accents
from nlp.training.word_stock import sections, words

SEEDS = range(400)

SOMEBODY = Identity(
    first="Chidinma",
    last="de la Cruz",
    middle="Rose",
    nick="Chi",
    email="chidinma.delacruz@example.com",
    phone="555-0142",
    street="8800 Lakeshore",
    unit="Apt 4B",
    city="Reno",
    state="NV",
    zip="89501",
    country="USA",
    username="chidinma7",
)


def people() -> list[Identity]:
    """Return many people, or skip where Faker is not installed."""
    pytest.importorskip("faker")
    return [identity(random.Random(seed)) for seed in SEEDS]


def test_the_same_randomness_makes_the_same_person() -> None:
    """A training run can be repeated to the letter."""
    assert people() == people()


def test_every_field_is_filled() -> None:
    """No person lacks a part, and no part has blanks around it."""
    for who in people():
        for field in Identity.__dataclass_fields__:
            value = getattr(who, field)
            assert value is False or value is True or (value and value == value.strip()), field


def test_people_differ() -> None:
    """Of four hundred people hardly two share a name."""
    assert len({(who.first, who.last) for who in people()}) > 390


def test_some_people_are_written_in_their_own_script() -> None:
    """A few names in a hundred are in no Latin letters at all."""
    share = sum(not re.search(r"[A-Za-zÀ-ɏ]", who.first) for who in people()) / len(SEEDS)
    assert 0.01 < share < 0.09


def test_the_email_is_ascii_and_has_one_at() -> None:
    """An address is such as mail servers take, whatever the script of the name."""
    for who in people():
        assert re.fullmatch(r"[A-Za-z0-9._+-]+@[a-z0-9.-]+\.[a-z]+", who.email), who.email


@pytest.mark.parametrize("seed", range(30))
def test_most_emails_come_from_the_name(seed: int) -> None:
    """What stands before the at is made of the name or of ordinary words."""
    local = email(random.Random(seed), "Siobhan", "O'Neil").lower().partition("@")[0]
    made_of = ("siobhan", "oneil", *(noun.replace(" ", "") for noun in words("nouns")))
    assert any(part in local for part in made_of)


def test_a_username_without_a_letter_in_the_name_is_still_one() -> None:
    """A name in another script does not make an empty user name."""
    assert all(username(random.Random(seed), "明", "山") for seed in range(50))


@pytest.mark.parametrize("country", ["US", "GB", "DE", "JP", "XX"])
def test_a_phone_number_has_seven_to_fifteen_digits(country: str) -> None:
    """No form of a number is left with its placeholders."""
    for seed in range(60):
        number = phone(random.Random(seed), country).partition("x")[0].partition("ext")[0]
        assert 7 <= sum(char.isdigit() for char in number) <= 15
        assert not set(number) & set("#~")


@pytest.mark.parametrize("country", ["US", *sections("cities_abroad")])
def test_every_country_has_cities_a_name_and_postal_codes(country: str) -> None:
    """A place can be drawn in every country that has a list of cities."""
    place = places.locality(random.Random(1), country)
    assert place.city
    assert place.state
    assert place.country_name
    assert not set(place.zip) & set("#@")


def test_every_origin_has_names_and_an_address() -> None:
    """Each locale has Faker's own names, not its stand-ins, and a country that is known."""
    pytest.importorskip("faker")
    for native in (False, True):
        for origin in name_pools.origins(native=native):
            pool = name_pools.pool(origin.locale)
            assert len(pool.givens) > 30, origin
            assert len(pool.surnames) > 9, origin
            assert origin.country in sections("country_names")


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Łukasz", "Lukasz"),
        ("Søren", "Soren"),
        ("Groß", "Gross"),
        ("Nguyễn", "Nguyen"),
        ("Al", "Al"),
    ],
)
def test_without_accents_is_what_an_english_keyboard_writes(name: str, plain: str) -> None:
    """Letters with marks and letters of their own both become plain ones."""
    assert without_accents(name) == plain


def test_made_up_names_are_words_of_letters() -> None:
    """A made-up name could be one: capitalized, of three letters and more."""
    for seed in range(300):
        for name in made_up_names.pair(random.Random(seed)):
            assert re.fullmatch(r"[A-ZÀ-Ž][a-zß-ž]{2,}", name), name


def test_a_list_of_words_that_are_names_is_long() -> None:
    """The names that mislead a model, as they are words, are many."""
    assert len(set(words("word_names"))) > 250


@pytest.mark.parametrize(
    ("form", "shape"),
    [
        (names.first, r"Chidinma"),
        (names.last, r"de la Cruz"),
        (names.nick, r"Chi"),
        (names.first_last, r"Chidinma de la Cruz"),
        (names.full, r"Chidinma .*de la Cruz.*"),
        (names.initials, r"(C.*de la Cruz|Chidinma D\.?)"),
        (names.lastfirst, r"(?i:de la cruz), C.*"),
        (names.nick_last, r"Chi.* de la Cruz"),
        (names.single, r"\S.*"),
        (names.person, r"\S.*\S"),
    ],
)
def test_each_form_names_the_person(form: names.Form, shape: str) -> None:
    """Every form keeps to its shape, whatever the dice say."""
    for seed in range(100):
        assert re.fullmatch(shape, form(random.Random(seed), SOMEBODY))


def test_person_takes_first_and_last_name_most_often() -> None:
    """The full name makes up about a half, the given name alone about a third."""
    forms = [names.person(random.Random(seed), SOMEBODY) for seed in range(2000)]
    assert 0.4 < forms.count("Chidinma de la Cruz") / len(forms) < 0.5
    assert 0.25 < forms.count("Chidinma") / len(forms) < 0.35


def test_known_names_are_looked_up_in_lower_case() -> None:
    """Sentences of documentation that may name somebody are told by these names."""
    pytest.importorskip("faker")
    assert "elizabeth" in names.NAMES_SEEN_IN_PROSE
    assert "tensor" not in names.NAMES_SEEN_IN_PROSE
