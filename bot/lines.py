"""Line by line: `scrub` and `ask`. No line is lost: a bad one becomes an error on its line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bot.asking import Asking
from nlp.errors import ScrubbingFailed
from nlp.scrubber import Scrubbed, Scrubber
from nlp.text import RawText

Write = Callable[[str], None]


class BadLine(ValueError):
    """A line is not of the form that is asked for. The message never quotes it."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of a batch of lines: a line for each, and how many could not be scrubbed."""

    lines: list[str]
    bad: int


def scrub_batch(batch: Sequence[bytes], scrubber: Scrubber, *, as_json: bool) -> Answered:
    """Scrub each line of a batch."""
    answers: list[str] = []
    bad = 0
    for raw in batch:
        number, text = _read(raw.rstrip(b"\r\n"), as_json=as_json)
        try:
            if isinstance(text, BadLine):
                raise text
            result = scrubber.scrub(text)
        except (BadLine, ScrubbingFailed) as error:
            bad += 1
            answers.append(_json({"id": number, "error": str(error)}) if as_json else f"[{error}]")
        else:
            # Some programs take more characters than the line feed for a line's end.
            plain = " ".join(result.text.splitlines())
            answers.append(_json({"id": number, **_scrubbed(result)}) if as_json else plain)
    return Answered(answers, bad)


def _read(line: bytes, *, as_json: bool) -> tuple[object, RawText | BadLine]:
    """Return the id of a line and its text, or what is wrong with it."""
    if not as_json:
        return None, RawText(line.decode("utf-8", "replace"))
    try:
        return _fields(line, "text")
    except BadLine as error:
        return _id(line), error


def ask_lines(lines: Iterable[bytes], asking: Asking, *, write: Write) -> int:
    """Answer each line's question and write the answer. Returns how many could not be."""
    bad = 0
    for raw in lines:
        line = raw.rstrip(b"\r\n")
        try:
            number, question = _fields(line, "question")
            write(_json({"id": number, **asking.ask(question)}))
        except (BadLine, ScrubbingFailed) as error:
            bad += 1
            write(_json({"id": _id(line), "error": str(error)}))
    return bad


def _scrubbed(scrubbed: Scrubbed) -> dict[str, object]:
    return {
        "text": scrubbed.text,
        "entities": [
            {
                "type": finding.entity_type,
                "start": finding.start,
                "end": finding.end,
                "score": round(finding.score, 3),
            }
            for finding in scrubbed.findings
        ],
    }


def _fields(line: bytes, name: str) -> tuple[object, RawText]:
    """Return the id and the text of a JSON line. Raises BadLine."""
    found = _parsed(line)
    if found is None:
        raise BadLine("The line is not a JSON object.")
    text = found.get(name)
    if not isinstance(text, str):
        raise BadLine(f'The line has no text in "{name}".')
    return found.get("id"), RawText(text)


def _id(line: bytes) -> object:
    found = _parsed(line)
    return None if found is None else found.get("id")


def _parsed(line: bytes) -> dict[str, object] | None:
    try:
        found = json.loads(line, parse_constant=_refused)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _refused(_constant: str) -> object:
    """Refuse `NaN` and its like, which Python reads and JSON does not know."""
    raise ValueError


def _json(value: dict[str, object]) -> str:
    # ASCII alone, so that lone surrogates, which JSON can carry, do not break the output.
    return json.dumps(value)
