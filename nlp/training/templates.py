"""The templates of the training text: a small grammar, parsed and filled.

A template is text with slots and alternatives::

    hi, {full:1} says [her|his] order {order} never came to {street:1}, {city:1}

`{slot}` takes a random value, `{slot:1}` one of the identity that is number 1 in this text, so that
first name, e-mail and street agree. `[a|b]` picks one, and may hold slots and more alternatives.
`{loc=Lake Tahoe}` marks words of the template itself. A literal bracket, brace or bar is doubled.
In `*.lines.txt` a template is a line, in `*.blocks.txt` what stands between lines of `%%`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from nlp.training.identities import Identity, identity
from nlp.training.values import LABEL_OF, value

TEXTS: Final = Path(__file__).parent / "text"
FIXED: Final = {
    "loc": "LOCATION",
    "org": "ORGANIZATION",
    "person": "PERSON",
    "street": "STREET_ADDRESS",
}

_MARK: Final = re.compile(r"\{\{|\}\}|\[\[|\]\]|\|\||[{}\[\]|]|[^{}\[\]|]+")
_SLOT: Final = re.compile(r"(?P<name>[a-z_]+)(?::(?P<number>\d))?")


class Piece(NamedTuple):
    """A stretch of text, its label (None for ordinary words) and the slot that it filled."""

    text: str
    label: str | None
    slot: str = ""


class TemplateBroken(ValueError):
    """A template does not follow the grammar."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for a value."""

    name: str
    number: int | None


@dataclass(frozen=True, slots=True)
class Choice:
    """Alternatives, of which one is taken."""

    options: tuple[tuple[Part, ...], ...]


Part = Piece | Slot | Choice


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed template.

    Attributes:
        genre: The name of its file without endings.
        source: As it was written.
        parts: What it is made of.
    """

    genre: str
    source: str
    parts: tuple[Part, ...]

    @property
    def share(self) -> float:
        """A number from 0 to 1 that depends on the wording alone: what is split off by it."""
        return int.from_bytes(sha256(self.source.encode()).digest()[:6], "big") / 2**48

    def fill(self, rng: random.Random) -> list[Piece]:
        """Return the template with values, in pieces."""
        known: dict[int, Identity] = {}
        return list(_filled(self.parts, rng, known))


def _filled(
    parts: Sequence[Part], rng: random.Random, known: dict[int, Identity]
) -> Iterator[Piece]:
    for part in parts:
        if isinstance(part, Piece):
            yield part
        elif isinstance(part, Choice):
            yield from _filled(rng.choice(part.options), rng, known)
        else:
            if part.number is None:
                who = identity(rng)
            else:
                who = known.get(part.number) or known.setdefault(part.number, identity(rng))
            yield Piece(value(part.name, rng, who), LABEL_OF[part.name], part.name)


def parse(source: str, genre: str) -> Template:
    """Parse one template. Raises TemplateBroken."""
    marks = _MARK.findall(source)
    parts, rest = _sequence(marks, 0, inside=False)
    if rest != len(marks):
        raise TemplateBroken(source)
    return Template(genre, source, parts)


def _sequence(marks: Sequence[str], at: int, *, inside: bool) -> tuple[tuple[Part, ...], int]:
    parts: list[Part] = []
    while at < len(marks):
        mark = marks[at]
        if mark == "[":
            choice, at = _choice(marks, at + 1)
            parts.append(choice)
            continue
        if mark == "{":
            if at + 2 >= len(marks) or marks[at + 2] != "}":
                raise TemplateBroken("".join(marks))
            parts.append(_slot(marks[at + 1]))
            at += 3
            continue
        if mark in {"|", "]"} and inside:
            break
        if mark in {"}", "]", "|"}:
            raise TemplateBroken("".join(marks))
        doubled = len(mark) == 2 and mark[0] == mark[1] and mark[0] in "{}[]|"
        parts.append(Piece(mark[0] if doubled else mark, None))
        at += 1
    return tuple(parts), at


def _choice(marks: Sequence[str], at: int) -> tuple[Choice, int]:
    options = []
    while True:
        parts, at = _sequence(marks, at, inside=True)
        options.append(parts)
        if at >= len(marks):
            raise TemplateBroken("".join(marks))
        at += 1
        if marks[at - 1] == "]":
            return Choice(tuple(options)), at


def _slot(inner: str) -> Part:
    fixed, equals, text = inner.partition("=")
    if equals and fixed in FIXED and text:
        return Piece(text, FIXED[fixed])
    match = _SLOT.fullmatch(inner)
    if match is None or match["name"] not in LABEL_OF:
        raise TemplateBroken(inner)
    return Slot(match["name"], int(match["number"]) if match["number"] else None)


def templates(folder: Path = TEXTS) -> list[Template]:
    """Read all templates, in a fixed order. Raises TemplateBroken."""
    found = []
    for path in sorted(folder.glob("*.txt")):
        text = path.read_text("utf-8")
        genre, _, form = path.stem.partition(".")
        body = [line for line in text.split("\n") if not line.startswith("# ")]
        sources = "\n".join(body).split("\n%%\n") if form == "blocks" else body
        found += [parse(source.strip("\n"), genre) for source in sources if source.strip()]
    return found
