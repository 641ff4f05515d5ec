"""`scrub` and `ask` answer each line with a line, and lose none."""

from __future__ import annotations

import json
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.asking import Asking
from bot.lines import ask_lines, scrub_batch
from nlp.knowledge import Knowledge
from nlp.scrubber import PresidioScrubber

SCRUBBER: Final = PresidioScrubber()


@pytest.fixture(scope="module")
def asking() -> Asking:
    """What answers single questions, over the shipped articles."""
    return Asking(scrubber=SCRUBBER, knowledge=Knowledge.load())


def scrubbed(*lines: bytes, as_json: bool = False) -> tuple[int, list[str]]:
    """Scrub lines. Returns how many were bad, and what was written."""
    answered = scrub_batch(lines, SCRUBBER, as_json=as_json)
    return answered.bad, answered.lines


def asked(asking: Asking, *lines: bytes) -> tuple[int, list[dict[str, object]]]:
    """Ask lines. Returns how many were bad, and the objects that were written."""
    written: list[str] = []
    bad = ask_lines(lines, asking, write=written.append)
    return bad, [json.loads(line) for line in written]


def test_lines_come_back_scrubbed_and_in_order() -> None:
    """Each line of text is one line of scrubbed text."""
    bad, written = scrubbed(b"mail joe@example.com\n", b"\n", b"where is 113-5550142-5550142?\r\n")
    assert bad == 0
    assert written == ["mail <EMAIL_ADDRESS_1>", "", "where is 113-5550142-5550142?"]


def test_a_line_of_other_bytes_is_no_lost_line() -> None:
    """Bytes that are not UTF-8 are replaced, the rest of the line is scrubbed."""
    bad, written = scrubbed(b"caf\xe9 joe@example.com\n")
    assert (bad, written) == (0, ["caf\ufffd <EMAIL_ADDRESS_1>"])


@pytest.mark.parametrize("inner", [b"\r", b"\x0b", b"\x0c", b"\xc2\x85", b"\xe2\x80\xa8"])
def test_a_line_stays_one_line(inner: bytes) -> None:
    """A character within a line that some programs take for a line's end makes no second line."""
    _, written = scrubbed(b"one" + inner + b"two\n")
    assert len(written) == 1
    assert len(written[0].splitlines()) == 1


def test_json_lines_have_offsets_in_the_text_given() -> None:
    """`start` and `end` count code points of the text given, also behind wide characters."""
    text = "🙂 é joe@example.com"
    bad, (line,) = scrubbed(json.dumps({"id": 7, "text": text}).encode(), as_json=True)
    found = json.loads(line)
    assert bad == 0
    assert (found["id"], found["text"]) == (7, "🙂 é <EMAIL_ADDRESS_1>")
    (entity,) = found["entities"]
    assert entity.keys() == {"type", "start", "end", "score"}
    assert entity["type"] == "EMAIL_ADDRESS"
    assert text[entity["start"] : entity["end"]] == "joe@example.com"
    assert 0 < entity["score"] <= 1


@pytest.mark.parametrize("number", [None, "a-1", 3, 1.5, ["x"], {"a": 1}])
def test_an_id_comes_back_as_it_was(number: object) -> None:
    """The id of a line, of any type, is that of its answer."""
    _, (line,) = scrubbed(json.dumps({"id": number, "text": ""}).encode(), as_json=True)
    assert json.loads(line) == {"id": number, "text": "", "entities": []}


def test_a_line_without_an_id_has_none() -> None:
    """Where no id was given, it is null."""
    _, (line,) = scrubbed(b'{"text": "x"}', as_json=True)
    assert json.loads(line)["id"] is None


