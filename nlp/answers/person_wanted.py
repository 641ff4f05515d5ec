"""How merchants say that they want a person, not the bot.

Repetitions are bounded, so a search stays linear.
"""

from __future__ import annotations

import re
from typing import Final

_STAFF: Final = (
    r"(?:human(?: being)?|person|people|agent|rep|representative|someone|somebody|operator|manager"
    r"|supervisor|(?:care|support)(?: team)?|jetpack(?: care)?|specialist)"
)
_REAL: Final = r"(?:real|live|actual|human|care|support)"

_PERSON: Final = re.compile(
    r"\b(?:talk|speak|chat|transfer me|connect me|hand me over|put me through|pass me on|get me"
    r"|give me|escalate(?: this| it| me)?)"
    rf"(?: (?:to|with|a|an|the|some|my|your|{_REAL})){{0,5}} {_STAFF}\b"
    r"|\b(?:human|agent|rep|representative|operator|supervisor|manager|(?:real|live|a) person),?"
    r" (?:please|pls|plz|now)\b"
    r"|\bescalate (?:this|it)\b"
    r"|\b(?:no|not|stop|dont want)(?: to talk to)?(?: an?| the| this)? (?:ro)?bots?\b"
    rf"|\b(?:want|need|prefer|like) (?:an?|the|some) (?:{_REAL} )?"
    r"(?:human|person|agent|representative|rep|operator)\b(?! (?:in|at|on) amazon)"
    r"|\b(?:please|pls|(?:can|could|have|would) (?:you|u|someone|somebody))(?: please| pls)?"
    r" (?:call|phone|ring) (?:me|us)\b"
    rf"|\bis (?:there|this) an? (?:{_REAL} )?(?:human|person|agent)\b(?! (?:at|who|that))"
    rf"|^\W{{0,9}}(?:(?:call|phone) (?:me|us)(?: back)?|(?:{_REAL} )?(?:human|agent|operator|person"
    r"|representative))\W{0,9}$"
)
_TEAM: Final = r"(?:team|staff|jetpack|care|support|crew|company|side)"
_SOMEBODY: Final = (
    r"(?:humans?|human being|(?:an?|some|any|the|another|your) (?:person|people|colleague)"
    r"|(?:real|live|actual) (?:person|people|one)|agents?|reps?|representatives?|operator"
    r"|supervisor|specialist|customer service|(?:staff|team) member|support staff|colleague"
    r"|(?:someone|somebody|anyone|anybody|a member) (?:from|of|on|at|in) (?:your |the |ur )?"
    rf"{_TEAM}"
    r"|(?:someone|somebody|anyone) (?:real|alive|human|there|else))"
)
_HELPING: Final = r"(?:help|call|contact|look|check|assist|respond|reply|take|talk|reach|step in)"
_WISHING: Final = re.compile(
    r"\b(?:talk|speak|chat|want|need|get|give|connect|transfer|pass|forward|hand|put|let|have"
    r"|prefer|rather|send|bring|find|reach|escalate|loop|deal|word)"
    rf"(?: \w{{1,12}}){{0,5}} {_SOMEBODY}\b"
    r"(?! (?:who|that|whose|name|account|role|fee|(?:in|at|on) (?:amazon|seller)))"
    r"|\b(?:talk|speak|chat|word) (?:to|with) (?:someone|somebody|anyone|you guys|yall|you all)\b"
    r"|(?<!did )\b(?:someone|somebody|anyone|anybody|an? (?:person|human|agent))"
    rf"(?: (?:please|pls|plz|can|could|should|has to|needs? to|must)){{0,2}} {_HELPING}\b"
    rf"|\b(?:can|could|would|will) (?:someone|somebody|anyone|anybody) (?:\w{{1,12}} )?{_HELPING}\b"
    r"|\bget (?:someone|somebody) (?:on|to|in|over|else)\b"
    rf"|\b{_SOMEBODY} (?:please|pls|plz)\b|\b(?:pls|plz|please) escalate\b"
    r"|\bany(?:one|body)? (?:humans?|real|alive|there|around|home|listening)\b"
    r"|\bwho (?:can|could|do) i (?:talk|speak) (?:to|with)\W{0,9}$"
    r"|\b(?:talk|speak|chat|pass|connect|transfer|reach|get|forward|hand)"
    r"(?: (?:me|us|this|it|to|with|through|on|over|the|phone|hold|of)){0,4}"
    r" (?:someone|somebody|anyone|anybody)"
    r"(?: (?:directly|now|asap|today|please|pls|plz|who (?:knows|can help))){0,2}\W{0,9}$"
    r"|\b(?:assign|hand|give|pass|forward) (?:this|it|me|that|us) (?:over |on )?to (?:an?|your|the)"
    r" (?:agent|person|human|team|staff|rep|people)\b"
    r"|\b(?:speak|talk|chat) (?:to|with) (?:whoever|the (?:one|person|people|guy)|who)"
    r"(?: is|s|)? in charge\b"
)
"""Somebody is wished for, in whatever words: a verb of wishing, then a person of Care's."""
_COLLEAGUE: Final = (
    r"(?:one of (?:your|the|ur) (?:people|team|staff|colleagues?|agents|guys)|an? (?:teammate"
    r"|coworker|team mate|colleague|dude|human|person)|your (?:staff|team|people|colleagues?"
    r"|manager|boss|supervisor))"
)
_DOING: Final = (
    r"(?:help|call|look|check|assist|respond|reply|sort|fix|explain|join|talk|reach|step in|answer"
    r"|get (?:back|in touch)|(?:take|handle)(?! (?:claims|returns|orders|fbm|prime))"
    r"|(?:see|read|review) (?:this|it)"
    r"|(?:contact|write|message|email|phone|ring)(?! (?:the|my|our|an?) (?:buyer|customer)))\b"
)
_TAKING_OVER: Final = re.compile(
    r"\bhuman (?:eyes?|help|support|review|attention)\b"
    r"|\blive (?:support|chat|help)(?: (?:please|pls|plz|now))?\W{0,9}$"
    r"|\bhumans? (?:please|pls|plz|now|asap|only)\b"
    r"|\b(?:want|need|prefer) (?:people|humans)\W{0,9}$"
    r"|\b(?:can|could|would|have|let|get|ask|want|need|tell|like|love|wish|please|pls)"
    rf" {_COLLEAGUE}(?: (?:please|to|from \w{{1,12}})){{0,2}} {_DOING}"
    rf"|\b(?:{_COLLEAGUE}|{_SOMEBODY})(?: (?:please|pls|can|could|should|has to|needs to|must|to))"
    rf"{{1,2}} {_DOING}"
    r"|\b(?:want|need|like|let|have|can|could) (?:jetpack )?(?:care|support)(?: team)? (?:to )?"
    r"(?:handle|reply|contact|call|write|answer|take over|look|respond|email|message)\b"
    r"|\b(?:get|want|need|fetch|call|connect|give)(?: (?:me|us|to|with|hold|of)){0,3} your"
    r" (?:(?:manager|supervisor|boss)\b(?! (?:name|email|number|fee))"
    r"|(?:colleagues?|team|staff|people)\W{0,9}$)"
    r"|\bask (?:a|your|one of your) (?:colleagues?|team|staff|people|manager) to\b"
    r"|\b(?:ticket|case) (?:for|with|to) (?:an? )?(?:human|person|agent)\b"
    r"|^\W{0,9}bot,? (?:go away|stop|shut up|leave)\b|\bout of (?:this|the) bot\b"
    r"|\b(?:no|not|dont want)(?: more)?(?: an?| any)? (?:automated|automatic|canned|robot|bot|auto)"
    r" (?:repl(?:y|ies)|answers?|responses?|messages?)\b"
    r"|\b(?:no|not|dont want|refuse|stop|sick of|tired of|done with|done talking)(?: talking| talk"
    r"| to talk| chatting)?(?: to| with)?(?: an?| the| this| your)?"
    r" (?:ai|machine|computer|(?:ro)?bot|chatbot)s?\b"
    r"|\b(?:the|this|your) (?:ro)?bot (?:cant|cannot|isnt|doesnt|does not|is not|wont)"
    r" (?:help|work|understand|get)\w{0,3}\b"
    rf"|\b(?:speak|talk|word|chat|complain|touch|raise this|raise it) (?:to|with)"
    rf" (?:an?|your|the|some) (?:manager|supervisor|boss|lead|{_REAL} (?:rep|person|human))\b"
    r"|\b(?:assistance|help|support|answer|reply) from (?:staff|(?:your|the) (?:staff|team)"
    r"|support|care|an? (?:\w{1,8} )?(?:rep|agent|human|person))\b"
    r"|\b(?:message|switch(?: me)? to|tag|ping|page) (?:an? (?:person|human|agent)|humans?"
    r"|(?:someone|somebody) (?:on|from|at|in) (?:your|the|ur) (?:team|staff|side|end))\b"
    r"|\bin touch with (?:support|care|(?:your|the) (?:team|staff)|an? \w{1,8})\W{0,9}$"
    r"|\b(?:forward|escalate|send|pass|move) (?:this|it|me) to (?:the )?(?:second )?(?:tier"
    r"|level|somebody|someone)\b"
    r"|\b(?:humans?|agents?|a person|reps?) (?:available|online|free|around|on duty)\b"
    r"|\bis (?:there )?(?:anyone|anybody|someone|somebody) (?:who )?(?:can|could|here|to) "
    r"(?:help|assist|talk)\b"
    r"|\bget (?:someone|somebody) from \w{1,12}\b|\b(?:get|find) (?:me )?an? (?:dude|guy|lady)\b"
    r"|(?<!did )\b(?:someone|somebody) (?:should |needs to )?"
    r"(?:reach out\b(?! to (?:the|my|our|an?) )|get back to (?:me|us)\b)"
    r"|\b(?:need|want|get) (?:you guys|(?:jetpack )?(?:care|support))"
    r"(?: (?:please|pls|now|asap))?\W{0,9}$"
    r"|\bwho ?s in charge here\b|[.!?] (?:person|human|agent)\W{0,9}$"
    r"|^\W{0,9}(?:escalat(?:e|ion)|connect me)(?: (?:please|pls|now))?\W{0,9}$"
)
"""The bot is to stand aside, and Care to take over."""
_HOW_DO_I: Final = re.compile(r"\bhow (?:do|can|could|should|would) (?:i|we)\b")
"""Whoever asks how Care is reached is told so."""
_CALLING: Final = re.compile(
    r"\b(?:call|phone|ring) (?:me|us) back\b(?! (?:if|when))"
    r"|\b(?:i|id|we|wed|please|pls|plz|can|could|get|request|schedule|arrange|need|want)"
    r"(?: \w{1,12}){0,4} call ?back\b|^\W{0,9}(?:a )?call ?back\b"
    r"|\b(?:call|phone|ring|give) (?:me|us)(?: an?)?(?: (?:call|ring))?"
    r"(?: (?:please|pls|plz|now|asap|today|tomorrow)){1,2}\W{0,9}$"
    r"|\bgive (?:me|us) a (?:call|ring)\W{0,9}$"
    r"|^\W{0,9}(?:(?:please|pls|plz|hi|hey|just) ){0,2}(?:give (?:me|us) a call|(?:call|phone|ring)"
    r" (?:me|us)) (?:at|on) their\W{0,9}$"
    r"|\b(?:i|we|please|pls|lets)(?: \w{1,12}){0,3}"
    r" (?:want|need|like|have|get|request|hop|jump|arrange)(?: on)? a (?:phone )?call\W{0,9}$"
    r"|\b(?:schedule|arrange|book|set up) a (?:phone )?call\b"
    r"|\b(?:talk|speak|discuss \w{1,8}|get|hop|be) (?:on|over|by) (?:the )?phone\b"
    r"|^\W{0,9}(?:phone )?call (?:please|pls|now)\W{0,9}$"
)
"""A call by telephone is wished for. A number that is left beside a question is no wish yet."""
_MISSPELT: Final = (
    (re.compile(r"\b(?:tlak|takl|tallk|talkk|taalk)\b"), "talk"),
    (re.compile(r"\b(?:spaek|speek|speack)\b"), "speak"),
    (re.compile(r"\b(?:suport|supprt|suppport|supoort)\b"), "support"),
    (re.compile(r"\b(?:hooman|humna|humen|hunan|huamn|humann)\b"), "human"),
    (re.compile(r"\b(?:preson|persn|peson|perosn|persom)\b"), "person"),
    (re.compile(r"\b(?:agnet|aggent|agetn)\b"), "agent"),
    (re.compile(r"\b(?:sombody|somebdy|sumbody|sombdy)\b"), "somebody"),
    (re.compile(r"\b(?:somone|someon|sumone|smone)\b"), "someone"),
    (re.compile(r"\b(?:representitive|represantative|representive)\b"), "representative"),
    (re.compile(r"\bw/? (?=(?:an?|some|any|your|hum|sup)\w{0,8})"), "with "),
)
"""How the words for a person and for talking are mistyped."""


def asks_for_a_person(said: str) -> bool:
    """Tell whether somebody wants to deal with a person, at once.

    Args:
        said: A message, as `wording.plain` gives it.
    """
    for misspelt, word in _MISSPELT:
        said = misspelt.sub(word, said)
    if any(wish.search(said) for wish in (_PERSON, _WISHING, _CALLING)):
        return True
    return _TAKING_OVER.search(said) is not None and _HOW_DO_I.search(said) is None
