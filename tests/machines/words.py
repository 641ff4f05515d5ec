"""What people write in the machine: invented people of a short list, and a scrubber that knows it.

The scrubber stands in for the detection, which has tests of its own. All that comes after it is
the program's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from nlp.detection.placeholders import Placeholder
from nlp.detection.same.same_value import keys
from nlp.scrubber import KnownValue, Scrubbed, Scrubber
from nlp.text import RawText, ScrubbedText, SensitiveValue

KINDS: Final[Mapping[str, str]] = {
    "Wilhelmina Quackenbush": "PERSON",
    "Odalys Fennimore": "PERSON",
    "Thaddeus Pemberwick": "PERSON",
    "555-0142": "PHONE_NUMBER",
    "555-0199": "PHONE_NUMBER",
    "4821 Gooseberry Hollow Rd": "STREET_ADDRESS",
    "wq@example.com": "EMAIL_ADDRESS",
}
"""Every value that is written in the machine, and its kind."""
VALUES: Final = tuple(KINDS)
_LISTED: Final = re.compile("|".join(map(re.escape, VALUES)))

Numbers = Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A text: a question, which opens a resolved ticket anew, or thanks, which do not.

    Attributes:
        values: What it names, in this order.
        asks: Whether it is a question.
    """

    values: tuple[str, ...]
    asks: bool

    @property
    def raw(self) -> RawText:
        """The text as it is written."""
        return RawText(self._with(self.values))

    def scrubbed(self, numbers: Numbers) -> str:
        """Return the text as it is kept, with these numbers for its values."""
        return self._with([f"<{KINDS[each]}_{numbers[each]}>" for each in self.values])

    def alone(self) -> dict[str, int]:
        """Return the numbers of the values within this text, by kind and from the left."""
        return numbered(self.values, {})

    def _with(self, values: Sequence[str]) -> str:
        about = " ".join(values)
        return f"How do I cancel an order for {about}?" if self.asks else f"Thanks, {about}!"


def numbered(values: Sequence[str], before: Numbers) -> dict[str, int]:
    """Return the numbers of values, of which those that have one keep it."""
    numbers = dict(before)
    for each in values:
        if each not in numbers:
            of_kind = [n for other, n in numbers.items() if KINDS[other] == KINDS[each]]
            numbers[each] = max(of_kind, default=0) + 1
    return numbers


class ListedScrubber(Scrubber):
    """Finds what is on the list and nothing else."""

    def scrub(
        self,
        text: RawText,
        /,
        *,
        known: Sequence[KnownValue] = (),
        after: ScrubbedText | None = None,
    ) -> Scrubbed:
        """Return the text without the values of the list."""
        written = text.reveal()
        found = _LISTED.findall(written)
        numbers = numbered(found, {})
        marks = [Placeholder(KINDS[each], numbers[each]) for each in found]
        between = _LISTED.split(written)
        pieces = [piece for pair in zip(between, marks, strict=False) for piece in pair]
        pieces.append(between[-1])
        return Scrubbed(
            text=ScrubbedText("".join(map(str, pieces))),
            findings=(),
            values=tuple(
                SensitiveValue(
                    entity_type=KINDS[each],
                    number=number,
                    value=RawText(each),
                    keys=tuple(map(RawText, keys(KINDS[each], each))),
                )
                for each, number in numbers.items()
            ),
            kinds=tuple(dict.fromkeys(KINDS[each] for each in found)),
            _pieces=tuple(pieces),
        )

    def order_ids(self, text: RawText, /) -> tuple[str, ...]:
        """Return nothing: no text of the machine names an order."""
        return ()

    def candidates(self, text: RawText, /) -> tuple[RawText, ...]:
        """Return what may be a value of an order."""
        return tuple(map(RawText, dict.fromkeys(_LISTED.findall(text.reveal()))))
