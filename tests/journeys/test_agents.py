"""`/care` and the App Home, for agents, merchants and people of other workspaces."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from bot.care.agents import MERCHANTS_LEAD, NO_TICKET, REFUSED
from bot.replies import NOT_FOUND
from bot.sandbox.slack.objects import Channel
from bot.sandbox.slack.sample import CARE_GROUP, INES, NOOR, ROWAN
from bot.sandbox.stage import Stage, stage
from storage.audit import AuditKind, Entry
from storage.tickets import TicketState
from tests.journeys.acting import (
    BIRCH,
    CEDAR,
    ORDER,
    OTHERS_ORDER,
    QUESTION,
    UNKNOWN,
    agent,
    asks,
    care,
    idle,
    kept,
    link,
    merchant,
    other_merchant,
    outsider,
    ref,
    state,
    ticket,
)

EVERY = {
    "tickets", "ticket", "assign", "note", "resolve", "reopen", "receipt", "reveal", "order",
    "return", "redact", "link", "unlink", "merchants", "audit", "stats", "help",
}  # fmt: skip
"""The commands of agents."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, over_http: bool) -> Iterator[Stage]:
    """A running bot; Rowan of another workspace stands in the list of agents, by mistake."""
    listed = {"CARE_AGENTS": f"{INES.id},{NOOR.id},{ROWAN.id}"}
    home = tmp_path_factory.mktemp("house")
    with stage(home, over_http=over_http, environment=listed) as opened:
        link(opened)
        yield opened


def test_an_agent_gets_the_agents_help(house: Stage) -> None:
    """`/care help`, and `/care` alone, show an agent every command."""
    shown = care(agent(house), "help")

    assert care(agent(house), "") == shown
    assert set(re.findall(r"^`/care (\w+)", shown, re.MULTILINE)) == EVERY


def test_a_merchant_gets_the_merchants_help(house: Stage) -> None:
    """`/care help` shows a merchant how to ask, and no command that is for agents."""
    shown = care(merchant(house), "help")

    assert MERCHANTS_LEAD in shown
    assert re.findall(r"^`/care (\w+)", shown, re.MULTILINE) == ["order", "return", "help"]


def test_answers_to_commands_are_seen_by_their_author_alone(house: Stage) -> None:
    """What `/care` says is ephemeral."""
    ack = agent(house).commands("/care", "tickets", BIRCH)

    assert ack is not None
    assert ack.body["response_type"] == "ephemeral"


def test_tickets_are_listed_by_what_they_wait_for(house: Stage) -> None:
    """Open, waiting and resolved tickets are listed by number, state and merchant, no text."""
    answered = asks(house, merchant(house), QUESTION)
    waiting = asks(house, merchant(house), UNKNOWN)
    over = asks(house, other_merchant(house), QUESTION, CEDAR)
    care(agent(house), f"resolve {ref(house, over.message)}")
    names = [f"*{ref(house, sent.message)}*" for sent in (answered, waiting, over)]

    listed = {
        which: [name in care(agent(house), f"tickets {which}") for name in names]
        for which in ("", "open", "waiting", "resolved")
    }

    assert listed == {
        "": [True, True, False],
        "open": [True, True, False],
        "waiting": [False, True, False],
        "resolved": [False, False, True],
    }
    assert f"{names[2]} resolved, cedar-kettle" in care(agent(house), "tickets resolved")
    assert "pallet" not in care(agent(house), "tickets")


def test_a_ticket_is_shown_with_what_it_holds(house: Stage) -> None:
    """`/care ticket` shows who said what, scrubbed, and how many values of a kind are sealed."""
    sent = asks(house, merchant(house), f"call 415-555-0111 or 415-555-0112. {QUESTION}")
    agent(house).writes("On it.", BIRCH, sent.message.ts)

    shown = care(agent(house), f"ticket {ref(house, sent.message)}")

    assert "waiting on merchant, birch-and-brook" in shown
    assert "*merchant*: call &lt;PHONE_NUMBER_1&gt; or &lt;PHONE_NUMBER_2&gt;." in shown
    assert "*agent*: On it." in shown
    assert "Sealed values: 2 PHONE_NUMBER" in shown


