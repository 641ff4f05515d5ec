"""Every path of a Slack payload that may hold words is lifted, and nothing else is."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import lifting
from bot.errors import PayloadTooLarge
from bot.lifting import MAX_CHARACTERS, lift_command, lift_message, lift_view
from nlp.text import RawText
from tests.growth import growth

WORDS: Final = "Wilhelmina at 4821 Gooseberry Hollow Rd"
Payload = Mapping[str, object]


def lines(text: RawText) -> list[str]:
    """Return what was lifted, line by line."""
    return text.reveal().split("\n")


def rich(*elements: Payload, kind: str = "rich_text_section") -> Payload:
    """Return a rich text block of one line."""
    return {"type": "rich_text", "elements": [{"type": kind, "elements": list(elements)}]}


def run(text: str, **style: bool) -> Payload:
    """Return a text element of a rich text line."""
    return {"type": "text", "text": text, "style": style}


def plain(text: str) -> Payload:
    """Return a plain text object."""
    return {"type": "plain_text", "text": text}


def blocks(*found: Payload) -> Payload:
    """Return a message of these blocks."""
    return {"text": "", "blocks": list(found)}


def attached(**fields: object) -> Payload:
    """Return a message with one attachment."""
    return {"text": "", "attachments": [fields]}


def shared(**fields: object) -> Payload:
    """Return a message with one file."""
    return {"text": "", "files": [{"id": "F1", **fields}]}


CELL: Final = {"type": "raw_text", "text": WORDS}
NESTED: Final = {
    "type": "rich_text_list",
    "style": "bullet",
    "elements": [{"type": "rich_text_section", "elements": [run("one")]},
                 {"type": "rich_text_section", "elements": [run(WORDS)]}],
}  # fmt: skip

MESSAGES: Final[dict[str, Payload]] = {
    "text": {"text": WORDS},
    "me_message": {"subtype": "me_message", "text": WORDS},
    "rich text": blocks(rich(run(WORDS))),
    "rich text list": blocks({"type": "rich_text", "elements": [NESTED]}),
    "rich text quote": blocks(rich(run(WORDS), kind="rich_text_quote")),
    "rich text preformatted": blocks(rich(run(WORDS), kind="rich_text_preformatted")),
    "rich text link label": blocks(
        rich({"type": "link", "url": "https://example.com", "text": WORDS})
    ),
    "rich text link url": blocks(
        rich({"type": "link", "url": f"https://example.com/?q={WORDS}"})
    ),
    "rich text date": blocks(
        rich({"type": "date", "timestamp": 1, "format": "{date}", "fallback": WORDS})
    ),
    "section": blocks({"type": "section", "text": {"type": "mrkdwn", "text": WORDS}}),
    "section field": blocks({"type": "section", "fields": [plain("x"), plain(WORDS)]}),
    "section accessory": blocks(
        {"type": "section", "accessory": {"type": "image", "alt_text": WORDS}}
    ),
    "context": blocks({"type": "context", "elements": [{"type": "mrkdwn", "text": WORDS}]}),
    "context image": blocks(
        {"type": "context", "elements": [{"type": "image", "alt_text": WORDS}]}
    ),
    "header": blocks({"type": "header", "text": plain(WORDS)}),
    "markdown": blocks({"type": "markdown", "text": WORDS}),
    "image title": blocks({"type": "image", "title": plain(WORDS), "alt_text": "x"}),
    "image alt text": blocks({"type": "image", "alt_text": WORDS}),
    "video": blocks({"type": "video", "title": plain("x"), "description": plain(WORDS)}),
    "table": blocks({"type": "table", "rows": [[plain("x"), plain("y")], [CELL]]}),
    "table of rich text": blocks({"type": "table", "rows": [[rich(run(WORDS))]]}),
    "input label": blocks({"type": "input", "label": plain(WORDS)}),
    "input hint": blocks({"type": "input", "hint": plain(WORDS)}),
    "input placeholder": blocks({"type": "input", "element": {"placeholder": plain(WORDS)}}),
    "input initial value": blocks({"type": "input", "element": {"initial_value": WORDS}}),
    "button": blocks({"type": "actions", "elements": [{"type": "button", "text": plain(WORDS)}]}),
    "button value": blocks({"type": "actions", "elements": [{"type": "button", "value": WORDS}]}),
    "select option": blocks(
        {"type": "actions", "elements": [{"type": "static_select",
                                          "options": [{"text": plain(WORDS), "value": "1"}]}]}
    ),
    "attachment text": attached(text=WORDS),
    "attachment fallback": attached(fallback=WORDS),
    "attachment pretext": attached(pretext=WORDS),
    "attachment title": attached(title=WORDS),
    "attachment footer": attached(footer=WORDS),
    "attachment author": attached(author_name=WORDS),
    "attachment subname": attached(author_subname=WORDS),
    "attachment field title": attached(fields=[{"title": WORDS, "value": "x"}]),
    "attachment field value": attached(fields=[{"title": "x", "value": WORDS}]),
    "attachment action": attached(actions=[{"type": "button", "value": WORDS}]),
    "attachment block": attached(blocks=[{"type": "section", "text": plain(WORDS)}]),
    "forwarded message": attached(
        is_msg_unfurl=True,
        message_blocks=[{"team": "T1", "message": {"blocks": [rich(run(WORDS))]}}],
    ),
    "file of an attachment": attached(files=[{"name": WORDS}]),
    "file name": shared(name=WORDS),
    "file title": shared(title=WORDS),
    "file preview": shared(preview=WORDS),
    "file preview as html": shared(
        preview_highlight=f'<div class="CodeMirror"><pre>{WORDS}</pre></div>'
    ),
    "file plain text": shared(plain_text=WORDS, preview_plain_text="x"),
    "file plain preview": shared(preview_plain_text=WORDS),
    "mail subject": shared(subject=WORDS),
    "mail from": shared(**{"from": [{"original": WORDS, "address": "a@example.com"}]}),
    "mail to": shared(to=[{"address": WORDS}]),
    "mail cc": shared(cc=[{"name": WORDS}]),
    "mail header": shared(headers={"date": "x", "in_reply_to": WORDS}),
    "file comment": shared(initial_comment={"comment": WORDS}),
    "file transcription": shared(transcription={"status": "complete",
                                                "preview": {"content": WORDS}}),
    "one file": {"text": "", "file": {"name": WORDS}},
    "thread parent": {"text": "", "root": {"text": WORDS}},
    "thread parent's block": {"text": "", "root": blocks(rich(run(WORDS)))},
    "thread parent's file": {"text": "", "root": shared(title=WORDS)},
    "metadata": {"text": "", "metadata": {"event_type": "x", "event_payload": {"a": WORDS}}},
    "metadata within": {"metadata": {"event_payload": {"a": [{"b": ["x", WORDS]}]}}},
}  # fmt: skip


@pytest.mark.parametrize("name", MESSAGES)
def test_each_path_of_a_message_is_lifted(name: str) -> None:
    """The words at this path of a message come out whole, on a line of their own."""
    assert any(WORDS in line for line in lines(lift_message(MESSAGES[name])))


UNKNOWN: Final[dict[str, Payload]] = {
    "an unknown key": {"tomorrow": WORDS},
    "an unknown key of a block": blocks({"type": "section", "tomorrow": WORDS}),
    "an unknown key of an attachment": attached(tomorrow=WORDS),
    "an unknown key of a file": shared(tomorrow=WORDS),
    "a username": {"username": WORDS},
    "a profile": {"user_profile": {"real_name": WORDS}},
    "a previous message": {"previous_message": {"text": WORDS}},
    "a private url": shared(url_private=f"https://files.example.com/{WORDS}"),
    "the type of metadata": {"metadata": {"event_type": WORDS}},
    "the name of a block": blocks({"type": "section", "block_id": WORDS}),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_other_paths_are_dropped(name: str) -> None:
    """What stands at a path that is not named goes no further."""
    assert lift_message(UNKNOWN[name]).reveal() == ""


def test_a_rich_text_line_is_put_together_again() -> None:
    """Words that formatting cuts into runs come out in one piece, with Slack's own markup."""
    message = blocks(
        rich(
            run("Ship to Wil"),
            run("helm", bold=True),
            run("ina, ask "),
            {"type": "user", "user_id": "U1"},
            run(" in "),
            {"type": "channel", "channel_id": "C1"},
            run(" "),
            {"type": "emoji", "name": "wave"},
            run(" or see "),
            {"type": "link", "url": "https://example.com", "text": "the page"},
        )
    )
    assert lines(lift_message(message)) == [
        "Ship to Wilhelmina, ask <@U1> in <#C1> :wave: or see <https://example.com|the page>"
    ]


