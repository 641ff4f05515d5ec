"""Which PII a message asks for: "what's the name on the order?", "address pls", "phone?".

What answers such a question often has nothing about it that shows what it is: "sara lee".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from nlp.detection.entities import (
    EMAIL_ADDRESS,
    PERSON,
    PHONE_NUMBER,
    PLACEHOLDER,
    STREET_ADDRESS,
)
from nlp.text import ScrubbedText

LOOKED_BACK: Final = 3
"""Messages before an answer among which its question is looked for: "one sec" may come between."""

_MOST_CHARACTERS: Final = 4_000
"""How much of a message is read, from its end: people ask last."""

# A name that is no person's: "product name", "name of the store".
_THING: Final = (
    r"(?:product|item|file|brand|store|company|user|listing|seller|shop|domain|host|template"
    r"|service|carrier|warehouse|business|sku|supplier|vendor|channel|account|plan|article|report"
    r"|courier|bank|city|country|state|street|screen|color|colour|model|app|site|website|folder)"
)
_PERSON: Final = re.compile(
    rf"(?<!user)(?<!file)\bnames?\b(?! (?:of|for|on) (?:the |your |this |that |a )?{_THING}\b)"
    r"|\bwho(?:m|se|s|'s|'d)?\b"
    r"(?! (?:ship|deliver|carrie|pick|handle|pay|paid|do i |can i |should i ))"
    rf"(?!(?:'?s| is)? (?:the|your|our|this) {_THING}\b)"
    r"|\b(?:which|what) (?:customer|buyer|recipient|person|client|shopper)\b"
    r"|\bnombre\b|\bquién\b|\bquien\b"
)
_NAME_OF_A_THING: Final = re.compile(rf"\b{_THING}(?:'?s)? names?\b")
_STREET: Final = re.compile(
    r"(?<!e-mail )(?<!email )(?<!mail )(?<!ip )(?<!web )\baddress(?:es)?\b|\bstreet\b"
    r"|\b(?:apartment|apt|suite)\b"
    r"|\b(?:house|unit|building|flat|door) (?:number|no|num|nr)\b"
    r"|\bwhere (?:do|does|should|shall|would|is|are|can|did|will)\b.{0,30}"
    r"\b(?:live|ship it|send it|sent|shipped|go|going|deliver(?:ed)?)\b"
    r"|\bdirecci[oó]n\b"
)
_PHONE: Final = re.compile(
    r"\b(?:tele)?phone\b|\b(?:cell|mobile|tel|cellphone|whatsapp|telefono|teléfono)\b"
    r"|\b(?:contact|callback|call-back|call back) (?:number|no|num|nr)\b"
    r"|\bnumber\b.{0,30}\b(?:to|can|could|should) .{0,20}\b(?:call|reach|text|dial|contact)\b"
    r"|\bnumber (?:do|does|can|should) .{0,20}\b(?:call|reach|text|dial|contact)\b"
)
_EMAIL: Final = re.compile(r"\be-?mail\b|\bmail address\b|\bcorreo\b")
_KINDS: Final = (
    (PERSON, _PERSON),
    (STREET_ADDRESS, _STREET),
    (PHONE_NUMBER, _PHONE),
    (EMAIL_ADDRESS, _EMAIL),
)

_SENTENCE: Final = re.compile(r"[^.!?\n]+[.!?]*")
_ABBREVIATED: Final = re.compile(r"\b(?:apt|no|nr|st|ste|mr|mrs|ms|dr)\.")
_ASKING: Final = re.compile(
    r"\?"
    r"|^\W{0,5}(?:(?:and|ok|okay|so|sure|hi|hey|hello|thanks|thank you|also),? ){0,3}"
    r"(?:what|whats|what's|who|whos|who's|whose|which|where|wheres|where's|whats|please|pls|plz"
    r"|kindly|send|share|give|tell|provide|confirm|let me know|may|can|could|would|will)\b"
    r"|\b(?:please|pls|plz|kindly|(?:can|could) (?:you|u)|would you|mind|let (?:me|us) know)\b"
    r"|\b(?:need|missing|send|share|give|tell|provide|confirm)(?: (?:me|us|to know|to have))?"
    r" (?:the|a|an|your|his|her|their|buyer|customer|recipient|full|first|last|street|phone|both)\b"
)
# "name pls", "full name and address", "buyer phone": nothing but what is wanted.
_BARE: Final = re.compile(
    r"\W{0,5}(?:(?:and|ok|okay|so|the|a|your|his|her|their|our|full|first|last|complete|correct|new"
    r"|customer|customers|customer's|buyer|buyers|buyer's|recipient|recipient's|contact|shipping"
    r"|delivery|ship to|street|house|e-?mail|mail|tele|on|for|of|in|to|order|label|box|package|it"
    r"|them|him|please|pls|plz|again|number|no|or|cell|mobile|names?|address(?:es)?|phone|apt"
    r"|apartment|unit|suite|who)\b\W{0,5}){1,8}"
)


def asked_for(text: ScrubbedText) -> frozenset[str]:
    """Return the entity types that a message asks for: PERSON, STREET_ADDRESS and the like."""
    kinds: set[str] = set()
    said = _plain(text)
    for match in _SENTENCE.finditer(said):
        sentence = match.group().strip()
        if _ASKING.search(sentence) or _BARE.fullmatch(sentence):
            about = _NAME_OF_A_THING.sub(" ", sentence)
            kinds.update(kind for kind, pattern in _KINDS if pattern.search(about))
    return frozenset(kinds)


def asks(text: ScrubbedText) -> bool:
    """Say whether a message asks anything: it has a question mark, or wants PII."""
    return "?" in text[-_MOST_CHARACTERS:] or bool(asked_for(text))


def last_question(said: Sequence[ScrubbedText]) -> ScrubbedText | None:
    """Return the question that the next message answers, None where none is open.

    The newest of the last `LOOKED_BACK` messages that asks something. One that holds PII was an
    answer itself, so that what was asked before it is no longer open.

    Args:
        said: The conversation so far, oldest first.
    """
    for text in reversed(said[-LOOKED_BACK:]):
        if asks(text):
            return text
        if PLACEHOLDER.search(text):
            return None
    return None


def _plain(text: str) -> str:
    """Return the end of a message in lower case, with plain quotes and one space between words."""
    tail = text[-_MOST_CHARACTERS:].lower().replace("’", "'")
    tail = _ABBREVIATED.sub(lambda match: match.group()[:-1], tail)
    return "\n".join(" ".join(line.split()) for line in tail.splitlines())