def test_a_ticket_is_resolved_with_a_receipt(house: Stage) -> None:
    """`/care resolve` deletes and says what; `/care receipt` shows it again, searched."""
    sent = asks(house, merchant(house), f"call 415-555-0121. {QUESTION}")
    name = ref(house, sent.message)
    assert "not resolved" in care(agent(house), f"receipt {name}")

    done = care(agent(house), f"resolve {name.lower()}")

    assert f"*{name}* resolved" in done
    assert "by command (U0INESFALK1). Deleted: 1 sealed value, 1 placeholder, 1 data key." in done
    receipt = house.receipt(name)
    assert receipt is not None
    assert "0 rows found, 0 frames left" in care(agent(house), f"receipt {name}")


def test_an_agent_reveals_for_a_reason_and_on_record(house: Stage) -> None:
    """`/care reveal` shows what an open ticket holds to its asker alone and writes who and why."""
    sent = asks(house, merchant(house), f"call 415-555-0122. {QUESTION}")
    name = ref(house, sent.message)
    audited = _audited(house)

    assert care(agent(house), f"reveal {name}").startswith("Say why")
    assert care(agent(house), f"reveal {name} curiosity").startswith("Say why")
    assert _audited(house) == audited
    shown = care(agent(house), f"reveal {name} Delivery")

    assert "`&lt;PHONE_NUMBER_1&gt;` 415-555-0122" in shown
    entry = _last_entry(house)
    assert entry.kind is AuditKind.VALUES_REVEALED
    assert (entry.by, entry.facts) == (agent(house).user.id, {"values": 1, "reason": "delivery"})
    assert "415-555-0122" not in str(kept(house, ticket(house, sent.message).ticket_id))


def test_nobody_reveals_after_the_resolution(house: Stage) -> None:
    """What a resolved ticket held is shown to nobody, and a look at nothing is not on record."""
    sent = asks(house, merchant(house), f"call 415-555-0123. {QUESTION}")
    name = ref(house, sent.message)
    care(agent(house), f"resolve {name}")
    idle(house)
    audited = _audited(house)

    assert "resolved. What it held is deleted" in care(agent(house), f"reveal {name} claim")

    assert _audited(house) == audited


def test_a_ticket_resolved_again_gives_its_first_receipt(house: Stage) -> None:
    """`/care resolve` a second time changes nothing and shows the same audit entry."""
    sent = asks(house, merchant(house), QUESTION)
    name = ref(house, sent.message)
    first = care(agent(house), f"resolve {name}")
    receipt = house.receipt(name)

    second = care(agent(house), f"resolve {name}")

    assert first.rpartition("Audit")[2] == second.rpartition("Audit")[2]
    assert house.receipt(name) == receipt


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("ticket JC-999999", NO_TICKET),
        ("resolve JC-999999", NO_TICKET),
        ("receipt JC-999999", NO_TICKET),
        ("ticket", "A ticket is JC- and a number, such as JC-12."),
        ("resolve everything", "A ticket is JC- and a number, such as JC-12."),
        ("ticket JC-99999999999999999999", "A ticket is JC- and a number, such as JC-12."),
        ("tickets of today", "`/care tickets` takes `open`, `mine`, `waiting` or `resolved`."),
        ("order 123", "An order id is 3-7-7 digits, such as 111-2223334-5556667."),
        ("order 999-9999999-9999999", NOT_FOUND),
        ("return 999-9999999-9999999", NOT_FOUND),
        ("link", "A merchant is up to 40 lower-case letters, digits and dashes."),
        ("link birch and brook", "A merchant is up to 40 lower-case letters, digits and dashes."),
        ("link <@U0MARAQUILL>", "A merchant is up to 40 lower-case letters, digits and dashes."),
        ("resolv JC-1", "I don't know that command. Did you mean `/care resolve`?"),
        ("TICKTES", "I don't know that command. Did you mean `/care tickets`?"),
        ("xyzzy", "I don't know that command. `/care help` lists them."),
    ],
)
def test_wrong_usage_says_what_is_right(house: Stage, text: str, answer: str) -> None:
    """An agent who mistypes reads what the command takes, or the nearest command."""
    assert care(agent(house), text) == answer


