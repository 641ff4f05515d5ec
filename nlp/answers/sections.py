"""What an article is made of: the values that the ranking, the answers and the check share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something an author has to mend.

    Attributes:
        file: Name of the file within its folder.
        line: Where in the file, counted from 1.
        reason: One clear sentence.
    """

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One answerable unit of an article.

    Attributes:
        article: Id of the article.
        section: Anchor within the article; `article#section` names it in the whole base.
        title: Heading, short enough for a Slack button.
        article_title: Title of the article.
        short_answer: What the bot says, word for word.
        steps: Ordered list in Markdown, or the empty string.
        url: Where to read it.
        last_reviewed: Day on which its owner last held it against its source.
        examples: How merchants ask for it.
        related: Other sections, as `article#section`.
    """

    article: str
    section: str
    title: str
    article_title: str
    short_answer: str
    steps: str
    url: str
    last_reviewed: date
    examples: tuple[str, ...]
    related: tuple[str, ...]

    @property
    def name(self) -> str:
        """`article#section`."""
        return f"{self.article}#{self.section}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontMatter:
    """What an author says about an article. Its fields are the keys of the file, no other.

    Attributes:
        id: Unique name, the same as the file's without `.md`.
        title: Title of the article.
        url: Where to read it; a section's is this and its anchor.
        collection: Group of articles on one subject.
        audience: Who it is written for.
        language: Two letters, such as `en`.
        status: `published` or `draft`; only published articles answer.
        owner: Who keeps it true.
        version: Counted up with each change of meaning.
        last_reviewed: Day on which the owner last held it against its sources.
        review_every_days: Days after which the next review is due.
        sources: Where its facts come from.
    """

    id: str
    title: str
    url: str
    collection: str
    audience: str
    language: str
    status: str
    owner: str
    version: int
    last_reviewed: date
    review_every_days: int
    sources: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One file of the knowledge base.

    Attributes:
        file: Name of the file within its folder.
        front: Its front matter.
        sections: In the order of the file.
        lines: Line of each section's heading, in the same order.
    """

    file: str
    front: FrontMatter
    sections: tuple[Section, ...]
    lines: tuple[int, ...]
