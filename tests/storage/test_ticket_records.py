"""Tickets and what is said in them, on both databases."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select

from nlp.text import RawText
from storage.audit import AuditKind
from storage.database import insert_new
from storage.errors import KeyDestroyed, TransitionRefused, UnknownTicket
from storage.ids import SlackTs, TicketId, ticket_owner
from storage.receipts import STORES
from storage.sealing import FINGERPRINT_BYTES
from storage.store import Store
from storage.tables import Base, DataKeyRow, PlaceholderRow, SealedValueRow
from storage.tickets import WHO, Actor, Step, TicketState, Trigger
from tests.storage.samples import (
    ACME,
    AGENT,
    BOLT,
    CHANNEL,
    PERSON,
    STREET,
    TEAM,
    THREAD,
    USER,
    open_ticket,
    say,
    scrubbed,
    value,
)


def count(store: Store, table: type[Base]) -> int:
    """Count the rows of a table."""
    with store.read() as tx:
        return tx.session.scalars(select(func.count()).select_from(table)).one()


def test_a_ticket_is_found_by_its_thread(store: Store, now: datetime) -> None:
    """The newest ticket of a thread is the thread's ticket."""
    with store.begin() as tx:
        open_ticket(tx, now)
        newest = open_ticket(tx, now + timedelta(days=1))
        other = open_ticket(tx, now, SlackTs("1772366400.999999"))

    with store.read() as tx:
        found = tx.tickets.latest(TEAM, CHANNEL, THREAD)
        assert found is not None
        assert found.ticket_id == newest != other
        assert found.opened_at == now + timedelta(days=1)
        assert tx.tickets.latest(TEAM, CHANNEL, SlackTs("1.0")) is None


def test_tickets_are_listed_by_state_and_merchant(store: Store, now: datetime) -> None:
    """A list takes the states and the merchant that are asked for."""
    with store.begin() as tx:
        first, second = open_ticket(tx, now), open_ticket(tx, now)
        tx.tickets.advance(second, Step.HANDED_OVER, now, by=Actor.BOT)

    with store.read() as tx:
        assert [t.ticket_id for t in tx.tickets.list()] == [first, second]
        assert [t.ticket_id for t in tx.tickets.list({TicketState.WAITING_ON_CARE})] == [second]
        assert [t.ticket_id for t in tx.tickets.list(merchant=ACME)] == [first, second]
        assert tx.tickets.list(merchant=BOLT) == ()


def test_the_same_value_has_the_same_number(store: Store, now: datetime) -> None:
    """A value is told by its canonical form, within the ticket and for each kind apart."""
    with store.begin() as tx:
        ticket = open_ticket(tx, now)
        first = tx.tickets.number_values(
            ticket, [value(PERSON), value("Ada Finch", number=2), value("555-0142", "PHONE_NUMBER")]
        )
        second = tx.tickets.number_values(
            ticket,
            [
                value("Otto Marsh", number=1),
                value(f"  {PERSON.upper()} ", number=2),
                value("(555) 0142", "PHONE_NUMBER", 1),
            ],
        )

    assert first == {("PERSON", 1): 1, ("PERSON", 2): 2, ("PHONE_NUMBER", 1): 1}
    assert second == {("PERSON", 1): 3, ("PERSON", 2): 1, ("PHONE_NUMBER", 1): 1}


@pytest.mark.parametrize(
    ("said", "numbers"),
    [
        (["John Smith", "J. Smith", "john", "SMITH, JOHN"], [1, 1, 1, 1]),
        (["John", "John Smith", "Smith"], [1, 1, 1]),
        (["John Smith", "Jane Smith", "J. Smith", "Smith", "J Smith"], [1, 2, 3, 4, 3]),
        (["John", "John Smith", "John Miller", "John", "Miller"], [1, 1, 2, 3, 2]),
        (["John", "Smith", "John Smith"], [1, 2, 3]),
        (["Jon Smith", "John Smith"], [1, 2]),
        (["John Smith Jr.", "John Smith Sr.", "John Smith"], [1, 2, 3]),
    ],
)
def test_a_person_is_one_number_across_messages(
    store: Store, now: datetime, said: list[str], numbers: list[int]
) -> None:
    """A name joins another that it may be short for, over messages, if it is the only one."""
    with store.begin() as tx:
        ticket = open_ticket(tx, now)
    given = []
    for name in said:
        with store.begin() as tx:
            given.append(tx.tickets.number_values(ticket, [value(name)])["PERSON", 1])

    assert given == numbers


