"""The text that detection reads: plain where people hide, with the way back to the raw text."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.detection.normalize import OPAQUE, REPLACEMENT, for_detection, storable


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ("plain words, 12 of them", "plain words, 12 of them"),
        ("zq\u200b.vex\u00adholm", "zq.vexholm"),
        ("ｊｏ＠ｅｘａｍｐｌｅ．ｃｏｍ", "jo@example.com"),
        ("pаypаl", "paypal"),
        ("Мария", "Мария"),
        ("cafe\u0301", "café"),
        ("212\u2011555\u20110147", "212-555-0147"),
        ("٢١٢", "212"),
        ("12\u00a0Elm\u2003St", "12 Elm St"),
        ("O\u2019Neil", "O'Neil"),
        ("one\u2028two\x0cthree", "one\ntwo\nthree"),
        ("<mailto:jo@example.com|jo at example>", " jo@example.com\njo at example "),
        ("a &amp; b", "a & b"),
        ("to <PERSON_1> now", f"to {OPAQUE} now"),
        (f"a{OPAQUE}b", "a b"),
        ("\ud800x", "x"),
    ],
)
def test_reads_what_a_person_sees(raw: str, read: str) -> None:
    """Markup, width, look-alikes and invisible characters are gone from what detection reads."""
    assert for_detection(raw).text == read


@pytest.mark.parametrize(
    ("raw", "found", "source"),
    [
        ("hi ｊｏ@x", "jo", "ｊｏ"),
        ("a\u200bb!", "ab", "a\u200bb"),
        ("e\u0301t", "ét", "e\u0301t"),
        ("a &amp; b", "&", "&amp;"),
        ("x <tel:+12125550147|call> y", "call", "<tel:+12125550147|call>"),
    ],
)
def test_finds_the_way_back(raw: str, found: str, source: str) -> None:
    """What is found in the plain twin is cut from the raw text with all that hid in it."""
    twin = for_detection(raw)
    at = twin.text.index(found)
    start, end = twin.raw_span(at, at + len(found))

    assert raw[start:end] == source


def test_a_plain_text_is_its_own_twin() -> None:
    """Plain ASCII costs no table of offsets."""
    twin = for_detection("order 111-2223334-5556667 is late")

    assert (twin.starts, twin.ends) == (None, None)
    assert twin.raw_span(6, 9) == (6, 9)


@given(st.text(max_size=80))
def test_every_place_of_the_twin_is_a_place_of_the_text(raw: str) -> None:
    """Offsets lie within the raw text and never run backwards, whatever is in it."""
    twin = for_detection(raw)
    places = [twin.raw_span(at, at + 1) for at in range(len(twin.text))]

    assert all(0 <= start < end <= len(raw) for start, end in places)
    assert all(one[0] <= two[0] for one, two in pairwise(places))


@given(st.text(max_size=80))
def test_what_is_storable_can_be_stored(raw: str) -> None:
    """No null byte and no lone surrogate is left, and nothing else changes."""
    kept = storable(raw)

    assert "\x00" not in kept
    assert kept.encode("utf-8").decode("utf-8") == kept
    assert len(kept) == len(raw)
    changed = [one for one, two in zip(raw, kept, strict=True) if one != two]
    assert all(one == "\x00" or "\ud800" <= one <= "\udfff" for one in changed)
    assert storable("\x00") == REPLACEMENT
