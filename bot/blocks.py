"""What we send to Slack: a text that stands alone, and Block Kit around it.

Pure. Forms and limits are those of Slack's Block Kit reference.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

Block = Mapping[str, object]

SECTION_LIMIT: Final = 3_000
"""Characters in the text of a section block."""
BUTTON_LIMIT: Final = 75
"""Characters on a button."""
SOLVED: Final = "care_solved"
PERSON: Final = "care_person"
QUESTION: Final = "care_question"
FEEDBACK: Final = "care_feedback"
"""The action ids of our buttons. QUESTION carries an article's section as its value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A message of ours.

    Attributes:
        text: The whole message in Slack's mrkdwn, for notifications and screen readers.
        blocks: The same with structure; empty where the text is enough.
        private: Whether only the person it is for sees it.
        form: The ticket whose modal is opened beside it, None for none.
    """

    text: str
    blocks: tuple[Block, ...] = ()
    private: bool = False
    form: int | None = None

    def encoded(self) -> str:
        """Return the JSON that the outbox keeps."""
        return json.dumps({"text": self.text, "blocks": list(self.blocks)}, ensure_ascii=False)


def escaped(text: str) -> str:
    """Escape the three characters that Slack's mrkdwn gives a meaning."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def mrkdwn(markdown: str) -> str:
    """Turn an article's Markdown into Slack's mrkdwn: bold and links; lists read alike in both."""
    text = escaped(markdown)
    text = re.sub(r"\*\*([^*\n]+)\*\*", r"*\1*", text)
    return re.sub(r"\[([^\]\n]+)\]\((https?://[^)\s]+)\)", r"<\2|\1>", text)


def section(text: str) -> tuple[Block, ...]:
    """Return section blocks that hold `text`, split at line ends where it is too long for one."""
    parts: list[str] = []
    for line in text.split("\n"):
        for start in range(0, max(len(line), 1), SECTION_LIMIT):
            piece = line[start : start + SECTION_LIMIT]
            if parts and len(parts[-1]) + 1 + len(piece) <= SECTION_LIMIT:
                parts[-1] += "\n" + piece
            else:
                parts.append(piece)
    return tuple(
        {"type": "section", "text": {"type": "mrkdwn", "text": part}} for part in parts if part
    )


def context(text: str) -> Block:
    """Return a context block: small print below a message."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text[:SECTION_LIMIT]}]}


def feedback(value: str) -> Block:
    """Return the two buttons that rate an answer; their values are `yes:` and `no:` before it."""

    def button(label: str, answer: str) -> Block:
        return {
            "text": {"type": "plain_text", "text": label},
            "value": value.replace(":", f":{answer}:", 1),
            "accessibility_label": label,
        }

    return {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": FEEDBACK,
                "positive_button": button("This helped", "yes"),
                "negative_button": button("This did not help", "no"),
            }
        ],
    }


def buttons(*pairs: tuple[str, str, str]) -> Block:
    """Return a row of buttons from (label, action id, value); Slack wants each id once in it."""
    return {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "text": {"type": "plain_text", "text": label[:BUTTON_LIMIT]},
                "action_id": action,
                "value": value,
            }
            for label, action, value in pairs
        ],
    }