@pytest.mark.parametrize("text", ["ticket JC-0", "ticket JC-9223372036854775808", "ticket -1"])
def test_numbers_that_are_none_are_refused(house: Stage, text: str) -> None:
    """A ticket's number that no database holds is answered like any other that is not there."""
    assert care(agent(house), text) in (
        NO_TICKET,
        "A ticket is JC- and a number, such as JC-12.",
    )


def test_an_agent_sees_the_orders_of_all_merchants(house: Stage) -> None:
    """`/care order` and `/care return` show an agent any order, from any channel."""
    assert "1Z999AA10123456784" in care(agent(house), f"order {ORDER}", CEDAR)
    assert "770155550160" in care(agent(house), f"order {OTHERS_ORDER}")
    assert "RMA-55501" in care(agent(house), f"return {ORDER}", CEDAR)


def test_a_merchant_sees_its_own_orders_alone(house: Stage) -> None:
    """`/care order` of another merchant's order reads like that of none; so does `/care return`."""
    assert "1Z999AA10123456784" in care(merchant(house), f"order {ORDER}")
    assert "RMA-55501" in care(merchant(house), f"return {ORDER}")
    for name in ("order", "return"):
        theirs = care(other_merchant(house), f"{name} {ORDER}", CEDAR)
        assert theirs == care(other_merchant(house), f"{name} 999-9999999-9999999", CEDAR)
        assert theirs == NOT_FOUND


def test_no_order_is_shown_where_nobody_is_linked(house: Stage) -> None:
    """Who is not linked finds no order with `/care order`, not even of their own merchant."""
    assert care(other_merchant(house), f"order {OTHERS_ORDER}", None) == NOT_FOUND


@pytest.mark.parametrize("what", sorted(EVERY - {"order", "return", "help"}))
@pytest.mark.parametrize("who", ["merchant", "Slack Connect"])
def test_commands_of_agents_are_refused_to_others(house: Stage, who: str, what: str) -> None:
    """A merchant, or a listed person of another workspace, is refused and nothing changes."""
    sent = asks(house, other_merchant(house), QUESTION, CEDAR)
    audited = _audited(house)
    person = outsider(house) if who == "Slack Connect" else other_merchant(house)
    argument = {"tickets": "", "link": "birch-and-brook", "redact": OTHERS_ORDER}.get(
        what, ref(house, sent.message)
    )

    assert care(person, f"{what} {argument}", CEDAR) == REFUSED

    assert state(house, sent.message) is TicketState.ANSWERED
    assert _audited(house) == audited + 1
    refused = _last_entry(house)
    assert refused.kind is AuditKind.ACTION_REFUSED
    assert refused.by.endswith(person.user.id)
    assert refused.subject == f"command:{what}"


def _last_entry(house: Stage) -> Entry:
    return _entries(house)[-1]


def _audited(house: Stage) -> int:
    return len(_entries(house))


def _entries(house: Stage) -> list[Entry]:
    """Return what is on record, but for the searches that the engine makes in its own time."""
    with house.bot.records.store.read() as records:
        found = [records.audit.entry(place) for place in range(1, records.audit.verify() + 1)]
    return [each for each in found if each and each.kind is not AuditKind.TICKET_VERIFIED]


def test_a_listed_person_of_another_workspace_writes_as_a_merchant(house: Stage) -> None:
    """Rowan's words open a ticket and are answered: they are not those of an agent."""
    sent = asks(house, outsider(house), QUESTION, CEDAR)

    assert state(house, sent.message) is TicketState.ANSWERED
    assert ticket(house, sent.message).merchant == "cedar-kettle"


