"""The words and small patterns that street addresses are made of.

Suffixes and unit designators after USPS Publication 28, appendix C, with those of the UK.
"""

from __future__ import annotations

from typing import Final

from nlp.detection.patterns.rules import alternation, listed

NOT_A_STREET: Final = (
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
"""Words that a street is not called by. They keep "3 items on the way" out."""

DIRECTION: Final = r"(?:north|south|east|west|n\.?e\.?|n\.?w\.?|s\.?e\.?|s\.?w\.?|[nsew])\b\.?"
HOUSE: Final = r"\d(?<![\w$€£#@./+-]\d)(?<!\d,\d)\d{0,5}(?:[-/]\d{1,5})?[a-z]?(?: ?1[⁄/]2)?,?"
"""A house number. What it may not follow is said after its first digit: see `phones`."""
WORD: Final = (
    rf"(?:(?=[^\W\d_]){NOT_A_STREET}[^\W\d_](?:[\w'.-]{{0,29}}\w)?\.?|\d{{1,3}}(?:st|nd|rd|th))"
)
NAME: Final = rf"(?:{WORD}[ \t]{{1,3}}){{1,4}}?"

SUFFIXES: Final = listed(
    "street str st avenue ave aven av road rd boulevard boul blvd lane ln parkway pkwy highway hwy terrace crescent"
    " cres turnpike tpke expressway expy freeway fwy causeway cswy broadway"
)
WEAK_SUFFIXES: Final = listed(
    "drive dr court ct place pl way wy circle cir square sq trail trl loop alley aly plaza plz pike close grove grv"
    " mews walk row hill hills garden gardens gdns green rise quay crossing xing path point pt run ridge rdg bend cove"
    " cv park view pass ter terr yard wharf common commons landing meadow meadows heights hts knoll glen hollow manor"
    " bluff canyon creek lake mall oval parade esplanade"
)
# A saint's city is no street: "3 boxes to St. Louis".
_NO_SAINT: Final = r"(?!(?<=\bst)\.? (?:louis|paul|petersburg|patrick|john|george)s?\b)"
SUFFIX: Final = rf"(?:(?:{alternation(SUFFIXES)})(?!\w){_NO_SAINT})"
WEAK_SUFFIX: Final = rf"(?:(?:{alternation(WEAK_SUFFIXES)})(?!\w))"

DESIGNATORS: Final = listed(
    "apartment apt unit suite ste flat floor fl room rm building bldg lot trailer trlr space spc penthouse level lvl"
    " door block tower wing dept mailbox pmb"
)
ORDINAL_WORDS: Final = listed("first second third fourth fifth ground top")
_ORDINAL: Final = rf"(?:\d{{1,3}}(?:st|nd|rd|th)|{'|'.join(sorted(ORDINAL_WORDS))})"
HASH_UNIT: Final = r"# ?[a-z]?-?\d{1,5}[a-z]?(?!\w)"
UNIT: Final = (
    rf"(?:(?:{alternation(DESIGNATORS)})(?![^\W\d_])(?:\.? ?#? ?|: ?)(?:no\.? ?)?(?:\d{{1,5}}(?:[-/]?[a-z0-9]{{1,3}})?"
    rf"|[a-z]{{1,2}}(?:[-/]?\d{{1,5}})?)(?!\w)|{HASH_UNIT}|{_ORDINAL} (?:floor|fl)(?!\w)|penthouse(?!\w))"
)
UNITS: Final = rf"(?:[ \t]{{0,2}}[,;/-]?[ \t]{{0,2}}\n?[ \t]?{UNIT}){{0,3}}"
# The dot of "St." belongs to it where the address goes on; else it ends the sentence.
AFTER: Final = (
    rf"(?!\w)(?:\.(?=,|[ \t]{{1,2}}(?:{DIRECTION}(?!\w)|{UNIT})))?(?: {DIRECTION}(?!\w))?"
)
BARE: Final = (
    rf"{HOUSE.removesuffix(',?')}(?<![ \t]0)(?<![ \t]00)[ \t]{{1,3}}(?:{DIRECTION}[ \t]{{1,3}})?"
    rf"(?!(?:st|ste|saint|fort|new|san|santa|los|las|lake|salt|el|{alternation(DESIGNATORS)})\b){WORD}"
)
"""A house number and a name without suffix: "5 Main". It counts only next to other parts."""

STREET_LINE: Final = (
    rf"{HOUSE}[ \t]{{1,3}}(?:{DIRECTION}[ \t]{{1,3}})?{NAME}(?:{SUFFIX}|{WEAK_SUFFIX})(?!\w)"
)
"""House number, name and suffix: the start of an address, as other patterns look ahead to it."""

STATE_CODES: Final = (
    "AL|AK|AZ|AR|CA|CO|CT|DC|DE|FL|GA|HI|IA|ID|IL|IN|KS|KY|LA|MA|MD|ME|MI|MN|MO|MS|MT|NC|ND|NE|NH|NJ|NM|NV|NY"
    "|OH|OK|OR|PA|RI|SC|SD|TN|TX|UT|VA|VT|WA|WI|WV|WY|PR|VI|GU|AE|AA|AP"
)
"""The two letters of USPS for states, territories and military mail."""
STATE_CODES_NOT_WORDS: Final = "|".join(
    code
    for code in STATE_CODES.split("|")
    if code not in {"IN", "OR", "ME", "HI", "OK", "DE", "VI"}
)
"""Those that are no words when shouted."""
