"""Where an example's database and keyring are: fresh, and copied as a backup is."""

from __future__ import annotations

import secrets
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any, Final, Protocol, final

from sqlalchemy import Engine, text

from tests.machines.trouble import gone

_MEMORY: Final = Path("/dev/shm")
"""What is on disk after a crash is not looked at here, so no disk has to be waited for."""


class Place(Protocol):
    """A database with its keyring."""

    @property
    def url(self) -> str:
        """The address of the database."""

    @property
    def keyring(self) -> Path:
        """The file of the keyring."""

    def copy(self) -> str:
        """Copy the database as it is. Returns the address of the copy.

        Nobody is connected to it on PostgreSQL.
        """

    def cut(self, connection: Any) -> None:
        """Break a connection of the driver, see `Trouble`."""

    def remove(self) -> None:
        """Leave nothing behind."""


def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="care-", dir=_MEMORY if _MEMORY.is_dir() else None))


@final
class SqlitePlace(Place):
    """A file, and backups of it by SQLite's own interface.

    Args:
        template: A migrated database file to begin with.
    """

    def __init__(self, template: Path) -> None:
        self._folder: Final = _folder()
        self._copies = 0
        shutil.copy(template, self._folder / "care.db")

    @property
    def url(self) -> str:
        """The address of the database."""
        return f"sqlite:///{self._folder}/care.db"

    @property
    def keyring(self) -> Path:
        """The file of the keyring."""
        return self._folder / "keyring.json"

    def copy(self) -> str:
        """Copy the database as it is. Returns the address of the copy."""
        self._copies += 1
        path = self._folder / f"backup-{self._copies}.db"
        with (
            closing(sqlite3.connect(self._folder / "care.db")) as source,
            closing(sqlite3.connect(path)) as target,
        ):
            source.backup(target)
        return f"sqlite:///{path}"

    def cut(self, connection: Any) -> None:
        """Raise what SQLite raises of a disk that fails."""
        gone()

    def remove(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self._folder)


@final
class PostgresqlPlace(Place):
    """A database on a server, and copies of it.

    Args:
        server: The server.
        template: The name of a migrated database to begin with, to which nobody is connected.
    """

    def __init__(self, server: Engine, template: str) -> None:
        self._server: Final = server
        self._folder: Final = _folder()
        self._names: Final = [_copied(server, template)]

    @property
    def url(self) -> str:
        """The address of the database."""
        return self._address(self._names[0])

    @property
    def keyring(self) -> Path:
        """The file of the keyring."""
        return self._folder / "keyring.json"

    def copy(self) -> str:
        """Copy the database as it is. Returns the address of the copy."""
        self._names.append(_copied(self._server, self._names[0]))
        return self._address(self._names[-1])

    def cut(self, connection: Any) -> None:
        """Let the server end the connection."""
        end = text("SELECT pg_terminate_backend(:pid, 5000)")
        with self._server.connect() as administrator:
            administrator.execute(end, {"pid": connection.info.backend_pid})

    def remove(self) -> None:
        """Drop the databases and delete the keyring."""
        with self._server.connect() as connection:
            for name in self._names:
                connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        shutil.rmtree(self._folder)

    def _address(self, name: str) -> str:
        return self._server.url.set(database=name).render_as_string(hide_password=False)


def _copied(server: Engine, template: str) -> str:
    name = f"care_test_{secrets.token_hex(6)}"
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    return name
