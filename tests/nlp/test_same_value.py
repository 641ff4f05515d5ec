"""When two spellings are one value."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.detection.entities import ENTITY_TYPES
from nlp.detection.same.same_value import keys
from nlp.text import numbered
from tests.growth import growth

UNHURRIED = settings(deadline=None, max_examples=60)

SAME = [
    ("PERSON", ["John Smith", "john  SMITH", "Smith, John", "Mr. John Smith", "John Smith's"]),
    ("PERSON", ["John Smith", "Ｊｏｈｎ Smith", "John Smith, MD", "Smith John"]),
    ("PERSON", ["José Núñez", "jose nunez", "J. Núñez", "Nunez J."]),
    ("PERSON", ["Łukasz Żak", "lukasz zak"]),
    ("PERSON", ["Maeve O'Brien", "maeve obrien", "Maeve O’Brien", "O'Brien"]),
    ("PERSON", ["Anne-Marie Lee", "Anne Marie Lee", "Anne Lee", "A. M. Lee"]),
    ("PERSON", ["Maria de la Cruz", "de la Cruz", "maria cruz"]),
    ("PERSON", ["Van Nguyen", "van", "V. Nguyen"]),
    ("PERSON", ["John Adam Smith", "John A. Smith", "John Smith", "J. A. Smith", "John S."]),
    ("PERSON", ["Gabriel Ochoa Marquez", "Gabriel Ochoa", "Ochoa"]),
    ("PERSON", ["John Smith Jr.", "Smith, John, Jr", "John Smith", "Smith Jr."]),
    ("PERSON", ["Вера Орлова", "вера орлова", "В. Орлова", "Вера"]),
    ("PHONE_NUMBER", ["+1 (415) 555-0132", "415.555.0132", "14155550132", "555-0132"]),
    ("PHONE_NUMBER", ["(555) 555-0142", "٥٥٥٥٥٥٠١٤٢"]),
    ("PHONE_NUMBER", ["415-555-0132 x12", "415-555-0132 ext. 12", "+1 415 555 0132"]),
    (
        "PHONE_NUMBER",
        ["+44 20 7946 0018", "0044 20 7946 0018", "020 7946 0018", "+44 (0)2079460018"],
    ),
    ("EMAIL_ADDRESS", ["WQ@example.com", "wq@EXAMPLE.com"]),
    ("STREET_ADDRESS", ["12 Oak St", "12 OAK  STREET", "12 Oak St.", "12 Oak"]),
    ("STREET_ADDRESS", ["12 Oak St Apt 4", "12 Oak Street, #4", "Apt. 4, 12 Oak St", "apt #4"]),
    ("STREET_ADDRESS", ["12 N. Elm Ave, Suite 5B", "12 north elm avenue unit 5b", "12 N Elm Ave"]),
    ("STREET_ADDRESS", ["P.O. Box 77", "PO Box 77", "po box #77"]),
    ("STREET_ADDRESS", ["4 Rue de l'Église", "4 rue de l’eglise"]),
    ("CREDIT_CARD", ["4111 1111 1111 1111", "4111-1111-1111-1111"]),
    ("US_SSN", ["219-09-9999", "219 09 9999"]),
    ("IBAN_CODE", ["GB33 BUKB 2020 1555", "gb33bukb20201555"]),
    ("IP_ADDRESS", ["2001:DB8::0:1", "2001:db8::1"]),
    ("DATE_OF_BIRTH", ["04/12/1985", "04-12-1985"]),
]
APART = [
    ("PERSON", ["John Smith", "Jane Smith"]),
    ("PERSON", ["Jon Smith", "John Smith"]),
    ("PERSON", ["Robert Lane", "Bob Lane"]),
    ("PERSON", ["Ada Finch", "Ada Finchley"]),
    ("PERSON", ["John Smith Jr.", "John Smith Sr."]),
    ("PERSON", ["John Adam Smith", "John Ben Smith"]),
    ("PERSON", ["J", "John"]),
    ("PERSON", ["J. S.", "John Smith"]),
    ("PERSON", ["田中太郎", "田"]),
    ("PHONE_NUMBER", ["555-0142", "555-0143"]),
    ("PHONE_NUMBER", ["415-555-0132", "628-555-0132"]),
    ("PHONE_NUMBER", ["415-555-0132 x12", "415-555-0132 x13"]),
    ("PHONE_NUMBER", ["extension", "switchboard"]),
    ("EMAIL_ADDRESS", ["wq@example.com", "w.q@example.com"]),
    ("STREET_ADDRESS", ["12 Elm St", "1 2 Elm St"]),
    ("STREET_ADDRESS", ["12 Elm St", "12 Elm Ave"]),
    ("STREET_ADDRESS", ["12 Oak St Apt 4", "12 Oak St Apt 5"]),
    ("STREET_ADDRESS", ["12 Oak St Apt 4", "12 Oak St Floor 4"]),
]
JOINED = [
    (["John Smith", "Jane Smith", "J. Smith"], [1, 2, 3]),
    (["John Smith", "J. Smith", "Jane Smith"], [1, 2, 3]),
    (["J. Smith", "John Smith", "Ada"], [1, 1, 2]),
    (["Ada", "J. Smith", "Ada Finch", "John Smith"], [1, 2, 1, 2]),
    (["Smith", "John", "John Smith", "Ada Smith"], [1, 2, 2, 3]),
    (["John Smith", "John Smith Jr.", "Smith"], [1, 1, 1]),
    (["John", "John Smith", "John Miller", "Miller"], [1, 2, 3, 3]),
]


def given_numbers(values: list[tuple[str, ...]]) -> list[int]:
    """Number values of a text without a ticket."""
    return numbered(values, {}, count(1))[0]


@pytest.mark.parametrize(("kind", "spellings"), SAME)
def test_spellings_of_one_value(kind: str, spellings: list[str]) -> None:
    """The first spelling is the same value as each of the others, whichever comes first."""
    first, *others = (keys(kind, spelling) for spelling in spellings)

    assert [given_numbers([first, other]) for other in others] == [[1, 1]] * len(others)
    assert [given_numbers([other, first]) for other in others] == [[1, 1]] * len(others)


@pytest.mark.parametrize(("kind", "spellings"), APART)
def test_two_values(kind: str, spellings: list[str]) -> None:
    """What may be two values stays two."""
    assert given_numbers([keys(kind, spelling) for spelling in spellings]) == [1, 2]


@pytest.mark.parametrize(("names", "numbers"), JOINED)
def test_names_within_a_text(names: list[str], numbers: list[int]) -> None:
    """A short name is the one fuller name that fits, before or after it, and nobody's of two."""
    assert given_numbers([keys("PERSON", name) for name in names]) == numbers


