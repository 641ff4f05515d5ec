"""The recognizers: our own short list for Presidio's registry.

Each is data with an optional check. Presidio's own are left out on purpose: its e-mail recognizer
fetches a list over the network, its default list takes order ids for driver licences, and its
`PatternRecognizer` skips a pattern that takes too long, where we must fail instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from presidio_analyzer import AnalysisExplanation, LocalRecognizer, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts

from nlp.detection import checks, entities
from nlp.detection.phones import phone_rules
from nlp.detection.rules import Match, Rule, find, words
from nlp.detection.streets import street_rules

LANGUAGE: Final = "en"

Finder = Callable[[str], Iterable[Match]]


class RuleRecognizer(LocalRecognizer):
    """A Presidio recognizer over rules, or over a function that finds."""

    def __init__(
        self, entity_type: str, rules: Sequence[Rule] = (), finder: Finder | None = None
    ) -> None:
        self.rules = tuple(rules)
        self.finder = finder
        super().__init__(
            supported_entities=[entity_type],
            supported_language=LANGUAGE,
            name=f"{entity_type} rules",
        )

    def load(self) -> None:
        """Do nothing: the rules are given."""

    def analyze(
        self,
        text: str,
        entities: Sequence[str],  # noqa: ARG002  # Presidio's signature
        nlp_artifacts: NlpArtifacts | None = None,  # noqa: ARG002
    ) -> list[RecognizerResult]:
        """Return the results for the text."""
        matches = list(find(self.rules, text))
        if self.finder is not None:
            matches.extend(self.finder(text))
        return [
            RecognizerResult(
                entity_type=self.supported_entities[0],
                start=match.start,
                end=match.end,
                score=match.score,
                analysis_explanation=AnalysisExplanation(type(self).__name__, match.score),
            )
            for match in matches
        ]


def recognizers() -> list[RuleRecognizer]:
    """Build all recognizers but the one for the spaCy pipeline's entities."""
    return [
        RuleRecognizer(entities.EMAIL_ADDRESS, _email_rules()),
        RuleRecognizer(entities.PHONE_NUMBER, phone_rules()),
        RuleRecognizer(entities.STREET_ADDRESS, street_rules()),
        RuleRecognizer(entities.CREDIT_CARD, finder=_cards),
        RuleRecognizer(entities.IBAN_CODE, finder=_ibans),
        RuleRecognizer(entities.US_SSN, _ssn_rules()),
        RuleRecognizer(entities.US_ITIN, _itin_rules()),
        RuleRecognizer(entities.US_PASSPORT, _passport_rules()),
        RuleRecognizer(entities.US_DRIVER_LICENSE, _driver_license_rules()),
        RuleRecognizer(entities.US_BANK_NUMBER, _bank_rules()),
        RuleRecognizer(entities.IP_ADDRESS, _ip_rules()),
        RuleRecognizer(entities.DATE_OF_BIRTH, _birth_rules()),
    ]


