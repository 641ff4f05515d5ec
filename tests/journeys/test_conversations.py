"""Conversations as merchants have them: what is answered, what is kept, and until when."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.payloads import mention_event, message_event
from bot.sandbox.stage import Stage, stage
from nlp.text import RawText
from storage.tickets import TicketState
from tests.journeys.acting import (
    BIRCH,
    CEDAR,
    ORDER,
    OTHERS_ORDER,
    QUESTION,
    UNKNOWN,
    agent,
    answer,
    asks,
    cards,
    care,
    held,
    idle,
    kept,
    kept_of,
    link,
    merchant,
    other_merchant,
    ref,
    replies,
    residue,
    state,
    ticket,
    tickets,
    warnings,
)

GENERAL = "care-triage"
"""A channel with the bot in it that is linked to nobody."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, over_http: bool) -> Iterator[Stage]:
    """A running bot with both merchants' channels linked, and Mara as a person."""
    with stage(tmp_path_factory.mktemp("house"), over_http=over_http) as opened:
        link(opened)
        care(agent(opened), "link <@U0MARAQUILL|mara> birch-and-brook")
        yield opened


def _in_thread(house: Stage, root: str, text: str) -> str:
    """Write in a thread of Mara's, wait until all is done and return what is kept of it."""
    sent = merchant(house).writes(text, BIRCH, root)
    assert sent.ok
    idle(house)
    return kept_of(house, sent.message) or ""


def test_a_linked_person_asks_in_a_direct_message(house: Stage) -> None:
    """A question and an order are answered; both belong to one ticket of the person's merchant."""
    question = merchant(house).writes(QUESTION)
    assert "Source:" in answer(house, question)
    order = merchant(house).writes(f"where is {ORDER}")

    assert "1Z999AA10123456784" in answer(house, order)
    assert [each.merchant for each in tickets(house, order.message)] == ["birch-and-brook"]
    assert len(kept(house, ticket(house, order.message).ticket_id)) == 2


def test_a_direct_message_has_a_new_ticket_after_a_resolution(house: Stage) -> None:
    """After a resolution thanks are kept in the old ticket; a question opens a new one."""
    asked = merchant(house).writes(QUESTION)
    answer(house, asked)
    before = ticket(house, asked.message)
    care(agent(house), f"resolve {before.ticket_id}")
    idle(house)

    merchant(house).writes("thanks!")
    assert ticket(house, asked.message).ticket_id == before.ticket_id
    assert state(house, asked.message) is TicketState.RESOLVED
    question = merchant(house).writes(QUESTION)

    assert "Source:" in answer(house, question)
    after = ticket(house, question.message)
    assert after.ticket_id > before.ticket_id
    assert after.merchant == "birch-and-brook"


def test_an_unlinked_person_is_handed_over_until_linked(house: Stage) -> None:
    """Who is not linked hears so and is handed over; once linked, the same ticket looks it up."""
    asked = other_merchant(house).writes(f"where is {OTHERS_ORDER}")
    answer(house, asked)
    idle(house)
    heard = [each.text for each in house.slack.workspace.said_by_bot(asked.message.channel)]
    assert "isn't linked" in heard[0]
    assert f"as ticket {ref(house, asked.message)}" in heard[1]
    assert state(house, asked.message) is TicketState.WAITING_ON_CARE
    assert "from *an unlinked conversation*" in cards(house)[-1].text

    care(agent(house), "link <@U0TOBINASH1> cedar-kettle")
    again = other_merchant(house).writes(f"where is {OTHERS_ORDER}")

    assert "770155550160" in answer(house, again)
    assert [each.merchant for each in tickets(house, again.message)] == ["cedar-kettle"]


def test_words_in_a_channel_of_nobodys_are_not_read(house: Stage) -> None:
    """In an unlinked channel a plain message leaves no trace, also by a person who is linked."""
    mara = merchant(house)
    place = house.slack.workspace.channel(GENERAL)
    before = len(house.stored())

    delivered = [
        house.slack.delivery.deliver(
            message_event(house.slack.workspace.home, message, place, mara.user)
        )
        for message in (_posted(house, "where is 113-5550142-5550142"), _posted(house, QUESTION))
    ]

    assert all(ack is not None and ack.ok for ack in delivered)
    assert len(house.stored()) == before