def test_known_numbers_stay() -> None:
    """Of a known number the keys are returned only where it stands for a fuller form now."""
    john, smith, ada = (keys("PERSON", name) for name in ("John", "John Smith", "Ada Finch"))

    numbers, fuller = numbered([ada, smith, john], {4: john}, count(5))

    assert numbers == [5, 4, 4]
    assert fuller == {4: smith, 5: ada}
    assert numbered([john], {4: smith}, count(5)) == ([4], {})


@UNHURRIED
@given(kind=st.sampled_from(ENTITY_TYPES), text=st.text(st.characters(exclude_categories=())))
def test_every_value_has_keys(kind: str, text: str) -> None:
    """Any text has a key of its own, no key twice, and the same value has the same keys."""
    found = keys(kind, text)

    assert found
    assert len(set(found)) == len(found)
    assert keys(kind, f" {text} ") == found


WORDS = ["john", "j", "adam", "a", "smith", "jane", "s"]
NAMES = st.builds(
    lambda words, generation: " ".join(words) + generation,
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=4),
    st.sampled_from(["", " jr"]),
)


@UNHURRIED
@given(name=NAMES, data=st.data())
def test_shorter_forms_of_shorter_forms_are_shorter_forms(name: str, data: st.DataObject) -> None:
    """What may be short for a short form of a name may be short for the name."""
    own, *shorter = keys("PERSON", name)
    form = data.draw(st.sampled_from([own, *shorter]))

    assert set(keys("PERSON", form)) <= {own, *shorter}


def test_many_names_take_proportionally_long() -> None:
    """Numbering costs in proportion to the names, also where all are called alike."""

    def number(size: int) -> object:
        values = [keys("PERSON", f"john smith{at}") for at in range(size)]
        return given_numbers([*values, *(keys("PERSON", f"smith{at}") for at in range(size))])

    assert growth(number, 150, 1_500) < 30
