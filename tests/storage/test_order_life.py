"""The life of an order against a plain model: whatever comes when, PII goes in time, not before."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Final

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from nlp.text import RawText
from storage.ids import OrderId, order_owner
from storage.orders import REDACTED, OrderNews, Package
from storage.redaction import ORDERS, PII, pii_columns
from storage.redaction_batch import Terms
from storage.store import Store
from storage.sweep import sweep
from storage.tables import DataKeyRow, OrderTraceRow
from tests.storage.samples import ACME

BEGIN: Final = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
KEPT: Final = 30 * DAY
NUMBERS: Final = count()
WHOLE: Final = "whole"


@dataclass(frozen=True, kw_only=True)
class Told:
    """A piece of news: times in days from the beginning, deliveries by parcel or `WHOLE`."""

    name: str | None = None
    promised: int | None = None
    cancelled: int | None = None
    deliveries: dict[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Passed:
    """So many hours went by."""

    hours: int


class Swept:
    """The hourly sweep."""


Step = Told | Passed | Swept


@dataclass
class Model:
    """What the rules on time, as the privacy page tells them, make of what was told."""

    now: datetime = BEGIN
    first_told: datetime | None = None
    name: str | None = None
    promised: datetime | None = None
    cancelled: datetime | None = None
    deliveries: dict[str, datetime | None] = field(default_factory=dict)
    clock: datetime = BEGIN
    is_swept: bool = False

    @property
    def is_over(self) -> bool:
        """Whether the order's time is up."""
        return self.is_swept or self.now >= self.clock + KEPT

    def hear(self, told: Told) -> None:
        """Take what was told. What comes after the time moves no clock and brings no name."""
        is_over = self.first_told is not None and self.is_over
        self.first_told = self.first_told or self.now
        self.promised = at(told.promised) or self.promised
        self.cancelled = at(told.cancelled) or self.cancelled
        for parcel, days in told.deliveries.items():
            self.deliveries[parcel] = at(days) or self.deliveries.get(parcel)
        if not is_over:
            self.clock = self.started(self.first_told)
            if not self.is_over:
                self.name = told.name or self.name

    def started(self, first_told: datetime) -> datetime:
        """Return from when the time counts."""
        parcels = [self.if_past(moment) for moment in self.deliveries.values()]
        arrived = [moment for moment in parcels if moment is not None]
        if parcels and len(arrived) == len(parcels):
            return max(arrived)
        end = self.if_past(self.cancelled)
        if end is None:
            end = min(self.promised or first_told + 30 * DAY, first_told + 180 * DAY)
        return max([*arrived, end])

    def if_past(self, moment: datetime | None) -> datetime | None:
        """Return a moment that has come, give or take a day; None for one that has not."""
        return None if moment is None or moment > self.now + DAY else moment


def at(days: int | None) -> datetime | None:
    """Return the moment so many days after the beginning."""
    return None if days is None else BEGIN + days * DAY


def news(order_id: OrderId, told: Told) -> OrderNews:
    """Return what was told as news."""
    parcels = [each for each in told.deliveries if each != WHOLE]
    return OrderNews(
        order_id=order_id,
        merchant_id=ACME,
        promised_at=at(told.promised),
        cancelled_at=at(told.cancelled),
        delivered_at=at(told.deliveries.get(WHOLE)),
        first_name=None if told.name is None else RawText(told.name),
        packages=tuple(
            Package(tracking_id=each, delivered_at=at(told.deliveries[each])) for each in parcels
        ),
    )


days = st.sampled_from([-60, -31, -30, -5, 0, 1, 3, 10, 20, 29, 30, 31, 45, 60, 400, 20_000])
names = st.none() | st.sampled_from(["Odalys", "Thaddeus", "Marisela"])
whole: st.SearchStrategy[dict[str, int | None]] = st.dictionaries(st.just(WHOLE), days)
parcels: st.SearchStrategy[dict[str, int | None]] = st.dictionaries(
    st.sampled_from(["1Z1", "1Z2", "1Z3"]), st.none() | days, max_size=3
)


def steps(deliveries: st.SearchStrategy[dict[str, int | None]]) -> st.SearchStrategy[list[Step]]:
    """Lives of orders that are delivered as a whole, or parcel by parcel."""
    told = st.builds(
        Told,
        name=names,
        promised=st.none() | days,
        cancelled=st.none() | days,
        deliveries=deliveries,
    )
    passed = st.builds(Passed, hours=st.sampled_from([1, 23, 24, 24 * 9, 24 * 29, 24 * 30]))
    return st.lists(told | passed | st.builds(Swept), min_size=1, max_size=12)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(life=steps(whole) | steps(parcels))
@example(life=[Told(name="Odalys", deliveries={"1Z1": 0}), Passed(hours=24 * 30 - 1), Swept()])
@example(life=[Told(name="Odalys", deliveries={WHOLE: 20_000}), Passed(hours=24 * 60), Swept()])
def test_an_order_lives_by_the_rules(store: Store, life: list[Step]) -> None:
    """After every step it shows what the model says, and what is over opens nowhere."""
    order_id = OrderId(f"111-2223334-{next(NUMBERS):07}")
    model = Model()
    for step in life:
        if isinstance(step, Passed):
            model.now += step.hours * HOUR
        elif isinstance(step, Told):
            with store.begin() as tx:
                tx.orders.upsert(news(order_id, step), now=model.now, retention_days=30)
            model.hear(step)
        else:
            sweep(store, Terms(now=model.now, days=30, horizon=HOUR), batch=500)
            if model.first_told and model.now + HOUR >= model.clock + KEPT:
                model.is_swept = True
        check(store, order_id, model)


def check(store: Store, order_id: OrderId, model: Model) -> None:
    """Compare the order with its model, as it is shown and as it is stored."""
    with store.read() as tx:
        order = tx.orders.get(order_id, model.now, 30)
        known = tx.orders.known_values((order_id,), model.now, 30)
        row = tx.session.execute(select(*pii_columns(ORDERS)).where(ORDERS.c.order_id == order_id))
        stored = row.one_or_none()
        keys = tx.session.scalars(
            select(func.count()).where(DataKeyRow.owner == order_owner(order_id))
        ).one()
        traces = tx.session.scalars(
            select(func.count(OrderTraceRow.trace)).where(OrderTraceRow.order_id == order_id)
        ).one()
    if model.first_told is None:
        assert order is None
        return
    assert order is not None
    assert stored is not None
    assert (order.redacted, order.due_at) == (model.is_over, model.clock + KEPT)
    deliveries = {each: at for each, at in model.deliveries.items() if each != WHOLE}
    assert {each.tracking_id: each.delivered_at for each in order.packages} == deliveries
    if model.is_over:
        assert order.pii == dict.fromkeys(PII, REDACTED)
        assert known == ()
    else:
        name = None if model.name is None else RawText(model.name)
        assert order.pii["first_name"] == name
        assert known == (() if name is None else (("PERSON", name),))
    if model.is_swept:
        assert set(stored) == {REDACTED}
        assert (keys, traces) == (0, 0)
