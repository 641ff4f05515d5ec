r"""The word lists and patterns of the training text, read from `lists/` and filled.

A list file holds entries, separated by commas or line breaks. A pattern file holds one pattern per
line; `3* ` at its start makes it three times as likely, and `\n` in it is a line break. In a
pattern `{name}` takes a value of a maker or, where there is none, an entry of the list of that
name; `{a|b|}` takes one of the words that are written there. A line that starts with `== ` begins
a section, one with `# ` is a comment.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

LISTS: Final = Path(__file__).parent / "lists"

Maker = Callable[[random.Random], str]

_SEPARATOR: Final = re.compile(r"[,\n]")
_FIELD: Final = re.compile(r"\{([^{}]*)\}")


@cache
def lines(name: str) -> tuple[str, ...]:
    """Return the lines of a file of `lists/`, without comments and empty ones."""
    text = (LISTS / f"{name}.txt").read_text("utf-8")
    return tuple(
        line.strip() for line in text.splitlines() if line.strip() and not line.startswith("# ")
    )


@cache
def words(name: str) -> tuple[str, ...]:
    """Return the entries of a list, each as often as it is written."""
    entries = (entry.strip() for entry in _SEPARATOR.split("\n".join(lines(name))))
    return tuple(entry for entry in entries if entry)


@cache
def sections(name: str) -> dict[str, tuple[str, ...]]:
    """Return the sections of a pattern file; what stands before the first is called ``""``."""
    found: dict[str, list[str]] = {}
    current = found.setdefault("", [])
    for line in lines(name):
        if line.startswith("== "):
            current = found.setdefault(line[3:], [])
            continue
        times, star, rest = line.partition("* ")
        weighted = star and times.isdigit()
        pattern = (rest if weighted else line).replace("\\n", "\n")
        current.extend([pattern] * (int(times) if weighted else 1))
    return {section: tuple(entries) for section, entries in found.items() if entries}


def patterns(name: str, section: str = "") -> tuple[str, ...]:
    """Return the patterns of one section, each as often as it is likely."""
    return sections(name)[section]


@cache
def _parsed(pattern: str) -> tuple[str, ...]:
    """Return literal text and the inside of fields in turn, literal text first."""
    return tuple(_FIELD.split(pattern))


def filled(pattern: str, rng: random.Random, makers: Mapping[str, Maker]) -> str:
    """Return the pattern with a value in each field."""
    parts = list(_parsed(pattern))
    for at in range(1, len(parts), 2):
        field = parts[at]
        maker = makers.get(field)
        if maker is not None:
            parts[at] = maker(rng)
        elif "|" in field:
            parts[at] = rng.choice(field.split("|"))
        else:
            parts[at] = rng.choice(words(field))
    return "".join(parts)