def test_a_channel_is_linked_from_elsewhere(house: Stage) -> None:
    """`/care link #channel MERCHANT` links another channel; what follows is that merchant's."""
    workspace = house.slack.workspace
    place = Channel(
        id="C0ANOTHER01", name="another", members=(workspace.bot.id, merchant(house).user.id)
    )
    workspace.put(place)

    done = care(agent(house), "link <#C0ANOTHER01|another> birch-and-brook", CEDAR)

    assert done == "<#C0ANOTHER01> is linked to merchant *birch-and-brook*."
    sent = asks(house, merchant(house), f"where is {ORDER}", "another")
    assert ticket(house, sent.message).merchant == "birch-and-brook"


def test_a_direct_message_is_not_linked_by_itself(house: Stage) -> None:
    """In a direct message `/care link` asks whom to link."""
    assert "whom to link" in care(agent(house), "link birch-and-brook", None)


def test_a_person_is_linked_for_their_commands(house: Stage) -> None:
    """After `/care link @person MERCHANT` the person finds orders in the direct message."""
    assert care(merchant(house), f"order {ORDER}", None) == NOT_FOUND

    care(agent(house), f"link <@{merchant(house).user.id}> birch-and-brook")

    assert "1Z999AA10123456784" in care(merchant(house), f"order {ORDER}", None)


def test_a_ticket_is_assigned_and_listed_as_mine(house: Stage) -> None:
    """`/care assign` gives a ticket to an agent, to oneself, to nobody; `mine` lists one's own."""
    sent = asks(house, merchant(house), UNKNOWN)
    name, noor = ref(house, sent.message), house.slack.person("Noor Vance")

    assert "<@U0INESFALK1> has it" in care(agent(house), f"assign {name}")
    assert f"*{name}*" in care(agent(house), "tickets mine")
    assert f"*{name}*" not in care(noor, "tickets mine", "care-triage")
    assert "<@U0NOORVANCE> has it" in care(agent(house), f"assign {name} <@U0NOORVANCE|noor>")
    assert f"*{name}*" not in care(agent(house), "tickets mine")
    assert "is not one of" in care(agent(house), f"assign {name} <@U0MARAQUILL>")
    assert "nobody has it" in care(agent(house), f"assign {name} nobody")
    assert "takes `@agent`" in care(agent(house), f"assign {name} somebody")


def test_a_note_is_kept_scrubbed_and_the_merchant_sees_nothing(house: Stage) -> None:
    """`/care note` keeps words for agents; the bot goes on answering in that ticket."""
    sent = asks(house, merchant(house), QUESTION)
    name = ref(house, sent.message)
    assert care(agent(house), f"note {name}").startswith("Say what to note")

    care(agent(house), f"note {name} call the warehouse, 415-555-0188")

    assert "call the warehouse, <PHONE_NUMBER_1>" in kept(
        house, ticket(house, sent.message).ticket_id
    )
    assert "*agent*: call the warehouse" in care(agent(house), f"ticket {name}")
    again = merchant(house).writes(f"where is {ORDER}", BIRCH, sent.message.ts)
    idle(house)
    said = house.slack.workspace.replies_in(again.message.channel, sent.message.ts)
    assert len(said) == 2
    assert not any("warehouse" in each.text for each in said)
    assert house.search("415-555-0188") == ()


def test_a_resolved_ticket_is_reopened(house: Stage) -> None:
    """`/care reopen` opens a ticket again, on record; an open one it leaves alone."""
    sent = asks(house, merchant(house), QUESTION)
    name = ref(house, sent.message)
    assert "open already" in care(agent(house), f"reopen {name}")
    care(agent(house), f"resolve {name}")

    assert "is open again" in care(agent(house), f"reopen {name}")

    assert state(house, sent.message) is TicketState.REOPENED
    assert _last_entry(house).kind is AuditKind.TICKET_REOPENED


