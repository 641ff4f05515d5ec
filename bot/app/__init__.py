"""The composition root: settings in, a program out. Nothing is built at import.

`records` is what works without Slack (import, redact, tickets); `build` is the bot.
"""

from bot.app.building import build
from bot.app.opening import migrate, records
from bot.app.program import Bot

__all__ = ["Bot", "build", "migrate", "records"]