COPIES: Final = {
    "the same": ("where is my order?", [run("where is my order?")]),
    "escaped": ("a &lt; b &amp; c", [run("a < b & c")]),
    "bold": ("my *late* order", [run("my "), run("late", bold=True), run(" order")]),
    "half a word": ("un*believ*able", [run("un"), run("believ", bold=True), run("able")]),
    "a mention": ("<@U1> hello", [{"type": "user", "user_id": "U1"}, run(" hello")]),
    "a link": ("see <https://example.com|this>",
               [run("see "), {"type": "link", "url": "https://example.com", "text": "this"}]),
    "an emoji": ("hi :wave:", [run("hi "), {"type": "emoji", "name": "wave"}]),
}  # fmt: skip


@pytest.mark.parametrize("name", COPIES)
def test_the_rich_text_copy_of_a_text_is_not_repeated(name: str) -> None:
    """Slack sends a message's text twice; it is lifted once, as it stands in the text."""
    text, elements = COPIES[name]
    assert lines(lift_message({"text": text, "blocks": [rich(*elements)]})) == [text]


ALMOST: Final = {
    "an opened bracket": ("Hi there", "Hi <Wilhelmina Quackenbush"),
    "a mail header": ("mail from Joe", "Joe <joe.quackenbush@example.com>"),
    "letters of a word": ("I know what I want", "no"),
    "more words": ("where is it", "where is it now"),
    "other words": ("one", "two"),
    "no words": ("one", "?!"),
}


