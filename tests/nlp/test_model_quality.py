"""Floors under what the scrubber finds and under what it leaves alone, on the measuring sets.

The floors lie a little under the figures of the model card: a change that costs quality shows
here. They are no targets; those are in the card.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from nlp.scrubber import PresidioScrubber
from nlp.text import RawText
from nlp.training.evaluate import CASINGS, Report, measure, samples, scrubbed

EVERY = {"templates": 4, "written": 1}
"""Of `templates` every fourth text, so that the tests stay quick."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """What a set must reach, in shares.

    Attributes:
        names: Of the names, how many go.
        streets: Of the street lines, how many go.
        right: Of the findings, how many are right.
        hurt: Of what must survive, how much is touched at most.
        lower: What lower case may cost.
    """

    names: float
    streets: float
    right: float
    hurt: float
    lower: float


FLOORS = {
    "written": Floor(names=0.93, streets=0.96, right=0.88, hurt=0.05, lower=0.025),
    "templates": Floor(names=0.87, streets=0.93, right=0.80, hurt=0.10, lower=0.045),
}
"""`templates` has as many lookalikes as names: organisations, works and towns in the place where
a name would stand, and the words of twenty languages."""


@pytest.fixture(scope="module")
def scrubber() -> PresidioScrubber:
    """One scrubber for all."""
    return PresidioScrubber()


@pytest.fixture(scope="module")
def reports(scrubber: PresidioScrubber) -> Mapping[tuple[str, str], Report]:
    """Each measuring set as it is written and in lower case, through the whole scrubber."""
    found = {}
    for name, every in EVERY.items():
        tests = samples(name)[::every]
        for casing in ("as written", "lower case"):
            change = CASINGS[casing]
            found[name, casing] = measure(tests, scrubbed(tests, scrubber, change), change)
    return found


@pytest.mark.parametrize("casing", ["as written", "lower case"])
@pytest.mark.parametrize("name", EVERY)
def test_names_and_streets_are_found(
    reports: Mapping[tuple[str, str], Report], name: str, casing: str
) -> None:
    """Of texts as people write them 93 of 100 names go, in any casing, and 96 street lines."""
    by_type = reports[name, casing].by_type

    assert by_type["PERSON"].recall >= FLOORS[name].names
    assert by_type["STREET_ADDRESS"].recall >= FLOORS[name].streets


@pytest.mark.parametrize("casing", ["as written", "lower case"])
@pytest.mark.parametrize("name", EVERY)
def test_what_goes_is_pii(
    reports: Mapping[tuple[str, str], Report], name: str, casing: str
) -> None:
    """88 of 100 findings are right, and on a set made of lookalikes 80."""
    by_type = reports[name, casing].by_type

    assert by_type["PERSON"].precision >= FLOORS[name].right
    assert by_type["STREET_ADDRESS"].precision >= FLOORS[name].right


@pytest.mark.parametrize("casing", ["as written", "lower case"])
@pytest.mark.parametrize("name", EVERY)
def test_what_must_survive_does(
    reports: Mapping[tuple[str, str], Report], name: str, casing: str
) -> None:
    """Of a hundred ids, places, brands and dates at most five are touched, of lookalikes ten."""
    keep = reports[name, casing].by_type["must survive"]

    assert keep.kept > 200
    assert keep.hurt <= FLOORS[name].hurt * keep.kept


@pytest.mark.parametrize("name", EVERY)
def test_lower_case_costs_little(reports: Mapping[tuple[str, str], Report], name: str) -> None:
    """Text in lower case loses two points of recall, where names are words four."""
    written, lower = reports[name, "as written"].all, reports[name, "lower case"].all

    assert lower.recall >= written.recall - FLOORS[name].lower


def test_what_was_scrubbed_is_hardly_scrubbed_further(scrubber: PresidioScrubber) -> None:
    """Scrubbing again changes few texts: without the names the others look a little different."""
    texts = [scrubber.scrub(RawText(sample.text)).text for sample in samples("written")]
    again = [scrubber.scrub(RawText(text)).text for text in texts]

    assert sum(one != two for one, two in zip(texts, again, strict=True)) <= 0.06 * len(texts)