def test_names_of_one_message_are_numbered_from_the_left(store: Store, now: datetime) -> None:
    """What is new in a message has the next numbers in order, what joins has the known one."""
    with store.begin() as tx:
        ticket = open_ticket(tx, now)
        assert tx.tickets.number_values(ticket, [value("John")]) == {("PERSON", 1): 1}
        numbers = tx.tickets.number_values(
            ticket,
            [
                value("Ada Finch", number=1),
                value("John Smith", number=2),
                value("Otto Marsh", number=3),
                value("555-0142", "PHONE_NUMBER", 1),
            ],
        )
        # The lone John is John Smith by now, so that his fingerprint is free for another.
        others = tx.tickets.number_values(ticket, [value("John Miller"), value("John", number=2)])

    assert numbers == {
        ("PERSON", 1): 2,
        ("PERSON", 2): 1,
        ("PERSON", 3): 3,
        ("PHONE_NUMBER", 1): 1,
    }
    assert others == {("PERSON", 1): 4, ("PERSON", 2): 5}


def test_a_person_is_revealed_by_the_fullest_form(store: Store, now: datetime) -> None:
    """Of "John" and "John Smith" the agent reads the second, whichever came first."""
    with store.begin() as tx:
        ticket = open_ticket(tx, now)
        for place, name in enumerate(["John", "John Smith", "Smith"]):
            say(tx, ticket, now, value(name), ts=f"1.{place}")

    with store.read() as tx:
        assert tx.tickets.reveal(ticket) == (("<PERSON_1>", RawText("John Smith")),)


def test_no_form_of_a_value_is_kept_in_the_clear(store: Store, now: datetime) -> None:
    """Of placeholders the database holds fingerprints alone, and none once the ticket is over."""
    with store.begin() as tx:
        ticket = open_ticket(tx, now)
        say(tx, ticket, now, value(PERSON))
        [row] = tx.session.scalars(select(PlaceholderRow)).all()
        kept = row.fingerprint + (row.shorter or b"")

    assert len(kept) == FINGERPRINT_BYTES * len(value(PERSON).keys)
    assert not any(part.lower().encode() in kept.lower() for part in PERSON.split())
    with store.begin() as tx:
        tx.tickets.resolve(ticket, by=AGENT, trigger=Trigger.COMMAND, now=now)
    assert count(store, PlaceholderRow) == 0


def test_a_placeholder_of_an_older_schema_is_still_known(store: Store, now: datetime) -> None:
    """A row without shorter forms is the same value's, and takes in a fuller one."""
    with store.begin() as tx:
        ticket = open_ticket(tx, now)
        tx.tickets.number_values(ticket, [value("Ada")])
        [row] = tx.session.scalars(select(PlaceholderRow)).all()
        row.shorter = None
    with store.begin() as tx:
        again = tx.tickets.number_values(ticket, [value("ADA")])
        fuller = tx.tickets.number_values(ticket, [value("Ada Finch")])
        last = tx.tickets.number_values(ticket, [value("Finch")])

    assert again == fuller == last == {("PERSON", 1): 1}


def test_numbers_of_tickets_are_apart(store: Store, now: datetime) -> None:
    """Each ticket counts from one, and no fingerprint is shared between tickets."""
    with store.begin() as tx:
        tickets = [open_ticket(tx, now), open_ticket(tx, now)]
        numbers = [tx.tickets.number_values(ticket, [value(PERSON)]) for ticket in tickets]

    assert numbers == [{("PERSON", 1): 1}] * 2
    with store.read() as tx:
        fingerprints = tx.session.scalars(select(PlaceholderRow.fingerprint)).all()
    assert len(set(fingerprints)) == 2


def test_values_are_revealed_while_the_ticket_is_open(store: Store, now: datetime) -> None:
    """Placeholders come back with what they stand for, once each."""
    with store.begin() as tx:
        ticket = open_ticket(tx, now)
        say(tx, ticket, now, value(PERSON), value(STREET, "STREET_ADDRESS"), ts="1.1")
        say(tx, ticket, now, value("Ada Finch"), value(PERSON, number=2), ts="1.2")

    with store.read() as tx:
        assert tx.tickets.sealed_kinds(ticket) == {"PERSON": 2, "STREET_ADDRESS": 1}
        assert tx.tickets.reveal(ticket) == (
            ("<PERSON_1>", RawText(PERSON)),
            ("<PERSON_2>", RawText("Ada Finch")),
            ("<STREET_ADDRESS_1>", RawText(STREET)),
        )


