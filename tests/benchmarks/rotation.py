"""How long a rotation of the epoch keys takes: `python -m tests.benchmarks.rotation --keys 100000`.

PostgreSQL is the server of the tests (`TEST_DATABASE_URL`), left out where there is none. The ratio
is to the cipher alone: the same keys unwrapped and wrapped in memory, in no database.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import click
from sqlalchemy import NullPool, create_engine, insert, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from storage.ids import Owner
from storage.keyring import FileKeyring
from storage.sealing import Sealing, WrappedKey
from storage.store import Store
from storage.tables import DataKeyRow
from tests.conftest import LOCAL_SERVER, postgresql_database_of

NOW: Final = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@click.command()
@click.option("--keys", type=click.IntRange(1), default=100_000, show_default=True)
def main(keys: int) -> None:
    """Measure a rotation with so many live data keys, on both databases."""
    with TemporaryDirectory() as folder:
        cipher = _cipher_alone(Path(folder), keys)
        click.echo(f"{keys} live keys; unwrapping and wrapping them in memory takes {cipher:.2f} s")
        click.echo(
            f"{'database':<12}{'re-wrap':>10}{'of which ours':>15}{'keys/s':>10}"
            f"{'ratio':>8}{'again':>9}{'destroy':>9}"
        )
        for name, url in _databases(Path(folder)):
            with _sealed(url, Path(folder) / f"{name}.json", keys) as store:
                rotation = store.rotation
                rotation.advance(NOW)
                rewrap = partial(rotation.rewrap, NOW, by="benchmark")
                wall, ours = _timed(rewrap)
                again, _ = _timed(rewrap)
                gone, _ = _timed(partial(rotation.destroy, 2, NOW, by="benchmark"))
                state = store.rotation.state()
            if (state.keys, state.waiting, state.lost, state.older) != (keys, 0, 0, 0):
                raise click.ClickException(f"{name}: the rotation did not do its work.")
            click.echo(
                f"{name:<12}{wall:>8.2f} s{ours:>13.2f} s{keys / wall:>10.0f}"
                f"{wall / cipher:>8.1f}{again:>7.3f} s{gone:>7.3f} s"
            )


def _databases(folder: Path) -> Iterator[tuple[str, str]]:
    yield "sqlite", f"sqlite:///{folder}/database/care.db"
    url = make_url(os.environ.get("TEST_DATABASE_URL", LOCAL_SERVER))
    server = create_engine(
        url.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT", poolclass=NullPool
    )
    try:
        server.connect().close()
    except OperationalError:
        click.echo("postgresql  no server is reachable", err=True)
        return
    with postgresql_database_of(server) as address:
        yield "postgresql", address


@contextmanager
def _sealed(url: str, keyring: Path, keys: int) -> Iterator[Store]:
    """A database with so many data keys, wrapped by the first epoch."""
    store = Store.open(url, keyring, NOW)
    try:
        store.migrate()
        sealing = Sealing(FileKeyring.open(keyring))
        with store.begin() as tx:
            for at in range(0, keys, 10_000):
                rows = [
                    {"owner": owner, "epoch": key.epoch, "wrapped": key.wrapped}
                    for owner, key in _made(sealing, range(at, min(at + 10_000, keys)))
                ]
                tx.session.execute(insert(DataKeyRow), rows)
        if not store.database.is_sqlite:
            with store.database.engine.connect() as connection:
                connection.execution_options(isolation_level="AUTOCOMMIT")
                connection.execute(text("VACUUM ANALYZE data_keys"))
        yield store
    finally:
        store.close()


def _cipher_alone(folder: Path, keys: int) -> float:
    sealing = Sealing(FileKeyring.create(folder / "memory.json", NOW))
    made = list(_made(sealing, range(keys)))
    wall, _ = _timed(lambda: [sealing.rewrap(owner, key) for owner, key in made])
    return wall


def _made(sealing: Sealing, numbers: range) -> Iterator[tuple[Owner, WrappedKey]]:
    """Orders and tickets, as they would be."""
    for number in numbers:
        order = f"order:111-{number:07}-{secrets.randbelow(10**7):07}"
        owner = Owner(order if number % 2 else f"ticket:{number}")
        yield owner, sealing.new_key(owner)[1]


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds that it takes, and those in which this process worked."""
    started, worked = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - started, time.process_time() - worked


if __name__ == "__main__":
    main()
