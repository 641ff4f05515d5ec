"""The database that is gone for one operation."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from enum import StrEnum
from typing import Any, Final, final

from sqlalchemy import Engine, PoolProxiedConnection

_OWN: Final = ("PRAGMA query_only", "PRAGMA busy_timeout")
"""What SQLite does to its connection alone, without its file; that does not fail."""


Cut = Callable[[Any], None]
"""Breaks a connection of the driver, so that what is asked of it next fails; or raises at once."""


class Where(StrEnum):
    """When the connection breaks."""

    STATEMENT = "at a statement"
    COMMIT = "before the commit"
    ANSWER = "after the commit, before its answer"


def gone() -> None:
    """Raise what SQLite raises of a disk that fails."""
    raise sqlite3.OperationalError("disk I/O error")


@final
class Trouble:
    """Breaks the connection of an engine once, at a place that is chosen beforehand.

    Args:
        engine: The engine.
        cut: How the connection is broken.

    Attributes:
        fired: Whether it was.
    """

    def __init__(self, engine: Engine, cut: Cut) -> None:
        self._cut: Final = cut
        self._where: Where | None = None
        self._left = 0
        self.fired = False
        dialect = engine.dialect
        self._lost: Final = dialect.loaded_dbapi.OperationalError
        for name in ("do_execute", "do_executemany"):
            setattr(dialect, name, self._executing(getattr(dialect, name)))
        dialect.do_commit = self._committing(dialect.do_commit)  # type: ignore[assignment, method-assign]

    def arm(self, where: Where, number: int) -> None:
        """Break at the n-th statement or commit from now on, 1 for the first."""
        self._where, self._left, self.fired = where, number, False

    def disarm(self) -> None:
        """Break nothing."""
        self._where = None

    def _is_now(self, where: Where) -> bool:
        if self._where is not where:
            return False
        self._left -= 1
        if self._left:
            return False
        self.disarm()
        self.fired = True
        return True

    def _executing(self, execute: Callable[..., None]) -> Callable[..., None]:
        def run(cursor: sqlite3.Cursor, statement: str, *more: object) -> None:
            if not statement.startswith(_OWN) and self._is_now(Where.STATEMENT):
                self._cut(cursor.connection)
            execute(cursor, statement, *more)

        return run

    def _committing(
        self, commit: Callable[[PoolProxiedConnection], None]
    ) -> Callable[[PoolProxiedConnection], None]:
        def run(connection: PoolProxiedConnection) -> None:
            if self._is_now(Where.COMMIT):
                self._cut(connection.driver_connection)
            commit(connection)
            if self._is_now(Where.ANSWER):
                raise self._lost("the connection is lost")

        return run
