"""The modals we open. Forms are those of Slack's view reference."""

from __future__ import annotations

from typing import Final

from bot.blocks import SECTION_LIMIT, Block
from nlp.text import ScrubbedText
from storage.ids import TicketId, ticket_ref

REPORT_VIEW: Final = "care_report_form"
ANSWER_VIEW: Final = "care_answer_form"
TRY_AGAIN: Final = "Slack gave up on the form before it could open. Please try again."


def report_view(place: str, text: ScrubbedText) -> Block:
    """Return the form of the message shortcut.

    Args:
        place: The ids of the message that it is about, for `bot.arrivals.read_report`.
        text: The message, scrubbed; the person may change it before it is sent.
    """
    return {
        "type": "modal",
        "callback_id": REPORT_VIEW,
        "private_metadata": place,
        "title": {"type": "plain_text", "text": "Jetpack Care"},
        "submit": {"type": "plain_text", "text": "Send to Care"},
        "close": {"type": "plain_text", "text": "Cancel"},
        "blocks": [
            {
                "type": "input",
                "block_id": "care_report",
                "label": {"type": "plain_text", "text": "What should Jetpack Care look at?"},
                "hint": {
                    "type": "plain_text",
                    "text": "Personal data was taken out. Please don't put it back in.",
                },
                "element": {
                    "type": "plain_text_input",
                    "action_id": "text",
                    "multiline": True,
                    "initial_value": text[:SECTION_LIMIT],
                },
            }
        ],
    }


def answer_view(ticket: TicketId, place: str) -> Block:
    """Return the form in which an agent writes to a ticket's merchant.

    Args:
        ticket: Which.
        place: The ids of its card, for `bot.arrivals.read_answer`.
    """
    return {
        "type": "modal",
        "callback_id": ANSWER_VIEW,
        "private_metadata": place,
        "title": {"type": "plain_text", "text": f"Reply to {ticket_ref(ticket)}"[:24]},
        "submit": {"type": "plain_text", "text": "Send"},
        "close": {"type": "plain_text", "text": "Cancel"},
        "blocks": [
            {
                "type": "input",
                "block_id": "care_answer",
                "label": {"type": "plain_text", "text": "To the merchant"},
                "hint": {
                    "type": "plain_text",
                    "text": "Personal data is taken out before it is sent.",
                },
                "element": {
                    "type": "plain_text_input",
                    "action_id": "text",
                    "multiline": True,
                    "max_length": SECTION_LIMIT,
                },
            }
        ],
    }


def failed_view(words: str) -> Block:
    """Return what a form turns into when it could not be taken."""
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": "Jetpack Care"},
        "close": {"type": "plain_text", "text": "Close"},
        "blocks": [{"type": "section", "text": {"type": "plain_text", "text": words}}],
    }
