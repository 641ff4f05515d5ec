"""Are a language model's words held up by the sections that it was given? Pure.

Nothing that it says is believed. Its reply counts only where it cites what it was given, and
where every number, address, identifier and quoted label in it stands in what it cites. What is in
doubt is refused: the curated words are always there. That a sentence means what the section
means cannot be shown this way; the words have to come from the section for the most part, which
keeps out an answer to something else.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from bot.errors import RewriteRefused
from nlp.answers.sections import Section

LONGEST: Final = 800
"""Characters of the words, about three times the longest short answer."""
MOST_NEW: Final = 0.4
"""The share of the longer words that need not stand in the section. Set by hand, not measured."""
_STEM: Final = 5
"""Letters by which two forms of a word are the same."""
_FIELDS: Final = {"text", "citations"}
_NUMBER: Final = re.compile(r"[$€£#]?\d+(?:[.,:/⁄-]\d+)*%?")
_ORDINAL: Final = re.compile(r"^\s*\d+[.)]\s", re.MULTILINE)
_ADDRESS: Final = re.compile(
    r"https?:\S+|\S+@\S*|\S*[@#]\w+|\b[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}\b(?:[/?#:]\S*)?"
)
_IDENTIFIER: Final = re.compile(r"<\w+>|\w[\w-]*")
_QUOTED: Final = re.compile(
    r'"([^"]+)"|“([^”]+)”|«([^»]+)»|`([^`]+)`|\*\*([^*]+)\*\*|(?<![\w*])\*([^*\n]+)\*'
    r"|(?<!\w)_([^_\n]+)_(?!\w)|(?<!\w)['‘]([^'‘’\n]+)['’](?!\w)|\[([^\]]+)\]"
)
_MARKS: Final = re.compile(r'["“”«»`*\[\]]')
_WORD: Final = re.compile(r"[^\W\d_]{4,}")
_SMALL_NUMBERS: Final = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)  # fmt: skip
_NUMBER_WORDS: Final = {
    **{word: str(number) for number, word in enumerate(_SMALL_NUMBERS)},
    **{
        word: str(10 * number)
        for number, word in enumerate(
            ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"), 2
        )
    },
    "hundred": "100",
    "thousand": "1000",
    "half": "1/2",
    "dozen": "12",
    "twice": "2",
}
_WORDS_OF_NUMBERS: Final = re.compile(rf"\b(?:{'|'.join(_NUMBER_WORDS)})\b", re.IGNORECASE)


def grounded(reply: str, sections: Sequence[Section]) -> str:
    """Return the words of a language model's reply, once they are held against the sections.

    Args:
        reply: What it wrote, JSON with `text` and `citations` and nothing else.
        sections: What it was given.

    Raises:
        RewriteRefused: The reply does not have its form, or a word of it is not held up.
    """
    text, citations = _read(reply)
    given = {section.name: section for section in sections}
    if not citations or not given.keys() >= citations:
        raise RewriteRefused
    source = _plain("\n".join(_words_of(given[name]) for name in sorted(citations)))
    words = _plain(text)
    if not words or len(words) > LONGEST or not all(map(_is_printable, words)):
        raise RewriteRefused
    if not (_stands(words, source) and _is_of(words, source)):
        raise RewriteRefused
    return words


def _read(reply: str) -> tuple[str, set[str]]:
    try:
        found = json.loads(reply)
    except (ValueError, RecursionError):
        raise RewriteRefused from None
    if not isinstance(found, Mapping) or found.keys() != _FIELDS:
        raise RewriteRefused
    text, citations = found["text"], found["citations"]
    if not isinstance(text, str) or not isinstance(citations, list):
        raise RewriteRefused
    if not all(isinstance(each, str) for each in citations):
        raise RewriteRefused
    return text, set(citations)


def _words_of(section: Section) -> str:
    # The numbers of the steps count steps, and hold up no other number.
    steps = _ORDINAL.sub("", section.steps)
    return "\n".join(
        (section.article_title, section.title, section.short_answer, steps, section.url)
    )


def _plain(text: str) -> str:
    """Give digits and letters of other shapes their usual one, so that they compare."""
    return unicodedata.normalize("NFKC", text).strip()


def _is_printable(char: str) -> bool:
    return char == "\n" or char.isprintable()


def _stands(words: str, source: str) -> bool:
    """Tell whether every number, address, identifier and label of the words is in the source."""
    if not set(_numbers(words)) <= set(_numbers(source)):
        return False
    if not set(_addresses(words)) <= set(_addresses(source)):
        return False
    if not set(_identifiers(words)) <= set(_identifiers(source)):
        return False
    if _MARKS.search(_QUOTED.sub("", words)):
        # A mark without its other half may begin a label.
        return False
    labels = [next(filter(None, found)) for found in _QUOTED.findall(words)]
    known = " ".join(_MARKS.sub("", source).split())
    return all(_is_label(label, known) for label in labels)


def _is_label(label: str, known: str) -> bool:
    bare = " ".join(_MARKS.sub("", label).split()).rstrip(".,;:!?")
    return bool(re.search(rf"(?<!\w){re.escape(bare)}(?!\w)", known))


def _numbers(text: str) -> Iterator[str]:
    yield from _NUMBER.findall(text)
    # Numerals of other scripts may have no usual shape.
    yield from (char for char in text if char.isnumeric() and not char.isdecimal())
    for word in _WORDS_OF_NUMBERS.findall(text):
        yield _NUMBER_WORDS[word.lower()]


def _addresses(text: str) -> Iterator[str]:
    for found in _ADDRESS.findall(text):
        yield found.rstrip(".,;:!?)]>\"'*_`")


def _identifiers(text: str) -> Iterator[str]:
    for token in _IDENTIFIER.findall(text):
        has_digit = any(char.isdigit() for char in token)
        is_odd = "_" in token.strip("_") or any(char.isupper() for char in token[1:])
        if token.startswith("<") or has_digit or is_odd:
            # The plural of an abbreviation is the abbreviation: SKUs.
            yield token.strip("_-").removesuffix("s")


def _is_of(words: str, source: str) -> bool:
    """Tell whether the words come from the source, for the most part."""
    known = {word[:_STEM].lower() for word in _WORD.findall(source)}
    used = [word[:_STEM].lower() for word in _WORD.findall(words)]
    new = sum(word not in known for word in used)
    return bool(used) and new <= MOST_NEW * len(used)
