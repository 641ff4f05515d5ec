"""Pages and reports that come twice, late or in another order; and none brings PII back."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.amazon.keeping import Keeping
from bot.amazon.operations import Operation
from bot.amazon.orders_api import Page
from bot.amazon.problems import Problems
from bot.sandbox.amazon.order import Package
from storage.ids import OrderId
from storage.orders import REDACTED
from storage.redaction import PII
from storage.redaction_batch import Terms
from storage.returns import Return
from storage.store import Store
from tests.selling import (
    BIRCH,
    DAYS,
    START,
    Clock,
    Selling,
    birch,
    kept,
    rows,
    selling,
    sqlite_store,
)

V0 = {"SP_API_ORDERS_VERSION": "v0"}
ON = {"SP_API_PII": "true"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """All that Amazon told of a seller over some weeks.

    Attributes:
        windows: Pages of orders, by window, oldest first.
        reports: Rows of reports, oldest first.
        end: When that was.
    """

    windows: tuple[tuple[Page, ...], ...]
    reports: tuple[tuple[Return, ...], ...]
    end: Clock


def listen(shop: Selling, *, windows: int) -> Told:
    """Ask for pages and reports at some moments, and keep nothing of them."""
    account, problems = shop.accounts[BIRCH], Problems()
    told: list[tuple[Page, ...]] = []
    reports: list[tuple[Return, ...]] = []
    since = shop.clock.now - timedelta(days=90)
    for _ in range(windows):
        pages = [account.orders.page(since, None, problems)]
        while pages[-1].next_token is not None:
            shop.clock.wait(minutes=4)
            pages.append(account.orders.page(since, pages[-1].next_token, problems))
        told.append(tuple(pages))
        assert pages[0].until is not None
        since = pages[0].until - timedelta(minutes=5)
        document = shop.amazon.documents.add(BIRCH, birch(shop).returns())
        reports.append(tuple(account.returns.read(document.id, shop.clock(), problems)))
        shop.clock.wait(days=9)
    return Told(windows=tuple(told), reports=tuple(reports), end=Clock(shop.clock.now))


@pytest.fixture(scope="module")
def told(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """What Amazon tells in some weeks, in two pages at first and then in one each."""
    folder = tmp_path_factory.mktemp("told")
    with (
        sqlite_store(sqlite_template, folder) as store,
        selling(store, orders=140, returns=20, environ=ON) as shop,
    ):
        yield listen(shop, windows=5)


def take(
    store: Store, told: Told, pages: Sequence[Page], reports: Sequence[Sequence[Return]]
) -> None:
    """Keep pages and reports in the order given, all at the end of these weeks."""
    keeping = Keeping(clock=told.end, retention_days=DAYS, redact_postal_code=False)
    for page in pages:
        with store.begin() as records:
            keeping.orders(records, page.news, Operation.SEARCH_ORDERS, Problems())
    for report in reports:
        with store.begin() as records:
            keeping.returns(records, report, Problems())


def sweep(store: Store, told: Told) -> int:
    """Redact what is due at the end of these weeks. Returns how many orders."""
    with store.begin() as records:
        batch = records.orders.redact_batch(Terms(now=told.end(), days=DAYS), limit=10_000)
    return batch.redacted


def final(store: Store, told: Told) -> list[dict[str, Any]]:
    """Return what is known at the end.

    The clock of an order whose time is up stands still, wherever it then was. When an order of two
    packages was shipped is when the first was that came to be known.
    """
    found = kept(store, told.end())
    for row in found:
        if "redacted_at" in row:
            del row["shipped_at"]
            if row["redacted_at"] is not None:
                del row["clock_at"]
    return found


@pytest.fixture
def plain(sqlite_template: Path, tmp_path: Path) -> Iterator[Store]:
    """A store on SQLite alone, for all the orders in which pages may come."""
    with sqlite_store(sqlite_template, tmp_path) as opened:
        yield opened


def in_order(told: Told) -> list[Page]:
    """Return all pages as they came."""
    return [page for window in told.windows for page in window]


def twice(pages: list[Page]) -> list[Page]:
    """Return each page twice, one after the other."""
    return [page for page in pages for _ in range(2)]


def again(pages: list[Page]) -> list[Page]:
    """Return all pages, and then all of them once more."""
    return pages * 2


def interleaved(pages: list[Page]) -> list[Page]:
    """Return the later half between the earlier one's."""
    half = len(pages) // 2
    mixed = [page for pair in zip(pages[half:], pages, strict=False) for page in pair]
    return [*mixed, *pages]


