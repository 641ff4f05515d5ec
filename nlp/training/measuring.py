"""The measuring set that is made from templates which training never saw.

    python -m nlp.training.measuring

It is kept in the repository, so that measuring needs none of what training needs. Its telephone
numbers and mail domains are of those that nobody has.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from typing import Final

from tqdm import tqdm

from nlp.training.corpus import split
from nlp.training.evaluate import MEASURES
from nlp.training.templates import Piece, templates

PER_TEMPLATE: Final = 6
SEED: Final = 7
MOST_CHARACTERS: Final = 700
"""Longer texts would make up most of the set."""

PII_OF: Final[Mapping[str, str]] = {
    "email": "EMAIL_ADDRESS",
    "phone": "PHONE_NUMBER",
    "card": "CREDIT_CARD",
    "ip": "IP_ADDRESS",
    "birthdate": "DATE_OF_BIRTH",
}
KEPT: Final = frozenset(
    [
        "order",
        "tracking",
        "sku",
        "asin",
        "wro",
        "rma",
        "po",
        "zip",
        "city",
        "state",
        "country",
        "carrier",
        "brand",
        "date",
        "price",
        "qty",
        "mention",
        "channel",
        "warehouse",
    ]
)
_PHONES: Final = (
    "({a}) 555-01{:02d}",
    "{a}-555-01{:02d}",
    "+1 {a} 555 01{:02d}",
    "{a}.555.01{:02d}",
)


def _harmless(piece: Piece, rng: random.Random) -> Piece:
    """Return the piece with numbers and domains that are nobody's."""
    if piece.slot == "email":
        name = piece.text.split("@")[0]
        return piece._replace(text=f"{name}@example.{rng.choice(('com', 'org', 'net'))}")
    if piece.slot == "phone":
        form = rng.choice(_PHONES)
        return piece._replace(text=form.format(rng.randrange(100), a=rng.randrange(212, 989)))
    return piece


def sample(genre: str, pieces: list[Piece]) -> dict[str, object]:
    """Return a text with the places of what is to go and what is to stay."""
    spans: list[tuple[int, int, str]] = []
    keep: list[tuple[int, int]] = []
    at = 0
    for piece in pieces:
        end = at + len(piece.text)
        kind = PII_OF.get(piece.slot, piece.label)
        if kind in {"PERSON", "STREET_ADDRESS", *PII_OF.values()}:
            spans.append((at, end, str(kind)))
        elif piece.slot in KEPT:
            keep.append((at, end))
        at = end
    text = "".join(piece.text for piece in pieces)
    return {"text": text, "genre": genre, "spans": spans, "keep": keep}


def measuring_set(seed: int) -> Iterator[dict[str, object]]:
    """Yield the samples. The same seed gives the same."""
    rng = random.Random(seed)  # noqa: S311  # reproducible, and no secret
    _, kept = split(templates())
    for template in tqdm(kept, unit="template"):
        for _ in range(PER_TEMPLATE):
            filled = [_harmless(piece, rng) for piece in template.fill(rng)]
            found = sample(template.genre, filled)
            if len(str(found["text"])) <= MOST_CHARACTERS:
                yield found


def main() -> None:
    """Write the set."""
    MEASURES.mkdir(exist_ok=True)
    with (MEASURES / "templates.jsonl").open("w", encoding="utf-8") as file:
        for found in measuring_set(SEED):
            file.write(json.dumps(found, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