def test_a_message_is_kept_once(store: Store, now: datetime) -> None:
    """A second event about the same Slack message adds nothing; one without ts is always new."""
    with store.begin() as tx:
        ticket = open_ticket(tx, now)
        first = say(tx, ticket, now, value(PERSON), ts="1.1")
        again = say(tx, ticket, now, value(PERSON), ts="1.1")
        forms = [say(tx, ticket, now, ts=None), say(tx, ticket, now, ts=None)]

    assert first is not None
    assert again is None
    assert len({first, *forms}) == 3
    assert count(store, SealedValueRow) == 1


def test_an_edit_replaces_text_and_values(store: Store, now: datetime) -> None:
    """After an edit the new text stands and the values of the old one are gone."""
    with store.begin() as tx:
        ticket = open_ticket(tx, now)
        say(tx, ticket, now, value(PERSON), ts="1.1")
    later = now + timedelta(minutes=1)
    with store.begin() as tx:
        edited = tx.tickets.replace_message(
            TEAM, CHANNEL, SlackTs("1.1"), text=scrubbed("never mind"), at=later
        )

    with store.read() as tx:
        [message] = tx.tickets.messages(ticket)
        assert message == edited
        assert (message.text, message.edited_at) == ("never mind", later)
        assert tx.tickets.message(message.message_id) == message
        assert tx.tickets.message_at(TEAM, CHANNEL, SlackTs("1.1")) == message
        assert tx.tickets.reveal(ticket) == ()


def test_a_deleted_message_does_not_come_back(store: Store, now: datetime) -> None:
    """Text and values of a deleted message go, and neither a copy nor an edit brings them back."""
    with store.begin() as tx:
        ticket = open_ticket(tx, now)
        message = say(tx, ticket, now, value(PERSON), ts="1.1")
        assert message is not None
        assert tx.tickets.delete_message(TEAM, CHANNEL, SlackTs("1.1"), at=now)
    with store.begin() as tx:
        assert not tx.tickets.delete_message(TEAM, CHANNEL, SlackTs("1.1"), at=now)
        assert say(tx, ticket, now, value(PERSON), ts="1.1") is None
        assert tx.tickets.seal_values(ticket, message, [value(PERSON)], {("PERSON", 1): 1}) == 0
        edit = tx.tickets.replace_message(
            TEAM, CHANNEL, SlackTs("1.1"), text=scrubbed("again"), at=now
        )
        assert edit is None

    with store.read() as tx:
        assert tx.tickets.messages(ticket) == ()
        assert tx.tickets.message(message) is None
        assert tx.tickets.message_at(TEAM, CHANNEL, SlackTs("1.1")) is None
    assert count(store, SealedValueRow) == 0


def test_unknown_messages_are_neither_edited_nor_deleted(store: Store, now: datetime) -> None:
    """An edit or a deletion of a message that is not kept does nothing and says so."""
    with store.begin() as tx:
        edit = tx.tickets.replace_message(TEAM, CHANNEL, SlackTs("9.9"), text=scrubbed("x"), at=now)
        assert edit is None
        assert not tx.tickets.delete_message(TEAM, CHANNEL, SlackTs("9.9"), at=now)


def test_resolving_deletes_all_that_is_sensitive(store: Store, now: datetime) -> None:
    """Values, placeholders and key go with the state; another ticket keeps its own."""
    with store.begin() as tx:
        ticket, other = open_ticket(tx, now), open_ticket(tx, now)
        say(tx, ticket, now, value(PERSON), value(STREET, "STREET_ADDRESS"), ts="1.1")
        say(tx, ticket, now, value(PERSON), ts="1.2")
        say(tx, other, now, value(PERSON), ts="1.3")
    with store.begin() as tx:
        receipt = tx.tickets.resolve(ticket, by=AGENT, trigger=Trigger.COMMAND, now=now)

    assert receipt.rows == {"sealed_values": 3, "placeholders": 2, "data_keys": 1}
    assert tuple(receipt.rows) == STORES
    assert (receipt.ticket, receipt.by, receipt.trigger) == (f"JC-{ticket}", AGENT, "command")
    assert receipt.key_epoch == 1
    with store.read() as tx:
        resolved = tx.tickets.get(ticket)
        assert (resolved.state, resolved.resolved_at) == (TicketState.RESOLVED, now)
        assert tx.tickets.sealed_kinds(ticket) == {}
        with pytest.raises(KeyDestroyed):
            tx.tickets.reveal(ticket)
        assert tx.tickets.reveal(other) == (("<PERSON_1>", RawText(PERSON)),)
        assert len(tx.tickets.messages(ticket)) == 2
        assert tx.session.scalars(select(DataKeyRow.owner)).all() == [ticket_owner(other)]
        assert tx.session.scalars(select(PlaceholderRow.ticket_id)).all() == [other]


