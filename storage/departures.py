"""Deleting everything that is kept of a workspace which removed the app, with a receipt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, final

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from storage.audit import Audit, AuditKind, Entry
from storage.database import changed
from storage.ids import ReplyId, TeamId, TicketId, workspace_owner
from storage.outbox_records import EMPTY
from storage.retention import utc
from storage.tables import (
    ExternalTicketRow,
    FileRow,
    LinkRow,
    MessageRow,
    PlaceholderRow,
    RatingRow,
    ReplyRow,
    SealedValueRow,
    TicketRow,
)
from storage.tickets import TicketState

AT_ONCE: Final = 200
"""Tickets that are deleted in one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """A workspace that removed the app, and what became of what was kept of it.

    Attributes:
        seq: The audit entry that it left.
        team: The workspace.
        until: What was there before this moment goes; who comes back later begins anew.
        rows: Rows deleted so far, for each table.
        verified_at: When a search was made for what is left, None while it was not.
        found: How many rows the search found: 0 is what it should be.
    """

    seq: int
    team: TeamId
    until: datetime
    rows: Mapping[str, int]
    verified_at: datetime | None
    found: int | None


@final
class Departures:
    """The workspaces that left, within one transaction."""

    def __init__(self, session: Session, audit: Audit) -> None:
        self._session: Final = session
        self._audit: Final = audit

    def begin(self, team: TeamId, *, until: datetime, at: datetime, by: str) -> int:
        """Note that a workspace left. Returns the entry that tells it."""
        return self._audit.append(
            AuditKind.WORKSPACE_LEFT,
            at=at,
            by=by,
            subject=workspace_owner(team),
            facts={"until": utc(until).isoformat()},
        ).seq

    def get(self, seq: int) -> Departure | None:
        """Return a departure by its audit entry, None if that is no such entry."""
        entry = self._audit.entry(seq)
        if entry is None or entry.kind is not AuditKind.WORKSPACE_LEFT:
            return None
        rows: Counter[str] = Counter()
        verified: Entry | None = None
        for each in self._audit.about(entry.subject, after=seq):
            if each.facts.get("left") != seq:
                continue
            if each.kind is AuditKind.WORKSPACE_ERASED:
                rows.update({name: int(n) for name, n in each.facts.items() if name != "left"})
            elif each.kind is AuditKind.WORKSPACE_VERIFIED:
                verified = each
        return Departure(
            seq=seq,
            team=TeamId(entry.subject.partition(":")[2]),
            until=datetime.fromisoformat(str(entry.facts["until"])),
            rows=dict(rows),
            verified_at=None if verified is None else verified.at,
            found=None if verified is None else int(verified.facts["found"]),
        )

    def latest(self, team: TeamId) -> Departure | None:
        """Return the last departure of a workspace, None where it never left."""
        entries = self._audit.about(workspace_owner(team))
        left = [each.seq for each in entries if each.kind is AuditKind.WORKSPACE_LEFT]
        return self.get(left[-1]) if left else None

    def live(self, departure: Departure) -> tuple[TicketId, ...]:
        """Return some tickets of the workspace that are not resolved: that comes first."""
        query = (
            select(TicketRow.ticket_id)
            .where(*_of(departure), TicketRow.state != TicketState.RESOLVED.value)
            .order_by(TicketRow.ticket_id)
            .limit(AT_ONCE)
        )
        return tuple(self._session.scalars(query))

    def erase(self, departure: Departure, at: datetime) -> tuple[bool, tuple[ReplyId, ...]]:
        """Delete some resolved tickets with all that hangs on them, and note how many rows.

        Once no ticket is left, the links go and the replies that were of no ticket.

        Returns: Whether anything was deleted, and those messages of ours in other workspaces'
            Slack, such as cards in Care's channel, that are to be taken away there.
        """
        tickets = tuple(
            self._session.scalars(
                select(TicketRow.ticket_id)
                .where(*_of(departure), TicketRow.state == TicketState.RESOLVED.value)
                .order_by(TicketRow.ticket_id)
                .limit(AT_ONCE)
                .with_for_update()
            )
        )
        shown: tuple[ReplyId, ...] = ()
        if tickets:
            shown = self._release(departure.team, tickets)
            rows = self._delete_tickets(tickets)
        else:
            rows = self._delete_rest(departure)
        rows = {name: number for name, number in rows.items() if number}
        if rows:
            self._audit.append(
                AuditKind.WORKSPACE_ERASED,
                at=at,
                by="leave",
                subject=workspace_owner(departure.team),
                facts={"left": departure.seq, **rows},
            )
        return bool(rows), shown

    def verified(self, departure: Departure, at: datetime) -> int:
        """Search for what is left of the workspace, and note it. Returns how many rows: 0."""
        counts = (
            select(func.count()).select_from(TicketRow).where(*_of(departure)),
            select(func.count()).select_from(MessageRow).where(*_said(departure)),
            select(func.count()).select_from(ReplyRow).where(*_put(departure)),
            select(func.count()).select_from(LinkRow).where(*_linked(departure)),
        )
        found = sum(self._session.scalars(query).one() for query in counts)
        self._audit.append(
            AuditKind.WORKSPACE_VERIFIED,
            at=at,
            by="leave",
            subject=workspace_owner(departure.team),
            facts={"left": departure.seq, "found": found},
        )
        return found

    def _release(self, team: TeamId, tickets: tuple[TicketId, ...]) -> tuple[ReplyId, ...]:
        """Empty what is shown of the tickets in other workspaces, and let it be of no ticket."""
        shown = tuple(
            self._session.scalars(
                select(ReplyRow.reply_id)
                .where(
                    ReplyRow.ticket_id.in_(tickets),
                    ReplyRow.team_id != team,
                    ReplyRow.slack_ts.is_not(None),
                    ReplyRow.replaces.is_(None),
                )
                .order_by(ReplyRow.reply_id)
            )
        )
        emptied = update(ReplyRow).where(ReplyRow.reply_id.in_(shown))
        changed(self._session, emptied.values(ticket_id=None, body=EMPTY))
        return shown

    def _delete_tickets(self, tickets: tuple[TicketId, ...]) -> dict[str, int]:
        messages = select(MessageRow.message_id).where(MessageRow.ticket_id.in_(tickets))
        # In the order in which rows point at each other.
        gone = {
            "files": delete(FileRow).where(FileRow.message_id.in_(messages)),
            "sealed_values": delete(SealedValueRow).where(SealedValueRow.ticket_id.in_(tickets)),
            "placeholders": delete(PlaceholderRow).where(PlaceholderRow.ticket_id.in_(tickets)),
            "ratings": delete(RatingRow).where(RatingRow.ticket_id.in_(tickets)),
            "external_tickets": delete(ExternalTicketRow).where(
                ExternalTicketRow.ticket_id.in_(tickets)
            ),
            "replies": delete(ReplyRow).where(ReplyRow.ticket_id.in_(tickets)),
            "messages": delete(MessageRow).where(MessageRow.ticket_id.in_(tickets)),
            "tickets": delete(TicketRow).where(TicketRow.ticket_id.in_(tickets)),
        }
        return {name: changed(self._session, statement) for name, statement in gone.items()}

    def _delete_rest(self, departure: Departure) -> dict[str, int]:
        return {
            "replies": changed(self._session, delete(ReplyRow).where(*_put(departure))),
            "links": changed(self._session, delete(LinkRow).where(*_linked(departure))),
        }


def _of(departure: Departure) -> tuple[ColumnElement[bool], ...]:
    return TicketRow.team_id == departure.team, TicketRow.opened_at <= utc(departure.until)


def _said(departure: Departure) -> tuple[ColumnElement[bool], ...]:
    return MessageRow.team_id == departure.team, MessageRow.at <= utc(departure.until)


def _put(departure: Departure) -> tuple[ColumnElement[bool], ...]:
    return ReplyRow.team_id == departure.team, ReplyRow.put_at <= utc(departure.until)


def _linked(departure: Departure) -> tuple[ColumnElement[bool], ...]:
    return LinkRow.team_id == departure.team, LinkRow.linked_at <= utc(departure.until)