def test_a_mention_in_a_channel_of_nobodys_is_answered(house: Stage) -> None:
    """In an unlinked channel a mention is answered in its thread; orders are not looked up."""
    place = house.slack.workspace.channel(GENERAL)
    home, mara = house.slack.workspace.home, merchant(house)
    message = _posted(house, f"<@{home.bot_user_id}> where is {ORDER}")

    for event in (message_event, mention_event):
        house.slack.delivery.deliver(event(home, message, place, mara.user))

    workspace = house.slack.workspace
    heard = workspace.wait_for(lambda: workspace.replies_in(place.id, message.ts))
    assert "isn't linked" in heard[0].text
    assert len(tickets(house, message)) == 1


def _posted(house: Stage, text: str) -> Message:
    workspace, mara = house.slack.workspace, merchant(house).user
    return workspace.post(
        Message(
            channel=workspace.channel(GENERAL).id,
            ts=workspace.next_ts(),
            user=mara.id,
            team=mara.team_id,
            text=text,
        )
    )


def test_replies_in_a_thread_belong_to_its_ticket(house: Stage) -> None:
    """A thread is one ticket, and another message in the channel is another."""
    root = asks(house, merchant(house), QUESTION)
    reply = merchant(house).writes(f"and where is {ORDER}", BIRCH, root.message.ts)
    other = asks(house, merchant(house), QUESTION)

    assert "Shipped" in replies(house, reply, 2)[-1].text
    assert len(tickets(house, root.message)) == 1
    assert ticket(house, reply.message) == ticket(house, root.message)
    assert ticket(house, other.message).ticket_id != ticket(house, root.message).ticket_id


def test_a_value_keeps_its_number_within_a_ticket(house: Stage) -> None:
    """The same phone number is `<PHONE_NUMBER_1>` in the first and third message, another is 2."""
    root = asks(house, merchant(house), "call 415-555-0111, do you do prime?")
    first = kept_of(house, root.message)
    second = _in_thread(house, root.message.ts, "or 415-555-0122")
    third = _in_thread(house, root.message.ts, "no, 415-555-0122 is wrong, 415-555-0111 it is")

    assert first == "call <PHONE_NUMBER_1>, do you do prime?"
    assert second == "or <PHONE_NUMBER_2>"
    assert third == "no, <PHONE_NUMBER_2> is wrong, <PHONE_NUMBER_1> it is"
    assert held(house, ticket(house, root.message).ticket_id) == {
        "<PHONE_NUMBER_1>": RawText("415-555-0111"),
        "<PHONE_NUMBER_2>": RawText("415-555-0122"),
    }


def test_the_buyer_of_a_named_order_is_known(house: Stage) -> None:
    """A buyer's name is taken out in lower case, in the message that names the order and later."""
    root = asks(house, merchant(house), f"{ORDER} odalys wants her money back")
    later = _in_thread(house, root.message.ts, "ms fennimore is quite angry")

    assert kept_of(house, root.message) == f"{ORDER} <PERSON_1> wants her money back"
    assert later == "ms <PERSON_2> is quite angry"
    assert house.search("odalys wants", "fennimore is") == ()


def test_the_buyer_of_an_order_that_nobody_named_is_known(house: Stage) -> None:
    """A buyer of any open order is taken out by name and by street, though no order is named."""
    root = asks(house, merchant(house), "fennimore odalys wants her money back, 4417 larkspur")

    assert kept_of(house, root.message) == "<PERSON_1> wants her money back, <STREET_ADDRESS_1>"
    assert house.search("fennimore odalys", "4417 larkspur") == ()


def test_the_buyer_of_another_merchants_order_is_not_looked_up(house: Stage) -> None:
    """What another merchant's order holds is not used, so naming it tells nothing about it."""
    # The last digits of the buyer's number: no rule takes them, knowing the order would.
    text = f"{OTHERS_ORDER} says 5550160 to me, refund?"
    root = asks(house, merchant(house), text)

    assert kept_of(house, root.message) == text
    assert "can't find that order" in replies(house, root)[0].text


def test_who_says_too_much_is_warned_alone(house: Stage) -> None:
    """PII brings one private warning and none of it back."""
    before = warnings(house, merchant(house))

    root = asks(house, merchant(house), "the buyer's number is 415-555-0133, do you do prime?")

    assert warnings(house, merchant(house)) == before + 1
    assert "415-555-0133" not in "".join(each.text for each in replies(house, root))


