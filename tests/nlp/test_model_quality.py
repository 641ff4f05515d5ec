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
