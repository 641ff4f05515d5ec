"""The training corpus: how much of which text, and what is kept apart for measuring.

Templates are split by their wording: what `make evaluate` measures comes from templates that the
model never saw, not merely from other names in the same sentences.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Final

from nlp.training import prose
from nlp.training.augment import augmented
from nlp.training.courses import Course
from nlp.training.templates import Piece, Template, templates

DEV_SHARE: Final = 0.08
"""Share of the templates that are for measuring alone."""

PROSE_SHARE: Final = 0.10
JOINED_SHARE: Final = 0.16
"""Share of the texts that are made of two, so that a text may change its subject."""

# How often a template of a genre is taken, against 1 for the others. Short and clean messages are
# most of what a support channel sees; blocks are long and cost as much as several lines.
WEIGHTS: Final = {
    "addresses": 1.4,
    "agents": 1.2,
    "chat": 1.4,
    "confusions": 1.5,
    "named": 1.2,
    "pasted": 0.9,
    "short": 1.2,
    "survives": 1.3,
}


def split(all_templates: Sequence[Template]) -> tuple[list[Template], list[Template]]:
    """Return the templates for training and those for measuring."""
    training = [template for template in all_templates if template.share >= DEV_SHARE]
    return training, [template for template in all_templates if template.share < DEV_SHARE]


def training_texts(course: Course) -> Iterator[list[Piece]]:
    """Yield the texts of a course, in pieces. The same packages give the same texts."""
    rng = random.Random(course.seed)  # noqa: S311  # reproducible, and no secret
    chosen = [each for each in split(templates())[0] if each.genre not in course.without]
    weights = [WEIGHTS.get(template.genre, 1.0) for template in chosen]
    ordinary = prose.sentences()

    def one() -> list[Piece]:
        if rng.random() < PROSE_SHARE:
            return prose.example(rng.choice(ordinary), rng)
        return rng.choices(chosen, weights)[0].fill(rng)

    for _ in range(course.texts):
        text = one()
        if rng.random() < JOINED_SHARE and len(text) < 40:
            gap = rng.choice((" ", " ", "\n", "\n\n", ". ", ", ", " - "))
            text = [*text, Piece(gap, None), *one()]
        yield augmented(text, rng, course.lower_share)
