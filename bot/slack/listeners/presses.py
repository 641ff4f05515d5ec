"""Our buttons in messages, pressed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial

from slack_bolt import Ack, App

from bot.blocks import FEEDBACK, PERSON, QUESTION, SOLVED
from bot.interactions import read_press
from bot.slack.doors import Doors


def register(app: App, doors: Doors) -> None:
    """Listen to the buttons under answers."""
    app.action(re.compile(rf"^({SOLVED}|{PERSON}|{FEEDBACK}|{QUESTION}\.\d)$"))(
        partial(_press, doors)
    )


def _press(doors: Doors, body: Mapping[str, object], ack: Ack) -> None:
    doors.presses.take(read_press(body))
    ack()
