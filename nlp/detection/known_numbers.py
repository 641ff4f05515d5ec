"""Known numbers in a text, with any separators; telephone numbers with or without a prefix."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

_GROUP: Final = re.compile(r"(?<![^\W_])\d+(?!(?!x\d)[^\W_])", re.IGNORECASE)
_EXTENSION: Final = re.compile(
    r"[ \t,]{0,2}(?:x|ext\.?|extension)[ \t]{0,2}\d{1,6}(?!\w)", re.IGNORECASE
)
_GAP: Final = re.compile(r"[ \t.()/+-]{1,4}")
_LOCAL: Final = 7
"""Digits of a number without its area code."""
_PREFIX: Final = 4
"""Digits of a country code, trunk zero or area code that may stand before what is known."""
_LONGEST: Final = 17


def find_numbers(text: str, values: Iterable[str], *, phones: bool) -> Iterator[tuple[int, int]]:
    """Yield where known numbers stand, as offsets. They may overlap.

    A telephone number is the same from its last seven digits on, as far as both have digits:
    `212-555-0147`, `+1 212 555 0147` and `555-0147` are one. A match starts and ends where a
    group of digits does.
    """
    numbers = {digits for value in values if len(digits := re.sub(r"\D", "", value)) > 2}
    by_end: dict[str, list[str]] = {}
    for digits in sorted(numbers):
        by_end.setdefault(digits[-_LOCAL:], []).append(digits)
    if not by_end:
        return
    groups = [match.span() for match in _GROUP.finditer(text)]
    ends = {len(end) for end in by_end}
    for last, (_, stop) in enumerate(groups):
        before = _digits_before(text, groups, last)
        digits = "".join(text[start:end] for start, end in reversed(before))
        for size in ends:
            for known in by_end.get(digits[-size:], ()):
                start = _start(digits, before, known, phones=phones)
                if start is not None:
                    extension = _EXTENSION.match(text, stop) if phones else None
                    yield _opened(text, start, stop), stop if extension is None else extension.end()


def _opened(text: str, start: int, stop: int) -> int:
    """Return the start with the sign or the bracket in front of it: "+1 212", "(212) 555"."""
    if start and (text[start - 1] == "+" or (text[start - 1] == "(" and ")" in text[start:stop])):
        return _opened(text, start - 1, stop)
    return start


def _digits_before(text: str, groups: list[tuple[int, int]], last: int) -> list[tuple[int, int]]:
    """Return the groups of digits that end with group `last`, the last one first."""
    found = [groups[last]]
    length = groups[last][1] - groups[last][0]
    for place in range(last, 0, -1):
        start, end = groups[place - 1]
        length += end - start
        if length > _LONGEST or not _GAP.fullmatch(text, end, groups[place][0]):
            break
        found.append((start, end))
    return found


def _start(digits: str, groups: list[tuple[int, int]], known: str, *, phones: bool) -> int | None:
    """Return where the known number starts, None where something else stands there."""
    size = 0
    best: int | None = None
    for start, end in groups:
        size += end - start
        here = digits[-size:]
        if here == known or (phones and _is_phone(here, known)):
            best = start
        if size >= len(known) + _PREFIX:
            break
    return best


def _is_phone(digits: str, known: str) -> bool:
    """Say whether the digits are the known number, or it with another prefix: 07700, +44 7700."""
    if min(len(digits), len(known)) < _LOCAL:
        return False
    if known.endswith(digits):
        return True
    for kept in range(len(known), max(_LOCAL, len(known) - _PREFIX) - 1, -1):
        if digits.endswith(known[-kept:]):
            dropped = known[: len(known) - kept]
            prefix = digits[: len(digits) - kept]
            if not dropped:
                return len(prefix) <= _PREFIX
            return prefix.strip("0") in ("", dropped.strip("0"))
    return False
