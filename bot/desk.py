"""The desk: understands a stored message, looks up or answers, or hands over to a person.

Works on scrubbed text and ids alone. `answer` may run twice for one message (after a crash): the
replies have keys, so the second run changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot import replies
from bot.arrivals import Kind
from bot.blocks import Reply
from bot.cards.orders import refund, together
from bot.case import Case, key_of
from bot.clearing import kinds_in
from bot.conversation import (
    REFUND,
    answer_to,
    asks_articles,
    before,
    by_person,
    is_repeated,
)
from bot.interactions import Press
from bot.lookup import LookUp
from bot.rewriting.rewriter import Rewritten
from bot.triage import Triage
from nlp.knowledge import Kind as Found
from nlp.knowledge import Knowledge
from nlp.questions import Intent, IntentKind, understand
from nlp.text import ScrubbedText
from storage.ids import (
    ORDER_ID,
    ChannelId,
    MerchantId,
    MessageId,
    OrderId,
    SlackTs,
    TeamId,
    UserId,
)
from storage.store import Store, Transaction
from storage.tickets import Actor, Message, Step, Ticket, TicketState

REFRESHED: Final = 3
"""How many orders of a message are brought up to date before they are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Answers messages.

    Attributes:
        knowledge: The articles as they stand now.
        refresh: Brings an order of a merchant's up to date, where it can be done at once.
        triage: Shows Care what was handed over.
        team: Care's workspace.
        permalink: Builds a link to a message; empty where there is none.
        companies: How many other workspaces are in a channel, None where Slack does not say.
        clears: Whether messages that held PII are taken out of Slack itself.
        reworded: Has an article's words said anew for a message, where they are.
        working: Shows in a thread that the bot is at it. It may fail to, without a word.
    """

    store: Store
    knowledge: Callable[[], Knowledge]
    clock: Callable[[], datetime]
    lookup: LookUp
    refresh: Callable[[MerchantId, OrderId], None]
    triage: Triage
    team: TeamId
    permalink: Callable[[TeamId, ChannelId, SlackTs], str]
    working: Callable[[TeamId, ChannelId, SlackTs], None]
    companies: Callable[[TeamId, ChannelId], int | None]
    reworded: Callable[[MessageId], Rewritten | None]
    clears: bool = False

    def answer(self, message_id: int) -> list[int]:
        """Write the replies to a message into the outbox and return their ids, in order."""
        self._prepare(MessageId(message_id))
        rewritten = self.reworded(MessageId(message_id))
        with self.store.begin() as records:
            message = records.tickets.message(MessageId(message_id))
            if message is None:
                # Its writer deleted it before we came to it.
                return []
            case = self._about(records, message)
            case.rewritten = rewritten
            kinds = kinds_in(message.text)
            # Where it is taken out of Slack, its writer is told of that and of this at once.
            if kinds and not (self.clears and message.ts is not None):
                over = case.ticket.state is TicketState.RESOLVED
                case.say(replies.pii_warning(kinds, sealed=not over))
            said = records.tickets.messages(message.ticket_id)
            # Once a person answers, the bot is quiet; and thanks for a resolved ticket are not
            # the start of a conversation.
            is_by_person = by_person(said)
            if case.ticket.state is TicketState.RESOLVED:
                return case.ids()
            if is_by_person or case.ticket.state is TicketState.WAITING_ON_CARE:
                self.triage.show(records, message)
                self.triage.refresh(records, message.ticket_id)
            if is_by_person and case.ticket.state is TicketState.REOPENED:
                # After a resolution nobody waits for the merchant any more, so Care is told.
                self._hand_over(case, "reopened", asked=True)
            elif message.source == Kind.REPORT and not is_by_person:
                self._hand_over(case, "reported", asked=True)
            elif not is_by_person:
                intent, last = understand(message.text), before(said, message)
                if is_repeated(last, message) and intent.kind is IntentKind.QUESTION:
                    self._hand_over(case, "asked the same again", asked=True)
                else:
                    self._reply(case, message.text, intent, last)
            return case.ids()

    def _prepare(self, message_id: MessageId) -> None:
        """Show that the bot is at it, and bring orders up to date; outside of any transaction."""
        with self.store.read() as records:
            message = records.tickets.message(message_id)
            if message is None:
                return
            ticket = records.tickets.get(message.ticket_id)
            is_quiet = True
            if ticket.thread_ts and message.channel.startswith("D"):
                is_quiet = ticket.state is TicketState.RESOLVED or by_person(
                    records.tickets.messages(message.ticket_id)
                )
        if not is_quiet:
            # In a thread of a direct message, where an answer takes the words away again; else
            # Slack would show them for two minutes (reference of assistant.threads.setStatus).
            self.working(ticket.team, message.channel, ticket.thread_ts)
        if ticket.merchant is None:
            return
        named = [each for each in understand(message.text).order_ids if ORDER_ID.fullmatch(each)]
        for number in named[:REFRESHED]:
            self.refresh(ticket.merchant, OrderId(number))

    def apologise(self, message_id: int) -> list[int]:
        """Hand a message over to a person because answering it failed."""
        with self.store.begin() as records:
            message = records.tickets.message(MessageId(message_id))
            if message is None:
                return []
            case = self._about(records, message)
            if case.ticket.state is not TicketState.RESOLVED:
                self._hand_over(case, "answering failed", asked=False)
            return case.ids()

    def call_person(self, records: Transaction, ticket: Ticket, press: Press) -> list[int]:
        """Hand a ticket over because its merchant pressed the button for it.

        Where it waits for a person already, as after a double click, there is nothing to do.
        """
        case = self._case(records, ticket, f"press:{press.event}")
        if ticket.state is not TicketState.WAITING_ON_CARE:
            self._hand_over(case, "asked for a person", asked=True)
        return case.ids()

    def rate(
        self, records: Transaction, ticket: Ticket, press: Press, name: str, *, helped: bool
    ) -> list[int]:
        """Keep whether the section `article#section` helped; where it did not, a person takes over.

        Pressing the same again says nothing new.
        """
        case = self._case(records, ticket, f"press:{press.event}", press.user)
        found = self.knowledge().section(name)
        if found is None or not records.ratings.rate(
            ticket.ticket_id,
            name,
            press.user,
            reviewed=found.last_reviewed,
            is_helpful=helped,
            at=case.now,
        ):
            return []
        if helped:
            case.say(Reply(text=replies.RATED, private=True))
        elif ticket.state is not TicketState.WAITING_ON_CARE:
            self._hand_over(case, "the answer did not help", asked=True)
        return case.ids()

    def show_section(
        self, records: Transaction, ticket: Ticket, press: Press, name: str
    ) -> list[int]:
        """Answer with the section `article#section` that the merchant chose of several."""
        # The button makes the key, not the press: a second one finds the answer written.
        button = f"{press.channel}:{press.ts}:{press.action}"
        case = self._case(records, ticket, f"press:{button}")
        found = self.knowledge().section(name)
        if found is None:
            self._hand_over(case, "chose an article that is gone", asked=True)
        else:
            case.say(replies.answer(found, ticket.ticket_id))
            self._answered(case)
        return case.ids()

    def _hand_over(self, case: Case, reason: str, *, asked: bool) -> None:
        """Give the ticket to a person, with the scrubbed context."""
        records, ticket = case.records, case.ticket
        if ticket.state is TicketState.RESOLVED:
            # Only the merchant's own wish for a person comes to this.
            records.tickets.advance(ticket.ticket_id, Step.REOPEN, case.now, by=Actor.MERCHANT)
        records.tickets.advance(ticket.ticket_id, Step.HANDED_OVER, case.now, by=Actor.BOT)
        case.say(replies.handed_over(ticket.ticket_id, asked=asked))
        last = next((each.ts for each in reversed(self._said(case)) if each.ts), None)
        self.triage.hand_over(
            records,
            ticket.ticket_id,
            team=self.team,
            key=case.key,
            reason=reason,
            link=self.permalink(ticket.team, ticket.channel, last) if last else "",
        )

    def _said(self, case: Case) -> tuple[Message, ...]:
        """Return what was said in the merchant's conversation."""
        said = case.records.tickets.messages(case.ticket.ticket_id)
        return tuple(each for each in said if each.channel == case.ticket.channel)

    def _about(self, records: Transaction, message: Message) -> Case:
        ticket = records.tickets.hold(message.ticket_id)
        return self._case(records, ticket, key_of(message), message.user)

    def _case(
        self, records: Transaction, ticket: Ticket, key: str, user: UserId | None = None
    ) -> Case:
        return Case(records=records, ticket=ticket, key=key, user=user, now=self.clock())

    def _reply(self, case: Case, text: ScrubbedText, intent: Intent, last: Message | None) -> None:
        if intent.kind is IntentKind.PERSON_WANTED:
            self._hand_over(case, "asked for a person", asked=True)
        elif intent.kind is IntentKind.SMALLTALK:
            case.say(replies.smalltalk(text))
            self._answered(case)
        elif intent.kind in (IntentKind.ORDER, IntentKind.RETURN):
            self._look_up(case, intent, refunds=bool(REFUND.search(text)))
            if asks_articles(text, intent):
                self._from_articles(case, text, intent, last)
        elif intent.language is not None:
            case.say(Reply(text=replies.english_only(intent.language)))
            self._hand_over(case, f"written in {intent.language}", asked=True)
        else:
            self._from_articles(case, text, intent, last)

    def _look_up(self, case: Case, intent: Intent, *, refunds: bool) -> None:
        merchant = case.ticket.merchant
        if merchant is None:
            case.say(Reply(text=replies.UNLINKED))
            self._hand_over(case, "conversation is not linked to a merchant", asked=True)
            return
        if self._is_of_several(case, merchant):
            case.say(Reply(text=replies.SHARED))
            self._answered(case)
            return
        if intent.wish is not None:
            case.say(self.lookup.list(case.records, merchant, intent.wish))
            self._answered(case)
            return
        named = [OrderId(number) for number in intent.order_ids]
        for tracking in intent.tracking_ids:
            found = case.records.orders.by_tracking(merchant, tracking)
            named += [number for number in found if number not in named]
        if not named:
            unknown = replies.NOT_FOUND if intent.tracking_ids else replies.WHICH_ORDER
            case.say(Reply(text=unknown))
        find = self.lookup.returns if intent.kind is IntentKind.RETURN else self.lookup.status
        cards = []
        for number in named:
            is_theirs = case.records.orders.merchant_of(number) == merchant
            if not (refunds and is_theirs) or case.records.returns.for_order(number):
                cards.append(find(case.records, merchant, number))
            if refunds and is_theirs:
                cards.append(refund(number))
        if cards:
            case.say(together(cards))
        self._answered(case)

    def _is_of_several(self, case: Case, merchant: MerchantId) -> bool:
        """Tell whether people of another merchant may read along, or nobody can say.

        That is so where several other workspaces are in the channel, and where the writer is
        linked to another merchant than the channel.
        """
        ticket, user = case.ticket, case.user
        own = case.records.merchants.merchant_of(ticket.team, ChannelId(""), user)
        if own not in (None, merchant):
            return True
        if not ticket.is_shared:
            return False
        others = self.companies(ticket.team, ticket.channel)
        return others is None or others > 1

    def _from_articles(
        self, case: Case, question: ScrubbedText, intent: Intent, last: Message | None
    ) -> None:
        found = answer_to(self.knowledge(), question, last)
        if found.kind is Found.ANSWER:
            anew = case.rewritten
            for each in found.sections:
                words = anew.text if anew is not None and anew.section == each else None
                case.say(replies.answer(each, case.ticket.ticket_id, words))
            if intent.is_upset:
                case.say(replies.offer_a_person(case.ticket.ticket_id))
            self._answered(case)
        elif intent.is_upset:
            self._hand_over(case, "upset", asked=True)
        elif found.kind is Found.CLARIFY:
            case.say(replies.did_you_mean(found.sections, case.ticket.ticket_id))
            self._answered(case)
        else:
            self._hand_over(case, "not in the knowledge base", asked=False)

    def _answered(self, case: Case) -> None:
        case.records.tickets.advance(
            case.ticket.ticket_id, Step.BOT_ANSWERED, case.now, by=Actor.BOT
        )