def test_resolving_again_gives_the_first_receipt(store: Store, now: datetime) -> None:
    """A second resolution changes nothing, whoever asks for it."""
    with store.begin() as tx:
        ticket = open_ticket(tx, now)
        say(tx, ticket, now, value(PERSON))
        first = tx.tickets.resolve(ticket, by=AGENT, trigger=Trigger.COMMAND, now=now)
    with store.begin() as tx:
        later = now + timedelta(hours=1)
        second = tx.tickets.resolve(ticket, by="hook:standard", trigger=Trigger.HOOK, now=later)

    assert second == first
    with store.read() as tx:
        assert tx.tickets.get(ticket).resolved_at == now
        assert len(tx.audit.about(ticket_owner(ticket))) == 1


def test_nothing_is_kept_after_resolution(store: Store, now: datetime) -> None:
    """What arrives on a resolved ticket is kept scrubbed, without its values and without a key."""
    with store.begin() as tx:
        ticket = open_ticket(tx, now)
        tx.tickets.resolve(ticket, by=AGENT, trigger=Trigger.COMMAND, now=now)
    with store.begin() as tx:
        numbers = tx.tickets.number_values(ticket, [value(PERSON, number=1), value("x", "A", 4)])
        assert numbers == {("PERSON", 1): 1, ("A", 4): 4}
        assert say(tx, ticket, now, value(PERSON)) is not None

    with store.read() as tx:
        assert [message.text for message in tx.tickets.messages(ticket)] == ["about <PERSON_1>"]
    assert [count(store, t) for t in (SealedValueRow, PlaceholderRow, DataKeyRow)] == [0, 0, 0]


def test_a_reopened_ticket_starts_with_nothing(store: Store, now: datetime) -> None:
    """A reopened ticket keeps values again, under a new key, and gives a receipt of its own."""
    with store.begin() as tx:
        ticket = open_ticket(tx, now)
        say(tx, ticket, now, value(PERSON), ts="1.1")
        first = tx.tickets.resolve(ticket, by=AGENT, trigger=Trigger.COMMAND, now=now)
        assert tx.tickets.advance(ticket, Step.REOPEN, now, by=Actor.AGENT) is TicketState.REOPENED
        assert tx.tickets.get(ticket).resolved_at is None
        assert tx.tickets.reveal(ticket) == ()
        say(tx, ticket, now, value("Ada Finch"), ts="1.2")
        assert tx.tickets.reveal(ticket) == (("<PERSON_1>", RawText("Ada Finch")),)
        second = tx.tickets.resolve(ticket, by=AGENT, trigger=Trigger.BUTTON, now=now)

    assert (first.rows["sealed_values"], second.rows["sealed_values"]) == (1, 1)
    assert first.seq < second.seq
    with store.read() as tx:
        assert tx.receipts.of(ticket) == second


def test_a_person_is_needed_from_the_hand_over_on(store: Store, now: datetime) -> None:
    """Not from the opening, through all that is written after it, and anew after a resolution."""
    hour, needed = timedelta(hours=1), []
    with store.begin() as tx:
        ticket = open_ticket(tx, now)
        for place, (step, by) in enumerate(
            (
                (Step.BOT_ANSWERED, Actor.BOT),
                (Step.HANDED_OVER, Actor.BOT),
                (Step.AGENT_WROTE, Actor.AGENT),
                (Step.MERCHANT_WROTE, Actor.MERCHANT),
            )
        ):
            tx.tickets.advance(ticket, step, now + place * hour, by=by)
            needed.append(tx.tickets.get(ticket).needed_since)
        tx.tickets.resolve(ticket, by=AGENT, trigger=Trigger.COMMAND, now=now + 4 * hour)
        tx.tickets.advance(ticket, Step.REOPEN, now + 5 * hour, by=Actor.MERCHANT)
        needed.append(tx.tickets.get(ticket).needed_since)
        tx.tickets.advance(ticket, Step.HANDED_OVER, now + 6 * hour, by=Actor.BOT)
        needed.append(tx.tickets.get(ticket).needed_since)

    assert needed == [None, *(3 * [now + hour]), None, now + 6 * hour]


