"""From text to what the model reads: word pieces, and how their words are cased.

The base model knows lower-case word pieces alone. How a word is cased goes in beside them, through
BERT's token types: with it "Will" and "will" can differ, and a text without capitals reads as it
always did. A line feed and a tab are pieces of their own, for on a label the lines say what is
what.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tokenizers import Encoding, Tokenizer

PLAIN: Final = 0
CAPITAL: Final = 1
SHOUTED: Final = 2
"""Token types: the word starts small (or has no case), with a capital, is all capitals."""
CASES: Final = 3


@dataclass(frozen=True, slots=True)
class Pieces:
    """The word pieces of a text, without the marks for its start and end.

    Attributes:
        ids: The pieces' numbers in the vocabulary.
        cases: `PLAIN`, `CAPITAL` or `SHOUTED`, one for each piece.
        words: Which word of the text a piece is of, one for each piece, ascending.
        offsets: Start and end of each piece, in code points of the text.
    """

    ids: list[int]
    cases: list[int]
    words: list[int]
    offsets: list[tuple[int, int]]


class WordPieces:
    """The tokenizer of the model. Safe for any number of threads."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._tokenizer = tokenizer
        vocabulary = tokenizer.get_vocab()
        self.start: Final = vocabulary["[CLS]"]
        self.end: Final = vocabulary["[SEP]"]

    @classmethod
    def from_json(cls, content: str) -> WordPieces:
        """Read the content of a `tokenizer.json`."""
        return cls(Tokenizer.from_str(content))

    def read(self, text: str) -> Pieces:
        """Return the pieces of a text."""
        return _pieces(text, self._tokenizer.encode(text, add_special_tokens=False))


def _pieces(text: str, encoding: Encoding) -> Pieces:
    offsets = encoding.offsets
    words = [-1 if word is None else word for word in encoding.word_ids]
    cases = [PLAIN] * len(offsets)
    # In a text of capitals alone they tell nothing.
    if not text.islower() and not text.isupper():
        first = 0
        while first < len(offsets):
            last = first
            while last + 1 < len(offsets) and words[last + 1] == words[first]:
                last += 1
            start = offsets[first][0]
            if text[start].isupper():
                word = text[start : offsets[last][1]]
                case = SHOUTED if len(word) > 1 and word.isupper() else CAPITAL
                cases[first : last + 1] = [case] * (last + 1 - first)
            first = last + 1
    return Pieces(ids=encoding.ids, cases=cases, words=words, offsets=offsets)
