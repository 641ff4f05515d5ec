"""Many rows in one statement. PostgreSQL takes columns as arrays, SQLite a row after the other.

A statement with a parameter for each value would be parsed anew for each number of rows, and one
for each row costs a message each way; both take longer than the work.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

from sqlalchemy import (
    ColumnElement,
    Insert,
    Selectable,
    Table,
    bindparam,
    cast,
    column,
    func,
    insert,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

_POSTGRESQL: Final = "postgresql"


def insert_rows(session: Session, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert rows, each with every column that the first one has.

    Raises IntegrityError where a key is taken; on PostgreSQL the transaction is then lost but for
    a savepoint.
    """
    if rows:
        _run(session, _insert(table, tuple(rows[0]), _dialect(session)), rows)


def upsert_rows(
    session: Session,
    table: Table,
    rows: Sequence[Mapping[str, object]],
    *,
    keep_known: bool = False,
) -> None:
    """Insert rows, or change those whose primary key is there. No key may come twice.

    Args:
        session: The transaction.
        table: Where to.
        rows: Each with every column that the first one has.
        keep_known: Whether a value of None leaves what is there.
    """
    if rows:
        names = tuple(rows[0])
        _run(session, _upsert(table, names, _dialect(session), keep_known=keep_known), rows)


def _dialect(session: Session) -> str:
    return session.get_bind().dialect.name


def _run(session: Session, statement: Insert, rows: Sequence[Mapping[str, object]]) -> None:
    if _dialect(session) == _POSTGRESQL:
        columns = {name: [row[name] for row in rows] for name in rows[0]}
        session.connection().execute(statement, columns)
    else:
        session.connection().execute(statement, list(rows))


@cache
def _insert(table: Table, names: tuple[str, ...], dialect: str) -> Insert:
    if dialect != _POSTGRESQL:
        return insert(table)
    return insert(table).from_select(names, _unnested(table, names))


@cache
def _upsert(table: Table, names: tuple[str, ...], dialect: str, *, keep_known: bool) -> Insert:
    made: postgresql.Insert | sqlite.Insert
    if dialect == _POSTGRESQL:
        made = postgresql.insert(table).from_select(names, _unnested(table, names))
    else:
        made = sqlite.insert(table)
    keys = [each.name for each in table.primary_key]
    told: dict[str, ColumnElement[object]] = {
        name: func.coalesce(made.excluded[name], table.c[name])
        if keep_known
        else made.excluded[name]
        for name in names
        if name not in keys
    }
    return made.on_conflict_do_update(index_elements=keys, set_=told)


def _unnested(table: Table, names: tuple[str, ...]) -> Selectable:
    """Return a SELECT of rows out of one array a column."""
    types = [postgresql.ARRAY(table.c[name].type, dimensions=1) for name in names]
    arrays = [
        cast(bindparam(name, type_=kind), kind) for name, kind in zip(names, types, strict=True)
    ]
    rows = func.unnest(*arrays).table_valued(*(column(name) for name in names), name="told")
    named = rows.render_derived()
    return select(*(named.c[name] for name in names))
