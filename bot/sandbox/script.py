"""The scripted play: a merchant asks, looks up, says too much; Care resolves; time passes.

Each step acts as a person would, shows what happened and checks that it ended as it should.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from bot.cards.triage import CLAIM
from bot.sandbox.amazon import SandboxAmazon
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.person import Person
from bot.sandbox.stage import Stage
from bot.showing import receipt_lines
from storage.ids import OrderId, ticket_ref
from storage.orders import REDACTED, Order
from storage.sealing import disclose

ORDER: Final = "113-5550142-5550142"
BIRCH: Final = "birch-and-brook"
LEAKED: Final = (
    "Odalys Fennimore",
    "4417 Larkspur Hollow Road",
    "415-555-0142",
    "odalys.fennimore@example.com",
)
"""What the merchant lets slip of a buyer, who is invented."""
LEAKED_LATER: Final = ("Thaddeus Okonjo", "88 Quarry Bend Lane", "802-555-0143")


def amazon_sellers(amazon: SandboxAmazon) -> None:
    """Add the merchant of the play, with orders of the last two months."""
    amazon.add_seller(BIRCH, orders=60, returns=6, seed=1)


@dataclass(kw_only=True)
class Script:
    """The play on a stage.

    Attributes:
        tell: Takes each line of what is shown.
        question: What the merchant asks first.
        failed: The names of the checks that did not hold.
    """

    stage: Stage
    tell: Callable[[str], None]
    question: str = "hey can u guys also do my prime orders??"
    failed: list[str] = field(default_factory=list)

    def play(self) -> bool:
        """Play every step. Returns whether all of them ended as they should."""
        steps = (
            ("Care links the merchants' channels", self.link),
            ("A merchant asks in plain words", self.ask),
            ("A merchant looks up an order and its return", self.look_up),
            ("Other orders came in from Amazon by themselves", self.read_from_amazon),
            ("Another merchant asks for the same order", self.look_up_of_another),
            ("A merchant says more than Care needs", self.leak),
            ("A merchant asks for a list", self.list_orders),
            ("Something the bot does not know", self.not_known),
            ("A person of Care takes it and answers from Care's channel", self.answer_by_person),
            ("An agent lists, looks and resolves", self.resolve),
            ("A help desk resolves another ticket", self.resolve_by_hook),
            ("31 days after delivery", self.redact),
            ("The keys turn, and somebody has a backup from before", self.rotate),
        )
        for number, (title, step) in enumerate(steps, start=1):
            self.tell(f"\n{number}. {title}")
            step()
            self._show()
        return not self.failed

    def link(self) -> None:
        """Say which channel is whose."""
        for channel, merchant in ((BIRCH, BIRCH), ("cedar-kettle-co", "cedar-kettle")):
            text = self._told(self._agent.commands("/care", f"link {merchant}", channel))
            self._check(f"#{channel} is linked", "is linked to merchant" in text)

    def ask(self) -> None:
        """Ask an FBM question in informal words."""
        replies = self._asks(self._merchant, self.question)
        self._check("answered with its source", "Source:" in replies[-1].text)
        self._check("says that Seller Fulfilled Prime is not done", "Prime" in replies[-1].text)

    def look_up(self) -> None:
        """Status, carrier, tracking, city and state; and the return."""
        reply = self._asks(self._merchant, f"where is {ORDER}")[-1].text
        for part in ("Shipped", "UPS", "1Z999AA10123456784", "Portland", "OR"):
            self._check(f"the reply has {part}", part in reply)
        self._check("the reply has no name", "Fennimore" not in reply)
        reply = self._asks(self._merchant, f"and did the return for {ORDER} arrive?")[-1].text
        self._check("the return is found", "RMA-55501" in reply and "RECEIVED" in reply)

    def read_from_amazon(self) -> None:
        """Ask for what nobody imported: an FBM order, one that Amazon fulfils, a refund."""
        amazon = self.stage.amazon
        if amazon is None or not self.stage.has_read(BIRCH):
            self._check("the orders were read from Amazon", held=False)
            return
        orders = amazon.sellers[BIRCH].orders()
        ours = next(order for order in orders if order.packages and not order.programs)
        fba = next(order for order in orders if order.fulfilled_by == "AMAZON")
        self.tell(f"   read: {len(orders)} orders of {BIRCH}, buyers left where they are")
        reply = self._asks(self._merchant, f"where is {ours.id}")[-1].text
        self._check("its tracking is told", ours.packages[0].tracking in reply)
        self._check("and its buyer is not", ours.buyer.name not in reply)
        reply = self._asks(self._merchant, f"and {fba.id}?")[-1].text
        self._check("an FBA order is not ours, and why", "FBA" in reply)
        reply = self._asks(self._merchant, f"how do I refund {ours.id}")[-1].text
        self._check("where a refund is issued", "Seller Central" in reply and ours.id in reply)

    def look_up_of_another(self) -> None:
        """Find that "not yours" and "no such order" read the same."""
        other = self.stage.slack.person("Tobin Ashgrove")
        place = "cedar-kettle-co"
        theirs = self._asks(other, f"where is {ORDER}", place)[-1].text
        nobodys = self._asks(other, "where is 999-9999999-9999999", place)[-1].text
        self._check("not found, in the same words", "can't find" in theirs and theirs == nobodys)

    def leak(self) -> None:
        """Send a message full of a buyer's PII."""
        name, street, phone, mail = LEAKED
        self._asks(
            self._merchant,
            f"order {ORDER} is for {name}, {street} Apt 9, Portland OR 97214, "
            f"phone {phone}, {mail} - did it get there?",
        )
        stored = self.stage.stored()[-1]
        self._show()
        self.tell(f"   stored: {stored}")
        self._check("stored with placeholders", "<PERSON_1>" in stored and "Portland" in stored)
        private = self.stage.slack.workspace.seen_only_by(self._merchant.user.id)
        self._check(
            "the merchant alone was warned",
            any("took it out" in each.text for each in private),
        )
        self._check("no file holds what slipped out", not self.stage.search(*LEAKED))
        log = (self.stage.home / "care.log").read_text()
        self._check("the log went on all the while", "event=message_stored" in log)
        # A search that finds nothing proves something only if it finds what is there.
        self._check("and the search finds what is there", bool(self.stage.search(ORDER)))
        self.stage.back_up()

    def not_known(self) -> None:
        """Ask what no article says: the bot says so and hands over, scrubbed."""
        reply = self._asks(
            self._merchant,
            f"what do you charge per pallet for storage? invoice to {LEAKED_LATER[0]}, "
            f"{LEAKED_LATER[1]}, {LEAKED_LATER[2]}",
        )[-1].text
        self._check("says that it does not know", "don't know" in reply)
        triage = self.stage.slack.workspace.channel("care-triage").id
        cards = self.stage.slack.workspace.wait_for(
            lambda: self.stage.slack.workspace.said_by_bot(triage)
        )
        card = cards[-1].text
        self._check("Care got the scrubbed question", "pallet" in card and "PERSON_" in card)
        self._check("and no PII", not any(value in card for value in LEAKED_LATER))

    def list_orders(self) -> None:
        """Ask for the orders that are late: a table of the merchant's own."""
        reply = self._asks(self._merchant, "which of my orders are late?")[-1]
        self._check("a list with its number", "Late orders" in reply.text)
        self._check("and nobody's name in it", "Fennimore" not in str(reply.blocks))

    def answer_by_person(self) -> None:
        """Claim the card, write in its thread; the merchant reads it, and is read there."""
        workspace = self.stage.slack.workspace
        triage = workspace.channel("care-triage")
        card = next(each for each in workspace.said_by_bot(triage.id) if "pallet" in each.text)
        self._agent.presses(card, CLAIM)
        self._agent.writes("It is twelve dollars a pallet.", triage, card.ts)
        place = workspace.channel(BIRCH).id
        relayed = self.stage.eventually(
            lambda: [m for m in workspace.said_by_bot(place) if "twelve dollars" in m.text]
        )
        self._check("the merchant reads it in their thread", bool(relayed))
        self._merchant.writes("thanks, that helps", BIRCH, relayed[0].thread)
        shown = self.stage.eventually(
            lambda: [m for m in workspace.said_by_bot(triage.id) if "that helps" in m.text]
        )
        self._check("and Care reads the merchant there", bool(shown))
        held = self.stage.eventually(
            lambda: "has it" in workspace.messages[card.channel, card.ts].text
        )
        self._check("the card says who has it", held)

    def resolve(self) -> None:
        """Resolve the ticket of the first leak; what it held is gone."""
        listed = self._told(self._agent.commands("/care", "tickets", BIRCH))
        ticket = self._ticket_that_says("did it get there")
        self._check("the ticket is listed", ticket in listed)
        shown = self._told(self._agent.commands("/care", f"ticket {ticket}", BIRCH))
        self._check("it shows placeholders", "PERSON_1" in shown and LEAKED[0] not in shown)
        seen = self._told(self._agent.commands("/care", f"reveal {ticket} delivery", BIRCH))
        self._check("an agent may look, for a reason and on record", LEAKED[0] in seen)
        before = self.stage.sealed()
        said = self._told(self._agent.commands("/care", f"resolve {ticket}", BIRCH))
        self._check("resolved with a receipt", "Deleted:" in said)
        self._gone(ticket, before)

    def resolve_by_hook(self) -> None:
        """Resolve the second one through a signed webhook."""
        ticket = self._ticket_that_says("per pallet")
        before = self.stage.sealed()
        self._check("a forged hook is refused", self._forged(ticket) == 401)
        self._check("the signed hook is taken", self.stage.hook(ticket) == 200)
        self._gone(ticket, before)

    def redact(self) -> None:
        """Turn the order's PII into `Redacted`; what claims and refunds need stays."""
        before = self._order()
        self.tell(f"   before: {_described(before)}")
        at = (before.delivered_at or self.stage.now()) + timedelta(days=31)
        done = self.stage.bot.records.upkeep.redact(at)
        self.tell(f"   redact --now {at.isoformat()}: {done.due} due, {done.redacted} redacted")
        after = self._order()
        self.tell(f"   after:  {_described(after)}")
        self._check("names and street are Redacted", set(after.pii.values()) == {REDACTED})
        kept = (after.packages, after.city, after.state, after.zip, after.items)
        self._check(
            "tracking, city, state and zip are intact",
            kept == (before.packages, before.city, before.state, before.zip, before.items),
        )
        with self.stage.bot.records.store.read() as records:
            linked = records.returns.for_order(OrderId(ORDER))
        self._check("the return is still linked", [each.return_id for each in linked] != [])
        reply = self._asks(self._merchant, f"where is {ORDER}")[-1].text
        self._check("the look-up still works", "1Z999AA10123456784" in reply)

    def rotate(self) -> None:
        """Rotate the epoch keys: a backup of before, with today's keyring, opens nothing."""
        ticket, order = self._ticket_that_says("did it get there"), OrderId(ORDER)
        before = self.stage.opened_from_backup(ticket, order)
        upkeep = self.stage.bot.records.upkeep
        upkeep.retire(upkeep.rotate(self.stage.now(), at_once=True))
        after = self.stage.opened_from_backup(ticket, order)
        if before is None:
            self.tell("   left out: a server is backed up by its own means")
            return
        self.tell(f"   a backup, taken while {ticket} was open: {before} values open")
        self._check("the backup opens before the keys turn", before > len(LEAKED))
        self.tell(f"   the same backup, after keys rotate: {after} values open")
        self._check("nothing of the ticket or the order opens any more", after == 0)

    @property
    def _merchant(self) -> Person:
        return self.stage.slack.person("Mara Quill")

    @property
    def _agent(self) -> Person:
        return self.stage.slack.person("Ines Falk")

    def _asks(self, who: Person, text: str, place: str = BIRCH) -> Sequence[Message]:
        """Write a message and return the bot's replies in its thread, once there are some."""
        sent = who.writes(text, place)
        workspace = self.stage.slack.workspace
        return workspace.wait_for(
            lambda: workspace.replies_in(sent.message.channel, sent.message.ts), timeout=30.0
        )

    def _told(self, ack: object) -> str:
        body = getattr(ack, "body", {})
        return str(body.get("text", ""))

    def _ticket_that_says(self, words: str) -> str:
        """Return the ticket with a message that holds `words`."""
        with self.stage.bot.records.store.read() as records:
            return next(
                ticket_ref(ticket.ticket_id)
                for ticket in records.tickets.list()
                if any(words in each.text for each in records.tickets.messages(ticket.ticket_id))
            )

    def _gone(self, ticket: str, before: Sequence[str]) -> None:
        """Check that a resolved ticket's sealed values are in no file of the database."""
        receipt = self.stage.receipt(ticket)
        self._show()
        if receipt is None:
            self._check("the receipt says what was searched", held=False)
            return
        self.tell(f"   {receipt_lines(receipt)}")
        left = self.stage.sealed()
        gone = [value for value in before if value not in left]
        self._check(f"{len(gone)} sealed values are deleted", bool(gone))
        self._check("no file of the database holds them", not self.stage.search(*gone))
        self._check("nor what they were", not self.stage.search(*LEAKED, *LEAKED_LATER))
        self._check("the receipt found nothing left", receipt.found == 0)

    def _forged(self, ticket: str) -> int:
        true_secret = self.stage.hook_secret
        self.stage.hook_secret = "whsec_Zm9yZ2VkZm9yZ2VkZm9yZ2VkZm9yZ2Vk"  # noqa: S105 - forged
        try:
            return self.stage.hook(ticket)
        finally:
            self.stage.hook_secret = true_secret

    def _order(self) -> Order:
        records = self.stage.bot.records
        with records.store.read() as kept:
            found = records.lookup.order(kept, OrderId(ORDER))
        if found is None:
            raise AssertionError("the sample order is missing")
        return found

    def _check(self, what: str, held: bool) -> None:
        self._show()
        self.tell(f"   {'ok  ' if held else 'FAIL'} {what}")
        if not held:
            self.failed.append(what)

    def _show(self) -> None:
        for line in self.stage.said():
            self.tell("   | " + line.replace("\n", "\n   |   "))


def _described(order: Order) -> str:
    names = [order.pii[name] for name in ("first_name", "last_name", "street_1")]
    shown = [value if isinstance(value, str) else disclose(value) for value in names if value]
    tracking = ", ".join(package.tracking_id for package in order.packages)
    return f"{' | '.join(shown)} | {order.city}, {order.state} {order.zip} | {tracking}"
