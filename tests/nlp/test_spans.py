"""From what was found to what is taken out, beside what must survive."""

from __future__ import annotations

import pytest

from nlp.detection.entities import PERSON, STREET_ADDRESS
from nlp.detection.spans import Span, resolve
from nlp.protected import protected_spans


def taken(text: str, entity_type: str, found: str, score: float = 0.95) -> list[str]:
    """Return what is taken out of a text in which one span was found."""
    start = text.index(found)
    span = Span(start=start, end=start + len(found), entity_type=entity_type, score=score)
    return [text[each.start : each.end] for each in resolve(text, [span], protected_spans(text))]


@pytest.mark.parametrize(
    ("text", "found", "left"),
    [
        ("12 Oak Street, Reno, NV 89501", "12 Oak Street, Reno, NV 89501", "12 Oak Street, Reno"),
        ("to 12 Oak Street, Texas", "12 Oak Street, Texas", "12 Oak Street"),
        ("to 12 Oak Street\nOhio 44101", "12 Oak Street\nOhio 44101", "12 Oak Street"),
        ("to 12 Georgia Avenue", "12 Georgia Avenue", "12 Georgia Avenue"),
        ("to 5 Texas", "5 Texas", "5 Texas"),
    ],
)
def test_town_and_zip_stay(text: str, found: str, left: str) -> None:
    """Of an address only the street goes, also where the model took more."""
    assert taken(text, STREET_ADDRESS, found) == [left]


@pytest.mark.parametrize(
    ("text", "entity_type", "found"),
    [
        ("the Calvin Klein boxes", PERSON, "Calvin Klein"),
        ("Levi's hangers", PERSON, "Levi"),
        ("due April 12", PERSON, "April"),
        ("we need 12 boxes", STREET_ADDRESS, "12 boxes"),
        ("the lakeside one", STREET_ADDRESS, "lakeside"),
    ],
)
def test_what_can_be_no_name_stays(text: str, entity_type: str, found: str) -> None:
    """A brand of several words, a date, a quantity and a lone word stay, however sure the model."""
    assert taken(text, entity_type, found) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [("Chase called again", "Chase"), ("Georgia says it", "Georgia"), ("jordan is out", "jordan")],
)
def test_what_may_be_a_name_goes(text: str, found: str) -> None:
    """Of a name that is also a brand or a state the model knows more than a list."""
    assert taken(text, PERSON, found) == [found]
    assert taken(text, PERSON, found, score=0.6) == []
