"""The type wall: raw text is not a `str`, scrubbed text is.

Standard library only. `RawText` is what a person wrote; `ScrubbedText` is what may be kept,
logged and sent on. Only `nlp.scrubber` makes the second out of the first.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, NewType, NoReturn, TypeVar, final

ScrubbedText = NewType("ScrubbedText", str)
"""Text that went through the scrubber. Minted in `nlp.scrubber` and nowhere else."""

WITHHELD: Final = "RawText(withheld)"

_MANY: Final = 2


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
        value: What stood there; its fullest form, where it stood there in several.
        keys: The forms by which it is told from others, as `numbered` compares them.
    """

    entity_type: str
    number: int
    value: RawText
    keys: tuple[RawText, ...]


Key = TypeVar("Key", bound=Hashable)


def numbered(
    values: Sequence[Sequence[Key]], known: Mapping[int, Sequence[Key]], free: Iterator[int]
) -> tuple[list[int], dict[int, Sequence[Key]]]:
    """Give each value of a kind in a text its number: the same value, the same number.

    The first key of a value is its own; the others are the shorter forms by which it may be
    called, with all the shorter forms of these: "john smith" before "john", "smith", "j smith".
    A value is the one of the same own key. Else it is the one that may be called by its key, or
    by whose key it may be called; where two fit it is neither. So a lone "John" joins the only
    John, "John Smith" takes in a lone "John" before it, and with John Smith and Jane Smith about
    "J. Smith" is somebody of their own.

    The fullest values of a text are looked at first, so that their order does not matter.

    Args:
        values: The keys of each value, in order of appearance. Keys are compared and nothing
            else, so that they may as well be hashes.
        known: The numbers given before, with the keys of what they stand for.
        free: Numbers to give.

    Returns:
        The number of each value, and the keys of every number that is new or stands for a fuller
        value than before.
    """
    namesakes = _Namesakes(known)
    meant = [0] * len(values)
    changed: dict[int, Sequence[Key]] = {}
    for place in sorted(range(len(values)), key=lambda place: -len(values[place])):
        found = namesakes.find(values[place])
        # Below zero stands what is new, until the numbers are given from the left.
        meant[place] = -1 - place if found is None else found
        if namesakes.put(meant[place], values[place]):
            changed[meant[place]] = values[place]
    given = {new: next(free) for new in dict.fromkeys(meant) if new < 0}
    return (
        [given.get(number, number) for number in meant],
        {given.get(number, number): keys for number, keys in changed.items()},
    )


class _Namesakes(Generic[Key]):
    """The values that were numbered so far, and whom a further one may mean."""

    def __init__(self, known: Mapping[int, Sequence[Key]]) -> None:
        self._by_own: dict[Key, int] = {}
        self._own: dict[int, Key] = {}
        self._called: dict[Key, set[int]] = {}
        for number, keys in known.items():
            self.put(number, keys)

    def find(self, keys: Sequence[Key]) -> int | None:
        """Return the number of the value that these keys mean, None for none or no single one."""
        own, *shorter = keys
        if own in self._by_own:
            return self._by_own[own]
        fitting = {self._by_own[key] for key in shorter if key in self._by_own}
        fitting |= self._called.get(own, set())
        return fitting.pop() if len(fitting) == 1 else None

    def put(self, number: int, keys: Sequence[Key]) -> bool:
        """Let a number stand for these keys; says whether it does, having no fuller ones."""
        own, *shorter = keys
        before = self._own.get(number)
        if before is not None and (before == own or before not in shorter):
            return False
        if before is not None:
            del self._by_own[before]
        self._own[number] = own
        self._by_own[own] = number
        for key in shorter:
            # A key of two means no single one; that there are more does not matter.
            called = self._called.setdefault(key, set())
            if len(called) < _MANY:
                called.add(number)
        return True
