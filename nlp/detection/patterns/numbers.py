"""Numbers that stand for a person: payment cards, accounts, documents, days of birth, IP addresses.

What has a check digit is found anywhere. What is but a run of digits needs the name of the document
beside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from nlp.detection.patterns import checks
from nlp.detection.patterns.rules import Cues, Needs, Rule, cues, listed, words

_I: Final = re.IGNORECASE
_GROUP: Final = re.compile(r"\d+")

MONTH_WORDS: Final = listed(
    "jan january feb february mar march apr april may jun june jul july aug august sep sept september oct"
    " october nov november dec december"
)
MONTH: Final = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)


def _rule(
    pattern: str,
    score: float,
    digits: int,
    check: Callable[[str], bool] | None = None,
    *,
    starts: str = "",
    context: Cues | None = None,
    against: re.Pattern[str] | None = None,
) -> Rule:
    return Rule(
        pattern=re.compile(pattern, _I),
        score=score,
        starts=frozenset(starts.split()),
        needs=Needs(digits=digits),
        check=check,
        context=context,
        against=against,
    )


def card_rules() -> tuple[Rule, ...]:
    """Compile the rule for payment cards: groups of digits in which a card number begins."""
    return (
        Rule(
            pattern=re.compile(
                r"\d(?<![\w.,$€£-]\d)(?=[\d -]{12})\d{0,18}(?:[ -]\d{1,19})*(?![\w]|[.,]\d)"
            ),
            score=1.0,
            needs=Needs(digits=13),
            parts=_cards,
        ),
    )


def _cards(text: str) -> Iterator[tuple[int, int]]:
    """Yield where payment cards stand in a run of digit groups."""
    groups = list(_GROUP.finditer(text))
    first = 0
    while first < len(groups):
        digits, size = "", first
        # Cards are written in two to six groups; a longer list of numbers is none.
        if sum(len(group[0]) for group in groups[first : first + 7]) < 13:
            first += 1
            continue
        while size < min(len(groups), first + 7) and len(digits) + len(groups[size][0]) <= 19:
            digits += groups[size][0]
            size += 1
            if len(digits) >= 13 and checks.card(digits):
                yield groups[first].start(), groups[size - 1].end()
                first = size - 1
                break
        first += 1


def iban_rules() -> tuple[Rule, ...]:
    """Compile the rule for IBANs."""
    return (
        Rule(
            pattern=re.compile(r"[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}", _I),
            score=1.0,
            starts=listed(checks.IBAN_COUNTRIES),
            needs=Needs(digits=2),
            parts=_iban,
        ),
    )


def _iban(text: str) -> Iterator[tuple[int, int]]:
    """Try to end the candidate earlier: words may follow after a space."""
    for end in range(len(text), 14, -1):
        if (end == len(text) or not text[end].isalnum()) and checks.iban(text[:end]):
            yield 0, end
            return


def ssn_rules() -> tuple[Rule, ...]:
    """Compile the rules for US Social Security numbers."""
    context = cues(
        "ssn",
        "ssns",
        "s.s.n",
        "social",
        "social security",
        "social security number",
        "ss #",
        "ss#",
        "soc",
        "tax id",
    )
    return (
        _rule(r"\d(?<![\w-]\d)\d{2}-\d{2}-\d{4}(?![\w-])", 0.85, 11, checks.ssn),
        _rule(
            r"\d(?<![\w.-]\d)\d{2}[ .-]?\d{2}[ .-]?\d{4}(?![\w-])", 0.9, 9, checks.ssn, context=context
        ),
        _rule(
            r"(?:ssn|social)(?: security)?(?: number)?(?: ending| ends)?(?: in| with)?"
            r"(?: last (?:4|four))?(?: is)?:? (?P<value>\d{4})(?![\w-])",
            0.6,
            4,
            starts="ssn social",
        ),
    )  # fmt: skip


def itin_rules() -> tuple[Rule, ...]:
    """Compile the rules for US taxpayer numbers."""
    context = cues("itin", "tax payer", "tax payer id", "tax id")
    return (
        _rule(r"9(?<![\w-]9)\d{2}[ -]\d{2}[ -]\d{4}(?![\w-])", 0.8, 11, checks.itin),
        _rule(r"9(?<![\w-]9)\d{8}(?![\w-])", 0.8, 9, checks.itin, context=context),
    )


_LEADS_TO: Final = r"(?: (?:number|no\.?|num|nr\.?|id|card|is|was|#)){0,3} {0,2}[:#=]? {0,2}"
"""What may stand between the name of a document and its number."""


def passport_rules() -> tuple[Rule, ...]:
    """Compile the rules for passports."""
    return (
        _rule(
            rf"(?:passport|pasaporte|passeport|reisepass){_LEADS_TO}(?P<value>[A-Z]{{0,2}}\d{{6,9}}[A-Z]?)(?!\w)",
            0.9,
            6,
            starts="passport pasaporte passeport reisepass",
        ),
        _rule(r"(?<![\w-])[A-Z]\d{8}(?![\w-])", 0.8, 8, context=cues("passport", "passports")),
    )


def driver_license_rules() -> tuple[Rule, ...]:
    """Compile the rules for driver licences."""
    return (
        _rule(
            r"(?:driver'?s?'? ?licen[cs]e|driving licen[cs]e|drivers? lic|licen[cs]e"
            rf"|d\.?l\.?(?= ?(?:#|no|number|:))){_LEADS_TO}"
            r"(?:[A-Z]{2} )?(?P<value>[A-Z]{0,5}[ -]?\d[\d*-]{3,18}(?:[A-Z]{1,3}\d{0,3})?)(?!\w)",
            0.9,
            1,
            _four_digits,
            starts="driver drivers driving driverslicense license licence d dl",
        ),
    )


def _four_digits(text: str) -> bool:
    return sum(char.isdigit() for char in text) >= 4


def bank_rules() -> tuple[Rule, ...]:
    """Compile the rule for bank accounts and routing numbers."""
    return (
        _rule(
            r"(?:(?:bank |checking |savings |direct deposit )?(?:account|acct)|routing|aba|rtn|iban"
            rf"|sort code|bank){_LEADS_TO}(?P<value>\d(?:[ -]?\d){{5,16}})(?![\w-])",
            0.85,
            6,
            starts="bank checking savings direct account acct routing aba rtn iban sort",
        ),
    )


def ip_rules() -> tuple[Rule, ...]:
    """Compile the rules for IP addresses."""
    return (
        _rule(r"\d(?<![\w.-]\d)\d{0,2}(?:\.\d{1,3}){3}(?![\w-]|\.\d)", 0.8, 7, checks.ip_address),
        Rule(
            # Upper and lower case spelled out: a class without case is searched for faster.
            pattern=re.compile(
                r"[0-9a-fA-F:](?<![\w:.][0-9a-fA-F:])(?:(?<=:)[0-9a-fA-F]{0,4}:|(?<!:)[0-9a-fA-F]{0,3}:[0-9a-fA-F]{0,4}:)"
                r"[0-9a-fA-F:]{0,37}(?:(?:\.\d{1,3}){3})?(?![\w:])"
            ),
            score=0.8,
            needs=Needs(parts=(":",)),
            check=_long_ipv6,
        ),
    )  # fmt: skip


def _long_ipv6(text: str) -> bool:
    """Say whether it is an IPv6 address that says more than `::1` or a time of day."""
    return checks.ip_address(text) and sum(char != ":" for char in text) >= 4


def birth_rules() -> tuple[Rule, ...]:
    """Compile the rules for days of birth."""
    context = cues(
        "dob", "d.o.b", "d.o.b.", "date of birth", "birth date", "birth dates", "birth day", "birth days", "b-day",
        "bday", "born", "birth", "geboren", "geburtsdatum", "née le", "né le", "nee le", "ne le", "nacido", "nacida",
        "fecha de nacimiento", "date de naissance",
    )  # fmt: skip
    other = words(
        "order", "ordered", "ship", "shipped", "ships", "deliver", "delivered", "delivery", "arrive", "arrives",
        "arrived", "placed", "by", "expected", "purchased", "returned", "party", "gift", "bought",
    )  # fmt: skip
    end = r"(?![\w/-]|\.\d)"
    return (
        _rule(
            r"\d(?<![\w/.-]\d)(?:\d{0,3}[-/.]\d{1,2}[-/.]\d{1,4}|\d?/\d{1,2}|\d? \d{1,2} \d{2,4}"
            rf"|\d?(?:st|nd|rd|th)?(?: of)?[ -]{MONTH}(?:,?[ -]\d{{2,4}})?|(?:(?<=1)9|(?<=2)0)\d{{2}}){end}",
            0.9,
            1,
            context=context,
            against=other,
        ),
        _rule(
            rf"(?<![/.-]){MONTH}(?:[ -]\d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{2,4}})?|,? \d{{4}}){end}",
            0.9,
            1,
            starts=" ".join(MONTH_WORDS),
            context=context,
            against=other,
        ),
    )