@pytest.mark.parametrize("name", ALMOST)
def test_a_line_that_says_more_is_kept(name: str) -> None:
    """A line is left out only when all its words were lifted already."""
    text, block = ALMOST[name]
    message = {"text": text, "blocks": [{"type": "section", "text": plain(block)}]}
    assert lines(lift_message(message)) == [text, block]


def test_parts_are_lifted_in_order_with_their_places() -> None:
    """The message comes first, then what hangs on it, each line with the place it is from."""
    message = {
        "text": "first",
        "attachments": [{"text": "second"}],
        "files": [{"title": "third"}],
        "metadata": {"event_payload": {"x": "fourth"}},
        "root": {"text": "fifth"},
    }
    assert lines(lift_message(message)) == [
        "first",
        "[attachment] second",
        "[file] third",
        "[metadata] fourth",
        "[thread parent] fifth",
    ]


def test_entities_of_a_highlighted_preview_are_characters() -> None:
    """The HTML of a highlighted preview is read as text."""
    found = lift_message(shared(preview_highlight="<b>Ann</b> &amp; Bob&#39;s &lt;3"))
    assert lines(found) == ["[file]  Ann  & Bob's <3"]


def values(element: Payload) -> Payload:
    """Return a view with one input."""
    return {"state": {"values": {"block": {"action": element}}}, "private_metadata": WORDS}


