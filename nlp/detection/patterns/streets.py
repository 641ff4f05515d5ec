"""Street addresses as patterns: the street line and the unit, never city, state or zip.

Forms after USPS Publication 28 (US, rural route, military), Royal Mail, Canada Post and the usual
forms of Germany, the Netherlands, France, Spain, Italy, Portugal and Poland. Suffixes that are
ordinary English words (`way`, `drive`, `point`) count only next to other parts of an address.
"""

from __future__ import annotations

import re
from typing import Final

from nlp.detection.patterns.foreign_streets import foreign_street_rules
from nlp.detection.patterns.rules import Cues, Needs, Rule, listed
from nlp.detection.patterns.street_words import (
    AFTER,
    BARE,
    DESIGNATORS,
    DIRECTION,
    HASH_UNIT,
    HOUSE,
    NAME,
    NOT_A_STREET,
    ORDINAL_WORDS,
    STATE_CODES,
    STATE_CODES_NOT_WORDS,
    STREET_LINE,
    SUFFIX,
    SUFFIXES,
    UNIT,
    UNITS,
    WEAK_SUFFIX,
    WEAK_SUFFIXES,
    WORD,
)

__all__ = ["NOT_A_STREET", "STREET_LINE", "street_rules"]

_I: Final = re.IGNORECASE

_ADDRESS_WORDS: Final = Cues(
    re.compile(
        r"(?<!\w)(?:address(?:es)?|addr|street|ship(?:s|ped|ping)?(?: it)? to|deliver(?:ed|y|ies)?(?: (?:to|at))?"
        r"|lives? (?:at|on|in)|living (?:at|on)|located at|mov(?:ed|ing) to|sen[dt] (?:it |this |them )?to"
        r"|residence|home|house|at|dropp?(?:ed)? off|label|recipient|c/o|apt|apartment|unit|suite"
        rf"|(?:[a-z]{{2}} )?\d{{5}}(?:-\d{{4}})?|(?-i:{STATE_CODES_NOT_WORDS}|ON|QC|BC|AB)|[A-Z]{{1,2}}\d[A-Z\d]? ?\d[A-Z]{{2}})(?!\w)",
        _I,
    )
)  # fmt: skip
_ROUTES: Final = listed("highway hwy route rte rt road rd cr fm sr us i")
_ONES: Final = listed("one two three four five six seven eight nine ten twenty")
_HOUSES: Final = listed("cottage house farm lodge barn hall manor villa villas mansion mansions")
_FIELDS: Final = "street address addr adresse dirección direccion ship shipping delivery domicilio"


def _rule(
    pattern: str,
    score: float = 0.8,
    *,
    starts: str = "",
    words: tuple[frozenset[str], ...] = (),
    parts: str = "",
    digits: int = 1,
    cased: bool = False,
    context: Cues | None = None,
) -> Rule:
    return Rule(
        pattern=re.compile(pattern, 0 if cased else _I),
        score=score,
        starts=frozenset(starts.split()),
        needs=Needs(digits=digits, parts=tuple(parts), words=words),
        context=context,
    )


def street_rules() -> tuple[Rule, ...]:
    """Compile the street patterns, the sure ones first."""
    return (*_with_suffix(), *_without_suffix(), *_units(), *_boxes(), *foreign_street_rules())


def _with_suffix() -> tuple[Rule, ...]:
    us = rf"{HOUSE}[ \t]{{1,3}}(?:{DIRECTION}[ \t]{{1,3}})?"
    gap = r"[ \t]{0,2},?[ \t]{0,2}\n?[ \t]?"
    strong, weak, either = (SUFFIXES,), (WEAK_SUFFIXES,), (SUFFIXES | WEAK_SUFFIXES,)
    return (
        _rule(rf"{us}{NAME}{SUFFIX}{AFTER}{UNITS}", words=strong),
        _rule(rf"{us}{NAME}{WEAK_SUFFIX}{AFTER}{UNITS}", words=weak, context=_ADDRESS_WORDS),
        _rule(rf"{us}{NAME}{WEAK_SUFFIX}{AFTER}{gap}{UNIT}{UNITS}", words=weak),
        # Alone on its line, as in a pasted label.
        _rule(rf"(?m:^)[ \t]{{0,4}}(?P<value>{us}{NAME}{WEAK_SUFFIX}{AFTER}{UNITS})[ \t]{{0,4}}(?m:,?$)", words=weak),
        _rule(
            r"(?:One|Two|Three|Four|Five|Six|Seven|Eight|Nine|Ten|Twenty)[ \t](?:[A-Z][\w'.-]{1,29}[ \t]){1,3}"
            rf"(?i:{SUFFIX}|{WEAK_SUFFIX})(?!\w){UNITS}",
            starts=" ".join(_ONES),
            words=either,
            cased=True,
            digits=0,
        ),
        # No house number: it lives or is delivered there.
        _rule(
            r"(?:lives?|living|resides?|staying|address is|deliver(?:ed)?|left it|home) (?:at|on|in|to)[ \t]"
            rf"(?P<value>{NAME}{SUFFIX}{AFTER}{UNITS})",
            0.7,
            starts="live lives living reside resides staying address deliver delivered left home",
            words=strong,
            digits=0,
        ),
        _rule(
            r"(?<!\w)(?:The )?(?:[A-Z][\w'-]{1,19} ){1,2}(?:Cottage|House|Farm|Lodge|Barn|Hall|Manor|Villas?|Mansions?)"
            rf",? ?\n?(?:[A-Z0-9][\w'-]{{0,19}} ){{1,3}}(?i:{SUFFIX}|{WEAK_SUFFIX})(?!\w)",
            0.7,
            words=(_HOUSES, *either),
            cased=True,
            digits=0,
        ),
    )  # fmt: skip


