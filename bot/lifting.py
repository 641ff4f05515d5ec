"""Lifting the text out of a Slack payload: every path that may hold words of a person.

Pure. A payload comes in as Slack sent it, and `RawText` comes out. Paths that are not named here
are dropped, whatever they hold; what Slack adds tomorrow is dropped until it is named.
The list follows Slack's documentation of events, blocks, attachments, files and interactivity.

Dropped on purpose: `previous_message` of edits and deletions (we hold its scrubbed form already),
the bot's own button labels, usernames and profile fields, and URLs of private files.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from bot.errors import PayloadTooLarge
from nlp.text import RawText

MAX_CHARACTERS: Final = 40_000
"""Slack's own limit of a message's text. More than that, all paths together, is not lifted."""
MAX_NODES: Final = 5_000
"""Blocks and elements looked at in one payload; Slack allows 50 blocks in a message."""

_BLOCK_TEXT: Final = ("text", "title", "label", "hint", "alt_text", "placeholder", "description")
_BLOCK_CHILDREN: Final = (
    "text", "title", "label", "hint", "placeholder", "description", "element", "elements",
    "fields", "accessory", "rows", "caption", "slack_file", "options", "initial_option",
    "initial_options", "initial_value", "rich_text_value",
)  # fmt: skip
_ATTACHMENT_TEXT: Final = (
    "pretext", "author_name", "author_subname", "title", "text", "fallback", "footer",
)  # fmt: skip
_FILE_TEXT: Final = ("name", "title", "subject", "preview", "plain_text", "preview_plain_text")
_TAG: Final = re.compile(r"<(?:[@#!]|https?:|mailto:|tel:)[^<>|]{0,2000}\|?|>|&(?:amp|lt|gt);")
_WORD: Final = re.compile(r"\w+")
_SHORT: Final = 8


class _Sheet:
    """The lines lifted so far: in order, without repeats, up to the limit."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.seen = ""
        self.words: set[str] = set()
        self.left = MAX_CHARACTERS
        self.nodes = MAX_NODES

    def add(self, text: str, label: str = "") -> None:
        """Keep a line, unless its words stand in one that is kept already."""
        if not text.strip():
            return
        self.visit()
        words = _WORD.findall(_TAG.sub(" ", text).lower())
        squeezed = "".join(words)
        # A short line may stand by chance within the words of another one, as "no" in "know".
        is_copy = len(squeezed) > _SHORT or self.words.issuperset(words)
        if squeezed and squeezed in self.seen and is_copy:
            return
        self.left -= len(text)
        if self.left < 0:
            raise PayloadTooLarge
        self.seen += "\n" + squeezed
        self.words.update(words)
        self.lines.append(f"[{label}] {text}" if label else text)

    def visit(self) -> None:
        """Count one node of the payload. Raises PayloadTooLarge past the limit."""
        self.nodes -= 1
        if self.nodes < 0:
            raise PayloadTooLarge


def lift_message(message: Mapping[str, object]) -> RawText:
    """Lift all text of a message: text, blocks, attachments, files, thread parent, metadata.

    Raises:
        PayloadTooLarge: It holds more than MAX_CHARACTERS or MAX_NODES.
    """
    sheet = _Sheet()
    _message(message, sheet, "")
    root = mapping(message, "root")
    if root:
        _message(root, sheet, "thread parent")
    return _sealed(sheet)


def lift_command(body: Mapping[str, object]) -> RawText:
    """Lift the text after a slash command."""
    sheet = _Sheet()
    sheet.add(string(body, "text"))
    return _sealed(sheet)


def lift_view(view: Mapping[str, object]) -> RawText:
    """Lift what a person put into a modal: `state.values.*.*` of every kind of input."""
    sheet = _Sheet()
    for block in mapping(mapping(view, "state"), "values").values():
        for element in _mappings([*block.values()] if isinstance(block, Mapping) else []):
            sheet.visit()
            sheet.add(string(element, "value"))
            _blocks([mapping(element, "rich_text_value")], sheet)
            for file in _mappings(_list(element, "files")):
                _file(file, sheet)
            for key in ("selected_option", "selected_options"):
                found = element.get(key)
                for option in _mappings(found if isinstance(found, list) else [found]):
                    sheet.add(string(mapping(option, "text"), "text"))
    return _sealed(sheet)


def string(node: Mapping[str, object], key: str) -> str:
    """Return `node[key]` if it is a string, else the empty one."""
    value = node.get(key)
    return value if isinstance(value, str) else ""


def mapping(node: Mapping[str, object], key: str) -> Mapping[str, object]:
    """Return `node[key]` if it is an object, else the empty one."""
    value = node.get(key)
    return value if isinstance(value, Mapping) else {}


