"""Find thousands of forms at once.

Of each form the eight bytes that it shares with the fewest others are its mark. All places where
some mark stands are found by a table of hashes, and the forms are compared there alone, so that
the time hardly grows with the number of forms.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final, final

import numpy as np
from numpy.typing import NDArray

from storage.residue.forms import Form

_WIDTHS: Final = (8, 4)
_TABLE_BITS: Final = 21
_ODD: Final = 0x9E3779B97F4A7C15  # 2 ** 64 divided by the golden ratio: Fibonacci hashing


@final
class Matcher:
    """Finds forms in pieces of bytes.

    Attributes:
        longest: Bytes of the longest form.
    """

    def __init__(self, forms: Iterable[Form]) -> None:
        every = tuple(forms)
        self.longest: Final = max((len(form.folded) for form in every), default=0)
        self._marks: list[_Marks] = []
        for width in _WIDTHS:
            of_width = [f for f in every if _width(f) == width]
            if of_width:
                self._marks.append(_Marks(of_width, width))
        self._tiny: Final = [form for form in every if _width(form) == 0]

    def count(self, data: bytes, home: int) -> Counter[tuple[int, str]]:
        """Count the copies that begin in the first `home` bytes, by needle and name of the form.

        A copy counts under one of its needle's forms, the first in their order.
        """
        folded = data.lower()
        found: dict[tuple[int, int], str] = {}
        for place, form in self._candidates(folded, home):
            end = place + len(form.folded)
            if form.any_case:
                if folded[place:end] != form.folded:
                    continue
                other = data[place:end] != form.exact and "other casing" not in form.name
                name = f"{form.name}, other casing" if other else form.name
            elif data[place:end] == form.exact:
                name = form.name
            else:
                continue
            found.setdefault((form.needle, place), name)
        return Counter((needle, name) for (needle, _), name in found.items())

    def _candidates(self, folded: bytes, home: int) -> Iterator[tuple[int, Form]]:
        for form in self._tiny:
            place = folded.find(form.folded)
            while 0 <= place < home:
                yield place, form
                place = folded.find(form.folded, place + 1)
        for marks in self._marks:
            for place, form in marks.candidates(folded):
                if 0 <= place < home:
                    yield place, form


@final
class _Marks:
    """The marks of forms, all of one width."""

    def __init__(self, forms: list[Form], width: int) -> None:
        self._width = width
        self._kind = np.dtype(f"<u{width}")
        self._shift = self._kind.type(8 * width - _TABLE_BITS)
        used = Counter(gram for form in forms for gram in set(_grams(form.folded, width)))
        self._forms: dict[int, list[tuple[int, Form]]] = {}
        for form in forms:
            grams = _grams(form.folded, width)
            start = min(range(len(grams)), key=lambda at: used[grams[at]])
            mark = int.from_bytes(grams[start], "little")
            self._forms.setdefault(mark, []).append((start, form))
        self._keys = np.array(sorted(self._forms), dtype=self._kind)
        self._factor = self._kind.type(_ODD & (256**width - 1) | 1)
        self._table = np.zeros(1 << _TABLE_BITS, dtype=np.bool_)
        self._table[self._hashes(self._keys)] = True

    def candidates(self, folded: bytes) -> Iterator[tuple[int, Form]]:
        """Yield where a form may begin, and the form."""
        for phase in range(self._width):
            many = (len(folded) - phase) // self._width
            if many <= 0:
                return
            words = np.frombuffer(folded, dtype=self._kind, count=many, offset=phase)
            places = np.nonzero(self._table[self._hashes(words)])[0]
            if not len(places):
                continue
            values = words[places]
            nearest = np.minimum(np.searchsorted(self._keys, values), len(self._keys) - 1)
            sure = self._keys[nearest] == values
            pairs = zip(places[sure].tolist(), values[sure].tolist(), strict=True)
            for index, value in pairs:
                for start, form in self._forms[value]:
                    yield index * self._width + phase - start, form

    def _hashes(self, words: NDArray[np.unsignedinteger]) -> NDArray[np.unsignedinteger]:
        hashes: NDArray[np.unsignedinteger] = (words * self._factor) >> self._shift
        return hashes


def _width(form: Form) -> int:
    return next((width for width in _WIDTHS if len(form.folded) >= width), 0)


def _grams(folded: bytes, width: int) -> list[bytes]:
    return [folded[at : at + width] for at in range(len(folded) - width + 1)]
