"""Street addresses as patterns: the street line and the unit, never city, state or zip.

Forms after USPS Publication 28 (US, rural route, military), Royal Mail, Canada Post and the usual
forms of Germany, the Netherlands, France, Spain, Italy, Portugal and Poland. Suffixes that are
ordinary English words (`way`, `drive`, `point`) count only next to other parts of an address.
"""

from __future__ import annotations

import re
from typing import Final

from nlp.detection.rules import Rule, words

_I: Final = re.IGNORECASE

# Words that a street is not called by. They keep "3 items on the way" out.
_NOT_A_STREET: Final = (
    r"(?!(?:of|on|in|at|to|for|by|my|your|our|their|his|her|its|the|a|an|and|or|is|are|was|were|be"
    r"|been|has|have|had|will|would|not|no|from|with|via|per|as|if|so|than|then|that|this|these"
    r"|those|it|we|you|they|i|do|did|does|can|off|out|up|down|more|most|less|same|new|late|early"
    r"|units?|items?|orders?|packages?|parcels?|boxe?s?|cartons?|pallets?|pcs|pieces?|packs?|sets?"
    r"|pairs?|cases?|days?|weeks?|months?|years?|hours?|hrs?|mins?|minutes?|seconds?|times?|miles?"
    r"|percent|dollars?|usd|labels?|returns?|refunds?|customers?|buyers?|shipments?|lbs?|oz|kg|gb|tb"
    r"|mb|inch|ft|cm|mm|am|pm|shipped|arrived|delivered|went|came|stuck|still|lost|missing"
    r"|business|working|usb|flash|hard|ssd|jan|feb|apr|jun|jul|aug|sep|oct|nov|dec|january|february"
    r"|april|june|july|august|september|october|november|december)(?!\w))"
)
_DIRECTION: Final = r"(?:north|south|east|west|n\.?e\.?|n\.?w\.?|s\.?e\.?|s\.?w\.?|[nsew])\b\.?"
_HOUSE: Final = r"(?<![\w$€£#@./+-])(?<!\d,)\d{1,6}(?:[-/]\d{1,5})?[a-z]?(?: ?1[⁄/]2)?,?"
_WORD: Final = (
    rf"(?:(?=[^\W\d_]){_NOT_A_STREET}[^\W\d_](?:[\w'.-]{{0,29}}\w)?\.?|\d{{1,3}}(?:st|nd|rd|th))"
)
_NAME: Final = rf"(?:{_WORD}[ \t]{{1,3}}){{1,4}}?"

_SUFFIX: Final = (
    r"(?:street|str|st(?!\.? (?:louis|paul|petersburg|patrick|john|george)s?\b)|avenue|aven?|road|rd"
    r"|boulevard|boul|blvd|lane|ln|parkway|pkwy|highway|hwy|terrace|crescent|cres|turnpike|tpke"
    r"|expressway|expy|freeway|fwy|causeway|cswy|broadway)"
)
_WEAK_SUFFIX: Final = (
    r"(?:drive|dr|court|ct|place|pl|way|wy|circle|cir|square|sq|trail|trl|loop|alley|aly|plaza|plz"
    r"|pike|close|grove|grv|mews|walk|row|hill|hills|gardens?|gdns|green|rise|quay|crossing|xing"
    r"|path|point|pt|run|ridge|rdg|bend|cove|cv|park|view|pass|ter|terr|yard|wharf|commons?|landing"
    r"|meadows?|heights|hts|knoll|glen|hollow|manor|bluff|canyon|creek|lake|mall|oval|parade|esplanade)"
)
_ORDINAL: Final = r"(?:\d{1,3}(?:st|nd|rd|th)|first|second|third|fourth|fifth|ground|top)"
_DESIGNATOR: Final = (
    r"(?:apartment|apt|unit|suite|ste|flat|floor|fl|room|rm|building|bldg|lot|trailer|trlr|space|spc"
    r"|penthouse|level|lvl|door|block|tower|wing|dept|mailbox|pmb)"
)
_UNIT: Final = (
    rf"(?:{_DESIGNATOR}(?:\.? ?#? ?|: ?)(?:no\.? ?)?(?:\d{{1,5}}(?:[-/]?[a-z0-9]{{1,3}})?|[a-z]{{1,2}}"
    rf"(?:[-/]?\d{{1,5}})?)(?!\w)|# ?[a-z]?-?\d{{1,5}}[a-z]?(?!\w)|{_ORDINAL} (?:floor|fl)(?!\w)"
    rf"|penthouse(?!\w))"
)
_UNITS: Final = rf"(?:[ \t]{{0,2}}[,;/-]?[ \t]{{0,2}}\n?[ \t]?{_UNIT}){{0,3}}"
_AFTER: Final = rf"(?!\w)\.?(?: {_DIRECTION}(?!\w))?"

