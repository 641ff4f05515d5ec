"""The scrubber from end to end: real Presidio, real pipeline."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nlp.detection.analyzer import Detector
from nlp.errors import ScrubbingFailed, TextTooLong
from nlp.scrubber import MAX_CHARACTERS, KnownValue, PresidioScrubber, Scrubbed
from nlp.text import RawText
from tests.growth import growth

CAREFUL = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

PARTS = st.sampled_from(
    [
        "customer john smith",
        "Maria Lopez",
        "jo@example.com",
        "<mailto:jo@example.com|jo@example.com>",
        "<tel:2125550147|212-555-0147>",
        "212-555-0147",
        "phone 2125550147",
        "12 Elm Street Apt 4",
        "Flat 2, 14 Orchard Road",
        "PO Box 77",
        "4111 1111 1111 1111",
        "ssn 219-09-9999",
        "dob 04/12/1985",
        "203.0.113.9",
        "113-1234567-7654321",
        "1Z999AA10123456784",
        "Austin, TX 78701",
        "$12.50",
        "<@U02ABCDEF>",
        "https://shop.example/?e=jo@example.com",
        "<PERSON_1>",
        "&lt;PERSON_2&gt;",
        "&amp;",
        "Ｊｏｈｎ Ｓｍｉｔｈ",
        "Jo\u200bhn Smi\u0301th",
        "\x00",
        "\ud800",
        "😀",
        "call",
        "order",
        "-",
        ",",
        "\n",
        "",
    ]
)
TEXTS = st.one_of(
    st.lists(PARTS, max_size=8).map(" ".join),
    st.lists(PARTS, max_size=5).map("".join),
    st.text(max_size=80),
    st.text(alphabet="aA1 @.<>-_+#:/,\n\x00\ud800é", max_size=80),
)
MUST_SURVIVE = ["113-1234567-7654321", "1Z999AA10123456784", "<@U02ABCDEF>", "WRO-4412"]


@pytest.fixture(scope="module")
def scrubber() -> PresidioScrubber:
    """One scrubber for all."""
    return PresidioScrubber()


def scrub(scrubber: PresidioScrubber, text: str, *known: tuple[str, str]) -> Scrubbed:
    """Scrub a str with known (type, value) pairs."""
    values = [KnownValue(entity_type=kind, value=RawText(value)) for kind, value in known]
    return scrubber.scrub(RawText(text), known=values)


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        (
            "customer john smith (jo@example.com, 212-555-0147) at 12 Elm Street Apt 4, Austin, TX "
            "78701 for 113-1234567-7654321",
            "customer <PERSON_1> (<EMAIL_ADDRESS_1>, <PHONE_NUMBER_1>) at <STREET_ADDRESS_1>, "
            "Austin, TX 78701 for 113-1234567-7654321",
        ),
        (
            "mail <mailto:jo@example.com|jo@example.com> or <tel:2125550147|212-555-0147>",
            "mail <EMAIL_ADDRESS_1> or <PHONE_NUMBER_1>",
        ),
        (
            "see <https://shop.example/?e=jo@example.com|John Smith>",
            "see <https://shop.example/?e=<EMAIL_ADDRESS_1>|<PERSON_1>>",
        ),
        ("sara at <http://gmail.com|gmail.com>", "<EMAIL_ADDRESS_1>"),
        ("Smith &amp; Sons, buyer Maria Lopez", "Smith &amp; Sons, buyer <PERSON_1>"),
        ("to Ｍａｒｉａ Ｌｏｐｅｚ", "to <PERSON_1>"),
        ("jo\u200b@exam\u00adple.com", "<EMAIL_ADDRESS_1>"),
        ("jо@ехample.com", "<EMAIL_ADDRESS_1>"),
        ("card ４１１１ 1111 1111 1111", "card <CREDIT_CARD_1>"),
        ("Flat 2, 14 Orchard Road, Leeds LS1 4AP", "<STREET_ADDRESS_1>, Leeds LS1 4AP"),
        ("born 04/12/1985, shipped 04/12/2024", "born <DATE_OF_BIRTH_1>, shipped 04/12/2024"),
        ("Maria, maria and MARIA LOPEZ", "<PERSON_1>, <PERSON_1> and <PERSON_1>"),
        ("Calvin Klein shirts, April 5, Chase Bank", "Calvin Klein shirts, April 5, Chase Bank"),
        ("no pii at all", "no pii at all"),
        ("", ""),
        (" \n", " \n"),
    ],
)
def test_scrubbed(scrubber: PresidioScrubber, text: str, scrubbed: str) -> None:
    """PII becomes numbered placeholders and the rest stays character for character."""
    assert scrub(scrubber, text).text == scrubbed


def test_what_is_returned(scrubber: PresidioScrubber) -> None:
    """Findings have the raw offsets, values what stood there, kinds their order of appearance."""
    text = "<mailto:jo@example.com|jo@example.com> is Maria Lopez, MARIA  LOPEZ"

    result = scrub(scrubber, text)

    assert [text[found.start : found.end] for found in result.findings] == [
        "<mailto:jo@example.com|jo@example.com>",
        "Maria Lopez",
        "MARIA  LOPEZ",
    ]
    assert [(v.entity_type, v.number, v.value.reveal()) for v in result.values] == [
        ("EMAIL_ADDRESS", 1, "jo@example.com"),
        ("PERSON", 1, "Maria Lopez"),
    ]
    assert result.kinds == ("EMAIL_ADDRESS", "PERSON")


def test_numbered_for_the_ticket(scrubber: PresidioScrubber) -> None:
    """Placeholders take the ticket's numbers; what the writer typed is not touched."""
    result = scrub(scrubber, "<PERSON_1> typed, Maria Lopez and John Smith wrote")

    assert result.text == "<PERSON_1> typed, <PERSON_2> and <PERSON_3> wrote"
    assert result.numbered({("PERSON", 2): 1, ("PERSON", 3): 7}) == (
        "<PERSON_1> typed, <PERSON_1> and <PERSON_7> wrote"
    )
    assert result.numbered({}) == result.text


