"""People of the sandbox: what they do reaches the bot as Slack would tell it.

Journeys read as people act: "the merchant writes", "the agent presses".
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.sandbox.slack.pressing import Presser
from bot.sandbox.slack.writing import Writer


@dataclass(frozen=True, slots=True, kw_only=True)
class Person(Writer, Presser):
    """Somebody in Slack: a merchant's user, an agent, someone of another team."""
