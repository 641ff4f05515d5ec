"""Merchants, and which Slack channel or user speaks for which."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, final

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from storage.database import insert_new
from storage.ids import ChannelId, MerchantId, TeamId, UserId
from storage.retention import utc
from storage.tables import LinkRow, MerchantRow


@dataclass(frozen=True, slots=True, kw_only=True)
class MerchantLink:
    """A channel, a user or a whole workspace that speaks for a merchant."""

    team: TeamId
    subject: str
    merchant: MerchantId


_LINKS: Final = LinkRow.__table__.c
# Made once, since it runs for every message.
_WHOSE: Final = select(_LINKS.subject, _LINKS.merchant_id).where(
    _LINKS.team_id == bindparam("team"), _LINKS.subject.in_(bindparam("subjects", expanding=True))
)


@final
class Merchants:
    """The merchants of one database, within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def ensure(self, merchant: MerchantId) -> None:
        """Add a merchant unless it is there."""
        insert_new(self._session, MerchantRow, {"merchant_id": merchant})

    def all(self) -> tuple[MerchantId, ...]:
        """Return every merchant, by name."""
        query = select(MerchantRow.merchant_id).order_by(MerchantRow.merchant_id)
        return tuple(self._session.scalars(query))

    def link(
        self, team: TeamId, subject: ChannelId | UserId | TeamId, merchant: MerchantId, at: datetime
    ) -> None:
        """Let a channel, a user or a workspace speak for a merchant, instead of whom before."""
        self.ensure(merchant)
        key = {"team_id": team, "subject": subject}
        insert_new(self._session, LinkRow, {**key, "merchant_id": merchant, "linked_at": utc(at)})
        row = self._session.get_one(LinkRow, key, with_for_update=True, populate_existing=True)
        row.merchant_id = merchant
        row.linked_at = utc(at)
        self._session.flush()

    def unlink(self, team: TeamId, subject: ChannelId | UserId | TeamId) -> MerchantId | None:
        """Let it speak for nobody any more. Returns whom it spoke for, None for nobody."""
        row = self._session.get(LinkRow, {"team_id": team, "subject": subject})
        if row is None:
            return None
        self._session.delete(row)
        self._session.flush()
        return row.merchant_id

    def links(self) -> tuple[MerchantLink, ...]:
        """Return who speaks for which merchant, by merchant."""
        query = select(LinkRow).order_by(LinkRow.merchant_id, LinkRow.team_id, LinkRow.subject)
        return tuple(
            MerchantLink(team=row.team_id, subject=row.subject, merchant=row.merchant_id)
            for row in self._session.scalars(query)
        )

    def merchant_of(
        self, team: TeamId, channel: ChannelId, user: UserId | None
    ) -> MerchantId | None:
        """Return whom a message is from: the channel's merchant, else the user's, if given."""
        subjects = [subject for subject in (channel, user) if subject]
        asked = {"team": team, "subjects": subjects}
        rows = self._session.connection().execute(_WHOSE, asked).all()
        found = {row.subject: row.merchant_id for row in rows}
        return next((found[subject] for subject in subjects if subject in found), None)

    def of_workspace(self, team: TeamId, user_team: TeamId) -> MerchantId | None:
        """Return whom everybody in a workspace speaks for, where it is linked as a whole.

        None for a guest from elsewhere (Slack Connect), who may be of another merchant.
        """
        if user_team != team:
            return None
        row = self._session.get(LinkRow, {"team_id": team, "subject": team})
        return None if row is None else row.merchant_id
