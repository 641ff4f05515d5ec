"""Names that nobody has: made of syllables, so that the model has to look at the words around.

A flavour gives beginnings, middles and endings that sound alike. The sounds are rough sketches of
the languages, not claims about them.
"""

from __future__ import annotations

import random
from typing import Final, NamedTuple

from nlp.training.word_stock import words


class Flavour(NamedTuple):
    """Sounds that go together. Each field is split at spaces; `-` is an empty sound."""

    beginnings: tuple[str, ...]
    middles: tuple[str, ...]
    givens: tuple[str, ...]
    surnames: tuple[str, ...]


def _flavour(beginnings: str, middles: str, givens: str, surnames: str) -> Flavour:
    split = (
        tuple("" if sound == "-" else sound for sound in sounds.split())
        for sounds in (beginnings, middles, givens, surnames)
    )
    return Flavour(*split)


FLAVOURS: Final = (
    _flavour(
        "Ja Ka De Ty La Sha Bri Ma Ra Ca Ta Za Jay Kay Ai Bren Cor Dar El Fin Har Jor Lan Mar",
        "- - - l r v d n m sh qu yl ell and ar ev",
        "ia on en a lyn ique ari elle yn ane iah ett ora is esha von trell ston leigh ana",
        "ton ham ley worth ford well son man field stead wick bury more by croft ridge den combe",
    ),
    _flavour(
        "Al Be Ca Do Fe Gio Lu Ma Ne Or Pa Ro Sa Ti Va Xi Are Esper Flor Gab Ju Lo Mi",
        "- r l n m d ll nd ch rt ss v z b",
        "ina o a ito ela andra ino etta io ica uel ario isa iano onso ilda ez",
        "ez ini elli oso eira ado azo uzzi ano osta ardi ero ales onte ucci ares engo aro",
    ),
    _flavour(
        "Chi Ade Oba Nku Kwa Ama Olu Ife Uzo Nna Ayo Efe Ogo Tem Bab Ngo Ik Eke Ona Sey",
        "- di ma ku lo bu ne ri so wa ye tu be ke",
        "ka la mi ze de ma nwa tayo dun ye no fe so mara lola bi",
        "nkwo gbe wale ola kafor nyi ade tunde ukwu eze emi omo bari ndu sanya oye",
    ),
    _flavour(
        "Vla Ra Mi Sta Bo Dra Ja Lu Ko Zde Ols Yar Kry Svet Bra Tom Oks Dmi Pe Vo Zla",
        "- d n sl m r v k z l sk dr",
        "a an ek mir ka ina isa ko ena yna slav o ita oš a il",
        "ov ova enko ski ska ić ych uk chuk ak ček in ina ewicz iak ev eva yshyn ar",
    ),
    _flavour(
        "Aki Hi Ka Ma No Sa Ta Yu Ko Shi Na Mi Ha Re Fu Ki To Ri Ya",
        "- ka ma na ra sa shi ta to ki ro mi yo",
        "ko mi ka to ro na ki ya suke ne ho ri shi ta",
        "moto da mura yama gawa saki no ta hara shima zawa be guchi naka oka ishi",
    ),
    _flavour(
        "Ka Lei Ma Na Pu Ke Mo Tau Sio Ha La Fa Lo Ta Ula Ale",
        "- lo na ka pe li ma no hu ke fu la",
        "ni lani na kai loa moana kea le mana pua ia fa noa tele",
        "hea kalani nui makoa leo fana tupu olo vae pouli hana lua keawe tasi",
    ),
    _flavour(
        "Ab Fa Ha Ka Ma Na Ra Sa Ya Za Ish Aru Dev Pra Sha Ni An Vi Ad Su Har Gur",
        "- r l m n d h sh v z b",
        "id iya an ira esh een a it inder preet ali am oor ana eer il iq ush",
        "ani wala oui adi pour ari al ullah eshi kar dani mani aldar oudhury puri anth ekar",
    ),
    _flavour(
        "Bry Rhy Gwen Fion Cae Eil Sor Aed Mor Tad Cer Nia Bran Os Cor Iwa",
        "- d l n r w dd gh ch",
        "wyn a an in ys eth ian wen en is og in ach",
        "wyn ddoch rnan lan aghan och allister ery uire nnon ughlin ain gowan arty",
    ),
    _flavour(
        "Xan Zor Quil Ves Thal Nyx Ori Lum Kes Bril Ves Tav Ell Wre Syl Ast Jun Per Ozi",
        "- i a o e ar il en or",
        "a o us ra ix yn el is ette ian wick o by na",
        "ric thorne vale dane mere quist strom gard berg hardt lund hoff mann feld bach stein",
    ),
)

_VIETNAMESE_MIDDLES: Final = ("Thi", "Van", "Thi Thu", "Huu", "Ngoc", "Minh", "Quoc", "Thanh")


def given(rng: random.Random) -> str:
    """Return a given name that sounds like one."""
    flavour = rng.choice(FLAVOURS)
    return _word(rng, flavour, flavour.givens)


def surname(rng: random.Random) -> str:
    """Return a surname that sounds like one."""
    flavour = rng.choice(FLAVOURS)
    return _word(rng, flavour, flavour.surnames)


def pair(rng: random.Random) -> tuple[str, str]:
    """Return given name and surname of one sound."""
    flavour = rng.choice(FLAVOURS)
    return _word(rng, flavour, flavour.givens), _word(rng, flavour, flavour.surnames)


def short_pair(rng: random.Random) -> tuple[str, str]:
    """Return a romanised name of short syllables, as of China, Korea or Vietnam."""
    name = rng.choice(words("short_givens"))
    if rng.random() < 0.3:
        name += rng.choice(("", " ", "-")) + rng.choice(words("short_givens")).lower()
    last = rng.choice(words("short_surnames"))
    if last in ("Nguyen", "Tran", "Le", "Pham", "Hoang", "Phan", "Vu", "Vo", "Bui"):
        name = f"{rng.choice(_VIETNAMESE_MIDDLES)} {name}" if rng.random() < 0.5 else name
    return name, last


def _word(rng: random.Random, flavour: Flavour, endings: tuple[str, ...]) -> str:
    name = rng.choice(flavour.beginnings) + rng.choice(flavour.middles)
    if len(name) < 4 and rng.random() < 0.35:
        name += rng.choice(flavour.middles)
    ending = rng.choice(endings)
    if name[-1] == ending[0] and name[-1] in "aeiouy":
        ending = ending[1:] or "n"
    return name + ending
