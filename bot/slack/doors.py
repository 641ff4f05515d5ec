"""What the listeners hand things over to."""

from __future__ import annotations

from dataclasses import dataclass

from bot.care.agents import Agents
from bot.care.card_presses import CardPresses
from bot.care.home import Home
from bot.care.mentions import Mentions
from bot.care.ticket_modal import TicketModal
from bot.intake import Intake
from bot.leaving import Leaving
from bot.presses import Presses
from bot.slack.client import Slack
from bot.troubles import Troubles


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """Where the listeners hand things over."""

    intake: Intake
    agents: Agents
    presses: Presses
    cards: CardPresses
    home: Home
    modal: TicketModal
    mentions: Mentions
    slack: Slack
    leaving: Leaving
    troubles: Troubles