def shuffled(pages: list[Page]) -> list[Page]:
    """Return all pages three times in any order."""
    mixed = pages * 3
    random.Random(11).shuffle(mixed)
    return mixed


ORDERS: list[Callable[[list[Page]], list[Page]]] = [
    twice,
    again,
    lambda pages: pages[::-1],
    interleaved,
]


@pytest.fixture(scope="module")
def expected(
    told: Told, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> list[dict[str, Any]]:
    """What is known after all pages and reports came once and in order, and a sweep."""
    with sqlite_store(sqlite_template, tmp_path_factory.mktemp("expected")) as store:
        take(store, told, in_order(told), told.reports)
        sweep(store, told)
        return final(store, told)


@pytest.mark.parametrize("mixed", ORDERS, ids=["twice", "again", "back", "interleaved"])
def test_any_order_ends_the_same(
    plain: Store,
    told: Told,
    expected: list[dict[str, Any]],
    mixed: Callable[[list[Page]], list[Page]],
) -> None:
    """Pages and reports that come twice, backwards or mixed end in the same rows."""
    take(plain, told, mixed(in_order(told)), told.reports[::-1] + told.reports[:2])

    sweep(plain, told)

    found = final(plain, told)
    assert len(found) > 400
    assert found == expected


def test_any_order_ends_the_same_everywhere(
    store: Store, told: Told, expected: list[dict[str, Any]]
) -> None:
    """Shuffled pages end in the same rows on each kind of database."""
    take(store, told, shuffled(in_order(told)), told.reports[::-1] + told.reports[:2])

    sweep(store, told)

    assert final(store, told) == expected


def test_nothing_brings_pii_back(store: Store, told: Told) -> None:
    """After redaction, thousands of old orders and returns in any order bring no PII back."""
    pages = in_order(told)
    early = replace(told, end=Clock(START + timedelta(days=1)))
    take(store, early, pages[:3], told.reports[:1])
    before = {row["order_id"] for row in rows(store, "orders") if not row["redacted_at"]}
    late = replace(told, end=Clock(START + timedelta(days=300)))
    assert sweep(store, late) == len(before) > 60
    chance = random.Random(5)

    take(
        store,
        early,
        [chance.choice(pages) for _ in range(40)],
        [chance.choice(told.reports) for _ in range(10)],
    )

    gone = [row for row in rows(store, "orders") if row["order_id"] in before]
    assert len(gone) == len(before)
    assert {row[name] for row in gone for name in PII} == {REDACTED}
    assert all(row["redacted_at"] is not None for row in gone)
    owners = {row["owner"] for row in rows(store, "data_keys")}
    assert not owners & {f"order:{order_id}" for order_id in before}
    assert not {row["order_id"] for row in rows(store, "order_traces")} & before
    # Orders that were not known before are open at that time, and have their people.
    assert any(owner.startswith("order:") for owner in owners)


@pytest.mark.parametrize("environ", [ON, {**ON, **V0}], ids=["2026", "v0"])
def test_a_redacted_order_still_changes(plain: Store, environ: dict[str, str]) -> None:
    """Status and tracking of a redacted order are as Amazon tells, its people stay redacted."""
    with selling(plain, orders=12, environ=environ) as shop:
        shop.read(most=400)
        old = next(order for order in birch(shop).orders() if order.packages and order.buyer.name)
        shop.clock.wait(days=120)
        with plain.begin() as records:
            records.orders.redact_batch(Terms(now=shop.clock(), days=DAYS), limit=1_000)
        parcel = Package(
            id="9", created=START, shipped=START, status="IN_TRANSIT", tracking="1ZE5550100999"
        )
        birch(shop).change(old.id, status="PARTIALLY_SHIPPED", packages=(*old.packages, parcel))
        shop.clock.wait(minutes=10)
        shop.read(most=400)

        order = shop.order(old.id)
        assert order is not None
        assert (order.status, order.redacted) == ("PartiallyShipped", True)
        assert set(order.pii.values()) == {REDACTED}
        if not environ.keys() & V0.keys():
            assert "1ZE5550100999" in {package.tracking_id for package in order.packages}
        (row,) = [row for row in rows(plain, "orders") if row["order_id"] == OrderId(old.id)]
        assert {row[name] for name in PII} == {REDACTED}
