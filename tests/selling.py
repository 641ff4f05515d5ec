"""A sandbox Amazon that is read into a store turn by turn, by a clock that only tests move."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.amazon.accounts import Accounts, accounts
from bot.amazon.keeping import Keeping
from bot.amazon.orders_feed import OrdersFeed
from bot.amazon.refreshing import Refreshing
from bot.amazon.returns_feed import ReturnsFeed
from bot.amazon.sync import Sync, Turn
from bot.sandbox.amazon import SandboxAmazon
from bot.sandbox.amazon.seller import Seller
from bot.settings import Settings, from_environment
from storage.feeds import Feed, FeedKind
from storage.ids import MerchantId, OrderId
from storage.orders import Order
from storage.store import Store
from storage.tables import Base

START = datetime(2026, 11, 20, 12, tzinfo=UTC)
BIRCH = MerchantId("birch-and-brook")
CEDAR = MerchantId("cedar-supply")
DAYS = 30
NOT_COMPARED = frozenset({"first_seen_at", "updated_at", "checked_at", "trace_key"})
"""Columns that tell when and how something came to be known, not what is known."""


@dataclass
class Clock:
    """Tells the time that a test sets."""

    now: datetime = START

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now

    def wait(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)


@dataclass(kw_only=True)
class Selling:
    """Sellers of a sandbox, what reads them, and what came of it.

    Attributes:
        told: What Care was told, by the key that makes it one message.
        tellings: How often Care was told anything, copies and all.
    """

    amazon: SandboxAmazon
    clock: Clock
    store: Store
    settings: Settings
    accounts: Accounts
    sync: Sync
    refreshing: Refreshing
    told: dict[str, str]
    tellings: list[str] = field(default_factory=list)

    def feed(self, kind: FeedKind, merchant: MerchantId = BIRCH) -> Feed:
        """Return where a feed is."""
        return next(
            each for each in self.feeds() if (each.kind, each.merchant_id) == (kind, merchant)
        )

    def feeds(self) -> tuple[Feed, ...]:
        """Return where all feeds are."""
        with self.store.read() as records:
            return records.feeds.all()

    def turn(self, kind: FeedKind = FeedKind.ORDERS, merchant: MerchantId = BIRCH) -> Turn:
        """Take a feed's next turn, when it is due."""
        feed = self.feed(kind, merchant)
        self.clock.now = max(self.clock.now, feed.due_at)
        turn = self.sync.turn(feed.feed_id, feed.turn)
        assert turn is not None
        return turn

    def read(
        self, kind: FeedKind = FeedKind.ORDERS, merchant: MerchantId = BIRCH, *, most: int = 400
    ) -> list[Turn]:
        """Take a feed's turns until all that there is has been read."""
        turns: list[Turn] = []
        for _ in range(most):
            turns.append(self.turn(kind, merchant))
            if turns[-1].is_done:
                return turns
        raise AssertionError("The feed does not come to an end.")

    def run(self, *kinds: FeedKind, **span: float) -> list[Turn]:
        """Take every turn that falls due within a span, of feeds of all kinds or of some."""
        until = self.clock.now + timedelta(**span)
        turns: list[Turn] = []
        while True:
            going = [
                feed
                for feed in self.feeds()
                if feed.paused_at is None and feed.kind in (kinds or FeedKind)
            ]
            following = min(going, key=lambda feed: (feed.due_at, feed.feed_id), default=None)
            if following is None or following.due_at > until:
                self.clock.now = until
                return turns
            turns.append(self.turn(following.kind, following.merchant_id))

    def again(self, environ: Mapping[str, str] | None = None) -> None:
        """Start anew with other settings, as after a restart."""
        self.settings = settings(self.amazon, environ or {})
        close(self.accounts)
        self.accounts = accounts(self.settings, self.store, self.clock)
        self.sync = replace(self.sync, accounts=self.accounts)
        self.refreshing = replace(self.refreshing, accounts=self.accounts)
        self.sync.begin(self.clock())

    def order(self, order_id: str) -> Order | None:
        """Return an order as it is shown."""
        with self.store.read() as records:
            return records.orders.get(OrderId(order_id), self.clock(), DAYS)

    def order_ids(self) -> set[str]:
        """Return the ids of the orders that are kept."""
        return {row["order_id"] for row in rows(self.store, "orders")}

    def wanted(self, merchant: MerchantId = BIRCH) -> tuple[OrderId, ...]:
        """Return the orders that are to be asked for."""
        with self.store.read() as records:
            return records.feeds.wanted(merchant, 10_000)

    def calls(self, operation: str) -> int:
        """Return how often the sandbox was asked for something."""
        return len(self.amazon.calls_of(operation))


