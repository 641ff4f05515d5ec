"""The points at which a process can be killed: before and after whatever is made to last.

They are counted in this process alone, over every engine of SQLAlchemy's, the records' and the
job engine's: before and after each COMMIT of a transaction that wrote, after an entry is added to
the audit, before and after the write-ahead log is truncated, around each change in the keyring's
folder, and around each call to Slack.
"""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
from pathlib import Path
from typing import Any, Final, final

from sqlalchemy import Connection, Dialect, Engine, PoolProxiedConnection, event
from sqlalchemy.engine.interfaces import DBAPICursor

_TABLE: Final = re.compile(
    r"(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|(?<!FOR\s)(?<!DO\s)UPDATE|DELETE\s+FROM)"
    r"\s+\"?(?:(?:dbos|main)\"?\.\"?)?(\w+)",
    re.IGNORECASE,
)
_WRITING: Final = re.compile(r"\s*(?:INSERT|UPDATE|DELETE|WITH)\b", re.IGNORECASE)
_WRITTEN: Final = "crash.written"
_WRAPPED: Final = "crash_counts_commits"
_CHANGES: Final = frozenset({"os.rename", "os.link", "os.remove"})


@final
class Points:
    """Counts the points and kills this process at one of them.

    Args:
        target: The point to be killed at, 1 for the first; 0 for none.
        told: A file that gets a line for each point: its number and what it is.
        keys: The keyring's folder.
    """

    def __init__(self, target: int, told: Path, keys: Path) -> None:
        self._target: Final = target
        self._told: Final = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._keys: Final = str(keys)
        self._lock: Final = threading.Lock()
        self._count = 0

    def hit(self, what: str) -> None:
        """Count a point. Kills this process where it is the one."""
        with self._lock:
            self._count += 1
            os.write(self._told, f"{self._count} {what}\n".encode())
            if self._count == self._target:
                os.kill(os.getpid(), signal.SIGKILL)

    def install(self) -> None:
        """Listen to every engine of this process, and to the files that it changes."""
        event.listen(Engine, "engine_connect", self._connected)
        event.listen(Engine, "before_cursor_execute", self._before)
        event.listen(Engine, "after_cursor_execute", self._after)
        event.listen(Engine, "rollback", _forget)
        sys.addaudithook(self._changed)

    def _connected(self, connection: Connection) -> None:
        dialect = connection.dialect
        if not hasattr(dialect, _WRAPPED):
            setattr(dialect, _WRAPPED, True)
            self._wrap(dialect)

    def _wrap(self, dialect: Dialect) -> None:
        """Count around the dialect's COMMIT: SQLAlchemy has an event before it and none after."""
        commit = dialect.do_commit

        def counted(connection: PoolProxiedConnection) -> None:
            written: set[str] | None = connection.info.pop(_WRITTEN, None)
            if not written:
                commit(connection)
                return
            tables = ", ".join(sorted(written))
            self.hit(f"before COMMIT of {tables}")
            commit(connection)
            self.hit(f"after COMMIT of {tables}")

        dialect.do_commit = counted  # type: ignore[assignment, method-assign]

    def _before(self, connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        if "wal_checkpoint" in statement:
            self.hit("before the log is truncated")

    def _after(
        self, connection: Connection, cursor: DBAPICursor, statement: str, *_: object
    ) -> None:
        # What finds no row writes nothing: the engine looks for work all the time. How many rows
        # a RETURNING has is not known yet.
        if _WRITING.match(statement) and (cursor.rowcount != 0 or "RETURNING" in statement):
            connection.info.setdefault(_WRITTEN, set()).update(_TABLE.findall(statement))
        if "wal_checkpoint" in statement:
            self.hit("after the log is truncated")
        elif statement.startswith("INSERT INTO audit"):
            self.hit("after the audit's entry")

    def _changed(self, what: str, args: tuple[Any, ...]) -> None:
        """Hear of files, as https://docs.python.org/3/library/audit_events.html has it."""
        if what in _CHANGES and str(args[0]).startswith(self._keys):
            self.hit(f"keyring: {what}")
        elif what == "open" and str(args[0]).startswith(self._keys):
            writes = isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR)
            if writes or str(args[0]) == self._keys:
                self.hit("keyring: folder" if not writes else "keyring: file")


def _forget(connection: Connection) -> None:
    connection.info.pop(_WRITTEN, None)
