"""What holds of the scrubber for any text, tried on texts that Hypothesis puts together.

The properties hold whatever finds the names: only PII that has a form is planted.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nlp.detection.normalize import for_detection
from nlp.detection.patterns.rules import Reading, RuleBook
from nlp.protected import protected_spans
from nlp.recognizers import rules
from nlp.scrubber import PresidioScrubber, Scrubbed
from nlp.text import RawText

FEW = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
MANY = settings(FEW, max_examples=100)

PII = {
    "EMAIL_ADDRESS": ["zq.vexholm@example.org", "abc123xyz@marketplace.amazon.com"],
    "PHONE_NUMBER": ["(212) 555-0147", "+44 20 7946 0018"],
    "CREDIT_CARD": ["4111 1111 1111 1111"],
    "IBAN_CODE": ["DE89 3704 0044 0532 0130 00"],
    "US_SSN": ["219-09-9999"],
    "STREET_ADDRESS": ["48 Quarry Hill Road, Unit 2", "P.O. Box 1234"],
}
KEPT = [
    "113-1234567-7654321",
    "1Z999AA10123456784",
    "9400111201080805483016",
    "TBA123456789012",
    "B08N5WRWNW",
    "RMA-88120",
    "<@U02ABCDEF>",
    "<#C03XYZ123|merchant-acme>",
    "https://shop.example/x/12",
]
ORDINARY = [
    "the order is late",
    "$12.50",
    "2 days",
    "please",
    "Calvin Klein",
    "*bold*",
    "😀",
    "&amp;",
    "é",
]
BETWEEN = st.sampled_from([" ", "  ", "\n", "; ", " - ", " | ", " (", ") "])

planted = st.sampled_from([(kind, value) for kind, values in PII.items() for value in values])
parts = st.one_of(
    st.sampled_from([value for values in PII.values() for value in values]),
    st.sampled_from(KEPT),
    st.sampled_from(ORDINARY),
    st.text(max_size=12),
)
texts = st.lists(st.tuples(parts, BETWEEN), max_size=6).map(
    lambda pairs: "".join(part + gap for part, gap in pairs)
)


@pytest.fixture(scope="module")
def scrubber() -> PresidioScrubber:
    """One scrubber for all."""
    return PresidioScrubber()


def scrub(scrubber: PresidioScrubber, text: str) -> Scrubbed:
    """Scrub without known values."""
    return scrubber.scrub(RawText(text))


@given(text=texts)
@FEW
def test_scrubbing_twice_finds_nothing_with_a_form(scrubber: PresidioScrubber, text: str) -> None:
    """What a rule takes is gone at once; the model may read what is left anew."""
    once = scrub(scrubber, text).text

    assert set(scrub(scrubber, once).kinds) <= {"PERSON", "STREET_ADDRESS"}


@given(text=texts)
@FEW
def test_text_is_what_was_left_and_placeholders(scrubber: PresidioScrubber, text: str) -> None:
    """Cut at the findings, the raw text and the scrubbed text agree piece by piece."""
    result = scrub(scrubber, text)
    at, rest = 0, str(result.text)

    for found in result.findings:
        assert at <= found.start < found.end <= len(text)
        kept = text[at : found.start].replace("\x00", "\ufffd")
        assert rest.startswith(f"{kept}<{found.entity_type}_")
        rest, at = rest[len(kept) :].partition(">")[2], found.end
    assert rest == text[at:].replace("\x00", "\ufffd")


@given(before=texts, one=planted, after=texts, gap=BETWEEN)
@FEW
def test_planted_value_is_gone(
    scrubber: PresidioScrubber, before: str, one: tuple[str, str], after: str, gap: str
) -> None:
    """No character of a value that stands alone on its line is left at its place."""
    value = one[1]
    text = f"{before}\n\n{value}\n\n{gap}{after}"
    start = len(before) + 2

    result = scrub(scrubber, text)

    covered = {at for found in result.findings for at in range(found.start, found.end)}
    letters = {start + at for at, char in enumerate(value) if char.isalnum()}
    assert letters <= covered


@given(before=texts, kept=st.sampled_from(KEPT), after=texts)
@FEW
def test_protected_is_intact(
    scrubber: PresidioScrubber, before: str, kept: str, after: str
) -> None:
    """What must survive is in the scrubbed text character for character."""
    assert kept in scrub(scrubber, f"{before} ; {kept} ; {after}").text


@given(text=st.one_of(texts, st.text(max_size=60)))
@MANY
def test_rules_point_into_the_text(text: str) -> None:
    """What rules find is never empty, lies in the twin, and leads back into the raw text."""
    read = for_detection(text)
    book: RuleBook[str] = RuleBook(rules())
    spans = [(match.start, match.end) for _, match in book.find(Reading(read.text))]
    spans += [(span.start, span.end) for span in protected_spans(read.text)]

    for start, end in spans:
        assert 0 <= start < end <= len(read.text)
        raw_start, raw_end = read.raw_span(start, end)
        assert 0 <= raw_start < raw_end <= len(text)


@given(text=st.one_of(texts, st.text(max_size=60)))
@MANY
def test_rules_that_are_skipped_would_not_match(text: str) -> None:
    """A rule whose needs a text does not meet matches nowhere in it: skipping it costs nothing."""
    reading = Reading(for_detection(text).text)

    for _, rule in RuleBook(rules()).rules:
        if not rule.needs.met(reading) and not rule.starts:
            spans = [
                span for match in rule.pattern.finditer(reading.text) for span in rule.spans(match)
            ]
            assert spans == []
