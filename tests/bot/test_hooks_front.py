"""Front: an archived conversation resolves, a challenge is said back."""

from __future__ import annotations

import json

import pytest

from bot.errors import HookRefused, PayloadRefused
from bot.hooks.front import Front
from bot.hooks.hook import Heard, Resolved
from storage.external import ExternalTicket, HelpDesk
from storage.ids import EventId
from tests.hook_deliveries import NOW, OCCURRED, SECRET, delivery, front, front_headers

SYNC = b'{"type": "sync", "authorization": {"id": "cmp_abc"}}'


def read(content: object, **more: str) -> Heard:
    """Read a delivery that is signed well, with further headers."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    headers = {**front_headers(body, SECRET, NOW), **more}
    return Front([SECRET]).read(delivery(HelpDesk.FRONT, body, headers=headers))


def test_an_archived_conversation_is_resolved() -> None:
    """The event's id, the conversation and the time are what is read."""
    expected = Resolved(
        event=EventId("evt_4711abc"),
        at=OCCURRED,
        external=ExternalTicket(desk=HelpDesk.FRONT, number="cnv_4711abc"),
    )
    assert read(front()) == Heard(resolved=(expected,))


def test_an_event_without_an_id_gets_one_of_its_own() -> None:
    """Without `payload.id` conversation, state and time make the key."""
    event = read(front(id="")).resolved[0].event
    assert event == "cnv_4711abc:conversation_archived:20261120T170528"


@pytest.mark.parametrize("kind", ["conversation_reopened", "inbound_received", "sync", "", None])
def test_other_events_are_taken_and_ignored(kind: object) -> None:
    """A genuine delivery of another type resolves nothing."""
    assert read({**front(), "type": kind}) == Heard()


def test_a_signed_challenge_is_said_back() -> None:
    """When the address is saved in Front, its challenge is answered."""
    assert read(SYNC, **{"x-front-challenge": "abc123"}) == Heard(challenge="abc123")


@pytest.mark.parametrize("challenge", ["<b>", "two words", "x" * 257, "é"])
def test_a_challenge_that_is_none_is_refused(challenge: str) -> None:
    """Nothing is said back that could be more than a challenge."""
    with pytest.raises(PayloadRefused):
        read(SYNC, **{"x-front-challenge": challenge})


def test_an_unsigned_challenge_is_refused() -> None:
    """Nobody but Front has a challenge said back."""
    headers = {"x-front-challenge": "abc123"}
    with pytest.raises(HookRefused):
        Front([SECRET]).read(delivery(HelpDesk.FRONT, SYNC, headers=headers))


def test_an_archived_conversation_carries_no_resolution_with_a_challenge() -> None:
    """A delivery is either a challenge or news."""
    assert read(front(), **{"x-front-challenge": "abc123"}).resolved == ()
