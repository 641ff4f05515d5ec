"""How Slack's clients turn what a person types into `text` and `rich_text` blocks.

https://docs.slack.dev/messaging/formatting-message-text/: `&`, `<` and `>` are escaped, addresses
and links are wrapped in angle brackets. The blocks hold the same words a second time.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Final
from uuid import uuid4

Json = dict[str, object]
"""A JSON object on its way to or from the bot."""

_PIECE: Final = re.compile(
    r"<@(?P<user>[UW][A-Z0-9]+)>|<#(?P<channel>C[A-Z0-9]+)(?:\|[^>]*)?>"
    r"|(?P<url>https?://[^\s<>]+)|(?P<mail>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
)
_WRAPPED: Final = re.compile(r"<(?:mailto:|tel:)?([^|<>]+)(?:\|([^<>]*))?>")


def _escaped(text: str) -> str:
    return html.escape(text, quote=False)


def message_text(typed: str) -> str:
    """Return the `text` field of a message that a person typed."""
    return "".join(text for text, _ in _pieces(typed))


def rich_text(typed: str) -> Json:
    """Return the `rich_text` block that Slack's clients send beside the text."""
    return {
        "type": "rich_text",
        "block_id": uuid4().hex[:5],
        "elements": [
            {
                "type": "rich_text_section",
                "elements": [element for _, element in _pieces(typed)],
            }
        ],
    }


def plain(text: str) -> str:
    """Return a message's text as a person reads it: links unwrapped, escapes undone."""
    return html.unescape(_WRAPPED.sub(lambda match: match[2] or match[1], text))


def _pieces(typed: str) -> Iterator[tuple[str, Json]]:
    """Yield each piece as it stands in the text and as an element of the rich text."""
    end = 0
    for match in _PIECE.finditer(typed):
        if match.start() > end:
            yield _words(typed[end : match.start()])
        end = match.end()
        if user := match["user"]:
            yield match[0], {"type": "user", "user_id": user}
        elif channel := match["channel"]:
            yield match[0], {"type": "channel", "channel_id": channel}
        elif url := match["url"]:
            yield f"<{_escaped(url)}>", {"type": "link", "url": url}
        else:
            mail = match["mail"]
            yield (
                f"<mailto:{mail}|{mail}>",
                {"type": "link", "url": f"mailto:{mail}", "text": mail},
            )
    if end < len(typed):
        yield _words(typed[end:])


def _words(text: str) -> tuple[str, Json]:
    return _escaped(text), {"type": "text", "text": text}