def _sealed(sheet: _Sheet) -> RawText:
    return RawText("\n".join(sheet.lines))


def _message(message: Mapping[str, object], sheet: _Sheet, label: str) -> None:
    sheet.add(string(message, "text"), label)
    _blocks(_list(message, "blocks"), sheet, label)
    for attachment in _mappings(_list(message, "attachments")):
        _attachment(attachment, sheet)
    files = [*_list(message, "files"), message.get("file")]
    for file in _mappings(files):
        _file(file, sheet)
    for line in _leaves(mapping(mapping(message, "metadata"), "event_payload"), sheet):
        sheet.add(line, "metadata")


def _attachment(attachment: Mapping[str, object], sheet: _Sheet) -> None:
    sheet.visit()
    for key in _ATTACHMENT_TEXT:
        sheet.add(string(attachment, key), "attachment")
    for field in _mappings(_list(attachment, "fields")):
        sheet.add(f"{string(field, 'title')} {string(field, 'value')}".strip(), "attachment")
    for action in _mappings(_list(attachment, "actions")):
        sheet.add(string(action, "value"), "attachment")
    _blocks(_list(attachment, "blocks"), sheet, "attachment")
    for inner in _mappings(_list(attachment, "message_blocks")):
        _blocks(_list(mapping(inner, "message"), "blocks"), sheet, "attachment")
    for file in _mappings(_list(attachment, "files")):
        _file(file, sheet)


def _file(file: Mapping[str, object], sheet: _Sheet) -> None:
    sheet.visit()
    for key in _FILE_TEXT:
        sheet.add(string(file, key), "file")
    # Slack sends this one as HTML.
    sheet.add(html.unescape(re.sub(r"<[^<>]*>", " ", string(file, "preview_highlight"))), "file")
    for key in ("from", "to", "cc"):
        for person in _mappings(_list(file, key)):
            for part in ("original", "name", "address"):
                sheet.add(string(person, part), "file")
    for value in mapping(file, "headers").values():
        if isinstance(value, str):
            sheet.add(value, "file")
    sheet.add(string(mapping(file, "initial_comment"), "comment"), "file")
    transcription = mapping(mapping(file, "transcription"), "preview")
    sheet.add(string(transcription, "content"), "file")


def _blocks(blocks: Sequence[object], sheet: _Sheet, label: str = "") -> None:
    for block in _mappings(blocks):
        for line in _block_lines(block, sheet):
            sheet.add(line, label)


def _block_lines(node: Mapping[str, object], sheet: _Sheet) -> Iterator[str]:
    """Yield the lines of one block. The runs of a rich text line are put together again."""
    stack: list[object] = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, Mapping):
            sheet.visit()
            if string(current, "type").startswith(("rich_text_section", "rich_text_pre",
                                                        "rich_text_quote")):  # fmt: skip
                sheet.nodes -= len(_list(current, "elements"))
                yield "".join(map(_run, _mappings(_list(current, "elements"))))
                continue
            for key in (*_BLOCK_TEXT, "value", "fallback", "initial_value"):
                value = current.get(key)
                if isinstance(value, str):
                    yield value
            children = [current[key] for key in _BLOCK_CHILDREN if key in current]
            stack.extend(child for child in reversed(children) if not isinstance(child, str))
        elif isinstance(current, list):
            sheet.visit()
            stack.extend(reversed(current))


def _run(element: Mapping[str, object]) -> str:
    """Return one element of a rich text line, in Slack's own markup where it has one."""
    kind = element.get("type")
    if kind == "user":
        return f"<@{string(element, 'user_id')}>"
    if kind == "channel":
        return f"<#{string(element, 'channel_id')}>"
    if kind == "emoji":
        return f":{string(element, 'name')}:"
    if kind == "link":
        label = string(element, "text")
        return f"<{string(element, 'url')}|{label}>" if label else f"<{string(element, 'url')}>"
    return string(element, "text") or string(element, "fallback")


def _leaves(node: Mapping[str, object], sheet: _Sheet) -> Iterator[str]:
    """Yield every string below a free-form object, such as message metadata."""
    stack: list[object] = [node]
    while stack:
        current = stack.pop()
        sheet.visit()
        if isinstance(current, str):
            yield current
        elif isinstance(current, Mapping):
            stack.extend(current.values())
        elif isinstance(current, list):
            stack.extend(current)


def _list(node: Mapping[str, object], key: str) -> Sequence[object]:
    value = node.get(key)
    return value if isinstance(value, list) else []


def _mappings(values: Iterable[object]) -> Iterator[Mapping[str, object]]:
    return (value for value in values if isinstance(value, Mapping))
