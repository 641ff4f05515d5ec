"""When two spellings of a street line are one: the keys by which street lines are compared."""

from __future__ import annotations

import re
from typing import Final

from nlp.detection.plain_words import plain

_WORD: Final = re.compile(r"[^\W_]+")
_APOSTROPHE: Final = re.compile(r"(?<=\w)['’ʼ`](?=\w)")
_SUFFIXES: Final = {
    "street": "st str",
    "avenue": "ave aven av",
    "road": "rd",
    "boulevard": "blvd boul bd",
    "lane": "ln",
    "parkway": "pkwy",
    "highway": "hwy",
    "terrace": "terr ter",
    "crescent": "cres",
    "turnpike": "tpke",
    "expressway": "expy",
    "freeway": "fwy",
    "causeway": "cswy",
    "drive": "dr",
    "court": "ct",
    "place": "pl",
    "way": "wy",
    "circle": "cir",
    "square": "sq",
    "trail": "trl",
    "alley": "aly",
    "plaza": "plz",
    "grove": "grv",
    "gardens": "gdns garden",
    "crossing": "xing",
    "point": "pt",
    "ridge": "rdg",
    "cove": "cv",
    "heights": "hts",
}
_OTHERS: Final = {
    "route": "rte rt",
    "mount": "mt",
    "fort": "ft",
    "north": "n",
    "south": "s",
    "east": "e",
    "west": "w",
    "northeast": "ne",
    "northwest": "nw",
    "southeast": "se",
    "southwest": "sw",
    "floor": "fl",
    "room": "rm",
    "building": "bldg",
    "space": "spc",
    "trailer": "trlr",
    "level": "lvl",
    "unit": "apartment apt suite ste",
}
"""Words and their abbreviations, after USPS Publication 28, appendix C. A unit is one, be it
called apartment or suite."""
_IN_FULL: Final = {
    short: word for word, shorts in {**_SUFFIXES, **_OTHERS}.items() for short in shorts.split()
}
_UNITS: Final = frozenset({"unit", "floor", "room", "building", "space", "trailer", "level"})
_UNIT_SIGN: Final = re.compile(r"#\s*(?=\w)|(?<=unit)\s+(?:no|number|nr)\b")
_PO_BOX: Final = re.compile(r"\b(?:p\s*o\s*box|post office box|p\s*o\s*b)\b(?:\s*#)?")


def street_keys(folded: str) -> tuple[str, ...]:
    """Return the keys of a street line: words in full, the unit last.

    It may also be called without its unit, without its suffix ("5 main"), or by its unit alone.
    """
    bare = _APOSTROPHE.sub("", plain(folded))
    bare = _PO_BOX.sub(" po box ", re.sub(r"[.,;:/]+", " ", bare))
    bare = _UNIT_SIGN.sub(" unit ", bare)
    words = [_IN_FULL.get(word, word) for word in _WORD.findall(bare)]
    line, units = _apart(words)
    if not line:
        return (" ".join(units) or folded,)
    names = [" ".join(line)]
    if len(line) > 2 and line[-1] in _SUFFIXES:
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
