"""The scrubber: raw text in, scrubbed text out. The only mint of `ScrubbedText`.

The order of work: the plain twin of the text, what must survive, known values, Presidio's
recognizers, one resolution of it all, numbered placeholders. Whatever goes wrong on the way,
nothing passes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol, TypeVar, final

from nlp.detection.candidates import candidates
from nlp.detection.deadline import time_limit
from nlp.detection.entities import placeholder
from nlp.detection.normalize import DetectionText, for_detection
from nlp.detection.spans import Span, united
from nlp.errors import ModelUnavailable, ScrubbingFailed, TextTooLong
from nlp.protected import order_ids
from nlp.text import Finding, RawText, ScrubbedText, SensitiveValue

if TYPE_CHECKING:
    from nlp.detection.placeholders import Placeholder
    from nlp.detection.search import Search

Result = TypeVar("Result")

MAX_CHARACTERS: Final = 1_000_000
"""The longest text that is scrubbed at once, in code points."""

TIME_LIMIT: Final = 30.0
"""Seconds that one text may take. The longest that Slack sends takes a quarter of it."""


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

    def scrub(
        self,
        text: RawText,
        /,
        *,
        known: Sequence[KnownValue] = (),
        after: ScrubbedText | None = None,
    ) -> Scrubbed:
        """Return the text without PII.

        Args:
            text: At most `MAX_CHARACTERS` code points.
            known: Values to take out wherever they stand.
            after: The message before it in the conversation, where that asks for something:
                "sara lee" is a name where a name was asked for.

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

    def candidates(self, text: RawText, /) -> tuple[RawText, ...]:
        """Return the pieces of the text that may be values of an order, each once.

        For the keyed index of open orders to say which of them are. Nothing is detected here:
        most are any two words side by side.

        Raises:
            ScrubbingFailed: The text could not be read.
        """
        ...


@final
class PresidioScrubber(Scrubber):
    """The scrubber over Presidio and our own recognizers. Uses no network.

    One instance serves any number of threads, side by side.

    Args:
        time_limit: Seconds that one text may take. Past them nothing of it passes.

    Raises:
        ModelUnavailable: The model or the data of the recognizers is missing or damaged.
    """

    def __init__(self, *, time_limit: float = TIME_LIMIT) -> None:
        # Imported when a scrubber is built: Presidio and spaCy take seconds to load, and most
        # commands scrub nothing.
        from nlp.detection import placeholders

        search = _search()
        if search is None:
            raise ModelUnavailable
        self._search = search
        self._pieces = partial(placeholders.pieces, placeholders.anonymizer())
        self._time_limit = time_limit

    def scrub(
        self,
        text: RawText,
        /,
        *,
        known: Sequence[KnownValue] = (),
        after: ScrubbedText | None = None,
    ) -> Scrubbed:
        """Return the text without PII. See `Scrubber.scrub`."""

        def work(raw: str) -> Scrubbed:
            values = [(each.entity_type, each.value.reveal()) for each in known]
            read = for_detection(raw)
            return self._scrubbed(raw, read, self._search.spans(read.text, values, after))

        scrubbed = self._carefully(text, work)
        if isinstance(scrubbed, ScrubbingFailed):
            raise scrubbed
        return scrubbed

    def order_ids(self, text: RawText, /) -> tuple[str, ...]:
        """Return the Amazon order ids that the text names. See `Scrubber.order_ids`."""
        return tuple(self._read(text, order_ids))

    def candidates(self, text: RawText, /) -> tuple[RawText, ...]:
        """Return the pieces of the text that may be values of an order. See `Scrubber`."""
        return tuple(map(RawText, self._read(text, candidates)))

    def _read(self, text: RawText, reader: Callable[[str], Iterable[str]]) -> list[str]:
        """Return what is read in the detection text, as carefully as it is scrubbed."""
        found = self._carefully(text, lambda raw: list(reader(for_detection(raw).text)))
        if isinstance(found, ScrubbingFailed):
            raise found
        return found

    def _carefully(self, text: RawText, work: Callable[[str], Result]) -> Result | ScrubbingFailed:
        """Do work on the characters, in time. Returns the error where anything fails.

        It is raised by the caller and not here: raised while another is handled, it would carry
        that one as its context, and with it the text.
        """
        if len(text) > MAX_CHARACTERS:
            return TextTooLong()
        try:
            with time_limit(self._time_limit):
                return work(text.reveal())
        except ScrubbingFailed as failed:
            return type(failed)()
        except Exception:  # whatever it is, nothing may pass
            return ScrubbingFailed()

    def _scrubbed(self, raw: str, read: DetectionText, taken: Sequence[Span]) -> Scrubbed:
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
                    entity_type=mark.entity_type,
                    number=mark.number,
                    value=RawText(value.written),
                    keys=tuple(map(RawText, value.keys)),
                )
                for mark, value in sorted(
                    values.items(), key=lambda item: (item[0].entity_type, item[0].number)
                )
            ),
            kinds=tuple(dict.fromkeys(span.entity_type for span, _, _ in spans)),
            _pieces=parts,
        )


def _search() -> Search | None:
    """Return None where the data of the recognizers is missing or damaged."""
    from nlp.detection.search import Search

    try:
        return Search()
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
