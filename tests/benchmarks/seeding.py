"""Scratch databases full of invented orders, made without sealing anything.

Sealed values, wrapped keys and traces are random characters of the length that real ones have. A
third of the orders that are not due is redacted already. Orders lie in the table in the sequence
in which their time comes, as they do where they come in day by day.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from sqlalchemy import Engine, NullPool, create_engine, text
from sqlalchemy.engine import make_url

from storage.store import Store

START: Final = datetime(2026, 1, 1, tzinfo=UTC)
STEP: Final = timedelta(seconds=1)
"""Between the clocks of two orders, so that the time decides how many are due."""
DAYS: Final = 30
TRACES: Final = 6
"""Traces of an order with a name, a street, a telephone number and a mail address."""
_SEALED: Final = {"first_name": 55, "last_name": 55, "street_1": 75, "phone": 51, "email": 59}
_COLUMNS: Final = ", ".join(_SEALED)
_ORDERS: Final = (
    "INSERT INTO orders (order_id, merchant_id, status, city, state, zip, country, first_seen_at, "
    f"updated_at, delivered_at, clock_at, redacted_at, trace_key, {_COLUMNS}) "
)


def redacted_of(orders: int, due: int) -> int:
    """Return how many orders of a table are redacted already: its first ones."""
    return (orders - due) // 3


def moment(orders: int, due: int, wanted: int) -> datetime:
    """Return the time at which `wanted` orders of a table are due."""
    return START + (redacted_of(orders, due) + wanted) * STEP + timedelta(days=DAYS)


@dataclass(frozen=True, kw_only=True)
class Scratch:
    """A place for scratch databases: a folder, or a PostgreSQL server.

    Attributes:
        url: Any database of the server, None for SQLite.
        folder: Where SQLite's files and keyrings go.
    """

    url: str | None
    folder: Path

    @contextmanager
    def seeded(self, orders: int, due: int) -> Iterator[str]:
        """Yield the name of a database of orders, to be copied. It goes at the end."""
        with self._place() as name:
            store = self._opened(name, name)
            store.migrate()
            store.close()
            engine = create_engine(self.address(name), poolclass=NullPool)
            _fill(engine, orders, due)
            engine.dispose()
            yield name

    @contextmanager
    def copied(self, name: str) -> Iterator[Store]:
        """Yield a copy of a database as a store. It goes at the end."""
        with self._place(name) as copy:
            store = self._opened(copy, name)
            if not store.database.is_sqlite:
                with store.database.begin() as session:
                    session.execute(text("CHECKPOINT"))
            yield store
            store.close()

    def address(self, name: str) -> str:
        """Return a database's address."""
        if self.url is None:
            return f"sqlite:///{self.folder}/{name}.db"
        url = make_url(self.url).set(database=name, drivername="postgresql+psycopg")
        return url.render_as_string(hide_password=False)

    def _opened(self, name: str, original: str) -> Store:
        return Store.open(self.address(name), self.folder / f"{original}.keyring")

    @contextmanager
    def _place(self, of: str | None = None) -> Iterator[str]:
        name = f"care_bench_{secrets.token_hex(6)}"
        if self.url is None:
            if of is not None:
                shutil.copy(self.folder / f"{of}.db", self.folder / f"{name}.db")
            yield name
            for path in self.folder.glob(f"{name}.db*"):
                path.unlink()
            return
        server = create_engine(
            make_url(self.url).set(drivername="postgresql+psycopg"),
            isolation_level="AUTOCOMMIT",
            poolclass=NullPool,
        )
        template = "" if of is None else f" TEMPLATE {of} STRATEGY file_copy"
        with server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}{template}"))
        try:
            yield name
        finally:
            with server.connect() as connection:
                connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@contextmanager
def scratch(url: str | None) -> Iterator[Scratch]:
    """Yield a place for scratch databases, on the server of `url` or in a folder of its own."""
    with TemporaryDirectory(prefix="care-bench-") as folder:
        yield Scratch(url=url, folder=Path(folder))


def _fill(engine: Engine, orders: int, due: int) -> None:
    gone = redacted_of(orders, due)
    if engine.dialect.name == "sqlite":
        _fill_sqlite(engine, orders, gone)
    else:
        _fill_postgresql(engine, orders, gone)


