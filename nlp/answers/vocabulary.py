"""The words of merchants: which mean the same, which mean nothing, which name what we do not know.

The data stands in `vocabulary.yaml` beside the articles, so that authors can mend it:

    synonyms:     {fbm: [mfn, merchant fulfilled]}     one word: phrases that mean it
    ignored:      [a about above, ...]                 words that say nothing about the subject
    not_covered:  {fees and prices: [how much does]}   subject: phrases that betray it

A phrase matches by its stems (Porter 2, `snowballstemmer`), words of up to three letters as they
are: UPS is not "up". In `not_covered`, `...` stands for up to `GAP` words.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Final

import snowballstemmer

from nlp.answers.article_files import read_mapping
from nlp.errors import ArticleBroken

FILE: Final = "vocabulary.yaml"
GAP: Final = 3
MOST_STEMS: Final = 20_000
"""How many stems are remembered; the rest is worked out anew."""

_MARKUP: Final = re.compile(
    r"<[A-Z][A-Z_]*_\d+>"  # a placeholder of the scrubber
    r"|<[@#!][^<>|]*(?:\|[^<>]*)?>"  # a Slack mention of a person, a channel or a group
    r"|<(?:https?|mailto|tel):[^<>|]*\|?"  # a Slack link; its label stays
    r"|https?://\S+"
    r"|&(?:amp|lt|gt);"
    r"|:[a-z0-9_+-]+:"  # an emoji
)
_APOSTROPHE: Final = re.compile(r"['’`]")
_WORD: Final = re.compile(r"[^\W_]+")

Phrase = tuple[str, ...]


def split(text: str) -> tuple[str, ...]:
    """Cut a text into lower-case words, without placeholders, mentions, links and emoji."""
    plain = _MARKUP.sub(" ", text)
    plain = _APOSTROPHE.sub("", unicodedata.normalize("NFKC", plain).casefold())
    return tuple(_WORD.findall(plain))


class Vocabulary:
    """The curated words of one folder of articles. Safe to share between threads.

    Attributes:
        digest: SHA-256 of what the file holds, in hexadecimal.
        collisions: Phrases that the file gives to two words or subjects, in its order.
    """

    def __init__(
        self,
        *,
        synonyms: Mapping[str, Sequence[str]],
        ignored: Sequence[str],
        not_covered: Mapping[str, Sequence[str]],
    ) -> None:
        self._stemmer = snowballstemmer.stemmer("english")
        self._lock = threading.Lock()  # the stemmer keeps its word in itself
        self._stems: dict[str, str] = {}
        self._stem = lru_cache(MOST_STEMS)(self._stemmed)
        self.collisions: tuple[str, ...] = ()
        self._meanings = self._phrases(
            (word, [word, *phrases]) for word, phrases in synonyms.items()
        )
        self._subjects = self._phrases(not_covered.items())
        self._ignored = frozenset(self._remember(word) for line in ignored for word in split(line))
        given = (sorted(synonyms.items()), ignored, sorted(not_covered.items()))
        self.digest: Final = sha256(repr(given).encode()).hexdigest()
        self._longest = max((len(phrase) for phrase in self._meanings), default=1)

    @classmethod
    def load(cls, folder: Path) -> Vocabulary:
        """Read `vocabulary.yaml` of a folder.

        Raises:
            ArticleBroken: The file is missing, is not YAML or does not follow the form.
        """
        data = read_mapping(folder / FILE, ("synonyms", "ignored", "not_covered"))
        return cls(
            synonyms=_lists(data["synonyms"]),
            ignored=_texts(data["ignored"]),
            not_covered=_lists(data["not_covered"]),
        )

    def known(self) -> Iterable[str]:
        """Every word of the vocabulary, as written."""
        return self._stems.keys()

    def content(self, words: Sequence[str]) -> tuple[str, ...]:
        """Reduce words to what they say: meanings for phrases, stems for the rest.

        The longest phrase wins; ignored words and numbers go, those with letters in them too.
        """
        stems = [self.stem(word) for word in words]
        said: list[str] = []
        at = 0
        while at < len(stems):
            for length in range(min(self._longest, len(stems) - at), 0, -1):
                meaning = self._meanings.get(tuple(stems[at : at + length]))
                if meaning is not None:
                    said.append(self.stem(meaning))
                    at += length
                    break
            else:
                if stems[at] not in self._ignored and not _is_number(stems[at]):
                    said.append(stems[at])
                at += 1
        return tuple(said)

    def not_covered(self, words: Sequence[str]) -> str | None:
        """Return the first subject, in the order of the file, that no article covers."""
        stems = tuple(self.stem(word) for word in words)
        # Most phrases fail by their first word, which costs next to nothing to see.
        possible = {"...", *stems}
        return next(
            (
                subject
                for phrase, subject in self._subjects.items()
                if possible.issuperset(phrase[:1]) and _holds(stems, phrase)
            ),
            None,
        )

    def stem(self, word: str) -> str:
        """Return what a word is compared by."""
        return self._stems.get(word) or self._stem(word)

    def _stemmed(self, word: str) -> str:
        if len(word) <= 3:
            return word
        with self._lock:
            return str(self._stemmer.stemWord(word))

    def _remember(self, word: str) -> str:
        return self._stems.setdefault(word, self._stem(word))

    def _phrases(self, groups: Iterable[tuple[str, Sequence[str]]]) -> dict[Phrase, str]:
        """Turn lists of phrases into a look-up by stems; the first to claim a phrase has it."""
        found: dict[Phrase, str] = {}
        for owner, phrases in groups:
            for phrase in phrases:
                stems = tuple(self._stems_of(phrase))
                if found.setdefault(stems, owner) != owner:
                    self.collisions += (phrase,)
        return found

    def _stems_of(self, phrase: str) -> Iterator[str]:
        for part in phrase.split():
            if part == "...":
                yield part
            else:
                yield from (self._remember(word) for word in split(part))


def _is_number(word: str) -> bool:
    """Tell whether a word counts or names a thing: `3`, `800`, a tracking number, an ASIN."""
    return word.isdecimal() or (len(word) >= 8 and any(letter.isdecimal() for letter in word))


def _holds(stems: Phrase, phrase: Phrase) -> bool:
    """Tell whether the stems hold the phrase, in which `...` is a gap."""
    return any(_begins(stems[at:], phrase) for at in range(len(stems)))


def _begins(stems: Phrase, phrase: Phrase) -> bool:
    if not phrase:
        return True
    if phrase[0] == "...":
        return any(_begins(stems[skip:], phrase[1:]) for skip in range(GAP + 1))
    return stems[:1] == phrase[:1] and _begins(stems[1:], phrase[1:])


def _texts(value: object) -> Sequence[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
        raise ArticleBroken(1, "a list holds something that is not a text; put it in quotes")
    return value


def _lists(value: object) -> Mapping[str, Sequence[str]]:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise ArticleBroken(1, "synonyms and not_covered are words or subjects with their lists")
    return {key: _texts(phrases) for key, phrases in value.items()}
