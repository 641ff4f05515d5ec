"""Street lines of Germany, the Netherlands, the North, France, Spain, Italy, Portugal, Poland,
Russia and China, as patterns. They back the model up where a form is unmistakable.
"""  # noqa: D205  # a list of countries

from __future__ import annotations

import re
from typing import Final

from nlp.detection.patterns.rules import Needs, Rule, listed
from nlp.detection.patterns.street_words import DESIGNATORS, UNIT, UNITS, WORD

_I: Final = re.IGNORECASE
_NUMBER: Final = r"(?:nº ?|n° ?|n\.? ?|no\.? ?|nr\.? ?)?\d{1,4}(?: ?(?:bis|ter)\b|-\d{1,4}|/\d{1,4}| ?[a-z])?(?!\w)"
_ROMANCE_WORDS: Final = listed(
    "rue allée allee allées allees impasse chemin quai cours boulevard bd avenue av place route passage faubourg calle c"
    " avenida avda plaza paseo carrer camino travesía travesia ronda rua praça praca travessa largo viale piazza corso"
    " vicolo strada via"
)
_ROMANCE: Final = (
    r"(?:rue|all[ée]es?|impasse|chemin|quai|cours|boulevard|bd|avenue|av\.?|place|route|passage|faubourg"
    r"|calle|c/|avenida|avda\.?|plaza|paseo|carrer|camino|traves[ií]a|ronda|rua|pra[çc]a|travessa|largo"
    r"|viale|piazza|corso|vicolo|strada|via)"
)
_LINKS: Final = r"(?:(?:de|du|des|del|della|dello|dei|di|da|do|dos|das|la|las|los|le|les|el|san|santa)[ \t]{1,2}|[ld]'){0,2}"
_NAME: Final = rf"{_LINKS}{WORD}(?:[ \t]{{1,2}}{WORD}){{0,4}}?"
_LEADING: Final = "rue allée allee allées allees impasse chemin quai boulevard avenue calle avenida avda paseo carrer rua viale piazza corso c"
_UNIT_BEFORE: Final = rf"(?:{UNIT}[ \t]{{0,2}}[,/-][ \t]{{0,2}})"


def _rule(
    pattern: str,
    score: float = 0.8,
    *,
    starts: str = "",
    words: frozenset[str] = frozenset(),
    parts: tuple[str, ...] = (),
    cased: bool = False,
) -> Rule:
    return Rule(
        pattern=re.compile(pattern, 0 if cased else _I),
        score=score,
        starts=frozenset(starts.split()),
        needs=Needs(digits=1, parts=parts, words=(words,) if words else ()),
    )


def foreign_street_rules() -> tuple[Rule, ...]:
    """Compile the street patterns of other countries than the US and the UK."""
    return (*_germanic(), *_romance(), *_others())


def _germanic() -> tuple[Rule, ...]:
    number = r"\d{1,4}(?: ?[a-z])?(?:[-/]\d{1,4})?(?!\w)"
    return (
        _rule(
            r"(?<![\w-])(?:[^\W\d_][\w'-]{0,29} (?=str))?[\w-]{1,40}+(?:(?<=straße)|(?<=strasse)|(?<=str)\.|(?<=straat)"
            rf"|(?<=gracht)|(?<=gatan)|(?<=vägen)|(?<=vagen))[ \t]{{0,2}}{number}",
            parts=("straße", "strasse", "str.", "straat", "gracht", "gatan", "vägen", "vagen"),
        ),
        _rule(r"(?:[^\W\d_][\w'-]{0,29} )?(?:stra(?:ß|ss)e) (?:de[sr] )?(?:\d{1,2}\. )?[^\W\d_][\w-]{1,29} " + number, starts="straße strasse"),
        _rule(
            r"[A-ZÄÖÜ](?<![\w-].)[\w-]{1,29}+(?: [A-ZÄÖÜ][\w-]{1,29}+)?(?:(?<=weg)|(?<=gasse)|(?<=platz)|(?<=allee)|(?<=damm)|(?<=ufer)|(?<=chaussee)"
            r"|(?<=laan)|(?<=plein)|(?<=kade)|(?<=gade)|(?<=vej)|(?<=gata)|(?<=veien)|(?<=markt)|(?<=Weg)|(?<=Platz)|(?<=Allee)|(?<=Damm)|(?<=Ufer))[ \t]"
            + number,
            parts=("weg ", "gasse ", "platz ", "allee ", "damm ", "ufer ", "chaussee ", "laan ", "plein ", "kade ", "gade ", "vej ", "gata ", "veien ", "markt "),
            cased=True,
        ),
        _rule(
            r"(?:Am|An der|An den|Auf der|Im|In der|In den|Unter den|Unter der|Zum|Zur|Alte|Alter|Neuer|Neue) (?:[A-ZÄÖÜ][\w-]{1,29}[ ]){1,2}"
            r"\d{1,4}(?: ?[a-z])?(?!\w)",
            starts="am an auf im in unter zum zur alte alter neuer neue",
            cased=True,
        ),
    )  # fmt: skip


