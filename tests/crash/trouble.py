"""Trouble that the database has: connections cut, another process that holds it locked."""

from __future__ import annotations

import random
import sqlite3
import time
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url

from tests.crash.place import Place


def cause(place: Place, chance: random.Random) -> None:
    """Trouble a database for a second or two. Run it in a process of its own."""
    until = time.monotonic() + chance.uniform(0.5, 2.0)
    if place.is_sqlite:
        _lock(Path(str(make_url(place.url).database)), chance, until)
    else:
        _cut(place.url, chance, until)


def _lock(path: Path, chance: random.Random, until: float) -> None:
    """Hold SQLite's write lock, or an old snapshot that keeps the log from being emptied."""
    connection = sqlite3.connect(path, timeout=30, isolation_level=None)
    while time.monotonic() < until:
        time.sleep(chance.uniform(0.01, 0.1))
        if chance.random() < 0.5:
            connection.execute("BEGIN IMMEDIATE")
        else:
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM tickets").fetchone()
        time.sleep(chance.uniform(0.05, 0.5))
        connection.execute("ROLLBACK")
    connection.close()


def _cut(url: str, chance: random.Random, until: float) -> None:
    """End every other connection to a PostgreSQL database, again and again."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        while time.monotonic() < until:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            time.sleep(chance.uniform(0.01, 0.15))
