"""Whatever happens in whatever order: what lives opens, what is over is gone, the audit tells."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import Engine, make_url

from bot.jobs import prepare
from nlp.questions import IntentKind, understand
from nlp.text import ScrubbedText
from storage.database import Database
from tests.conftest import postgresql_database_of
from tests.machines.machine import Forgetting
from tests.machines.places import Place, PostgresqlPlace, SqlitePlace
from tests.machines.words import VALUES, Words

LONG: Final = "CARE_EXAMPLES"
"""How many examples to run on each database, in place of the few of every day."""
PATIENCE: Final = 0 if LONG in os.environ else 600
"""Seconds that a test may take, 0 for as long as it likes. Failures take time to be made small."""


@pytest.fixture(scope="module")
def sqlite_with_jobs(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, with the tables of the job engine."""
    path = tmp_path_factory.mktemp("machines") / "care.db"
    shutil.copy(sqlite_template, path)
    prepare(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="module")
def postgresql_with_jobs(postgresql_server: Engine) -> Iterator[tuple[Engine, str]]:
    """A server and the name of a migrated database on it, with the tables of the job engine."""
    with postgresql_database_of(postgresql_server) as url:
        database = Database.open(url)
        database.migrate()
        prepare(database.url)
        database.close()
        yield postgresql_server, str(make_url(url).database)


def run(place: Callable[[], Place], *, examples: int, steps: int) -> None:
    """Run the machine at such places."""
    machine = type("Machine", (Forgetting,), {"place": staticmethod(place)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=int(os.environ.get(LONG, examples)),
            stateful_step_count=steps,
            deadline=None,
            # The same every day; new ones where somebody looks for faults.
            derandomize=LONG not in os.environ,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.timeout(PATIENCE)
def test_nothing_is_forgotten_early_and_nothing_is_kept_late(sqlite_with_jobs: Path) -> None:
    """On SQLite, whatever happens in whatever order."""
    run(lambda: SqlitePlace(sqlite_with_jobs), examples=60, steps=30)


@pytest.mark.postgresql
@pytest.mark.timeout(PATIENCE)
def test_the_same_on_postgresql(postgresql_with_jobs: tuple[Engine, str]) -> None:
    """On PostgreSQL, where a connection is ended by the server."""
    server, template = postgresql_with_jobs
    run(lambda: PostgresqlPlace(server, template), examples=12, steps=20)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_the_texts_are_read_as_they_are_meant(count: int) -> None:
    """The control: a question opens a ticket anew, thanks do not, however much they name."""
    for asks in (True, False):
        words = Words(values=VALUES[:count], asks=asks)
        kind = understand(ScrubbedText(words.scrubbed(words.alone()))).kind
        assert (kind is not IntentKind.SMALLTALK) == asks