@pytest.mark.parametrize("step", [Step.RESOLVE, Step.QUIET])
def test_only_resolve_resolves(store: Store, now: datetime, step: Step) -> None:
    """A step that would resolve without deleting is refused and changes nothing."""
    with store.begin() as tx:
        ticket = open_ticket(tx, now)
    with pytest.raises(TransitionRefused), store.begin() as tx:
        tx.tickets.advance(ticket, step, now, by=min(WHO[step]))

    with store.read() as tx:
        assert tx.tickets.get(ticket).state is TicketState.OPEN


def test_a_failed_resolution_leaves_everything(store: Store, now: datetime) -> None:
    """Where the transaction of a resolution fails, state, values and key are as before."""
    with store.begin() as tx:
        ticket = open_ticket(tx, now)
        say(tx, ticket, now, value(PERSON))

    def fail_halfway() -> None:
        with store.begin() as tx:
            tx.tickets.resolve(ticket, by=AGENT, trigger=Trigger.COMMAND, now=now)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()

    with store.read() as tx:
        assert tx.tickets.get(ticket).state is TicketState.OPEN
        assert tx.tickets.reveal(ticket) == (("<PERSON_1>", RawText(PERSON)),)
        assert tx.receipts.of(ticket) is None


def test_residue_is_counted_once_resolved(store: Store, now: datetime) -> None:
    """A resolved ticket has no row left, and one that somehow comes back is counted."""
    with store.begin() as tx:
        ticket = open_ticket(tx, now)
        message = say(tx, ticket, now, value(PERSON))
        [row] = tx.session.scalars(select(SealedValueRow)).all()
        assert tx.tickets.residue(ticket) == 0  # it is open, so what it holds is no residue
        tx.tickets.resolve(ticket, by=AGENT, trigger=Trigger.COMMAND, now=now)
        assert tx.tickets.residue(ticket) == 0
        insert_new(
            tx.session,
            SealedValueRow,
            {
                "message_id": message,
                "entity_type": "PERSON",
                "number": 1,
                "ticket_id": ticket,
                "sealed": row.sealed,
            },
        )
        assert tx.tickets.residue(ticket) == 1


def test_a_resolution_in_progress_is_waited_for(store: Store, now: datetime) -> None:
    """Who locks a thread while its ticket is being resolved finds it resolved."""
    with store.begin() as tx:
        ticket = open_ticket(tx, now)
    resolving = Barrier(2)

    def resolve() -> None:
        with store.begin() as tx:
            tx.tickets.resolve(ticket, by="U0001", trigger=Trigger.COMMAND, now=now)
            resolving.wait()
            time.sleep(0.2)

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(resolve)
        resolving.wait()
        with store.begin() as tx:
            tx.tickets.lock_conversation(TEAM, CHANNEL, THREAD)
            found = tx.tickets.latest(TEAM, CHANNEL, THREAD)
        done.result()

    assert found is not None
    assert found.state is TicketState.RESOLVED


def test_a_ticket_is_assigned_to_a_merchant(store: Store, now: datetime) -> None:
    """A ticket that was opened before its channel was linked gets its merchant later."""
    with store.begin() as tx:
        tx.merchants.ensure(ACME)
        ticket = tx.tickets.open(
            team=TEAM, channel=CHANNEL, thread_ts=THREAD, merchant=None, user=USER, at=now
        ).ticket_id

        tx.tickets.set_merchant(ticket, ACME)

    with store.read() as tx:
        assert tx.tickets.get(ticket).merchant == ACME


def test_threads_are_locked_apart(store: Store, now: datetime) -> None:
    """Of two who open a ticket for one thread at once, the second finds the first one's."""
    start = Barrier(2)

    def open_or_find(_: int) -> TicketId:
        start.wait()
        with store.begin() as tx:
            tx.tickets.lock_conversation(TEAM, CHANNEL, THREAD)
            found = tx.tickets.latest(TEAM, CHANNEL, THREAD)
            return open_ticket(tx, now) if found is None else found.ticket_id

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(open_or_find, range(2))

    assert first == second


