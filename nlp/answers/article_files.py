"""Reading the articles: one Markdown file each, one section per answerable unit.

The form of an article, checked here and by `nlp.answers.lint`:

    ---
    id: send-inventory                  front matter, every key of `FrontMatter`, no other
    ...
    ---

    ## Sending your inventory with a WRO {#wro}

    The short answer: what the bot says, word for word.

    1. The steps, if there are any: an ordered list.

    ```yaml
    examples:                           how merchants ask, in their words; helps the ranking
      - how do I send inventory to jetpack
    related:                            article#anchor of other sections
      - amazon-fbm#getting-started
    ```

An article is served whole or not at all, so that nobody gets half of an answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Final

import yaml

from nlp.answers.sections import Article, FrontMatter, Problem, Section
from nlp.errors import ArticleBroken

KINDS: Final[Mapping[str, type]] = {
    "id": str,
    "title": str,
    "url": str,
    "collection": str,
    "audience": str,
    "language": str,
    "status": str,
    "owner": str,
    "version": int,
    "last_reviewed": date,
    "review_every_days": int,
    "sources": list,
}
SAFE: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe loader on libyaml, ten times as fast, where PyYAML was built with it."""
MOST_DAYS: Final = 3650
STATUSES: Final = ("published", "draft")

_HEADING: Final = re.compile(r"## (?P<title>.*?\S)\s+\{#(?P<anchor>[a-z0-9]+(?:-[a-z0-9]+)*)\}\s*")
_STEP: Final = re.compile(r"\d+\. \S")


def read_articles(folder: Path) -> tuple[tuple[Article, ...], tuple[Problem, ...]]:
    """Read every `*.md` of a folder, in the order of their names.

    An id is the name of its file, so no two articles share one.

    Returns:
        The articles in good form, published or not, and a problem for each of the others.
    """
    articles: list[Article] = []
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.md")):
        try:
            articles.append(read_article(path))
        except ArticleBroken as broken:
            problems.append(Problem(file=path.name, line=broken.line, reason=broken.reason))
    return tuple(articles), tuple(problems)


