"""What is to be taken out of a text: all that is found, resolved against what must survive."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from nlp.detection.analyzer import Detector
from nlp.detection.answers_to_questions import answers
from nlp.detection.deadline import check_time
from nlp.detection.known_values import find_known
from nlp.detection.normalize import for_detection
from nlp.detection.spans import Span, glued, masked, resolve
from nlp.protected import protected_spans
from nlp.text import ScrubbedText

LOOKS: Final = 3
"""How often a text is looked at, at most. See `nlp.detection.spans.glued`."""
QUESTION: Final = 200
"""Characters of a question that are read with its answer: people ask last."""
_SURE: Final = 1.0


class Search:
    """Finds what to take out. One instance serves any number of threads, side by side.

    spaCy promises nothing about threads, so a pipeline is lent to one at a time. There are as many
    as threads ever asked at once; the model behind them is one.

    Raises:
        ModelUnavailable: The model is missing or damaged.
    """

    def __init__(self) -> None:
        # Appending and popping are atomic.
        self._idle = deque([Detector()])

    def spans(
        self,
        text: str,
        known: Sequence[tuple[str, str]] = (),
        question: ScrubbedText | None = None,
    ) -> list[Span]:
        """Return what to take out of a detection text, in order, not overlapping.

        Args:
            text: As detection reads it.
            known: Entity types and values that are taken out wherever they stand.
            question: The message before it in the conversation, where that asks something.
        """
        asked = _asked(question)
        with self._lent() as detector:
            first = list(_behind(detector.detect(asked + text), len(asked)))
            if question is not None:
                first += answers(text, question)
            check_time()
            return _resolved(detector, text, first, known)

    @contextmanager
    def _lent(self) -> Iterator[Detector]:
        try:
            detector = self._idle.pop()
        except IndexError:
            detector = Detector()
        try:
            yield detector
        finally:
            self._idle.append(detector)


def _resolved(
    detector: Detector, text: str, first: list[Span], known: Sequence[tuple[str, str]]
) -> list[Span]:
    """Look again with the rules where something stands against what was found."""
    taken: list[Span] = []
    for look in range(LOOKS):
        rest = masked(text, taken) if taken else text
        found = detector.detect_by_rules(rest) if look else first
        found += [
            Span(
                start=match.start,
                end=match.end,
                entity_type=match.entity_type,
                score=_SURE,
                known=True,
            )
            for match in find_known(rest, known)
        ]
        new = resolve(rest, found, protected_spans(rest))
        taken = sorted([*taken, *new], key=lambda span: span.start)
        if not glued(rest, new):
            break
    return taken


def _asked(question: ScrubbedText | None) -> str:
    return "" if question is None else for_detection(question).text[-QUESTION:] + "\n"


def _behind(spans: Sequence[Span], offset: int) -> Iterator[Span]:
    """Yield what lies behind an offset, counted from there."""
    for span in spans:
        if span.end > offset:
            yield replace(span, start=max(0, span.start - offset), end=span.end - offset)
