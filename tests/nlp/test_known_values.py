"""Known values in whatever way they are written, and what only looks like them."""

from __future__ import annotations

import pytest

from nlp.detection.known_values import find_known
from nlp.detection.plain_words import Misspellings, distance
from nlp.detection.spans import Span, united
from tests.growth import growth

QUINCE = [("PERSON", "Wallaby Quince"), ("PERSON", "Wallaby"), ("PERSON", "Quince")]
WILL = [("PERSON", "Will Long"), ("PERSON", "Will"), ("PERSON", "Long")]
MARY_ANN = [("PERSON", "Mary-Ann Tolliver")]
JOHN = [("PERSON", "John Pemberwick")]
JOSE = [("PERSON", "Jose Nuñez Vexholm")]
OAK = [
    ("STREET_ADDRESS", "12 Oak Street"),
    ("STREET_ADDRESS", "Apt 4B"),
    ("STREET_ADDRESS", "12 Oak Street Apt 4B"),
]
GOOSEBERRY = [("STREET_ADDRESS", "4821 Gooseberry Hollow Rd")]
PHONE = [("PHONE_NUMBER", "+1 (212) 555-0147")]
MOBILE = [("PHONE_NUMBER", "+447700900123")]
EMAIL = [("EMAIL_ADDRESS", "wq.larkin@example.com")]


def shown(text: str, known: list[tuple[str, str]]) -> str:
    """Return the text with what is taken in brackets; each piece between bars by itself."""
    return " | ".join(_shown(piece, known) for piece in text.split(" | "))


def _shown(text: str, known: list[tuple[str, str]]) -> str:
    taken = united(
        Span(start=m.start, end=m.end, entity_type=m.entity_type, score=1.0, known=True)
        for m in find_known(text, known)
    )
    for span in reversed(taken):
        text = f"{text[: span.start]}[{text[span.start : span.end]}]{text[span.end :]}"
    return text


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("[WALLABY   quince], again", QUINCE),
        ("[Quince, Wallaby]", QUINCE),
        ("[wallaby] asked", QUINCE),
        ("[wallabys quinces]", QUINCE),
        ("[W. Quince] | [W Quince] and | [wallaby q]. too", QUINCE),
        ("[wallaby.quince] | [wallaby_quince84]", QUINCE),
        ("[wallabyquince] | [wquince]@mail | [WallabyQuince]", QUINCE),
        ("[Walaby Quince]'s | [walalby] | [Quincee]", QUINCE),
        ("the wall by quincy", QUINCE),
        ("https://x.example/[wallaby-quince]", QUINCE),
        ("[wallaby m. quince]", QUINCE),
        ("113-5550142-5550142 [wallaby] 7 | 4 [quince], 12 [Wallaby]", QUINCE),
        ("will this be long", WILL),
        ("[Will Long] | [W. Long] | [Long, Will] | [will long]", WILL),
        ("how long. Will it be a long wait, will they", WILL),
        ("it will be long, will they say", WILL),
        ("[mary ann tolliver] | [Maryann Tolliver] | [Tolliver, Mary-Ann]", MARY_ANN),
        ("[Mary A Tolliver] | [M.A. Toliver]", MARY_ANN),
        ("[Jon Pemberwick] | [Jhon Pemberwick] | [Pemberwik] | [j pemberwick]", JOHN),
        ("[John]'s box | johns box", JOHN),
        ("[José Núñez-Vexholm] | [jose nunez vexholm] | [NÚÑEZ]", JOSE),
        ("[Maria Quellamar] | [M. de la Quellamar]", [("PERSON", "Maria de la Quellamar")]),
        ("[Mac Donough] | [macdonough]", [("PERSON", "Ronald MacDonough")]),
        ("[OBrannigan] | [O'Brannigan] | [o brannigan]", [("PERSON", "Sean O'Brannigan")]),
        ("收件人[王小明]的包裹", [("PERSON", "王小明")]),
        ("nothing of them", [("PERSON", ""), ("PERSON", "-")]),
    ],
)
def test_names(text: str, known: list[tuple[str, str]]) -> None:
    """A name goes in parts, turned round, joined, with initials and typos; ordinary words stay."""
    plain = text.replace("[", "").replace("]", "")

    assert shown(plain, known) == text


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("[12 oak] | [12 OAK ST] | [12 N. Oak Street]", OAK),
        ("at [12 Oak St., Apartment 4B], door", OAK),
        ("[12 oak #4b] | [unit 4b] | [#4B]", OAK),
        ("[12\nOak Street]", OAK),
        ("12 units on an oak table for 4b", OAK),
        ("[12 Oak Street] Apt 5", OAK),
        ("[4821 gooseberry] | [4821 Goosebery Hollow Road] | [4821 gooseberry rd]", GOOSEBERRY),
        ("on [Gooseberry Hollow Road]", GOOSEBERRY),
        ("4821 boxes of gooseberry jam", GOOSEBERRY),
        ("[Hauptstr. 12] | [hauptstrasse 12]", [("STREET_ADDRESS", "Hauptstraße 12")]),
        ("5 day shipping | to [5 Day St]", [("STREET_ADDRESS", "5 Day Street")]),
        ("[123 west 45th] | [123 W. 45th Street]", [("STREET_ADDRESS", "123 W 45th St")]),
        ("at [9-elm], back door", [("STREET_ADDRESS", "9 Elm")]),
        ("[PO BOX #123]", [("STREET_ADDRESS", "PO Box 123")]),
        ("[rose cottage, mill lane]", [("STREET_ADDRESS", "Rose Cottage, Mill Lane")]),
    ],
)
def test_streets(text: str, known: list[tuple[str, str]]) -> None:
    """A street goes abbreviated or not, without suffix, with typos, with its unit and no other."""
    plain = text.replace("[", "").replace("]", "")

    assert shown(plain, known) == text


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("[212-555-0147] | [1.212.555.0147] | [+12125550147] | [2 1 2.5550147]", PHONE),
        ("[555-0147] | [5550147] | [(212)5550147x12]", PHONE),
        ("94001112125550147 | 555-01470 | 0147", PHONE),
        ("[07700 900123] | [+44 (0)7700 900123] | [0044 7700 900123]", MOBILE),
        ("[212 555 0142]", [("PHONE_NUMBER", "555-0142")]),
        ("1 23 [4 5 6] 7", [("PHONE_NUMBER", "456")]),
        ("[WQ.Larkin@Example.com] | [wq larkin at example dot com]", EMAIL),
        ("[wq.larkin] | [wqlarkin] | wq", EMAIL),
        ("maria", [("EMAIL_ADDRESS", "maria@example.com")]),
        ("[4111-1111 11111111]", [("CREDIT_CARD", "4111111111111111")]),
    ],
)
def test_numbers_and_addresses(text: str, known: list[tuple[str, str]]) -> None:
    """A phone number goes with any prefix and separators, an e-mail address with its local part."""
    plain = text.replace("[", "").replace("]", "")

    assert shown(plain, known) == text


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [("quince", "quince", 0), ("quince", "qiunce", 1), ("quince", "quine", 1),
     ("quince", "qunices", 2), ("", "ab", 2), ("quackenbush", "quakenbsh", 2)],
)  # fmt: skip
def test_distance(one: str, other: str, edits: int) -> None:
    """Letters left out, added, changed and swapped are one edit each."""
    assert distance(one, other) == distance(other, one) == edits


