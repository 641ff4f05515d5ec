"""The bot, put together: what is served, and what is worked for."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask

from bot import health, web, worker
from bot.amazon.notices import Notices
from bot.amazon.queue import SqsQueue
from bot.amazon.sync import Sync
from bot.anchoring import Anchoring
from bot.care.digest import Digest
from bot.care.reminding import Reminding
from bot.clearing import Clearing
from bot.desk import Desk
from bot.engine import Engine
from bot.hooks.door import HookDoor
from bot.hooks.shipments import ShipmentDoor
from bot.leaving import Leaving
from bot.log import Event, warn
from bot.records import Clock, Records
from bot.scanning import Scanning
from bot.sellers import OrdersVersion
from bot.settings import Settings
from bot.slack import bolt, http
from bot.slack.installing import Installing
from bot.slack.poster import Poster
from bot.slack.renewing import Renewing
from bot.slack.socket import Socket


@dataclass(frozen=True, slots=True, kw_only=True)
class Bot:
    """The bot over its records, ready to be served and worked for."""

    settings: Settings
    records: Records
    app: bolt.App
    desk: Desk
    poster: Poster
    anchoring: Anchoring
    reminding: Reminding
    digest: Digest
    scanning: Scanning
    clearing: Clearing | None
    leaving: Leaving
    installing: Installing | None
    renewing: Renewing | None
    sync: Sync
    hooks: HookDoor
    shipments: ShipmentDoor
    clock: Clock

    def socket(self) -> Socket:
        """Return the Socket Mode connection, not connected yet."""
        self.settings.require("SLACK_APP_TOKEN")
        return Socket(self.app, self.settings.slack_app_token)

    def web(self, socket: Socket | None = None) -> Flask:
        """Return the WSGI application; with a socket, Slack is not served over HTTP."""
        slack = None
        if socket is None:
            self.settings.require("SLACK_SIGNING_SECRET")
            slack = http.endpoint(self.app, self.settings.slack_signing_secret)
        store = self.records.store
        return web.build(
            endpoint=slack,
            installing=self.installing,
            hooks=self.hooks,
            shipments=self.shipments,
            health=health.Health(
                store=store,
                clock=self.clock,
                connected=(lambda: True) if socket is None else socket.is_connected,
            ),
            metrics=health.metrics(store, self.settings.service_levels, self.clock),
        )

    def work(self) -> Engine:
        """Start working in threads of this process."""
        old = [a for a in self.records.accounts.values() if a.seller.orders is OrdersVersion.V0]
        if old:
            warn(Event.AMAZON_ENDS, sellers=len(old))
        return worker.start(
            store=self.records.store,
            desk=self.desk,
            poster=self.poster,
            upkeep=self.records.upkeep,
            anchoring=self.anchoring,
            reminding=self.reminding,
            digest=self.digest,
            scanning=self.scanning,
            clearing=self.clearing,
            leaving=self.leaving,
            renewing=self.renewing,
            sync=self.sync,
            notices=self._notices(),
            worker=self.settings.worker,
        )

    def _notices(self) -> Notices | None:
        """Return what listens to Amazon's notifications, None without a queue or a seller."""
        if not self.settings.sqs_queue_url or not self.records.accounts:
            return None
        return Notices(
            store=self.records.store,
            queue=SqsQueue(self.settings.sqs_queue_url),
            accounts=self.records.accounts,
            clock=self.clock,
            hurry=self.sync.hurry,
        )
