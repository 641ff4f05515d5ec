"""A workspace that removed the app, or revoked its token.

Both events come without a token to answer with, and in any order.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial

from slack_bolt import Ack, App

from bot.lifting import mapping, string
from bot.payload_ids import event_id, installed_team
from bot.slack.doors import Doors
from storage.ids import EventId, TeamId


def register(app: App, doors: Doors) -> None:
    """Listen to `app_uninstalled` and `tokens_revoked`."""
    app.event("app_uninstalled")(partial(_uninstalled, doors))
    app.event("tokens_revoked")(partial(_revoked, doors))


def _uninstalled(doors: Doors, body: Mapping[str, object], ack: Ack) -> None:
    doors.leaving.uninstalled(*_told(body))
    ack()


def _revoked(doors: Doors, body: Mapping[str, object], ack: Ack) -> None:
    if mapping(mapping(body, "event"), "tokens").get("bot"):
        doors.leaving.revoked(*_told(body))
    ack()


def _told(body: Mapping[str, object]) -> tuple[TeamId, EventId, datetime | None]:
    """Return the workspace, the delivery and when it was. Raises PayloadRefused."""
    at = body.get("event_time")
    told_at = datetime.fromtimestamp(at, UTC) if isinstance(at, int) else None
    return installed_team(body), event_id(string(body, "event_id")), told_at
