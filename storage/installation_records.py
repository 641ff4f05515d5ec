"""The workspaces that installed the app, with their tokens, sealed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final, final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from storage.database import changed, insert_new
from storage.errors import KeyDestroyed
from storage.ids import Owner, TeamId, workspace_owner
from storage.installations import Grant, Installation
from storage.key_records import DataKeys
from storage.oauth_states import OAuthStates
from storage.retention import utc
from storage.sealing import DataKey, SealedText, Sealing
from storage.tables import InstallationRow

_TOKEN: Final = "bot_token"  # noqa: S105 (the name of a column)
_REFRESH: Final = "refresh_token"


@final
class Installations:
    """The installations of one database, within one transaction.

    Attributes:
        states: What was begun of an installation and not finished.
    """

    def __init__(self, session: Session, sealing: Sealing) -> None:
        self._session: Final = session
        self._sealing: Final = sealing
        self._keys: Final = DataKeys(session, sealing)
        self.states: Final = OAuthStates(session)

    def save(self, installation: Installation, grant: Grant) -> None:
        """Keep an installation with its tokens, in the place of an earlier one of the workspace."""
        owner = workspace_owner(installation.team)
        values: dict[str, object] = {
            "team_id": installation.team,
            "app_id": installation.app_id,
            "bot_user_id": installation.bot_user,
            "bot_id": installation.bot_id,
            "url": installation.url,
            "scopes": installation.scopes,
            "installed_by": installation.installed_by,
            "installed_at": utc(installation.installed_at),
            **self._sealed(self._keys.ensure_shared(owner), owner, grant),
        }
        if not insert_new(self._session, InstallationRow, values):
            self._write(self._locked(installation.team), values)

    def find(self, team: TeamId) -> Installation | None:
        """Return the installation of a workspace, None where it has none."""
        row = self._session.get(InstallationRow, team)
        return None if row is None else _installation(row)

    def all(self) -> tuple[Installation, ...]:
        """Return every installation, by workspace."""
        query = select(InstallationRow).order_by(InstallationRow.team_id)
        return tuple(_installation(row) for row in self._session.scalars(query))

    def grant(self, team: TeamId) -> Grant | None:
        """Return the tokens of a workspace.

        None where it has none, or none that opens any more, as in a restored backup: then the
        app has to be installed there again. Raises SealBroken.
        """
        row = self._session.get(InstallationRow, team)
        if row is None:
            return None
        owner = workspace_owner(team)
        try:
            key = self._keys.open(owner)
        except KeyDestroyed:
            return None
        refresh = row.refresh_token
        return Grant(
            token=self._sealing.open_token(key, owner, _TOKEN, row.bot_token),
            refresh_token=refresh and self._sealing.open_token(key, owner, _REFRESH, refresh),
            expires_at=row.expires_at,
        )

    def renew(self, team: TeamId, grant: Grant) -> bool:
        """Put other tokens in the place of a workspace's. Returns whether there was one."""
        row = self._locked(team)
        if row is None:
            return False
        owner = workspace_owner(team)
        self._write(row, self._sealed(self._keys.ensure_shared(owner), owner, grant))
        return True

    def ending_before(self, moment: datetime) -> tuple[TeamId, ...]:
        """Return the workspaces whose tokens end before a moment, the first to end first."""
        query = (
            select(InstallationRow.team_id)
            .where(InstallationRow.expires_at < utc(moment))
            .order_by(InstallationRow.expires_at, InstallationRow.team_id)
        )
        return tuple(self._session.scalars(query))

    def forget(self, team: TeamId, *, until: datetime) -> bool:
        """Delete an installation of before a moment, its tokens and their key.

        Whoever installed the app again since keeps it. Returns whether there was one to delete.
        """
        old = delete(InstallationRow).where(
            InstallationRow.team_id == team, InstallationRow.installed_at <= utc(until)
        )
        if not changed(self._session, old):
            return False
        self._keys.destroy((workspace_owner(team),))
        return True

    def _locked(self, team: TeamId) -> InstallationRow | None:
        return self._session.get(
            InstallationRow, team, with_for_update=True, populate_existing=True
        )

    def _write(self, row: InstallationRow | None, values: Mapping[str, object]) -> None:
        for name, value in values.items():
            setattr(row, name, value)
        self._session.flush()

    def _sealed(self, key: DataKey, owner: Owner, grant: Grant) -> dict[str, object]:
        def seal(field: str, token: str) -> SealedText:
            return self._sealing.seal_token(key, owner, field, token)

        refresh = grant.refresh_token
        return {
            _TOKEN: seal(_TOKEN, grant.token),
            _REFRESH: None if refresh is None else seal(_REFRESH, refresh),
            "expires_at": None if grant.expires_at is None else utc(grant.expires_at),
        }


def _installation(row: InstallationRow) -> Installation:
    return Installation(
        team=row.team_id,
        app_id=row.app_id,
        bot_user=row.bot_user_id,
        bot_id=row.bot_id,
        url=row.url,
        scopes=row.scopes,
        installed_by=row.installed_by,
        installed_at=row.installed_at,
        expires_at=row.expires_at,
    )
