"""A channel gets no more messages than Slack takes, and none is lost for that."""

from __future__ import annotations

from pathlib import Path

from bot.sandbox.slack.sample import BIRCH_CHANNEL
from bot.sandbox.stage import stage
from bot.slack.pace import BURST, SECONDS, Pace
from tests.journeys.acting import BIRCH, QUESTION, idle, link, merchant, replies


def test_a_flood_is_answered_at_slacks_pace(tmp_path: Path, over_http: bool) -> None:
    """More questions at once than a channel takes answers: all are answered, in time's course."""
    with stage(tmp_path, over_http=over_http, pace=Pace()) as house:
        link(house)
        sent = [merchant(house).writes(QUESTION, BIRCH) for _ in range(BURST + 3)]
        idle(house)

        assert all(len(replies(house, each)) == 1 for each in sent)
        said = house.slack.workspace.said_by_bot(BIRCH_CHANNEL.id)
        times = sorted(float(each.ts) for each in said)
        assert len(times) == BURST + 3
        assert times[-1] - times[0] > 2 * SECONDS