def _fill_postgresql(engine: Engine, orders: int, gone: int) -> None:
    first = "lpad(mod(n::bigint * 7919, 1000)::text, 3, '0')"
    order_id = f"{first} || '-' || lpad(n::text, 7, '0') || '-5550142'"
    sealed = ", ".join(
        f"CASE WHEN n <= {gone} THEN 'Redacted' ELSE 'v1.' || "
        f"substr({' || '.join(f'md5({seed} || n)' for seed in _seeds(name))}, 1, {size - 3}) END"
        for name, size in _SEALED.items()
    )
    begin = f"TIMESTAMPTZ '{START.isoformat()}'"
    clock = f"{begin} + n * interval '{int(STEP.total_seconds())} second'"
    trace = "decode(md5('trace' || n || '-' || t), 'hex')"
    owner = f"'order:' || {order_id}"
    wrapped = (
        "decode(substr(md5('a' || n) || md5('b' || n) || repeat(md5('c' || n), 2), 1, 120), 'hex')"
    )
    tables = ("orders", "data_keys", "order_traces")
    statements = (
        *(f"ALTER TABLE {table} SET (autovacuum_enabled = false)" for table in tables),
        "ALTER TABLE order_traces DROP CONSTRAINT pk_order_traces",
        "DROP INDEX ix_order_traces_order_id",
        "INSERT INTO merchants VALUES ('birch')",
        f"{_ORDERS} SELECT {order_id}, 'birch', 'Shipped', 'Springfield', 'OR', '97477', 'US', "
        f"{begin}, {begin}, {clock}, {clock}, CASE WHEN n <= {gone} THEN {clock} END, "
        f"CASE WHEN n > {gone} THEN 24600 END, {sealed} FROM generate_series(1, {orders}) AS n",
        f"INSERT INTO data_keys (owner, epoch, wrapped) SELECT {owner}, 1, {wrapped} "
        f"FROM generate_series({gone + 1}, {orders}) AS n",
        f"INSERT INTO order_traces (trace, order_id) SELECT {trace}, {order_id} "
        f"FROM generate_series({gone + 1}, {orders}) AS n, generate_series(1, {TRACES}) AS t",
        "ALTER TABLE order_traces ADD CONSTRAINT pk_order_traces PRIMARY KEY (trace, order_id)",
        "CREATE INDEX ix_order_traces_order_id ON order_traces (order_id)",
    )
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")


def _seeds(name: str) -> tuple[str, ...]:
    return tuple(f"'{name}{number}'" for number in range(3))


def _fill_sqlite(engine: Engine, orders: int, gone: int) -> None:
    size = len(_SEALED)

    def order_id(n: int) -> str:
        return f"{n * 7919 % 1000:03}-{n:07}-5550142"

    def row(n: int) -> tuple[object, ...]:
        clock = (START + n * STEP).strftime("%Y-%m-%d %H:%M:%S.%f")
        begin = START.strftime("%Y-%m-%d %H:%M:%S.%f")
        values: list[object] = ["Redacted"] * size
        if n > gone:
            values = ["v1." + secrets.token_urlsafe(60)[: each - 3] for each in _SEALED.values()]
        return (
            *(order_id(n), "birch", "Shipped", "Springfield", "OR", "97477", "US"),
            *(begin, begin, clock, clock),
            *((clock, None) if n <= gone else (None, 24_600)),
            *values,
        )

    kept = range(gone + 1, orders + 1)
    traces = sorted((secrets.token_bytes(16), order_id(n)) for n in kept for _ in range(TRACES))
    keys = ((f"order:{order_id(n)}", 1, secrets.token_bytes(60)) for n in kept)
    raw = engine.raw_connection()
    connection = raw.driver_connection
    if connection is None:
        raise RuntimeError
    connection.execute("INSERT INTO merchants VALUES ('birch')")
    marks = ", ".join("?" * (13 + size))
    connection.executemany(f"{_ORDERS} VALUES ({marks})", map(row, range(1, orders + 1)))
    connection.executemany("INSERT INTO data_keys VALUES (?, ?, ?)", keys)
    connection.executemany("INSERT INTO order_traces VALUES (?, ?)", traces)
    connection.commit()
    connection.execute("ANALYZE")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    raw.close()
