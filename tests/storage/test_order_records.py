"""Orders taken in, shown and redacted, on both databases."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Text, select, update
from sqlalchemy.orm import Session

from nlp.text import RawText
from storage.audit import AuditKind
from storage.columns import StorableText
from storage.errors import OrderOfAnother
from storage.ids import TRACES, MerchantId, OrderId, Owner, order_owner
from storage.orders import REDACTED, Item, Order, OrderNews, Package
from storage.redaction import NON_PII, PII, Redaction
from storage.redaction_batch import Terms
from storage.store import Store
from storage.sweep import sweep
from storage.tables import DataKeyRow, OrderRow
from tests.storage.samples import ACME, BOLT, DAYS, ORDER, PERSON, STREET, order_news

DAY = timedelta(days=1)
DELIVERED = datetime(2026, 2, 20, 17, 5, tzinfo=UTC)
DUE = DELIVERED + DAYS * DAY
GONE = dict.fromkeys(PII, REDACTED)


def take(store: Store, news: OrderNews, now: datetime, *, postal_code: bool = False) -> None:
    """Take news of an order."""
    with store.begin() as tx:
        tx.orders.upsert(news, now=now, retention_days=DAYS, postal_code=postal_code)


def shown(store: Store, now: datetime, *, postal_code: bool = False) -> Order:
    """Return the order as it is shown."""
    with store.read() as tx:
        order = tx.orders.get(ORDER, now, DAYS, postal_code=postal_code)
    assert order is not None
    return order


def redact(store: Store, now: datetime, horizon: timedelta = timedelta(0)) -> Redaction:
    """Redact what is due."""
    return sweep(store, Terms(now=now, days=DAYS, horizon=horizon))


def order_keys(session: Session) -> list[Owner]:
    """Return whose keys there are, but for those of the index."""
    owners = session.scalars(select(DataKeyRow.owner).order_by(DataKeyRow.owner)).all()
    return [owner for owner in owners if not owner.startswith(TRACES)]


def columns(store: Store) -> dict[str, object]:
    """Return the order's row as the database has it."""
    with store.read() as tx:
        table = OrderRow.__table__
        return dict(tx.session.execute(select(table)).mappings().one())


def test_an_order_comes_back_as_it_was_told(store: Store, now: datetime) -> None:
    """Fields, packages and items come back, the PII opened."""
    package = Package(tracking_id="1Z999AA10123456784", carrier="UPS", shipped_at=DELIVERED - DAY)
    item = Item(sku="TEA-1", asin="B000000001", title="Tea", quantity=2, price=Decimal("9.50"))
    news = order_news(packages=(package,), items=(item,), amount=Decimal("19.00"), currency="USD")
    take(store, news, now)

    order = shown(store, now)

    assert (order.order_id, order.merchant_id, order.status) == (ORDER, ACME, "Shipped")
    assert (order.city, order.state, order.zip) == ("Springfield", "OR", "97477")
    assert (order.amount, order.currency) == (Decimal("19.00"), "USD")
    assert order.shipped_at == package.shipped_at
    assert (order.packages, order.items) == ((package,), (item,))
    assert order.pii == {name: getattr(news, name) for name in PII}
    assert not order.redacted


def test_the_database_never_holds_pii_as_text(store: Store, now: datetime) -> None:
    """Every PII column holds NULL or a seal, and each order has a key of its own."""
    take(store, order_news(), now)
    row = columns(store)
    assert all(row[name] is None or str(row[name]).startswith("v1.") for name in PII)
    assert {name for name in PII if row[name] is not None} == {
        "first_name",
        "last_name",
        "street_1",
        "phone",
        "email",
    }
    with store.read() as tx:
        assert order_keys(tx.session) == [order_owner(ORDER)]


def test_every_column_that_is_not_named_is_pii() -> None:
    """PII columns are text, news can fill each of them, and no name of the allow-list is stale."""
    table = OrderRow.__table__
    assert {column.name for column in table.columns} == NON_PII | set(PII)
    assert all(isinstance(table.columns[name].type, (Text, StorableText)) for name in PII)
    assert set(PII) <= {field.name for field in fields(OrderNews)}


def test_news_that_say_nothing_overwrite_nothing(store: Store, now: datetime) -> None:
    """None leaves what is known, a package is known by tracking id, an item by SKU."""
    first = Package(tracking_id="1Z1", carrier="UPS")
    item = Item(sku="TEA-1", title="Tea", quantity=2)
    take(store, order_news(packages=(first,), items=(item,)), now)
    again = OrderNews(
        order_id=ORDER,
        merchant_id=ACME,
        status="Delivered",
        last_name=RawText("Finch"),
        packages=(Package(tracking_id="1Z1", status="In transit"), Package(tracking_id="1Z2")),
        items=(Item(sku="TEA-1", quantity=3), Item(sku="CUP-1")),
    )
    take(store, again, now + DAY)

    order = shown(store, now + DAY)

    assert (order.status, order.city) == ("Delivered", "Springfield")
    assert order.pii["first_name"] == RawText("Wilhelmina")
    assert order.pii["last_name"] == RawText("Finch")
    assert order.packages == (
        Package(tracking_id="1Z1", carrier="UPS", status="In transit"),
        Package(tracking_id="1Z2"),
    )
    assert order.items == (Item(sku="CUP-1"), Item(sku="TEA-1", title="Tea", quantity=3))


