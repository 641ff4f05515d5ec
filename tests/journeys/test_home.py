"""The App Home, the reminders and the digest, as agents and merchants see them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.cards.home import ACT, PAGE, SHOW
from bot.health import metrics
from bot.sandbox.slack.messages import Message, View
from bot.sandbox.slack.person import Person
from bot.sandbox.stage import OPENING, PATIENCE, Stage
from storage.audit import AuditKind
from storage.ids import ticket_id
from storage.service_levels import DEFAULT_LEVELS, support_hours
from storage.tables import TicketRow
from storage.tickets import LIVE, TicketState
from tests.journeys.acting import (
    BIRCH,
    CEDAR,
    QUESTION,
    UNKNOWN,
    agent,
    asks,
    cards,
    care,
    idle,
    link,
    merchant,
    other_merchant,
    outsider,
    ref,
    state,
)


@pytest.fixture(scope="module")
def house(home_of: Stage) -> Stage:
    """A running bot with both merchants' channels linked."""
    link(home_of)
    return home_of


def opened(house: Stage, person: Person) -> View:
    """Open the App Home and return it."""
    workspace = house.slack.workspace
    before = len(workspace.calls_of("views.publish"))
    person.opens_home()
    workspace.wait_for(lambda: workspace.calls_of("views.publish")[before:], PATIENCE)
    return workspace.app_homes[person.user.id]


def pressed(house: Stage, person: Person, view: View, action: str) -> str:
    """Press a button of the App Home and return what it shows then."""
    workspace = house.slack.workspace
    before = len(workspace.calls_of("views.publish"))
    ack = person.presses(view, action)
    assert ack is not None
    assert ack.ok
    workspace.wait_for(lambda: workspace.calls_of("views.publish")[before:], PATIENCE)
    idle(house)
    return json.dumps(workspace.app_homes[person.user.id].body, ensure_ascii=False)


def words(view: View) -> str:
    """Return everything that a view says."""
    return json.dumps(view.body, ensure_ascii=False)


def test_an_agent_claims_and_resolves_at_home(house: Stage) -> None:
    """The queue shows who waits, in words against the level; a press changes it at once."""
    sent = asks(house, merchant(house), UNKNOWN)
    number = ref(house, sent.message)
    view = opened(house, agent(house))
    assert f"|{number}>* birch-and-brook: Waiting on Care since" in words(view)
    assert "First reply: 0 of 60 minutes of support" in words(view)
    assert "pallet" not in words(view)

    claimed = pressed(house, agent(house), view, f"{ACT}.{number}")
    assert f"<@{agent(house).user.id}> has it" in claimed
    view = house.slack.workspace.app_homes[agent(house).user.id]
    gone = pressed(house, agent(house), view, f"{ACT}.{number}")

    assert f"|{number}>*" not in gone
    assert state(house, sent.message) is TicketState.RESOLVED


def test_an_agent_looks_at_their_own(house: Stage) -> None:
    """The buttons above the queue choose which tickets are shown."""
    theirs = asks(house, merchant(house), UNKNOWN)
    others = asks(house, merchant(house), UNKNOWN)
    care(agent(house), f"assign {ref(house, theirs.message)} me")
    view = opened(house, agent(house))

    shown = pressed(house, agent(house), view, f"{SHOW}.2")

    assert f"|{ref(house, theirs.message)}>*" in shown
    assert f"|{ref(house, others.message)}>*" not in shown


def test_a_press_leads_back_to_what_was_shown(house: Stage) -> None:
    """Who resolves one of their own tickets still looks at their own."""
    kept, done = (asks(house, merchant(house), UNKNOWN) for _ in range(2))
    others = asks(house, merchant(house), UNKNOWN)
    for each in (kept, done):
        care(agent(house), f"assign {ref(house, each.message)} me")
    pressed(house, agent(house), opened(house, agent(house)), f"{SHOW}.2")
    view = house.slack.workspace.app_homes[agent(house).user.id]

    shown = pressed(house, agent(house), view, f"{ACT}.{ref(house, done.message)}")

    assert f"|{ref(house, kept.message)}>*" in shown
    assert f"|{ref(house, others.message)}>*" not in shown


