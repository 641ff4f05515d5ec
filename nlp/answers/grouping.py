"""Questions that mean the same, put together: what authors see of many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from nlp.answers.encoder import shared_encoder
from nlp.answers.vocabulary import split
from nlp.text import ScrubbedText

ALIKE: Final = 0.7
"""Cosine from which two questions mean the same."""


def grouped(questions: Sequence[ScrubbedText]) -> list[list[ScrubbedText]]:
    """Put each question to the first group whose first question it is like; the largest first.

    Raises:
        ModelUnavailable: The sentence encoder is missing or damaged.
    """
    vectors = shared_encoder().encode([" ".join(split(question)) for question in questions])
    heads: list[int] = []
    groups: list[list[ScrubbedText]] = []
    for at, question in enumerate(questions):
        likeness = vectors[heads] @ vectors[at] if heads else np.zeros(0)
        best = int(np.argmax(likeness)) if heads else -1
        if heads and likeness[best] >= ALIKE:
            groups[best].append(question)
        else:
            heads.append(at)
            groups.append([question])
    return sorted(groups, key=len, reverse=True)