@contextmanager
def sqlite_store(template: Path, folder: Path) -> Iterator[Store]:
    """Yield an empty store in a copy of a migrated SQLite file, for long tables of cases."""
    (folder / "quick").mkdir(mode=0o700)
    shutil.copy(template, folder / "quick" / "care.db")
    opened = Store.open(f"sqlite:///{folder}/quick/care.db", folder / "quick" / "keyring.json")
    yield opened
    opened.close()


def settings(amazon: SandboxAmazon, environ: Mapping[str, str]) -> Settings:
    """Return the settings for a sandbox's sellers, with some more or other ones."""
    return from_environment({**amazon.environment(), **environ})


def close(sellers: Accounts) -> None:
    """Let go of the connections, which the program keeps for as long as it runs."""
    for account in sellers.values():
        account.calls.clients.transport._client.close()


@contextmanager
def selling(
    store: Store,
    *,
    orders: int = 40,
    returns: int = 0,
    limits: bool = False,
    seller: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Iterator[Selling]:
    """Yield a sandbox with one seller, birch-and-brook, and what reads it.

    Args:
        store: Where to.
        orders: How many orders the seller has.
        returns: How many of them come back.
        limits: Whether Amazon keeps to its limits. Ours are kept in any case.
        seller: More of the seller, see `World.add_seller`.
        environ: More settings.
    """
    clock = Clock()
    with pytest.MonkeyPatch.context() as patch, SandboxAmazon(clock=clock) as amazon:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "SSL_CERT_FILE"):
            patch.delenv(name, raising=False)
            patch.delenv(name.lower(), raising=False)
        # Nothing is encrypted here, and reading the usual certificates takes a while.
        patch.setenv("SSL_CERT_DIR", str(Path(__file__).parent))
        amazon.limits.enforced = limits
        amazon.tokens.seconds = 10**8
        amazon.add_seller(
            BIRCH, **{"orders": orders, "returns": returns, "seed": 7, **(seller or {})}
        )
        shop = _shop(amazon, clock, store, environ or {})
        shop.sync.begin(clock())
        try:
            yield shop
        finally:
            close(shop.accounts)


def _shop(amazon: SandboxAmazon, clock: Clock, store: Store, environ: Mapping[str, str]) -> Selling:
    told: dict[str, str] = {}
    tellings: list[str] = []

    def tell(key: str, text: str, at: datetime, *, lane: str) -> None:
        assert (at, lane) == (clock(), "amazon")
        told.setdefault(key, text)
        tellings.append(key)

    found = settings(amazon, environ)
    sellers = accounts(found, store, clock)
    keeping = Keeping(clock=clock, retention_days=DAYS, redact_postal_code=False)
    return Selling(
        amazon=amazon,
        clock=clock,
        store=store,
        settings=found,
        accounts=sellers,
        sync=Sync(
            store=store,
            accounts=sellers,
            orders=OrdersFeed(store=store, keeping=keeping, clock=clock),
            returns=ReturnsFeed(store=store, keeping=keeping, clock=clock),
            clock=clock,
            enqueue=None,
            tell=tell,
        ),
        refreshing=Refreshing(store=store, accounts=sellers, keeping=keeping, clock=clock),
        told=told,
        tellings=tellings,
    )


def birch(shop: Selling) -> Seller:
    """Return the sandbox's seller."""
    return shop.amazon.sellers[BIRCH]


def rows(store: Store, *tables: str) -> list[dict[str, Any]]:
    """Return every row of tables, sorted."""
    found: list[dict[str, Any]] = []
    with store.read() as records:
        for table in tables:
            query = Base.metadata.tables[table].select()
            found += map(dict, records.session.execute(query).mappings())
    return sorted(found, key=repr)


def kept(store: Store, now: datetime) -> list[dict[str, Any]]:
    """Return all that is known of orders, items, packages and returns; PII opened, not sealed."""
    found = rows(store, "orders", "items", "packages", "returns")
    with store.read() as records:
        for row in found:
            if "first_name" in row:
                order = records.orders.get(row["order_id"], now, DAYS)
                assert order is not None
                row.update(order.pii)
    return [
        {name: value for name, value in row.items() if name not in NOT_COMPARED} for row in found
    ]
