"""E-mail addresses, as written and as spelled out to get past a filter.

No list of top-level domains: new ones come every month, and a word with an @ and a dot in it is an
address in any case. Only what is spelled out ("jo at mail dot com") needs to be a known form.
"""

from __future__ import annotations

import re
from typing import Final

from nlp.detection.patterns.rules import Needs, Rule

# "look at example dot com" names a site, "jo at example dot com" an address.
_NOT_A_MAILBOX: Final = (
    r"(?!(?:look|looked|looking|find|found|is|are|was|be|it|us|me|them|here|there|this|that|buy|bought"
    r"|shop|sold|sell|listed|listing|available|check|visit|order|ordered|orders|live|and|or|us|up|out"
    r"|still|arrive[sd]?|mail|email|e-mail|contact|reach|write|price|store|page|site|support|team|item"
    r"|items|product|account|only|stock|warehouse|delivered|left|one|package|parcel) (?:at|@) )"
)
_START: Final = r"(?<![\w.+-])"
_LOCAL: Final = r"(?:[\w+-]|%2B)(?:[\w.+'-]|%2B){0,63}+"
_DOMAIN: Final = r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,6}[^\W\d_](?:[\w-]{0,30}[^\W_])(?!\w)"
_HOST: Final = r"[a-z0-9][a-z0-9-]{1,40}"
_TLD: Final = (
    r"(?:com|net|org|edu|gov|io|co|us|uk|ca|de|fr|es|it|nl|eu|info|biz|me|app|dev|example|mail|in"
    r"|au|mx|br|ch|at|be|pl|se|jp|cn)"
)
_MAIL_HOSTS: Final = (
    "gmail", "googlemail", "yahoo", "ymail", "hotmail", "outlook", "live", "icloud", "aol", "msn", "proton",
    "protonmail", "gmx", "web", "mail", "comcast", "verizon", "att",
)  # fmt: skip
_BRACKETED: Final = ("(at)", "[at]", "{at}", "<at>")
_BRACKETED_AT: Final = r"\(at\)|\[at\]|\{at\}|<at>"
_SPACED_AT: Final = rf" {{0,2}}(?:{_BRACKETED_AT}| at | @ ?|@ ) {{0,2}}"
_DOT: Final = r" {0,2}(?:\(dot\)|\[dot\]|\{dot\}| dot ) {0,2}"
_SPOKEN: Final = (
    rf"{_START}(?=[a-z0-9]){_NOT_A_MAILBOX}[a-z0-9][\w.+-]{{0,63}}+(?: dot [\w+-]{{1,30}}){{0,2}}"
)


def email_rules() -> tuple[Rule, ...]:
    """Compile the e-mail patterns."""
    at_sign = Needs(parts=("@",))
    dot = frozenset({"dot"})
    return (
        _rule(rf"{_START}{_LOCAL}(?:@|%40){_DOMAIN}", 1.0, Needs(parts=("@", "%40"))),
        _rule(rf"{_START}{_LOCAL}@\[?(?:\d{{1,3}}\.){{3}}\d{{1,3}}\]?", 0.9, Needs(digits=7, parts=("@",))),
        _rule(rf"\"[^\"\n@<>]{{1,64}}\"@{_DOMAIN}", 1.0, Needs(parts=('"@',))),
        # "jo@gmail .com", "jo@yahoo": slips of the thumb at the well-known hosts.
        _rule(rf"{_START}{_LOCAL}@(?:{'|'.join(_MAIL_HOSTS[:10])})(?: ?[.,] ?{_TLD})?(?![\w.-]?\w)", 0.9, at_sign),
        # "jo at mail dot com", "jo [at] mail [dot] example [dot] org"
        _rule(rf"{_SPOKEN}{_SPACED_AT}{_HOST}(?:{_DOT}{_HOST}){{1,3}}(?!\w| at )", 0.85, Needs(words=(dot,))),
        # "jo [at] mail.com", "jo @ mail . com"; with a bare " at " only at the well-known hosts.
        _rule(
            rf"{_START}[a-z0-9][\w.+-]{{0,63}}+ {{0,2}}(?:{_BRACKETED_AT}| @ ?|@ ) {{0,2}}{_HOST}"
            rf"(?: ?\. ?{_HOST}){{0,3}} ?\. ?{_TLD}(?!\w)",
            0.85,
            Needs(parts=(*_BRACKETED, " @", "@ ")),
        ),
        _rule(
            rf"{_SPOKEN} at (?:{'|'.join(_MAIL_HOSTS)})\.{_TLD}(?:\.{_TLD})?(?!\w)",
            0.85,
            Needs(words=(frozenset({"at"}), frozenset(_MAIL_HOSTS))),
        ),
    )  # fmt: skip


def _rule(pattern: str, score: float, needs: Needs) -> Rule:
    return Rule(pattern=re.compile(pattern, re.IGNORECASE), score=score, needs=needs)