def test_an_edit_replaces_what_is_kept(house: Stage) -> None:
    """After an edit the new text stands; the old values are gone and the new ones sealed."""
    root = asks(house, merchant(house), "call 415-555-0144, do you do prime?")
    number = ticket(house, root.message).ticket_id

    edited = merchant(house).edits(root.message, "write to new@example.com, do you do prime?")

    assert edited.ok
    assert kept(house, number) == ["write to <EMAIL_ADDRESS_1>, do you do prime?"]
    assert held(house, number) == {"<EMAIL_ADDRESS_1>": RawText("new@example.com")}


def test_an_edit_that_adds_pii_is_warned_of(house: Stage) -> None:
    """Its writer alone is told what kind came in, once, and not of what was there before."""
    root = asks(house, merchant(house), "call 415-555-0146, do you do prime?")
    idle(house)
    seen = house.slack.workspace.seen_only_by
    before = len(seen(merchant(house).user.id))

    merchant(house).edits(root.message, "call 415-555-0146, do you do prime please?")
    idle(house)
    assert len(seen(merchant(house).user.id)) == before
    merchant(house).edits(root.message, "call 415-555-0146 or new@example.com, prime?")
    idle(house)

    (told,) = seen(merchant(house).user.id)[before:]
    assert told.text.startswith("Your message held an e-mail address. I took it out")
    assert "new@example.com" not in str(told)


def test_a_deletion_leaves_nothing(house: Stage) -> None:
    """After a deletion neither text nor values are kept."""
    root = asks(house, merchant(house), "call 415-555-0155, do you do prime?")
    number = ticket(house, root.message).ticket_id

    assert merchant(house).deletes(root.message).ok

    assert kept(house, number) == []
    assert held(house, number) == {}


@pytest.mark.parametrize("known", [True, False], ids=["known before", "told of it first"])
def test_a_late_copy_of_a_deleted_message_is_not_taken(house: Stage, known: bool) -> None:
    """A copy that Slack delivers after the deletion does not come back, nor one that is the first.

    Slack promises no order.
    """
    mara, workspace = merchant(house), house.slack.workspace
    place = workspace.channel(BIRCH)
    text = f"<@{workspace.home.bot_user_id}> secret plan, 415-555-0166"
    if known:
        message = asks(house, mara, text).message
    else:
        message = workspace.post(
            Message(
                channel=place.id,
                ts=workspace.next_ts(),
                user=mara.user.id,
                team=mara.user.team_id,
                text=text,
            )
        )
    mara.deletes(message)

    for event in (message_event, mention_event):
        ack = house.slack.delivery.deliver(event(workspace.home, message, place, mara.user))
        assert ack is not None
        assert ack.ok

    assert kept_of(house, message) is None
    assert not any("secret plan" in text for text in house.stored())


def test_an_edit_of_a_deleted_message_is_not_taken(house: Stage) -> None:
    """An edit that comes after the deletion brings no text back."""
    root = asks(house, merchant(house), QUESTION)
    merchant(house).deletes(root.message)
    house.slack.workspace.post(root.message)

    merchant(house).edits(root.message, "call 415-555-0177")

    assert kept_of(house, root.message) is None


def test_late_thanks_are_kept_without_their_values(house: Stage) -> None:
    """Thanks with a phone number in them, after the resolution: scrubbed, and nothing is sealed."""
    root = asks(house, merchant(house), "call 415-555-0188, do you do prime?")
    number = ticket(house, root.message).ticket_id
    care(agent(house), f"resolve JC-{number}")

    late = _in_thread(house, root.message.ts, "ok thx 415-555-0189")

    assert late == "ok thx <PHONE_NUMBER_1>"
    assert state(house, root.message) is TicketState.RESOLVED
    assert residue(house, number) == 0


def test_an_edit_after_the_resolution_seals_nothing(house: Stage) -> None:
    """What an edit adds to a message of a resolved ticket is scrubbed and not kept."""
    root = asks(house, merchant(house), QUESTION)
    number = ticket(house, root.message).ticket_id
    care(agent(house), f"resolve JC-{number}")

    merchant(house).edits(root.message, "call 415-555-0190")

    assert kept(house, number) == ["call <PHONE_NUMBER_1>"]
    assert residue(house, number) == 0


