"""The search for residue reads the files of a real PostgreSQL server and its dumps."""

from __future__ import annotations

import base64
import pickle
import subprocess
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Engine, NullPool, create_engine, text

from storage.residue import Bounds, Hit, scan
from storage.residue.lz4 import unpacked as lz4_unpacked
from storage.residue.pglz import unpacked as pglz_unpacked
from tests.private_server import PrivateServer, private_server

pytestmark = pytest.mark.postgresql

METHODS = ("pglz", "lz4")
WORDS = [
    f"{a}{b}" for a in ("par", "shel", "cart", "pal", "lab") for b in ("cel", "ves", "on", "et")
]


@pytest.fixture(scope="module")
def server() -> Iterator[PrivateServer]:
    """A server whose files nobody else writes to."""
    with private_server() as running:
        yield running


@pytest.fixture(scope="module")
def engine(server: PrivateServer) -> Iterator[Engine]:
    """Connections to it."""
    opened = create_engine(server.url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    yield opened
    opened.dispose()


def _name(of: str) -> str:
    """Return a needle for a test of its own, since the server's log remembers the others'."""
    return f"Wilhelmina {of.title()} Quäckenbush"


def _prose(seed: int, size: int) -> str:
    """Text that can be compressed, yet not to nothing."""
    random = Random(seed)
    words = [random.choice(WORDS) + str(random.randrange(10)) for _ in range(size // 6)]
    return " ".join(words)


def _packed(seed: int, needle: str, size: int) -> str:
    """Prose with a needle whose letters are broken up where it is compressed.

    Pieces of the needle stand before it, so that the needle itself becomes references to them.
    """
    pieces = " ".join(needle[at : at + 5] for at in range(0, len(needle), 4))
    return f"{_prose(seed, size // 2)} {pieces} {needle} {_prose(seed + 1, size // 2)}"


def _store(engine: Engine, table: str, method: str, *values: str) -> None:
    with engine.connect() as connection:
        connection.execute(text(f"CREATE TABLE {table} (id int, t text COMPRESSION {method})"))
        for number, value in enumerate(values):
            connection.execute(text(f"INSERT INTO {table} VALUES ({number}, :t)"), {"t": value})
        connection.execute(text("CHECKPOINT"))


def _of_table(server: PrivateServer, engine: Engine, table: str) -> list[Path]:
    """Return the files of a table and of the table of its chunks."""
    query = text(
        "SELECT pg_relation_filepath(oid), pg_relation_filepath(reltoastrelid)"
        " FROM pg_class WHERE relname = :table"
    )
    with engine.connect() as connection:
        found = connection.execute(query, {"table": table}).one()
    return [server.data / path for path in found if path]


def _found(paths: list[Path], *needles: str, depth: int = 2) -> list[Hit]:
    return [*scan(paths, [needle.encode() for needle in needles], bounds=Bounds(depth=depth))]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("kind", "size"), [("in the row", 4_000), ("in chunks", 60_000)])
def test_a_compressed_value_is_found(
    server: PrivateServer, engine: Engine, method: str, kind: str, size: int
) -> None:
    """Where the bare search finds nothing, the search of unpacked values finds the needle."""
    needle, table = _name(f"{method} {size}"), f"packed_{method}_{size}"
    _store(engine, table, method, _packed(size, needle, size))
    files = _of_table(server, engine, table)

    assert _found(files, needle, depth=0) == []
    assert {hit.variant for hit in _found(files, needle)} == {"toast > utf-8"}
    assert _found(files, _name("nobody")) == []


@pytest.mark.parametrize("method", METHODS)
def test_what_the_log_of_writes_remembers_is_found(
    server: PrivateServer, engine: Engine, method: str
) -> None:
    """A compressed value that was deleted, its table dropped, is found in pg_wal."""
    needle, table = _name(f"{method} logged"), f"dropped_{method}"
    with engine.connect() as connection:
        first = connection.execute(
            text("SELECT pg_walfile_name(pg_current_wal_lsn())")
        ).scalar_one()
    _store(engine, table, method, _packed(7, needle, 4_000), _packed(8, needle, 60_000))
    with engine.connect() as connection:
        connection.execute(text(f"DROP TABLE {table}"))
        connection.execute(text("CHECKPOINT"))
        last = connection.execute(text("SELECT pg_walfile_name(pg_current_wal_lsn())")).scalar_one()
    log = [path for path in server.files() if path.parent.name == "pg_wal"]
    wal = [path for path in log if first <= path.name <= last]

    hits = _found(wal, needle)

    assert any("toast" in hit.variant for hit in hits)
    assert _found(wal, _name("nobody")) == []


def test_an_uncompressed_value_is_found(server: PrivateServer, engine: Engine) -> None:
    """A needle on the border of two chunks of a value that is stored as it is, is found."""
    needle, table = _name("bordering"), "stored_as_it_is"
    with engine.connect() as connection:
        connection.execute(text(f"CREATE TABLE {table} (id int, t text)"))
        connection.execute(text(f"ALTER TABLE {table} ALTER t SET STORAGE EXTERNAL"))
        prose = _prose(3, 9_000).encode()
        at = 1_996 * 2 - 10
        value = (prose[:at] + needle.encode() + prose[at:]).decode()
        connection.execute(text(f"INSERT INTO {table} VALUES (1, :t)"), {"t": value})
        connection.execute(text("CHECKPOINT"))
    files = _of_table(server, engine, table)

    assert _found(files, needle, depth=0) == []
    assert {hit.variant for hit in _found(files, needle)} == {"toast chunks > utf-8"}


@pytest.mark.parametrize("form", ["plain", "custom", "tar", "directory"])
def test_a_dump_is_read(server: PrivateServer, engine: Engine, tmp_path: Path, form: str) -> None:
    """A value with a tab, a backslash and base64 around it is found in every form of a dump."""
    needle = f"Wilhelmina\t{form}\\Quäckenbush"
    other = _name(f"{form} in base64")
    pickled = base64.b64encode(pickle.dumps({"to": other})).decode()
    table = f"dumped_{form}"
    _store(engine, table, "pglz", _prose(5, 70_000), needle, pickled, _prose(6, 70_000))
    target = tmp_path / "dump"
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    options = ("--no-sync", f"--format={form}", f"--table={table}", f"--file={target}")
    subprocess.run([server.programs / "pg_dump", *options, url], check=True, timeout=60)
    files = [path for path in (target, *target.rglob("*")) if path.is_file()]

    assert {hit.needle for hit in _found(files, needle, other, _name("nobody"))} == {0, 1}


def test_a_failed_statement_is_found_in_the_servers_log(
    server: PrivateServer, engine: Engine
) -> None:
    """What the server's own log quotes of a statement that failed is found."""
    needle = _name("failed")
    with engine.connect() as connection, pytest.raises(Exception, match="invalid input"):
        connection.exec_driver_sql(f"SELECT CAST('{needle}' AS integer)")

    assert _found([server.data / "server.log"], needle) != []


@pytest.mark.parametrize("unpacked", [pglz_unpacked, lz4_unpacked])
def test_no_bytes_break_the_unpacking(unpacked: object) -> None:
    """Whatever the bytes are, what comes out is no longer than asked for, or nothing."""
    assert callable(unpacked)
    random = Random(11)
    for size in range(300):
        data = random.randbytes(size)
        for whole in (True, False):
            value = unpacked(data, 200, whole=whole)
            assert value is None or len(value) <= 200
