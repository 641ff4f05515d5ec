"""How long a resolved ticket's key lives on, and how soon that is verified, under load.

    python -m tests.benchmarks.resolving [--database URL] [--tickets N] [--rate R]

The real program runs in processes of its own, first as `jetpack-care run` on SQLite, then as two
web and two worker processes on PostgreSQL. Merchants write messages with PII at a steady rate, in
many channels and threads; tickets are resolved meanwhile by the signed hook of a help desk, each
fourth by an agent's `/care resolve`. A request that is answered with success has deleted the
ticket's wrapped key in its own transaction: after each answer the database is looked at for it.
Merchants, help desk and sandbox Slack share the machine with what is measured, and their waiting
for a core is in the times. Seconds are this machine's; its load average stands beside them.

Exits with 1 where a key outlived its answer, or a message was lost or answered twice.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Final, NoReturn

from sqlalchemy import Engine, NullPool, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from tqdm import tqdm

from tests.benchmarks.houses import House, NotStarted, deployed, embedded
from tests.benchmarks.load import Load
from tests.benchmarks.outcome import is_good, lines
from tests.conftest import LOCAL_SERVER

LIMIT: Final = 90.0
"""Seconds for one database, from the first process on."""
SETTLING: Final = 15.0
"""Seconds of these after the last ticket was opened."""
MINUTE: Final = 60.0


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One way to run the program.

    Attributes:
        opened: Starts it, with so many orders.
        rate: Messages a second.
        target: Seconds within which 99 of 100 keys are to be destroyed.
    """

    opened: Callable[[int], AbstractContextManager[House]]
    rate: float
    target: float


def main() -> int:
    """Run the benchmark and print its tables. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.resolving")
    parser.add_argument("--database", help="a database of the PostgreSQL server to measure on")
    parser.add_argument("--tickets", type=int, help="resolutions; a minute of the rate without")
    parser.add_argument("--rate", type=float, help="messages a second; 3 on SQLite, 5 else")
    given = parser.parse_args()
    if any(value is not None and value <= 0 for value in (given.tickets, given.rate)):
        parser.error("--tickets and --rate are positive")
    # What stops a process must not leave its children and databases behind.
    signal.signal(signal.SIGTERM, _interrupted)
    good = True
    try:
        for setting in _settings(given.database):
            rate = given.rate or setting.rate
            good &= _measure(setting, rate, given.tickets or max(1, round(rate * MINUTE / 2)))
    except KeyboardInterrupt:
        sys.stderr.write("Stopped; what was started is gone.\n")
        return 130
    except NotStarted as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0 if good else 1


def _settings(database: str | None) -> Iterator[Setting]:
    yield Setting(opened=embedded, rate=3.0, target=1.0)
    server = postgresql(database)
    if server is not None:
        yield Setting(opened=partial(deployed, server), rate=5.0, target=2.0)


def postgresql(database: str | None) -> Engine | None:
    """Return the PostgreSQL server; None, and say so, where none is reachable."""
    url = make_url(database or os.environ.get("TEST_DATABASE_URL", LOCAL_SERVER))
    if url.get_backend_name() == "postgresql":
        server = create_engine(
            url.set(drivername="postgresql+psycopg"),
            isolation_level="AUTOCOMMIT",
            poolclass=NullPool,
            connect_args={"connect_timeout": 3},
        )
        try:
            server.connect().close()
        except OperationalError:
            pass
        else:
            return server
    sys.stderr.write("No PostgreSQL server is reachable: left out.\n")
    return None


def _measure(setting: Setting, rate: float, tickets: int) -> bool:
    before, began = os.getloadavg()[0], time.monotonic()
    with setting.opened(2 * tickets) as house:
        with tqdm(total=tickets, desc="resolving", unit="ticket", disable=None) as shown:
            load = Load(house, rate=rate, tickets=tickets, told=shown.update)
            until = began + LIMIT - SETTLING
            outcome = load.run(until=until, settled=began + LIMIT - 2.0)
        after = os.getloadavg()[0]
        name = house.name
    sys.stdout.write(f"{name}\n")
    for line in lines(outcome, rate=rate, tickets=tickets, target=setting.target):
        sys.stdout.write(f"  {line}\n")
    sys.stdout.write(
        f"  load average {before:.1f} before, {after:.1f} after, {os.cpu_count()} cores\n\n"
    )
    sys.stdout.flush()
    return is_good(outcome)


def _interrupted(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
