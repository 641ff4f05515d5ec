"""Slack's mrkdwn as the Markdown that its streams take. Pure.

Forms are those of Slack's references on formatting text and on chat.appendStream.
"""

from __future__ import annotations

import html
import re
from typing import Final

_MARKED: Final = re.compile(
    r"<!date\^\d+\^[^|>]*\|(?P<date>[^>]*)>"
    r"|<(?P<url>https?://[^|>]+)(?:\|(?P<label>[^>]*))?>"
    r"|(?<![*\w])\*(?=\S)(?P<bold>[^*\n]+)(?<=\S)\*(?![*\w])"
)
_MARKS: Final = re.compile(r"([\\`*_\[\]#])")


def markdown(mrkdwn: str) -> str:
    """Write mrkdwn as Markdown: links, bold, and times as they read where they do not render.

    People and channels keep Slack's own form, which streams take, too.
    """
    return _MARKED.sub(_turned, mrkdwn)


def paragraphs(text: str, longest: int) -> list[str]:
    """Split Markdown into pieces that read well one after the other, none longer than a limit.

    All pieces together are the text.
    """
    return [
        part[start : start + longest]
        for part in re.split(r"(?<=\n\n)", text)
        for start in range(0, len(part), longest)
    ]


def _turned(match: re.Match[str]) -> str:
    if match["date"] is not None:
        return match["date"]
    if match["bold"] is not None:
        return f"**{markdown(match['bold'])}**"
    label = _MARKS.sub(r"\\\g<1>", html.unescape(match["label"] or match["url"]))
    return f"[{label}]({match['url']})"
