"""Of several words on a delivery the one of most trust counts, whoever said it first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import reduce
from itertools import permutations
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.deliveries import Delivery, DeliverySource, settled

EARLY: Final = datetime(2026, 2, 20, 17, 5, tzinfo=UTC)
LATE: Final = EARLY + timedelta(days=3)
TRUSTED: Final = (DeliverySource.CARRIER, DeliverySource.JETPACK, DeliverySource.IMPORT, None)
"""Sources of the same, the most, trust; None is somebody who knew and did not say who."""


def word(source: str | None, at: datetime = EARLY) -> Delivery:
    """Return what a source says."""
    return Delivery(at=at, source=source)


TABLE: Final = [
    # known, told, which of the two counts
    (word("carrier"), word("order", LATE), "known"),
    (word("order"), word("carrier", LATE), "told"),
    (word("order", LATE), word("jetpack"), "told"),
    (word("import"), word("amazon", LATE), "known"),
    (word("amazon", LATE), word("import"), "told"),
    (word("order"), word("amazon", LATE), "known"),
    (word("amazon"), word("order", LATE), "told"),
    (word("carrier"), word("jetpack", LATE), "told"),
    (word("jetpack", LATE), word("carrier"), "told"),
    (word("import"), word("carrier", LATE), "told"),
    (word("carrier"), word("carrier", LATE), "told"),
    (word("order", LATE), word("order"), "told"),
    (word("order"), word("order", LATE), "told"),
    (word("amazon"), word("amazon", LATE), "known"),
    (word("amazon", LATE), word("amazon"), "told"),
    (word(None), word("order", LATE), "known"),
    (word("carrier"), word(None, LATE), "told"),
]


@pytest.mark.parametrize(("known", "told", "counts"), TABLE)
def test_more_trust_counts_and_of_the_same_the_last_word(
    known: Delivery, told: Delivery, counts: str
) -> None:
    """Trust goes first; then the later word; of what Amazon shows the earlier moment."""
    assert settled(known, told) == {"known": known, "told": told}[counts]


@pytest.mark.parametrize("source", [*DeliverySource, None])
def test_the_first_word_counts_alone(source: str | None) -> None:
    """As long as nobody else has spoken, whoever speaks is believed."""
    assert settled(None, word(source)) == word(source)


def all_told(words: tuple[Delivery, ...]) -> Delivery:
    """Return what counts once all of the words were told, one after the other."""
    known = reduce(settled, words[1:], settled(None, words[0]))
    assert known in words
    return known


MOMENTS: Final = st.datetimes(
    min_value=datetime(2026, 1, 1), max_value=datetime(2026, 12, 31), timezones=st.just(UTC)  # noqa: DTZ001
)  # fmt: skip


@given(
    moments=st.tuples(MOMENTS, MOMENTS, MOMENTS),
    trusted=st.sampled_from(TRUSTED),
    kept=st.sets(st.sampled_from([0, 1, 2]), min_size=1),
)
def test_words_of_distinct_trust_settle_the_same_in_any_order(
    moments: tuple[datetime, datetime, datetime], trusted: str | None, kept: set[int]
) -> None:
    """Whatever was told first, the word of most trust is the one that counts in the end."""
    sources = (trusted, DeliverySource.ORDER, DeliverySource.AMAZON)
    by_trust = [word(sources[number], moments[number]) for number in sorted(kept)]

    assert {all_told(order) for order in permutations(by_trust)} == {by_trust[0]}


@given(moments=st.lists(MOMENTS, min_size=1, max_size=4))
def test_what_amazon_shows_settles_the_same_in_any_order(moments: list[datetime]) -> None:
    """Of any number of observations the earliest counts, in whatever order they come."""
    words = [word("amazon", moment) for moment in moments]

    assert {all_told(order) for order in permutations(words)} == {word("amazon", min(moments))}