def _re(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


# "look at example dot com" names a site, "jo at example dot com" an address.
_NOT_A_MAILBOX: Final = (
    r"(?!(?:look|looked|looking|find|found|is|are|was|be|it|us|me|them|here|there|this|that|buy|bought"
    r"|shop|sold|sell|listed|listing|available|check|visit|order|ordered|orders|live|and|or|us|up|out"
    r"|still|arrive[sd]?|mail|email|e-mail|contact|reach|write|price|store|page|site|support|team|item"
    r"|items|product|account|only|stock|warehouse|delivered|left|one|package|parcel) (?:at|@) )"
)


def _email_rules() -> tuple[Rule, ...]:
    start = r"(?<![\w.+-])"
    local = r"(?:[\w+-]|%2B)(?:[\w.+'-]|%2B){0,63}"
    domain = r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,6}[^\W\d_](?:[\w-]{0,30}[^\W_])(?!\w)"
    at = r" {0,2}(?:\(at\)|\[at\]|\{at\}|<at>| at | @ ?|@ ) {0,2}"
    dot = r" {0,2}(?:\(dot\)|\[dot\]|\{dot\}| dot ) {0,2}"
    spoken_local = (
        rf"{start}(?=[a-z0-9]){_NOT_A_MAILBOX}[a-z0-9][\w.+-]{{0,63}}(?: dot [\w+-]{{1,30}}){{0,2}}"
    )
    host = r"[a-z0-9][a-z0-9-]{1,40}"
    tld = (
        r"(?:com|net|org|edu|gov|io|co|us|uk|ca|de|fr|es|it|nl|eu|info|biz|me|app|dev|example|mail|in"
        r"|au|mx|br|ch|at|be|pl|se|jp|cn)"
    )
    return (
        Rule(pattern=_re(rf"{start}{local}(?:@|%40){domain}"), score=1.0),
        Rule(pattern=_re(rf"{start}{local}@\[?(?:\d{{1,3}}\.){{3}}\d{{1,3}}\]?"), score=0.9),
        Rule(pattern=_re(rf"{start}\"[^\"\n@<>]{{1,64}}\"@{domain}"), score=1.0),
        # "jo at mail dot com", "jo [at] mail [dot] example [dot] org"
        Rule(pattern=_re(rf"{spoken_local}{at}{host}(?:{dot}{host}){{1,3}}(?!\w| at )"), score=0.85),
        # "jo [at] mail.com", "jo @ mail . com"; with a bare " at " only at the well-known hosts.
        Rule(
            pattern=_re(
                rf"{start}[a-z0-9][\w.+-]{{0,63}} {{0,2}}(?:\(at\)|\[at\]|\{{at\}}|<at>| @ ?|@ ) {{0,2}}{host}"
                rf"(?: ?\. ?{host}){{0,3}} ?\. ?{tld}(?!\w)"
            ),
            score=0.85,
        ),
        Rule(
            pattern=_re(
                rf"{spoken_local} at (?:gmail|googlemail|yahoo|ymail|hotmail|outlook|live|icloud|aol|msn"
                rf"|proton|protonmail|gmx|web|mail|comcast|verizon|att)\.{tld}(?:\.{tld})?(?!\w)"
            ),
            score=0.85,
        ),
    )  # fmt: skip


_DIGIT_GROUPS: Final = re.compile(r"(?<![\w.,$€£-])\d{1,19}(?:[ -]\d{1,19})*(?![\w]|[.,]\d)")
_GROUP: Final = re.compile(r"\d+")


def _cards(text: str) -> Iterable[Match]:
    """Find payment cards in runs of digit groups, wherever the groups of one begin."""
    for run in _DIGIT_GROUPS.finditer(text):
        if run.end() - run.start() < 13:
            continue
        groups = list(_GROUP.finditer(text, run.start(), run.end()))
        first = 0
        while first < len(groups):
            digits, size = "", first
            # Cards are written in two to six groups; a longer list of numbers is none.
            while size < min(len(groups), first + 7) and len(digits) + len(groups[size][0]) <= 19:
                digits += groups[size][0]
                size += 1
                if len(digits) >= 13 and checks.card(digits):
                    yield Match(groups[first].start(), groups[size - 1].end(), 1.0)
                    first = size - 1
                    break
            first += 1


_IBAN: Final = re.compile(r"(?<![\w-])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}", re.IGNORECASE)


def _ibans(text: str) -> Iterable[Match]:
    """Find IBANs, trying to end the candidate earlier: words may follow after a space."""
    for candidate in _IBAN.finditer(text):
        for end in range(candidate.end(), candidate.start() + 14, -1):
            whole = end == len(text) or not text[end].isalnum()
            if whole and checks.iban(text[candidate.start() : end]):
                yield Match(candidate.start(), end, 1.0)
                break


def _ssn_rules() -> tuple[Rule, ...]:
    context = words(
        r"ssn", r"s\.s\.n", r"social(?: security)?(?: number| no)?", r"ss ?#", r"soc", r"tax id"
    )
    return (
        Rule(pattern=_re(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])"), score=0.85, check=checks.ssn),
        Rule(
            pattern=_re(r"(?<![\w.-])\d{3}[ .-]?\d{2}[ .-]?\d{4}(?![\w-])"),
            score=0.9,
            check=checks.ssn,
            context=context,
        ),
        Rule(
            pattern=_re(
                r"(?<!\w)(?:ssn|social)(?: security)?(?: number)?(?: ending| ends)?(?: in| with)?"
                r"(?: last (?:4|four))?(?: is)?:? (?P<value>\d{4})(?![\w-])"
            ),
            score=0.6,
        ),
    )


