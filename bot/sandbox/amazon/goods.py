"""What an invented seller sells."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from bot.sandbox.amazon.chance import Chance

_MATERIALS: Final = (
    "Beeswax",
    "Linen",
    "Walnut",
    "Stoneware",
    "Merino",
    "Enamel",
    "Cork",
    "Recycled Glass",
)
_THINGS: Final = (
    ("Pillar Candle", "CNDL"),
    ("Tea Towel", "TOWL"),
    ("Serving Board", "BORD"),
    ("Mug, 12 oz", "MUGG"),
    ("Throw Blanket", "THRW"),
    ("Watering Can", "WCAN"),
    ("Desk Tray", "TRAY"),
    ("Plant Pot", "POTT"),
)
# A quotation mark opens no field, and letters are not ASCII alone: a reader has to cope with both.
_VARIANTS: Final = (
    "Forest",
    "Oat",
    "Café Crème",
    "Rust",
    "Set of 2",
    "Set of 4",
    '12" wide',
    "Größe M",
)
_JAPANESE: Final = "檜の "
_COUNT: Final = 40
_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One thing for sale."""

    sku: str
    asin: str
    title: str
    price: Decimal


def catalogue(seed: str, brand: str, *, japanese: bool = False) -> tuple[Product, ...]:
    """Return a seller's products, always the same ones for a seed."""
    chance = Chance(f"{seed}/goods")
    initials = "".join(word[0] for word in brand.replace("-", " ").split()).upper() or "X"
    products = []
    for number in range(_COUNT):
        material = chance.pick(_MATERIALS)
        thing, short = chance.pick(_THINGS)
        products.append(
            Product(
                sku=f"{initials}-{short}-{100 + number}",
                asin="B0" + "".join(chance.pick(_ALPHABET) for _ in range(8)),
                title=(
                    f"{_JAPANESE if japanese else ''}{material} {thing}, {chance.pick(_VARIANTS)}"
                ),
                price=Decimal(chance.below(8300) + 700) / 100,
            )
        )
    return tuple(products)
