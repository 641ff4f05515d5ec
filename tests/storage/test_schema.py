"""Migrations and tables say the same, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Dialect, inspect, text
from sqlalchemy.engine import make_url

from storage import schema
from storage.columns import ExactDecimal, StorableText, UtcDateTime
from storage.database import Database
from storage.tables import Base


@pytest.fixture
def bare(bare_database_url: str) -> Iterator[Database]:
    """A database without a schema."""
    opened = Database.open(bare_database_url)
    yield opened
    opened.close()


def ours(_object: object, name: str | None, kind: str, _reflected: bool, _to: object) -> bool:
    """Tell our tables from those that others keep in the same database."""
    return kind != "table" or name in Base.metadata.tables


def test_the_migrated_schema_is_that_of_the_tables(bare: Database) -> None:
    """Nothing is left to migrate, and the tables of others do not matter."""
    bare.migrate()
    with bare.begin() as session:
        session.execute(text("CREATE TABLE of_others (id INTEGER PRIMARY KEY)"))

    with bare.read() as session:
        context = MigrationContext.configure(
            session.connection(), opts={"include_object": ours, "compare_type": True}
        )
        assert compare_metadata(context, Base.metadata) == []
        tables = set(inspect(session.connection()).get_table_names())
    assert tables == {*Base.metadata.tables, "alembic_version", "of_others"}


def test_a_database_knows_whether_it_is_current(bare: Database) -> None:
    """Without the schema it is not, with it it is, and migrating again changes nothing."""
    assert not bare.is_current()
    bare.migrate()
    assert bare.is_current()
    bare.migrate()
    assert bare.is_current()


def test_two_may_migrate_at_once(bare: Database) -> None:
    """Of two processes that start together one migrates and the other finds it done."""
    with ThreadPoolExecutor(2) as pool:
        for task in [pool.submit(bare.migrate) for _ in range(2)]:
            task.result()

    assert bare.is_current()


def test_a_migration_can_be_taken_back(bare: Database) -> None:
    """Downgrading leaves none of our tables behind."""
    bare.migrate()
    with bare.begin() as session:
        settings = schema.config()
        settings.attributes["connection"] = session.connection()
        command.downgrade(settings, "base")

    assert not bare.is_current()
    with bare.read() as session:
        assert inspect(session.connection()).get_table_names() == ["alembic_version"]


DIALECTS: list[Dialect] = [
    make_url(url).get_dialect()() for url in ("sqlite://", "postgresql+psycopg://")
]


@pytest.mark.parametrize("dialect", DIALECTS, ids=["sqlite", "postgresql"])
def test_times_are_kept_in_utc(dialect: Dialect) -> None:
    """A moment of any zone comes back as the same moment in UTC; a naive one is refused."""
    moment = datetime(2026, 3, 1, 23, 30, tzinfo=timezone(timedelta(hours=-8)))
    column = UtcDateTime()

    kept = column.process_bind_param(moment, dialect)

    assert kept == moment
    assert kept is not None
    assert kept.tzinfo is UTC
    assert column.process_result_value(kept.replace(tzinfo=None), dialect) == moment
    assert column.process_result_value(moment, dialect) == moment
    assert column.process_result_value(None, dialect) is column.process_bind_param(None, dialect)
    with pytest.raises(ValueError, match="time zone"):
        column.process_bind_param(datetime(2026, 3, 1), dialect)  # noqa: DTZ001


@pytest.mark.parametrize("amount", ["0", "19.99", "1E+3", "0.10", "123456789012.3456"])
def test_amounts_are_exact(amount: str) -> None:
    """Money comes back to the last digit."""
    column = ExactDecimal()
    kept = column.process_bind_param(Decimal(amount), DIALECTS[0])
    assert kept is not None
    assert "E" not in kept
    assert column.process_result_value(kept, DIALECTS[0]) == Decimal(amount)


@pytest.mark.parametrize("amount", ["NaN", "Infinity"])
def test_what_is_no_amount_is_refused(amount: str) -> None:
    """Only finite numbers are money."""
    with pytest.raises(ValueError, match="finite"):
        ExactDecimal().process_bind_param(Decimal(amount), DIALECTS[0])


@pytest.mark.parametrize(
    ("text", "kept"),
    [("a\x00b", "a\ufffdb"), ("\ud800", "\ufffd"), ("👍🏽 \u202eא\u200b", "👍🏽 \u202eא\u200b")],
)
def test_text_of_any_origin_can_be_stored(text: str, kept: str) -> None:
    """What a database cannot hold is replaced, and nothing else is."""
    assert StorableText().process_bind_param(text, DIALECTS[0]) == kept
