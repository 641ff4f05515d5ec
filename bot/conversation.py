"""What was said before in a merchant's conversation, as far as an answer depends on it. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from bot.triage import NOTE
from nlp.answers.vocabulary import split
from nlp.knowledge import Answer, Knowledge, Section
from nlp.questions import Intent, IntentKind, understand
from nlp.text import ScrubbedText
from storage.tickets import Author, Message

FOLLOWS_UP: Final = timedelta(minutes=30)
"""For how long a short question may lean on what was said before it."""
REFUND: Final = re.compile(r"\brefund", re.IGNORECASE)


def by_person(said: Sequence[Message]) -> bool:
    """Tell whether a person of Care has answered."""
    return any(each.author is Author.AGENT and each.source != NOTE for each in said)


def asks_articles(text: ScrubbedText, intent: Intent) -> bool:
    """Tell whether the articles are asked, with or without a look at orders.

    In another language than theirs they are not: nobody would know whether they answer.
    """
    if intent.language is not None:
        return False
    if intent.kind in (IntentKind.ORDER, IntentKind.RETURN):
        # Where a refund is issued is told with the order, more precisely than in an article.
        return intent.also_question and not REFUND.search(text)
    return intent.kind not in (IntentKind.PERSON_WANTED, IntentKind.SMALLTALK)


def before(said: Sequence[Message], message: Message) -> Message | None:
    """Return the merchant's last message before this one, where it is not too long ago."""
    earlier = [
        each
        for each in said
        if each.channel == message.channel
        and each.author is message.author
        and each.message_id < message.message_id
    ]
    if not earlier or message.at - earlier[-1].at > FOLLOWS_UP:
        return None
    return earlier[-1]


def answer_to(knowledge: Knowledge, question: ScrubbedText, last: Message | None) -> Answer:
    """Answer a question that may lean on what was said to the message before it."""
    return knowledge.answer(question, _said_to(knowledge, last))


def _said_to(knowledge: Knowledge, last: Message | None) -> Section | None:
    """Return the section said to a message that the next one may lean on.

    It is worked out anew, so that nothing has to be kept for it.
    """
    if last is None or not asks_articles(last.text, understand(last.text)):
        return None
    return knowledge.answer(last.text).leads_on


def is_repeated(last: Message | None, message: Message) -> bool:
    """Tell whether the message says word for word what the one before it said."""
    words = split(message.text)
    return bool(words) and last is not None and split(last.text) == words
