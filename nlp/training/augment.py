"""What people do to well-written text: casing, typos, missing punctuation, emoji, markup.

Every function takes and returns the pieces of a text, so that the labels stay where they belong.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from typing import Final

from nlp.detection.normalize import OPAQUE
from nlp.training.templates import Piece

Pieces = list[Piece]

_WORD: Final = re.compile(r"[^\W\d_]{4,}")
_OPENINGS: Final = (
    "hi team, ", "hey, ", "hello - ", "hi! ", "Hi there,\n", "Good morning, ", "ok so ", "Hey guys ", "FYI ", "Update: ",
    "urgent: ", "Hi,\n\n", "quick q - ", "also, ", "btw ", "and ", "so ", "yes, ", "no ", "@here ", "Re: ", "> ", "- ", "* ",
    "1. ", "2) ", "• ", "PS: ", "Note: ", "please note ", "Hello Care team, ", "pls ", "lol ", "hmm ", "Well, ", "Dear Sir or Madam,\n",
)  # fmt: skip
_ENDINGS: Final = (
    " thanks!", " thx", "\nThanks", " please", " asap", "!!", " :(", " ?", " Thank you.", " pls advise", " lol", "\n\nBest regards,",
    " - any update?", " ok?", " let me know", " cheers", "...", " tia", " asap pls", "\nSent from my phone", " 🙏", " ty!",
)  # fmt: skip
_EMOJI: Final = (
    "🙏",
    "😡",
    "📦",
    ":pray:",
    ":eyes:",
    "😂",
    "👍",
    ":tada:",
    "❤️",
    "🚚",
    "✅",
    ":warning:",
)


def augmented(pieces: Sequence[Piece], rng: random.Random, lower_share: float) -> Pieces:
    """Return the text as somebody may have typed it.

    Args:
        pieces: The text.
        rng: Where the randomness comes from.
        lower_share: How often all of it is put into lower case, as merchants write in a chat.
    """
    result = [piece for piece in pieces if piece.text]
    if rng.random() < 0.12:
        result = _framed(result, rng)
    if rng.random() < 0.18:
        result = _mistyped(result, rng)
    if rng.random() < 0.16:
        result = _unpunctuated(result, rng)
    if rng.random() < 0.05:
        result = _marked_up(result, rng)
    if rng.random() < 0.04:
        result = _spaced(result, rng)
    if rng.random() < 0.05:
        result = _scrubbed(result, rng)
    return _cased(result, rng, lower_share)


def _cased(pieces: Pieces, rng: random.Random, lower_share: float) -> Pieces:
    chance = rng.random()
    if chance < lower_share:
        return _each(pieces, str.lower)
    chance -= lower_share
    if chance < 0.05:
        return _each(pieces, str.upper)
    chance -= 0.05
    if chance < 0.03:
        return _each(pieces, str.title)
    chance -= 0.03
    if chance < 0.05:
        # Somebody who writes names small in a text that is otherwise in order, or the other way.
        return [Piece(p.text.lower(), p.label) if p.label else p for p in pieces]
    chance -= 0.05
    if chance < 0.04:
        return [p if p.label else Piece(p.text.lower(), p.label) for p in pieces]
    chance -= 0.04
    if chance < 0.02:
        return [Piece(p.text.upper(), p.label) if p.label else p for p in pieces]
    return pieces


def _each(pieces: Pieces, change: Callable[[str], str]) -> Pieces:
    return [Piece(change(piece.text), piece.label) for piece in pieces]


def _framed(pieces: Pieces, rng: random.Random) -> Pieces:
    if rng.random() < 0.6:
        pieces = [Piece(rng.choice(_OPENINGS), None), *pieces]
    if rng.random() < 0.5:
        pieces = [*pieces, Piece(rng.choice(_ENDINGS), None)]
    return pieces


def _mistyped(pieces: Pieces, rng: random.Random) -> Pieces:
    def typo(match: re.Match[str]) -> str:
        word = match.group()
        if rng.random() > 0.08:
            return word
        at = rng.randrange(1, len(word) - 1)
        kind = rng.randrange(4)
        if kind == 0:
            return word[:at] + word[at + 1 :]
        if kind == 1:
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        if kind == 2:
            return word[:at] + word[at] + word[at:]
        return word[:at] + rng.choice("aeiorstnl") + word[at + 1 :]

    return [
        Piece(_WORD.sub(typo, p.text) if p.label in {None, "PERSON"} else p.text, p.label)
        for p in pieces
    ]


def _unpunctuated(pieces: Pieces, rng: random.Random) -> Pieces:
    marks = rng.choice((".,!?", ".,!?'", ".", ",", "!?.;:", "'"))
    table = str.maketrans("", "", marks)
    return [
        Piece(p.text.translate(table) if p.label is None and "@" not in p.text else p.text, p.label)
        for p in pieces
    ]


def _marked_up(pieces: Pieces, rng: random.Random) -> Pieces:
    left, right = rng.choice(
        (("*", "*"), ("_", "_"), ("`", "`"), ("~", "~"), ('"', '"'), ("“", "”"), ("(", ")"), ("'", "'"), ("<", ">"), ("**", "**"))
    )  # fmt: skip
    marked: Pieces = []
    for piece in pieces:
        if piece.label and rng.random() < 0.7:
            marked += [Piece(left, None), piece, Piece(right, None)]
        else:
            marked.append(piece)
    if rng.random() < 0.3:
        marked.append(Piece(" " + rng.choice(_EMOJI), None))
    return marked


def _scrubbed(pieces: Pieces, rng: random.Random) -> Pieces:
    """Take out some of the entities, as in a text that was scrubbed before: nothing is left there."""
    return [Piece(OPAQUE, None) if p.label and rng.random() < 0.6 else p for p in pieces]


def _spaced(pieces: Pieces, rng: random.Random) -> Pieces:
    other = rng.choice(("  ", "\n", " \n", "\t"))
    return [
        Piece(re.sub(" ", lambda m: other if rng.random() < 0.15 else m.group(), p.text), p.label)
        if p.label is None
        else p
        for p in pieces
    ]
