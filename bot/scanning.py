"""Looking into files that merchants share: in memory, nothing of them is kept.

What is kept is how many values of which kind a file held, so that its author can be told, and the
ticket's receipt can say that Slack still has it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.errors import SlackRefused
from bot.file_text import FileKind, FileUnreadable, kind_of, pieces_of
from bot.intake import Intake
from bot.log import Event, failure, log
from bot.outgoing import put_for_writer
from bot.replies import file_warning
from bot.shared_files import FileSource
from nlp.errors import ScrubbingFailed
from storage.file_records import FileState, SharedFile
from storage.ids import MerchantId, MessageId, TeamId
from storage.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanning:
    """Looks into files.

    Attributes:
        files: Fetches them from Slack.
        most_bytes: Bytes of a file that is looked into.
    """

    store: Store
    intake: Intake
    files: FileSource
    most_bytes: int
    clock: Callable[[], datetime]

    def scan(self, message_id: int) -> list[int]:
        """Look into the files of a message; return the ids of what its author is told.

        Safe to repeat: what was looked into is not fetched again. Raises SlackBusy.
        """
        number = MessageId(message_id)
        with self.store.read() as records:
            message = records.tickets.message(number)
            if message is None or message.user is None:
                # Its writer deleted it before we came to it.
                return []
            ticket = records.tickets.get(message.ticket_id)
            shared = records.files.of(number)
        for each in shared:
            if each.state is FileState.WAITING:
                state, found = self._look(ticket.team, each, ticket.merchant)
                with self.store.begin() as records:
                    records.files.note(number, each.file, state, found)
        with self.store.begin() as records:
            reply = file_warning(records.files.of(number))
            if reply is None:
                return []
            key = f"files:{number}"
            return put_for_writer(records, reply, message, key=key, at=self.clock())

    def _look(
        self, team: TeamId, shared: SharedFile, merchant: MerchantId | None
    ) -> tuple[FileState, dict[str, int]]:
        try:
            facts = self.files.facts(team, shared.file)
            kind = kind_of(facts.filetype, facts.mimetype)
            if kind is FileKind.OTHER or facts.size > self.most_bytes:
                return FileState.NOT_SCANNED, {}
            content = self.files.content(team, facts, self.most_bytes)
            pieces = pieces_of(content, kind)
            found = Counter(
                value.entity_type
                for piece in pieces
                for value in self.intake.scrub(piece, merchant).values
            )
        except (FileUnreadable, ScrubbingFailed, SlackRefused) as error:
            failure(Event.FILE_UNREADABLE, error)
            return FileState.UNREADABLE, {}
        log(Event.FILE_SCANNED, pieces=len(pieces), found=sum(found.values()))
        return FileState.SCANNED, dict(found)
