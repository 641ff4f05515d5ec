"""Many rows in one statement. PostgreSQL takes them as one JSON text, SQLite one after the other.

A statement with a parameter for each value would be parsed anew for each number of rows, and one
for each row costs a message each way; both take longer than the work.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Dialect,
    Insert,
    LargeBinary,
    Select,
    Table,
    Text,
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
        names = tuple(rows[0])
        _run(session, _insert(table, names, _dialect(session).name), table, rows)


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
        statement = _upsert(table, names, _dialect(session).name, keep_known=keep_known)
        _run(session, statement, table, rows)


def _dialect(session: Session) -> Dialect:
    return session.get_bind().dialect


def _run(
    session: Session, statement: Insert, table: Table, rows: Sequence[Mapping[str, object]]
) -> None:
    dialect = _dialect(session)
    if dialect.name == _POSTGRESQL:
        session.connection().execute(statement, {"rows": _as_json(table, rows, dialect)})
    else:
        session.connection().execute(statement, list(rows))


@cache
def _insert(table: Table, names: tuple[str, ...], dialect: str) -> Insert:
    if dialect != _POSTGRESQL:
        return insert(table)
    return insert(table).from_select(names, _told(table, names))


@cache
def _upsert(table: Table, names: tuple[str, ...], dialect: str, *, keep_known: bool) -> Insert:
    made: postgresql.Insert | sqlite.Insert
    if dialect == _POSTGRESQL:
        made = postgresql.insert(table).from_select(names, _told(table, names))
    else:
        made = sqlite.insert(table)
    keys = [each.name for each in table.primary_key]
    told: dict[str, ColumnElement[object]] = {
        name: made.excluded[name] for name in names if name not in keys
    }
    if keep_known:
        told = {name: func.coalesce(value, table.c[name]) for name, value in told.items()}
    return made.on_conflict_do_update(index_elements=keys, set_=told)


def _told(table: Table, names: tuple[str, ...]) -> Select[object]:
    """Return a SELECT of the rows out of their JSON."""
    types = {name: Text() if _is_binary(table.c[name]) else table.c[name].type for name in names}
    text = cast(bindparam("rows", type_=Text()), postgresql.JSON())
    rows = func.json_to_recordset(text).table_valued(
        *(column(name, kind) for name, kind in types.items()), name="told"
    )
    named = rows.render_derived(with_types=True)
    found = (
        func.decode(named.c[name], "hex") if _is_binary(table.c[name]) else named.c[name]
        for name in names
    )
    return select(*found)


def _as_json(table: Table, rows: Sequence[Mapping[str, object]], dialect: Dialect) -> str:
    """Write rows as JSON, each value as its column's type would bind it; bytes as they are."""
    binds: list[tuple[str, Callable[[object], object] | None]] = [
        (name, None if _is_binary(table.c[name]) else table.c[name].type.bind_processor(dialect))
        for name in rows[0]
    ]
    plain = [
        {name: row[name] if bind is None else bind(row[name]) for name, bind in binds}
        for row in rows
    ]
    return json.dumps(plain, default=_written, ensure_ascii=False)


def _is_binary(found: Column[object]) -> bool:
    return isinstance(found.type, LargeBinary)


def _written(value: object) -> str:
    """Write what JSON lacks: a time in ISO 8601, bytes in hexadecimal digits."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError("A value of no column.")
