"""Merchants, and which Slack channel or user speaks for which."""

from __future__ import annotations

from datetime import datetime
from typing import Final, final

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.database import insert_new
from storage.ids import ChannelId, MerchantId, TeamId, UserId
from storage.retention import utc
from storage.tables import LinkRow, MerchantRow


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
        self, team: TeamId, subject: ChannelId | UserId, merchant: MerchantId, at: datetime
    ) -> None:
        """Let a channel or a user speak for a merchant, instead of whom it spoke for before."""
        self.ensure(merchant)
        key = {"team_id": team, "subject": subject}
        insert_new(self._session, LinkRow, {**key, "merchant_id": merchant, "linked_at": utc(at)})
        row = self._session.get_one(LinkRow, key, with_for_update=True, populate_existing=True)
        row.merchant_id = merchant
        row.linked_at = utc(at)
        self._session.flush()

    def merchant_of(
        self, team: TeamId, channel: ChannelId, user: UserId | None
    ) -> MerchantId | None:
        """Return whom a message is from: the channel's merchant, else the user's, if given."""
        for subject in (channel, user):
            if subject is None:
                continue
            row = self._session.get(LinkRow, {"team_id": team, "subject": subject})
            if row is not None:
                return row.merchant_id
        return None
