"""Time, orders, keys and misfortune; and what has to hold after each step."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Final

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule
from sqlalchemy import select

from nlp.text import RawText
from storage.errors import EpochInUse
from storage.ids import OrderId
from storage.keyring import FileKeyring
from storage.orders import OrderNews
from storage.tables import DataKeyRow
from tests.machines.backups import Backup, check_backup
from tests.machines.office import QUIET_DAYS
from tests.machines.order_model import DAY, Order, Told
from tests.machines.talking import Talking, places, some
from tests.machines.trouble import Where
from tests.machines.words import VALUES
from tests.storage.samples import ACME, DAYS

ORDERS: Final = ("111-0000000-0000001", "111-0000000-0000002")
BACKUPS: Final = 3


class Forgetting(Talking):
    """The whole of keeping and forgetting."""

    # Orders and the clock

    @rule(
        order_id=st.sampled_from(ORDERS),
        name=st.none() | st.sampled_from(["Odalys", "Thaddeus"]),
        delivered=st.none() | st.sampled_from([0, 1, 29, 31]),
        promised=st.none() | st.sampled_from([0, 5, 60]),
    )
    def order_news(
        self, order_id: str, name: str | None, delivered: int | None, promised: int | None
    ) -> None:
        """News of an order come, maybe late; deliveries in days ago, promises in days to come."""
        now = self.model.now
        told = Told(
            name=name,
            delivered=None if delivered is None else now - delivered * DAY,
            promised=None if promised is None else now + promised * DAY,
        )
        news = OrderNews(
            order_id=OrderId(order_id),
            merchant_id=ACME,
            first_name=None if name is None else RawText(name),
            delivered_at=told.delivered,
            promised_at=told.promised,
        )

        def take() -> None:
            with self.office.store.begin() as records:
                records.orders.upsert(news, now=now, retention_days=DAYS)

        self.office.run(take)
        if order_id in self.model.orders:
            self.model.orders[order_id].hear(told, now, self.model.epoch)
        else:
            self.model.orders[order_id] = Order.first(told, now, self.model.epoch)

    @rule()
    def hour(self) -> None:
        """The hourly work: the sweep, the quiet tickets, the index."""
        self.office.run(lambda: self.office.upkeep.hourly(self.model.now))
        for order in self.model.orders.values():
            order.sweep(self.model.now)
        self.model.quieten(QUIET_DAYS)
        self.model.purge()

    @rule(hours=st.sampled_from([1, 23, 24, 24 * 7, 24 * 14, 24 * 29]))
    def time_passes(self, hours: int) -> None:
        """The clock jumps, and nobody does anything about it."""
        self.model.now += timedelta(hours=hours)
        self.office.now = self.model.now

    # Keys

    @rule()
    def advance(self) -> None:
        """Another epoch begins; a rotation that was on its way is taken along."""
        self.model.epochs.add(self.office.store.rotation.advance(self.model.now))

    @rule()
    def rewrap(self) -> None:
        """Every data key is wrapped by the current epoch."""
        rotation = self.office.store.rotation
        self.office.run(lambda: rotation.rewrap(self.model.now, by="rotation"))
        self.model.rewrap()

    @precondition(lambda self: self.model.rewrapped)
    @rule()
    def destroy(self) -> None:
        """The epochs before the one of the last re-wrap are destroyed, maybe again."""
        rotation, epoch = self.office.store.rotation, self.model.rewrapped
        self.office.run(lambda: rotation.destroy(epoch, self.model.now, by="rotation"))
        self.model.destroy(epoch)

    @rule()
    def destroy_too_early(self) -> None:
        """No epoch is destroyed that wraps a data key."""
        with self.office.store.read() as records:
            epochs = set(records.session.scalars(select(DataKeyRow.epoch)))
        if min(epochs, default=self.model.epoch) < self.model.epoch:
            with pytest.raises(EpochInUse):
                self.office.store.rotation.destroy(self.model.epoch, self.model.now, by="rotation")

    # Misfortune

    @rule()
    def restart(self) -> None:
        """The program ends and begins anew with what is in its files."""
        self.office.restart()

    @rule(where=st.sampled_from(Where), number=st.integers(1, 12))
    def database_goes(self, where: Where, number: int) -> None:
        """The database will be gone within the next operation, which is then tried again."""
        self.office.expect(where, number if where is Where.STATEMENT else 1 + number % 3)

    @precondition(lambda self: len(self.backups) < BACKUPS)
    @rule()
    def back_up(self) -> None:
        """The database is copied."""
        self.office.store.database.close()
        url = self.office.place.copy()
        self.backups.append(Backup(url=url, then=copy.deepcopy(self.model)))

    @precondition(lambda self: self.backups)
    @rule(of=places)
    def open_backup(self, of: int) -> None:
        """A backup opens, with today's keyring, what its epochs allow, and nothing later."""
        backup = some(self.backups, of)
        check_backup(backup, self.office.place, self.model)

    @invariant()
    def everything_is_as_the_rules_say(self) -> None:
        """What lives opens, what is over is gone, the audit tells of it."""
        keyring = FileKeyring.open(self.office.place.keyring)
        self.judge.check(self.office.store, self.model, keyring)

    def teardown(self) -> None:
        """Open every backup, look for values in the files, and leave nothing behind."""
        if not hasattr(self, "office"):
            return
        try:
            for backup in self.backups:
                check_backup(backup, self.office.place, self.model)
            for file in self.office.store.database.files():
                content = file.read_bytes()
                assert not any(value.encode() in content for value in VALUES)
        finally:
            self.office.close()
            self.office.place.remove()
