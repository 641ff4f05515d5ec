"""The program as it is deployed, in processes of its own, against a sandbox Slack of many shops.

`embedded` is `jetpack-care run` on SQLite over Socket Mode, `deployed` two web and two worker
processes on PostgreSQL. Databases, folders and processes are gone at the end, also after Ctrl-C.
"""

from __future__ import annotations

import base64
import json
import secrets
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from sqlalchemy import Engine
from standardwebhooks import Webhook

from bot import app
from bot.imports import Imports
from bot.records import utc_now
from bot.sandbox.slack import SandboxSlack
from bot.sandbox.slack.sample import HOME, INES
from bot.sandbox.slack.workspace import Workspace
from bot.settings import from_environment
from tests.benchmarks.children import Children
from tests.benchmarks.router import InTurns
from tests.benchmarks.shops import SHOPS, channel, merchant, orders_file, person
from tests.conftest import postgresql_database_of

ANSWER_SECONDS: Final = 10.0
"""How long the client waits for an answer to a hook."""


@dataclass(frozen=True, kw_only=True)
class House:
    """A running deployment.

    Attributes:
        name: What it is, for people.
        slack: The sandbox that it is connected to.
        url: Its database.
        hooks: The ports at which help desks reach it.
        secret: What their hooks are signed with.
        processes: The program's.
    """

    name: str
    slack: SandboxSlack
    url: str
    hooks: Iterator[int]
    processes: Children
    secret: str = field(repr=False)

    def hook(self, ticket: str) -> tuple[int, float]:
        """Tell of a resolved ticket as a help desk would. Returns status and seconds.

        The status is 0 where no answer came.
        """
        body = json.dumps({"type": "ticket.resolved", "data": {"ticket_id": ticket}})
        number, moment = f"msg_{secrets.token_hex(8)}", datetime.now(UTC)
        headers = {
            "webhook-id": number,
            "webhook-timestamp": str(int(moment.timestamp())),
            "webhook-signature": Webhook(self.secret).sign(number, moment, body),
            "content-type": "application/json",
        }
        connection = HTTPConnection("127.0.0.1", next(self.hooks), timeout=ANSWER_SECONDS)
        began = time.perf_counter()
        try:
            connection.request("POST", "/hooks/tickets/standard", body, headers)
            status = connection.getresponse().status
        except (OSError, HTTPException):
            status = 0
        finally:
            connection.close()
        return status, time.perf_counter() - began


class NotStarted(Exception):
    """The program did not start in time, or does not answer. The message ends with its log."""


@contextmanager
def embedded(orders: int, shops: int = SHOPS) -> Iterator[House]:
    """One process on SQLite, with so many orders and shops."""
    with ExitStack() as stack:
        home, slack, processes, secret, settings = _begun(stack, {}, orders, shops)
        port = _free_port()
        processes.start("run", "run", PORT=str(port))
        _wait(processes, 1, home / "log")
        if not slack.socket.wait_for_connections():
            raise NotStarted("The bot did not connect to the sandbox Slack.")
        _link(slack, shops)
        yield House(
            name="SQLite, one process",
            slack=slack,
            url=settings["DATABASE_URL"],
            hooks=cycle([port]),
            processes=processes,
            secret=secret,
        )


@contextmanager
def deployed(server: Engine, orders: int, shops: int = SHOPS) -> Iterator[House]:
    """Two web and two worker processes on a database of their own, with orders and shops."""
    with ExitStack() as stack:
        url = stack.enter_context(postgresql_database_of(server))
        home, slack, processes, secret, _ = _begun(stack, {"DATABASE_URL": url}, orders, shops)
        ports = [_free_port(), _free_port()]
        for port in ports:
            processes.start(f"web-{port}", "web", PORT=str(port))
        for name in ("worker-1", "worker-2"):
            processes.start(name, "worker", CARE_WORKER=name)
        _wait(processes, 4, home / "log")
        slack.delivery = InTurns(
            [slack.deliver_over_http(f"http://127.0.0.1:{port}/slack/events") for port in ports]
        )
        _link(slack, shops)
        yield House(
            name="PostgreSQL, 2 web and 2 worker processes",
            slack=slack,
            url=url,
            hooks=cycle(ports),
            processes=processes,
            secret=secret,
        )


def _begun(
    stack: ExitStack, more: Mapping[str, str], orders: int, shops: int
) -> tuple[Path, SandboxSlack, Children, str, dict[str, str]]:
    """Set up folder, Slack and database; the processes are stopped before those go."""
    home = Path(stack.enter_context(TemporaryDirectory(prefix="care-bench-")))
    workspace = Workspace(
        home=HOME, users=(INES, *map(person, range(shops))), channels=map(channel, range(shops))
    )
    slack = stack.enter_context(SandboxSlack(workspace))
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
    environment = {
        "DATABASE_URL": f"sqlite:///{home}/care.db",
        **slack.environment(),
        "CARE_HOME": str(home),
        "CARE_AGENTS": INES.id,
        "HOOK_STANDARD_SECRET": secret,
        **more,
    }
    settings = from_environment(environment)
    app.migrate(settings)
    with app.records(settings) as records:
        imports = Imports(
            store=records.store,
            clock=utc_now,
            retention_days=settings.retention_days,
            redact_postal_code=settings.redact_postal_code,
        )
        if any(taken.problem for taken in imports.orders(orders_file(orders, shops))):
            raise NotStarted("The orders of the benchmark were not taken.")
    processes = Children(environment, home / "log")
    stack.callback(processes.stop_all)
    return home, slack, processes, secret, environment


def _wait(processes: Children, count: int, log: Path) -> None:
    if not processes.started(count):
        end = log.read_text()[-2000:]
        raise NotStarted(f"The processes did not start within a minute.\n{end}")


def _link(slack: SandboxSlack, shops: int) -> None:
    """Tell the bot whose channels they are."""
    for shop in range(shops):
        ack = slack.person(INES.id).commands("/care", f"link {merchant(shop)}", channel(shop))
        if ack is None or not ack.ok:
            raise NotStarted("The bot did not link a channel.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
