"""The trained model at work: a text in, labelled spans with probabilities out.

The model reads at most `WINDOW` word pieces at once. A longer text is read in windows that overlap,
and each piece counts where it stands furthest from a window's edge.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import numpy as np

from nlp import shipped_model
from nlp.detection.deadline import check_time
from nlp.detection.tagging.tagged_spans import Scores, TaggedSpan, tagged_spans
from nlp.detection.tagging.word_pieces import PLAIN, Pieces, WordPieces
from nlp.errors import ModelUnavailable
from nlp.shipped_model import TOKENIZER

MODEL: Final = "care_ner.onnx"

WINDOW: Final = 126
"""Word pieces that are read at once, without the marks for start and end, as in training."""
OVERLAP: Final = 32


class Tagger:
    """The ONNX model with its tokenizer. Safe for any number of threads, side by side.

    Raises:
        ModelUnavailable: A file is missing or is not the one that the manifest names.
    """

    def __init__(self, folder: Path | None = None, *, threads: int = 1) -> None:
        manifest, content = shipped_model.read(folder or shipped_model.folder(), (MODEL, TOKENIZER))
        self._session = shipped_model.session(content[MODEL], threads=threads)
        self._labels = _labels(manifest)
        try:
            self._words = WordPieces.from_json(content[TOKENIZER].decode())
        except Exception:  # tokenizers has errors of its own
            raise ModelUnavailable from None

    def tag(self, text: str) -> list[TaggedSpan]:
        """Return the people and street addresses of a text, in order, not overlapping.

        One window is read at a time. Side by side they would hardly be faster on one core, and
        since the model's eight bits are scaled to all that is read at once, what is found in a
        text would depend on its neighbours.
        """
        read = self._words.read(text)
        scores = np.zeros((len(read.ids), len(self._labels)), np.float32)
        for first, last in _windows(len(read.ids)):
            check_time()
            # Of an overlap each of the two windows counts for its half.
            skip = OVERLAP // 2 if first else 0
            scores[first + skip : last] = self._scores(read, first, last)[skip:]
        return tagged_spans(text, read, scores, self._labels)

    def _scores(self, read: Pieces, first: int, last: int) -> Scores:
        """Return the probability of each label for the pieces of one window."""
        ids = np.array([[self._words.start, *read.ids[first:last], self._words.end]], np.int64)
        cases = np.array([[PLAIN, *read.cases[first:last], PLAIN]], np.int64)
        given = {"input_ids": ids, "token_type_ids": cases, "attention_mask": np.ones_like(ids)}
        found: Scores = self._session.run(None, given)[0]
        return found[0, 1:-1]


def _labels(manifest: Mapping[str, object]) -> tuple[str, ...]:
    """Return the labels in their order. Raises ModelUnavailable where there are none."""
    labels = manifest.get("labels")
    if not isinstance(labels, list):
        raise ModelUnavailable
    return tuple(map(str, labels))


def _windows(size: int) -> Iterator[tuple[int, int]]:
    """Yield the first and last piece of each window of a text with so many pieces."""
    first = 0
    while first < size:
        last = min(first + WINDOW, size)
        yield first, last
        if last == size:
            break
        first = last - OVERLAP
