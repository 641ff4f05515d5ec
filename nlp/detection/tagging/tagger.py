"""The trained model at work: texts in, labelled spans with probabilities out.

The model reads at most `WINDOW` word pieces at once. A longer text is read in windows that overlap,
and each piece counts where it stands furthest from a window's edge.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime

from nlp.detection.deadline import check_time
from nlp.detection.tagging.tagged_spans import Scores, TaggedSpan, tagged_spans
from nlp.detection.tagging.word_pieces import Pieces, WordPieces
from nlp.errors import ModelUnavailable

MODEL: Final = "care_ner.onnx"
TOKENIZER: Final = "tokenizer.json"
MANIFEST: Final = "manifest.json"

WINDOW: Final = 126
"""Word pieces that are read at once, without the marks for start and end, as in training."""
OVERLAP: Final = 32
IN_A_BATCH: Final = 2_048
"""Word pieces of one batch with its padding: bounds the memory that a long text takes."""


@dataclass(frozen=True, slots=True)
class _Window:
    text: int
    first: int
    last: int


class Tagger:
    """The ONNX model with its tokenizer. Safe for any number of threads, which run side by side.

    Raises:
        ModelUnavailable: A file is missing or is not the one that the manifest names.
    """

    def __init__(self, folder: Path | None = None, *, threads: int = 1) -> None:
        content = _checked(folder or Path(str(files("nlp") / "model")))
        options = onnxruntime.SessionOptions()
        # Many messages side by side are faster than one on many cores.
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # The arena would keep the memory of the longest text for ever.
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 4
        try:
            self._session = onnxruntime.InferenceSession(
                content.model, options, providers=["CPUExecutionProvider"]
            )
            self._words = WordPieces.from_json(content.tokenizer)
        except Exception:  # onnxruntime and tokenizers have errors of their own
            raise ModelUnavailable from None
        self._labels = content.labels

    def tag(self, texts: Sequence[str]) -> list[list[TaggedSpan]]:
        """Return the people and street addresses of each text, in order, not overlapping."""
        read = self._words.read_all(list(texts))
        scores = [np.zeros((len(each.ids), len(self._labels)), np.float32) for each in read]
        for group in _grouped(list(_windows(read))):
            check_time()
            self._score(read, group, scores)
        return [
            tagged_spans(text, pieces, each, self._labels)
            for text, pieces, each in zip(texts, read, scores, strict=True)
        ]

    def _score(
        self, read: Sequence[Pieces], group: Sequence[_Window], scores: Sequence[Scores]
    ) -> None:
        width = max(window.last - window.first for window in group) + 2
        ids = np.zeros((len(group), width), np.int64)
        cases, mask = np.zeros_like(ids), np.zeros_like(ids)
        for row, window in enumerate(group):
            size = window.last - window.first
            ids[row, 0], ids[row, size + 1] = self._words.start, self._words.end
            ids[row, 1 : size + 1] = read[window.text].ids[window.first : window.last]
            cases[row, 1 : size + 1] = read[window.text].cases[window.first : window.last]
            mask[row, : size + 2] = 1
        found: Scores = self._session.run(
            None, {"input_ids": ids, "token_type_ids": cases, "attention_mask": mask}
        )[0]
        for row, window in enumerate(group):
            # Of an overlap each of the two windows counts for its half.
            skip = OVERLAP // 2 if window.first else 0
            part = found[row, 1 + skip : 1 + window.last - window.first]
            scores[window.text][window.first + skip : window.last] = part


@dataclass(frozen=True, slots=True)
class _Content:
    model: bytes
    tokenizer: str
    labels: tuple[str, ...]


def _checked(folder: Path) -> _Content:
    """Read the model's files. Raises ModelUnavailable where the manifest does not fit."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        found = {name: (folder / name).read_bytes() for name in (MODEL, TOKENIZER)}
        right = all(
            sha256(found[name]).hexdigest() == manifest["sha256"][name]
            for name in (MODEL, TOKENIZER)
        )
        labels = tuple(str(label) for label in manifest["labels"])
        tokenizer = found[TOKENIZER].decode()
    except (OSError, ValueError, KeyError, TypeError):
        right = False
    if not right:
        raise ModelUnavailable
    return _Content(model=found[MODEL], tokenizer=tokenizer, labels=labels)


def _windows(read: Sequence[Pieces]) -> Iterator[_Window]:
    for text, pieces in enumerate(read):
        size = len(pieces.ids)
        first = 0
        while first < size:
            last = min(first + WINDOW, size)
            yield _Window(text, first, last)
            if last == size:
                break
            first = last - OVERLAP


def _grouped(windows: list[_Window]) -> Iterator[list[_Window]]:
    """Yield the windows in batches of like length, so that little is padded."""
    windows.sort(key=lambda window: (window.last - window.first, window.text, window.first))
    group: list[_Window] = []
    for window in windows:
        if group and (len(group) + 1) * (window.last - window.first + 2) > IN_A_BATCH:
            yield group
            group = []
        group.append(window)
    if group:
        yield group