def _itin_rules() -> tuple[Rule, ...]:
    context = words("itin", r"tax ?payer(?: id)?", "tax id")
    return (
        Rule(
            pattern=_re(r"(?<![\w-])9\d{2}[ -]\d{2}[ -]\d{4}(?![\w-])"),
            score=0.8,
            check=checks.itin,
        ),
        Rule(
            pattern=_re(r"(?<![\w-])9\d{8}(?![\w-])"), score=0.8, check=checks.itin, context=context
        ),
    )


def _has_digits(text: str) -> bool:
    return sum(char.isdigit() for char in text) >= 4


_LEADS_TO: Final = r"(?: (?:number|no\.?|num|nr\.?|id|card|is|was|#)){0,3} {0,2}[:#=]? {0,2}"
"""What may stand between the name of a document and its number."""


def _passport_rules() -> tuple[Rule, ...]:
    return (
        Rule(
            pattern=_re(
                rf"(?<!\w)(?:passport|pasaporte|passeport|reisepass){_LEADS_TO}"
                r"(?P<value>[A-Z]{0,2}\d{6,9}[A-Z]?)(?!\w)"
            ),
            score=0.9,
        ),
        Rule(pattern=_re(r"(?<![\w-])[A-Z]\d{8}(?![\w-])"), score=0.8, context=words("passports?")),
    )


def _driver_license_rules() -> tuple[Rule, ...]:
    return (
        Rule(
            pattern=_re(
                r"(?<!\w)(?:driver'?s?'? ?licen[cs]e|driving licen[cs]e|drivers? lic|licen[cs]e"
                rf"|d\.?l\.?(?= ?(?:#|no|number|:))){_LEADS_TO}"
                r"(?:[A-Z]{2} )?(?P<value>[A-Z]{0,5}[ -]?\d[\d*-]{3,18}(?:[A-Z]{1,3}\d{0,3})?)(?!\w)"
            ),
            score=0.9,
            check=_has_digits,
        ),
    )


def _bank_rules() -> tuple[Rule, ...]:
    return (
        Rule(
            pattern=_re(
                r"(?<!\w)(?:(?:bank |checking |savings |direct deposit )?(?:account|acct)|routing|aba|rtn|iban"
                rf"|sort code|bank){_LEADS_TO}(?P<value>\d(?:[ -]?\d){{5,16}})(?![\w-])"
            ),
            score=0.85,
        ),
    )  # fmt: skip


def _ip_rules() -> tuple[Rule, ...]:
    return (
        Rule(
            pattern=re.compile(r"(?<![\w.-])\d{1,3}(?:\.\d{1,3}){3}(?![\w-]|\.\d)"),
            score=0.8,
            check=checks.ip_address,
        ),
        Rule(
            pattern=_re(
                r"(?<![\w:.])(?=[0-9a-f]{0,4}:[0-9a-f]{0,4}:)[0-9a-f:]{3,39}(?:(?:\.\d{1,3}){3})?(?![\w:])"
            ),
            score=0.8,
            check=_long_ipv6,
        ),
    )


def _long_ipv6(text: str) -> bool:
    """Say whether it is an IPv6 address that says more than `::1` or a time of day."""
    return checks.ip_address(text) and sum(char != ":" for char in text) >= 4


_MONTH: Final = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)


def _birth_rules() -> tuple[Rule, ...]:
    date = (
        r"(?:\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\d{1,2}/\d{1,2}|\d{1,2} \d{1,2} \d{2,4}"
        rf"|\d{{1,2}}(?:st|nd|rd|th)?(?: of)?[ -]{_MONTH}(?:,?[ -]\d{{2,4}})?"
        rf"|{_MONTH}[ -]\d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{2,4}})?|{_MONTH},? \d{{4}}|(?:19|20)\d{{2}})"
    )
    context = words(
        r"dob", r"d\.o\.b\.?", r"date of birth", r"birth ?dates?", r"birth ?days?", r"b-?day",
        r"born", r"birth", r"geboren", r"geburtsdatum", r"n[ée]e? le", r"nacid[oa]",
        r"fecha de nacimiento", r"date de naissance",
    )  # fmt: skip
    other = words(
        r"order(?:ed)?", r"ship(?:ped|s)?", r"deliver(?:ed|y)?", r"arrive[sd]?", r"placed", r"by",
        r"expected", r"purchased", r"returned", r"party", r"gift", r"bought",
    )  # fmt: skip
    return (
        Rule(
            pattern=_re(rf"(?<![\w/.-]){date}(?![\w/-]|\.\d)"),
            score=0.9,
            context=context,
            against=other,
        ),
    )
