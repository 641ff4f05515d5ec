"""How merchants put a wish: patterns and word lists, and the questions one may ask of them.

Every function takes text as `plain` gives it. Repetitions are bounded, so a search stays linear.
"""

from __future__ import annotations

import re
from typing import Final

MOST_CHARACTERS: Final = 10_000
"""A wish is looked for in the first 10,000 characters of a message."""

_ANY: Final = r"(?:my|our|the|this|that|his|her|their|a|an|last|latest|customer|customers|buyers)"
"""What stands before a thing; `plain` makes "their" of every placeholder."""
_ORDER: Final = r"(?:orders?|packages?|parcels?|shipments?|delivery|deliveries)"
_RETURN: Final = r"(?:returns?|rma|returned (?:item|order|package|parcel)s?)"
_UPSET: Final = re.compile(
    r"\b(?:useless|ridiculous|unacceptable|frustrat\w{0,4}|furious|angry|pissed|fed up|terrible"
    r"|awful|horrible|wtf|waste of (?:my )?time|sick of|so annoy\w{0,3}|pathetic|nonsense"
    r"|not (?:helpful|helping)|doesnt help|didnt help|no help|already (?:told|asked|said)"
    r"|asked (?:you )?(?:twice|before|three times|\d times)"
    r"|for the (?:third|second|last|\d\w\w) time)\b"
    r"|[!?]{4,}"
)
_RETURNING: Final = re.compile(
    r"\b(?:return(?:s|ed|ing)?|rma|refund(?:s|ed|ing)?|sen[dt] (?:it |this |that |them )?back"
    r"|c[ao]me back|coming back)\b"
)


def _state_of(thing: str) -> re.Pattern[str]:
    """Words that ask where a thing is or whether it came."""
    one = rf"(?:{_ANY} ){{1,3}}{thing}(?: (?:of|for|from|to) their)?"
    some = rf"(?:(?:{_ANY}|amazon|fbm) ){{0,4}}{thing}"
    done = (
        r"(?:ship(?:ped)?|sent|left|deliver(?:ed)?|arrived?|out|here|late|delayed|processed"
        r"|received|on (?:its|the) way)"
    )
    return re.compile(
        rf"\bwhere(?:s| is| are| r)? {some}\b"
        rf"|\b(?:status|eta|whereabouts|update|news) (?:of|on|for|about) {some}\b"
        rf"|\b{thing} status\b"
        rf"|\b(?:track|trace|locate|find) {one}\b"
        rf"|\b(?:has|have|did|was|were|is|are) {one}"
        rf" (?:already |even |yet |been |be |get ){{0,2}}{done}\b"
        rf"|\bwhen (?:will|does|do|is|should) {one}"
        r" (?:be |get |going to |gonna |supposed to ){0,2}"
        r"(?:arriv(?:e|ing)|ship(?:ping)?|com(?:e|ing)|here|there|deliver(?:ed)?|sent)\b"
        rf"|\b{one} (?:hasnt|has not|didnt|did not|havent|never|still not|still hasnt)\b"
        rf"|\btracking(?: number| id| info| link)? (?:of|for|on) {one}\b"
    )


_ORDER_STATE: Final = _state_of(_ORDER)
_RETURN_STATE: Final = _state_of(_RETURN)
_ITS_STATE: Final = re.compile(
    r"\b(?:has|did|was) (?:it|that|this) (?:already |even |been ){0,2}"
    r"(?:ship|shipped|sent out|go out|gone out|left|delivered|arrived?)\b"
    r"|\bis it (?:shipped|delivered|on (?:its|the) way)\b"
    r"|\bwhen (?:will|does|is) (?:it|that|this) (?:be |get |going to |gonna ){0,2}"
    r"(?:arriv(?:e|ing)|ship|here|there|delivered|com(?:e|ing))\b"
    r"|^\W{0,9}(?:hi |hey |hello )?wheres? (?:is )?(?:it|that)\W{0,9}$"
)
_GENERAL: Final = re.compile(r"\b(?:redact\w{0,5}|policy|(?:30|thirty)[ -]days?)\b")
"""Such talk is about a rule, not about one parcel."""

