"""What we send has the form and keeps the limits of Slack's Block Kit."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.blocks import (
    BUTTON_LIMIT,
    SECTION_LIMIT,
    Block,
    Reply,
    buttons,
    context,
    escaped,
    mrkdwn,
    section,
)


def texts(blocks: tuple[Block, ...]) -> list[str]:
    """Return the text of each section."""
    found = []
    for block in blocks:
        inner = block["text"]
        assert isinstance(inner, dict)
        found.append(str(inner["text"]))
    return found


@given(st.text(max_size=200), st.integers(1, 60))
def test_sections_hold_all_of_a_text_within_the_limit(piece: str, times: int) -> None:
    """However long a text, its sections hold each character in order, 3,000 at most in each."""
    text = piece * times
    found = texts(section(text))
    assert all(0 < len(part) <= SECTION_LIMIT for part in found)
    assert "".join(found).replace("\n", "") == text.replace("\n", "")


def test_a_short_text_is_one_section() -> None:
    """Lines that fit stand in one section, as they were."""
    assert section("one\n\ntwo") == (
        {"type": "section", "text": {"type": "mrkdwn", "text": "one\n\ntwo"}},
    )


def test_a_long_text_is_split_at_a_line_end() -> None:
    """A line is not cut where the sections can be split between lines."""
    line = "x" * 1_000
    assert texts(section("\n".join([line] * 4))) == [f"{line}\n{line}", f"{line}\n{line}"]


def test_an_endless_line_is_cut() -> None:
    """A line that is longer than a section is cut at the limit."""
    assert [len(part) for part in texts(section("x" * 7_000))] == [3_000, 3_000, 1_000]


def test_nothing_is_no_section() -> None:
    """Slack takes no empty section, so an empty text makes none."""
    assert section("") == ()


MARKDOWN = [
    ("plain", "plain"),
    ("**bold** word", "*bold* word"),
    ("see [the page](https://example.com/a)", "see <https://example.com/a|the page>"),
    ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
    ("<@U1> and <!channel>", "&lt;@U1&gt; and &lt;!channel&gt;"),
    ("[x](javascript:alert)", "[x](javascript:alert)"),
    ("1. one\n2. two", "1. one\n2. two"),
    ("**two\nlines**", "**two\nlines**"),
]


@pytest.mark.parametrize(("markdown", "expected"), MARKDOWN)
def test_markdown_becomes_mrkdwn(markdown: str, expected: str) -> None:
    """Bold and links take Slack's form; nothing becomes a mention or another markup."""
    assert mrkdwn(markdown) == expected


@given(st.text())
def test_escaped_text_means_nothing_to_slack(text: str) -> None:
    """Escaped text holds no bracket, and reads as it was."""
    safe = escaped(text)
    assert "<" not in safe
    assert ">" not in safe
    assert safe.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == text


def test_buttons_have_their_ids_and_values() -> None:
    """A row of buttons carries label, action id and value of each."""
    row = buttons(("Yes", "a", "1"), ("x" * 100, "b", "2"))
    elements = row["elements"]
    assert isinstance(elements, list)
    assert [(each["action_id"], each["value"]) for each in elements] == [("a", "1"), ("b", "2")]
    assert [len(each["text"]["text"]) for each in elements] == [3, BUTTON_LIMIT]


def test_small_print_keeps_the_limit() -> None:
    """A context block is cut at the limit of its text."""
    elements = context("x" * 5_000)["elements"]
    assert isinstance(elements, list)
    assert len(elements[0]["text"]) == SECTION_LIMIT


def test_a_reply_is_kept_as_json() -> None:
    """The outbox keeps text and blocks of a reply, and reads back the same."""
    reply = Reply(text="Grüße", blocks=section("Grüße"), private=True)
    assert json.loads(reply.encoded()) == {"text": "Grüße", "blocks": list(reply.blocks)}
    assert "Grüße" in reply.encoded()
