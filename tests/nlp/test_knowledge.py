"""Answers, suggestions and honest ignorance."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from nlp.answers.spelling import Spelling
from nlp.answers.vocabulary import Vocabulary, split
from nlp.knowledge import ARTICLES, Answer, Kind, Knowledge
from nlp.text import ScrubbedText
from tests.growth import growth

QUESTIONS = Path(__file__).parent / "questions" / "development.jsonl"


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    """The shipped articles."""
    return Knowledge.load()


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    """The shipped vocabulary."""
    return Vocabulary.load(ARTICLES)


def ask(knowledge: Knowledge, question: str) -> Answer:
    """Ask with a text that the scrubber has left as it is."""
    return knowledge.answer(ScrubbedText(question))


def questions() -> Sequence[Mapping[str, object]]:
    """Read the development set: questions with the sections that answer them, if any do."""
    lines = QUESTIONS.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


# Measured on 2026-11-27 on 130 answerable questions: right section first 0.98, answered right
# 0.97, answered or offered 0.99, right when it answers 0.99. The floors lie slightly lower. The set
# chose a threshold and flatters; `make evaluate` measures on the held-out questions.
def test_answerable_questions_are_answered(knowledge: Knowledge) -> None:
    """Enough informal questions get the right section, or have it among those offered."""
    first = answered = right = offered = 0
    asked = [question for question in questions() if question["sections"]]
    for question in asked:
        wanted = question["sections"]
        assert isinstance(wanted, list)
        answer = ask(knowledge, str(question["question"]))
        found = [section.name for section in answer.sections]
        first += bool(found) and found[0] in wanted
        answered += answer.kind is Kind.ANSWER
        right += answer.kind is Kind.ANSWER and found[0] in wanted
        offered += any(name in wanted for name in found)

    assert first / len(asked) >= 0.96
    assert right / len(asked) >= 0.93
    assert offered / len(asked) >= 0.97
    assert right / answered >= 0.97


def test_unanswerable_questions_are_not_answered(knowledge: Knowledge) -> None:
    """Of 81 questions that no article answers, none is answered and few are offered sections."""
    asked = [str(question["question"]) for question in questions() if not question["sections"]]

    kinds = [ask(knowledge, question).kind for question in asked]

    assert len(asked) == 81
    assert kinds.count(Kind.ANSWER) == 0
    assert kinds.count(Kind.CLARIFY) <= 4


def test_questions_are_no_copies_of_the_examples(knowledge: Knowledge) -> None:
    """No question of the set stands in the articles as an example."""
    examples = {split(each) for section in knowledge.sections for each in section.examples}

    assert not examples.intersection(split(str(each["question"])) for each in questions())


def test_questions_name_sections_that_exist(knowledge: Knowledge) -> None:
    """Every section that the set wants is a section of the articles."""
    names = {section.name for section in knowledge.sections}
    for question in questions():
        wanted = question["sections"]
        assert isinstance(wanted, list)
        assert names.issuperset(wanted)


def test_answer_quotes_the_article(knowledge: Knowledge) -> None:
    """An answer is the short answer word for word, the steps, the source and its address."""
    answer = ask(knowledge, "how do i switch my fba skus to fbm")

    (section,) = answer.sections
    assert section.name == "convert-fba-skus#steps"
    assert answer.kind is Kind.ANSWER
    assert answer.text == (
        f"{section.short_answer}\n\n{section.steps}\n\n"
        "Source: Converting FBA SKUs to FBM > Converting FBA SKUs to FBM, step by step, "
        f"reviewed {section.last_reviewed:%Y-%m-%d}\n"
        "https://care.jetpack.example/kb/convert-fba-skus#steps"
    )


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("can u guys do prime orders?", ["No.", "Seller Fulfilled Prime"]),
        ("how long do u keep customer names", ["30 days", "delivered", '"Redacted"']),
        ("how long do you keep custmer naems", ["30 days"]),
        ("how do I refund <PERSON_1> now that the order is redacted", ["order number in Amazon"]),
        ("bulk create fbm skus", ["Add Products via Upload"]),
        ("<@U012ABCDEF> what counts as pii?", ["street addresses"]),
        ("Hi! We are a small candle brand. Can you ship prime orders?", ["cannot process"]),
        ("where is 113-1234567-1234567? also how long do you keep buyer names?", ["30 days"]),
    ],
)
def test_answers_state_the_facts(knowledge: Knowledge, question: str, words: list[str]) -> None:
    """The facts of the guide are in the answer, whatever surrounds the question."""
    answer = ask(knowledge, question)

    assert answer.kind is Kind.ANSWER
    assert [word for word in words if word not in answer.text] == []


@pytest.mark.parametrize(
    "question",
    [
        "how much does it cost to send you inventory",
        "can you fulfill my shopify orders with fbm",
        "how do i convert fbm back to fba",
        "which carrier ships fbm orders",
        "is it legal to keep customer names for 30 days",
        "how do i contact amazon",
        "where is my favourite umbrella",
        "Traceback (most recent call last): ValueError: bad unicorn",
        "¿cuándo abre la oficina?",
        "",
        "🎉🎉",
        "<PERSON_1> <EMAIL_ADDRESS_1>",
    ],
)
def test_ignorance_is_admitted(knowledge: Knowledge, question: str) -> None:
    """What no article covers is not answered: the bot says so and names no source."""
    answer = ask(knowledge, question)

    assert answer.kind is Kind.HANDOFF
    assert answer.sections == ()
    assert answer.text.startswith("I don't know")


def test_unsure_means_a_choice(knowledge: Knowledge) -> None:
    """A question that several sections half answer gets up to three of them to choose from."""
    answer = ask(knowledge, "what about skus")

    assert answer.kind is Kind.CLARIFY
    assert 1 < len(answer.sections) <= 3
    assert all(section.title in answer.text for section in answer.sections)


def test_confidence_is_a_share(knowledge: Knowledge) -> None:
    """Confidence lies between 0 and 1 for every question of the set."""
    for question in questions():
        assert 0.0 <= ask(knowledge, str(question["question"])).confidence <= 1.0


@pytest.mark.parametrize("piece", ["how do i convert ", "xqzjkw ", "a?", "<", "<<@", "redacted? "])
def test_long_questions_take_bounded_time(knowledge: Knowledge, piece: str) -> None:
    """Ten times of one repeated piece costs about ten times as much at most."""
    assert growth(lambda size: ask(knowledge, piece * (size // len(piece))), 20_000, 200_000) < 30


@pytest.mark.parametrize(
    ("word", "repaired"),
    [
        ("invetnory", "inventory"),
        ("cost", "cost"),
        ("walmart", "walmart"),
        ("prixe", "prixe"),
    ],
)
def test_spelling_repairs_only_what_is_sure(word: str, repaired: str) -> None:
    """Long words are repaired; short, foreign and ambiguous ones stay."""
    assert Spelling(["inventory", "list", "prime", "price"]).repair(word) == repaired


@pytest.mark.parametrize(
    ("phrase", "meaning"),
    [
        ("merchant fulfilled", ("fbm",)),
        ("seller-fulfilled prime", ("prime",)),
        ("Umbrella’s name 30 days", ("umbrella", "name", "month")),
        ("set up <PERSON_1>", ("creat",)),
        ("<https://example.com/a|prime> &amp; https://example.org/fbm", ("prime",)),
        ("3 skus 113-1234567-1234567", ("sku",)),
    ],
)
def test_phrases_become_one_word(
    vocabulary: Vocabulary, phrase: str, meaning: tuple[str, ...]
) -> None:
    """The longest known phrase stands for its meaning; markup, values and numbers say nothing."""
    assert vocabulary.content(split(phrase)) == meaning


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("does UPS come", "carriers and delivery"),
        ("set up my store", None),
        ("send all my inventory to fba", "FBA itself"),
        ("send inventory to jetpack", None),
    ],
)
def test_subjects_that_no_article_covers(
    vocabulary: Vocabulary, text: str, subject: str | None
) -> None:
    """A phrase betrays its subject, over a gap too; UPS is not "up"."""
    assert vocabulary.not_covered(split(text)) == subject
