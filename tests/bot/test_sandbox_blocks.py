"""The limits that the sandbox Slack holds messages and views to."""

from __future__ import annotations

import pytest

from bot.sandbox.slack.blocks import message_problems, view_problems

Json = dict[str, object]


def text(characters: int, kind: str = "mrkdwn") -> Json:
    """Return a text object of that length."""
    return {"type": kind, "text": "x" * characters}


def button(**given: object) -> Json:
    """Return an actions block with one button."""
    whole = {"type": "button", "action_id": "a", "text": text(5, "plain_text")} | given
    return {"type": "actions", "elements": [whole]}


MODAL: Json = {"type": "modal", "title": text(24, "plain_text"), "blocks": []}

GOOD: dict[str, list[Json]] = {
    "50 blocks": [{"type": "divider"}] * 50,
    "section of 3,000": [{"type": "section", "text": text(3000)}],
    "section of fields": [{"type": "section", "fields": [text(2000)] * 10}],
    "header of 150": [{"type": "header", "text": text(150, "plain_text")}],
    "button at its limits": [button(text=text(75), value="v" * 2000, action_id="a" * 255)],
    "markdown of 12,000": [{"type": "markdown", "text": "x" * 12_000}],
}
BAD: dict[str, list[Json]] = {
    "51 blocks": [{"type": "divider"}] * 51,
    "section of 3,001": [{"type": "section", "text": text(3001)}],
    "section without text": [{"type": "section"}],
    "section of no characters": [{"type": "section", "text": text(0)}],
    "11 fields": [{"type": "section", "fields": [text(1)] * 11}],
    "field of 2,001": [{"type": "section", "fields": [text(2001)]}],
    "header of 151": [{"type": "header", "text": text(151, "plain_text")}],
    "26 buttons": [{"type": "actions", "elements": [{"type": "button", "text": text(1)}] * 26}],
    "no elements": [{"type": "context", "elements": []}],
    "button text of 76": [button(text=text(76))],
    "button value of 2,001": [button(value="v" * 2001)],
    "action id of 256": [button(action_id="a" * 256)],
    "image without words": [{"type": "context", "elements": [{"type": "image"}]}],
    "two block ids alike": [{"type": "divider", "block_id": "a"}] * 2,
    "markdown of 12,001": [{"type": "markdown", "text": "x" * 12_001}],
    "type of tomorrow": [{"type": "hologram"}],
}
BAD_VIEWS: dict[str, Json] = {
    "no type": MODAL | {"type": "popup"},
    "no title": {"type": "modal", "blocks": []},
    "title of 25": MODAL | {"title": text(25, "plain_text")},
    "private metadata of 3,001": MODAL | {"private_metadata": "x" * 3001},
    "no blocks": {"type": "home"},
    "101 blocks": MODAL | {"blocks": [{"type": "divider"}] * 101},
}


@pytest.mark.parametrize("blocks", GOOD.values(), ids=GOOD)
def test_what_fits_has_no_problems(blocks: list[Json]) -> None:
    """Blocks at their limits are accepted."""
    assert message_problems(blocks) == ()


@pytest.mark.parametrize("blocks", BAD.values(), ids=BAD)
def test_what_does_not_fit_is_named(blocks: list[Json]) -> None:
    """Blocks over a limit have one problem, said with the place it is in."""
    (problem,) = message_problems(blocks)

    assert problem.startswith("[ERROR]")
    assert "[json-pointer:/blocks" in problem


@pytest.mark.parametrize("view", BAD_VIEWS.values(), ids=BAD_VIEWS)
def test_a_view_over_its_limits_is_named(view: Json) -> None:
    """A modal or App Home that Slack would refuse has a problem."""
    assert len(view_problems(view)) == 1


def test_a_view_within_its_limits_has_no_problems() -> None:
    """A modal with a title of 24 characters and 100 blocks is accepted."""
    assert view_problems(MODAL | {"blocks": [{"type": "divider"}] * 100}) == ()