def test_an_order_is_redacted_after_asking(house: Stage) -> None:
    """`/care redact` asks first; then the buyer's data are gone, for good and on record."""
    assert f"redact {OTHERS_ORDER} now" in care(agent(house), f"redact {OTHERS_ORDER}")
    assert "can't find" in care(agent(house), "redact 999-9999999-9999999 now")

    assert "is redacted" in care(agent(house), f"redact {OTHERS_ORDER} now")

    assert "redacted already" in care(agent(house), f"redact {OTHERS_ORDER} now")
    entry = _last_entry(house)
    assert (entry.kind, entry.by) == (AuditKind.ORDERS_REDACTED, agent(house).user.id)
    assert "770155550160" in care(agent(house), f"order {OTHERS_ORDER}")
    assert "orders redacted" in care(agent(house), f"audit {OTHERS_ORDER}")


def test_merchants_are_listed_with_their_conversations(house: Stage) -> None:
    """`/care merchants` names each with its channels; `/care unlink` takes one away, on record."""
    assert "<#C0CEDARKTL1>" in care(agent(house), "merchants")

    assert "not linked" in care(agent(house), "unlink <#C0CEDARKTL1|cedar-kettle-co>")
    assert _last_entry(house).kind is AuditKind.MERCHANT_UNLINKED
    assert "<#C0CEDARKTL1>" not in care(agent(house), "merchants")
    assert "is not linked to anybody" in care(agent(house), "unlink <#C0CEDARKTL1>")
    care(agent(house), "link cedar-kettle", CEDAR)


def test_the_audit_and_the_figures_are_shown(house: Stage) -> None:
    """`/care audit` shows the last entries, or a ticket's; `/care stats` counts."""
    sent = asks(house, merchant(house), UNKNOWN)
    name = ref(house, sent.message)
    care(agent(house), f"resolve {name}")

    assert "ticket resolved, ticket:" in care(agent(house), "audit")
    shown = care(agent(house), f"audit {name}")
    assert f"ticket resolved, ticket:{name.removeprefix('JC-')}, by U0INESFALK1" in shown
    assert "no such entry" in care(agent(house), "audit JC-999999")
    assert "takes a number of days" in care(agent(house), "stats forever")
    figures = care(agent(house), "stats 30")
    assert re.search(r"Tickets: [1-9]\d* opened, [1-9]\d* resolved, [1-9]\d* handed over", figures)


def test_pii_in_a_command_goes_nowhere(house: Stage) -> None:
    """A name, a phone number and a street in a command are in no file and no answer."""
    words = ("Peregrine Wainscott", "415-555-0166", "77 Undertow Lane")
    said = [
        care(person, f"{name} the buyer is {words[0]}, {words[1]}, {words[2]}")
        for person in (agent(house), merchant(house))
        for name in ("ticket", "order", "link", "resolve", "peregrine")
    ]

    assert house.search(*words) == ()
    assert not any(word in each for word in words for each in said)


def test_the_messages_tab_shows_nothing_new(house: Stage) -> None:
    """Opening the tab of the direct message publishes no home."""
    workspace = house.slack.workspace
    before = len(workspace.calls_of("views.publish"))

    ack = merchant(house).opens_home("messages")
    idle(house)

    assert ack is not None
    assert ack.ok
    assert len(workspace.calls_of("views.publish")) == before


def test_an_agent_is_known_by_the_user_group(tmp_path_factory: pytest.TempPathFactory) -> None:
    """With CARE_AGENT_GROUP the members of that Slack user group are agents, nobody else is."""
    group = {"CARE_AGENTS": "", "CARE_AGENT_GROUP": CARE_GROUP}
    home = tmp_path_factory.mktemp("group")
    with stage(home, over_http=True, environment=group) as house:
        assert care(agent(house), "tickets") == "No open tickets."
        assert care(merchant(house), "tickets") == REFUSED
