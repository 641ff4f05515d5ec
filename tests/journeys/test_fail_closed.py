"""When scrubbing fails nothing is kept, nothing is acknowledged, and at last the writer is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from bot.sandbox.slack.delivery import Kind, deliver_with_retries
from bot.sandbox.slack.interactions import slash_command
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.payloads import message_event
from bot.sandbox.stage import Stage, stage
from nlp.errors import ScrubbingFailed
from nlp.scrubber import KnownValue, PresidioScrubber, Scrubbed, Scrubber
from nlp.text import RawText, ScrubbedText

PLACE = "birch-and-brook"
CURSED = "Peregrine Wainscott"


class Failing(Scrubber):
    """A scrubber whose model breaks down over one name."""

    def __init__(self) -> None:
        self._real = PresidioScrubber()

    def scrub(
        self,
        text: RawText,
        /,
        *,
        known: Sequence[KnownValue] = (),
        after: ScrubbedText | None = None,
    ) -> Scrubbed:
        """Scrub, or fail where the cursed name stands (its length gives it away)."""
        if text == RawText(CURSED):
            raise ScrubbingFailed
        return self._real.scrub(text, known=known, after=after)

    def order_ids(self, text: RawText, /) -> tuple[str, ...]:
        """Return the order ids."""
        return self._real.order_ids(text)

    def candidates(self, text: RawText, /) -> tuple[RawText, ...]:
        """Return the pieces to ask the index for."""
        return self._real.candidates(text)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, over_http: bool) -> Iterator[Stage]:
    """A running bot whose scrubber fails over one name."""
    home = tmp_path_factory.mktemp("house")
    with stage(home, over_http=over_http, scrubber=Failing()) as opened:
        opened.slack.person("Ines Falk").commands("/care", f"link {PLACE}", PLACE)
        yield opened


def _told(house: Stage) -> dict[str, object]:
    workspace = house.slack.workspace
    channel, user = workspace.channel(PLACE), workspace.user("Mara Quill")
    message = Message(
        channel=channel.id,
        ts=workspace.next_ts(),
        user=user.id,
        team=user.team_id,
        text=CURSED,
    )
    return message_event(workspace.home, workspace.post(message), channel, user)


def test_nothing_is_kept_and_slack_sends_it_again(house: Stage) -> None:
    """The first tries are not acknowledged; only ids and the error's class are logged."""
    ack = house.slack.delivery.deliver(_told(house), timeout=1.0)

    assert ack is None or not ack.ok
    assert house.stored() == []
    assert house.search(CURSED, "Wainscott") == ()
    log = (house.home / "care.log").read_text()
    assert "event=scrubbing_failed" in log
    assert "error=ScrubbingFailed" in log


def test_after_the_last_try_the_writer_is_told_once(house: Stage, over_http: bool) -> None:
    """Slack's third retry is acknowledged, and the writer alone reads that nothing was kept."""
    # A failed try is answered at once over HTTP and never over a socket, so only there does a
    # longer window cost anything; a busy machine needs more than a second for the last one.
    window = 20.0 if over_http else 3.0
    before = len(house.slack.workspace.seen_only_by("U0MARAQUILL"))

    answers = deliver_with_retries(house.slack.delivery, _told(house), timeout=window)

    assert len(answers) == 4
    assert answers[-1] is not None
    assert answers[-1].ok
    notes = house.slack.workspace.wait_for(
        lambda: house.slack.workspace.seen_only_by("U0MARAQUILL")[before:], timeout=20.0
    )
    assert len(notes) == 1
    assert "kept nothing of it" in notes[0].text
    assert house.stored() == []


def test_a_command_that_cannot_be_scrubbed_says_so(house: Stage) -> None:
    """A slash command has no second try: its author is asked to write it again."""
    workspace = house.slack.workspace
    payload = slash_command(
        workspace.home,
        workspace.user("Ines Falk"),
        workspace.channel(PLACE),
        "/care",
        CURSED,
        trigger_id="1.2.cursed",
        response_url="http://127.0.0.1:1/none",
    )

    ack = house.slack.delivery.deliver(payload, Kind.SLASH_COMMANDS, timeout=10.0)

    assert ack is not None
    assert ack.ok
    assert "kept nothing of it" in str(ack.body)
