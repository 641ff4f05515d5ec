"""What happens at the same moment, over both transports and on both databases."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest

from bot.sandbox.slack.writing import Sent
from bot.sandbox.stage import Stage
from nlp.text import RawText
from storage.tickets import TicketState
from tests.journeys.acting import (
    BIRCH,
    ORDER,
    QUESTION,
    agent,
    asks,
    care,
    held,
    idle,
    kept,
    kept_of,
    link,
    merchant,
    ref,
    replies,
    residue,
    ticket,
    tickets,
)

OTHER_ORDER = "113-5550143-5550143"
ROUNDS = 20

both_databases = pytest.mark.parametrize(
    "house",
    ["http-sqlite", pytest.param("http-postgresql", marks=pytest.mark.postgresql)],
    indirect=True,
)


def _together(*acts: Callable[[], object], apart: float = 0.0) -> list[object]:
    """Act in a thread each and return what came of it.

    All at the same moment, or each some seconds after the one before; a negative number turns
    the order around.
    """
    start = Barrier(len(acts))

    def run(act: Callable[[], object], wait: float) -> object:
        start.wait()
        time.sleep(wait)
        return act()

    places = range(len(acts)) if apart >= 0 else range(len(acts) - 1, -1, -1)
    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts, [abs(apart) * place for place in places]))


def test_a_mention_in_a_linked_channel_is_answered_once(house: Stage) -> None:
    """Slack tells of it twice, as a message and as a mention: it is stored and answered once."""
    link(house)
    sent = merchant(house).mentions(QUESTION, BIRCH)
    assert len(sent.acks) == 2
    assert sent.ok

    replies(house, sent)
    idle(house)

    assert len(replies(house, sent)) == 1
    assert len(kept(house, ticket(house, sent.message).ticket_id)) == 1


def test_two_messages_of_a_thread_at_once_open_one_ticket(house: Stage) -> None:
    """In a thread that has no ticket yet, both are stored in one and answered once each."""
    link(house)
    for _ in range(3):
        # What an agent writes in the channel opens no ticket.
        root = agent(house).writes("Morning! Anything for us today?", BIRCH)
        asked = [f"where is {number}" for number in (ORDER, OTHER_ORDER)]

        _together(*[partial(merchant(house).writes, text, BIRCH, root.message.ts)
                    for text in asked])  # fmt: skip
        replies(house, root, 2)
        idle(house)

        (one,) = tickets(house, root.message)
        heard = "".join(each.text for each in replies(house, root))
        assert sorted(kept(house, one.ticket_id)) == asked
        assert len(replies(house, root)) == 2
        assert f"*{ORDER}*" in heard
        assert f"*{OTHER_ORDER}*" in heard


def test_messages_of_a_thread_are_answered_in_their_order(house: Stage) -> None:
    """Four messages in a row, none waiting for the reply to another, are answered in that order."""
    link(house)
    numbers = [ORDER, OTHER_ORDER, "113-5550144-5550144", "113-5550145-5550145"]
    root = agent(house).writes("Which ones?", BIRCH)

    for number in numbers:
        merchant(house).writes(f"where is {number}", BIRCH, root.message.ts)

    for number, reply in zip(numbers, replies(house, root, 4), strict=True):
        assert reply.text.startswith(f"Order *{number}*")


@both_databases
def test_values_written_at_once_get_a_number_each(house: Stage) -> None:
    """Two messages of a ticket with two new values at once: the numbers 1 and 2, none twice."""
    link(house)
    root = merchant(house).writes(QUESTION, BIRCH)
    mara = merchant(house)

    _together(
        lambda: mara.writes("ok thx 415-555-0101", BIRCH, root.message.ts),
        lambda: mara.writes("ok thx 415-555-0102", BIRCH, root.message.ts),
    )

    opened = held(house, ticket(house, root.message).ticket_id)
    assert set(opened) == {"<PHONE_NUMBER_1>", "<PHONE_NUMBER_2>"}
    assert set(opened.values()) == {RawText("415-555-0101"), RawText("415-555-0102")}


@both_databases
def test_a_message_that_races_a_resolution_is_before_or_after(house: Stage) -> None:
    """Before: its values go with the ticket's. After: only a question has any kept, its own."""
    link(house)
    for number in range(ROUNDS):
        root = merchant(house).writes("call 415-555-0121, do you do prime?", BIRCH)
        asks_again = number % 2 == 1
        late = f"and for 415-555-0122? {QUESTION}" if asks_again else "ok thx 415-555-0122"

        sent = _together(
            partial(merchant(house).writes, late, BIRCH, root.message.ts),
            partial(agent(house).commands, "/care", f"resolve {ref(house, root.message)}", BIRCH),
            apart=(number % 5 - 2) * 0.003,
        )[0]

        assert isinstance(sent, Sent)
        assert sent.ok
        (one,) = tickets(house, root.message)
        if one.state is TicketState.RESOLVED:
            assert residue(house, one.ticket_id) == 0
        else:
            assert asks_again
            assert held(house, one.ticket_id) == {"<PHONE_NUMBER_1>": RawText("415-555-0122")}
        assert "<PHONE_NUMBER_" in (kept_of(house, sent.message) or "")
    idle(house)


@both_databases
def test_a_resolution_by_two_at_once_has_one_receipt(house: Stage) -> None:
    """An agent and the help desk resolve at the same moment: the thread hears of it once."""
    link(house)
    root = asks(house, merchant(house), "call 415-555-0131, do you do prime?")
    name = ref(house, root.message)

    _together(
        lambda: care(agent(house), f"resolve {name}"),
        lambda: house.hook(name),
    )
    idle(house)

    notes = [each for each in replies(house, root, 2) if "is resolved" in each.text]
    assert len(notes) == 1
    receipt = house.receipt(name)
    assert receipt is not None
    assert (receipt.rows["sealed_values"], receipt.found) == (1, 0)
