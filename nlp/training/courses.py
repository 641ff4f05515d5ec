"""The courses: the networks that are trained, each on its own text, and averaged.

Two networks that start from the same base model and see different text stay close enough for the
mean of their weights to be a network too, and it is better than either ("Model soups", Wortsman
et al. 2022). Here one course has everything, and the other leaves out the templates that teach
what is no name, for these cost it names.
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


COURSES: Final = (
    Course(
        name="names", seed=2027, texts=36_000, lower_share=0.36, without=frozenset({"confusions"})
    ),
    Course(name="everything", seed=2026, texts=52_000, lower_share=0.44),
)
