"""The form of the articles and the check of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from nlp.answers.article_files import read_article, read_articles
from nlp.answers.lint import lint
from nlp.errors import ArticleBroken
from nlp.knowledge import ARTICLES, Kind, Knowledge
from nlp.text import ScrubbedText

GOOD = """---
id: umbrellas
title: Umbrellas
url: https://care.jetpack.example/kb/umbrellas
collection: rain
audience: merchants
language: en
status: published
owner: jetpack-care
version: 1
last_reviewed: 2026-01-10
review_every_days: 100
sources:
  - an invented almanac
---

## Drying an umbrella {#drying}

Leave it open.

1. Shake it.
2. Open it.

```yaml
examples:
  - how do i dry my umbrella
  - umbrella is wet
  - soaked umbrella
related:
  - umbrellas#folding
```

## Folding an umbrella {#folding}

Fold it
when it is dry.

```yaml
examples:
  - how to fold an umbrella
  - umbrella into its sleeve
  - folding umbrellas
related: []
```
"""
VOCABULARY = """synonyms:
  dry: [wet, soaked]
ignored: [how do i my is an to into its it]
not_covered:
  prices: [price]
"""
TODAY = date(2026, 2, 1)


def shelf(folder: Path, *changes: tuple[str, str], file: str = "umbrellas.md") -> Path:
    """Write the good article, changed, and its vocabulary into a folder."""
    text = GOOD
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (folder / file).write_text(text, encoding="utf-8")
    (folder / "vocabulary.yaml").write_text(VOCABULARY, encoding="utf-8")
    return folder


def test_shipped_articles_are_in_order() -> None:
    """The check finds nothing in the shipped articles on the day after their last review."""
    assert lint(ARTICLES, date(2026, 11, 24)) == ()


def test_shipped_sections_find_themselves() -> None:
    """The title of every shipped section is answered or offered with that section."""
    knowledge = Knowledge.load()
    for section in knowledge.sections:
        answer = knowledge.answer(ScrubbedText(section.title))

        assert section in answer.sections


@pytest.mark.parametrize(
    "fact",
    [
        "FBM", "Seller Fulfilled Prime", "Amazon Seller Center", "same ASINs", "Add a Product",
        "Add Products via Upload", "violate Amazon policy", "temporarily inactivate",
        "orphaned inventory", "Amazon's warehouses", "Manage Inventory", "Check the boxes", "Edit",
        "Change to Fulfilled by Merchant", "Convert", "30 days after", '"Redacted"',
        "shipment tracking IDs, zip code, city and state", "standard claims process",
        "name or address on return orders", "linked to their original order",
        "look up the order number in Amazon", "absolutely necessary", "deleted once the issue",
        "Amazon's own documentation", "create a WRO", "Slack, phone or email",
    ],
)  # fmt: skip
def test_articles_hold_the_facts_of_the_guide(fact: str) -> None:
    """Each fact and label of the guide stands in a short answer or in steps."""
    texts = [f"{section.short_answer}\n{section.steps}" for section in Knowledge.load().sections]

    assert any(fact in text for text in texts)


def test_good_article_is_read(tmp_path: Path) -> None:
    """A section has its short answer, steps, address, date, examples and neighbours."""
    (article,), problems = read_articles(shelf(tmp_path))
    drying, folding = article.sections

    assert problems == ()
    assert drying.name == "umbrellas#drying"
    assert drying.title == "Drying an umbrella"
    assert drying.short_answer == "Leave it open."
    assert drying.steps == "1. Shake it.\n2. Open it."
    assert drying.url == "https://care.jetpack.example/kb/umbrellas#drying"
    assert drying.last_reviewed == date(2026, 1, 10)
    assert drying.related == ("umbrellas#folding",)
    assert folding.short_answer == "Fold it\nwhen it is dry."
    assert folding.steps == ""
    assert len(folding.examples) == 3
    assert lint(tmp_path, TODAY) == ()


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("---\nid", "id", 1, "front matter"),
        ("title: Umbrellas\n", "title: [\n", 5, "not YAML"),
        ("title: Umbrellas\n", "", 1, "title is missing"),
        ("title: Umbrellas", "title: 7", 3, "title is not a text"),
        ("title: Umbrellas", "titel: Umbrellas", 3, "unknown key titel"),
        ("id: umbrellas", "id: parasols", 2, "id is not the name of the file"),
        ("version: 1", "version: true", 10, "version is not a whole number"),
        ("2026-01-10", "2026-13-10", 2, "no meaning"),
        ("2026-01-10", "soon", 11, "last_reviewed is not a date"),
        ("days: 100", "days: 0", 12, "review_every_days is not 1 to 3650"),
        ("status: published", "status: great", 8, "status is not"),
        ("\n## Drying", "\nHello.\n\n## Drying", 17, "text before the first section"),
        (" {#drying}", "", 17, "## Title {#anchor}"),
        ("{#folding}", "{#drying}", 33, "the same anchor"),
        ("Leave it open.\n", "", 17, "no short answer"),
        ("2. Open it.", "2. Open it.\n\nDone.", 17, "text after the steps"),
        ("```yaml\n", "```python\n", 24, "the only block"),
        ("  - umbrellas#folding\n```", "  - umbrellas#folding", 24, "```yaml block"),
        ("related:\n", "relatives:\n", 24, "examples and related"),
        ("  - soaked umbrella", "  - 7", 24, "examples is not a list of texts"),
        ("examples:\n", "examples: ]\n", 25, "not YAML"),
    ],
)
def test_broken_article_is_named_and_left_out(
    tmp_path: Path, old: str, new: str, line: int, reason: str
) -> None:
    """A broken article is named with its line and reason while the other one still answers."""
    good = GOOD.replace("id: umbrellas", "id: parasols")
    shelf(tmp_path, (old, new))
    (tmp_path / "parasols.md").write_text(good, encoding="utf-8")

    knowledge = Knowledge.load(tmp_path)

    (problem,) = knowledge.problems
    assert (problem.file, problem.line) == ("umbrellas.md", line)
    assert reason in problem.reason
    assert {section.article for section in knowledge.sections} == {"parasols"}
    answer = knowledge.answer(ScrubbedText("how do i fold umbrella"))
    assert answer.kind is not Kind.HANDOFF


def test_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 are a problem of their file."""
    (tmp_path / "noise.md").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(ArticleBroken) as caught:
        read_article(tmp_path / "noise.md")

    assert caught.value.line == 1
    assert "UTF-8" in caught.value.reason


