"""What every wing's tests share: a database of each kind, a store in it, a moment."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, NullPool, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from storage.database import Database
from storage.store import Store
from storage.tables import Base

LOCAL_SERVER = "postgresql+psycopg://postgres@127.0.0.1:5432/test"
KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


@pytest.fixture
def now() -> datetime:
    """A moment to test at."""
    return datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a migrated and empty database, of each kind in turn."""
    if request.param == "sqlite":
        folder = tmp_path / "database"
        folder.mkdir(mode=0o700)
        shutil.copy(request.getfixturevalue("sqlite_template"), folder / "care.db")
        yield f"sqlite:///{folder}/care.db"
        return
    server, engine = request.getfixturevalue("postgresql_database")
    yield engine.url.render_as_string(hide_password=False)
    _empty(server, engine)


@pytest.fixture(params=KINDS)
def bare_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without a schema, of each kind in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/database/care.db"
        return
    with postgresql_database_of(request.getfixturevalue("postgresql_server")) as url:
        yield url


@pytest.fixture
def store(database_url: str, tmp_path: Path) -> Iterator[Store]:
    """An empty store with a keyring of its own in `tmp_path`."""
    opened = Store.open(database_url, tmp_path / "keyring.json")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy, which is faster than migrating one for each test."""
    path = tmp_path_factory.mktemp("template") / "care.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Engine]:
    """The PostgreSQL server to make databases on. Skips, and says why, where there is none."""
    url = make_url(os.environ.get("TEST_DATABASE_URL", LOCAL_SERVER))
    if url.get_backend_name() != "postgresql":
        pytest.skip("TEST_DATABASE_URL is no PostgreSQL address")
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        isolation_level="AUTOCOMMIT",
        poolclass=NullPool,
        connect_args={"connect_timeout": 3},
    )
    try:
        engine.connect().close()
    except OperationalError:
        pytest.skip("no PostgreSQL server is reachable: set TEST_DATABASE_URL")
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def postgresql_database(postgresql_server: Engine) -> Iterator[tuple[Engine, Engine]]:
    """The server, and a migrated database on it that is emptied after each test."""
    with postgresql_database_of(postgresql_server) as url:
        _migrate(url)
        engine = create_engine(url, poolclass=NullPool)
        yield postgresql_server, engine
        engine.dispose()


@contextmanager
def postgresql_database_of(server: Engine) -> Iterator[str]:
    """The address of a fresh database on a server, dropped at the end."""
    name = f"care_test_{secrets.token_hex(6)}"
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield server.url.set(database=name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def _empty(server: Engine, engine: Engine) -> None:
    """Leave nothing for the next test: no connection, no row, no table of the job engine."""
    with server.connect() as connection:
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
        connection.execute(text(others), {"name": engine.url.database})
    tables = [table.name for table in reversed(Base.metadata.sorted_tables)]
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE audit DISABLE TRIGGER USER")  # it is insert-only
        connection.exec_driver_sql("; ".join(f"DELETE FROM {name}" for name in tables))
        connection.exec_driver_sql("ALTER TABLE audit ENABLE TRIGGER USER")
        connection.exec_driver_sql("DROP SCHEMA IF EXISTS dbos CASCADE")


def _migrate(url: str) -> None:
    database = Database.open(url)
    database.migrate()
    database.close()
