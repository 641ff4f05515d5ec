"""From everything that was found to spans that do not overlap and spare what must survive."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from nlp.detection.entities import EMAIL_ADDRESS, PERSON, PHONE_NUMBER, STREET_ADDRESS
from nlp.detection.normalize import OPAQUE
from nlp.detection.word_lists import trade_words
from nlp.protected import ProtectedKind, ProtectedSpan

SURE: Final = 0.9
"""From this score on a finding beats the soft protected span that it lies in."""

_WORDY: Final = frozenset({PERSON, STREET_ADDRESS})
_BEFORE_KNOWN: Final = frozenset({ProtectedKind.ORDER_ID, ProtectedKind.TRACKING})
_NEVER_A_PHONE: Final = frozenset(
    {ProtectedKind.DATE, ProtectedKind.PRICE, ProtectedKind.QUANTITY, ProtectedKind.ZIP}
)
_NEVER_A_NAME: Final = frozenset(
    {ProtectedKind.DATE, ProtectedKind.PRICE, ProtectedKind.QUANTITY, ProtectedKind.SKU}
)
_TOWN: Final = frozenset({ProtectedKind.ZIP, ProtectedKind.PLACE})
_JOINS: Final = {
    PERSON: re.compile(r"[ \t]{0,3}"),
    STREET_ADDRESS: re.compile(r"[ \t]{0,2}[,;/-]?[ \t]{0,2}\n?[ \t]{0,2}"),
}
_GLUE_REACH: Final = 40
_APART: Final = " \t\n:=()[]\"'<>"
"""What no pattern reads on across."""
_DIGIT: Final = re.compile(r"\d")
_LETTER_OR_DIGIT: Final = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A span of PII, in code points of the text given.

    Attributes:
        entity_type: Presidio's name of the kind.
        known: Whether it is a known value rather than a detection.
    """

    start: int
    end: int
    entity_type: str
    score: float
    known: bool = False


class Protection:
    """The protected spans of one text, searchable by place."""

    def __init__(self, spans: Sequence[ProtectedSpan]) -> None:
        self._spans = sorted(spans, key=lambda span: span.start)
        self._starts = [span.start for span in self._spans]
        # The furthest end so far: what starts before it may still reach into a later place.
        self._reach: list[int] = []
        for span in self._spans:
            self._reach.append(max(span.end, self._reach[-1] if self._reach else 0))

    def over(self, start: int, end: int) -> Iterator[ProtectedSpan]:
        """Yield the protected spans that overlap the place."""
        for place in range(bisect_right(self._reach, start), bisect_left(self._starts, end)):
            if self._spans[place].end > start:
                yield self._spans[place]


def resolve(text: str, found: Iterable[Span], protected: Sequence[ProtectedSpan]) -> list[Span]:
    """Return spans in order that do not overlap, without what must survive."""
    protection = Protection(protected)
    allowed = [part for span in found for part in _allowed(text, span, protection)]
    return _joined(text, united(allowed))


def united(spans: Iterable[Span]) -> list[Span]:
    """Unite overlapping spans, so that no character of either is left.

    The kind is that of a known value, else of the longest, else of the surest.
    """
    result: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if result and span.start < result[-1].end:
            last = result[-1]
            best = max(last, span, key=_weight)
            result[-1] = replace(best, start=last.start, end=max(last.end, span.end))
        else:
            result.append(span)
    return result


def _weight(span: Span) -> tuple[bool, int, float]:
    return span.known, span.end - span.start, span.score


