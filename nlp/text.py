"""The type wall: raw text is not a `str`, scrubbed text is.

Standard library only. `RawText` is what a person wrote; `ScrubbedText` is what may be kept,
logged and sent on. Only `nlp.scrubber` makes the second out of the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NewType, NoReturn, final

ScrubbedText = NewType("ScrubbedText", str)
"""Text that went through the scrubber. Minted in `nlp.scrubber` and nowhere else."""

WITHHELD: Final = "RawText(withheld)"


@final
class RawText:
    """Text that may hold PII. It prints, formats, pickles and concatenates as nothing.

    The one way to its characters is `reveal()`, which only the scrubber and the seal may call
    (`tests/test_house.py` checks the syntax trees).
    """

    __slots__ = ("__text",)

    def __init__(self, text: str) -> None:
        self.__text = text

    def reveal(self) -> str:
        """Return the characters. For the scrubber and the seal alone."""
        return self.__text

    def __len__(self) -> int:
        return len(self.__text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RawText) and self.__text == other.__text

    def __hash__(self) -> int:
        return hash(self.__text)

    def __repr__(self) -> str:
        return WITHHELD

    def __str__(self) -> str:
        return WITHHELD

    def __format__(self, format_spec: str) -> str:
        return WITHHELD

    def __reduce__(self) -> NoReturn:
        raise TypeError("Raw text is not serialized. Scrub it or seal it.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One span of PII in a raw text. It tells where and what kind, never the value.

    Attributes:
        entity_type: Presidio's name of the kind, such as `PERSON`.
        start: Offset of the first character, in code points of the raw text.
        end: Offset after the last character.
        score: Confidence, 0 to 1.
    """

    entity_type: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SensitiveValue:
    """A value that the scrubber took out, on its way to the seal.

    Attributes:
        entity_type: Presidio's name of the kind.
        number: The n of the placeholder `<KIND_n>` that stands for it in the scrubbed text.
        value: What stood there.
    """

    entity_type: str
    number: int
    value: RawText
