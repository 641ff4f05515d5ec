"""When two spellings of a name are one person's: the keys by which names are compared."""

from __future__ import annotations

import re
from itertools import product
from typing import Final

from nlp.detection.plain_words import plain
from nlp.detection.word_lists import word_lists

MAX_WORDS: Final = 4
"""Words of a name that are left out in turn. Each doubles the number of keys or more."""

_TITLE: Final = re.compile(
    r"mrs?|ms|mx|miss|mister|dr|prof|professor|sir|madam|sra?|senora?|herr|frau|monsieur|madame|mme"
)
_HONOUR: Final = re.compile(r"phd|md|esq|cpa|dds|mba|rn")
_GENERATION: Final = re.compile(r"jr|sr|junior|senior|ii|iii|iv")
_WORD: Final = re.compile(r"[^\W_]+")
_APOSTROPHE: Final = re.compile(r"(?<=\w)['’ʼ`](?=\w)")
_POSSESSIVE: Final = re.compile(r"['’]s?\s*$")


def person_keys(folded: str) -> tuple[str, ...]:
    """Return the keys of a name: given names before the surname, no titles, no particles."""
    bare = _APOSTROPHE.sub("", _POSSESSIVE.sub("", plain(folded)))
    before, _, after = bare.partition(",")
    last, first = _words(before), _words(after)
    generation = next((word for word in last[1:] + first if _GENERATION.fullmatch(word)), "")
    last = last[:1] + [word for word in last[1:] if word != generation]
    # "Smith, John" and "Smith, Jr."
    words = _without_particles([word for word in first if word != generation] + last)
    if not words:
        return (folded,)
    own, shorter = " ".join(words), _shorter_names(words)
    if generation:
        shorter |= {own} | {f"{form} {generation}" for form in shorter}
        own = f"{own} {generation}"
    return (own, *sorted(shorter - {own}))


def _words(text: str) -> list[str]:
    """Return the words of a name, without a title before it and honours after it."""
    words = _WORD.findall(text)
    while len(words) > 1 and _TITLE.fullmatch(words[0]):
        del words[0]
    while words and _HONOUR.fullmatch(words[-1]):
        del words[-1]
    return words


def _without_particles(words: list[str]) -> list[str]:
    """Leave out "de la" and "van", but not the first word where it is a given name: Van, Al."""
    lists = word_lists()
    given = words[:1] if set(words[:1]) & (lists.given | lists.given_words) else []
    rest = [word for word in words[len(given) :] if word not in lists.particles]
    return given + rest or words


def _shorter_names(words: list[str]) -> set[str]:
    """Leave words out or their initials alone, in every way that keeps a whole word.

    What is left of two words may stand in either order: "Smith John", "Smith J."
    """
    if len(words) > MAX_WORDS:
        words = [*words[: MAX_WORDS - 1], words[-1]]
    shorter: set[str] = set()
    for form in product(*(_forms(word) for word in words)):
        parts = [part for part in form if part]
        if any(part == word and len(word) > 1 for part, word in zip(form, words, strict=True)):
            shorter.add(" ".join(parts))
            if len(parts) == 2:
                shorter.add(" ".join(reversed(parts)))
    return shorter


def _forms(word: str) -> tuple[str, ...]:
    """Return the word, its initial where its script has such, and nothing."""
    has_initial = len(word) > 1 and word[0].upper() != word[0]
    return (word, word[0], "") if has_initial else (word, "")
