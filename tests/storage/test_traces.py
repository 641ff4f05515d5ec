"""The keyed index of open orders, on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, func, select, update

from nlp.detection.candidates import candidates
from nlp.text import RawText
from storage.ids import TRACES, MerchantId, OrderId
from storage.orders import OrderNews
from storage.redaction_batch import Terms
from storage.store import Store
from storage.tables import DataKeyRow, OrderRow, OrderTraceRow
from storage.trace_records import KEY_DAYS, MOST
from storage.traces import form, forms
from tests.storage.samples import ACME, BOLT, DAYS, ORDER, order_news

DAY = timedelta(days=1)


def take(store: Store, news: OrderNews, now: datetime) -> None:
    """Take news of an order."""
    with store.begin() as tx:
        tx.orders.upsert(news, now=now, retention_days=DAYS)


def found(
    store: Store, text: str, now: datetime, merchant: MerchantId = ACME
) -> tuple[OrderId, ...]:
    """Return the orders that a message is about, as the index tells."""
    with store.read() as tx:
        return tx.orders.traced(merchant, tuple(map(RawText, candidates(text))), now, DAYS)


def rows(store: Store) -> int:
    """Return how many traces there are."""
    with store.read() as tx:
        return tx.session.scalars(select(func.count()).select_from(OrderTraceRow)).one()


def trace_keys(store: Store) -> Sequence[str]:
    """Return whose keys of traces there are."""
    with store.read() as tx:
        owners = tx.session.scalars(select(DataKeyRow.owner).order_by(DataKeyRow.owner)).all()
    return [owner for owner in owners if owner.startswith(TRACES)]


@pytest.mark.parametrize(
    "text",
    [
        "where is the parcel for Wilhelmina Quackenbush?",
        "QUACKENBUSH, WILHELMINA",
        "w. quackenbush wrote",
        "wilhelmina m. quackenbush's box",
        "wilhelminaquackenbush",
        "to 4821 gooseberry please",
        "call 212 555 0142",
        "wq@Example.com",
    ],
)
def test_an_order_is_found_by_what_is_known_of_it(store: Store, now: datetime, text: str) -> None:
    """Name, street, phone and e-mail lead to it in whatever casing and order."""
    take(store, order_news(phone=RawText("+1 (212) 555-0142")), now)

    assert found(store, text, now) == (ORDER,)


@pytest.mark.parametrize(
    "text", ["wilhelmina", "quackenbush", "4821", "gooseberry hollow", "0142", "springfield", ""]
)
def test_a_part_alone_leads_nowhere(store: Store, now: datetime, text: str) -> None:
    """A first name, a surname, a number or a city alone is shared by too many."""
    take(store, order_news(), now)

    assert found(store, text, now) == ()


def test_an_order_is_found_by_its_merchant_alone(store: Store, now: datetime) -> None:
    """Another merchant's message finds nothing, not even traces of the same value."""
    take(store, order_news(), now)
    other = OrderId("222-2223334-5556667")
    take(store, order_news(order_id=other, merchant_id=BOLT), now)

    assert found(store, "Wilhelmina Quackenbush", now) == (ORDER,)
    assert found(store, "Wilhelmina Quackenbush", now, BOLT) == (other,)
    with store.read() as tx:
        each = tx.session.scalars(select(OrderTraceRow.trace)).all()
    assert len(set(each)) == len(each)


def test_the_index_holds_no_value(store: Store, now: datetime) -> None:
    """A trace is 16 bytes, and not the same in another database."""
    take(store, order_news(), now)

    with store.read() as tx:
        each = tx.session.scalars(select(OrderTraceRow.trace)).all()
    assert {len(trace) for trace in each} == {16}


def test_news_change_the_index(store: Store, now: datetime) -> None:
    """A corrected name is found and the old one is not; news without PII change nothing."""
    take(store, order_news(), now)
    take(store, order_news(last_name=RawText("Thistlewood")), now)
    before = rows(store)

    assert found(store, "Wilhelmina Thistlewood", now) == (ORDER,)
    assert found(store, "Wilhelmina Quackenbush", now) == ()
    take(store, OrderNews(order_id=ORDER, merchant_id=ACME, status="Delivered"), now)
    assert rows(store) == before
    assert found(store, "Wilhelmina Thistlewood", now) == (ORDER,)


def test_news_that_tell_a_part_leave_the_rest(store: Store, now: datetime) -> None:
    """First and last name that come one after the other are one name to the index."""
    take(store, OrderNews(order_id=ORDER, merchant_id=ACME, first_name=RawText("Odalys")), now)
    take(store, OrderNews(order_id=ORDER, merchant_id=ACME, last_name=RawText("Fennimore")), now)

    assert found(store, "odalys fennimore", now) == (ORDER,)


def test_an_order_whose_time_is_up_is_not_found(store: Store, now: datetime) -> None:
    """Past its time it is not found, even before a sweep; the sweep deletes its traces."""
    take(store, order_news(now), now)
    due = now + DAYS * DAY

    assert found(store, "Wilhelmina Quackenbush", due - DAY) == (ORDER,)
    assert found(store, "Wilhelmina Quackenbush", due) == ()
    with store.begin() as tx:
        tx.orders.redact_batch(Terms(now=due, days=DAYS), limit=10)
    assert rows(store) == 0
    take(store, order_news(now), due)
    assert rows(store) == 0
    with store.read() as tx:
        assert tx.session.scalars(select(OrderRow.trace_key)).all() == [None]