def test_a_late_question_reopens_the_ticket_empty(house: Stage) -> None:
    """A question in a resolved thread reopens its ticket, with nothing sensitive from before."""
    root = asks(house, merchant(house), "call 415-555-0191, do you do prime?")
    number = ticket(house, root.message).ticket_id
    care(agent(house), f"resolve JC-{number}")
    idle(house)
    before = len(replies(house, root))

    late = _in_thread(house, root.message.ts, f"and for 415-555-0192: {QUESTION}")

    assert len(tickets(house, root.message)) == 1
    assert state(house, root.message) is TicketState.ANSWERED
    assert "Source:" in replies(house, root, before + 1)[-1].text
    assert late.startswith("and for <PHONE_NUMBER_1>")
    assert held(house, number) == {"<PHONE_NUMBER_1>": RawText("415-555-0192")}
    assert "resolved" in care(agent(house), f"receipt JC-{number}")


def test_a_ticket_resolved_twice_has_a_receipt_of_each(house: Stage) -> None:
    """A reopened ticket that resolves again tells what was deleted the second time."""
    root = asks(house, merchant(house), "call 415-555-0193, do you do prime?")
    number = ref(house, root.message)
    first = care(agent(house), f"resolve {number}")
    _in_thread(house, root.message.ts, "or 415-555-0194 or 415-555-0195, do you do prime?")

    second = care(agent(house), f"resolve {number}")

    assert "Deleted: 1 sealed value," in first
    assert "Deleted: 2 sealed values," in second
    receipt = house.receipt(number)
    assert receipt is not None
    assert (receipt.rows["sealed_values"], receipt.found) == (2, 0)
    assert "Verified" in care(agent(house), f"receipt {number}")


def test_the_bot_is_quiet_once_an_agent_wrote(house: Stage) -> None:
    """After an agent's word the ticket waits on the merchant, then on Care; no word of the bot."""
    root = asks(house, merchant(house), QUESTION)
    agent(house).writes("Hi Mara, I am looking into it.", BIRCH, root.message.ts)
    assert state(house, root.message) is TicketState.WAITING_ON_MERCHANT

    _in_thread(house, root.message.ts, QUESTION)

    assert state(house, root.message) is TicketState.WAITING_ON_CARE
    assert len(replies(house, root)) == 1


def test_what_an_agent_says_is_scrubbed_and_kept(house: Stage) -> None:
    """An agent's word in a ticket is kept like a merchant's: scrubbed, its values sealed."""
    root = asks(house, merchant(house), QUESTION)
    agent(house).writes("I called 415-555-0196.", BIRCH, root.message.ts)

    number = ticket(house, root.message).ticket_id

    assert kept(house, number)[-1] == "I called <PHONE_NUMBER_1>."
    assert held(house, number) == {"<PHONE_NUMBER_1>": RawText("415-555-0196")}


def test_an_agents_word_outside_of_tickets_is_not_kept(house: Stage) -> None:
    """What an agent writes in the channel itself opens no ticket and is not stored."""
    before = len(house.stored())

    sent = agent(house).writes("Good morning, we are here.", BIRCH)

    assert sent.ok
    assert len(house.stored()) == before
    assert tickets(house, sent.message) == []


def test_a_question_after_a_person_resolved_goes_to_care(house: Stage) -> None:
    """In a thread that a person answered and resolved, a new question is handed to Care."""
    root = asks(house, merchant(house), QUESTION)
    agent(house).writes("Done.", BIRCH, root.message.ts)
    care(agent(house), f"resolve {ref(house, root.message)}")
    idle(house)
    before = len(cards(house))

    _in_thread(house, root.message.ts, "and can you do prime in Canada?")

    assert state(house, root.message) is TicketState.WAITING_ON_CARE
    assert "handed your question" in replies(house, root)[-1].text
    assert "and can you do prime in Canada?" in cards(house)[before].text


def test_who_asks_for_a_person_gets_one(house: Stage) -> None:
    """Handed over at once: the card has merchant, scrubbed context and link, and no PII."""
    root = asks(house, merchant(house), "call 415-555-0197, do you do prime?")
    before = len(cards(house))

    _in_thread(house, root.message.ts, "let me talk to a human, 415-555-0198")

    assert state(house, root.message) is TicketState.WAITING_ON_CARE
    assert ref(house, root.message) in replies(house, root)[-1].text
    (card,) = cards(house)[before:]
    for part in ("birch-and-brook", "call &lt;PHONE_NUMBER_1&gt;", "human, &lt;PHONE_NUMBER_2&gt;"):
        assert part in card.text
    assert "/archives/C0BIRCHBRK1/p" in str(card.blocks)
    assert "555-01" not in str(card)