def test_draft_does_not_answer(tmp_path: Path) -> None:
    """Only published articles answer."""
    shelf(tmp_path, ("status: published", "status: draft"))

    assert Knowledge.load(tmp_path).sections == ()


def test_empty_folder_knows_nothing(tmp_path: Path) -> None:
    """Without articles, every question is handed over."""
    answer = Knowledge.load(tmp_path).answer(ScrubbedText("how do i convert my skus"))

    assert answer.kind is Kind.HANDOFF


def test_broken_vocabulary_is_named_and_the_shipped_one_serves(tmp_path: Path) -> None:
    """A vocabulary that cannot be read is a problem, and the articles still serve."""
    shelf(tmp_path)
    (tmp_path / "vocabulary.yaml").write_text("synonyms: {a: [b]\n", encoding="utf-8")

    knowledge = Knowledge.load(tmp_path)

    (problem,) = knowledge.problems
    assert problem.file == "vocabulary.yaml"
    assert knowledge.answer(ScrubbedText("how do i fold an umbrella")).sections != ()


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("2026-01-10", "2025-01-10", 1, "the review was due on 2025-04-20"),
        ("2026-01-10", "2026-03-10", 1, "lies in the future"),
        ("https://care", "http://care", 1, "url is not"),
        ("Drying an umbrella", "D" * 76, 17, "longer than 75"),
        ("  - umbrella is wet\n", "", 17, "2 examples, not 3 to 6"),
        ("umbrellas#folding", "umbrellas#flying", 17, "umbrellas#flying does not exist"),
        ("umbrellas#folding", "umbrellas#drying", 17, "is this one"),
        ("  - folding umbrellas", "  - umbrella is WET?", 33, "stands in umbrellas#drying too"),
        ("umbrella is wet", "umbrella price", 17, "not covered (prices)"),
        ("Leave it open.", "Write to help@example.com.", 19, "e-mail"),
        ("Leave it open.", "Call 212-555-0142.", 19, "telephone"),
    ],
)
def test_lint_finds(tmp_path: Path, old: str, new: str, line: int, reason: str) -> None:
    """Each fault of an article is the only problem found, at its line."""
    (problem,) = lint(shelf(tmp_path, (old, new)), TODAY)

    assert (problem.file, problem.line) == ("umbrellas.md", line)
    assert reason in problem.reason


def test_lint_finds_two_articles_with_one_id(tmp_path: Path) -> None:
    """Two files cannot share an id, since an id is the name of its file."""
    shelf(tmp_path)
    shelf(tmp_path, file="umbrellas-2.md")

    (problem,) = lint(tmp_path, TODAY)

    assert str(problem) == "umbrellas-2.md:2: id is not the name of the file"


@pytest.mark.parametrize(
    ("vocabulary", "line", "reason"),
    [
        (VOCABULARY.replace("soaked]", "soaked]\n  damp: [soaked]"), 3, "two meanings: soaked"),
        (VOCABULARY.replace("[price]", "[price]\n  fees: [price]"), 6, "two meanings: price"),
        (VOCABULARY.replace("[wet, soaked]", "[wet, 2]"), 1, "put it in quotes"),
        ("synonyms: {}\n", 1, "the file holds"),
    ],
)
def test_lint_finds_collisions_of_words(
    tmp_path: Path, vocabulary: str, line: int, reason: str
) -> None:
    """A phrase with two meanings and a malformed vocabulary are named by line."""
    shelf(tmp_path)
    (tmp_path / "vocabulary.yaml").write_text(vocabulary, encoding="utf-8")

    (problem,) = lint(tmp_path, TODAY)

    assert (problem.file, problem.line) == ("vocabulary.yaml", line)
    assert reason in problem.reason
