"""PII that only the question before it gives away: "sara lee", where a name was asked for.

A message is read so only if it is an answer and little else, and only as what was asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from nlp.asked import asked_for
from nlp.detection.entities import PERSON, PHONE_NUMBER, STREET_ADDRESS
from nlp.detection.patterns.phones import international
from nlp.detection.patterns.street_words import NOT_A_STREET, STREET_LINE
from nlp.detection.spans import SURE, Span
from nlp.detection.word_lists import WORD, word_lists
from nlp.protected import ProtectedKind, protected_spans
from nlp.text import ScrubbedText

MAX_CHARACTERS: Final = 200
"""A longer message is more than an answer."""
MAX_WORDS: Final = 5

_NAME: Final = 0.7
"""Not sure: the brand, state or month of that name stays."""

_POLITE: Final = (
    r"(?:its|it's|it is|it was|that's|that is|that would be|this is|is|the|name|names|his|her|their"
    r"|customer|buyer|recipient|sure|yes|yep|yeah|ya|yup|ok|okay|k|hi|hey|hello|so|under|for|to|at"
    r"|thanks|thank you|thx|ty|tysm|please|pls|plz|sorry|oh|ah|um|uh|well|i think|i believe|should be"
    r"|would be|must be|mr|mrs|ms|mx|dr|miss|prof|address|street|number|phone|cell|mobile|call|deliver"
    r"|ship)"
)
_BEFORE: Final = re.compile(
    rf"\s{{0,9}}(?:[-–>*•]\s)?(?:{_POLITE}(?!['\w])[\s.,:;!-]{{0,4}}){{0,8}}", re.IGNORECASE
)
_AFTER: Final = re.compile(
    r"(?:[\s.,;!)-]{1,4}(?:please|pls|plz|thanks|thank you|thx|ty|tysm|sorry|i think|i believe"
    r"|:[a-z_]{2,30}:))"
    r"{0,3}[\s.,;!)]{0,9}$",
    re.IGNORECASE,
)
_NEXT: Final = re.compile(
    r"[ \t]{0,4}(?:[,;/&+\n]|\band\b|\bor\b)[ \t]{0,4}(?:and\b)?", re.IGNORECASE
)
_BETWEEN_WORDS: Final = re.compile(r"[ \t]{1,3}|\.[ \t]{0,2}")
_NO_ANSWER: Final = re.compile(
    r"idk|dunno|nope|nah|na|yup|yep|yeah|huh|hmm?|lol|secs?|brb|checking|soon|tbd|tba|ditto|above"
    r"|below|attached|why|cool|nice|great|perfect|awesome|done|hold|hang|gotcha|got|lemme|gimme"
    r"|everything|anything|whatever|never|again|typing|forgot|guess|maybe"
)
_STREET: Final = re.compile(
    rf"\d{{1,6}}[a-z]?(?:[-/]\d{{1,4}})?,?[ \t]{{1,2}}{NOT_A_STREET}(?:[nsew]\.?[ \t])?"
    r"(?:\d{1,3}(?:st|nd|rd|th)|[^\W\d_][\w'.-]{1,29})(?:[ \t][^\W\d_][\w'.-]{0,29}){0,3}"
    r"(?:,?[ \t](?:#[ \t]?|no\.?[ \t]?)?\d{1,5}[a-z]?(?!\w))?",
    re.IGNORECASE,
)
_UNIT: Final = re.compile(r"#?[ \t]?(?:\d{1,5}[ \t-]?[a-z]?|[a-z]-?\d{1,5})", re.IGNORECASE)
_STATE_AND_ZIP: Final = re.compile(r"(?: [a-z]{2})? \d{5}(?:-\d{4})?$", re.IGNORECASE)
_PHONE: Final = re.compile(
    r"\(?\+?\(?\d(?:[ \t.()/-]{0,3}\d){6,14}(?:[ \t,]{0,2}(?:x|ext\.?)[ \t]?\d{1,6})?",
    re.IGNORECASE,
)


def answers(text: str, question: ScrubbedText) -> list[Span]:
    """Return what of a message is PII as the answer to a question.

    A name is one to five words of letters of which none is an ordinary word; several names may be
    joined by commas or "and". A street may come without its suffix ("5 main", "12 oak apt 3"),
    a unit as its number alone ("3b") where it was asked for, a telephone number as bare digits.

    Args:
        text: The message as detection reads it.
        question: The message before it.
    """
    if len(text) > MAX_CHARACTERS:
        return []
    asked = asked_for(question)
    start = _end_of(_BEFORE, text)
    after = _AFTER.search(text, start)
    end = after.start() if after else len(text)
    return list(_read(text, list(_parts(text, start, end)), asked, unit="apt" in question.lower()))


def _parts(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield where the parts lie that commas, line ends and "and" leave of a message."""
    at = start
    for gap in _NEXT.finditer(text, start, end):
        if at < gap.start():
            yield at, gap.start()
        at = gap.end()
    if at < end:
        yield at, end


