"""The check of the articles before they are published: `jetpack-care kb lint`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from nlp.answers import question_bank
from nlp.answers.article_files import read_articles
from nlp.answers.question_bank import QuestionBank
from nlp.answers.sections import Article, Problem
from nlp.answers.vocabulary import FILE, Vocabulary, split
from nlp.errors import ArticleBroken

LONGEST_TITLE: Final = 75
"""Slack cuts the text of a button after 75 characters (docs.slack.dev, button element)."""
FEWEST_EXAMPLES: Final = 3
MOST_EXAMPLES: Final = 6

_EMAIL: Final = re.compile(r"[\w.+-]+@[\w-]+\.\w+")
_PHONE: Final = re.compile(r"(?<![\w-])\+?(?:\(?\d{2,4}\)?[ .-]){1,4}\d{4}(?![\w-])")
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def lint(folder: Path, today: date) -> tuple[Problem, ...]:
    """Check every article of a folder and its vocabulary.

    Looked for: what `read_article` refuses, related sections that do not exist, reviews that are
    overdue or lie ahead, titles too long for a button, too few or too many examples, one example
    or question in two places, examples that the vocabulary calls not
    covered, phrases with two meanings, and e-mail addresses and telephone numbers.

    Returns:
        The problems in the order of files and lines; empty where all is well.
    """
    articles, problems = read_articles(folder)
    found = list(problems)
    vocabulary: Vocabulary | None = None
    if (folder / FILE).exists():
        try:
            vocabulary = Vocabulary.load(folder)
        except ArticleBroken as broken:
            found.append(Problem(file=FILE, line=broken.line, reason=broken.reason))
        else:
            found.extend(_collisions(folder, vocabulary))
    names = {section.name for article in articles for section in article.sections}
    if (folder / question_bank.FILE).exists():
        found.extend(_about_questions(folder, names))
    examples: dict[tuple[str, ...], str] = {}
    for article in articles:
        found.extend(_about_article(article, today))
        found.extend(_about_sections(article, names, examples, vocabulary))
        found.extend(_contacts(folder, article.file))
    return tuple(sorted(found, key=lambda problem: (problem.file, problem.line)))


def _about_article(article: Article, today: date) -> Iterator[Problem]:
    front = article.front
    due = front.last_reviewed + timedelta(days=front.review_every_days)
    if due < today:
        yield Problem(file=article.file, line=1, reason=f"the review was due on {due.isoformat()}")
    if front.last_reviewed > today:
        yield Problem(file=article.file, line=1, reason="last_reviewed lies in the future")
    if not re.fullmatch(r"https://[^\s#]+", front.url):
        yield Problem(file=article.file, line=1, reason="url is not an https address without a #")


def _about_sections(
    article: Article,
    names: set[str],
    examples: dict[tuple[str, ...], str],
    vocabulary: Vocabulary | None,
) -> Iterator[Problem]:
    """Check the sections of one article; `examples` gathers those of all articles so far."""
    for section, line in zip(article.sections, article.lines, strict=True):

        def problem(reason: str, line: int = line) -> Problem:
            return Problem(file=article.file, line=line, reason=reason)

        if len(section.title) > LONGEST_TITLE:
            yield problem(f"the title is longer than {LONGEST_TITLE} characters")
        if not FEWEST_EXAMPLES <= len(section.examples) <= MOST_EXAMPLES:
            yield problem(f"the section has {len(section.examples)} examples, not 3 to 6")
        for related in section.related:
            if related == section.name or related not in names:
                yield problem(f"related section {related} does not exist or is this one")
        for example in section.examples:
            words = split(example)
            if (other := examples.setdefault(words, section.name)) != section.name:
                yield problem(f"an example stands in {other} too: {example}")
            subject = vocabulary.not_covered(words) if vocabulary else None
            if subject is not None:
                yield problem(f"an example is stopped as not covered ({subject}): {example}")


def _collisions(folder: Path, vocabulary: Vocabulary) -> Iterator[Problem]:
    lines = (folder / FILE).read_text(encoding="utf-8").splitlines()
    for phrase in vocabulary.collisions:
        at = [n for n, line in enumerate(lines, 1) if re.search(rf"\b{re.escape(phrase)}\b", line)]
        yield Problem(
            file=FILE, line=at[-1] if at else 1, reason=f"a phrase has two meanings: {phrase}"
        )


def _about_questions(folder: Path, names: set[str]) -> Iterator[Problem]:
    file = question_bank.FILE
    try:
        bank = QuestionBank.load(folder)
    except ArticleBroken as broken:
        yield Problem(file=file, line=broken.line, reason=broken.reason)
        return
    lines = [line.strip() for line in (folder / file).read_text(encoding="utf-8").splitlines()]
    for name in bank.asked:
        if name not in names:
            line = lines.index(f"{name}:") + 1 if f"{name}:" in lines else 1
            yield Problem(file=file, line=line, reason=f"there is no section {name}")
    seen: dict[tuple[str, ...], str] = {}
    for name, questions in (*bank.asked.items(), *bank.not_covered.items()):
        for question in questions:
            other = seen.setdefault(split(question), name)
            if other != name:
                at = [n for n, line in enumerate(lines, 1) if question in line]
                yield Problem(
                    file=file,
                    line=at[-1] if at else 1,
                    reason=f"this question stands under {other}, too",
                )
    yield from _contacts(folder, file)


def _contacts(folder: Path, file: str) -> Iterator[Problem]:
    """Find e-mail addresses and telephone numbers; an article holds none, they go stale or leak."""
    for number, line in enumerate((folder / file).read_text(encoding="utf-8").splitlines(), 1):
        if _EMAIL.search(line):
            yield Problem(file=file, line=number, reason="an e-mail address stands in the article")
        if _PHONE.search(_DATE.sub("", line)):
            yield Problem(file=file, line=number, reason="a telephone number stands in the article")
