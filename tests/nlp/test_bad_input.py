"""Whatever is pasted: nothing breaks, nothing takes long, and what hides PII is seen through.

Time is tested as growth: ten times the text may cost little more than ten times as much.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from nlp.detection.normalize import for_detection
from nlp.detection.patterns.rules import Reading, Rule, RuleBook
from nlp.errors import ScrubbingTookTooLong, TextTooLong
from nlp.protected import protected_spans, rule_book
from nlp.recognizers import rules
from nlp.scrubber import MAX_CHARACTERS, PresidioScrubber
from nlp.text import RawText
from tests.growth import growth

LINEAR = 20
"""Ten times the text costs ten times the work; the rest is what a shared machine adds."""

ODD = {
    "empty": "",
    "spaces": " \t\n\r \u00a0\u3000",
    "null bytes": "\x00" * 50,
    "every byte": bytes(range(256)).decode("latin-1"),
    "lone surrogates": "\ud800a\udfff\udc00b",
    "one endless word": "a" * 5_000,
    "one endless number": "1" * 5_000,
    "emoji": "😀👩‍👩‍👧🏳️‍🌈" * 300,
    "combining marks": "e" + "\u0301" * 2_000,
    "nested markup": "<mailto:<tel:<https://x|<@U" * 100,
    "closing markup": ">" * 500 + "|" * 500,
    "unclosed entity": "&amp" * 300 + "&lt;&gt;&",
    "brackets": "([{" * 500,
    "placeholders": "<PERSON_1><PERSON_0><PERSON_99999999999>&lt;PERSON_2&gt;",
    "Arabic": "مرحبا أين الطلب رقم ١٢٣",
    "Chinese": "您好，我的包裹在哪里？",
    "Thai": "พัสดุของฉันอยู่ที่ไหน",
    "Devanagari": "मेरा पार्सल कहाँ है",
    "right to left marks": "\u202eorder\u202c late\u200f",
    "private use": "\ue000\uf8ff\U000f0000",
    "not a character": "\ufffe\uffff\ufffc\ufffd",
}


@pytest.fixture(scope="module")
def scrubber() -> PresidioScrubber:
    """One scrubber for all."""
    return PresidioScrubber()


RULES: list[tuple[str, Rule]] = [*RuleBook(rules()).rules, *rule_book().rules]
"""Every rule of the recognizer and of what must survive, with what it finds."""


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
def test_odd_text_passes_as_it_is(scrubber: PresidioScrubber, text: str) -> None:
    """What holds no PII comes out as it went in, but for what cannot be stored."""
    kept = re.sub("[\x00\ud800-\udfff]", "\ufffd", text)

    assert scrubber.scrub(RawText(text)).text == kept


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
def test_pii_beside_odd_text_is_found(scrubber: PresidioScrubber, text: str) -> None:
    """No odd text hides the e-mail address on the next line."""
    scrubbed = scrubber.scrub(RawText(f"{text}\nzq.vexholm@example.org\n{text}")).text

    assert "vexholm" not in scrubbed


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("zq\u200b.vexholm@exam\u00adple.org", "vexholm"),
        ("ｚｑ．ｖｅｘｈｏｌｍ＠ｅｘａｍｐｌｅ．ｏｒｇ", "ｖｅｘｈｏｌｍ"),
        ("zq.vехhоlm@example.org", "vехhоlm"),
        ("zq.ve\u0301xholm@example.org", "xholm"),
        ("\u202ezq.vexholm@example.org\u202c", "vexholm"),
        ("zq.vexholm@example\u2024org and zq.vexholm@example.org", "vexholm"),
        ("call 212\u2011555\u20110147", "0147"),
        ("call ２１２-５５５-０１４７", "０１４７"),
        ("call 212\u00a0555\u00a00147", "0147"),
        ("call ٢١٢-٥٥٥-٠١٤٧", "٠١٤٧"),
        ("card 4111\u200b1111\u200b1111\u200b1111", "1111"),
        ("ssn 219–09–9999", "9999"),
        ("at 12\u00a0Elm\u2003Street", "Elm"),
        ("𝟐𝟏𝟐-𝟓𝟓𝟓-𝟎𝟏𝟒𝟕", "𝟎𝟏𝟒𝟕"),
    ],
)
def test_disguises_are_seen_through(scrubber: PresidioScrubber, text: str, hidden: str) -> None:
    """Invisible, full-width, look-alike and composed characters hide nothing from the rules."""
    result = scrubber.scrub(RawText(text))

    assert hidden not in result.text
    assert all(0 <= found.start < found.end <= len(text) for found in result.findings)


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "piece",
    ["a", "1", "\n", "😀", "please tell zq.vexholm@example.org ", "<mailto:jo@example.com|jo> "],
    ids=repr,
)
def test_a_megabyte_passes_scrubbed_or_not_at_all(piece: str) -> None:
    """A text as long as may be is scrubbed within the time limit, or nothing of it passes."""
    text = RawText((piece * (MAX_CHARACTERS // len(piece) + 1))[:MAX_CHARACTERS])
    impatient = PresidioScrubber(time_limit=4.0)

    try:
        scrubbed = impatient.scrub(text).text
    except ScrubbingTookTooLong:
        return
    assert "vexholm" not in scrubbed


def test_more_than_a_megabyte_does_not_pass(scrubber: PresidioScrubber) -> None:
    """A text that is too long is refused by its length, before anything reads it."""
    with pytest.raises(TextTooLong):
        scrubber.scrub(RawText("a" * (MAX_CHARACTERS + 1)))


def letters_of(pattern: re.Pattern[str]) -> list[str]:
    """The plain words that a pattern holds, longest first: what nearly matches it."""
    return sorted(set(re.findall(r"[a-z]{2,}", pattern.pattern)), key=len, reverse=True)[:3]


def near_misses(rule: Rule) -> Iterator[str]:
    """Yield pieces of which a text is made that comes close to the rule again and again."""
    word = next(iter([*sorted(rule.starts, key=len)[:1], *letters_of(rule.pattern), "x"]))
    yield from (f"{word} ", f"1 {word}, ", f"{word}-1")
    yield from ("1", "12-", "123 4567 ", "a", "Aa ", "A-1", " ", "\n 1", "a@")


@pytest.mark.parametrize(
    "rule", [rule for _, rule in RULES], ids=[f"{kind}-{n}" for n, (kind, _) in enumerate(RULES)]
)
def test_every_pattern_is_linear(rule: Rule) -> None:
    """Every pattern takes ten times as long for ten times of what nearly matches it."""
    book = RuleBook({"it": [rule]})
    for piece in dict.fromkeys(near_misses(rule)):

        def search(size: int, piece: str = piece) -> None:
            text = piece * (size // len(piece))
            if rule.starts:
                list(book.find(Reading(text)))
            else:
                for match in rule.pattern.finditer(text):
                    list(rule.spans(match))

        assert growth(search, 1_000, 10_000) < LINEAR, repr(piece)


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "1",
        " ",
        "order 113-1234567-7654321 ",
        "call 212-555-0147, ",
        "12 Elm St Apt 4\n",
        "Austin, TX 78701; ",
        "jo at mail dot com ",
        "phone 1 number 2 ",
        "DE89 3704 0044 ",
        "<@U02ABCDEF> ",
        "\u200b",
        "é",
        "<mailto:jo@example.com|jo> ",
    ],
    ids=repr,
)
def test_all_rules_together_are_linear(piece: str) -> None:
    """A long text costs the rules in proportion to its length, reading and folding included."""
    book: RuleBook[str] = RuleBook(rules())

    def search(size: int) -> None:
        text = for_detection(piece * (size // len(piece))).text
        for _ in book.find(Reading(text)):
            pass
        protected_spans(text)

    assert growth(search, 4_000, 40_000) < LINEAR
