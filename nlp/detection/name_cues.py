"""The words that announce a name, and how surely one follows."""

from __future__ import annotations

import re
from enum import IntEnum
from functools import lru_cache
from typing import Final

from nlp.detection.streets import STREET_LINE
from nlp.detection.word_lists import WORD, word_lists


class Cue(IntEnum):
    """How surely a name follows."""

    LISTED = 1
    """Only names of the lists: "tell maria"."""
    CAPITAL = 2
    """Also an unknown word that starts with a capital: "customer Thandi"."""
    ANY = 3
    """Also an unknown lower-case word: "my name is thandi"."""


_HONORIFIC: Final = (
    r"(?:mr|mrs|ms|mx|dr|prof|professor|sir|madam|miss|mister|sr|sra|señora?|herr|frau|monsieur"
    r"|madame|mme)"
)
_OWNER: Final = (
    r"(?:my|his|her|their|your|the|full|legal|real|buyer'?s?|customer'?s?|recipient'?s?"
    r"|client'?s?|person'?s?|first|last|middle|given|family|contact|receiver'?s?|sur|cardholder"
    r"|correct|whose)"
)
_NOT_OF_A_PERSON: Final = "".join(
    f"(?<!{thing} )"
    for thing in [
        "product",
        "item",
        "file",
        "brand",
        "store",
        "company",
        "user",
        "listing",
        "seller",
        "shop",
        "domain",
        "host",
        "template",
        "service",
        "carrier",
        "warehouse",
    ]
)
_FIELD: Final = (
    r"(?:recipient|ship(?:ped)? to|deliver(?:ed)? to|sold to|bill to|attn|attention|fao|addressee"
    r"|consignee|buyer|customer|client|contact|cardholder|sender|signed(?: for)? by|shipto|ship_to"
    r"|cliente|destinatario|destinataire|empf[äa]nger|kunde|kundin|nombre|nom|signature)"
)
_ROLE: Final = (
    r"(?:customers?|buyers?|clients?|recipients?|consignee|addressee|receiver|shoppers?|purchaser"
    r"|guest|cardholder|account holder|card holder|contact|gift recipient|neighbou?rs?|roommate"
    r"|wife|husband|spouse|partner|son|daughter|mother|father|mom|mum|dad|brother|sister|aunt"
    r"|uncle|cousin|grand(?:ma|pa|mother|father)|nana|granny|assistant|receptionist|colleague"
    r"|boss)"
)
_DEED: Final = (
    r"(?:(?:spoke|speak|talked|chatted) (?:with|to)|talking to|signed(?: for)? by|left with"
    r"|handed to|received by|accepted by|addressed to|sent to|gift (?:for|from|to)|on behalf of"
    r"|named|called|name is|name's|i am|i'm|this is|it's|regards,?|sincerely,?|cheers,?|thanks,"
    r"|thank you,|best,|love,|xoxo,?|signed,?|from:|to:|by:|cc:)"
)
_FOREIGN: Final = (
    r"(?:mi nombre es|me llamo|ich hei(?:ß|ss)e|mein name ist|je m'appelle|mon nom est|mi chiamo"
    r"|меня зовут|nazywam si[ęe])"
)
_COLON: Final = r"\"? ?[:=] ?\"?"
_CUES: Final = (
    (
        Cue.ANY,
        rf"{_OWNER}[ _-]?names?(?: on (?:the |my |their )?"
        r"(?:order|label|card|account|package|box|address|mailbox))?"
        rf"(?: (?:is|was|are|should be|reads|says|would be)|{_COLON}) ?\"?",
    ),
    (Cue.ANY, rf"{_NOT_OF_A_PERSON}names?{_COLON}"),
    (Cue.ANY, _FIELD + _COLON),
    (Cue.ANY, r"c/o |care of |attn\.? |fao |in the name of |goes by (?:the name )?"),
    (Cue.ANY, rf"{_FOREIGN} |(?:姓名|收件人|名前)[: ]?"),
    (Cue.ANY, _HONORIFIC + r"\.? (?=[^\W\d_])"),
    (
        Cue.CAPITAL,
        _ROLE + r"(?: (?:is|are|was|named|called|reads|says|should be))?[,:]? ",
    ),
    (Cue.CAPITAL, _DEED + " ?"),
    (
        Cue.CAPITAL,
        r"(?:hi|hey|hello|dear|good (?:morning|afternoon|evening)|hiya|hola|bonjour|hallo) ",
    ),
    (
        Cue.LISTED,
        r"(?:ship(?:s|ped|ping)? (?:it |this |them )?to|deliver(?:ed|y)? to"
        r"|sen[dt] (?:it |this |them )?to|for|from|by|with|tell|told|ask|asked|and|to|thanks"
        r"|thank you|cc|@|-|–|~) ?",
    ),
)


@lru_cache(maxsize=1)
def _cue_patterns() -> tuple[tuple[Cue, re.Pattern[str]], ...]:
    return tuple(
        (
            cue,
            re.compile(
                r"(?<![\w'])(?=[\w@~–-])(?:" + pattern + r")\s{0,2}(?=[^\W_])", re.IGNORECASE
            ),
        )
        for cue, pattern in _CUES
    )


_SIGN_OFF: Final = re.compile(
    r"(?:^|\n)[ \t]{0,4}(?:[-–~][ \t]?|(?:many |kind |best |warm )?(?:thanks|thank you|regards"
    r"|cheers|sincerely|best|wishes|thx)[ \t]{0,2}[,!.-]{0,2}\s{1,3}[-–~]?[ \t]?)(?=[^\W_])",
    re.IGNORECASE,
)
# A line of words above a street line, as on a label; or the same with a comma between.
_LABEL_LINE: Final = re.compile(
    r"^[ \t]{0,4}(?P<name>[^\W\d_][^\n\d,:;<>@\ufffc]{2,50}?)[ \t]{0,4},?\n"
    rf"(?:[^\n]{{2,50}}\n)?[ \t]{{0,4}}(?:{STREET_LINE}|p\.? ?o\.? box)",
    re.IGNORECASE | re.MULTILINE,
)
_BEFORE_STREET: Final = re.compile(
    r"(?P<name>(?:[^\W\d_][\w'.-]{0,30} ){1,3}[^\W\d_][\w'-]{0,30}),? (?:at )?"
    + rf"(?={STREET_LINE})",
    re.IGNORECASE,
)


def announced(text: str) -> dict[int, Cue]:
    """Return at which offsets a name is announced, and how surely."""
    cues: dict[int, Cue] = {}

    def announce(at: int, cue: Cue) -> None:
        cues[at] = max(cue, cues.get(at, cue))

    for cue, pattern in _cue_patterns():
        for match in pattern.finditer(text):
            announce(match.end(), cue)
    for match in _SIGN_OFF.finditer(text):
        announce(match.end(), Cue.CAPITAL)
    for match in _LABEL_LINE.finditer(text):
        announce(match.start("name"), Cue.ANY)
    for match in _BEFORE_STREET.finditer(text):
        # The name is what stands last before the street: skip the words of the sentence. Only
        # a comma between the two says so surely that lower-case words count.
        comma = text[match.end("name")] == ","
        before = list(WORD.finditer(text, match.start("name"), match.end("name")))
        for word in reversed(before):
            if word.group().lower() in word_lists().common:
                break
            announce(word.start(), Cue.ANY if comma else Cue.CAPITAL)
    return cues