def _without_suffix() -> tuple[Rule, ...]:
    """Compile numbered routes, Broadway, grids, Spanish names in the US, bare names."""
    us = rf"{HOUSE}[ \t]{{1,3}}(?:{DIRECTION}[ \t]{{1,3}})?"
    bare = rf"{BARE}(?:[ \t]{WORD})?"
    city = r"(?:[^\W\d_][\w'.-]{1,19}[ \t]){0,2}[^\W\d_][\w'.-]{1,19}"
    states = frozenset(STATE_CODES.lower().split("|"))
    return (
        _rule(
            rf"{us}(?:(?:us|state|county|old|interstate|farm to market|ranch)[ -]{{1,2}}){{0,2}}"
            rf"(?:highway|hwy|route|rte|rt|road|rd|cr|fm|sr|us|i)[ -]{{1,2}}#?\d{{1,4}}[a-z]?(?!\w){UNITS}",
            words=(_ROUTES,),
        ),
        _rule(rf"{us}(?:broadway|bowery|embarcadero|strand)(?!\w){UNITS}", words=(frozenset({"broadway", "bowery", "embarcadero", "strand"}),)),
        _rule(rf"{us}(?:avenue|ave)[ \t](?:of the [^\W\d_]{{2,20}}|[a-z])(?!\w){UNITS}", words=(frozenset({"avenue", "ave"}),)),
        _rule(
            rf"\d(?<![\w.$-]\d)\d{{1,4}} {DIRECTION} \d{{2,5}} {DIRECTION}(?!\w){UNITS}",
            words=(frozenset({"n", "e", "s", "w", "north", "south", "east", "west", "ne", "nw", "se", "sw"}),),
        ),
        _rule(
            rf"{us}(?:calle|camino|avenida|v[ií]a|paseo|rue|chemin|mt|el|la|las|los)[ \t]{WORD}(?:[ \t]{WORD})?{UNITS}",
            words=(listed("calle camino avenida via vía paseo rue chemin mt el la las los"),),
            context=_ADDRESS_WORDS,
        ),
        # "5 Main, Apt 3" and "8800 Lakeshore, Cleveland, OH 44101"
        _rule(
            rf"{bare}(?<!\.),?[ \t]{{1,2}}(?=(?:apartment|apt|suite|ste)\b){UNIT}{UNITS}",
            0.7,
            words=(frozenset({"apartment", "apt", "suite", "ste"}),),
        ),
        _rule(rf"{bare}(?=,[ \t]{{0,2}}\n?{city},?[ \t]{{1,2}}(?:{STATE_CODES}),?[ \t]{{1,2}}\d{{5}}(?!\w))", 0.7, digits=5, words=(states,)),
        _rule(rf"{BARE}(?=[ \t]{{1,2}}{city},?[ \t]{{1,2}}(?-i:{STATE_CODES}),?[ \t]{{1,2}}\d{{5}}(?!\w))", 0.6, digits=5, words=(states,)),
        # "lives at 5 main", "the new address is 8800 Lakeshore", "ship to 12 Fairview"
        _rule(
            rf"(?:(?:lives?|living|resides?|located) at|(?:address|addr)(?: (?:is|to|was|should be))?) ?:? ?(?P<value>{BARE}(?:[ \t]{WORD}){{0,2}}{UNITS})(?=[ \t]{{0,2}}(?:[,.;\n]|$))",
            0.65,
            starts="live lives living reside resides located address addr",
        ),
        _rule(
            rf"(?i:(?:ship|deliver|send|sent|shipped|delivered)(?: (?:it|this|them|this one))? to) (?P<value>{us}[A-Z][a-z]{{3,20}}{UNITS})(?=[ \t]{{0,2}}(?:[,.;\n]|$))",
            0.6,
            starts="ship deliver send sent shipped delivered",
            cased=True,
        ),
        # A field that says what it holds.
        _rule(
            r"(?<!-)(?<!ip )(?<!mail )(?<!mac )(?<!web )(?<!wallet )(?:(?:street|address|addr|adresse|direcci[oó]n|ship(?:ping)?[ _-]?address|delivery[ _-]?address|domicilio)"
            r"(?:[ _-]?(?:line)?[ _-]?[1-3])?)[\"']?[ \t]{0,2}[:=][ \t]{0,2}[\"']?(?P<value>(?=[^\n,\"|;<>]{0,60}\d)(?!\d{1,6} "
            + NOT_A_STREET.replace("(?!", "(?:", 1)
            + r")[^\W_][^\n,\"|;<>@:=\ufffc]{3,60}?)"
            r"(?=[ \t]{0,2}(?:[\n,\"|;<>]|$))",
            0.65,
            starts=f"{_FIELDS} addressline shippingaddress shipaddress deliveryaddress streetaddress",
            parts=":=",
        ),
    )  # fmt: skip


