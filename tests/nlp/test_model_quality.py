"""Floors under what the scrubber finds and under what it leaves alone, on the measuring sets.

The floors lie a little under the figures of the model card: a change that costs quality shows
here. They are no targets; those are in the card.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from nlp.scrubber import PresidioScrubber
from nlp.training.evaluate import CASINGS, Report, measure, samples, scrubbed

EVERY = {"templates": 4, "written": 1}
"""Of `templates` every fourth text, so that the tests stay quick."""


@pytest.fixture(scope="module")
def reports() -> Mapping[tuple[str, str], Report]:
    """Each measuring set as it is written and in lower case, through the whole scrubber."""
    scrubber = PresidioScrubber()
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
    """At least 92 of 100 names and 94 of 100 street lines go, in any casing."""
    by_type = reports[name, casing].by_type

    assert by_type["PERSON"].recall >= 0.92
    assert by_type["STREET_ADDRESS"].recall >= 0.94


@pytest.mark.parametrize("casing", ["as written", "lower case"])
@pytest.mark.parametrize("name", EVERY)
def test_what_goes_is_pii(
    reports: Mapping[tuple[str, str], Report], name: str, casing: str
) -> None:
    """At least 86 of 100 findings are right, on sets that are full of lookalikes."""
    by_type = reports[name, casing].by_type

    assert by_type["PERSON"].precision >= 0.86
    assert by_type["STREET_ADDRESS"].precision >= 0.86


@pytest.mark.parametrize("casing", ["as written", "lower case"])
@pytest.mark.parametrize("name", EVERY)
def test_what_must_survive_does(
    reports: Mapping[tuple[str, str], Report], name: str, casing: str
) -> None:
    """Of a hundred ids, places, brands and dates at most seven are touched."""
    keep = reports[name, casing].by_type["must survive"]

    assert keep.kept > 200
    assert keep.hurt <= 0.07 * keep.kept


@pytest.mark.parametrize("name", EVERY)
def test_lower_case_costs_little(reports: Mapping[tuple[str, str], Report], name: str) -> None:
    """Text in lower case loses at most two and a half points of recall."""
    written, lower = reports[name, "as written"].all, reports[name, "lower case"].all

    assert lower.recall >= written.recall - 0.025
