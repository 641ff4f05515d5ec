"""mrkdwn as the Markdown of streams."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.markdown import markdown, paragraphs


@pytest.mark.parametrize(
    ("mrkdwn", "expected"),
    [
        ("*bold* and plain", "**bold** and plain"),
        ("Order *113-5550142-5550142*: *Shipped*",
         "Order **113-5550142-5550142**: **Shipped**"),
        ("<https://example.com/a|Prime › Can you?>", "[Prime › Can you?](https://example.com/a)"),
        ("<https://example.com/a|a [b]*c*>", r"[a \[b\]\*c\*](https://example.com/a)"),
        ("<https://example.com>", "[https://example.com](https://example.com)"),
        ("As of <!date^1795194000^{date_short_pretty} at {time}|20 Nov 2026 17:00 UTC>",
         "As of 20 Nov 2026 17:00 UTC"),
        ("<@U123> and <#C1>", "<@U123> and <#C1>"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("*See <https://example.com/a|Prime>*", "**See [Prime](https://example.com/a)**"),
    ],
)  # fmt: skip
def test_marks_are_turned(mrkdwn: str, expected: str) -> None:
    """Bold, links and times read alike; people and channels keep Slack's form."""
    assert markdown(mrkdwn) == expected


@given(st.text("ab\n ", max_size=400), st.integers(1, 50))
def test_paragraphs_are_the_text(text: str, longest: int) -> None:
    """All pieces together are the text, and none is too long."""
    pieces = paragraphs(text, longest)

    assert "".join(pieces) == text
    assert all(len(piece) <= longest for piece in pieces)
