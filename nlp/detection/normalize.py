"""The text that detection reads, with the way back to the raw text.

Full-width forms, zero-width characters, look-alike letters and Slack's markup hide a value from
every pattern. So detection reads a plain twin of the text, of which each character knows which
raw characters it stands for. The scrubbed text is cut from the raw text, not from the twin.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from nlp.detection.entities import PLACEHOLDER
from nlp.detection.slack_markup import MARKUP, shown

OPAQUE: Final = "\ufffc"
"""Stands for a placeholder that was already in the text: no pattern matches across it."""

REPLACEMENT: Final = "\ufffd"

_SPECIAL: Final = re.compile(
    rf"(?P<placeholder>{PLACEHOLDER.pattern})|{MARKUP}|(?P<char>[^\t\n\r\x20-\x7e])"
)
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")

# Letters that look like Latin ones. They are folded only in words that also hold Latin letters,
# so that a name written in Cyrillic or Greek stays what it is.
_LOOKALIKES: Final = str.maketrans(
    "АВЕЅІЈКМНОРСТХУаеіјорсухѕѵԁһԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧοανιρυɡɑıⅼ",
    "ABESIJKMHOPCTXYaeijopcyxsvdhqwABEZHIKMNOPTYXoavipugail",
)
_MIXED_WORD: Final = re.compile(
    r"(?<!\w)[A-Za-z0-9_]*[\u0370-\u04ff\u0500-\u052f\u0251-\u0261\u0131]\w*"
)
_LATIN: Final = re.compile(r"[A-Za-z]")
_PUNCTUATION: Final = {
    **dict.fromkeys("‐‑‒–—―−﹣－⁃", "-"),
    **dict.fromkeys("‘’‚‛′´`ʼ", "'"),
    **dict.fromkeys("“”„‟″", '"'),
    "\u2028": "\n",
    "\u2029": "\n",
    "\x85": "\n",
    "\x0b": "\n",
    "\x0c": "\n",
    OPAQUE: " ",
    REPLACEMENT: "",
}


@dataclass(frozen=True, slots=True)
class DetectionText:
    """A text as detection reads it.

    Attributes:
        text: The twin: markup unwrapped, characters folded.
        starts: For each character of `text`, the raw offset where its source starts; None where
            twin and raw text are the same.
        ends: The same for the end.
    """

    text: str
    starts: array[int] | None
    ends: array[int] | None

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """Return the raw offsets of the twin's characters `start` to `end` (not empty)."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]


def storable(text: str) -> str:
    """Return the text without null bytes and lone surrogates, which PostgreSQL refuses."""
    return _UNSTORABLE.sub(REPLACEMENT, text)


def for_detection(raw: str) -> DetectionText:
    """Return the plain twin of a raw text."""
    if raw.isascii() and not _SPECIAL.search(raw):
        return DetectionText(raw, None, None)
    pieces: list[str] = []
    starts, ends = array("Q"), array("Q")

    def plain(start: int, end: int) -> None:
        pieces.append(raw[start:end])
        starts.extend(range(start, end))
        ends.extend(range(start + 1, end + 1))

    def stand_in(folded: str, start: int, end: int) -> None:
        if folded:
            pieces.append(folded)
            starts.extend([start] * len(folded))
            ends.extend([end] * len(folded))

    at = 0
    for match in _SPECIAL.finditer(raw):
        if match.start() > at:
            plain(at, match.start())
        at = match.end()
        char = match["char"]
        if char is None:
            folded = OPAQUE if match["placeholder"] else _fold_all(shown(match))
            stand_in(folded, *match.span())
        elif not unicodedata.combining(char):
            stand_in(_fold(char), *match.span())
        elif pieces and ends[-1] == match.start():
            # A mark belongs to the letter before it: é may be written as two characters.
            composed = unicodedata.normalize("NFC", pieces[-1][-1] + char)
            if len(composed) == 1:
                pieces[-1] = pieces[-1][:-1] + composed
            ends[-1] = match.end()
    if at < len(raw):
        plain(at, len(raw))
    return DetectionText(_without_lookalikes("".join(pieces)), starts, ends)


def _fold_all(text: str) -> str:
    return "".join(char if char.isascii() else _fold(char) for char in text)


@lru_cache(maxsize=4096)
def _fold(char: str) -> str:
    """Return the plain form of one character; nothing where a reader sees nothing."""
    if char in _PUNCTUATION:
        return _PUNCTUATION[char]
    category = unicodedata.category(char)
    if category in {"Cc", "Cf", "Cs", "Mn", "Me"}:
        return ""
    if category in {"Zs", "Zl", "Zp"}:
        return " "
    digit = unicodedata.decimal(char, None)
    if digit is not None:
        return str(digit)
    if char in "™℠":
        return char
    folded = unicodedata.normalize("NFKC", char)
    return char if folded != char and (folded.startswith(" ") or len(folded) > 4) else folded


def _without_lookalikes(text: str) -> str:
    if text.isascii():
        return text

    def word(match: re.Match[str]) -> str:
        found = match.group()
        return found.translate(_LOOKALIKES) if _LATIN.search(found) else found

    return _MIXED_WORD.sub(word, text)
