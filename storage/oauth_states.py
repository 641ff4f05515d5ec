"""The state of an installation that was begun: it counts once, and for a while (RFC 6749, 10.12).

What the browser carries is not kept; its hash is, so that whoever reads the database cannot end
an installation that somebody else began.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Final, final

from sqlalchemy import delete
from sqlalchemy.orm import Session

from storage.database import changed, insert_new
from storage.retention import utc
from storage.tables import OAuthStateRow


@final
class OAuthStates:
    """The states of one database, within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def begin(self, state: str, expires_at: datetime) -> None:
        """Remember a state that was given out."""
        row = {"state": _hash(state), "expires_at": utc(expires_at)}
        insert_new(self._session, OAuthStateRow, row)

    def take(self, state: str, now: datetime) -> bool:
        """Use a state up. Returns whether it was given out, and is neither used nor too old."""
        good = delete(OAuthStateRow).where(
            OAuthStateRow.state == _hash(state), OAuthStateRow.expires_at > utc(now)
        )
        return changed(self._session, good) > 0

    def purge(self, now: datetime) -> int:
        """Forget the states that are too old. Returns how many."""
        return changed(
            self._session, delete(OAuthStateRow).where(OAuthStateRow.expires_at <= utc(now))
        )


def _hash(state: str) -> bytes:
    return sha256(state.encode("utf-8", "surrogatepass")).digest()
