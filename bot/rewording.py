"""An article's words said anew for a message, before it is answered with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.arrivals import Kind as Source
from bot.case import key_of
from bot.conversation import answer_to, asks_articles, before, by_person, is_repeated
from bot.rewriting.rewriter import Rewriter, Rewritten
from nlp.knowledge import Kind, Knowledge
from nlp.questions import understand
from storage.ids import MessageId
from storage.store import Store
from storage.tickets import TicketState


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewording:
    """Has words said anew.

    Attributes:
        knowledge: The articles as they stand now.
        rewriter: Says an article's words anew; it holds them against the article by itself.
    """

    store: Store
    knowledge: Callable[[], Knowledge]
    rewriter: Rewriter

    def reworded(self, message_id: MessageId) -> Rewritten | None:
        """Have an article's words said anew for a message; outside of any transaction.

        None where they are not: no article answers it, or it is answered already, as when the
        job runs a second time.
        """
        if not self.rewriter.is_on:
            return None
        with self.store.read() as records:
            message = records.tickets.message(message_id)
            if message is None or records.outbox.by_key(f"{key_of(message)}:0") is not None:
                return None
            ticket = records.tickets.get(message.ticket_id)
            said = records.tickets.messages(message.ticket_id)
        is_over = by_person(said) or ticket.state is TicketState.RESOLVED
        if is_over or message.source == Source.REPORT:
            return None
        last = before(said, message)
        asks = asks_articles(message.text, understand(message.text))
        if not asks or is_repeated(last, message):
            return None
        found = answer_to(self.knowledge(), message.text, last)
        if found.kind is not Kind.ANSWER or len(found.sections) > 1:
            return None
        text = self.rewriter.rewrite(message.text, found.sections)
        return None if text is None else Rewritten(section=found.sections[0], text=text)
