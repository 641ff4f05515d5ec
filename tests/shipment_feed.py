"""The shipments' feed as a carrier sees it: the real application, over HTTP on loopback."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from itertools import count
from typing import Final

from standardwebhooks import Webhook

from bot import web
from bot.health import Health, metrics
from bot.hooks.door import HookDoor
from bot.hooks.shipments import ShipmentDoor
from bot.hooks.standard_secrets import StandardSecrets
from bot.http_server import LOOPBACK, HttpServer
from bot.imports import Imports, Taken
from bot.jobs import Jobs
from bot.resolving import Resolver
from storage.ids import OrderId
from storage.orders import Order
from storage.service_levels import DEFAULT_LEVELS
from storage.store import Store

SECRET: Final = "whsec_" + base64.b64encode(b"invented secret one, 32 bytes!!!").decode()
SECOND: Final = "whsec_" + base64.b64encode(b"invented secret two, 32 bytes!!!").decode()
NOW: Final = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
DAYS: Final = 30
TRACKING: Final = "1Z999AA10123456784"
ORDER: Final = "113-5550142-5550142"
_NUMBERS: Final = count(1)


@dataclass(kw_only=True)
class ShipmentFeed:
    """A house that listens, with what may be done to it.

    Attributes:
        port: Where it listens.
        now: Its clock, which stands still.
    """

    store: Store
    port: int = 0
    now: datetime = field(default=NOW)

    def sends(self, kind: str, data: object, **headers: str) -> int:
        """Send a delivery of a type, signed well unless `headers` say otherwise."""
        return self.posts(json.dumps({"type": kind, "data": data}).encode(), **headers)

    def posts(self, body: bytes, **headers: str) -> int:
        """Send a body. Returns the HTTP status; `_` stands for `-` in names of headers."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.delivers(body, {**signed(body), **given})

    def delivers(self, body: bytes, headers: Mapping[str, str]) -> int:
        """Send a body with just these headers. Returns the HTTP status."""
        with closing(HTTPConnection(LOOPBACK, self.port, timeout=30)) as connection:
            connection.request("POST", "/hooks/shipments", body, dict(headers))
            return connection.getresponse().status

    def imports(self, what: str, *lines: str) -> list[Taken]:
        """Import a file of orders or shipments as the command line does."""
        imports = Imports(
            store=self.store,
            clock=lambda: self.now,
            retention_days=DAYS,
            redact_postal_code=False,
        )
        take = imports.orders if what == "orders" else imports.shipments
        return list(take(f"{line}\n" for line in lines))

    def order(self, order_id: str = ORDER) -> Order:
        """Return an order that is there, as it is shown now."""
        with self.store.read() as records:
            found = records.orders.get(OrderId(order_id), self.now, DAYS)
        assert found is not None
        return found

    def waiting(self) -> int:
        """Return how many shipments wait for their orders."""
        return self._count("early_shipments")

    def seen(self) -> int:
        """Return how many deliveries are remembered."""
        return self._count("seen_events")

    def _count(self, table: str) -> int:
        with self.store.read() as records:
            query = f"SELECT count(*) FROM {table}"
            return int(records.session.connection().exec_driver_sql(query).scalar_one())


def signed(
    body: bytes,
    *,
    secret: str = SECRET,
    number: str = "",
    age: timedelta = timedelta(0),
) -> dict[str, str]:
    """Return the headers of a delivery as a carrier signs it, under an id of its own."""
    name, at = number or f"msg_{next(_NUMBERS)}", datetime.now(UTC) - age
    return {
        "content-type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(name, at, body.decode()),
    }


@contextmanager
def shipment_feed(store: Store, secrets: Sequence[str] = (SECRET,)) -> Iterator[ShipmentFeed]:
    """Serve the application over a store while the block lasts."""
    feed = ShipmentFeed(store=store)
    jobs = Jobs(store.database.engine)
    app = web.build(
        endpoint=None,
        installing=None,
        hooks=HookDoor(store=store, resolver=Resolver(jobs=jobs, clock=lambda: feed.now), hooks={}),
        shipments=ShipmentDoor(
            store=store,
            clock=lambda: feed.now,
            retention_days=DAYS,
            redact_postal_code=False,
            secrets=StandardSecrets("HOOK_SHIPMENTS_SECRET", secrets),
        ),
        health=Health(store=store, clock=lambda: feed.now, connected=lambda: True),
        metrics=metrics(store, DEFAULT_LEVELS, lambda: feed.now),
    )
    try:
        with HttpServer(app) as server:
            feed.port = server.port
            yield feed
    finally:
        jobs.close()
