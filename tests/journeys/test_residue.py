"""No file holds a planted value, before a resolution or after it; after it no key either."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from bot import app
from bot.sandbox.script import ORDER
from bot.sandbox.stage import Stage, stage
from bot.settings import from_environment
from storage.residue import scan
from tests.journeys.acting import agent, asks, care, idle, link, merchant, ref
from tests.private_server import PrivateServer, private_server

PLANTED = (
    "Odalys Fennimore",
    "4417 Larkspur Hollow Road",
    "415-555-0142",
    "odalys.fennimore@example.com",
)
SAID = f"is {ORDER} for {PLANTED[0]}, {PLANTED[1]}, Portland OR 97214, {PLANTED[2]}, {PLANTED[3]}"
HARMLESS = "asked by nobody in particular"
BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


class Searched:
    """A bot and every file that it and its database write.

    Attributes:
        house: The bot.
        server: The database's server; None for SQLite.
        temporary: The folder for temporary files.
    """

    def __init__(self, house: Stage, server: PrivateServer | None, temporary: Path) -> None:
        self.house = house
        self.server = server
        self.temporary = temporary

    def files(self) -> list[Path]:
        """Return the files: database and logs of writes, logs, temporary files, a dump."""
        found = [*self.house.home.rglob("*"), *self.temporary.rglob("*")]
        if self.server is not None:
            self._checkpoint()
            found += [self._dump("plain"), self._dump("custom"), *self._of_server(self.server)]
        # The keyring holds keys of its own, and nothing of a ticket.
        return sorted({path for path in found if path.is_file() and path.name != "keyring.json"})

    def found(self, *needles: str | bytes) -> set[tuple[int, str]]:
        """Return which needles are in which files, by index and name."""
        wanted = [needle.encode() if isinstance(needle, str) else needle for needle in needles]
        return {(hit.needle, hit.path.name) for hit in scan(self.files(), wanted)}

    def column(self, query: str) -> list[bytes]:
        """Return a column of bytes or text."""
        with self.house.bot.records.store.read() as records:
            rows = records.session.connection().exec_driver_sql(query).scalars()
            return [each.encode() if isinstance(each, str) else bytes(each) for each in rows]

    def _checkpoint(self) -> None:
        """Have what the server keeps in memory written to its files."""
        engine = self.house.bot.records.store.database.engine
        with engine.connect() as connection:
            connection.exec_driver_sql("CHECKPOINT")

    def _of_server(self, server: PrivateServer) -> list[Path]:
        """Return the server's files but for those of the databases that it makes others from."""
        [number] = self.column("SELECT oid::text FROM pg_database WHERE datname = 'postgres'")
        return [
            path
            for path in server.files()
            if path.parent.parent.name != "base" or path.parent.name == number.decode()
        ]

    def _dump(self, form: str) -> Path:
        """Dump our tables and the job engine's."""
        assert self.server is not None
        target = self.temporary / f"dump.{form}"
        url = make_url(self.server.url).set(drivername="postgresql")
        subprocess.run(
            [
                self.server.programs / "pg_dump",
                "--no-sync",
                f"--format={form}",
                f"--file={target}",
                url.render_as_string(hide_password=False),
            ],
            check=True,
            timeout=60,
        )
        return target


@pytest.fixture(params=BOTH, scope="module")
def searched(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Searched]:
    """A bot on either database, logging at DEBUG, with a folder of its own for temporary files."""
    home = tmp_path_factory.mktemp("house")
    temporary = tmp_path_factory.mktemp("temporary")
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        server, environment = None, {}
        if request.param == "postgresql":
            server = stack.enter_context(private_server())
            environment = {"DATABASE_URL": server.url, "CARE_HOME": str(home)}
            app.migrate(from_environment(environment))
        patch.setattr("tempfile.tempdir", os.fspath(temporary))
        house = stack.enter_context(stage(home, over_http=True, environment=environment))
        link(house)
        yield Searched(house, server, temporary)