STREET_LINE: Final = (
    rf"{_HOUSE}[ \t]{{1,3}}(?:{_DIRECTION}[ \t]{{1,3}})?{_NAME}(?:{_SUFFIX}|{_WEAK_SUFFIX})(?!\w)"
)
"""House number, name and suffix: the start of an address, as other patterns look ahead to it."""

_ADDRESS_WORDS: Final = words(
    r"address(?:es)?", r"addr", r"street", r"ship(?:s|ped|ping)?(?: it)? to", r"deliver(?:ed|y|ies)? (?:to|at)",
    r"lives? (?:at|on|in)", r"living (?:at|on)", r"located at", r"mov(?:ed|ing) to", r"sen[dt] (?:it |this |them )?to",
    r"residence", r"home", r"house", r"at", r"deliver(?:ed|y)?", r"dropp?(?:ed)? off", r"label", r"recipient", r"c/o",
    r"apt", r"apartment", r"unit", r"suite", r"\d{5}(?:-\d{4})?", r"[a-z]{2} \d{5}(?:-\d{4})?",
    r"(?-i:AL|AK|AZ|AR|CA|CO|CT|FL|GA|IA|ID|IL|KS|KY|LA|MA|MD|MI|MN|MO|MS|MT|NC|ND|NE|NH|NJ|NM|NV|NY|OH|PA|RI|SC|SD|TN|TX"
    r"|UT|VA|VT|WA|WI|WV|WY|ON|QC|BC|AB)",
    r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}",
)  # fmt: skip
_NUMBER: Final = r"(?:nº ?|n° ?|n\.? ?|no\.? ?|nr\.? ?)?\d{1,4}(?: ?(?:bis|ter)\b|-\d{1,4}|/\d{1,4}| ?[a-z])?(?!\w)"
_ROMANCE: Final = (
    r"(?:rue|all[ée]e|all[ée]es|impasse|chemin|quai|cours|boulevard|bd|avenue|av\.?|place|route|passage|faubourg"
    r"|calle|c/|avenida|avda\.?|plaza|paseo|carrer|camino|traves[ií]a|ronda|rua|pra[çc]a|travessa|largo"
    r"|viale|piazza|corso|vicolo|strada|via)"
)
_LINKS: Final = r"(?:(?:de|du|des|del|della|dello|dei|di|da|do|dos|das|la|las|los|le|les|el|san|santa)[ \t]{1,2}|[ld]'){0,2}"
_ROMANCE_NAME: Final = rf"{_LINKS}{_WORD}(?:[ \t]{{1,2}}{_WORD}){{0,4}}?"


def _rule(pattern: str, score: float = 0.8, *, cased: bool = False, cued: bool = False) -> Rule:
    return Rule(
        pattern=re.compile(pattern, 0 if cased else _I),
        score=score,
        context=_ADDRESS_WORDS if cued else None,
    )


