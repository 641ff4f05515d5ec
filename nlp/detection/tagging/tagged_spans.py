"""From the model's probabilities to spans: which words make up a name or a street line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from nlp.detection.entities import PERSON, STREET_ADDRESS
from nlp.detection.tagging.word_pieces import Pieces

SEED: Final = 0.45
"""A span holds a word that is this probable. Chosen on the templates that are kept apart: names
that pass are worse than words that go."""
OTHER_SEED: Final = 0.75
"""The same for writing other than Latin, of which the model knows hardly more than the letters."""
GROWTH: Final = 0.15
"""It reaches over neighbours that are this probable, and to the same word elsewhere."""
SURE: Final = 0.9
"""What is this probable at one place of a text is looked for at its other places."""

_GREEK: Final = "\u0370"
"""The first letter behind those of Latin writing."""

Scores = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class TaggedSpan:
    """What the model takes for an entity, in code points of the text given."""

    start: int
    end: int
    label: str
    score: float


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of a text, and for each the probability of one label."""

    text: str
    places: Sequence[tuple[int, int]]
    scores: Sequence[float]

    def plain(self, at: int) -> str:
        start, end = self.places[at]
        return self.text[start:end].lower()


def tagged_spans(
    text: str, pieces: Pieces, scores: Scores, labels: Sequence[str]
) -> list[TaggedSpan]:
    """Return the spans in order, not overlapping; of two that overlap the surer one.

    Args:
        text: The text.
        pieces: Its word pieces.
        scores: For each piece the probability of each label.
        labels: The labels in their order.
    """
    columns = [(label, labels.index(label)) for label in (PERSON, STREET_ADDRESS)]
    columns = [(label, at) for label, at in columns if len(scores) and scores[:, at].max() >= SEED]
    if not columns:
        return []
    places, by_word = _words(pieces, scores)
    found = [
        span
        for label, at in columns
        for span in _spans(_Words(text, places, by_word[:, at].tolist()), label)
    ]
    chosen: list[TaggedSpan] = []
    for span in sorted(found, key=lambda span: (span.start, span.end)):
        if chosen and span.start < chosen[-1].end:
            chosen[-1] = max(chosen[-1], span, key=lambda each: each.score)
        else:
            chosen.append(span)
    return chosen


def _words(pieces: Pieces, scores: Scores) -> tuple[list[tuple[int, int]], Scores]:
    """Return the place of each word, and the mean of its pieces' scores."""
    firsts = [at for at, word in enumerate(pieces.words) if at == 0 or word != pieces.words[at - 1]]
    ends = [*firsts[1:], len(pieces.words)]
    places = [
        (pieces.offsets[first][0], pieces.offsets[end - 1][1])
        for first, end in zip(firsts, ends, strict=True)
    ]
    sums = np.add.reduceat(scores, firsts, axis=0)
    counts = np.diff([*firsts, len(pieces.words)])[:, None]
    return places, (sums / counts).astype(np.float32)


def _spans(words: _Words, label: str) -> Iterator[TaggedSpan]:
    sure = {
        words.plain(at)
        for at, score in enumerate(words.scores)
        if label == PERSON and score >= SURE and len(words.plain(at)) > 2
    }
    at, count = 0, len(words.places)
    while at < count:
        first = at
        while at < count and words.scores[at] >= GROWTH and not _breaks(words, at, label):
            at += 1
        if at == first:
            at += 1
            continue
        best = max(words.scores[first:at])
        needed = SEED if _latin(words, first, at) else OTHER_SEED
        if best >= needed or any(words.plain(each) in sure for each in range(first, at)):
            for part, end in _people(words, first, at) if label == PERSON else [(first, at)]:
                yield from _trimmed(words, part, end, label, max(best, SEED))


def _people(words: _Words, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Yield the parts of a run of names: "Ann Lee, Bo Ray" is two people, "Lee, Ann" is one."""
    start = first
    for at in range(first, last):
        if words.plain(at) == "," and min(_size(words, start, at), _size(words, at, last)) > 1:
            yield start, at
            start = at + 1
    yield start, last


def _size(words: _Words, first: int, last: int) -> int:
    return sum(words.plain(at).isalpha() for at in range(first, last))


def _latin(words: _Words, first: int, last: int) -> bool:
    """Say whether the words are written in Latin letters, or are numbers beside such."""
    text = words.text[words.places[first][0] : words.places[last - 1][1]]
    return all(letter < _GREEK for letter in text if letter.isalpha())


def _breaks(words: _Words, at: int, label: str) -> bool:
    """Say whether it is a line's end, over which an address may reach and a name does not."""
    start, end = words.places[at]
    return label == PERSON and "\n" in words.text[start:end]


def _trimmed(
    words: _Words, first: int, last: int, label: str, score: float
) -> Iterator[TaggedSpan]:
    """Yield the span without spaces and punctuation at its ends, if more than a letter is left."""
    text, start, end = words.text, words.places[first][0], words.places[last - 1][1]
    keep = "#" if label == STREET_ADDRESS else ""
    while start < end and not (text[start].isalnum() or text[start] in keep):
        start += 1
    while start < end and not text[end - 1].isalnum():
        end -= 1
    # One letter of Latin writing names nobody; one sign of another may.
    if end - start > 1 or not text[start:end].isascii():
        yield TaggedSpan(start, end, label, score)
