"""Taking a message that held PII out of Slack itself, where Care has a token that may.

An app deletes its own messages only; a workspace's admin may delete those of others
(https://docs.slack.dev/reference/methods/chat.delete). What is refused is left to the writer.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot import replies
from bot.log import Event, log
from bot.outgoing import put_for_writer
from storage.ids import ChannelId, MessageId, SlackTs, TeamId
from storage.store import Store
from storage.tickets import TicketState

_PLACEHOLDER: Final = re.compile(r"<([A-Z][A-Z_]+)_\d+>")


def kinds_in(text: str) -> tuple[str, ...]:
    """Return the kinds of PII that were taken out of a scrubbed text, each once."""
    return tuple(dict.fromkeys(_PLACEHOLDER.findall(text)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearing:
    """Clears messages.

    Attributes:
        remove: Deletes somebody's message in Slack; tells whether it could.
    """

    store: Store
    remove: Callable[[TeamId, ChannelId, SlackTs], bool]
    clock: Callable[[], datetime]

    def clear(self, message_id: int) -> list[int]:
        """Delete a message in Slack; return the id of what its writer alone is told.

        What we keep of it, scrubbed, stays until its ticket's end. Safe to repeat: a message that
        is gone already is one that was deleted. Raises SlackBusy.
        """
        number = MessageId(message_id)
        with self.store.begin() as records:
            message = records.tickets.message(number)
            if message is None or message.ts is None:
                # Its writer deleted it before we came to it.
                return []
            team = records.tickets.get(message.ticket_id).team
            # Before Slack is asked, so that its word of the deletion is known for our own.
            records.tickets.mark_cleared(number, self.clock())
        if self.remove(team, message.channel, message.ts):
            log(Event.MESSAGE_CLEARED, message=number)
            return self._tell(number, is_cleared=True)
        return self.warn(message_id)

    def warn(self, message_id: int) -> list[int]:
        """Tell a message's writer that they have to delete it; return the id of that."""
        number = MessageId(message_id)
        with self.store.begin() as records:
            records.tickets.mark_cleared(number, None)
        return self._tell(number, is_cleared=False)

    def _tell(self, number: MessageId, *, is_cleared: bool) -> list[int]:
        with self.store.begin() as records:
            message = records.tickets.message(number)
            if message is None:
                return []
            ticket = records.tickets.get(message.ticket_id)
            warning = replies.pii_warning(
                kinds_in(message.text),
                sealed=ticket.state is not TicketState.RESOLVED,
                is_cleared=is_cleared,
            )
            key = f"cleared:{number}"
            return put_for_writer(records, warning, message, key=key, at=self.clock())
