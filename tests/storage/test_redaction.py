"""What goes and what stays: every column is decided on, claims go on, PII never comes back."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from sqlalchemy import Column, Date, MetaData, Table, Text, create_engine, insert, select, update

from bot.lookup import LookUp
from bot.replies import NOT_FOUND
from nlp.text import RawText
from storage.ids import OrderId, ReturnId
from storage.orders import REDACTED, Item, Order, OrderNews, Package
from storage.redaction import ORDERS, PII, pii_columns, redacted_values
from storage.redaction_batch import Terms
from storage.returns import Return
from storage.store import Store
from storage.sweep import sweep
from storage.tables import Base, OrderTraceRow
from tests.storage.samples import ACME, BOLT, DAYS, ORDER, PERSON, STREET, order_news

DAY: Final = timedelta(days=1)
DELIVERED: Final = datetime(2026, 2, 20, 17, 5, tzinfo=UTC)
DUE: Final = DELIVERED + DAYS * DAY
FAR: Final = datetime(2099, 1, 1, tzinfo=UTC)
RMA: Final = ReturnId("RMA-55501")
TRACKING: Final = "1Z999AA10123456784"

SEALED: Final = {
    "data_keys": {"wrapped"},
    "installations": {"bot_token", "refresh_token"},
    "oauth_states": {"state"},
    "orders": set(PII),
    "sealed_values": {"sealed"},
}
"""Columns that hold values under a key, or a key under a key."""
FINGERPRINTS: Final = {
    "order_traces": {"trace"},
    "placeholders": {"fingerprint", "shorter"},
}
"""Columns that hold keyed hashes of values."""
SCRUBBED: Final = {
    "messages": {"text"},
    "replies": {"body"},
}
"""Columns that hold text from which PII was taken out, or our own words around it."""
BUSINESS: Final = {
    "early_shipments": {"carrier", "status"},
    "items": {"title"},
    "orders": {"status", "city", "state", "zip", "country"},
    "packages": {"carrier", "status"},
    "returns": {"carrier"},
}
"""Columns that hold words which others chose of goods, parcels and places, never of persons."""
FREE: Final = {
    "audit": {"seq", "kind", "at", "by", "subject", "facts", "previous", "hash"},
    "call_budgets": {"merchant_id", "operation", "left", "rate", "at"},
    "data_keys": {"owner", "epoch"},
    "early_resolutions": {"provider", "external_id", "resolved_at", "heard_at"},
    "early_shipments": {
        "tracking_id", "order_id", "shipped_at", "delivered_at", "source", "heard_at",
    },
    "external_tickets": {"provider", "external_id", "ticket_id"},
    "feeds": {
        "feed_id", "merchant_id", "kind", "turn", "due_at", "read_until", "window_from",
        "window_until", "cursor", "cursor_at", "failures", "problem", "paused_at", "token_mark",
    },
    "files": {"message_id", "file_id", "state", "found", "at"},
    "installations": {
        "team_id", "app_id", "bot_user_id", "bot_id", "url", "scopes", "installed_by",
        "installed_at", "expires_at",
    },
    "items": {"order_id", "sku", "asin", "quantity", "price"},
    "keyring_marks": {"keyring_id"},
    "links": {"team_id", "subject", "merchant_id", "linked_at"},
    "merchants": {"merchant_id"},
    "messages": {
        "message_id", "ticket_id", "team_id", "channel_id", "ts", "user_id", "author", "source",
        "at", "edited_at", "deleted_at", "cleared_at",
    },
    "oauth_states": {"expires_at"},
    "order_traces": {"order_id"},
    "orders": {
        "order_id", "merchant_id", "channel", "is_prime", "changed_at", "checked_at",
        "purchased_at", "promised_at", "shipped_at", "delivered_at", "cancelled_at", "amount",
        "currency", "first_seen_at", "updated_at", "clock_at", "redacted_at", "trace_key",
    },
    "packages": {"order_id", "tracking_id", "shipped_at", "delivered_at", "delivery_source"},
    "placeholders": {"ticket_id", "entity_type", "number"},
    "replies": {
        "reply_id", "key", "ticket_id", "team_id", "channel_id", "thread_ts", "ephemeral_to",
        "state", "slack_ts", "error_class", "put_at", "purpose", "replaces",
    },
    "ratings": {"ticket_id", "section", "user_id", "reviewed", "is_helpful", "at"},
    "returns": {
        "return_id", "order_id", "merchant_id", "status", "reason", "tracking_id", "requested_at",
        "received_at", "sku", "quantity", "refund_amount", "currency", "told_at", "updated_at",
    },
    "sealed_values": {"message_id", "entity_type", "number", "ticket_id"},
    "seen_events": {"source", "event_id", "at"},
    "tickets": {
        "ticket_id", "team_id", "channel_id", "thread_ts", "merchant_id", "user_id", "state",
        "opened_at", "changed_at", "resolved_at", "is_shared", "assignee", "needed_since",
        "waiting_since", "first_reply_at",
    },
    "wanted_orders": {"order_id", "merchant_id", "wanted_at", "tries"},
}  # fmt: skip
"""Columns that hold ids, codes of closed sets, counts, amounts, times and hashes of entries."""


def take(store: Store, news: OrderNews, now: datetime, days: int = DAYS) -> None:
    """Take news of an order."""
    with store.begin() as tx:
        tx.orders.upsert(news, now=now, retention_days=days)


def shown(store: Store, now: datetime, days: int = DAYS) -> Order:
    """Return the order as it is shown."""
    with store.read() as tx:
        order = tx.orders.get(ORDER, now, days)
    assert order is not None
    return order


def stored(store: Store) -> dict[str, object]:
    """Return the PII columns of the order as the database has them."""
    with store.read() as tx:
        row = tx.session.execute(select(*pii_columns(ORDERS)).where(ORDERS.c.order_id == ORDER))
        return dict(row.mappings().one())


def test_every_column_of_every_table_is_decided_on() -> None:
    """A new column anywhere fails here until somebody says what protects it."""
    decided: dict[str, list[str]] = {}
    for kind in (SEALED, FINGERPRINTS, SCRUBBED, BUSINESS, FREE):
        for table, columns in kind.items():
            decided.setdefault(table, []).extend(columns)
    there = {
        table.name: sorted(column.name for column in table.columns)
        for table in Base.metadata.sorted_tables
    }
    assert {name: sorted(columns) for name, columns in decided.items()} == there


def test_a_new_column_is_redacted_by_default(store: Store, now: datetime) -> None:
    """A column that nobody decided on is redacted with the others: a text, and a date as well."""
    widened: Table = ORDERS.to_metadata(MetaData())
    widened.append_column(Column("nickname", Text()))
    widened.append_column(Column("birthday", Date()))
    for constraint in widened.foreign_key_constraints:
        widened.constraints.remove(constraint)
    gone = redacted_values(pii_columns(widened), DUE, postal_code=False)
    engine = create_engine("sqlite://")
    times = dict.fromkeys(("first_seen_at", "updated_at", "clock_at"), now)
    with engine.begin() as connection:
        widened.create(connection)
        row = {"order_id": ORDER, "merchant_id": ACME, "nickname": "Mina", "birthday": now.date()}
        connection.execute(insert(widened).values(**row, **times, city="Springfield"))
        connection.execute(update(widened).values(gone))
        found = connection.execute(select(widened)).mappings().one()
    assert (found["nickname"], found["birthday"]) == (REDACTED, None)
    assert {found[name] for name in PII} == {REDACTED}
    assert (found["order_id"], found["city"]) == (ORDER, "Springfield")


def look_up(now: datetime) -> LookUp:
    """What answers merchants at a moment."""
    return LookUp(clock=lambda: now, retention_days=DAYS, redact_postal_code=False)


@pytest.mark.parametrize("swept", [True, False])
def test_claims_go_on_after_redaction(store: Store, now: datetime, swept: bool) -> None:
    """Order, tracking, items, place and the link to the return answer as before; no name does."""
    package = Package(tracking_id=TRACKING, carrier="UPS", status="DELIVERED")
    item = Item(sku="TEA-1", title="Tea", quantity=2)
    take(store, order_news(DELIVERED, packages=(package,), items=(item,)), now)
    with store.begin() as tx:
        tx.returns.upsert(
            Return(return_id=RMA, order_id=ORDER, merchant_id=ACME, status="Received"), now=now
        )
    if swept:
        sweep(store, Terms(now=DUE, days=DAYS))

    after = look_up(DUE)
    with store.read() as tx:
        status = after.status(tx, ACME, ORDER).text
        returns = after.returns(tx, ACME, ORDER).text
        others = after.status(tx, BOLT, ORDER).text
        order = after.order(tx, ORDER)
        by_return = tx.returns.for_merchant(ACME, RMA)
        by_tracking = tx.orders.by_tracking(ACME, TRACKING)

    for part in (ORDER, "Shipped", TRACKING, "DELIVERED", "Springfield", "OR 97477", RMA):
        assert part in status
    assert RMA in returns
    assert ORDER in returns
    assert others == NOT_FOUND
    assert not any(part in status + returns for part in (*PERSON.split(), STREET, REDACTED))
    assert order is not None
    assert (order.items, set(order.pii.values())) == ((item,), {REDACTED})
    assert [each.order_id for each in by_return] == [ORDER]
    assert by_tracking == (ORDER,)


def test_old_news_never_bring_pii_back(store: Store, now: datetime) -> None:
    """Neither replays nor other packages, in any sequence, nor news of another delivery do."""
    bought = order_news(status="Unshipped")
    shipped = order_news(packages=(Package(tracking_id=TRACKING, shipped_at=DELIVERED - 3 * DAY),))
    delivered = order_news(packages=(Package(tracking_id=TRACKING, delivered_at=DELIVERED),))
    for news in (bought, shipped, delivered):
        take(store, news, now)
    sweep(store, Terms(now=DUE, days=DAYS))
    gone = stored(store)

    other = Package(tracking_id="1Z999AA10987654321", delivered_at=DUE - DAY)
    late = order_news(packages=(other,), delivered_at=FAR, cancelled_at=DUE, notes=RawText("Ada"))
    for news in (delivered, bought, late, shipped):
        take(store, news, DUE)
        assert stored(store) == gone == dict.fromkeys(PII, REDACTED)
        assert shown(store, now).redacted
    with store.read() as tx:
        assert tx.session.scalars(select(OrderTraceRow.order_id)).all() == []
        assert tx.orders.known_values((ORDER,), now, DAYS) == ()


def test_what_was_redacted_stays_so_with_a_longer_retention(store: Store, now: datetime) -> None:
    """A shorter retention redacts at the next sweep, a longer one later brings nothing back."""
    take(store, order_news(DELIVERED), now)
    week = DELIVERED + 7 * DAY
    assert sweep(store, Terms(now=week, days=30)).redacted == 0
    assert shown(store, week, 7).redacted
    assert not shown(store, week, 30).redacted

    assert sweep(store, Terms(now=week, days=7)).redacted == 1
    take(store, order_news(DELIVERED), week, days=60)

    assert shown(store, week, 60).redacted
    assert set(stored(store).values()) == {REDACTED}


def test_a_delivery_that_is_corrected_moves_the_clock(store: Store, now: datetime) -> None:
    """Before its time the last word on a delivery counts, be it earlier or later."""
    for moment in (DELIVERED, DELIVERED - 2 * DAY, DELIVERED + 3 * DAY):
        package = Package(tracking_id=TRACKING, delivered_at=moment, delivery_source="carrier")
        take(store, order_news(packages=(package,)), now)
        assert shown(store, now).due_at == moment + DAYS * DAY
        assert shown(store, now).delivered_at == moment


def test_a_corrected_delivery_of_the_whole_order_counts_for_its_packages(
    store: Store, now: datetime
) -> None:
    """A package delivered with the order follows it, one with a delivery of its own does not."""
    own = Package(tracking_id="1Z1", delivered_at=DELIVERED - 9 * DAY, delivery_source="carrier")
    take(store, order_news(DELIVERED, packages=(own, Package(tracking_id="1Z2"))), now)
    take(store, order_news(DELIVERED - 2 * DAY), now)

    order = shown(store, now)
    assert order.packages[0] == own
    assert order.packages[1].delivered_at == DELIVERED - 2 * DAY
    assert order.due_at == DUE - 2 * DAY


def test_it_does_not_matter_whether_delivery_or_package_is_told_first(
    store: Store, now: datetime
) -> None:
    """A package that becomes known after its order was delivered was delivered with it."""
    promised = DELIVERED + 5 * DAY
    take(store, order_news(DELIVERED, promised_at=promised), now)
    take(store, order_news(packages=(Package(tracking_id="1Z1"),)), now)
    take(store, order_news(packages=(Package(tracking_id="1Z2", carrier="UPS"),)), now)

    assert {package.delivered_at for package in shown(store, now).packages} == {DELIVERED}
    assert shown(store, now).due_at == DUE

    word = Package(tracking_id="1Z2", delivered_at=DELIVERED + DAY)
    take(store, order_news(packages=(word,)), now)
    assert shown(store, now).packages[1].delivery_source is None
    assert shown(store, now).due_at == DUE + DAY


def test_an_order_with_a_package_on_its_way_is_kept_for_it(store: Store, now: datetime) -> None:
    """One of two packages delivered: the promise counts, and then the second one's delivery."""
    promised = DELIVERED + 5 * DAY
    first = Package(tracking_id="1Z1", delivered_at=DELIVERED)
    second = Package(tracking_id="1Z2")
    take(store, order_news(promised_at=promised, packages=(first, second)), now)
    assert shown(store, now).due_at == promised + DAYS * DAY
    arrived = replace(second, delivered_at=DELIVERED + 6 * DAY)
    take(store, order_news(packages=(arrived,)), now)
    assert shown(store, now).due_at == DELIVERED + 36 * DAY