def _allowed(text: str, span: Span, protection: Protection) -> list[Span]:
    """Return what may be taken of a span: all, nothing, or the parts around firm spans."""
    if OPAQUE in text[span.start : span.end]:
        return []
    if span.entity_type == STREET_ADDRESS and not span.known:
        span = _without_town(text, span, protection)
        if _lone_word(text[span.start : span.end]):
            return []
    doubtful = span.entity_type == PERSON and not span.known and span.score < SURE
    if doubtful and text[span.start : span.end].lower() in trade_words():
        return []
    parts = [span]
    for guard in protection.over(span.start, span.end):
        inside = guard.start <= span.start and span.end <= guard.end
        if inside and not span.known and span.entity_type in _WORDY and _says(text, guard):
            return []
        if span.known:
            firm = guard.kind in _BEFORE_KNOWN
        else:
            firm = guard.firm and not (
                guard.kind is ProtectedKind.URL and span.entity_type == EMAIL_ADDRESS
            )
            if span.entity_type == PHONE_NUMBER and guard.kind in _NEVER_A_PHONE:
                inside = inside or span.score < SURE
            if inside and not guard.firm and span.score < SURE:
                return []
        if firm and (inside or span.entity_type not in _WORDY):
            return []
        if firm:
            parts = [rest for part in parts for rest in _around(part, guard)]
    needed = _LETTER_OR_DIGIT
    if parts != [span] and span.entity_type == STREET_ADDRESS and not span.known:
        # What an order id leaves of a street is one only if the number was not its own.
        needed = _DIGIT
    return [part for part in parts if needed.search(text, part.start, part.end)]


def _says(text: str, guard: ProtectedSpan) -> bool:
    """Say whether what is protected can be no name, however much it looks like one.

    `Chase` may be a person and `Calvin Klein` on a box is none. A date, a price or a quantity
    that a name or a street lies within is what it is.
    """
    if guard.kind is ProtectedKind.COMPANY:
        return not text[guard.start : guard.end].isalpha()
    return guard.kind in _NEVER_A_NAME


def _without_town(text: str, span: Span, protection: Protection) -> Span:
    """Cut zip, state and town from the end of a street line: they stay.

    A town is cut only behind a comma or a line's end, for streets are called after towns.
    """
    guards = [guard for guard in protection.over(span.start, span.end) if guard.kind in _TOWN]
    end = span.end
    for guard in sorted(guards, key=lambda guard: guard.end, reverse=True):
        rest = text[span.start : guard.start].rstrip(" \t")
        last = not _LETTER_OR_DIGIT.search(text, guard.end, max(guard.end, end))
        if last and rest and (guard.kind is ProtectedKind.ZIP or rest[-1] in ",;\n"):
            end = span.start + len(rest.rstrip(" \t\n,;"))
    return replace(span, end=end) if end > span.start else span


def _lone_word(text: str) -> bool:
    """Say whether it is one word without a digit, which is no street."""
    return text.isalpha() and text.isascii()


def _around(span: Span, guard: ProtectedSpan) -> Iterator[Span]:
    if guard.end <= span.start or span.end <= guard.start:
        yield span
        return
    if span.start < guard.start:
        yield replace(span, end=guard.start)
    if guard.end < span.end:
        yield replace(span, start=guard.end)


def _joined(text: str, spans: Iterable[Span]) -> list[Span]:
    """Join neighbours of one kind: two names side by side, a unit and its street."""
    result: list[Span] = []
    for span in spans:
        last = result[-1] if result else None
        gap = _JOINS.get(span.entity_type)
        if (
            last is not None
            and gap is not None
            and last.entity_type == span.entity_type
            and gap.fullmatch(text, last.end, span.start)
        ):
            result[-1] = replace(max(last, span, key=_weight), start=last.start, end=span.end)
        else:
            result.append(span)
    return result


def masked(text: str, spans: Iterable[Span]) -> str:
    """Return the text with the spans made opaque, at the same offsets."""
    pieces, at = [], 0
    for span in spans:
        pieces += [text[at : span.start], OPAQUE * (span.end - span.start)]
        at = span.end
    return "".join([*pieces, text[at:]])


def glued(text: str, spans: Iterable[Span]) -> bool:
    """Say whether a span has other characters against it that are worth a second look.

    `apt 4.212-555-0147` reads as one long number until the unit is gone. Nearly every span ends
    at a space or a full stop, so that a second look is rare.
    """
    for span in spans:
        before = text[max(0, span.start - _GLUE_REACH) : span.start]
        after = text[span.end : span.end + _GLUE_REACH]
        for side in (before[::-1], after):
            against = side.split(maxsplit=1)[0] if side[:1].strip(_APART) else ""
            against = against.partition(OPAQUE)[0]
            if _LETTER_OR_DIGIT.search(against):
                return True
    return False