def _units() -> tuple[Rule, ...]:
    """Compile units: in front of the house number (the scrubber joins the two), or alone."""
    before = rf"(?=[ \t]{{0,2}}[,/-]?[ \t]{{0,2}}\n?{STREET_LINE})"
    led = f"{' '.join(DESIGNATORS)} {' '.join(ORDINAL_WORDS)}"
    either = (SUFFIXES | WEAK_SUFFIXES,)
    floors = frozenset({"floor", "fl"})
    return (
        # UK, India, Australia: the unit comes first and the street may have no number.
        _rule(
            r"(?:flat|apt|apartment|unit|shop|plot|house|h|door)\.? ?(?:no\.?|number|#)?[ :.-]{0,2}\d{1,5}[a-z]?"
            rf"(?:[-/]\d{{1,4}}[a-z]?)?,[ \t]{{0,2}}{NAME}(?:{SUFFIX}|{WEAK_SUFFIX}){AFTER}{UNITS}",
            starts="flat apt apartment unit shop plot house h door",
            words=either,
        ),
        _rule(rf"{UNIT}{before}", starts=led, words=either),
        _rule(rf"(?<!\w){HASH_UNIT}{before}", words=either, parts="#"),
        _rule(rf"\d(?<!\w\d)\d{{0,2}}(?:st|nd|rd|th) (?:floor|fl)(?!\w){before}", words=(floors, *either)),
        _rule(
            r"(?:apartment|apt)\.? ?#? ?(?:\d{1,5}[a-z]{0,2}|[a-z]{1,2}-?\d{1,5}|[a-z])(?![\w'])",
            0.7,
            starts="apartment apt",
            digits=0,
        ),
        # Alone on its line.
        _rule(rf"(?m:^)[ \t]{{0,4}}(?P<value>{UNIT}{UNITS})[ \t]{{0,4}}(?m:,?$)", 0.6, words=(DESIGNATORS | ORDINAL_WORDS,), digits=0),
        _rule(rf"(?m:^)[ \t]{{0,4}}(?P<value>{HASH_UNIT}{UNITS})[ \t]{{0,4}}(?m:,?$)", 0.6, parts="#"),
    )  # fmt: skip


def _boxes() -> tuple[Rule, ...]:
    return (
        _rule(
            r"(?:p\.? ?o\.? ?box|post office box|pob|postfach|apartado(?: postal)?|casella postale|bo[iî]te postale)[ .:#]{0,3}\d[\d -]{0,8}(?<=\d)(?!\w)",
            0.9,
            starts="p po pob pobox post postfach apartado casella boite boîte",
        ),
        _rule(
            r"(?:rr|r\.r\.|rural route|hcr?|star route|sr|rfd)[ .#]{0,2}\d{1,4},? ?(?:box|bx)[ #]{0,2}[\w-]{1,6}(?!\w)",
            0.9,
            starts="rr r rural hc hcr star sr rfd",
        ),
        _rule(
            r"(?:psc|cmr|unit|omc)[ #]{0,2}\d{1,5},? ?(?:box|bx)[ #]{0,2}\d{1,6}(?!\w)",
            0.9,
            starts="psc cmr unit omc",
        ),
    )  # fmt: skip
