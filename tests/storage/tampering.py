"""Getting past the triggers of the audit, as somebody does who owns the table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from storage.store import Store

TRIGGERS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'"


@contextmanager
def unguarded(store: Store) -> Iterator[Connection]:
    """A transaction in which the audit can be changed; afterwards it is guarded as before."""
    with store.begin() as tx:
        connection = tx.session.connection()
        if not store.database.is_sqlite:
            connection.exec_driver_sql("ALTER TABLE audit DISABLE TRIGGER USER")
            yield connection
            connection.exec_driver_sql("ALTER TABLE audit ENABLE TRIGGER USER")
            return
        triggers = connection.exec_driver_sql(TRIGGERS).all()
        for name, _ in triggers:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        yield connection
        for _, sql in triggers:
            connection.exec_driver_sql(sql)
