"""The street lines of the training text, and the patterns that all values come from."""

from __future__ import annotations

import random
import re

import pytest

from nlp.training import fillings, streets, word_stock
from nlp.training.word_stock import LISTS, filled, patterns, sections, words

STYLES = [None, "us", "bare", "pobox", "US", *(name for name in sections("streets_abroad"))]
FIELD = re.compile(r"\{([^{}]*)\}")
STREET_FILES = ["streets_us", "streets_bare", "streets_abroad", "units", "poboxes"]
OTHER_FILES = ["orgs", "products", "urls"]


def _lines(style: str | None, count: int = 80) -> list[str]:
    pytest.importorskip("faker")
    return [streets.street(random.Random(seed), style) for seed in range(count)]


@pytest.mark.parametrize("style", STYLES)
def test_a_street_line_is_clean(style: str | None) -> None:
    """No line is empty, has blanks around it or a field left in it."""
    for line in _lines(style):
        assert line == line.strip()
        assert len(line) > 1
        assert not set(line) & set("{}|"), line


@pytest.mark.parametrize("style", STYLES)
def test_the_same_randomness_makes_the_same_street(style: str | None) -> None:
    """Nothing but the given randomness decides."""
    assert _lines(style, 10) == _lines(style, 10)


def test_street_lines_hardly_repeat() -> None:
    """A thousand lines are nearly a thousand different ones."""
    assert len(set(_lines(None, 1000))) > 970


def test_bare_lines_have_no_suffix() -> None:
    """What is written in a hurry has no Street or Avenue at its end."""
    suffix = re.compile(r"(?:Street|Avenue|Road|Drive|Lane|St|Ave|Rd|Dr|Ln|Blvd)\.?$")
    assert sum(bool(suffix.search(line)) for line in _lines("bare", 400)) < 8


def test_a_unit_is_short() -> None:
    """A unit is a flat, a floor or a building, never a whole address."""
    units = [streets.unit(random.Random(seed)) for seed in range(400)]
    assert max(map(len, units)) < 25
    assert len(set(units)) > 150


@pytest.mark.parametrize(
    ("number", "written"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (11, "11th"), (112, "112th")]
)
def test_ordinals_are_written_as_in_english(number: int, written: str) -> None:
    """Numbered streets end in st, nd, rd or th."""

    class Fixed(random.Random):
        def choice(self, _seq: object) -> int:  # type: ignore[override]
            return number

    assert streets.ordinal(Fixed(1)) == written


@pytest.mark.parametrize("file", [*STREET_FILES, *OTHER_FILES])
def test_every_field_of_a_pattern_is_known(file: str) -> None:
    """A field names a maker, or a list that is there, or gives its words itself."""
    makers = streets.MAKERS if file in STREET_FILES else fillings.MAKERS
    for entries in sections(file).values():
        for pattern in entries:
            for field in FIELD.findall(pattern):
                known = "|" in field or field in makers or (LISTS / f"{field}.txt").exists()
                assert known, pattern
            assert not set(FIELD.sub("", pattern)) & set("{}|"), pattern


@pytest.mark.parametrize("file", sorted(path.stem for path in LISTS.glob("*.txt")))
def test_every_list_can_be_read(file: str) -> None:
    """Each file beside the program has entries, none of them blank."""
    assert all(entry == entry.strip() for entry in words(file))
    assert word_stock.lines(file)


def test_a_pattern_is_filled_from_makers_lists_and_its_own_words() -> None:
    """The three kinds of fields all take a value."""
    text = filled("{n} {colors} {a|a}", random.Random(1), {"n": lambda _: "7"})
    assert re.fullmatch(r"7 .+ a", text)


def test_a_weight_repeats_a_pattern_and_a_line_break_is_one() -> None:
    """`3* ` counts thrice, and a written line break becomes a real one."""
    us = patterns("streets_us")
    assert us.count("{n} {name} {suffix}{u}") == 12
    assert "{unit}\n{n} {name} {suf}" in us