OBJECT: Final = "The line is not a JSON object."
BAD: Final = {
    "no JSON": (b"Quackenbush", None, OBJECT),
    "an empty line": (b"", None, OBJECT),
    "a list": (b'["Quackenbush"]', None, OBJECT),
    "no text": (b'{"id": 1, "words": "Quackenbush"}', 1, 'The line has no text in "text".'),
    "a text of a wrong type": (b'{"id": 2, "text": ["x"]}', 2, 'The line has no text in "text".'),
    "other bytes": (b'{"id": 3, "text": "\xff"}', None, OBJECT),
    "too deep": (b"[" * 100_000, None, OBJECT),
    "deep within": (b'{"id": ' + b"[" * 100_000, None, OBJECT),
    "no number": (b'{"id": NaN, "text": "Quackenbush"}', None, OBJECT),
    "an endless number": (b'{"id": ' + b"9" * 5_000 + b"}", None, OBJECT),
    "a huge text": (
        json.dumps({"id": 4, "text": "x" * 1_000_001}).encode(), 4,
        "The text is longer than the scrubber takes at once.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_line_is_an_error_on_its_line(name: str) -> None:
    """A bad line is an error object with its id, if it has one, and no word of its content."""
    line, number, error = BAD[name]
    bad, written = scrubbed(b'{"text": "a"}', line, b'{"text": "b"}', as_json=True)
    assert bad == 1
    assert [json.loads(each).get("text") for each in written] == ["a", None, "b"]
    assert json.loads(written[1]) == {"id": number, "error": error}


def test_a_deep_id_is_answered_or_refused() -> None:
    """An id of nearly the deepest nesting that can be read is no crash when it is written."""
    for depth in (500, 900, 950, 990):
        line = b'{"id": ' + b"[" * depth + b"]" * depth + b', "text": "x"}'
        _, written = scrubbed(line, as_json=True)
        assert len(written) == 1


def test_lone_surrogates_can_be_written() -> None:
    """A lone surrogate, which JSON can carry, does not break the output."""
    _, (line,) = scrubbed(b'{"id": "\\ud800", "text": "\\ud800 joe@example.com"}', as_json=True)
    line.encode()
    assert "<EMAIL_ADDRESS_1>" in json.loads(line)["text"]


def test_a_text_line_that_is_too_long_is_named() -> None:
    """Without JSON a line that cannot be scrubbed is a sentence in brackets, in its place."""
    bad, written = scrubbed(b"a\n", b"x" * 1_000_001, b"b\n")
    assert bad == 1
    assert written == ["a", "[The text is longer than the scrubber takes at once.]", "b"]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.binary(max_size=60) | st.text(max_size=30).map(str.encode), max_size=4))
def test_as_many_lines_come_out_as_went_in(lines: list[bytes]) -> None:
    """Whatever the lines hold, each has its answer."""
    assert len(scrubbed(*lines)[1]) == len(lines)
    assert len(scrubbed(*lines, as_json=True)[1]) == len(lines)


ASKED: Final = [
    ("can u guys ship prime orders?", {"answer", "clarify"}),
    ("what is the airspeed of an unladen swallow", {"handoff"}),
    ("where is 113-5550142-5550142", {"order"}),
    ("any news of the return for 113-5550142-5550142?", {"return"}),
    ("hello", {"smalltalk"}),
    ("i want to talk to a human", {"handoff"}),
]


@pytest.mark.parametrize(("question", "kinds"), ASKED)
def test_a_question_is_answered_by_its_kind(question: str, kinds: set[str], asking: Asking) -> None:
    """Each question gets one line of the documented form, of the kind that fits it."""
    bad, (found,) = asked(asking, json.dumps({"id": "q", "question": question}).encode())
    assert bad == 0
    assert found.keys() == {"id", "kind", "text", "sources", "confidence"}
    assert found["id"] == "q"
    assert found["kind"] in kinds
    assert found["text"]
    assert isinstance(found["confidence"], float)
    assert 0 <= found["confidence"] <= 1


def test_an_answer_names_its_sources(asking: Asking) -> None:
    """An answer has sources of article, section and link."""
    _, (found,) = asked(asking, b'{"question": "can u guys ship prime orders?"}')
    sources = found["sources"]
    assert isinstance(sources, list)
    assert sources
    assert all(each.keys() == {"article", "section", "url"} for each in sources)


def test_an_answer_repeats_no_pii(asking: Asking) -> None:
    """PII in a question does not come back in its answer."""
    _, (found,) = asked(asking, b'{"question": "mail joe.quackenbush@example.com about refunds"}')
    assert "quackenbush" not in json.dumps(found)


def test_a_bad_question_is_an_error_on_its_line(asking: Asking) -> None:
    """A line without a question is an error object; those around it are answered."""
    bad, found = asked(asking, b'{"question": "hello"}', b'{"text": "x"}', b'{"question": "hi"}')
    assert bad == 1
    assert found[1] == {"id": None, "error": 'The line has no text in "question".'}
    assert [each.get("kind") for each in found] == ["smalltalk", None, "smalltalk"]
