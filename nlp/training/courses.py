"""The courses: the networks that are trained, each on its own text, and averaged.

Networks that start from the same base model and see different text stay close enough for the
mean of their weights to be a network too, and it is better than any of them ("Model soups",
Wortsman et al. 2022). What teaches what is no name costs names. So two courses leave out the
templates that teach nothing else, and two leave out what merchants write least.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What one network is trained on.

    Attributes:
        name: What it is called on the command line.
        seed: Of its text and of its training.
        texts: How many.
        lower_share: How much of the text is put into lower case.
        without: Genres of templates that it does not see.
    """

    name: str
    seed: int
    texts: int
    lower_share: float
    without: frozenset[str] = frozenset()


_WORLD: Final = frozenset({"abroad", "world"})
"""Other languages' words, and organisations and works where a name could stand."""

_LOOKALIKES: Final = frozenset({"confusions"})

COURSES: Final = (
    Course(name="names", seed=2027, texts=50_000, lower_share=0.36, without=_WORLD | _LOOKALIKES),
    Course(name="messages", seed=2026, texts=80_000, lower_share=0.44, without=_WORLD),
    Course(name="names-world", seed=2027, texts=56_000, lower_share=0.36, without=_LOOKALIKES),
    Course(name="everything", seed=2026, texts=90_000, lower_share=0.44),
)
