"""Every error of this floor. The docstring is the message; no data in messages.

LanguageError
├── ScrubbingFailed
│   ├── TextTooLong
│   ├── ScrubbingTookTooLong
│   └── ModelUnavailable
├── ArticleBroken
└── ArticleExists
"""

from __future__ import annotations


class LanguageError(Exception):
    """The words could not be handled."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (self.__doc__ or "").strip())


class ScrubbingFailed(LanguageError):
    """The text could not be scrubbed, so nothing of it is kept."""


class TextTooLong(ScrubbingFailed):
    """The text is longer than the scrubber takes at once."""


class ScrubbingTookTooLong(ScrubbingFailed):
    """The text took longer than the scrubber may take. Cut it into parts."""


class ModelUnavailable(ScrubbingFailed):
    """The language model is missing or damaged. Reinstall the package."""


class ArticleBroken(LanguageError):
    """An article of the knowledge base does not follow its form.

    Attributes:
        line: Where in the file, counted from 1.
        reason: One clear sentence for the author.
    """

    def __init__(self, line: int, reason: str) -> None:
        super().__init__("An article of the knowledge base does not follow its form.")
        self.line = line
        self.reason = reason


class ArticleExists(LanguageError):
    """There is an article of that name already. Choose another name, or change that article."""
