"""Where a run takes place: a database of its own with a keyring, in the state of the world."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, LiteralString

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

TABLES: Final[LiteralString] = (
    "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('public', 'dbos')"
)
SEQUENCES: Final[LiteralString] = (
    "SELECT schemaname, sequencename, last_value FROM pg_sequences "
    "WHERE schemaname IN ('public', 'dbos')"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A database, and a folder for the keyring and what the children write.

    Attributes:
        url: The database.
        folder: A folder of the run's own.
    """

    url: str
    folder: Path

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a SQLite file."""
        return self.url.startswith("sqlite")

    @property
    def keyring(self) -> Path:
        """The keyring, in a folder of its own."""
        return self.folder / "keys" / "keyring.json"

    @property
    def accepted(self) -> Path:
        """What was accepted, a line each, on disk before anybody is told."""
        return self.folder / "accepted"

    @property
    def slack(self) -> Path:
        """The messages that Slack has."""
        return self.folder / "slack"

    @property
    def points(self) -> Path:
        """The points that a child passed."""
        return self.folder / "points"

    @property
    def log(self) -> Path:
        """What the children logged."""
        return self.folder / "log"


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A database in the state of the world, to be copied.

    Attributes:
        server: An address on the PostgreSQL server, None for SQLite.
        name: The database's name, on SQLite its file.
        folder: Where its keyring is.
    """

    server: str | None
    name: str
    folder: Path

    @property
    def original(self) -> Place:
        """The template itself, to be filled."""
        if self.server is None:
            return Place(url=f"sqlite:///{self.name}", folder=self.folder)
        return Place(url=_address(self.server, self.name), folder=self.folder)

    def make(self) -> None:
        """Make the empty database."""
        self.original.keyring.parent.mkdir(mode=0o700)
        if self.server is not None:
            _create(self.server, self.name)

    def copied(self, folder: Path) -> Place:
        """Return a copy in a new folder.

        On PostgreSQL each process has one database, which is put back row by row: to make and
        drop one for each run costs a checkpoint of the whole server.
        """
        folder.mkdir(mode=0o700, parents=True)
        shutil.copytree(self.original.keyring.parent, folder / "keys")
        if self.server is None:
            shutil.copy(self.name, folder / "care.db")
            return Place(url=f"sqlite:///{folder}/care.db", folder=folder)
        name = f"{self.name}_{os.getpid()}"
        url = _address(self.server, name)
        _put_back(url, _first_copy(self.server, self.name, name))
        return Place(url=url, folder=folder)

    def drop(self) -> None:
        """Drop the database and its copies."""
        if self.server is None:
            return
        with psycopg.connect(_plain(self.server), autocommit=True) as connection:
            query = "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"
            for (name,) in connection.execute(query, (self.name,)).fetchall():
                drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
                connection.execute(drop)


Rows = dict[tuple[str, str], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Content:
    rows: Rows
    sequences: tuple[tuple[str, str, int | None], ...]


@cache
def _first_copy(server: str, template: str, name: str) -> _Content:
    """Make this process's database. Returns its content, as PostgreSQL copies it out."""
    _create(server, name, template)
    rows: Rows = {}
    with psycopg.connect(_plain(_address(server, name)), autocommit=True) as connection:
        for table in connection.execute(TABLES).fetchall():
            out = sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(*table))
            with connection.cursor().copy(out) as copy:
                rows[table] = b"".join(bytes(part) for part in copy)
        sequences = tuple(connection.execute(SEQUENCES).fetchall())
    return _Content(rows=rows, sequences=sequences)


def _put_back(url: str, content: _Content) -> None:
    """Put every table of the database back to its first content."""
    with psycopg.connect(_plain(url), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        with connection.transaction():
            # Neither foreign keys nor the audit's own triggers are asked.
            connection.execute("SET LOCAL session_replication_role = replica")
            for table, rows in content.rows.items():
                named = sql.Identifier(*table)
                connection.execute(sql.SQL("DELETE FROM {}").format(named))
                if rows:
                    into = sql.SQL("COPY {} FROM STDIN").format(named)
                    with connection.cursor().copy(into) as copy:
                        copy.write(rows)
            for schema, name, last in content.sequences:
                connection.execute(
                    "SELECT setval(format('%%I.%%I', %s::text, %s::text), %s, %s)",
                    (schema, name, last or 1, last is not None),
                )


def _create(server: str, name: str, template: str = "template1") -> None:
    """Make a database. Its commits do not wait for the disk.

    A client that is killed loses nothing by that: what is committed is committed for everybody
    who connects afterwards, as long as the server itself lives.
    """
    made = {"name": sql.Identifier(name), "template": sql.Identifier(template)}
    with psycopg.connect(_plain(server), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {name} TEMPLATE {template}").format(**made))
        connection.execute(
            sql.SQL("ALTER DATABASE {name} SET synchronous_commit = off").format(**made)
        )


def _address(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _plain(url: str) -> str:
    """Return the address as libpq takes it."""
    plain = make_url(url).set(drivername="postgresql")
    return plain.render_as_string(hide_password=False)
