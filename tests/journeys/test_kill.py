"""kill -9 of the real process between receipt and reply: every message is answered once.

The bot is `jetpack-care run` in a process of its own. The sandbox Slack outlives it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.sandbox.slack import SandboxSlack
from bot.sandbox.slack.delivery import deliver_with_retries
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.payloads import message_event
from bot.sandbox.slack.sample import sample_workspace
from tests.journeys.processes import Processes

QUESTION = "can you do prime orders for us?"
PLACE = "birch-and-brook"


class Process:
    """`jetpack-care run` against a sandbox, to be killed and started again."""

    def __init__(self, slack: SandboxSlack, home: Path) -> None:
        self.slack = slack
        environment = {
            **slack.environment(),
            "CARE_HOME": str(home),
            "CARE_AGENTS": slack.workspace.user("Ines Falk").id,
            "PORT": "0",
        }
        self._processes = Processes(environment, home / "run.log")

    def start(self) -> None:
        """Start, and return once the bot listens."""
        self._processes.start("run", "run")
        assert self.slack.socket.wait_for_connections(timeout=60.0)

    def kill(self) -> None:
        """Kill -9, and return once the process is gone and the sandbox knows."""
        self._processes.kill("run")
        assert self.slack.socket.wait_for_silence(timeout=30.0)

    def stop(self) -> int:
        """SIGTERM. Returns the exit code."""
        return self._processes.stop("run")


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """A running bot with the merchant's channel linked. Each test leaves it running."""
    with SandboxSlack(sample_workspace()) as slack:
        running = Process(slack, tmp_path_factory.mktemp("home"))
        running.start()
        slack.person("Ines Falk").commands("/care", f"link {PLACE}", PLACE)
        yield running
        running.stop()


def _replies(process: Process, message: Message) -> tuple[Message, ...]:
    workspace = process.slack.workspace
    return workspace.wait_for(lambda: workspace.replies_in(message.channel, message.ts), 40.0)


def _told(process: Process) -> tuple[Message, dict[str, object]]:
    """Return a message that stands in the channel, and the event that tells the bot of it."""
    workspace = process.slack.workspace
    channel, user = workspace.channel(PLACE), workspace.user("Mara Quill")
    message = workspace.post(
        Message(
            channel=channel.id,
            ts=workspace.next_ts(),
            user=user.id,
            team=user.team_id,
            text=QUESTION,
        )
    )
    return message, message_event(workspace.home, message, channel, user)


def _settled(process: Process, message: Message) -> int:
    """Return how many replies a message has, once it and another one behind it have one."""
    _replies(process, message)
    merchant = process.slack.person("Mara Quill")
    last = merchant.writes("hello", PLACE).message
    _replies(process, last)
    return len(process.slack.workspace.replies_in(message.channel, message.ts))


def test_killed_before_the_reply_is_sent_answers_once(process: Process) -> None:
    """Acknowledged, then killed while Slack asks to wait: answered once after the restart."""
    faults = process.slack.workspace.faults
    faults.add("chat.postMessage", status=429, retry_after=5, times=1)
    sent = process.slack.person("Mara Quill").writes(QUESTION, PLACE)
    assert sent.ok
    process.slack.workspace.wait_for(
        lambda: process.slack.workspace.calls_of("chat.postMessage"), 20.0
    )
    process.kill()
    assert process.slack.workspace.replies_in(sent.message.channel, sent.message.ts) == ()

    process.start()

    assert "Source:" in _replies(process, sent.message)[0].text
    assert _settled(process, sent.message) == 1


def test_killed_after_the_reply_was_taken_answers_once(process: Process) -> None:
    """Killed when Slack has the reply and we do not know it yet: it is found, not sent again."""
    faults = process.slack.workspace.faults
    faults.add("chat.postMessage", delay=30.0, applied=True, times=1)
    sent = process.slack.person("Mara Quill").writes(QUESTION, PLACE)
    assert sent.ok
    _replies(process, sent.message)
    process.kill()

    process.start()

    assert _settled(process, sent.message) == 1


def test_killed_before_the_acknowledgement_answers_once(process: Process) -> None:
    """Never acknowledged: Slack tells the next process, which answers once."""
    message, payload = _told(process)
    process.kill()
    assert process.slack.delivery.deliver(payload, timeout=0.5) is None
    process.start()

    answers = deliver_with_retries(process.slack.delivery, payload, timeout=10.0)

    assert answers[-1] is not None
    assert answers[-1].ok
    assert _settled(process, message) == 1


def test_the_same_event_twice_is_answered_once(process: Process) -> None:
    """A retried delivery of an event that was taken is acknowledged and does nothing."""
    message, payload = _told(process)
    delivery = process.slack.delivery
    first = delivery.deliver(payload, timeout=10.0)
    _replies(process, message)

    again = delivery.deliver(payload, retry_attempt=1, retry_reason="timeout", timeout=10.0)

    assert first is not None
    assert again is not None
    assert first.ok
    assert again.ok
    assert _settled(process, message) == 1


def test_sigterm_ends_the_process_cleanly(process: Process) -> None:
    """SIGTERM: the process finishes what it does and exits with 0."""
    sent = process.slack.person("Mara Quill").writes(QUESTION, PLACE)
    _replies(process, sent.message)

    assert process.stop() == 0
    process.start()