def test_a_delivery_of_the_order_delivers_its_packages(store: Store, now: datetime) -> None:
    """A whole order's delivery counts for each package that has none of its own."""
    known = Package(tracking_id="1Z1", delivered_at=DELIVERED - DAY, delivery_source="carrier")
    take(store, order_news(packages=(known, Package(tracking_id="1Z2"))), now)
    take(store, order_news(delivered_at=DELIVERED), now)

    order = shown(store, now)

    assert order.packages[0] == known
    assert order.packages[1].delivered_at == order.delivered_at == DELIVERED
    assert order.packages[1].delivery_source == "order"
    assert order.due_at == DUE


@pytest.mark.parametrize("swept", [True, False])
def test_past_its_time_an_order_reads_redacted(store: Store, now: datetime, swept: bool) -> None:
    """From the second of the boundary on PII reads `Redacted`, swept or not; the rest stays."""
    take(store, order_news(DELIVERED), now)
    before = shown(store, DUE - timedelta(seconds=1))
    if swept:
        assert redact(store, DUE) == Redaction(due=1, redacted=1, already=0)

    order = shown(store, DUE)

    assert before.pii["first_name"] == RawText("Wilhelmina")
    assert order.pii == GONE
    assert order.redacted
    assert (order.city, order.state, order.zip, order.status) == (
        "Springfield",
        "OR",
        "97477",
        "Shipped",
    )
    assert shown(store, DUE, postal_code=True).zip == REDACTED


def test_a_sweep_deletes_the_key_and_is_audited(store: Store, now: datetime) -> None:
    """After a sweep PII columns hold the literal, the data key is gone and an entry tells it."""
    take(store, order_news(DELIVERED), now)
    redact(store, DUE)

    row = columns(store)
    assert {name: row[name] for name in PII} == GONE
    assert (row["redacted_at"], row["zip"]) == (DUE, "97477")
    with store.read() as tx:
        assert order_keys(tx.session) == []
        [entry] = tx.audit.about("orders")
    assert (entry.kind, entry.by) == (AuditKind.ORDERS_REDACTED, "sweep")
    assert entry.facts == {"redacted": 1, "days": 30, "horizon_seconds": 0, "postal_code": 0}


def test_a_sweep_redacts_the_postal_code_where_asked(store: Store, now: datetime) -> None:
    """The zip goes only with the setting, and then no news bring it back."""
    take(store, order_news(DELIVERED), now)
    with store.begin() as tx:
        tx.orders.redact_batch(Terms(now=DUE, days=DAYS, postal_code=True), limit=10)
    take(store, order_news(DELIVERED), DUE)

    assert shown(store, DUE).zip == REDACTED


def test_a_sweep_takes_all_that_is_due_and_no_more(store: Store, now: datetime) -> None:
    """Batches follow each other until nothing is due; the horizon looks ahead; twice is once."""
    with store.begin() as tx:
        for number in range(12):
            tx.orders.upsert(
                order_news(
                    DELIVERED + number * timedelta(hours=1),
                    order_id=OrderId(f"111-2223334-{number:07}"),
                ),
                now=now,
                retention_days=DAYS,
            )
    ahead = timedelta(hours=2)
    with store.begin() as tx:
        planned = tx.orders.count_due(DUE + 5 * ahead / 2, DAYS, ahead)
    terms = Terms(now=DUE + 5 * ahead / 2, days=DAYS, horizon=ahead)
    done = sweep(store, terms, batch=3)
    again = redact(store, DUE + 5 * ahead / 2, ahead)

    assert planned == Redaction(due=8, redacted=0, already=0)
    assert done == Redaction(due=8, redacted=8, already=0)
    assert again == Redaction(due=0, redacted=0, already=8)
    with store.read() as tx:
        keys = order_keys(tx.session)
    assert len(keys) == 4


@pytest.mark.parametrize("swept", [True, False])
def test_a_redacted_order_stays_redacted(store: Store, now: datetime, swept: bool) -> None:
    """Late news change status and tracking, never bring PII back nor move the clock."""
    take(store, order_news(DELIVERED), now)
    if swept:
        redact(store, DUE)
    news = order_news(
        DUE - DAY, status="Refunded", packages=(Package(tracking_id="1Z2"),), notes=RawText("Ada")
    )
    take(store, news, DUE)
    redact(store, DUE)

    order = shown(store, now)
    assert order.pii == GONE
    assert (order.status, order.packages[0].tracking_id) == ("Refunded", "1Z2")
    assert order.due_at == DUE
    assert {columns(store)[name] for name in PII} == {REDACTED}
    with store.read() as tx:
        assert order_keys(tx.session) == []


