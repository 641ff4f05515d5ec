"""Slack Connect: orders are told where one merchant reads, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.replies import SHARED
from bot.sandbox.slack.sample import CEDAR_CHANNEL
from bot.sandbox.stage import Stage, stage
from tests.journeys.acting import (
    CEDAR,
    OTHERS_ORDER,
    QUESTION,
    agent,
    asks,
    care,
    link,
    other_merchant,
    outsider,
    replies,
)


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory, over_http: bool) -> Iterator[Stage]:
    """A running bot with both merchants' channels linked; one house each, for what it remembers."""
    with stage(tmp_path_factory.mktemp("house"), over_http=over_http) as opened:
        link(opened)
        yield opened


def test_a_channel_with_one_company_is_told_its_orders(house: Stage) -> None:
    """The merchant's own workspace, by Slack Connect, reads its orders."""
    sent = asks(house, outsider(house), f"where is {OTHERS_ORDER}", CEDAR)

    assert "770155550160" in replies(house, sent)[-1].text
    assert len(house.slack.workspace.calls_of("conversations.info")) == 1
    asks(house, outsider(house), f"where is {OTHERS_ORDER}", CEDAR)
    assert len(house.slack.workspace.calls_of("conversations.info")) == 1


@pytest.mark.parametrize("text", [f"where is {OTHERS_ORDER}", "open returns", "my late orders"])
def test_a_channel_with_two_companies_is_told_none(house: Stage, text: str) -> None:
    """Where two other workspaces read, orders are not told, by name or by list; articles are."""
    shared = replace(CEDAR_CHANNEL, teams=(*CEDAR_CHANNEL.teams, "T0ANOTHER01"))
    house.slack.workspace.put(shared)

    sent = asks(house, other_merchant(house), text, CEDAR)

    assert [each.text for each in replies(house, sent)] == [SHARED]
    question = asks(house, other_merchant(house), QUESTION, CEDAR)
    assert "Source:" in replies(house, question)[-1].text


def test_a_channel_of_which_slack_says_nothing_is_told_none(house: Stage) -> None:
    """When Slack cannot be asked who reads along, nothing is told."""
    house.slack.workspace.faults.add("conversations.info", error="missing_scope")

    sent = asks(house, outsider(house), f"where is {OTHERS_ORDER}", CEDAR)

    assert [each.text for each in replies(house, sent)] == [SHARED]


def test_who_is_linked_to_another_merchant_is_told_none(house: Stage) -> None:
    """A person of one merchant does not read another one's orders in its channel."""
    care(agent(house), "link <@U0TOBINASH1|tobin> birch-and-brook")

    sent = asks(house, other_merchant(house), f"where is {OTHERS_ORDER}", CEDAR)

    assert [each.text for each in replies(house, sent)] == [SHARED]
