"""The scrubber: raw text in, scrubbed text out. The only mint of `ScrubbedText`.

The order of work: the plain twin of the text, what must survive, known values, Presidio's
recognizers, one resolution of it all, numbered placeholders. Whatever goes wrong on the way,
nothing passes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol, final

from nlp.detection.entities import placeholder
from nlp.detection.known_values import find_known
from nlp.detection.normalize import DetectionText, for_detection
from nlp.detection.spans import Span, glued, masked, resolve, united
from nlp.errors import ModelUnavailable, ScrubbingFailed, TextTooLong
from nlp.protected import order_ids, protected_spans
from nlp.text import Finding, RawText, ScrubbedText, SensitiveValue

if TYPE_CHECKING:
    from nlp.detection.placeholders import Placeholder

MAX_CHARACTERS: Final = 1_000_000
"""The longest text that is scrubbed at once, in code points."""

_SURE: Final = 1.0
_LOOKS: Final = 3
"""How often a text is looked at, at most. See `nlp.detection.spans.glued`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownValue:
    """A value known to be PII, to be taken out wherever it stands.

    Attributes:
        entity_type: Presidio's name of the kind, such as `PERSON`.
        value: The value, such as the buyer's name of an order.
    """

    entity_type: str
    value: RawText


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Scrubbed:
    """A text after scrubbing, with what was taken out.

    Attributes:
        text: Safe to keep: PII replaced by placeholders, numbered from the left within this
            text; no null bytes, no lone surrogates.
        findings: Where the PII stood, in order, not overlapping, in code points of the raw text.
        values: What was taken out, one for each placeholder, in order of number for each kind.
        kinds: The distinct entity types, in order of appearance.
    """

    text: ScrubbedText
    findings: tuple[Finding, ...]
    values: tuple[SensitiveValue, ...]
    kinds: tuple[str, ...]
    _pieces: tuple[str | Placeholder, ...] = field(repr=False)

    def numbered(self, numbers: Mapping[tuple[str, int], int]) -> ScrubbedText:
        """Return the text with other numbers, such as those of the whole ticket.

        A placeholder that the writer typed stays as typed.

        Args:
            numbers: From (entity type, number here) to the new number. Missing ones stay.
        """
        return ScrubbedText(
            "".join(
                piece
                if isinstance(piece, str)
                else placeholder(
                    piece.entity_type,
                    numbers.get((piece.entity_type, piece.number), piece.number),
                )
                for piece in self._pieces
            )
        )


class Scrubber(Protocol):
    """Takes PII out of text."""

    def scrub(self, text: RawText, /, *, known: Sequence[KnownValue] = ()) -> Scrubbed:
        """Return the text without PII.

        Args:
            text: At most `MAX_CHARACTERS` code points.
            known: Values to take out wherever they stand.

        Raises:
            ScrubbingFailed: Nothing of the text may be kept. `TextTooLong` and
                `ModelUnavailable` say why, where that is known.
        """
        ...

    def order_ids(self, text: RawText, /) -> tuple[str, ...]:
        """Return the Amazon order ids that the text names, in order, each once.

        Raises:
            ScrubbingFailed: The text could not be read.
        """
        ...


@final
class PresidioScrubber(Scrubber):
    """The scrubber over Presidio and our own recognizers. Uses no network.

    One instance serves any number of threads; the language pipeline takes one text at a time.

    Raises:
        ModelUnavailable: The data of the recognizers is missing or damaged.
    """

    def __init__(self) -> None:
        # Imported when a scrubber is built: Presidio and spaCy take seconds to load, and most
        # commands scrub nothing.
        from nlp.detection import placeholders

        detect = _detector()
        if detect is None:
            raise ModelUnavailable
        self._detect = detect
        self._pieces = partial(placeholders.pieces, placeholders.anonymizer())
        self._lock = threading.Lock()

    def scrub(self, text: RawText, /, *, known: Sequence[KnownValue] = ()) -> Scrubbed:
        """Return the text without PII. See `Scrubber.scrub`."""
        if len(text) > MAX_CHARACTERS:
            raise TextTooLong
        scrubbed = self._try(text, known)
        if scrubbed is None:
            raise ScrubbingFailed
        return scrubbed

    def order_ids(self, text: RawText, /) -> tuple[str, ...]:
        """Return the Amazon order ids that the text names. See `Scrubber.order_ids`."""
        if len(text) > MAX_CHARACTERS:
            raise TextTooLong
        return order_ids(for_detection(text.reveal()).text)

    def _try(self, text: RawText, known: Sequence[KnownValue]) -> Scrubbed | None:
        """Return None where anything fails.

        The error is raised by the caller and not here: raised while another is handled, it would
        carry that one as its context, and with it the text.
        """
        try:
            return self._scrub(text.reveal(), [(k.entity_type, k.value.reveal()) for k in known])
        except Exception:  # whatever it is, nothing may pass
            return None

    def _scrub(self, raw: str, known: Sequence[tuple[str, str]]) -> Scrubbed:
        read = for_detection(raw)
        taken = self._taken(read.text, known)
        spans = _in_raw(read, taken)
        parts, values = self._pieces(raw, read, spans)
        return Scrubbed(
            text=ScrubbedText("".join(str(part) for part in parts)),
            findings=tuple(
                Finding(entity_type=span.entity_type, start=start, end=end, score=span.score)
                for span, start, end in spans
            ),
            values=tuple(
                SensitiveValue(
                    entity_type=mark.entity_type, number=mark.number, value=RawText(value)
                )
                for mark, value in sorted(
                    values.items(), key=lambda item: (item[0].entity_type, item[0].number)
                )
            ),
            kinds=tuple(dict.fromkeys(span.entity_type for span, _, _ in spans)),
            _pieces=parts,
        )

    def _taken(self, text: str, known: Sequence[tuple[str, str]]) -> list[Span]:
        """Return what to take out of the detection text, in order, not overlapping."""
        taken: list[Span] = []
        for _ in range(_LOOKS):
            rest = masked(text, taken) if taken else text
            found = [
                Span(
                    start=match.start,
                    end=match.end,
                    entity_type=match.entity_type,
                    score=_SURE,
                    known=True,
                )
                for match in find_known(rest, known)
            ]
            if rest.strip():
                with self._lock:
                    found.extend(self._detect(rest))
            new = resolve(rest, found, protected_spans(rest))
            taken = sorted([*taken, *new], key=lambda span: span.start)
            if not glued(rest, new):
                break
        return taken


def _detector() -> Callable[[str], Sequence[Span]] | None:
    from nlp.detection import analyzer

    try:
        return partial(analyzer.detect, analyzer.analyzer())
    except (OSError, KeyError, ValueError):
        return None


def _in_raw(read: DetectionText, spans: Sequence[Span]) -> list[tuple[Span, int, int]]:
    """Add the raw offsets. Two spans within one piece of Slack's markup become one."""
    result: list[tuple[Span, int, int]] = []
    for span in spans:
        start, end = read.raw_span(span.start, span.end)
        if result and start < result[-1][2]:
            last, raw_start, raw_end = result[-1]
            whole = united([last, replace(span, start=min(span.start, last.end - 1))])[0]
            result[-1] = (whole, raw_start, max(end, raw_end))
        else:
            result.append((span, start, end))
    return result
