"""Invented buyers and where they live. Nobody here exists, nor do the streets.

Telephone numbers are 555-01xx, which North America keeps for fiction; e-mail addresses are at
example.com, as Amazon gives an alias for the buyer's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from bot.sandbox.amazon.chance import Chance
from bot.sandbox.amazon.order import Address, Buyer

_GIVEN: Final = (
    "Ottoline",
    "Thaddeus",
    "Wrenley",
    "Isambard",
    "Marguerite",
    "Caspian",
    "Philippa",
    "Leopold",
    "Zinnia",
    "Barnaby",
    "Eulalie",
    "Fitzwilliam",
    "Saoirse",
    "Lucian",
    "Odalys",
    "Ptolemy",
    "Xiomara",
    "Ansel",
    "Brónagh",
    "Jürgen",
    "Nkechi",
    "Tadhg",
    "Yevgenia",
    "Soledad",
    "Bartholomew",
    "Mirabel",
    "Ignatius",
    "Perpetua",
    "Hyacinth",
    "Evander",
)
_FAMILY: Final = (
    "Quillfeather",
    "Ashgrove",
    "Thistlewood",
    "Pemberwick",
    "Larkspurr",
    "Vandermoss",
    "Okonjobi",
    "Brightwater-Soames",
    "O'Farrelly",
    "Castellanova",
    "Hollowbrook",
    "Merriweld",
    "Tanglewyn",
    "Underhillock",
    "Fennimarsh",
    "Grimsdottir",
    "Juniperson",
    "Kettleburn",
    "Moonraker",
    "Nightingall",
    "Oakenshaw",
    "Peregrim",
    "Rosenquartz",
    "Silverlocke",
    "Winterbottomley",
    "Yarrowby",
    "Zephyrine",
    "Dunmorrow",
    "Evercreech",
    "de la Fontanelle",
)
_STREETS: Final = (
    "Lanternfish Lane",
    "Old Tollkeeper Road",
    "Wisteria Hollow Drive",
    "Copper Kettle Court",
    "Marmalade Row",
    "Heron's Elbow Way",
    "Tumbledown Avenue",
    "Quarrystone Street",
    "Nine Acorns Boulevard",
    "Saltbox Terrace",
    "Candlewick Close",
    "Gooseberry Parade",
    "Thimble Bridge Road",
    "Foxglove Mews",
    "Petticoat Crescent",
)
_SECOND_LINES: Final = ("Apt {n}", "Unit {n}B", "Suite {n}00", "Floor {n}", "Flat {n}")
_COMPANIES: Final = (
    "Hollow Pine Dental Studio",
    "Tidewrack Joinery",
    "Brass Otter Coffee",
    "Nettle & Thread",
    "Lowland Kite Works",
)
_PLACES: Final[Mapping[str, Sequence[tuple[str, str, str]]]] = {
    "US": (
        ("Fernhaven", "OR", "97{n:03d}"),
        ("Lake Marrow", "MN", "55{n:03d}"),
        ("Saint Audrey", "LA", "70{n:03d}"),
        ("Coldwater Notch", "VT", "05{n:03d}"),
        ("Pinyon Wells", "NM", "87{n:03d}"),
        ("East Tamarack", "MI", "48{n:03d}-0101"),
        ("Duskfield", "TX", "78{n:03d}"),
    ),
    "CA": (("Port Elmsworth", "ON", "K1A 0B{d}"), ("Val-des-Bouleaux", "QC", "H0H 0H{d}")),
    "UK": (("Nether Wickham", "Somerset", "ZZ{d} 4AB"), ("Thornaby Steps", "Kent", "ZY1 {d}QD")),
    "DE": (("Oberlindau", "Hessen", "09{n:03d}"), ("Süßenbrück", "Bayern", "00{n:03d}")),
    "JP": (
        ("Kazemachi-shi", "Tokyo-to", "999-8{n:03d}"),
        ("Hoshikawa-shi", "Osaka", "999-9{n:03d}"),
    ),
}
_COUNTRIES: Final = {"UK": "GB"}
_DROP_OFFS: Final = ("Front door", "Garage", "Porch", "Mail room", "Neighbor")
_INSTRUCTIONS: Final = (
    "Gate code {n}{n}41, mind the hens.",
    "Leave behind the blue planter, please do not ring: newborn asleep.",
    "House is set back from the road, look for the windmill. Ask for {given}.",
    "Call {phone} if the lobby is locked.",
)
_GIFTS: Final = (
    "Happy birthday, {given}! Love from Grandma {family}.",
    "To {given}, who always steals mine. See you in Fernhaven!",
    "Congratulations on the new house. Your friends at {company}",
)


def buyer_and_address(chance: Chance, marketplace: str) -> tuple[Buyer, Address]:
    """Return who ordered and where it goes; one in five orders goes to somebody else."""
    name = _name(chance)
    company = chance.pick(_COMPANIES) if chance.random() < 0.08 else ""
    alias = f"{chance.getrandbits(48):012x}"
    buyer = Buyer(
        name=name,
        email=f"{alias}@example.com",
        company=company,
        purchase_order=f"PO-{chance.below(89999) + 10_000}" if company else "",
    )
    city, region, postal = chance.pick(_PLACES[marketplace])
    number = chance.below(1000)
    address = Address(
        name=_name(chance) if chance.random() < 0.2 else name,
        company=company,
        line_1=f"{chance.below(9898) + 2} {chance.pick(_STREETS)}",
        line_2=(
            chance.pick(_SECOND_LINES).format(n=chance.below(39) + 1)
            if chance.random() < 0.3
            else ""
        ),
        city=city,
        region=region,
        postal_code=postal.format(n=number, d=number % 10),
        country=_COUNTRIES.get(marketplace, marketplace),
        phone=_phone(chance),
        kind="COMMERCIAL" if company else "RESIDENTIAL",
    )
    return buyer, address


def delivery_wishes(chance: Chance) -> tuple[str, str]:
    """Return where a buyer wants the package left and what the driver is told; mostly nothing."""
    drop_off = chance.pick(_DROP_OFFS) if chance.random() < 0.15 else ""
    instruction = ""
    if chance.random() < 0.12:
        instruction = chance.pick(_INSTRUCTIONS).format(
            n=chance.below(10), given=chance.pick(_GIVEN), phone=_phone(chance)
        )
    return drop_off, instruction


def gift_message(chance: Chance) -> str:
    """Return what goes with a gift."""
    return chance.pick(_GIFTS).format(
        given=chance.pick(_GIVEN),
        family=chance.pick(_FAMILY),
        company=chance.pick(_COMPANIES),
    )


def _name(chance: Chance) -> str:
    return f"{chance.pick(_GIVEN)} {chance.pick(_FAMILY)}"


def _phone(chance: Chance) -> str:
    return f"+1 {chance.below(789) + 201}-555-01{chance.below(100):02d}"