def street_rules() -> tuple[Rule, ...]:
    """Compile the street patterns, the sure ones first."""
    us = rf"{_HOUSE}[ \t]{{1,3}}(?:{_DIRECTION}[ \t]{{1,3}})?"
    return (
        _rule(rf"{us}{_NAME}{_SUFFIX}{_AFTER}{_UNITS}"),
        _rule(rf"{us}{_NAME}{_WEAK_SUFFIX}{_AFTER}{_UNITS}", cued=True),
        _rule(rf"{us}{_NAME}{_WEAK_SUFFIX}{_AFTER}[ \t]{{0,2}},?[ \t]{{0,2}}\n?[ \t]?{_UNIT}{_UNITS}"),
        # Alone on its line, as in a pasted label.
        _rule(rf"(?m:^)[ \t]{{0,4}}(?P<value>{us}{_NAME}{_WEAK_SUFFIX}{_AFTER}{_UNITS})[ \t]{{0,4}}(?m:,?$)"),
        # Streets without a suffix: numbered routes, Broadway, grids, Spanish names in the US.
        _rule(
            rf"{us}(?:(?:us|state|county|old|interstate|farm to market|ranch)[ -]{{1,2}}){{0,2}}"
            rf"(?:highway|hwy|route|rte|rt|road|rd|cr|fm|sr|us|i)[ -]{{1,2}}#?\d{{1,4}}[a-z]?(?!\w){_UNITS}"
        ),
        _rule(rf"{us}(?:broadway|bowery|embarcadero|strand)(?!\w){_UNITS}"),
        _rule(
            rf"{us}(?:avenue|ave)[ \t](?:of the [^\W\d_]{{2,20}}|[a-z])(?!\w){_UNITS}"
        ),
        _rule(rf"(?<![\w.$-])\d{{2,5}} {_DIRECTION} \d{{2,5}} {_DIRECTION}(?!\w){_UNITS}"),
        _rule(rf"{us}(?:calle|camino|avenida|v[ií]a|paseo|rue|chemin|mt|el|la|las|los)[ \t]{_WORD}(?:[ \t]{_WORD})?{_UNITS}", cued=True),
        _rule(
            r"(?<!\w)(?:One|Two|Three|Four|Five|Six|Seven|Eight|Nine|Ten|Twenty)[ \t](?:[A-Z][\w'.-]{1,29}[ \t]){1,3}"
            rf"(?i:{_SUFFIX}|{_WEAK_SUFFIX})(?!\w){_UNITS}",
            cased=True,
        ),
        # No house number: it lives or is delivered there.
        _rule(
            r"(?<!\w)(?:lives?|living|resides?|staying|address is|deliver(?:ed)?|left it|home) (?:at|on|in|to)[ \t]"
            rf"(?P<value>{_NAME}{_SUFFIX}{_AFTER}{_UNITS})",
            0.7,
        ),
        _rule(
            r"(?<!\w)(?P<value>(?:The )?(?:[A-Z][\w'-]{1,19} ){1,2}(?:Cottage|House|Farm|Lodge|Barn|Hall|Manor|Villas?|Mansions?)"
            rf",? ?\n?(?:[A-Z0-9][\w'-]{{0,19}} ){{1,3}}(?i:{_SUFFIX}|{_WEAK_SUFFIX})(?!\w))",
            0.7,
            cased=True,
        ),
        # UK, India, Australia: the unit comes first and the street may have no number.
        _rule(
            r"(?<!\w)(?:flat|apt|apartment|unit|shop|plot|house|h|door)\.? ?(?:no\.?|number|#)?[ :.-]{0,2}\d{1,5}[a-z]?"
            rf"(?:[-/]\d{{1,4}}[a-z]?)?,[ \t]{{0,2}}{_NAME}(?:{_SUFFIX}|{_WEAK_SUFFIX}){_AFTER}{_UNITS}"
        ),
        # A unit in front of the house number (the scrubber joins the two), or alone.
        _rule(rf"(?<!\w){_UNIT}(?=[ \t]{{0,2}}[,/-]?[ \t]{{0,2}}\n?{STREET_LINE})"),
        _rule(r"(?<!\w)(?:apartment|apt)\.? ?#? ?(?:\d{1,5}[a-z]{0,2}|[a-z]{1,2}-?\d{1,5}|[a-z])(?![\w'])", 0.7),
        _rule(rf"(?m:^)[ \t]{{0,4}}(?P<value>{_UNIT}{_UNITS})[ \t]{{0,4}}(?m:,?$)", 0.6),
        # Boxes.
        _rule(r"(?<!\w)(?:p\.? ?o\.? ?box|post office box|pob|postfach|apartado(?: postal)?|casella postale|bo[iî]te postale)[ .:#]{0,3}\d[\d -]{0,8}(?<=\d)(?!\w)", 0.9),
        _rule(r"(?<!\w)(?:rr|r\.r\.|rural route|hcr?|star route|sr|rfd)[ .#]{0,2}\d{1,4},? ?(?:box|bx)[ #]{0,2}[\w-]{1,6}(?!\w)", 0.9),
        _rule(r"(?<!\w)(?:psc|cmr|unit|omc)[ #]{0,2}\d{1,5},? ?(?:box|bx)[ #]{0,2}\d{1,6}(?!\w)", 0.9),
        # Germany, Austria, Switzerland, the Netherlands, the North.
        _rule(
            r"(?<![\w-])(?:[^\W\d_][\w'-]{0,29} (?=str))?[\w-]{0,30}?(?:stra(?:ß|ss)e|str\.|straat|gracht|gatan|v[äa]gen)[ \t]{0,2}"
            r"\d{1,4}(?: ?[a-z])?(?:[-/]\d{1,4})?(?!\w)"
        ),
        _rule(
            r"(?<![\w-])(?:[A-ZÄÖÜ][\w'-]{1,29} )?[A-ZÄÖÜ][\w-]{1,29}?(?:weg|gasse|platz|allee|damm|ufer|chaussee|laan|plein|kade"
            r"|gade|vej|gata|veien|markt)[ \t]\d{1,4}(?: ?[a-z])?(?:[-/]\d{1,4})?(?!\w)",
            cased=True,
        ),
        _rule(
            r"(?<!\w)(?:Am|An der|An den|Auf der|Im|In der|In den|Unter den|Unter der|Zum|Zur|Alte|Alter|Neuer|Neue) (?:[A-ZÄÖÜ][\w-]{1,29}[ ]){1,2}"
            r"\d{1,4}(?: ?[a-z])?(?!\w)",
            cased=True,
        ),
        # France, Quebec, Spain, Portugal, Italy, Poland.
        _rule(rf"(?<![\w.-])\d{{1,5}}(?:-\d{{1,4}})?(?: ?(?:bis|ter|quater))?,?[ \t]{{1,2}}{_ROMANCE}[ \t]{{1,2}}{_ROMANCE_NAME}(?=[ \t]{{0,2}}(?:[,.;\n]|$|\d{{5}}\b))", 0.75),
        _rule(
            r"(?<![\w.-])\d{1,5}(?: ?(?:bis|ter))?,?[ \t]{1,2}(?:rue|all[ée]e|impasse|chemin|quai|boulevard|avenue|calle)[ \t]{1,2}"
            rf"{_LINKS}{_WORD}",
            0.75,
        ),
        # A space after the word, or "called 3 times" would be a street.
        _rule(rf"(?<!\w)(?:(?:rue|all[ée]e|impasse|chemin|quai|boulevard|avenue|calle|avenida|avda|paseo|carrer|rua|viale|piazza|corso)[ \t]{{1,2}}|(?:c/|avda\.)[ \t]{{0,2}}){_ROMANCE_NAME},?[ \t]{{1,2}}{_NUMBER}", 0.75),
        _rule(
            r"(?<!\w)(?:Via|Vicolo|Largo|Plaza|Camino|Strada|Travessa|Praça|Place|Cours|Route) "
            r"(?!UPS|USPS|FedEx|DHL|Amazon|Slack)(?:(?:de|di|del|della|dei|da|do|la|las|los|San|Santa|d'|l') ?){0,3}[A-ZÀ-Ý][\w'-]{1,29}"
            r"(?: (?:d[aei]l? )?[A-ZÀ-Ý][\w'-]{1,29}){0,2},? \d{1,4}(?: ?[a-z])?(?!\w)",
            cased=True,
        ),
        _rule(r"(?<!\w)(?:ul\.|ulica|al\.|aleja|os\.) ?[^\W\d_]{2,30}(?: [^\W\d_]{2,30}){0,2} \d{1,4}[a-z]?(?:/\d{1,4})?(?!\w)"),
        _rule(r"(?<!\w)(?:ул\.?|улица|проспект|пр\.) ?[^\W\d_]{2,30}(?: [^\W\d_]{2,30}){0,2},? ?(?:д\. ?)?\d{1,4}[а-я]?(?:,? кв\.? ?\d{1,4})?(?!\w)"),
        _rule(r"[\u4e00-\u9fff]{2,12}?(?:路|街|道|巷|弄)\d{1,5}(?:号|號)(?:[\w-]{1,12}?(?:室|楼|樓))?"),
        # A field that says what it holds.
        _rule(
            r"(?<![\w-])(?<!ip )(?<!mail )(?<!mac )(?<!web )(?<!wallet )(?:(?:street|address|addr|adresse|direcci[oó]n|ship(?:ping)?[ _-]?address|delivery[ _-]?address|domicilio)"
            r"(?:[ _-]?(?:line)?[ _-]?[1-3])?)[\"']?[ \t]{0,2}[:=][ \t]{0,2}[\"']?(?P<value>(?=[^\n,\"|;<>]{0,60}\d)[^\W_][^\n,\"|;<>@:=\ufffc]{3,60}?)"
            r"(?=[ \t]{0,2}(?:[\n,\"|;<>]|$))",
            0.65,
        ),
    )  # fmt: skip