def read_article(path: Path) -> Article:
    """Read one article.

    Raises:
        ArticleBroken: The file cannot be read or does not follow the form.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise ArticleBroken(1, "the file cannot be read as UTF-8 text") from None
    if not lines or lines[0] != "---" or "---" not in lines[1:]:
        raise ArticleBroken(1, "the file does not begin with front matter between --- lines")
    end = lines.index("---", 1)
    front = _front_matter(lines[1:end])
    if front.id != path.stem:
        raise ArticleBroken(_line_of(lines, "id"), "id is not the name of the file")
    headings = [at for at in range(end + 1, len(lines)) if lines[at].startswith("## ")]
    if not headings:
        raise ArticleBroken(end + 1, "the article has no section (## Title {#anchor})")
    for at in range(end + 1, headings[0]):
        if lines[at].strip():
            raise ArticleBroken(at + 1, "there is text before the first section")
    sections: dict[str, Section] = {}
    for at, until in zip(headings, [*headings[1:], len(lines)], strict=True):
        section = _section(front, lines, at, until)
        if section.section in sections:
            raise ArticleBroken(at + 1, "another section has the same anchor")
        sections[section.section] = section
    return Article(
        file=path.name,
        front=front,
        sections=tuple(sections.values()),
        lines=tuple(at + 1 for at in headings),
    )


def load_yaml(text: str, first_line: int) -> object:
    """Read YAML that stands in a file from `first_line` on, with nothing but plain values.

    Raises:
        ArticleBroken: It is not YAML; the line is the file's.
    """
    try:
        value: object = yaml.load(text, Loader=SAFE)  # noqa: S506  # both are safe loaders
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        line = first_line + (mark.line if mark else 0)
        raise ArticleBroken(line, "this is not YAML") from None
    except ValueError:  # a date such as 2026-13-40
        raise ArticleBroken(first_line, "a value has no meaning, such as a 13th month") from None
    return value


def read_mapping(path: Path, keys: Sequence[str]) -> Mapping[str, object]:
    """Read a YAML file of just these keys.

    Raises:
        ArticleBroken: The file is missing, is not YAML or has other keys.
    """
    try:
        content = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise ArticleBroken(1, "the file cannot be read as UTF-8 text") from None
    data = load_yaml(content, 1)
    if not isinstance(data, dict) or data.keys() != set(keys):
        raise ArticleBroken(1, f"the file holds {', '.join(keys[:-1])} and {keys[-1]}")
    return data


def _front_matter(lines: Sequence[str]) -> FrontMatter:
    """Read and check the lines between the two `---`; the first is line 2 of the file."""
    front = load_yaml("\n".join(lines), 2)
    if not isinstance(front, dict):
        raise ArticleBroken(2, "the front matter is not a list of keys and values")
    for key in front:
        if key not in KINDS:
            raise ArticleBroken(_line_of(lines, str(key)) + 1, f"unknown key {key}")
    for key, kind in KINDS.items():
        if key not in front:
            raise ArticleBroken(1, f"{key} is missing")
        value = front[key]
        fits = isinstance(value, kind) and not isinstance(value, (bool, datetime))
        if not fits or value in ("", []):
            wanted = {str: "a text", int: "a whole number", date: "a date", list: "a list"}[kind]
            raise ArticleBroken(_line_of(lines, key) + 1, f"{key} is not {wanted}")
    if front["status"] not in STATUSES:
        raise ArticleBroken(_line_of(lines, "status") + 1, "status is not published or draft")
    if not 1 <= front["review_every_days"] <= MOST_DAYS:
        line = _line_of(lines, "review_every_days") + 1
        raise ArticleBroken(line, f"review_every_days is not 1 to {MOST_DAYS}")
    return FrontMatter(**front)


def _section(front: FrontMatter, lines: Sequence[str], at: int, until: int) -> Section:
    """Read the section whose heading is `lines[at]` and which ends before `lines[until]`."""
    heading = _HEADING.fullmatch(lines[at])
    if heading is None:
        raise ArticleBroken(at + 1, "a section's heading is ## Title {#anchor}")
    fence = next((n for n in range(at + 1, until) if lines[n].startswith("```")), until)
    extras = _extras(lines, fence, until)
    prose = list(lines[at + 1 : fence])
    first_step = next((n for n, line in enumerate(prose) if _STEP.match(line)), len(prose))
    short_answer = "\n".join(prose[:first_step]).strip()
    if not short_answer:
        raise ArticleBroken(at + 1, "the section has no short answer")
    steps = [line for line in prose[first_step:] if line.strip()]
    if not all(_STEP.match(line) for line in steps):
        raise ArticleBroken(at + 1, "there is text after the steps")
    return Section(
        article=front.id,
        section=heading["anchor"],
        title=heading["title"],
        article_title=front.title,
        short_answer=short_answer,
        steps="\n".join(steps),
        url=f"{front.url}#{heading['anchor']}",
        last_reviewed=front.last_reviewed,
        examples=extras["examples"],
        related=extras["related"],
    )


def _extras(lines: Sequence[str], fence: int, until: int) -> Mapping[str, tuple[str, ...]]:
    """Read the fenced block of examples and related sections that closes a section."""
    extras: dict[str, tuple[str, ...]] = {"examples": (), "related": ()}
    if fence == until:
        return extras
    if lines[fence].strip() != "```yaml":
        raise ArticleBroken(fence + 1, "the only block that a section may hold is ```yaml")
    close = next((n for n in range(fence + 1, until) if lines[n].strip() == "```"), until)
    if close == until:
        raise ArticleBroken(fence + 1, "the ```yaml block is not closed")
    if any(line.strip() for line in lines[close + 1 : until]):
        raise ArticleBroken(close + 2, "there is text after the ```yaml block")
    block = load_yaml("\n".join(lines[fence + 1 : close]), fence + 2)
    if not isinstance(block, dict) or not block.keys() <= extras.keys():
        raise ArticleBroken(fence + 1, "the block holds examples and related, nothing else")
    for key, value in block.items():
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise ArticleBroken(fence + 1, f"{key} is not a list of texts")
        extras[key] = tuple(value)
    return extras


def _line_of(lines: Sequence[str], key: str) -> int:
    """Line, counted from 1, on which a key of the front matter stands."""
    return next((n for n, line in enumerate(lines, 1) if line.startswith(f"{key}:")), 1)
