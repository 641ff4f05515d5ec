"""Files of messages: which, and what was found in them. Never a name or a word of one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, final

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.database import insert_new
from storage.ids import FileId, MessageId, TicketId
from storage.retention import utc
from storage.tables import FileRow, MessageRow


class FileState(StrEnum):
    """What became of a file."""

    WAITING = "waiting"
    SCANNED = "scanned"
    NOT_SCANNED = "not_scanned"  # of a kind, or a size, that is not looked into
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedFile:
    """A file of a message.

    Attributes:
        found: How many values of each kind of PII it held.
    """

    file: FileId
    message: MessageId
    state: FileState
    found: Mapping[str, int]


@final
class Files:
    """The files of one database, within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def add(self, message: MessageId, files: Sequence[FileId], at: datetime) -> None:
        """Note that a message came with files."""
        for file in files:
            row = {
                "message_id": message,
                "file_id": file,
                "state": FileState.WAITING.value,
                "found": "{}",
                "at": utc(at),
            }
            insert_new(self._session, FileRow, row)

    def of(self, message: MessageId) -> tuple[SharedFile, ...]:
        """Return the files of a message."""
        query = select(FileRow).where(FileRow.message_id == message).order_by(FileRow.file_id)
        return tuple(_file(row) for row in self._session.scalars(query))

    def of_ticket(self, ticket: TicketId) -> tuple[SharedFile, ...]:
        """Return the files of a ticket's messages."""
        query = (
            select(FileRow)
            .join(MessageRow, MessageRow.message_id == FileRow.message_id)
            .where(MessageRow.ticket_id == ticket)
            .order_by(FileRow.message_id, FileRow.file_id)
        )
        return tuple(_file(row) for row in self._session.scalars(query))

    def note(
        self, message: MessageId, file: FileId, state: FileState, found: Mapping[str, int]
    ) -> None:
        """Note what became of a file, and how many values of each kind it held."""
        key = {"message_id": message, "file_id": file}
        row = self._session.get(FileRow, key, with_for_update=True, populate_existing=True)
        if row is not None:
            row.state = state.value
            row.found = json.dumps(dict(found), sort_keys=True)
            self._session.flush()


def _file(row: FileRow) -> SharedFile:
    return SharedFile(
        file=row.file_id,
        message=row.message_id,
        state=FileState(row.state),
        found=json.loads(row.found),
    )