def test_a_merchants_person_sees_late_and_waiting_orders(house: Stage) -> None:
    """Who has a link of their own sees their merchant's orders at home, in words without PII."""
    person = merchant(house)
    assert "Your orders" not in words(opened(house, person))
    care(agent(house), f"link <@{person.user.id}> birch-and-brook")

    shown = words(opened(house, person))
    care(agent(house), f"unlink <@{person.user.id}>")

    assert "Your orders" in shown
    assert "*Late orders*: " in shown
    assert "113-5550144-5550144; status Unshipped" in shown
    assert "*Orders not shipped yet*: " in shown
    assert "Fennimore" not in shown


def test_a_merchant_sees_their_own_tickets_alone(house: Stage) -> None:
    """A person sees the tickets that they opened, with where they stand, and nobody else's."""
    own = asks(house, merchant(house), QUESTION)
    others = asks(house, other_merchant(house), QUESTION, CEDAR)

    shown = words(opened(house, merchant(house)))

    assert f"|{ref(house, own.message)}>: answered" in shown
    assert f"|{ref(house, others.message)}>" not in shown
    assert "Ask me anything" in shown
    assert "redacted 30 days after delivery" in shown
    assert ACT not in shown


@pytest.mark.parametrize("who", ["merchant", "Slack Connect"])
def test_who_is_no_agent_presses_in_vain(house: Stage, who: str) -> None:
    """A button of the agents' home, replayed by somebody else, does nothing and is on record."""
    sent = asks(house, merchant(house), UNKNOWN)
    person = merchant(house) if who == "merchant" else outsider(house)
    view = opened(house, agent(house))

    shown = pressed(house, person, view, f"{ACT}.{ref(house, sent.message)}")

    assert "Your tickets" in shown
    assert state(house, sent.message) is TicketState.WAITING_ON_CARE
    with house.bot.records.store.read() as records:
        entry = records.audit.about("button:home")[-1]
    assert entry.kind is AuditKind.ACTION_REFUSED
    assert entry.by == f"{person.user.team_id}/{person.user.id}"


def below(house: Stage, number: str) -> list[str]:
    """Return what stands in the thread of a ticket's card."""
    idle(house)
    (card,) = [each for each in _cards(house) if each.text.startswith(f"*{number}*")]
    thread = house.slack.workspace.replies_in(card.channel, card.ts)
    return [each.text for each in thread if each.is_reply]


def _cards(house: Stage) -> list[Message]:
    return [each for each in cards(house) if not each.is_reply]


def test_care_is_reminded_once_before_and_once_after(house: Stage) -> None:
    """At four fifths of a level, and when it is missed, the card's thread says so, once each.

    The stage's Friday is 17:00 UTC when it opens, so the hours go on on Monday at nine.
    """
    sent = asks(house, merchant(house), UNKNOWN)
    number = ref(house, sent.message)
    care(agent(house), f"assign {number} me")
    monday = OPENING.replace(hour=9, minute=0) + timedelta(days=3)

    for minutes in (30, 50, 51, 59, 70, 300):
        house.bot.reminding.remind(monday + timedelta(minutes=minutes))

    said = below(house, number)
    assert len(said) == 2
    assert said[0].startswith(f"<@{agent(house).user.id}> {number}: the first reply is due within")
    assert "is overdue, 70 minutes of support were waited where 60 are allowed" in said[1]


def test_the_end_is_reminded_of_once_however_often_the_merchant_waits(house: Stage) -> None:
    """The resolution is one promise for all that is written: it is said once to be overdue."""
    sent = asks(house, merchant(house), UNKNOWN)
    number = ref(house, sent.message)
    agent(house).writes("We look into it.", BIRCH, sent.message.ts)
    idle(house)
    late = OPENING + timedelta(days=60)
    for day in range(3):
        with house.bot.records.store.begin() as records:
            row = records.session.get(TicketRow, ticket_id(number))
            assert row is not None
            # The stage's clock stands still, so the waits are told apart by hand.
            row.waiting_since = late - timedelta(days=day)
        house.bot.reminding.remind(late)

    said = [each for each in below(house, number) if "the resolution is overdue" in each]
    assert len(said) == 1