def test_a_resolved_ticket_is_in_no_file(searched: Searched) -> None:
    """Before, the values are nowhere and their ciphertexts are; after, on SQLite, neither is."""
    sent = asks(searched.house, merchant(searched.house), f"{SAID}? {HARMLESS}")
    number = ref(searched.house, sent.message)
    sealed = searched.column("SELECT sealed FROM sealed_values")
    owner = f"ticket:{number.removeprefix('JC-')}"
    keys = searched.column(f"SELECT wrapped FROM data_keys WHERE owner = '{owner}'")
    assert len(sealed) >= len(PLANTED)
    assert len(keys) == 1
    secret = [*sealed, *keys]

    before = searched.found(*PLANTED, *secret, HARMLESS)
    planted, of_secret = len(PLANTED), len(PLANTED) + len(secret)
    assert {needle for needle, _ in before if needle < planted} == set()
    # What is there is found, so that what is not found is not there.
    assert {needle for needle, _ in before} == set(range(planted, of_secret + 1))

    care(agent(searched.house), f"resolve {number}")
    receipt = searched.house.receipt(number)
    idle(searched.house)
    assert receipt is not None
    assert receipt.found == 0

    after = searched.found(*PLANTED, *secret, HARMLESS)
    assert {needle for needle, _ in after if needle < planted} == set()
    assert of_secret in {needle for needle, _ in after}
    left = {name for needle, name in after if planted <= needle < of_secret}
    if searched.server is None:
        assert left == set()
    else:
        # The tables' own files and pg_wal keep ciphertexts until vacuumed and reused; the dumps,
        # which are what can be read by SQL, hold none.
        assert not {name for name in left if name.startswith(("dump.", "care.log"))}


def test_a_redacted_order_is_in_no_file(searched: Searched) -> None:
    """An order's name, street, phone and mail are in no file before the redaction or after it."""
    columns = ("first_name", "street_1", "phone", "email")
    query = " UNION ALL ".join(
        f"SELECT {column} FROM orders WHERE order_id = '{ORDER}'" for column in columns
    )
    sealed = searched.column(query)
    assert len(sealed) == len(columns)
    with searched.house.bot.records.store.read() as records:
        clock = records.session.connection().exec_driver_sql(
            f"SELECT count(*) FROM orders WHERE order_id = '{ORDER}' AND redacted_at IS NULL"
        )
        assert clock.scalar_one() == 1
    upkeep = searched.house.bot.records.upkeep
    done = upkeep.redact(searched.house.now().replace(year=searched.house.now().year + 1))
    assert done.redacted > 0

    assert searched.column(query) == [b"Redacted"] * len(columns)
    after = searched.found(*PLANTED, *sealed)
    assert {needle for needle, _ in after if needle < len(PLANTED)} == set()
    if searched.server is None:
        assert after == set()


def test_a_leak_would_be_found(searched: Searched) -> None:
    """A value that came into log, temporary file, database or job table is found there."""
    log, temporary, database, jobs = values = [
        f"Zebulon {place} Quickfeather" for place in ("Logg", "Tempore", "Basington", "Jobst")
    ]
    with (searched.house.home / "care.log").open("a") as lines:
        lines.write(log)
    (searched.temporary / "left").write_bytes(temporary.encode("utf-16"))
    schema = "" if searched.server is None else "dbos."
    with searched.house.bot.records.store.begin() as records:
        connection = records.session.connection()
        connection.exec_driver_sql(f"UPDATE replies SET error_class = '{database}'")
        connection.exec_driver_sql(f"UPDATE {schema}workflow_status SET assumed_role = '{jobs}'")

    found = searched.found(*values, "Zebulon Nobody Quickfeather")

    assert {needle for needle, _ in found} == {0, 1, 2, 3}
    assert (0, "care.log") in found
    assert (1, "left") in found
