"""How merchants ask: `questions.yaml` beside the articles, more of it than an article can hold.

asked:        {pii-retention#how-long: [how long is pii kept]}    section: what it answers
not_covered:  {fees and prices: [what do you charge for fbm]}     subject: what nobody answers
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nlp.answers.article_files import read_mapping
from nlp.errors import ArticleBroken

FILE: Final = "questions.yaml"
UNNAMED: Final = "anything else"
"""The subject of questions that are about nothing in particular."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionBank:
    """The questions of a folder.

    Attributes:
        asked: By section, as `article#section`, questions that it answers.
        not_covered: By subject, questions that no article answers.
    """

    asked: Mapping[str, Sequence[str]]
    not_covered: Mapping[str, Sequence[str]]

    @classmethod
    def load(cls, folder: Path) -> QuestionBank:
        """Read `questions.yaml` of a folder.

        Raises:
            ArticleBroken: The file is missing, is not YAML or does not follow the form.
        """
        data = read_mapping(folder / FILE, ("asked", "not_covered"))
        return cls(asked=_lists(data["asked"]), not_covered=_lists(data["not_covered"]))


def _lists(value: object) -> Mapping[str, Sequence[str]]:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise ArticleBroken(1, "asked and not_covered are names with their questions")
    for name, questions in value.items():
        if not isinstance(questions, list) or not questions:
            raise ArticleBroken(1, f"{name} has no list of questions")
        if not all(isinstance(each, str) and each for each in questions):
            raise ArticleBroken(1, f"{name} holds something that is not a text; put it in quotes")
    return value