@pytest.mark.parametrize(
    ("text", "known", "scrubbed"),
    [
        ("WALLABY   quince, again", ("PERSON", "Wallaby Quince"), "<PERSON_1>, again"),
        ("Quince, Wallaby", ("PERSON", "Wallaby Quince"), "<PERSON_1>"),
        ("wallaby asked", ("PERSON", "Wallaby Quince"), "<PERSON_1> asked"),
        ("will this be long", ("PERSON", "Will Long"), "will this be long"),
        ("wallabies and quartz", ("PERSON", "Wallaby Quince"), "wallabies and quartz"),
        ("at 9-elm, back door", ("STREET_ADDRESS", "9 Elm"), "at <STREET_ADDRESS_1>, back door"),
        ("2 1 2.5550147 ok", ("PHONE_NUMBER", "+2125550147"), "<PHONE_NUMBER_1> ok"),
        ("111-2223334-5556667", ("PERSON", "2223334"), "111-2223334-5556667"),
        ("https://x.example/wallaby-quince", ("PERSON", "Wallaby Quince"), None),
        ("Calvin Klein", ("PERSON", "Calvin Klein"), "<PERSON_1>"),
        ("anything", ("PERSON", ""), "anything"),
    ],
)
def test_known_values(
    scrubber: PresidioScrubber, text: str, known: tuple[str, str], scrubbed: str | None
) -> None:
    """A known value goes in any casing and spacing, as whole words, and beats all but order ids."""
    expected = scrubbed or "https://x.example/<PERSON_1>"

    assert scrub(scrubber, text, known).text == expected


def test_order_ids(scrubber: PresidioScrubber) -> None:
    """Order ids are read as a reader sees them: full-width digits and long dashes too."""
    text = RawText("113-1111111-2222222, １１４–7654321–1234567, 113-1111111-2222222")

    assert scrubber.order_ids(text) == ("113-1111111-2222222", "114-7654321-1234567")


@given(text=TEXTS)
@CAREFUL
def test_nothing_with_a_form_is_left(scrubber: PresidioScrubber, text: str) -> None:
    """What a rule takes is gone at once; only the model may see noise in another light."""
    once = scrub(scrubber, text).text

    assert set(scrub(scrubber, once).kinds) <= {"PERSON", "STREET_ADDRESS"}


@given(text=TEXTS)
@CAREFUL
def test_offsets_and_storable(scrubber: PresidioScrubber, text: str) -> None:
    """Findings lie in order within the text, what is between them stays, and all can be stored."""
    result = scrub(scrubber, text)
    at, rest = 0, result.text.encode("utf-8").decode("utf-8")

    for found in result.findings:
        assert at <= found.start < found.end <= len(text)
        kept = stored(text[at : found.start])
        assert rest.startswith(kept)
        rest = rest[len(kept) :]
        assert rest.startswith(f"<{found.entity_type}_")
        rest, at = rest[rest.index(">") + 1 :], found.end
    assert rest == stored(text[at:])
    assert "\x00" not in result.text


