"""Finding people's names with word lists, casing and the words that announce a name.

This is what stands in the pipeline's place for names until the trained model comes; the lists of
words that look like names stay of use after that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from nlp.detection.name_cues import Cue, announced
from nlp.detection.word_lists import WORD, Word, word_lists

CUED: Final = 0.9
"""A listed name where a name is announced. It beats the brand, month or city of the same name."""
FULL: Final = 0.8
GUESSED: Final = 0.65
"""A word that is no known name, where a name is announced or beside a known one."""
LONE: Final = 0.6

MAX_WORDS: Final = 5


@dataclass(frozen=True, slots=True)
class NameSpan:
    """A name, in code points of the text given."""

    start: int
    end: int
    score: float


_INITIAL_OR_SPACE: Final = re.compile(r"[ \t]{1,3}|\.[ \t]{0,2}")


def find_names(text: str) -> list[NameSpan]:
    """Return the names, in order, not overlapping."""
    lists = word_lists()
    words = [Word(m.start(), m.end(), m.group(), lists) for m in WORD.finditer(text)]
    cues = announced(text)
    found: list[NameSpan] = []
    place = 0
    while place < len(words):
        cue = cues.get(words[place].start)
        span = cue and _take(text, words, place, cue)
        span = span or _by_itself(text, words, place)
        if span:
            size, score = span
            found.append(_span(words, place, size, score))
            place += size
        else:
            place += 1
    return found


def _joined(text: str, words: Sequence[Word], place: int) -> bool:
    """Say whether the word at `place` follows the one before with nothing but space between."""
    if place >= len(words):
        return False
    before, gap = words[place - 1], text[words[place - 1].end : words[place].start]
    if len(before.text) == 1 or before.plain in {"st", "jr", "sr"}:
        return _INITIAL_OR_SPACE.fullmatch(gap) is not None
    return gap in {" ", "  ", "\t"}


def _take(text: str, words: Sequence[Word], place: int, cue: Cue) -> tuple[int, float] | None:
    """Return how many words from `place` make up the announced name, and the score."""
    first = words[place]
    if cue is not Cue.ANY and not first.capital and not (first.sure_given and len(first.text) > 2):
        return None
    by_list = first.sure_given or (first.capital and (first.given or first.sure_surname))
    if cue is Cue.LISTED and not by_list:
        return None
    size, listed = 0, False
    for word, number in _run(text, words, place):
        if word.plain in word.lists.company_forms:
            return None
        particle = number > 0 and word.plain in word.lists.particles
        known = word.listed and (word.capital or not word.common)
        if particle or (known and (not word.common or word.capital)):
            pass
        elif word.common or (number == 0 and len(word.text) == 1 and not word.capital):
            break
        elif word.capital and (cue is not Cue.LISTED or number > 0):
            # In a shouted text capitals say nothing; after a sure cue the word is taken anyway.
            if word.shouted and cue is not Cue.ANY and not listed:
                break
        elif cue is not Cue.ANY:
            break
        listed = listed or known
        size = number + 1
    size = _without_trailing_particles(words, place, size)
    if size == 0:
        return None
    if size == 1 and first.common and not (first.given and first.capital):
        return None
    if not listed:
        return size, GUESSED
    return size, CUED if cue is not Cue.LISTED else FULL if size > 1 else LONE


def _run(text: str, words: Sequence[Word], place: int) -> Iterator[tuple[Word, int]]:
    """Yield the words from `place` on that are joined by spaces, with their number."""
    for number in range(MAX_WORDS):
        if place + number >= len(words) or (number and not _joined(text, words, place + number)):
            return
        yield words[place + number], number


def _without_trailing_particles(words: Sequence[Word], place: int, size: int) -> int:
    while size > 1 and words[place + size - 1].plain in words[place].lists.particles:
        size -= 1
    return size


def _by_itself(text: str, words: Sequence[Word], place: int) -> tuple[int, float] | None:
    """Return how many words from `place` are a name that nothing announces, and the score."""
    first = words[place]
    second = words[place + 1] if _joined(text, words, place + 1) else None
    if _surname_first(text, words, place):
        return 2, FULL
    if second is None:
        return (1, LONE) if _lone(first) else None
    if first.given:
        size = _full_name(text, words, place)
        if size > 1:
            return size, FULL if first.sure_given or words[place + 1].sure_surname else LONE
        place_name = second.capital and (
            second.plain in first.lists.place_words or (second.shouted and len(second.text) == 2)
        )
        return (1, LONE) if _lone(first) and not place_name else None
    if first.capital and second.capital and second.sure_surname and not first.shouted:
        initial = len(first.text) == 1
        unknown = not first.common and not first.listed and second.plain in first.lists.surnames
        if initial or unknown:
            return 2, GUESSED
    return None


def _lone(word: Word) -> bool:
    """Say whether the word alone is a given name and nothing else."""
    if not word.sure_given or word.common:
        return False
    return len(word.text) > 2 if word.capital else len(word.text) > 3


def _full_name(text: str, words: Sequence[Word], place: int) -> int:
    """Return how many words the given name at `place` and what follows make up; 1 if alone."""
    first, size = words[place], 1
    for word, number in _run(text, words, place):
        if number == 0:
            continue
        if word.plain in word.lists.particles and not word.common:
            continue
        initial = len(word.text) == 1 and word.capital
        if first.capital and not first.shouted:
            # A surname is listed, or is an unknown capitalised word after a sure given name.
            fits = (word.capital and not word.shouted and word.listed) or initial
            guess = word.capital and not word.shouted and not word.common and first.sure_given
            if not (fits or guess) or (word.common and not first.sure_given):
                break
        elif not (
            (word.sure_surname or (word.surname and first.sure_given) or word.sure_given)
            and not word.common
        ):
            break
        size = number + 1
    return size


def _surname_first(text: str, words: Sequence[Word], place: int) -> bool:
    """Say whether it is "Smith, John"."""
    if place + 1 >= len(words):
        return False
    first, second = words[place], words[place + 1]
    gap = text[first.end : second.start]
    return (
        gap in {", ", ","}
        and first.sure_surname
        and second.sure_given
        and first.capital
        and second.capital
        and not first.sure_given
    )


def _span(words: Sequence[Word], place: int, size: int, score: float) -> NameSpan:
    start, last = words[place].start, words[place + size - 1]
    end = last.end - 2 if last.plain.endswith("'s") and len(last.text) > 3 else last.end
    return NameSpan(start, end, score)