@pytest.mark.parametrize("name", ["promised_at", "shipped_at", "delivered_at", "cancelled_at"])
def test_a_slip_of_the_pen_does_not_keep_an_order_for_ever(
    name: str, store: Store, now: datetime
) -> None:
    """Of a time in 2099, told again and again, the order is gone 210 days after it was heard of."""
    for days in (0, 40, 100, 150):
        news = order_news(**{name: FAR})
        with store.begin() as tx:
            tx.orders.upsert(news, now=now + days * DAY, retention_days=DAYS)
    assert sweep(store, Terms(now=now + 210 * DAY, days=DAYS)).redacted == 1


def test_every_field_of_news_is_taken(store: Store, now: datetime) -> None:
    """Each PII field that news may carry is sealed, shown, and redacted in its time."""
    told: dict[str, RawText] = {name: RawText(f"invented {name}") for name in PII}
    take(store, order_news(DELIVERED, **told), now)
    assert shown(store, now).pii == told
    assert {field.name for field in fields(OrderNews)} > set(PII)
    sweep(store, Terms(now=DUE, days=DAYS))
    assert set(stored(store).values()) == {REDACTED}


def test_another_order_is_left_alone(store: Store, now: datetime) -> None:
    """Redacting one order leaves another of the same buyer as it was, key and traces included."""
    other = OrderId("111-2223334-0000001")
    take(store, order_news(DELIVERED), now)
    take(store, order_news(DELIVERED + DAY, order_id=other), now)
    sweep(store, Terms(now=DUE, days=DAYS))
    with store.read() as tx:
        kept = tx.orders.get(other, DUE, DAYS)
        assert kept is not None
        assert kept.pii["first_name"] == RawText("Wilhelmina")
        assert tx.orders.traced(ACME, [RawText(PERSON)], DUE, DAYS) == (other,)
