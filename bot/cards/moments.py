"""Times as Slack shows them to each reader in their own zone.

The form is that of Slack's reference on formatting text, "Date formatting".
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

_FORM: Final = "{date_short_pretty} at {time}"


def moment(at: datetime) -> str:
    """Write a time for mrkdwn: in the reader's zone, or in UTC where it is not rendered."""
    return f"<!date^{int(at.timestamp())}^{_FORM}|{plain(at)}>"


def plain(at: datetime) -> str:
    """Write a time for plain text, in UTC."""
    return f"{at:%d %b %Y %H:%M} UTC".lstrip("0")