def test_nobody_is_reminded_of_what_was_answered(house: Stage) -> None:
    """Once a person has written, the wait is over."""
    sent = asks(house, merchant(house), UNKNOWN)
    agent(house).writes("On it.", BIRCH, sent.message.ts)
    idle(house)
    monday = OPENING.replace(hour=9, minute=0) + timedelta(days=3)

    house.bot.reminding.remind(monday + timedelta(minutes=90))

    assert not any("first reply" in each for each in below(house, ref(house, sent.message)))


def test_all_who_wait_are_reminded_of_once(house: Stage) -> None:
    """However many wait, each is reminded of, and a turn without news says nothing."""
    numbers = [ref(house, asks(house, merchant(house), UNKNOWN).message) for _ in range(3)]
    idle(house)
    monday = OPENING.replace(hour=9, minute=0) + timedelta(days=3)
    first = house.bot.reminding.remind(monday + timedelta(minutes=90))

    again = house.bot.reminding.remind(monday + timedelta(minutes=95))

    assert first >= len(numbers)
    assert again == 0
    assert all(len(below(house, number)) == 1 for number in numbers)


def test_metrics_count_who_waits_and_for_too_long(house: Stage) -> None:
    """Who waits for a person is counted, and by level who has waited longer than promised."""
    asks(house, merchant(house), UNKNOWN)
    store, levels = house.bot.records.store, DEFAULT_LEVELS
    later = OPENING + timedelta(days=30)

    now = metrics(store, levels, house.now)
    then = metrics(store, levels, lambda: later)

    assert (now.get_sample_value("care_tickets_waiting") or 0) >= 1
    overdue = then.get_sample_value("care_tickets_overdue", {"kind": "first_reply"})
    assert overdue is not None
    assert overdue >= 1


def test_the_queue_says_what_a_ticket_holds(house: Stage) -> None:
    """A ticket with sensitive values tells how many, and until when they stay at most."""
    number = ref(house, asks(house, merchant(house), f"{UNKNOWN} call me at 555-0142").message)
    idle(house)

    shown = json.dumps(opened(house, agent(house)).body)

    assert f"|{number}>" in shown
    assert "Holds 1 sensitive value, without a word until" in shown


def test_the_queue_has_numbered_pages(house: Stage) -> None:
    """With more tickets than a page takes, it says which page of how many it is."""
    with house.bot.records.store.read() as records:
        missing = PAGE + 1 - records.tickets.count(states=LIVE)
    for _ in range(max(0, missing)):
        asks(house, merchant(house), UNKNOWN)

    first = opened(house, agent(house))

    assert re.search(r"page 1 of [2-9]", json.dumps(first.body))


def test_the_digest_comes_once_a_day(house: Stage) -> None:
    """In the support hours of a day it is told once, in counts and ids; outside of them never."""
    asks(house, merchant(house), UNKNOWN)
    monday = OPENING.replace(hour=9, minute=0) + timedelta(days=3)
    told = [house.bot.digest.tell(monday + timedelta(hours=hours)) for hours in (-1, 0, 2, 24)]
    idle(house)

    found = [each.text for each in _cards(house) if each.text.startswith("*Jetpack Care today*")]

    assert told == [False, True, True, True]
    assert len(found) == 2
    assert "tickets are open" in found[0]
    assert "by the bot alone" in found[0]
    assert "/archives/" in found[0]
    assert "pallet" not in found[0]


def test_days_of_the_zone_have_a_digest_each(house: Stage) -> None:
    """Where an opening of the day before falls on the same date in UTC, both are told."""
    hours = support_hours("Mon-Sun 12:00-20:00 Pacific/Auckland")
    digest = replace(house.bot.digest, levels=replace(DEFAULT_LEVELS, hours=hours))
    # Clocks go forward in New Zealand in the night before the second of these: at noon it is
    # 00:00 UTC of the 26th, and on the next day 23:00 UTC of the 26th.
    for moment in ("2026-09-26T00:30+00:00", "2026-09-26T23:30+00:00"):
        assert digest.tell(datetime.fromisoformat(moment))
    idle(house)

    with house.bot.records.store.read() as records:
        days = [records.outbox.by_key(f"digest:2026-09-{day}") for day in (26, 27)]
    assert None not in days
