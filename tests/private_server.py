"""A PostgreSQL server of a test's own, whose files nobody else writes to."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

OWNER = "postgres"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "autovacuum": "off",
    "shared_buffers": "16MB",
    "max_wal_size": "32MB",
    "min_wal_size": "2MB",
    "log_statement": "none",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateServer:
    """A running server.

    Attributes:
        url: Its address, with the database `postgres`.
        data: Its data directory: tables, write-ahead log, its own log.
        programs: Where `pg_dump` and the like are.
    """

    url: str
    data: Path
    programs: Path

    def files(self) -> list[Path]:
        """Return every file of its data directory."""
        return sorted(path for path in self.data.rglob("*") if path.is_file())


@contextmanager
def private_server() -> Iterator[PrivateServer]:
    """Make and start a server in a temporary folder; skip, and say why, where that cannot be."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    found = str(programs[-1]) if programs else shutil.which("initdb")
    if found is None:
        pytest.skip("there is no initdb here to make a PostgreSQL server with")
    prefix = _as_owner()
    with _folder() as folder:
        data = folder / "data"
        _run(
            *prefix, found, "--pgdata", str(data), "--auth=trust", f"--username={OWNER}",
            "--no-sync", "--wal-segsize=1", "--encoding=UTF8", "--locale=C.UTF-8",
        )  # fmt: skip
        with _running(data, Path(found).parent) as server:
            yield server


@contextmanager
def copy_of(server: PrivateServer) -> Iterator[PrivateServer]:
    """Start a server on a copy of the files of another that runs, write-ahead log and all."""
    prefix = _as_owner()
    with _folder() as folder:
        data = folder / "data"
        _run(*prefix, "cp", "-a", str(server.data), str(data))
        (data / "postmaster.pid").unlink()
        with _running(data, server.programs) as copied:
            yield copied


@contextmanager
def _folder() -> Iterator[Path]:
    """Make a folder of the server's owner."""
    folder = Path(tempfile.mkdtemp(prefix="care-server-"))
    try:
        if os.getuid() == 0:
            owner = pwd.getpwnam(OWNER)
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _running(data: Path, programs: Path) -> Iterator[PrivateServer]:
    """Run a server on a data directory, at a port of its own."""
    port = _free_port()
    lines = {**SETTINGS, "port": str(port), "unix_socket_directories": str(data.parent)}
    with (data / "postgresql.auto.conf").open("a") as conf:
        conf.writelines(f"{name} = '{value}'\n" for name, value in lines.items())
    control = (*_as_owner(), str(programs / "pg_ctl"), "--pgdata", str(data), "-w")
    _run(*control, "--log", str(data / "server.log"), "start")
    try:
        yield PrivateServer(
            url=f"postgresql+psycopg://{OWNER}@127.0.0.1:{port}/postgres",
            data=data,
            programs=programs,
        )
    finally:
        _run(*control, "-m", "immediate", "stop")


def _as_owner() -> tuple[str, ...]:
    """Return what to put before a command: the server refuses to be run by root."""
    if os.getuid() != 0:
        return ()
    runuser = shutil.which("runuser")
    try:
        pwd.getpwnam(OWNER)
    except KeyError:
        pytest.skip("PostgreSQL does not run as root, and there is no user for it here")
    if runuser is None:
        pytest.skip("PostgreSQL does not run as root, and there is no runuser here")
    return (runuser, "-u", OWNER, "--")


def _run(*command: str) -> None:
    # The server inherits what it is started with, so its output must not be a pipe.
    subprocess.run(
        command,
        check=True,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=60,
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
