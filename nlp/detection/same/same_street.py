"""When two spellings of a street line are one: the keys by which street lines are compared."""

from __future__ import annotations

import re
from typing import Final

from nlp.detection.plain_words import plain
from nlp.detection.street_forms import FORMS, SUFFIXES

_WORD: Final = re.compile(r"[^\W_]+")
_APOSTROPHE: Final = re.compile(r"(?<=\w)['’ʼ`](?=\w)")
_UNIT: Final = "unit"
# A unit is one, be it called apartment or suite.
_FORMS: Final = {**FORMS, **{word: _UNIT for word, form in FORMS.items() if form in {"apt", "ste"}}}
_UNITS: Final = frozenset({_UNIT, "fl", "rm", "bldg", "spc", "trlr", "lvl"})
_UNIT_SIGN: Final = re.compile(r"#\s*(?=\w)|(?<=unit)\s+(?:no|number|nr)\b")
_PO_BOX: Final = re.compile(r"\b(?:p\s*o\s*box|post office box|p\s*o\s*b)\b(?:\s*#)?")


def street_keys(folded: str) -> tuple[str, ...]:
    """Return the keys of a street line: each word in one form, the unit last.

    It may also be called without its unit, without its suffix ("5 main"), or by its unit alone.
    """
    bare = _APOSTROPHE.sub("", plain(folded))
    bare = _PO_BOX.sub(" po box ", re.sub(r"[.,;:/]+", " ", bare))
    bare = _UNIT_SIGN.sub(" unit ", bare)
    words = [_FORMS.get(word, word) for word in _WORD.findall(bare)]
    line, units = _apart(words)
    if not line:
        return (" ".join(units) or folded,)
    names = [" ".join(line)]
    if len(line) > 2 and line[-1] in SUFFIXES.values():
        names.append(" ".join(line[:-1]))
    unit = " ".join(units)
    forms = [f"{name} {unit}" for name in names] + [*names, unit] if unit else names
    return tuple(forms)


def _apart(words: list[str]) -> tuple[list[str], list[str]]:
    """Return the words of the line and those of the unit, each in order."""
    line: list[str] = []
    units: list[str] = []
    at = 0
    while at < len(words):
        follows = words[at + 1] if at + 1 < len(words) else ""
        # "12 Floor St" is a street; a unit has a number or a letter or two.
        if words[at] in _UNITS and (any(char.isdigit() for char in follows) or len(follows) == 1):
            if not units or units[-2:] != words[at : at + 2]:
                units += words[at : at + 2]
            at += 2
        elif words[at] == "unit" and follows == "unit":
            at += 1  # "Apt #4"
        else:
            line.append(words[at])
            at += 1
    return line, units