@pytest.mark.parametrize(
    ("word", "known"),
    [("qunce", "quince"), ("quinces", "quince"), ("quackenbsuh", "quackenbush"),
     ("quakenbsh", "quackenbush"), ("qunc", None), ("jon", None), ("quackbuhs", None)],
)  # fmt: skip
def test_misspellings(word: str, known: str | None) -> None:
    """One edit from five letters on, two from nine on, none below."""
    assert Misspellings(["quince", "quackenbush", "john"]).of(word) == ((known,) if known else ())


@pytest.mark.parametrize(
    "piece", ["will long ", "quinc wallaby ", "12 oak ", "2 1 2 ", "a", "a.a@"]
)
def test_the_cost_grows_with_the_text(piece: str) -> None:
    """Ten times as much of a repeated known or nearly known value costs about ten times as much."""
    known = [*QUINCE, *WILL, *OAK, *PHONE, *EMAIL]

    def work(size: int) -> None:
        list(find_known(piece * (size // len(piece)), known))

    assert (
        growth(lambda size: list(find_known(piece * (size // len(piece)), known)), 4_000, 40_000)
        < 30
    )


def test_the_cost_does_not_multiply_with_the_values() -> None:
    """Ten times as many known buyers cost about ten times as much to make ready, not per word."""
    text = "the parcel for somebody on the other side of the country never came " * 30

    def work(buyers: int) -> None:
        known = [("PERSON", f"Vex{n:x}holm Quin{n:x}ton".replace("0", "o")) for n in range(buyers)]
        assert not list(find_known(text, known))

    assert growth(work, 20, 200) < 30
