"""Raw text keeps its characters to itself."""

from __future__ import annotations

import copy
import pickle

import pytest

from nlp.text import WITHHELD, Finding, RawText, SensitiveValue

SECRET = "Thandi Mokoena, 12 Elm Street"


@pytest.mark.parametrize(
    "printed",
    [repr(RawText(SECRET)), str(RawText(SECRET)), f"{RawText(SECRET)}", f"{RawText(SECRET):>40}"],
)
def test_printing_withholds(printed: str) -> None:
    """However raw text is printed, its characters are not in it."""
    assert printed == WITHHELD


def test_containers_withhold() -> None:
    """A list, a dataclass or an error that holds raw text prints nothing of it."""
    raw = RawText(SECRET)
    value = SensitiveValue(entity_type="PERSON", number=1, value=raw, keys=(raw,))

    assert SECRET not in f"{[raw]!r} {value!r} {ValueError(raw)!r} {ValueError(raw)}"


@pytest.mark.parametrize("serialize", [pickle.dumps, copy.copy, copy.deepcopy])
def test_not_serialized(serialize: object) -> None:
    """Raw text is neither pickled nor copied."""
    assert callable(serialize)
    with pytest.raises(TypeError):
        serialize(RawText(SECRET))


def test_not_a_string() -> None:
    """Raw text is no str, so that what takes text does not take it."""
    assert not isinstance(RawText(SECRET), str)


def test_reveal() -> None:
    """The one accessor gives the characters back unchanged."""
    assert RawText(SECRET).reveal() == SECRET


def test_length_and_equality() -> None:
    """Length counts code points, and equal characters are equal raw texts with equal hashes."""
    assert len(RawText("añ😀")) == 3
    assert RawText("a") == RawText("a")
    assert hash(RawText("a")) == hash(RawText("a"))
    assert RawText("a") != RawText("b")
    assert RawText("a") != "a"


def test_no_attribute_to_read() -> None:
    """There is no dictionary and no public attribute that gives the characters."""
    raw = RawText(SECRET)

    assert not hasattr(raw, "__dict__")
    assert [name for name in dir(raw) if not name.startswith("_")] == ["reveal"]


def test_finding_is_a_value() -> None:
    """A finding cannot be changed and holds no text."""
    finding = Finding(entity_type="PERSON", start=0, end=5, score=0.9)

    with pytest.raises(AttributeError):
        finding.end = 6  # type: ignore[misc]
    assert {type(getattr(finding, name)) for name in Finding.__slots__} == {str, int, float}
