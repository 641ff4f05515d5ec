"""The limits that Slack sets to text and blocks, as far as a message or view can break them.

https://docs.slack.dev/reference/block-kit and the method pages of chat.postMessage and views.open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from bot.sandbox.slack.text import Json

MAX_TEXT: Final = 40_000
MAX_BLOCKS: Final = 50
MAX_VIEW_BLOCKS: Final = 100
MAX_MARKDOWN: Final = 12_000
MAX_ALL_BLOCKS: Final = 13_200
"""Characters of all blocks of a message. Not in Slack's documents; reported by slackapi/bolt-js
issue 2509 as the length from which on `msg_blocks_too_long` is answered."""

_TEXTS: Final[Mapping[str, int]] = {"section": 3000, "header": 150}
_ELEMENTS: Final[Mapping[str, int]] = {"actions": 25, "context": 10, "context_actions": 5}
_MODAL_TEXTS: Final = ("title", "submit", "close")
_KNOWN: Final = frozenset(
    {
        "actions", "alert", "call", "card", "carousel", "container", "context",
        "context_actions", "divider", "file", "header", "image", "input", "markdown", "plan",
        "rich_text", "section", "table", "task_card", "video",
    }
)  # fmt: skip


def message_problems(blocks: Sequence[Mapping[str, object]]) -> tuple[str, ...]:
    """Return what is wrong with a message's blocks, in Slack's manner of saying it."""
    return tuple(_problems(blocks, MAX_BLOCKS))


def view_problems(view: Mapping[str, object]) -> tuple[str, ...]:
    """Return what is wrong with a modal or App Home."""
    return tuple(_view_problems(view))


def characters(value: object) -> int:
    """Return the number of characters in every text below a value."""
    if isinstance(value, Mapping):
        own = value.get("text")
        return (len(own) if isinstance(own, str) else 0) + sum(
            characters(child) for child in value.values() if not isinstance(child, str)
        )
    if isinstance(value, Sequence) and not isinstance(value, str):
        return sum(characters(child) for child in value)
    return 0


def objects(value: object) -> tuple[Json, ...]:
    """Return the objects of a JSON list; anything else has none."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        return ()
    return tuple(item for item in value if isinstance(item, dict))


def _view_problems(view: Mapping[str, object]) -> Iterator[str]:
    kind = view.get("type")
    if kind not in ("modal", "home"):
        yield "[ERROR] unsupported view type [json-pointer:/view/type]"
    for name in _MODAL_TEXTS:
        text = view.get(name)
        if name == "title" and kind == "modal" and not isinstance(text, Mapping):
            yield "[ERROR] missing required field: title [json-pointer:/view]"
        if isinstance(text, Mapping) and _length(text) > 24:
            yield f"[ERROR] must be less than 25 characters [json-pointer:/view/{name}]"
    for name, limit in (("private_metadata", 3000), ("callback_id", 255)):
        value = view.get(name)
        if isinstance(value, str) and len(value) > limit:
            yield f"[ERROR] must be at most {limit} characters [json-pointer:/view/{name}]"
    if not isinstance(view.get("blocks"), list):
        yield "[ERROR] missing required field: blocks [json-pointer:/view]"
    else:
        yield from _problems(objects(view["blocks"]), MAX_VIEW_BLOCKS)


def _problems(blocks: Sequence[Mapping[str, object]], limit: int) -> Iterator[str]:
    if len(blocks) > limit:
        yield f"[ERROR] no more than {limit} items allowed [json-pointer:/blocks]"
    if sum(_length(b) for b in blocks if b.get("type") == "markdown") > MAX_MARKDOWN:
        yield f"[ERROR] no more than {MAX_MARKDOWN} characters of markdown [json-pointer:/blocks]"
    ids = [block["block_id"] for block in blocks if block.get("block_id")]
    if len(ids) != len(set(map(str, ids))):
        yield "[ERROR] `block_id` already exists [json-pointer:/blocks]"
    for index, block in enumerate(blocks):
        for problem in _block_problems(block):
            yield f"[ERROR] {problem} [json-pointer:/blocks/{index}]"


def _block_problems(block: Mapping[str, object]) -> Iterator[str]:
    kind = str(block.get("type"))
    if kind not in _KNOWN:
        yield f"unsupported type: {kind}"
    if kind in _TEXTS:
        text = block.get("text")
        if isinstance(text, Mapping):
            if not 1 <= _length(text) <= _TEXTS[kind]:
                yield f"text must be 1 to {_TEXTS[kind]} characters"
        elif kind == "header" or not block.get("fields"):
            yield "missing required field: text"
    fields = objects(block.get("fields"))
    if len(fields) > 10:
        yield "no more than 10 fields allowed"
    if any(not 1 <= _length(text) <= 2000 for text in fields):
        yield "a field must be 1 to 2000 characters"
    elements = objects(block.get("elements"))
    if kind in _ELEMENTS and not 1 <= len(elements) <= _ELEMENTS[kind]:
        yield f"1 to {_ELEMENTS[kind]} elements allowed"
    for element in (*elements, *objects([block.get("accessory"), block.get("element")])):
        yield from _element_problems(element)


def _element_problems(element: Mapping[str, object]) -> Iterator[str]:
    kind = element.get("type")
    if kind == "button":
        text = element.get("text")
        if not isinstance(text, Mapping) or not 1 <= _length(text) <= 75:
            yield "a button's text must be 1 to 75 characters"
    if kind == "image" and not element.get("alt_text"):
        yield "missing required field: alt_text"
    for name, limit in (("value", 2000), ("action_id", 255), ("url", 3000)):
        value = element.get(name)
        if isinstance(value, str) and len(value) > limit:
            yield f"{name} must be at most {limit} characters"


def _length(text: Mapping[str, object]) -> int:
    value = text.get("text")
    return len(value) if isinstance(value, str) else 0
