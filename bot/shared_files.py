"""What is asked of Slack about a file: the interface, which `bot.slack.files` fills."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from storage.ids import FileId, TeamId


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """What Slack says of a file.

    Attributes:
        filetype: Slack's own word, such as `csv`.
        size: Bytes.
        url: Where its content is, for who holds the bot's token.
    """

    filetype: str
    mimetype: str
    size: int
    url: str


class FileSource(Protocol):
    """Fetches files."""

    def facts(self, team: TeamId, file: FileId) -> FileFacts:
        """Return what Slack says of a file. Raises SlackBusy, SlackRefused."""
        ...

    def content(self, team: TeamId, facts: FileFacts, most: int) -> bytes:
        """Return the content of a file, `most` bytes at most. Raises SlackBusy, SlackRefused."""
        ...