def _romance() -> tuple[Rule, ...]:
    """Compile the forms of France, Quebec, Spain, Portugal and Italy, the number first or last."""
    numbered = r"\d(?<![\w.-]\d)\d{0,4}"
    return (
        _rule(
            rf"{numbered}(?:-\d{{1,4}})?(?: ?(?:bis|ter|quater))?,?[ \t]{{1,2}}{_ROMANCE}[ \t]{{1,2}}{_NAME}(?=[ \t]{{0,2}}(?:[,.;\n]|$|\d{{5}}\b)){UNITS}",
            0.75,
            words=_ROMANCE_WORDS,
        ),
        _rule(
            rf"{numbered}(?: ?(?:bis|ter))?,?[ \t]{{1,2}}(?:rue|all[ée]e|impasse|chemin|quai|boulevard|avenue|calle)[ \t]{{1,2}}{_LINKS}{WORD}",
            0.75,
            words=_ROMANCE_WORDS,
        ),
        # A space after the word, or "called 3 times" would be a street.
        _rule(
            r"(?:(?:rue|all[ée]es?|impasse|chemin|quai|boulevard|avenue|calle|avenida|avda|paseo|carrer|rua|viale|piazza|corso)[ \t]{1,2}"
            rf"|(?:c/|avda\.)[ \t]{{0,2}}){_NAME},?[ \t]{{1,2}}{_NUMBER}{UNITS}",
            0.75,
            starts=_LEADING,
        ),
        _rule(
            r"(?:Via|Vicolo|Largo|Plaza|Camino|Strada|Travessa|Praça|Place|Cours|Route) "
            r"(?!UPS|USPS|FedEx|DHL|Amazon|Slack)(?:(?:de|di|del|della|dei|da|do|la|las|los|San|Santa|d'|l') ?){0,3}[A-ZÀ-Ý][\w'-]{1,29}"
            r"(?: (?:d[aei]l? )?[A-ZÀ-Ý][\w'-]{1,29}){0,2},? \d{1,4}(?: ?[a-z])?(?!\w)",
            starts="via vicolo largo plaza camino strada travessa praça place cours route",
            cased=True,
        ),
        # The unit in front: "Apt 3, Rua das Flores 12".
        _rule(
            rf"{_UNIT_BEFORE}(?:(?:rue|calle|avenida|rua|viale|piazza|corso|travessa|paseo)[ \t]{{1,2}}){_NAME},?[ \t]{{1,2}}{_NUMBER}",
            starts=" ".join(DESIGNATORS),
            words=_ROMANCE_WORDS,
        ),
    )  # fmt: skip


def _others() -> tuple[Rule, ...]:
    word = r"[^\W\d_]{2,30}(?: [^\W\d_]{2,30}){0,2}"
    return (
        _rule(rf"(?:ul\.|ulica|al\.|aleja|os\.) ?{word} \d{{1,4}}[a-z]?(?:/\d{{1,4}})?(?!\w)", starts="ul ulica al aleja os"),
        _rule(
            rf"(?:ул\.?|улица|проспект|пр\.) ?{word},? ?(?:д\. ?)?\d{{1,4}}[а-я]?(?:,? кв\.? ?\d{{1,4}})?(?!\w)",
            starts="ул улица проспект пр",
        ),
        _rule(
            r"[\u4e00-\u9fff]{2,12}?(?:路|街|道|巷|弄)\d{1,5}(?:号|號)(?:[\w-]{1,12}?(?:室|楼|樓))?",
            parts=("路", "街", "道", "巷", "弄"),
        ),
    )  # fmt: skip
