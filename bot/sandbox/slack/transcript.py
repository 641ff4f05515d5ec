"""What was said where, in order, and who could see it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.sandbox.slack.text import plain


class LineKind(StrEnum):
    """What happened."""

    SAID = "said"
    WHISPERED = "whispered"
    EDITED = "edited"
    DELETED = "deleted"
    SHOWN = "shown"
    ASKED = "asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the transcript.

    Attributes:
        at: Slack's timestamp of it.
        place: `#channel`, or `DM` and the person's name, or `modal` and its title.
        speaker: Real name of who did it.
        text: As a person reads it.
        seen_by: The real name of the only person who sees it; None where the place sees it.
        thread_ts: The thread it stands in, None at the top level.
    """

    kind: LineKind
    at: str
    place: str
    speaker: str
    text: str
    seen_by: str | None = None
    thread_ts: str | None = None

    def __str__(self) -> str:
        notes = {
            LineKind.WHISPERED: f"(only {self.seen_by} sees this) ",
            LineKind.EDITED: "(edited) ",
            LineKind.DELETED: "(deleted) ",
            LineKind.SHOWN: f"(shown to {self.seen_by}) ",
        }
        indent = "  ↳ " if self.thread_ts else ""
        note = notes.get(self.kind, "")
        return f"[{self.place}] {indent}{self.speaker}: {note}{plain(self.text)}"
