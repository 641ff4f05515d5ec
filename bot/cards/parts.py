"""Splitting what is longer than a message of Slack's takes into several, in order.

Limits are those of Slack's reference of chat.postMessage and of blocks. What carries no blocks is
split at the 4,000 characters that Slack recommends; above 40,000 it would cut without a word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from bot.blocks import Block, Reply

TEXT_LIMIT: Final = 4_000
"""Characters of a message's text, as Slack recommends."""
BLOCKS_LIMIT: Final = 50
"""Blocks of a message."""
CHARACTERS_LIMIT: Final = 12_000
"""Characters in all blocks of a message. Slack documents no limit and refuses above 13,200."""


def parts(reply: Reply) -> tuple[Reply, ...]:
    """Return a reply as the messages that it takes: itself, where one will do.

    Words are split at the end of a line where there is one, else at a space, and none is lost.
    Blocks stay whole; the text of each message is then that of its blocks.
    """
    if not reply.blocks:
        pieces = tuple(_pieces(reply.text))
        if len(pieces) <= 1:
            return (reply,)
        return tuple(Reply(text=piece, private=reply.private) for piece in pieces)
    groups = tuple(_groups(reply.blocks))
    if len(groups) == 1:
        return (reply,)
    return tuple(
        Reply(text="\n".join(words(group)), blocks=group, private=reply.private) for group in groups
    )


def words(value: object) -> Iterator[str]:
    """Yield every text below a block or a list of blocks, in order."""
    if isinstance(value, Mapping):
        own = value.get("text")
        if isinstance(own, str):
            yield own
        for child in value.values():
            if not isinstance(child, str):
                yield from words(child)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for child in value:
            yield from words(child)


def _groups(blocks: Sequence[Block]) -> Iterator[tuple[Block, ...]]:
    group: list[Block] = []
    size = 0
    for block in blocks:
        length = sum(map(len, words(block)))
        if group and (len(group) == BLOCKS_LIMIT or size + length > CHARACTERS_LIMIT):
            yield tuple(group)
            group, size = [], 0
        group.append(block)
        size += length
    if group:
        yield tuple(group)


def _pieces(text: str) -> Iterator[str]:
    rest = text
    while len(rest) > TEXT_LIMIT:
        head = rest[: TEXT_LIMIT + 1]
        cut = max(head.rfind("\n"), 0) or max(head.rfind(" "), 0)
        if cut:
            yield rest[:cut]
            # The character that was split at stands for the gap between two messages.
            rest = rest[cut + 1 :]
        else:
            yield rest[:TEXT_LIMIT]
            rest = rest[TEXT_LIMIT:]
    if rest:
        yield rest
