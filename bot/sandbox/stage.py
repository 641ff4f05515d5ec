"""The stage of the demo: a sandbox Slack and Amazon, and the real bot running against them.

Everything between them is real: Socket Mode over a WebSocket, the Web API over HTTP, Presidio,
SQLite with its migrations, the engine and its jobs.
"""

from __future__ import annotations

import base64
import json
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, TypeVar

from standardwebhooks import Webhook

from bot import app, log, serve
from bot.imports import Imports
from bot.sandbox.amazon import SandboxAmazon
from bot.sandbox.slack import SandboxSlack
from bot.sandbox.slack.sample import INES, NOOR, sample_workspace
from bot.sandbox.slack.workspace import Workspace
from bot.settings import from_environment
from bot.slack.pace import Pace
from nlp.scrubber import Scrubber
from nlp.text import RawText
from storage.errors import KeyDestroyed
from storage.feeds import FeedKind
from storage.ids import OrderId, ticket_id
from storage.receipts import Receipt
from storage.residue import Hit, scan
from storage.store import Store

T = TypeVar("T")

OPENING: Final = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
"""When the play begins: the sample orders have been delivered days ago, and not a month."""
PATIENCE: Final = 30.0
"""Seconds that a step may take on a slow machine."""


@dataclass(kw_only=True)
class Stage:
    """What the play acts on.

    Attributes:
        slack: The sandbox.
        bot: The bot, connected and working.
        home: Folder of the database, the keyring and the log.
        port: Where the bot listens for hooks, on loopback.
        now: The play's clock.
        vault: Folder elsewhere, for a backup of the database.
        amazon: The sandbox that orders are read from, where there is one.
    """

    slack: SandboxSlack
    bot: app.Bot
    home: Path
    port: int
    now: Callable[[], datetime]
    vault: Path
    amazon: SandboxAmazon | None
    hook_secret: str = field(repr=False)
    _shown: int = field(default=0)

    def said(self) -> list[str]:
        """Return the lines of the transcript that were not returned before."""
        lines = self.slack.workspace.transcript
        new = [str(line) for line in lines[self._shown :]]
        self._shown = len(lines)
        return new

    def stored(self) -> list[str]:
        """Return the scrubbed messages as the database has them."""
        return self._column("SELECT text FROM messages ORDER BY message_id")

    def sealed(self) -> list[str]:
        """Return the sealed values as the database has them."""
        return self._column("SELECT sealed FROM sealed_values")

    def search(self, *needles: str, beside: Path | None = None) -> tuple[Hit, ...]:
        """Search every file of the play, database and log, for texts in many encodings.

        What a PostgreSQL server holds is written to a file first, table by table.

        Args:
            needles: What to look for.
            beside: A further folder to search.
        """
        if not self.bot.records.store.database.is_sqlite:
            self._dump(self.home / "tables.txt")
        folders = [self.home] if beside is None else [self.home, beside]
        files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
        return scan(files, [needle.encode() for needle in needles])

    def receipt(self, ticket: str) -> Receipt | None:
        """Return the receipt of a ticket once the search after the deletion is done."""

        def verified() -> Receipt | None:
            with self.bot.records.store.read() as records:
                found = records.receipts.of(ticket_id(ticket))
            return found if found is not None and found.verified_at is not None else None

        return self.eventually(verified)

    def back_up(self) -> None:
        """Copy the files of the database, its write-ahead log too, as a nightly backup would.

        A server is backed up by its own means, so of PostgreSQL there is no copy here.
        """
        for file in self.bot.records.store.database.files():
            shutil.copy(file, self.vault)

    def opened_from_backup(self, ticket: str, order: OrderId) -> int | None:
        """Return how many values of a ticket and an order open in the backup, with today's keys.

        None where there is no backup.
        """
        copies = sorted(self.vault.glob("*.db"))
        if not copies:
            return None
        opened = 0
        store = Store.open(f"sqlite:///{copies[0]}", self.bot.settings.keyring)
        try:
            with store.read() as records:
                with suppress(KeyDestroyed):
                    opened += len(records.tickets.reveal(ticket_id(ticket)))
                kept = records.orders.get(order, self.now(), self.bot.settings.retention_days)
                pii = {} if kept is None else kept.pii
                opened += sum(isinstance(value, RawText) for value in pii.values())
        finally:
            store.close()
        return opened

    def eventually(self, look: Callable[[], T]) -> T:
        """Look until something is there or patience ends, and return what was last seen."""
        end = time.monotonic() + PATIENCE
        found = look()
        while not found and time.monotonic() < end:
            time.sleep(0.05)
            found = look()
        return found

    def hook(self, ticket: str) -> int:
        """Send a signed "ticket resolved" as a help desk would. Returns the HTTP status."""
        body = json.dumps({"type": "ticket.resolved", "data": {"ticket_id": ticket}})
        number, moment = f"msg_{secrets.token_hex(8)}", datetime.now(UTC)
        headers = {
            "webhook-id": number,
            "webhook-timestamp": str(int(moment.timestamp())),
            "webhook-signature": Webhook(self.hook_secret).sign(number, moment, body),
            "content-type": "application/json",
        }
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request("POST", "/hooks/tickets/standard", body, headers)
            return connection.getresponse().status
        finally:
            connection.close()

    def has_read(self, merchant: str) -> bool:
        """Wait until a merchant's orders were read from Amazon. Returns whether they were."""

        def read() -> bool:
            with self.bot.records.store.read() as records:
                return any(
                    feed.merchant_id == merchant
                    and feed.kind is FeedKind.ORDERS
                    and feed.read_until is not None
                    for feed in records.feeds.all()
                )

        return self.eventually(read)

    def _column(self, query: str) -> list[str]:
        with self.bot.records.store.read() as records:
            rows = records.session.connection().exec_driver_sql(query)
            return [str(row[0]) for row in rows]

    def _dump(self, file: Path) -> None:
        """Write every row of every table, ours and the engine's."""
        tables = (
            "SELECT format('%%I.%%I', table_schema, table_name) FROM information_schema.tables"
            " WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
        )
        with file.open("w") as lines:
            for table in self._column(tables):
                query = f"SELECT t::text FROM {table} t"  # noqa: S608 - named by the catalogue
                lines.writelines(f"{row}\n" for row in self._column(query))