def _read(
    text: str, parts: list[tuple[int, int]], asked: frozenset[str], *, unit: bool
) -> Iterator[Span]:
    """Yield each part that is an answer. A name comes before all that is none: city, thanks."""
    names = PERSON in asked
    for start, end in parts:
        street = _street(text, start, end, unit=unit) if STREET_ADDRESS in asked else None
        phone = _PHONE.fullmatch(text, start, end) if PHONE_NUMBER in asked else None
        if street is not None:
            names = False
            yield street
        elif phone is not None and international(phone.group()):
            yield _span(PHONE_NUMBER, start, end, SURE)
        elif names:
            name = _name(text, start, end)
            names = name is not None
            if name is not None:
                yield name


def _name(text: str, start: int, end: int) -> Span | None:
    words = list(WORD.finditer(text, start, end))
    if not 1 <= len(words) <= MAX_WORDS or words[0].start() != start:
        return None
    for before, word in pairwise(words):
        if not _BETWEEN_WORDS.fullmatch(text, before.end(), word.start()):
            return None
    last = words[-1].end()
    if text[last:end].strip(" \t.!?"):
        return None
    # A single letter is somebody's initial: "a smith" is one, "A." surely.
    said = [word.group().lower() for word in words if len(word.group()) > 1]
    if not said or any(_ordinary(word) for word in said):
        return None
    return _span(PERSON, start, last, _NAME)


def _ordinary(word: str) -> bool:
    lists = word_lists()
    if word in lists.given_words or word in lists.surname_words:
        return False
    return word in lists.common or word in lists.company_forms or bool(_NO_ANSWER.fullmatch(word))


def _street(text: str, start: int, end: int, *, unit: bool) -> Span | None:
    """Return the street line without city, state and zip."""
    line = text[start:end].rstrip(" .!?")
    if unit and _UNIT.fullmatch(line):
        return _span(STREET_ADDRESS, start, start + len(line), SURE)
    whole = line
    line = _STATE_AND_ZIP.sub("", line)
    for place in protected_spans(line):
        if place.kind is ProtectedKind.PLACE and place.end == len(line) and place.start > 0:
            line = line[: place.start].rstrip(" ")
    if line != whole and not re.fullmatch(STREET_LINE, line, re.IGNORECASE):
        # What stands between a street and a state is the city, or its last word.
        street, _, city = line.rpartition(" ")
        line = street if city.isalpha() and " " in street.strip() else line
    if not _STREET.fullmatch(line):
        return None
    return _span(STREET_ADDRESS, start, start + len(line), SURE)


def _end_of(pattern: re.Pattern[str], text: str) -> int:
    match = pattern.match(text)
    return match.end() if match else 0


def _span(entity_type: str, start: int, end: int, score: float) -> Span:
    return Span(start=start, end=end, entity_type=entity_type, score=score)