OPTION: Final = {"text": plain(WORDS), "value": "1"}
VIEWS: Final[dict[str, Payload]] = {
    "plain text": {"type": "plain_text_input", "value": WORDS},
    "e-mail": {"type": "email_text_input", "value": WORDS},
    "url": {"type": "url_text_input", "value": WORDS},
    "number": {"type": "number_input", "value": WORDS},
    "rich text": {"type": "rich_text_input", "rich_text_value": rich(run("Wilhelmina at "),
                  run("4821 Gooseberry", bold=True), run(" Hollow Rd"))},
    "select": {"type": "static_select", "selected_option": OPTION},
    "radio buttons": {"type": "radio_buttons", "selected_option": OPTION},
    "several options": {"type": "multi_static_select", "selected_options": [OPTION]},
    "checkboxes": {"type": "checkboxes", "selected_options": [{"text": plain("x")}, OPTION]},
    "a file": {"type": "file_input", "files": [{"id": "F1", "name": WORDS}]},
}  # fmt: skip


@pytest.mark.parametrize("name", VIEWS)
def test_each_kind_of_input_of_a_view_is_lifted(name: str) -> None:
    """What a person put into this kind of input comes out, and nothing else of the view."""
    found = lines(lift_view(values(VIEWS[name])))
    assert sum(WORDS in line for line in found) == 1


def test_what_is_not_of_a_person_in_a_view_is_dropped() -> None:
    """Labels, placeholders and private metadata of a view are ours and are not lifted."""
    view = {"blocks": [{"type": "input", "label": plain(WORDS)}], "private_metadata": WORDS}
    assert lift_view(view).reveal() == ""


def test_a_command_is_its_text() -> None:
    """Of a slash command the text alone is lifted."""
    body = {"command": "/care", "text": WORDS, "user_name": "someone", "response_url": "x"}
    assert lift_command(body).reveal() == WORDS


def test_what_is_lifted_does_not_print() -> None:
    """Lifted text is raw: it shows in no format."""
    found = lift_message({"text": WORDS})
    assert WORDS not in f"{found} {found!r}"


def test_odd_characters_are_kept() -> None:
    """Null bytes, lone surrogates, marks and zero-width characters pass as they are."""
    odd = "a\x00b \ud800 \u202eright\u202c zero\u200bwidth"
    assert lift_message({"text": odd}).reveal() == odd


def _wide(count: int, block: Payload) -> Payload:
    return {"text": "", "blocks": [block] * count}


def _deep(depth: int) -> Payload:
    node: Payload = {"type": "section", "text": plain("x")}
    for _ in range(depth):
        node = {"type": "section", "elements": [node]}
    return blocks(node)


def _deep_metadata(depth: int) -> Payload:
    node: object = WORDS
    for _ in range(depth):
        node = [node]
    return {"metadata": {"event_payload": {"a": node}}}


LARGE: Final[dict[str, Payload]] = {
    "10,000 sections": _wide(10_000, {"type": "section", "text": plain("x")}),
    "10,000 dividers": _wide(10_000, {"type": "divider"}),
    "10,000 rich lines": _wide(10_000, rich(run("x"))),
    "10,000 runs": blocks(rich(*[run("x")] * 10_000)),
    "10,000 attachments": {"attachments": [{"text": "x"}] * 10_000},
    "10,000 fields": attached(fields=[{"title": "x", "value": "y"}] * 10_000),
    "10,000 files": {"files": [{"name": "x"}] * 10_000},
    "10,000 mail headers": shared(headers={str(n): "x" for n in range(10_000)}),
    "10,000 leaves": {"metadata": {"event_payload": {"a": ["x"] * 10_000}}},
    "1 MB of text": {"text": "word " * 200_000},
    "1 MB in a block": blocks({"type": "section", "text": plain("word " * 200_000)}),
    "1 MB of symbols": {"text": "?" * 1_000_000},
    "1 MB of open brackets": {"text": "<" * 1_000_000},
    "1 MB of opened tags": {"text": "<@" * 500_000},
    "1 MB of preview": shared(preview_highlight="<a" * 500_000),
    "many small texts": {"attachments": [{"text": f"word{n} {'x' * 100}"} for n in range(500)]},
    "10,000 levels": _deep(10_000),
    "10,000 levels of metadata": _deep_metadata(10_000),
}  # fmt: skip


