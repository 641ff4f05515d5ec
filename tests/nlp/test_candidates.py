"""The pieces of a text that are asked for in the index of open orders."""

from __future__ import annotations

import pytest

from nlp.detection.candidates import candidates
from tests.growth import growth


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("for Wallaby Quince today", {"wallaby quince"}),
        ("Quince, Wallaby's box", {"quince wallaby"}),
        ("W. Quince", {"w quince"}),
        ("wallaby m. quince", {"wallaby quince"}),
        ("Maria de la Quellamar", {"maria quellamar"}),
        ("Mary-Ann Tolliver", {"maryann tolliver", "ann tolliver"}),
        ("wallabyquince", {"wallabyquince"}),
        ("to 12 N. Oak Street", {"12 n", "12 oak"}),
        ("Hauptstr. 12", {"hauptstr 12"}),
        ("call +1 (212) 555-0147 now", {"5550147"}),
        ("5550147", {"5550147"}),
        ("write to wq@Example.com.", {"wq@Example.com"}),
    ],
)
def test_what_may_be_a_value_is_asked_for(text: str, wanted: set[str]) -> None:
    """Two words side by side, a number and its word, seven digits, an address."""
    assert wanted <= set(candidates(text))


@pytest.mark.parametrize("text", ["", "hi", "12 34", "wall\ufffcquin", "a     b"])
def test_what_tells_nothing_is_not(text: str) -> None:
    """One short word, numbers alone and words apart are no candidates."""
    assert list(candidates(text)) == []


def test_a_candidate_comes_once() -> None:
    """A text that says the same again asks for nothing more."""
    once = list(candidates("wallaby quince wallaby quince"))

    assert list(candidates("wallaby quince " * 50)) == once


@pytest.mark.parametrize("piece", ["a ", "a-", "de ", "1 ", "12 ", "aaaaaaa ", "a.", "a@a."])
def test_the_cost_grows_with_the_text(piece: str) -> None:
    """Ten times as long a text costs about ten times as much and has no more than in proportion."""

    def work(size: int) -> None:
        list(candidates("".join(f"{piece}{n} " for n in range(size // 8))))

    assert growth(work, 2_000, 20_000) < 30
    words = [f"{piece}{n}" for n in range(300)]
    assert len(list(candidates(" ".join(words)))) < 12 * len(words)