_CLAUSE: Final = re.compile(r"[.?!;,]+|\b(?:and|also|plus|btw|but)\b")
_HOW_TO: Final = re.compile(
    r"\bhow (?:do|does|can|could|to|would|should|long|come|many)\b"
    r"|\bwhat (?:happens|do (?:i|we|you)|does|should|can|is (?:your|the) (?:policy|process|rule))\b"
    r"|\bis it (?:ok|okay|possible|allowed|fine|safe)\b"
    r"|\b(?:am i|are we|are you) (?:allowed|able|supposed)\b"
    r"|\b(?:can|could|may|should|must) (?:i|we)\b"
    r"|\bdo (?:i|we) (?:need|have)\b"
    r"|\b(?:do|does|can) (?:you|u|jetpack) (?:guys )?"
    r"(?:do|keep|store|delete|redact|hold|support|ship|handle|fulfill|offer|share|process)\b"
    r"|\bwhy (?:is|are|do|does|did|was|were|can)\b"
)
_LOOKING: Final = re.compile(
    r"\b(?:where|status|track|arriv(?:e|es|ing|ed)|eta|late|delayed|stuck|lost|be delivered"
    r"|get here|getting here|not shipped|shipped yet|find out|know)\b"
)

_POLITE_WORDS: Final = """
    hi hello hey heya hiya yo howdy greetings morning afternoon evening thanks thank thx ty tysm
    cheers appreciate appreciated great awesome perfect cool nice amazing excellent brilliant
    lovely wonderful ok okay alright gotcha noted understood bye goodbye cya np worries sup lol
    haha wow sure yes yep yeah nope no got welcome
"""
_WORDS_AROUND: Final = """
    good day night there all team everyone everybody guys folks care jetpack bot you u much many
    so very a lot lots ton bunch it that this right problem later see ya have weekend your yours
    for help helping helpful the quick reply answer and again really be well happy friday monday
    how are is going hows whats up doing today i we us me my too super just to works did thats im
    their
"""
_POLITE: Final = frozenset(_POLITE_WORDS.split())
_AROUND: Final = frozenset(_WORDS_AROUND.split())
_POLITE_PHRASES: Final = re.compile(
    r"\b(?:good (?:day|night)|how are (?:you|u|things)|hows it going|whats up|see (?:you|ya)"
    r"|have a (?:good|nice|great) (?:one|day|weekend|evening))\b"
)
_LONGEST_SMALLTALK: Final = 14
_SYMBOLS: Final = re.compile(r":[a-z0-9_+-]{1,80}:|<[@#!][^<>]{1,200}>")
_PLACEHOLDER: Final = re.compile(r"<[a-z][a-z_]{1,40}_\d{1,9}>s?")
_WORD: Final = re.compile(r"[^\W_]+")


def plain(text: str) -> str:
    """Return the beginning of a text in one line, in lower case, without apostrophes and values."""
    lines = text[:MOST_CHARACTERS].casefold().translate({ord(mark): None for mark in "'’`"})
    return " ".join(_PLACEHOLDER.sub("their", lines).replace("\n", " . ").split())


def is_upset(said: str) -> bool:
    """Tell whether somebody is angry, or says that they had to ask again."""
    return _UPSET.search(said) is not None


def speaks_of_a_return(said: str) -> bool:
    """Tell whether goods that come back, or the money for them, are spoken of."""
    return _RETURNING.search(said) is not None


def asks_where_a_return_is(said: str) -> bool:
    """Tell whether the state of a return is asked for."""
    return _RETURN_STATE.search(said) is not None and _GENERAL.search(said) is None


def asks_where_an_order_is(said: str) -> bool:
    """Tell whether the state of an order is asked for."""
    if _GENERAL.search(said) is not None:
        return False
    return _ORDER_STATE.search(said) is not None or _ITS_STATE.search(said) is not None


def asks_how(said: str) -> bool:
    """Tell whether a clause asks how things are done or what the rule is, not where a parcel is."""
    return any(
        _HOW_TO.search(clause) and not _LOOKING.search(clause) for clause in _CLAUSE.split(said)
    )


def is_smalltalk(said: str) -> bool:
    """Tell whether a message is a greeting, thanks or an emoji, and nothing else."""
    words = _WORD.findall(_SYMBOLS.sub(" ", said))
    if len(words) > _LONGEST_SMALLTALK or not _POLITE.union(_AROUND).issuperset(words):
        return False
    return not words or not _POLITE.isdisjoint(words) or _POLITE_PHRASES.search(said) is not None