def test_what_is_not_known_is_handed_over(house: Stage) -> None:
    """A question that no article answers is not guessed at: a person is asked for it."""
    root = asks(house, merchant(house), UNKNOWN)

    assert "don't know" in replies(house, root)[0].text
    assert state(house, root.message) is TicketState.WAITING_ON_CARE


def test_a_merchant_finds_its_own_orders_alone(house: Stage) -> None:
    """Of another merchant's order and of none the same is said."""
    theirs = asks(house, other_merchant(house), f"where is {ORDER}", CEDAR)
    nobodys = asks(house, other_merchant(house), "where is 999-9999999-9999999", CEDAR)

    assert replies(house, theirs)[0].text == replies(house, nobodys)[0].text


def test_an_answer_to_a_question_is_read_with_the_question(house: Stage) -> None:
    """A bare name, an edit of it and a bare street, asked for by an agent, are not stored."""
    root = asks(house, merchant(house), f"{ORDER} is late, what now?")
    agent(house).writes("Sorry! What's the name on the order?", BIRCH, root.message.ts)
    _in_thread(house, root.message.ts, "one sec")
    answered = merchant(house).writes("bertrand oyelaran", BIRCH, root.message.ts)
    idle(house)
    first = kept_of(house, answered.message)
    assert merchant(house).edits(answered.message, "bertrand a. oyelaran").ok
    idle(house)
    agent(house).writes("And the street address?", BIRCH, root.message.ts)
    street = _in_thread(house, root.message.ts, "8800 lakeshore")

    assert (first, street) == ("<PERSON_1>", "<STREET_ADDRESS_1>")
    assert kept_of(house, answered.message) == "<PERSON_1>"
    number = ticket(house, root.message).ticket_id
    assert held(house, number)["<PERSON_1>"] == RawText("bertrand a. oyelaran")


def test_a_person_has_one_placeholder_in_a_ticket(house: Stage) -> None:
    """However a buyer is called over the messages of a ticket, the placeholder is the same."""
    first = "customer name: John Smith, phone 415-555-0194. can you help?"
    root = asks(house, merchant(house), first)
    later = [
        _in_thread(house, root.message.ts, text)
        for text in ("customer name: J. Smith", "customer name: Jane Smith", "tel +1 4155550194")
    ]

    assert [text.partition("<")[2] for text in later] == [
        "PERSON_1>",
        "PERSON_2>",
        "PHONE_NUMBER_1>",
    ]
    assert held(house, ticket(house, root.message).ticket_id) == {
        "<PERSON_1>": RawText("John Smith"),
        "<PERSON_2>": RawText("Jane Smith"),
        "<PHONE_NUMBER_1>": RawText("+1 4155550194"),
    }


def test_a_merchant_asks_for_late_orders(house: Stage) -> None:
    """A list is a table of the merchant's own orders, with the same in its text."""
    sent = asks(house, merchant(house), "which of my orders are late?")

    (said,) = replies(house, sent)
    assert said.text.startswith("*Late orders*: ")
    assert "As of <!date^" in said.text
    assert OTHERS_ORDER not in said.text
    assert state(house, sent.message) is TicketState.ANSWERED


def test_a_merchant_asks_for_what_shipped(house: Stage) -> None:
    """The rows name order, status and tracking; no name or street is among them."""
    sent = asks(house, merchant(house), "which orders were delivered this month?")

    (said,) = replies(house, sent)
    (table,) = [block for block in said.blocks if block["type"] == "table"]
    assert ORDER in str(table["rows"])
    assert "1Z999AA10123456784" in str(table["rows"])
    assert "Fennimore" not in str(said.blocks)


def test_lists_are_for_linked_conversations_alone(house: Stage) -> None:
    """Where nobody is linked, a list is handed over like an order."""
    sent = other_merchant(house).writes("open returns")
    answer(house, sent)
    idle(house)

    heard = [each.text for each in house.slack.workspace.said_by_bot(sent.message.channel)]
    assert any("isn't linked" in each for each in heard) or "Open returns" in heard[-1]


def test_several_orders_come_in_one_reply(house: Stage) -> None:
    """Two numbers in a message are two cards in one message."""
    sent = asks(house, merchant(house), f"where are {ORDER} and 113-5550104-5550104?")

    assert len(replies(house, sent)) == 1
    assert ORDER in replies(house, sent)[0].text