@pytest.mark.parametrize("name", LARGE)
def test_too_much_is_refused_at_once(name: str) -> None:
    """More than can be scrubbed within Slack's three seconds is refused."""
    with pytest.raises(PayloadTooLarge):
        lift_message(LARGE[name])


@pytest.mark.parametrize("piece", ["word ", "?", "<", "<@", "a&"])
def test_lifting_is_linear(piece: str) -> None:
    """Ten times the text, up to the limit, costs about ten times as much."""

    def lift(size: int) -> None:
        lift_message({"text": piece * (size // len(piece))})

    assert growth(lift, 3_900, 39_000) < 30


def test_a_view_with_too_much_is_refused() -> None:
    """So is a modal."""
    many = {"b": {str(n): {"value": f"w{n}"} for n in range(10_000)}}
    with pytest.raises(PayloadTooLarge):
        lift_view({"state": {"values": many}})


def test_a_command_with_too_much_is_refused() -> None:
    """So is a command."""
    with pytest.raises(PayloadTooLarge):
        lift_command({"text": "x" * (MAX_CHARACTERS + 1)})


def test_the_longest_message_of_slack_is_lifted() -> None:
    """A text of 40,000 characters, Slack's limit, with its rich text copy, is lifted."""
    text = "word " * (MAX_CHARACTERS // 5)
    message = {"text": text, "blocks": [rich(run(text))]}
    assert len(lift_message(message)) == MAX_CHARACTERS


def test_a_full_message_of_slack_is_lifted() -> None:
    """50 blocks of ten fields and a table of 100 rows and 20 columns are not too much."""
    section = {"type": "section", "fields": [plain(f"f{n}") for n in range(10)]}
    assert len(lift_message(_wide(50, section))) > 0
    rows = [[{"type": "raw_text", "text": f"{r}.{c}"} for c in range(20)] for r in range(100)]
    assert "99.19" in lift_message(blocks({"type": "table", "rows": rows})).reveal()


def test_a_strange_type_of_a_block_does_not_break_the_reading() -> None:
    """A block whose type is a deep list is read like one of an unknown type."""
    node: object = "x"
    for _ in range(5_000):
        node = [node]
    found = lift_message(blocks({"type": node, "text": WORDS}))
    assert found.reveal() == WORDS


def _known_keys() -> list[str]:
    source = Path(lifting.__file__).read_text(encoding="utf-8")
    return sorted({word.strip('"') for word in source.split('"')[1::2] if word.isidentifier()})


KEYS: Final = st.sampled_from([*_known_keys(), "blocks", "attachments", "rich_text_section"])
LEAVES: Final = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters(), max_size=8),
    st.sampled_from(["rich_text_section", "link", "user", "emoji", "text", "table"]),
)
JSON: Final = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(KEYS, inner, max_size=6)),
    max_leaves=40,
)


@settings(max_examples=100, deadline=1_000, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(KEYS, JSON, max_size=8))
def test_wrong_types_anywhere_are_no_crash(payload: dict[str, object]) -> None:
    """JSON of any shape under any known key is lifted, dropped or refused, within a second."""
    for lift in (lift_message, lift_command, lift_view):
        with suppress(PayloadTooLarge):
            assert isinstance(lift(payload), RawText)
    with suppress(PayloadTooLarge):
        lift_message({"blocks": [payload], "attachments": [payload], "files": [payload]})
        lift_view({"state": {"values": {"a": payload, "b": {"c": payload}}}})


def test_the_keys_of_the_property_are_those_that_are_read() -> None:
    """The property above draws from the keys that stand in the source."""
    assert {"message_blocks", "preview_highlight", "event_payload", "rows"} <= set(_known_keys())
