"""A seller of the sandbox Amazon: who it is, what it may be asked for, and its orders."""

from __future__ import annotations

import secrets
from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from heapq import merge
from typing import Final

from bot.sandbox.amazon.details import Shop, order_at
from bot.sandbox.amazon.goods import catalogue
from bot.sandbox.amazon.lives import Life, life
from bot.sandbox.amazon.marketplaces import Marketplace
from bot.sandbox.amazon.moments import DAY, moment, seconds
from bot.sandbox.amazon.order import NOT_YET, SandboxOrder
from bot.sandbox.amazon.returned import Return, returns_at
from bot.sandbox.amazon.timeline import Place, Timeline
from bot.sandbox.errors import SandboxMisused

ROLES: Final = frozenset({"orders", "buyer", "shipping", "tax", "reports", "notifications"})
"""What a seller lets an application do; see `operations` and `rendering_2026`."""
Wanted = Callable[[str, str], bool]
"""Whether an order of a status, fulfilled by MERCHANT or AMAZON, is wanted."""


class Seller:
    """One seller account that has authorised the application.

    Orders arrive evenly: as many as were asked for until the seller is added, and at the same
    pace ever after, as the clock moves.

    Attributes:
        name: What the bot calls the account.
        seller_id: Amazon's identifier.
        refresh_token: LWA's, never the same twice, also across runs.
        roles: What the application may do; take some away, and it is refused.
        revoked: Whether the seller withdrew the authorisation.
        v0_only: Whether the 2026-01-01 version of the Orders API is refused.
    """

    def __init__(
        self,
        name: str,
        *,
        lock: AbstractContextManager[object],
        clock: Callable[[], datetime],
        marketplace: Marketplace,
        orders: int,
        returns: int,
        days: float,
        seed: int,
        v0_only: bool,
        afn_share: float,
        prime_share: float,
    ) -> None:
        self.name = name
        self.seller_id = f"A{secrets.token_hex(6).upper()}X"
        self.refresh_token = f"Atzr|{secrets.token_urlsafe(48)}"
        self.roles = set(ROLES)
        self.revoked = False
        self.v0_only = v0_only
        self.marketplace = marketplace
        self._lock = lock
        self._clock = clock
        self._seed = f"{seed}/{name}"
        self.shop = Shop(
            seed=self._seed,
            marketplace=marketplace,
            products=catalogue(self._seed, name, japanese=marketplace.code == "JP"),
        )
        self._start = seconds(clock()) - days * DAY
        self._pace = days * DAY / orders if orders else 0.0
        self._return_share = returns / orders if orders else 0.0
        self._afn_share = afn_share
        self._prime_share = prime_share
        self._next = 0
        self._timeline = Timeline()
        self._put: dict[str, SandboxOrder] = {}
        self._put_returns: dict[tuple[str, str], Return] = {}
        self._put_by_update: list[Place] = []
        self._put_by_purchase: list[Place] = []
        self._grow(seconds(clock()))

    @property
    def marketplace_id(self) -> str:
        """Amazon's identifier of the one marketplace where the seller sells."""
        return self.marketplace.id

    def revoke(self) -> None:
        """Withdraw the authorisation: no new tokens, and those that are out are refused."""
        with self._lock:
            self.revoked = True

    def restore(self) -> None:
        """Authorise the application again; its tokens are good again until they expire."""
        with self._lock:
            self.revoked = False

    def order(self, order_id: str) -> SandboxOrder:
        """Return an order as it stands. Raises SandboxMisused where there is none."""
        found = self.find(order_id)
        if found is None:
            raise SandboxMisused("The seller has no such order now.")
        return found

    def find(self, order_id: str) -> SandboxOrder | None:
        """Return an order as it stands, None where there is none by now."""
        with self._lock:
            now = self._now()
            if order_id in self._put:
                return self._put[order_id]
            born = self._timeline.get(order_id)
            if born is None or born.purchased > now:
                return None
            return order_at(self.shop, born, now)

    def orders(self) -> tuple[SandboxOrder, ...]:
        """Return every order as it stands, oldest purchase first."""
        with self._lock:
            return tuple(order for _, order in self.created((0, ""), self._now()))

    def order_ids(self) -> tuple[str, ...]:
        """Return the ids of all orders, oldest purchase first: fast, also of many."""
        with self._lock:
            return tuple(order_id for (_, order_id), _ in self._created((0, ""), self._now()))

    def returns(self, *, at: int | None = None) -> tuple[Return, ...]:
        """Return every row that a returns report could have, oldest request first.

        As many of the orders as were asked for come back at some time, a good part of them
        later than now.

        Args:
            at: A moment in seconds since 1970 up to now, now by default.
        """
        with self._lock:
            now = self._now() if at is None else at
            rows = [row for row in self._put_returns.values() if seconds(row.requested) <= now]
            for _, born in self._timeline.created((0, ""), now):
                if born.return_at is not None:
                    rows.extend(returns_at(self.shop, born, now))
            return tuple(sorted(rows, key=lambda row: (row.requested, row.rma)))

    def put_return(self, row: Return) -> None:
        """Add a row of the returns report, or set it in the place of one of its RMA and SKU."""
        with self._lock:
            self._put_returns[row.rma, row.item.sku] = row

    def put(self, order: SandboxOrder) -> SandboxOrder:
        """Add an order, or set one in the place of one with its id, which then stays as it is.

        Returns it with the last update that it got: what it had, or the clock's.
        """
        with self._lock:
            if order.last_updated == NOT_YET:
                order = replace(order, last_updated=moment(self._now()))
            self._remove(order.id)
            self._put[order.id] = order
            insort(self._put_by_update, (seconds(order.last_updated), order.id))
            insort(self._put_by_purchase, (seconds(order.created), order.id))
            return order

    def change(self, order_id: str, **fields: object) -> SandboxOrder:
        """Change fields of an order now. From then on it stays as it is, and lives no more.

        Raises SandboxMisused where there is none, TypeError where it has no such field.
        """
        with self._lock:
            changes: dict[str, object] = {"last_updated": NOT_YET, **fields}
            return self.put(replace(self.order(order_id), **changes))  # type: ignore[arg-type]

    def updated(
        self, after: Place, until: int, wanted: Wanted | None = None
    ) -> Iterator[tuple[Place, SandboxOrder]]:
        """Yield orders whose last update lies past a place and at or before a moment."""
        now = self._now()
        put = _past(self._put_by_update, after, until)
        found = merge(self._timeline.updated(after, until, now), put, key=_place)
        return self._drawn(found, now, wanted)

    def created(
        self, after: Place, until: int, wanted: Wanted | None = None
    ) -> Iterator[tuple[Place, SandboxOrder]]:
        """Yield orders whose purchase lies past a place and at or before a moment."""
        return self._drawn(self._created(after, until), self._now(), wanted)

    def _created(self, after: Place, until: int) -> Iterator[tuple[Place, Life | None]]:
        put = _past(self._put_by_purchase, after, until)
        for place, born in merge(self._timeline.created(after, until), put, key=_place):
            if born is None or born.order_id not in self._put:
                yield place, born

    def _drawn(
        self, found: Iterator[tuple[Place, Life | None]], now: int, wanted: Wanted | None
    ) -> Iterator[tuple[Place, SandboxOrder]]:
        for place, born in found:
            if born is None:
                order = self._put[place[1]]
                if wanted is None or wanted(order.status, order.fulfilled_by):
                    yield place, order
            elif born.order_id not in self._put:
                by = "AMAZON" if born.by_amazon else "MERCHANT"
                if wanted is None or wanted(born.status(now), by):
                    yield place, order_at(self.shop, born, now)

    def _remove(self, order_id: str) -> None:
        before = self._put.pop(order_id, None)
        if before is not None:
            self._put_by_update.remove((seconds(before.last_updated), order_id))
            self._put_by_purchase.remove((seconds(before.created), order_id))

    def _now(self) -> int:
        now = seconds(self._clock())
        self._grow(now)
        return now

    def _grow(self, now: int) -> None:
        """Let orders be born until now, and a day ahead where there are none for now."""
        if not self._pace or self._start + self._next * self._pace > now:
            return
        lives = []
        ahead = now + (DAY if self._next else 0)
        while (earliest := self._start + self._next * self._pace) <= ahead:
            share = self._return_share
            lives.append(
                life(
                    self._seed,
                    self._next,
                    earliest=int(earliest),
                    within=self._pace,
                    afn_share=self._afn_share,
                    prime_share=self._prime_share,
                    returned=int((self._next + 1) * share) > int(self._next * share),
                )
            )
            self._next += 1
        self._timeline.add(lives)


def _past(places: list[Place], after: Place, until: int) -> Iterator[tuple[Place, None]]:
    for number in range(bisect_left(places, after), len(places)):
        place = places[number]
        if place[0] > until:
            return
        if place > after:
            yield place, None


def _place(entry: tuple[Place, object]) -> Place:
    return entry[0]
