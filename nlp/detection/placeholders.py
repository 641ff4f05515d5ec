"""Placing the numbered placeholders, with presidio-anonymizer.

A scrubbed text is kept as pieces, so that its placeholders can be numbered anew for a ticket
without touching a `<PERSON_1>` that the writer typed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Final

from presidio_anonymizer import AnonymizerEngine
from presidio_anonymizer.entities import OperatorConfig, RecognizerResult
from presidio_anonymizer.operators import Operator, OperatorType

from nlp.detection.entities import PLACEHOLDER, placeholder
from nlp.detection.normalize import DetectionText, storable
from nlp.detection.same.same_value import keys
from nlp.detection.spans import Span
from nlp.text import numbered

BATCH: Final = 128
"""Spans that the anonymizer replaces at once. It copies the text for each, so the text is cut."""


@dataclass(frozen=True, slots=True)
class Placeholder:
    """The n-th value of a kind within one text."""

    entity_type: str
    number: int

    def __str__(self) -> str:
        return placeholder(self.entity_type, self.number)


class NumberedPlaceholder(Operator):
    """Presidio operator that puts the placeholder which was numbered for the value."""

    def operate(self, text: str, params: Mapping[str, object] | None = None) -> str:
        """Return the placeholder of the value."""
        chosen = (params or {})["placeholders"]
        assert isinstance(chosen, Mapping)  # noqa: S101  # checked by validate
        return str(chosen[(params or {})["entity_type"], text])

    def validate(self, params: Mapping[str, object] | None = None) -> None:
        """Check that the numbering was given. Raises ValueError."""
        if not isinstance((params or {}).get("placeholders"), Mapping):
            raise ValueError("The numbering of the placeholders is missing.")

    def operator_name(self) -> str:
        """Return the operator's name."""
        return "numbered_placeholder"

    def operator_type(self) -> OperatorType:
        """Return what the operator is for."""
        return OperatorType.Anonymize


@dataclass(frozen=True, slots=True)
class Value:
    """What a placeholder stands for: the fullest form that stood there, and the keys of it."""

    written: str
    keys: tuple[str, ...]


class Numbering:
    """The placeholders of one text: numbered from the left, one value one number.

    Args:
        raw: The raw text. Numbers that the writer typed as placeholders are not given out again.
        found: What is to be replaced, from the left: its kind, the characters of the raw text,
            and the same as detection read them.
    """

    def __init__(self, raw: str, found: Iterable[tuple[str, str, str]]) -> None:
        typed = {(m["entity_type"], int(m["number"])) for m in PLACEHOLDER.finditer(raw)}
        self.by_slice: dict[tuple[str, str], Placeholder] = {}
        self.values: dict[Placeholder, Value] = {}
        values: dict[str, dict[str, Value]] = {}
        for entity_type, written, seen in found:
            of_kind = values.setdefault(entity_type, {})
            if written not in of_kind:
                of_kind[written] = _value(entity_type, written, seen)
        for entity_type, of_kind in values.items():
            free = (n for n in count(1) if (entity_type, n) not in typed)
            self._number(entity_type, of_kind, free)

    def _number(self, entity_type: str, values: Mapping[str, Value], free: Iterator[int]) -> None:
        numbers, fullest = numbered([value.keys for value in values.values()], {}, free)
        for (written, value), number in zip(values.items(), numbers, strict=True):
            mark = self.by_slice[entity_type, written] = Placeholder(entity_type, number)
            if value.keys == fullest[number]:
                self.values.setdefault(mark, value)


def _value(entity_type: str, written: str, seen: str) -> Value:
    if written.startswith("<"):
        # Of Slack's markup for an address the address is the value, not its label.
        written = seen = seen.partition("\n")[0]
    return Value(storable(written), keys(entity_type, seen))


def anonymizer() -> AnonymizerEngine:
    """Build Presidio's anonymizer with our operator."""
    engine = AnonymizerEngine()  # type: ignore[no-untyped-call]  # Presidio's own gap
    engine.add_anonymizer(NumberedPlaceholder)
    return engine


def pieces(
    engine: AnonymizerEngine,
    raw: str,
    read: DetectionText,
    spans: Sequence[tuple[Span, int, int]],
) -> tuple[tuple[str | Placeholder, ...], Mapping[Placeholder, Value]]:
    """Return the scrubbed text in pieces, and the value of each placeholder.

    Args:
        engine: From `anonymizer()`.
        raw: The raw text.
        read: Its detection twin.
        spans: In order, not overlapping: the span in the twin with its raw start and end.
    """
    numbering = Numbering(
        raw,
        (
            (span.entity_type, raw[start:end], read.text[span.start : span.end])
            for span, start, end in spans
        ),
    )
    operators = {
        "DEFAULT": OperatorConfig("numbered_placeholder", {"placeholders": numbering.by_slice})
    }
    result: list[str | Placeholder] = []
    at = 0
    for first in range(0, len(spans), BATCH):
        batch = spans[first : first + BATCH]
        end = batch[-1][2]
        result.extend(_replaced(engine, raw[at:end], at, batch, operators, numbering))
        at = end
    if at < len(raw):
        result.append(storable(raw[at:]))
    return tuple(result), numbering.values


def _replaced(
    engine: AnonymizerEngine,
    part: str,
    offset: int,
    batch: Sequence[tuple[Span, int, int]],
    operators: Mapping[str, OperatorConfig],
    numbering: Numbering,
) -> Iterator[str | Placeholder]:
    results = [
        RecognizerResult(span.entity_type, start - offset, end - offset, span.score)
        for span, start, end in batch
    ]
    done = engine.anonymize(part, results, dict(operators), merge_entities_with_spaces=False)
    at = 0
    for item, (span, start, end) in zip(
        sorted(done.items, key=lambda item: item.start), batch, strict=True
    ):
        if item.start > at:
            yield storable(done.text[at : item.start])
        yield numbering.by_slice[span.entity_type, part[start - offset : end - offset]]
        at = item.end
