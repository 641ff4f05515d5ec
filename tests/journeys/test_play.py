"""The play of the demo, in both transports: the main job from end to end."""

from __future__ import annotations

from bot.sandbox.script import Script, amazon_sellers
from bot.sandbox.stage import Stage

SELLERS = amazon_sellers


def test_play_ends_as_it_should(house: Stage) -> None:
    """Every check of the scripted play holds over Socket Mode and over HTTP."""
    lines: list[str] = []
    script = Script(stage=house, tell=lines.append)

    held = script.play()

    assert script.failed == [], "\n".join(lines)
    assert held


def test_a_check_that_does_not_hold_fails_the_play(house: Stage) -> None:
    """The play is able to fail: a question that no article answers has no source to show."""
    script = Script(stage=house, tell=lambda _line: None, question="what does a pallet cost?")

    script.ask()

    assert script.failed