def test_news_of_a_later_delivery_move_the_clock(store: Store, now: datetime) -> None:
    """Before its time an order's last delivery decides anew when its time is."""
    take(store, order_news(promised_at=DELIVERED - 5 * DAY), now)
    assert shown(store, now).due_at == DUE - 5 * DAY
    take(store, order_news(packages=(Package(tracking_id="1Z1", delivered_at=DELIVERED),)), now)
    assert shown(store, now).due_at == DUE


def test_an_old_order_is_never_kept_with_pii(store: Store) -> None:
    """An order that comes for the first time after its time is redacted from the start."""
    take(store, order_news(DELIVERED), DUE)
    assert {columns(store)[name] for name in PII} == {REDACTED}
    assert shown(store, DUE).pii == GONE
    assert redact(store, DUE) == Redaction(due=0, redacted=0, already=1)


def test_orders_of_others_read_like_none(store: Store, now: datetime) -> None:
    """A merchant gets the same answer for another's order and for no order."""
    take(store, order_news(), now)
    with store.read() as tx:
        mine = tx.orders.for_merchant(ACME, ORDER, now, DAYS)
        assert mine is not None
        assert mine.order_id == ORDER
        assert tx.orders.for_merchant(BOLT, ORDER, now, DAYS) is None
        assert tx.orders.for_merchant(ACME, OrderId("999-0000000-0000000"), now, DAYS) is None
        assert tx.orders.get(OrderId("999-0000000-0000000"), now, DAYS) is None


def test_an_order_is_found_by_its_tracking_id(store: Store, now: datetime) -> None:
    """A tracking id leads a merchant to its own order and nobody else, also after redaction."""
    take(store, order_news(DELIVERED, packages=(Package(tracking_id="1Z1"),)), now)
    redact(store, DUE)
    with store.read() as tx:
        assert tx.orders.by_tracking(ACME, "1Z1") == (ORDER,)
        assert tx.orders.by_tracking(BOLT, "1Z1") == ()
        assert tx.orders.by_tracking(ACME, "1Z2") == ()
        assert tx.orders.merchant_of(ORDER) == ACME
        assert tx.orders.merchant_of(OrderId("999-0000000-0000000")) is None


def test_an_order_does_not_change_its_merchant(store: Store, now: datetime) -> None:
    """News that name another merchant are refused and change nothing."""
    take(store, order_news(), now)
    with pytest.raises(OrderOfAnother):
        take(store, order_news(merchant_id=MerchantId("bolt"), status="Stolen"), now)
    assert shown(store, now).status == "Shipped"


def test_known_values_are_what_the_scrubber_looks_for(store: Store, now: datetime) -> None:
    """Whole name and parts, street with unit, phone and mail; no short ones, none once redacted."""
    take(store, order_news(DELIVERED, street_2=RawText("4B"), company=RawText("Quill Ltd")), now)
    with store.read() as tx:
        known = tx.orders.known_values((ORDER, OrderId("999-0000000-0000000")), now, DAYS)
        later = tx.orders.known_values((ORDER,), DUE, DAYS)

    assert known == (
        ("PERSON", RawText(PERSON)),
        ("PERSON", RawText("Wilhelmina")),
        ("PERSON", RawText("Quackenbush")),
        ("STREET_ADDRESS", RawText(f"{STREET} 4B")),
        ("STREET_ADDRESS", RawText(STREET)),
        ("PHONE_NUMBER", RawText("555-0142")),
        ("EMAIL_ADDRESS", RawText("wq@example.com")),
    )
    assert later == ()


def test_an_order_whose_key_is_lost_reads_redacted(store: Store, now: datetime) -> None:
    """A row from a backup whose epoch is gone shows no PII and goes on being an order."""
    take(store, order_news(DELIVERED), now)
    with store.begin() as tx:
        tx.session.execute(update(DataKeyRow).values(epoch=0))

    order = shown(store, now)
    assert order.pii == GONE
    assert order.city == "Springfield"


def test_an_order_whose_key_is_lost_is_told_anew(store: Store, now: datetime) -> None:
    """News after such a backup are kept under another key; what they do not tell is unknown."""
    take(store, order_news(DELIVERED, notes=RawText("Ring twice")), now)
    with store.begin() as tx:
        tx.session.execute(update(DataKeyRow).values(epoch=0))
    take(store, order_news(DELIVERED), now)

    order = shown(store, now)
    assert order.pii["first_name"] == RawText("Wilhelmina")
    assert order.pii["notes"] is None


@pytest.mark.parametrize("year", [1, 1994, 2101, 9999])
def test_news_from_no_time_of_ours_are_refused(year: int) -> None:
    """A year that is a slip of the pen does not keep an order for ever."""
    with pytest.raises(ValueError, match="1995"):
        order_news(promised_at=datetime(year, 6, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    "field", ["purchased_at", "promised_at", "shipped_at", "delivered_at", "cancelled_at"]
)
def test_news_with_a_naive_time_are_refused(field: str) -> None:
    """A time without a zone is refused where the value is made."""
    naive = datetime(2026, 3, 1)  # noqa: DTZ001
    with pytest.raises(ValueError, match="time zone"):
        order_news(**{field: naive})
    with pytest.raises(ValueError, match="time zone"):
        Package(tracking_id="1Z1", delivered_at=naive)
