"""What does the merchant want? Decided by rules in a fixed order, so that it can be explained.

1. Somebody asks for a person. 2. An order or tracking number stands in the message; with words of
return it is about its return. 3. A list of orders or returns is asked for. 4. The state of an order
or a return is asked for without a number. 5. Nothing but a greeting or thanks. 6. All else is a
question for the articles.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from nlp.answers import wording
from nlp.answers.languages import foreign
from nlp.answers.listing import Wish, wish
from nlp.answers.person_wanted import asks_for_a_person
from nlp.protected import ProtectedKind, ProtectedSpan, protected_spans
from nlp.text import ScrubbedText


class IntentKind(StrEnum):
    """What a message asks for."""

    PERSON_WANTED = "person"
    ORDER = "order"
    RETURN = "return"
    SMALLTALK = "smalltalk"
    QUESTION = "question"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What a message asks for, and about what.

    Attributes:
        kind: The first rule that applied.
        order_ids: Amazon order ids as Amazon writes them, distinct, in the order of the message.
        tracking_ids: Tracking numbers in capitals without spaces, distinct, in the same order.
        wish: The list of orders or returns that is asked for, None where none is.
        also_question: A number is named and a question of how things are done stands beside it.
        is_upset: Whether the writer is angry, or had to ask again.
        language: What it is written in, where that is not English.
    """

    kind: IntentKind
    order_ids: tuple[str, ...]
    tracking_ids: tuple[str, ...]
    also_question: bool
    wish: Wish | None = None
    is_upset: bool = False
    language: str | None = None


_DASHES: Final = {ord(dash): "-" for dash in "‐‑‒–—―−"}
_DIGITS: Final = re.compile(r"\d{17}")


def understand(text: ScrubbedText) -> Intent:
    """Tell what a message asks for. Pure; placeholders such as `<PERSON_1>` do no harm."""
    order_ids, tracking_ids = _numbers(text)
    numbered = bool(order_ids or tracking_ids)
    said = wording.plain(text)
    listed = None if numbered else wish(said)
    return Intent(
        kind=_kind(said, numbered=numbered, listed=listed),
        order_ids=order_ids,
        tracking_ids=tracking_ids,
        also_question=numbered and wording.asks_how(said),
        wish=listed,
        is_upset=wording.is_upset(said),
        language=foreign(text),
    )


def _kind(said: str, *, numbered: bool, listed: Wish | None) -> IntentKind:
    if asks_for_a_person(said):
        return IntentKind.PERSON_WANTED
    if numbered:
        returned = wording.speaks_of_a_return(said)
        return IntentKind.RETURN if returned else IntentKind.ORDER
    if listed is not None:
        return IntentKind.RETURN if listed.which.is_of_returns else IntentKind.ORDER
    if wording.asks_where_a_return_is(said):
        return IntentKind.RETURN
    if wording.asks_where_an_order_is(said):
        return IntentKind.ORDER
    if wording.is_smalltalk(said):
        return IntentKind.SMALLTALK
    return IntentKind.QUESTION


def _numbers(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Find the order ids and the tracking numbers of a text."""
    dashed = text.translate(_DASHES)
    spans = protected_spans(dashed)
    orders = [span for span in spans if span.kind is ProtectedKind.ORDER_ID]
    parcels = [
        span
        for span in spans
        if span.kind is ProtectedKind.TRACKING and not any(_overlap(span, one) for one in orders)
    ]
    order_ids = (_order_id(dashed[span.start : span.end]) for span in orders)
    tracking_ids = (re.sub(r"[ -]", "", dashed[one.start : one.end]).upper() for one in parcels)
    return tuple(dict.fromkeys(order_ids)), tuple(dict.fromkeys(tracking_ids))


def _order_id(found: str) -> str:
    """Write an order id as Amazon does, 3-7-7, also where it came with spaces or in one piece."""
    digits = re.sub(r"[ #-]", "", found)
    if _DIGITS.fullmatch(digits):
        return f"{digits[:3]}-{digits[3:10]}-{digits[10:]}"
    return found.upper()


def _overlap(one: ProtectedSpan, other: ProtectedSpan) -> bool:
    return one.start < other.end and other.start < one.end