@contextmanager
def stage(
    home: Path,
    *,
    over_http: bool = False,
    environment: Mapping[str, str] | None = None,
    sellers: Callable[[SandboxAmazon], object] | None = None,
    scrubber: Scrubber | None = None,
    others: Sequence[Workspace] = (),
    pace: Pace | None = None,
) -> Iterator[Stage]:
    """Set the stage in a folder: sample orders imported, the bot connected.

    Args:
        home: Folder for the database, the keyring and the log.
        over_http: Whether Slack reaches the bot over HTTP instead of Socket Mode.
        environment: Further settings.
        sellers: Adds sellers to a sandbox Amazon that the bot then reads; left out for none.
        scrubber: Presidio's when left out.
        others: Further workspaces, which may install the app by OAuth.
        pace: How fast a channel takes messages; the sandbox takes all at once when left out.
    """
    began = time.monotonic()

    def now() -> datetime:
        return OPENING + timedelta(seconds=time.monotonic() - began)

    secret = "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
    with ExitStack() as stack:
        vault = Path(stack.enter_context(TemporaryDirectory(prefix="jetpack-care-backup-")))
        stack.callback(log.preserved())
        stream = stack.enter_context((home / "care.log").open("a", buffering=1))
        # At DEBUG, so that a search of the log is a search of all that could be logged.
        log.configure("DEBUG", stream)
        slack = stack.enter_context(SandboxSlack(sample_workspace(), *others))
        amazon = None
        if sellers is not None:
            amazon = stack.enter_context(SandboxAmazon(clock=now))
            sellers(amazon)
        settings = from_environment(
            {
                **slack.environment(),
                **({} if amazon is None else amazon.environment()),
                "CARE_HOME": str(home),
                "CARE_AGENTS": f"{INES.id},{NOOR.id}",
                "CARE_TRIAGE_CHANNEL": slack.workspace.channel("care-triage").id,
                "HOOK_STANDARD_SECRET": secret,
                **(environment or {}),
            }
        )
        bot = stack.enter_context(
            app.build(settings, clock=now, scrubber=scrubber, pace=pace or Pace(seconds=0))
        )
        _import_samples(bot, now)
        socket = None if over_http else bot.socket()
        port = stack.enter_context(serve.listening(bot.web(socket), 0, "127.0.0.1"))
        slack.oauth.redirect_uri = f"http://127.0.0.1:{port}/slack/oauth_redirect"
        stack.callback(bot.work().close)
        if socket is None:
            slack.deliver_over_http(f"http://127.0.0.1:{port}/slack/events")
        else:
            socket.connect()
            stack.callback(socket.close)
            slack.socket.wait_for_connections()
        yield Stage(
            slack=slack,
            bot=bot,
            home=home,
            port=port,
            now=now,
            vault=vault,
            amazon=amazon,
            hook_secret=secret,
        )


def _import_samples(bot: app.Bot, now: Callable[[], datetime]) -> None:
    imports = Imports(
        store=bot.records.store,
        clock=now,
        retention_days=bot.settings.retention_days,
        redact_postal_code=bot.settings.redact_postal_code,
    )
    samples = resources.files("bot.sandbox") / "samples"
    for name, take in (("orders.csv", imports.orders), ("returns.csv", imports.returns)):
        with (samples / name).open(encoding="utf-8") as lines:
            for taken in take(lines):
                if taken.problem:
                    raise AssertionError(f"{name}, line {taken.line}: {taken.problem}")