def stored(text: str) -> str:
    """The rule for what PostgreSQL refuses, said once more and in another way."""
    return "".join(c if c != "\x00" and not "\ud800" <= c <= "\udfff" else "\ufffd" for c in text)


@given(before=TEXTS, kept=st.sampled_from(MUST_SURVIVE), after=TEXTS)
@CAREFUL
def test_protected_survives(scrubber: PresidioScrubber, before: str, kept: str, after: str) -> None:
    """Order ids, tracking numbers, references and mentions survive in any company."""
    assert kept in scrub(scrubber, f"{before} ; {kept} ; {after}").text


@given(before=TEXTS, after=TEXTS)
@CAREFUL
def test_no_character_of_a_value_is_left(
    scrubber: PresidioScrubber, before: str, after: str
) -> None:
    """A planted e-mail address is gone, whatever stands around it."""
    planted = "zq.vexholm@example.org"

    assert "vexholm" not in scrub(scrubber, f"{before} {planted} {after}").text


def test_too_long(scrubber: PresidioScrubber) -> None:
    """A text over the limit is refused."""
    with pytest.raises(TextTooLong):
        scrub(scrubber, "a" * (MAX_CHARACTERS + 1))


def test_fails_closed(scrubber: PresidioScrubber) -> None:
    """An error on the way lets nothing pass, and the one raised carries nothing of the text."""
    no_text = RawText(cast(str, b"Lopez"))

    with pytest.raises(ScrubbingFailed) as caught:
        scrubber.scrub(
            RawText("secret of Maria Lopez"),
            known=[KnownValue(entity_type="PERSON", value=no_text)],
        )

    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None
    assert "Lopez" not in str(caught.value)
    assert scrub(scrubber, "of Maria Lopez").text == "of <PERSON_1>"


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "😀",
        "1 ",
        "(",
        "<mailto:",
        "e\u0301",
        "\x00",
        "jo@example.com ",
        "Maria Lopez, 1 Elm St\n",
    ],
    ids=repr,
)
def test_scrubbing_odd_texts_is_linear(scrubber: PresidioScrubber, piece: str) -> None:
    """Ten times of an endless word, of emoji or of a repetition costs about ten times as much."""

    def scrub_many(size: int) -> None:
        scrub(scrubber, piece * (size // len(piece)))

    assert growth(scrub_many, 2_000, 20_000) < 30


def test_threads(scrubber: PresidioScrubber) -> None:
    """Many threads with one scrubber get what one thread gets."""
    texts = [f"customer john smith, jo{n}@example.com, {n} Elm Street" for n in range(1, 60)]
    alone = [scrub(scrubber, text).text for text in texts]

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda text: scrub(scrubber, text).text, texts))

    assert together == alone


def test_nothing_is_remembered() -> None:
    """The string store of spaCy does not grow by the words of the messages."""
    detector = Detector()
    strings = detector.engine.get_nlp("en").vocab.strings
    detector.detect("customer john smith")
    before = len(strings)

    for letter in "abcdefghijklmnopqrst":
        assert detector.detect(f"customer john zyqx{letter}holm")

    assert len(strings) == before


def test_nothing_is_logged(scrubber: PresidioScrubber, caplog: pytest.LogCaptureFixture) -> None:
    """With every logger at its most talkative no part of a message is written."""
    caplog.set_level(0)

    scrub(scrubber, "customer Zyqx Vexholm, zq@example.org, DE89370400440532013000, 9 Elm Ave")

    assert not [word for word in ("Vexholm", "zq@", "DE89", "9 Elm") if word in caplog.text]


def test_no_network() -> None:
    """Building and using a scrubber looks up no host and connects to none."""
    seen: list[str] = []
    watching = True

    def watch(event: str, args: object) -> None:
        if watching and event in {"socket.connect", "socket.getaddrinfo", "urllib.Request"}:
            seen.append(event)

    sys.addaudithook(watch)
    scrub(PresidioScrubber(), "jo@example.com, x@mail.example.org and +1 212 555 0147")
    watching = False

    assert seen == []