def test_what_was_kept_before_there_was_an_index_comes_into_it(store: Store, now: datetime) -> None:
    """Orders without traces are indexed batch by batch, each once; redacted ones never."""
    orders = [OrderId(f"111-2223334-000000{n}") for n in range(5)]
    for order in orders:
        take(store, order_news(order_id=order), now)
    take(store, order_news(now - (DAYS + 1) * DAY, order_id=OrderId("111-0000000-0000000")), now)
    with store.begin() as tx:
        tx.session.execute(delete(OrderTraceRow))
        tx.session.execute(update(OrderRow).values(trace_key=None))
    assert found(store, "Wilhelmina Quackenbush", now) == ()

    done = []
    for _ in range(4):
        with store.begin() as tx:
            done.append(tx.orders.write_traces(now, DAYS, batch=2))

    assert done == [2, 2, 1, 0]
    assert set(found(store, "Wilhelmina Quackenbush", now)) <= set(orders)
    assert set(found(store, "Wilhelmina Quackenbush", now))


def test_an_old_key_is_destroyed(store: Store, now: datetime) -> None:
    """Open orders move to the newest key; a key two keys old goes once no order uses it."""
    take(store, order_news(promised_at=now + 90 * DAY), now)
    [first] = trace_keys(store)
    later = now + 2 * KEY_DAYS * DAY

    assert found(store, "Wilhelmina Quackenbush", later) == (ORDER,)
    for expected in (1, 0):
        with store.begin() as tx:
            assert tx.orders.write_traces(later, DAYS) == expected

    [second] = trace_keys(store)
    assert second != first
    assert found(store, "Wilhelmina Quackenbush", later) == (ORDER,)


def test_a_key_in_use_is_kept(store: Store, now: datetime) -> None:
    """The key before the newest stays, and what it indexed is found without being written anew."""
    take(store, order_news(promised_at=now + 90 * DAY), now)
    later = now + KEY_DAYS * DAY
    take(store, order_news(order_id=OrderId("111-0000000-0000001"), promised_at=later), later)

    with store.begin() as tx:
        assert tx.orders.write_traces(later, DAYS) == 0

    assert len(trace_keys(store)) == 2
    assert len(found(store, "Wilhelmina Quackenbush", later)) == 2


def test_a_lost_key_finds_nothing_and_is_replaced(store: Store, now: datetime) -> None:
    """In a backup from before an epoch turned nothing is found, and new orders are indexed."""
    take(store, order_news(), now)
    with store.begin() as tx:
        tx.session.execute(update(DataKeyRow).values(epoch=0))

    assert found(store, "Wilhelmina Quackenbush", now) == ()
    other = OrderId("111-0000000-0000001")
    take(store, order_news(order_id=other), now)
    assert found(store, "Wilhelmina Quackenbush", now) == (other,)


def test_every_value_of_a_message_leads_to_an_order(store: Store, now: datetime) -> None:
    """Many orders of one name do not crowd out the one of another, however many are named."""
    names = [f"Vexholm{chr(97 + n)}{chr(97 + n)}" for n in range(MOST + 5)]
    with store.begin() as tx:
        for n, name in enumerate(names * 4):
            news = order_news(
                order_id=OrderId(f"111-2223334-{n:07}"), last_name=RawText(name), phone=None
            )
            tx.orders.upsert(news, now=now, retention_days=DAYS)
    text = ". ".join(f"Wilhelmina {name}" for name in names)

    with store.read() as tx:
        windows = tuple(map(RawText, candidates(text)))
        orders = tx.orders.traced(ACME, windows, now, DAYS)
        known = tx.orders.known_values(orders, now, DAYS)

    assert {("PERSON", RawText(name)) for name in names} <= set(known)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Smith, John", "john smith"),
        ("JOSÉ NÚÑEZ", "nunez jose"),
        ("O’Brannigan Sean", "sean obrannigan"),
        ("+1 (212) 555-0147", "5550147"),
        ("Hauptstraße 12", "12 hauptstr."),
        ("WQ@Example.com", "wq@example.com"),
    ],
)
def test_two_spellings_have_one_form(one: str, other: str) -> None:
    """Casing, order, accents, separators and prefixes make no difference."""
    assert form(one) == form(other) != ""


def test_an_order_leaves_few_traces(now: datetime) -> None:
    """An ordinary order has less than ten forms, a name of many parts not many more."""
    plain = {
        "first_name": "Wilhelmina",
        "last_name": "Quackenbush",
        "street_1": "12 N Oak Street Apt 4",
        "phone": "+1 212 555 0147",
        "email": "wq@example.com",
    }
    many = {"first_name": "A B C D E F G", "last_name": "Ha Ib Jo Ka Lu Mo Nu"}

    assert len(forms(plain)) < 10
    assert len(forms(many)) < 30
    assert forms({}) == forms({"first_name": "Odalys"}) == frozenset()
