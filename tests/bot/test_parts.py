"""What is longer than a message is split into several, and nothing of it is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.blocks import Reply, context, section
from bot.cards.parts import TEXT_LIMIT, parts, words
from bot.sandbox.slack.blocks import MAX_ALL_BLOCKS, characters, message_problems


def test_what_fits_is_left_as_it_is() -> None:
    """A reply within the limits is one message, itself."""
    reply = Reply(text="short", blocks=section("short"), private=True)

    assert parts(reply) == (reply,)
    assert parts(Reply(text="")) == (Reply(text=""),)


def test_lines_stay_whole() -> None:
    """A long text is split between lines, in order, and stays private."""
    lines = [f"{number:04} " + "x" * 95 for number in range(100)]

    found = parts(Reply(text="\n".join(lines), private=True))

    assert len(found) == 3
    assert [line for part in found for line in part.text.split("\n")] == lines
    assert all(part.private for part in found)


@given(st.lists(st.text("ab \n", max_size=5_000), max_size=6))
def test_no_word_is_lost_of_a_text(texts: list[str]) -> None:
    """All messages together hold the text, but for the gaps between them; each fits."""
    text = "\n".join(texts)

    found = parts(Reply(text=text))

    assert "".join("".join(part.text.split()) for part in found) == "".join(text.split())
    assert all(len(part.text) <= TEXT_LIMIT for part in found)


@given(st.lists(st.integers(1, 3_000), min_size=1, max_size=120))
def test_blocks_are_split_within_slacks_limits(lengths: list[int]) -> None:
    """Blocks stay whole and in order; each message passes the limits and reads as its blocks."""
    blocks = tuple(context(f"{place}:" + "y" * size)
                   for place, size in enumerate(lengths))  # fmt: skip

    found = parts(Reply(text="all", blocks=blocks))

    assert tuple(block for part in found for block in part.blocks) == blocks
    for part in found:
        assert message_problems(part.blocks) == ()
        assert characters(part.blocks) <= MAX_ALL_BLOCKS
        assert part.text == ("all" if len(found) == 1 else "\n".join(words(part.blocks)))
