"""Names, as the spaCy component finds them."""

from __future__ import annotations

import pytest
import spacy
from spacy.language import Language

from nlp.ner import SCORE, pipeline


@pytest.fixture(scope="module")
def nlp() -> Language:
    """The pipeline."""
    return pipeline()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("my name is sara lee and the order is late", ["sara lee"]),
        ("customer john smith called", ["john smith"]),
        ("customer Thandiwe Mokoena says so", ["Thandiwe Mokoena"]),
        ("buyer: okwudili nwankwo", ["okwudili nwankwo"]),
        ("Ship to: Marek Wiśniewski", ["Marek Wiśniewski"]),
        ("recipient name is Lê Thị Hương please", ["Lê Thị Hương"]),
        ("Mr. Patel and Dr. O'Brien's parcels", ["Patel", "O'Brien"]),
        ("c/o jane doe", ["jane doe"]),
        ("J. Smith signed", ["J. Smith"]),
        ("Smith, John", ["Smith, John"]),
        ("MARIA LOPEZ", ["MARIA LOPEZ"]),
        ("deliver to Jean-Luc de la Cruz", ["Jean-Luc de la Cruz"]),
        ("maria called again", ["maria"]),
        ("spoke with Maria's husband Tom", ["Maria", "Tom"]),
        ("Hi Priya, thanks", ["Priya"]),
        ("Thanks,\nSiobhan Kelleher", ["Siobhan Kelleher"]),
        ("Thandi Mokoena\n12 Elm Street\nAustin", ["Thandi Mokoena"]),
        ("send it to thandi mokoena, 12 elm street", ["thandi mokoena"]),
        ("my name is Jordan", ["Jordan"]),
        ("April Johnson asked", ["April Johnson"]),
        ("Georgia Miller lives in Georgia", ["Georgia Miller"]),
        ("mi nombre es lucía fernández", ["lucía fernández"]),
        ("收件人:王小明", ["王小明"]),
    ],
)
def test_names(nlp: Language, text: str, names: list[str]) -> None:
    """Names are found by their context, cased and lower-case, known and unknown."""
    assert [ent.text for ent in nlp(text).ents if ent.label_ == "PERSON"] == names


@pytest.mark.parametrize(
    "text",
    [
        "",
        "customer says the box is missing",
        "Customer Service told us",
        "my name is on the label",
        "product name: Blue Widget",
        "ship to texas in april or may",
        "Air Jordan shoes",
        "Amber Glass Bottles, Rose Gold, Ruby Red",
        "will you mark this as shipped",
        "ASIN, MFN, WRO and RMA in EUR",
        "Hello Team, Hi there",
        "Settings > Shipping Settings > General Settings",
        "signed by front desk",
    ],
)
def test_no_names(nlp: Language, text: str) -> None:
    """Brands, months and ordinary words that are also names are left."""
    assert [ent.text for ent in nlp(text).ents] == []


def test_scores(nlp: Language) -> None:
    """Each entity has its own score, a probability."""
    doc = nlp("customer john smith and buyer: okwudili nwankwo")

    scores = [ent._.get(SCORE) for ent in doc.ents]
    assert len(set(scores)) == 2
    assert all(0.5 <= score <= 1 for score in scores)


def test_streets(nlp: Language) -> None:
    """Street lines are entities as well, without the city."""
    doc = nlp("ship it to 8800 Lakeshore Apt 4, Reno, NV 89501")

    assert [(ent.text, ent.label_) for ent in doc.ents] == [
        ("8800 Lakeshore Apt 4", "STREET_ADDRESS")
    ]


def test_component_can_be_added_again() -> None:
    """Two pipelines in one process do not stand in each other's way."""
    first, second = spacy.blank("en"), spacy.blank("en")
    first.add_pipe("care_ner")
    second.add_pipe("care_ner")

    assert [ent.text for ent in second("customer john smith").ents] == ["john smith"]


@pytest.mark.parametrize("text", ["a  b\n\tc", "😀" * 50, "x" * 500, "\u200b", "'''((("])
def test_tokenizer_keeps_the_text(nlp: Language, text: str) -> None:
    """The tokens put together are the text, whatever it holds."""
    assert nlp.make_doc(text).text == text