def test_the_census_counts(store: Store, now: datetime) -> None:
    """Tickets by state and sealed values by kind, for health and metrics."""
    with store.begin() as tx:
        say(tx, open_ticket(tx, now), now, value(PERSON), value("a@example.com", "EMAIL_ADDRESS"))
        tx.tickets.resolve(open_ticket(tx, now), by=AGENT, trigger=Trigger.COMMAND, now=now)

    with store.read() as tx:
        assert tx.census.tickets() == {"open": 1, "resolved": 1}
        assert tx.census.sealed_values() == {"EMAIL_ADDRESS": 1, "PERSON": 1}
        assert tx.census.replies() == {}


def test_unknown_tickets_are_named_so(store: Store, now: datetime) -> None:
    """Every way to a ticket that is not there raises UnknownTicket."""
    nobody = TicketId(404)
    with pytest.raises(UnknownTicket), store.read() as tx:
        tx.tickets.get(nobody)
    with pytest.raises(UnknownTicket), store.begin() as tx:
        tx.tickets.resolve(nobody, by=AGENT, trigger=Trigger.COMMAND, now=now)
    with pytest.raises(UnknownTicket), store.begin() as tx:
        say(tx, nobody, now)
    with pytest.raises(UnknownTicket), store.begin() as tx:
        tx.tickets.link_external("zendesk", "77", nobody)


def test_ticket_numbers_are_never_used_again(store: Store, now: datetime) -> None:
    """The number of a ticket that was rolled back or removed may be skipped, never shared."""
    with store.begin() as tx:
        first = open_ticket(tx, now)
        row = tx.session.connection().exec_driver_sql("SELECT count(*) FROM tickets").scalar()
        assert row == 1
        tx.session.connection().exec_driver_sql("DELETE FROM tickets")
    with store.begin() as tx:
        second = open_ticket(tx, now)

    assert second > first


def test_a_help_desk_ticket_leads_to_ours(store: Store, now: datetime) -> None:
    """A link to a help desk's ticket is found by provider and id, and the newest link counts."""
    with store.begin() as tx:
        first, second = open_ticket(tx, now), open_ticket(tx, now)
        tx.tickets.link_external("zendesk", "77", first)
        tx.tickets.link_external("zendesk", "77", second)

    with store.read() as tx:
        found = tx.tickets.by_external("zendesk", "77")
        assert found is not None
        assert found.ticket_id == second
        assert tx.tickets.by_external("front", "77") is None


def test_a_message_that_races_a_resolution_leaves_nothing(store: Store, now: datetime) -> None:
    """Of messages and a resolution at the same moment no sensitive value stays behind."""
    with store.begin() as tx:
        ticket = open_ticket(tx, now)
        say(tx, ticket, now, value(PERSON), ts="0.0")
    start = Barrier(4)

    def write(writer: int) -> None:
        start.wait()
        for number in range(5):
            with store.begin() as tx:
                say(tx, ticket, now, value(f"Ada {number}"), ts=f"{writer}.{number}")

    def resolve() -> None:
        start.wait()
        with store.begin() as tx:
            tx.tickets.resolve(ticket, by=AGENT, trigger=Trigger.COMMAND, now=now)

    with ThreadPoolExecutor(4) as pool:
        tasks = [pool.submit(write, writer) for writer in (1, 2, 3)] + [pool.submit(resolve)]
        for task in tasks:
            task.result()

    with store.read() as tx:
        assert len(tx.tickets.messages(ticket)) == 16
        assert len(tx.audit.about(ticket_owner(ticket))) == 1
    assert [count(store, t) for t in (SealedValueRow, PlaceholderRow, DataKeyRow)] == [0, 0, 0]


def test_two_resolutions_at_once_give_one_receipt(store: Store, now: datetime) -> None:
    """An agent and a hook at the same moment: one deletion, and the same receipt for both."""
    with store.begin() as tx:
        ticket = open_ticket(tx, now)
        say(tx, ticket, now, value(PERSON))
    start = Barrier(2)

    def resolve(trigger: Trigger) -> int:
        start.wait()
        with store.begin() as tx:
            return tx.tickets.resolve(ticket, by=AGENT, trigger=trigger, now=now).seq

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(resolve, (Trigger.COMMAND, Trigger.HOOK))

    assert first == second
    with store.read() as tx:
        kinds = [entry.kind for entry in tx.audit.about(ticket_owner(ticket))]
    assert kinds == [AuditKind.TICKET_RESOLVED]
