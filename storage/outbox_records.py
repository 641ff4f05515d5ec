"""What the bot says, kept from the moment it is decided until Slack has it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, final

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from storage.database import changed, inserted
from storage.errors import UnknownReply
from storage.ids import ChannelId, ReplyId, SlackTs, TeamId, TicketId, UserId
from storage.retention import utc
from storage.tables import ReplyRow

EMPTY: Final = '{"text": "", "blocks": []}'
"""The body of a reply that takes a message away."""


class ReplyState(StrEnum):
    """How far a reply is."""

    PENDING = "pending"
    SENDING = "sending"  # handed to Slack; whether it came through is not known yet
    SENT = "sent"
    FAILED = "failed"


class ReplyPurpose(StrEnum):
    """What a message to Slack is for."""

    REPLY = "reply"
    CARD = "card"  # a ticket's card in Care's channel
    RELAY = "relay"  # what was written on one side of a ticket, shown on the other


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A message to Slack.

    Attributes:
        key: What makes it once only, such as `answer:17`.
        purpose: What it is for.
        replaces: The reply whose message it is written over; an empty body takes it away. None
            for a message of its own.
        ephemeral_to: The one person who sees it, None for everybody in the channel.
        body: JSON of text and blocks, scrubbed or written by us.
        slack_ts: Slack's id of it, once sent.
        error_class: Name of the error's class of the last failure.
    """

    reply_id: ReplyId
    key: str
    ticket: TicketId | None
    team: TeamId
    channel: ChannelId
    thread_ts: SlackTs | None
    ephemeral_to: UserId | None
    body: str
    state: ReplyState
    slack_ts: SlackTs | None
    error_class: str | None
    put_at: datetime
    purpose: ReplyPurpose
    replaces: ReplyId | None


_SENT: Final = update(ReplyRow).execution_options(synchronize_session=False)


@final
class Outbox:
    """The replies of one database, within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def put(
        self,
        *,
        key: str,
        ticket: TicketId | None,
        team: TeamId,
        channel: ChannelId,
        thread_ts: SlackTs | None,
        ephemeral_to: UserId | None = None,
        body: str,
        at: datetime,
        purpose: ReplyPurpose = ReplyPurpose.REPLY,
        replaces: ReplyId | None = None,
    ) -> ReplyId:
        """Keep a reply to be sent. A key that is known gives the reply that has it, unchanged."""
        row = {
            "key": key,
            "ticket_id": ticket,
            "team_id": team,
            "channel_id": channel,
            "thread_ts": thread_ts,
            "ephemeral_to": ephemeral_to,
            "body": body,
            "state": ReplyState.PENDING.value,
            "put_at": utc(at),
            "purpose": purpose.value,
            "replaces": replaces,
        }
        put = inserted(self._session, ReplyRow, row, "reply_id")
        if put is not None:
            return ReplyId(put)
        return self._session.scalars(select(ReplyRow.reply_id).where(ReplyRow.key == key)).one()

    def get(self, reply: ReplyId) -> Reply:
        """Return a reply. Raises UnknownReply."""
        row = self._session.get(ReplyRow, reply)
        if row is None:
            raise UnknownReply
        return _reply(row)

    def card_of(self, ticket: TicketId) -> Reply | None:
        """Return the card of a ticket in Care's channel, None where it has none."""
        return self._newest(
            ReplyRow.ticket_id == ticket,
            ReplyRow.purpose == ReplyPurpose.CARD.value,
            ReplyRow.replaces.is_(None),
        )

    def at(self, team: TeamId, channel: ChannelId, ts: SlackTs) -> Reply | None:
        """Return the reply that a message of ours is, None where it is none."""
        return self._newest(
            ReplyRow.channel_id == channel,
            ReplyRow.slack_ts == ts,
            ReplyRow.team_id == team,
            ReplyRow.replaces.is_(None),
        )

    def is_sending(self, channel: ChannelId, purpose: ReplyPurpose) -> bool:
        """Tell whether Slack may have a message of ours in a channel whose ts is not known yet."""
        sending = self._newest(
            ReplyRow.channel_id == channel,
            ReplyRow.purpose == purpose.value,
            ReplyRow.state == ReplyState.SENDING.value,
            ReplyRow.slack_ts.is_(None),
            ReplyRow.replaces.is_(None),
        )
        return sending is not None

    def by_key(self, key: str) -> Reply | None:
        """Return the reply of a key, None where there is none."""
        return self._newest(ReplyRow.key == key)

    def replaced(self, reply: ReplyId) -> tuple[ReplyId, ...]:
        """Return what is or was to be written over a reply's message, oldest first."""
        query = select(ReplyRow.reply_id).where(ReplyRow.replaces == reply)
        return tuple(self._session.scalars(query.order_by(ReplyRow.reply_id)))

    def _newest(self, *conditions: ColumnElement[bool]) -> Reply | None:
        query = select(ReplyRow).where(*conditions).order_by(ReplyRow.reply_id.desc()).limit(1)
        row = self._session.scalars(query).one_or_none()
        return None if row is None else _reply(row)

    def claim_sending(self, reply: ReplyId) -> Reply:
        """Mark a reply as being sent and return it as it was before. Raises UnknownReply.

        A caller who reads SENDING took over from one who died on the way, and asks Slack whether
        the message came through; one who reads SENT has nothing to do, and nothing was changed.
        """
        row = self._locked(reply)
        before = _reply(row)
        if before.state not in (ReplyState.SENT, ReplyState.SENDING):
            row.state = ReplyState.SENDING.value
            self._session.flush()
        return before

    def began(self, reply: ReplyId, ts: SlackTs) -> None:
        """Note the message that a reply has become before all of it is said. UnknownReply."""
        self._locked(reply).slack_ts = ts
        self._session.flush()

    def sent(self, reply: ReplyId, ts: SlackTs | None) -> None:
        """Mark a reply as sent. An ephemeral one has no ts to come back to. Raises UnknownReply."""
        values = {"state": ReplyState.SENT.value, "slack_ts": ts, "error_class": None}
        if not changed(self._session, _SENT.values(values).where(ReplyRow.reply_id == reply)):
            raise UnknownReply

    def failed(self, reply: ReplyId, error_class: str) -> None:
        """Mark a reply as failed, unless it was sent. Raises UnknownReply.

        The name of the error's class alone is kept; its message may quote text.
        """
        row = self._locked(reply)
        if row.state != ReplyState.SENT.value:
            row.state = ReplyState.FAILED.value
            row.error_class = error_class
            self._session.flush()

    def _locked(self, reply: ReplyId) -> ReplyRow:
        row = self._session.get(ReplyRow, reply, with_for_update=True, populate_existing=True)
        if row is None:
            raise UnknownReply
        return row


def _reply(row: ReplyRow) -> Reply:
    return Reply(
        reply_id=row.reply_id,
        key=row.key,
        ticket=row.ticket_id,
        team=row.team_id,
        channel=row.channel_id,
        thread_ts=row.thread_ts,
        ephemeral_to=row.ephemeral_to,
        body=row.body,
        state=ReplyState(row.state),
        slack_ts=row.slack_ts,
        error_class=row.error_class,
        put_at=row.put_at,
        purpose=ReplyPurpose(row.purpose),
        replaces=row.replaces,
    )
